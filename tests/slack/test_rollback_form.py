"""R1: the form of a rollback follows the target that is chosen in it, and says everything that goes."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.decision import Decision
from bot.sop.effects import ShowCard
from bot.sop.facts import Commit, Seen, Tip
from bot.sop.patrol.facts import Above
from bot.sop.records import Baseline, Lock, Pushed, Release
from bot.sop.stages import Stage, Status
from tests.slack import samples
from tests.slack.house import House
from tests.slack.samples import ALICE, BASE, BOB, CAROL, SHA, TREE
from tests.slack.test_changes import card as card_of
from tests.slack.test_releases import approved, press

STRAY = samples.commit(9, "hurry", "Bob")


def kept(home: House, *records: Any, cards: tuple[str, ...] = ()) -> None:
    show = tuple(ShowCard(subject=name, channel="C0RELEASES") for name in cards)
    home.unit(lambda unit: unit.apply(Decision(records=records, effects=show), home.desk.now()))
    home.settle()


def above(home: House, *commits: Commit) -> None:
    """What the patrol has seen on the branch above R-1's commit."""
    head = Tip(sha=commits[-1].sha if commits else SHA, tree=TREE, ahead=commits)
    seen = Seen[Above](value=Above(after=SHA, tip=head), at=home.desk.now())
    home.unit(lambda unit: unit.saw("patrol:shop", "above", seen))


def complete(home: House) -> None:
    """R-1, COMPLETE an hour ago with three commits; its commit is what was verified last."""
    approved(home)
    at = home.desk.now() - timedelta(hours=1)
    pushed = Pushed(sha=SHA, tree=TREE, at=at, by=ALICE, login="alice")
    record = samples.release(Stage.COMPLETE, Status.COMPLETE, id=1, change=1, created_at=at, pushed=pushed, ended_at=at)
    verified = Baseline(service="shop", sha=SHA, at=at + timedelta(minutes=5), by=ALICE, release=1)
    older = Baseline(service="shop", sha=BASE, at=at - timedelta(days=1), by=CAROL)
    assert home.unit(lambda unit: unit.next_id(Release)) == 1
    home.unit(lambda unit: unit.keep_policy(home.desk.policy()))
    home.look("R-1", samples.candidate())
    home.unit(lambda unit: unit.saw("R-1", "tip", Seen[Tip](value=Tip(sha=SHA, tree=TREE), at=at)))
    above(home)
    kept(home, older, verified, record, cards=("R-1",))


def running(home: House) -> None:
    """R-2 of Alice, which has the lock and has pushed nothing."""
    assert home.unit(lambda unit: unit.next_id(Release)) == 2
    record = samples.release(Stage.LOCAL_STATE, id=2, change=1, created_at=home.desk.now(), base=SHA)
    kept(home, record, Lock(key="acme/shop@main", release=2, owner=ALICE, reason="R-2", since=home.desk.now()))


@pytest.fixture
def strayed(home: House) -> House:
    complete(home)
    above(home, STRAY)
    return home


def opened(home: House, user: str = BOB) -> dict[str, Any]:
    press(home, user, "release:roll_back")
    return home.hands.wait_for_view(user, "release:roll_back")


def targets(view: dict[str, Any]) -> list[str]:
    (menu,) = (b["element"] for b in view["blocks"] if b.get("block_id") == "target")
    return [o["text"]["text"] for o in menu["options"]]


def test_without_strays_it_returns_to_what_was_there_before(home: House) -> None:
    complete(home)
    view = opened(home)
    assert targets(view) == ["1a2b3c4 · adopted baseline"]
    assert "R-1 by Alice" in str(view) and "3 commits:" in str(view) and "around every release" not in str(view)


def test_a_stray_push_alone_goes_by_default_and_the_list_follows_the_target(strayed: House) -> None:
    home = strayed
    view = opened(home)
    assert targets(view) == ["4f2c9ab · R-1 itself", "1a2b3c4 · adopted baseline"]
    said = str(view)
    assert "no release. R-1 itself stays." in said
    assert "1 commit that came to the branch around every release:" in said and "hurry by Bob" in said
    assert "Ask for prices once" not in said and "*CR-1*" not in said
    home.hands.click_in_view(BOB, "target", BASE, reason="it is no good")
    said = str(home.hands.view(BOB))
    assert "R-1 by Alice" in said and "3 commits:" in said and "*CR-1* Faster checkout" in said
    assert "1 commit that came to the branch around every release:" in said
    assert home.hands.fill_and_submit(BOB, sure=["yes"])["result"] == "cleared"
    back = rollback_of(home, 2)
    assert (back.reverts, back.strays, back.reason) == ((1,), (STRAY.sha,), "it is no good")
    assert len(back.commits) == 4
    home.settle()
    card = str(card_of(home, ALICE, "R-2"))
    assert "takes back R-1 and what was pushed around every release, 4 commits ·" in card


def test_only_what_came_after_it_goes(strayed: House) -> None:
    """Its card is headed with no change request: none is touched."""
    home = strayed
    opened(home)
    assert home.hands.fill_and_submit(BOB, reason="nobody knows it", sure=["yes"])["result"] == "cleared"
    back = rollback_of(home, 2)
    assert (back.target, back.reverts, back.commits, back.strays) == (SHA, (), (STRAY.sha,), (STRAY.sha,))
    home.settle()
    card = card_of(home, ALICE, "R-2")
    assert "CR-1" not in str(card) and "takes back what was pushed around every release, 1 commit ·" in str(card)
    assert "being rolled back" not in str(card_of(home, ALICE, "R-1"))


def test_a_complete_release_says_that_it_is_being_rolled_back(home: House) -> None:
    complete(home)
    opened(home)
    home.hands.fill_and_submit(BOB, reason="orders fail", sure=["yes"])
    home.settle()
    card = str(card_of(home, ALICE, "R-1"))
    assert "COMPLETE* · being rolled back by *R-2*" in card
    assert "⏪ R-2 takes this out of production, started by Bob." in card
    assert "Roll back" not in card
    assert "*CR-1* Faster checkout" in str(card_of(home, ALICE, "R-2"))
    home.desk.abort(BOB, 2, "it was no fault of it")
    home.settle()
    card = str(card_of(home, ALICE, "R-1"))
    assert "being rolled back" not in card and "Roll back" in card


def test_a_fix_that_never_came_to_the_branch_is_not_taken_back(home: House) -> None:
    """CI had failed; what was prepared to mend it stands on the branch of the change request only."""
    complete(home)
    pushed, fix = samples.commit(1), samples.commit(2)
    above(home, pushed, STRAY)
    assert home.unit(lambda unit: unit.next_id(Release)) == 2
    failed = Pushed(sha=pushed.sha, tree=TREE, at=home.desk.now(), by=ALICE, login="alice")
    mended: dict[str, Any] = {"id": 2, "change": 1, "created_at": home.desk.now(), "base": SHA, "earlier": (failed,)}
    lock = Lock(key="acme/shop@main", release=2, owner=ALICE, reason="R-2", since=home.desk.now())
    kept(home, samples.release(Stage.LOCAL_STATE, **mended), lock, cards=("R-2",))
    home.look("R-2", samples.candidate((pushed, fix), base=SHA))
    plan = home.desk.rollback_plan(2, SHA)
    assert plan and [c.sha for c in plan.commits] == [pushed.sha, STRAY.sha] and plan.strays == (STRAY.sha,)


def test_another_open_release_of_the_lock_is_named_before_it_is_aborted(strayed: House) -> None:
    home = strayed
    running(home)
    view = opened(home)
    assert "⏹️ *R-2* of Alice (RUNNING · Local state) will be aborted: a rollback takes the lock of `shop`." in str(view)
    assert home.hands.fill_and_submit(BOB, reason="nobody knows it", sure=["yes"])["result"] == "cleared"
    found = home.desk.release_view(2)
    assert found and (found.release.status, found.release.superseded_by) == (Status.ABORTED, 3)


def test_what_would_go_has_changed_since_it_was_read(strayed: House) -> None:
    """Nothing is rolled back unread: the form is shown anew, once, with what was typed."""
    home = strayed
    opened(home)
    later = samples.commit(10, "hurry more", "Bob")
    above(home, STRAY, later)
    running(home)
    assert home.hands.fill_and_submit(BOB, reason="nobody knows it", sure=["yes"])["result"] == "updated"
    said = str(home.hands.view(BOB))
    assert "What would be taken back has changed since." in said
    assert "hurry more by Bob" in said and "*R-2* of Alice" in said and "nobody knows it" in said
    assert [r.id for r in home.desk.release_list(None)] == [2, 1]
    assert home.hands.fill_and_submit(BOB, sure=["yes"])["result"] == "cleared"
    assert rollback_of(home, 3).commits == (STRAY.sha, later.sha)


def test_a_target_that_was_chosen_unheard_is_read_before_it_is_sent(strayed: House) -> None:
    """Slack told the bot of the choice, and the answer was lost."""
    home = strayed
    opened(home)
    sent = home.hands.fill_and_submit(BOB, target=BASE, reason="it is no good", sure=["yes"])
    assert sent["result"] == "updated"
    assert "R-1 by Alice" in str(home.hands.view(BOB))


def rollback_of(home: House, id: int) -> Any:
    found = home.desk.release_view(id)
    assert found and found.release.rollback
    return found.release.rollback


def test_what_was_seen_above_an_older_commit_counts_no_more(strayed: House) -> None:
    home = strayed
    kept(home, Baseline(service="shop", sha="8" * 40, at=home.desk.now(), by=CAROL))
    plan = home.desk.rollback_plan(1)
    assert plan and plan.strays == ()
    assert [c.sha for c in plan.commits] == [samples.commit(n).sha for n in (1, 2, 3)]


def test_who_is_second_is_told_that_it_is_under_way_and_asked_nothing_anew(home: House) -> None:
    complete(home)
    for user in (BOB, CAROL):
        opened(home, user)
    assert home.hands.fill_and_submit(BOB, reason="it is no good", sure=["yes"])["result"] == "cleared"
    answer = home.hands.fill_and_submit(CAROL, reason="no good at all", sure=["yes"])
    assert answer["result"] == "errors"
    assert "R-2" in str(answer["errors"])
    assert [r.id for r in home.desk.release_list(None)] == [2, 1]
