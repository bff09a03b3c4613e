"""Releases as people meet them: the form, the governance check, buttons of now and of before."""

from typing import Any

from bot.slack.cards.release import release_card
from bot.sop.decision import Decision
from bot.sop.effects import ShowCard
from bot.sop.facts import Attestation, Candidate, Check, Issue, ProbeAnswer, Seen, Tip
from bot.sop.records import ChangeStatus, LeftAhead, Lock
from bot.sop.release import SENTENCE
from bot.sop.stages import Stage, Status
from bot.words import Pen
from tests.slack import samples
from tests.slack.house import House, adopted
from tests.slack.samples import ALICE, BASE, BOB, CAROL, SHA, TREE
from tests.slack.test_changes import card as card_of

SHOWN = ShowCard(subject="R-1", channel="C0RELEASES")
START: dict[str, Any] = {"service": "shop", "change": "1", "candidate": "faster-checkout"}


def approved(home: House) -> None:
    """CR-1, approved, and a baseline to start from."""
    home.desk.new_change(ALICE, samples.content())
    home.desk.approve(CAROL, 1, 1)
    adopted(home)
    home.settle()


def started(home: House, user: str = ALICE) -> None:
    approved(home)
    home.hands.say(user, "releases", "/release start")
    home.hands.wait_for_view(user, "release:start")
    assert home.hands.fill_and_submit(user, **START) == {"result": "cleared"}
    home.settle()


def card(home: House, user: str = ALICE) -> dict[str, Any]:
    return card_of(home, user, "R-1")


def press(home: House, user: str, action: str, shown: dict[str, Any] | None = None) -> str:
    """Presses a button of R-1's card (or of an older rendering) and gives what the person is told."""
    before = len(home.hands.messages(user, "releases"))
    home.hands.click(user, "releases", (shown or card(home))["ts"], action, stale=shown)
    home.settle()
    told = home.hands.messages(user, "releases")[before:]
    return str(told[-1]["text"]) if told else ""


def test_nothing_starts_without_a_baseline_and_the_form_stays(home: House) -> None:
    home.desk.new_change(ALICE, samples.content())
    home.desk.approve(CAROL, 1, 1)
    home.hands.say(ALICE, "releases", "/release start CR-1")
    home.hands.wait_for_view(ALICE, "release:start")
    answer = home.hands.fill_and_submit(ALICE, candidate="faster-checkout")
    assert answer["errors"]["service"].startswith("Nobody has said yet what production of “shop” serves.")
    assert home.desk.release_list(None) == ()
    adopted(home)
    assert home.hands.fill_and_submit(ALICE)["result"] == "cleared", "the same form again, once the reason is gone"
    assert len(home.desk.release_list(None)) == 1


def test_started_from_the_form(home: House) -> None:
    approved(home)
    home.desk.new_change(ALICE, samples.content(title="Second"))
    home.hands.say(ALICE, "releases", "/release start")
    home.hands.wait_for_view(ALICE, "release:start")
    offered = [o["text"]["text"] for o in home.hands.suggest(ALICE, "change", "")]
    assert offered == ["CR-1 · Faster checkout", "CR-2 · Second"]
    assert [o["value"] for o in home.hands.suggest(ALICE, "change", "sec")] == ["2"]
    home.hands.fill_and_submit(ALICE, **START)
    home.told()
    assert home.last(ALICE)["text"] == "R-1 of `shop` has started with CR-1; Alice answers for it."
    assert home.hands.view(ALICE) is None, "the form has closed"
    home.settle()
    shown = card(home)
    assert shown["text"] == "R-1 · shop · RUNNING · Preconditions · Faster checkout"
    assert "Waiting for" in str(shown)
    assert "has started with CR-1" in home.hands.thread(BOB, "releases", shown["ts"])[1]["text"]


def test_refusals_stand_at_their_inputs(home: House) -> None:
    started(home)
    home.desk.new_change(ALICE, samples.content(title="Second"))
    home.desk.approve(CAROL, 2, 1)
    home.hands.say(BOB, "releases", "/release start shop CR-2")
    home.hands.wait_for_view(BOB, "release:start")
    answer = home.hands.fill_and_submit(BOB, candidate="x")
    assert "R-1 of Alice holds the lock of “acme/shop@main”" in answer["errors"]["service"]


def test_the_governance_check_wants_the_exact_sentence_of_its_releaser(home: House) -> None:
    started(home)
    assert press(home, BOB, "release:acknowledge") == (
        "✋ Alice answers for this. Only they can acknowledge the governance check."
    )
    old = card(home)
    press(home, ALICE, "release:acknowledge")
    view = home.hands.wait_for_view(ALICE, "release:acknowledge")
    assert "`P2`" in str(view)
    wrong = home.hands.fill_and_submit(ALICE, sentence="ok")
    assert wrong["errors"] == {"sentence": "Wanted is exactly: Pre-Action Governance Check: OK"}
    assert home.hands.fill_and_submit(ALICE, sentence="Pre-Action Governance Check: OK")["result"] == "cleared"
    home.settle()
    assert "governance check by Alice" in str(card(home))
    assert "Governance check" not in [e["text"]["text"] for e in card(home)["blocks"][-1]["elements"]]
    assert "older state. R-1 is RUNNING now in Preconditions." in press(home, ALICE, "release:acknowledge", old)


def test_aborted_with_a_reason_and_started_again(home: House) -> None:
    started(home)
    old = card(home)
    home.hands.say(BOB, "releases", "/release abort R-1")
    assert "To abort a release of Alice you need to be an approver." in home.last(BOB)["text"]
    assert home.hands.view(BOB) is None
    press(home, ALICE, "release:abort")
    home.hands.wait_for_view(ALICE, "release:abort")
    assert home.hands.fill_and_submit(ALICE, reason="wrong *branch*")["result"] == "cleared"
    home.settle()
    shown = card(home)
    assert shown["text"].startswith("R-1 · shop · ABORTED")
    assert "Aborted by Alice: wrong ∗branch∗." in str(shown)
    assert "R-1 is ABORTED in Preconditions, so this is not possible: abort" in press(home, ALICE, "release:abort", old)

    press(home, ALICE, "release:start_again")
    view = home.hands.wait_for_view(ALICE, "release:start")
    assert "faster-checkout" in str(view)
    assert home.hands.fill_and_submit(ALICE)["result"] == "cleared", "prefilled"
    home.settle()
    assert home.desk.release_list(None)[0].name == "R-2"


def test_started_from_the_card_of_a_change_request(home: House) -> None:
    approved(home)
    home.hands.click(ALICE, "releases", card_of(home, ALICE)["ts"], "release:start")
    home.hands.wait_for_view(ALICE, "release:start")
    assert home.hands.fill_and_submit(ALICE, candidate="faster-checkout")["result"] == "cleared"
    home.settle()
    home.hands.say(ALICE, "releases", "/change show CR-1")
    assert "R-1 carries it." in str(home.last(ALICE))


def test_status_list_and_details(home: House) -> None:
    home.hands.say(BOB, "releases", "/release status")
    assert "No release is running." in home.last(BOB)["text"]
    started(home)
    home.hands.say(BOB, "releases", "/release status")
    assert "R-1" in str(home.last(BOB))
    assert "waits for" in str(home.last(BOB))
    home.hands.say(BOB, "releases", "/release status R-1")
    assert home.last(BOB)["ephemeral"]
    assert "release:details" in str(home.last(BOB))
    home.hands.say(BOB, "releases", "/release list shop")
    assert "Last releases" in str(home.last(BOB))
    home.hands.say(BOB, "releases", "/release status R-9")
    assert home.last(BOB)["text"] == "✋ There is no R-9."
    press(home, BOB, "release:details")
    view = home.hands.view(BOB)
    assert view
    assert view["title"]["text"] == "Details"
    assert "Slipway saw for itself" in str(view)


def test_commits_left_ahead_are_taken_over_by_name(home: House) -> None:
    approved(home)
    now, left = home.desk.now(), LeftAhead(release=5, sha=SHA, commits=(SHA,))
    theirs = samples.release(Stage.CI, Status.ABORTED, id=5, owner=BOB)
    stopped = samples.release(Stage.PRECONDITIONS, Status.STOPPED, id=6, owner=CAROL, taken_over=left)
    lock = Lock(key="acme/shop@main", release=6, reason="it stopped, and had pushed nothing", since=now, left=left)
    home.unit(lambda unit: unit.apply(Decision(records=(theirs, stopped, lock)), now))
    home.hands.say(ALICE, "releases", "/release start shop CR-1")
    view = home.hands.wait_for_view(ALICE, "release:start")
    assert "1 commit of R-5 (Bob) stands on `acme/shop@main` unverified" in str(view)
    answer = home.hands.fill_and_submit(ALICE, candidate="faster-checkout")
    assert answer["errors"] == {"take_over": "Please complete this required field."}
    assert home.hands.fill_and_submit(ALICE, take_over=["yes"])["result"] == "cleared"
    assert next(r for r in home.desk.release_list(None) if r.id == 1).taken_over == left


def test_choosing_a_service_asks_for_its_own(home: House) -> None:
    approved(home)
    said = samples.POLICY.model_dump()
    said["services"] = [said["services"][0], said["services"][0] | {"name": "blog", "repository": "acme/blog"}]
    home.policies.append(samples.POLICY.__class__.model_validate(said))
    home.hands.say(ALICE, "releases", "/release start")
    home.hands.wait_for_view(ALICE, "release:start")
    home.hands.click_in_view(ALICE, "service", "blog", candidate="faster-checkout")
    assert home.hands.suggest(ALICE, "change", "") == []
    home.hands.click_in_view(ALICE, "service", "shop")
    assert len(home.hands.suggest(ALICE, "change", "")) == 1
    assert home.hands.fill_and_submit(ALICE, change="1", candidate="faster-checkout")["result"] == "cleared"


def green(home: House, paths: tuple[str, ...] = ("shop/checkout.py",)) -> None:
    """R-1 with a preflight and looks at the world that let it go on to the push."""
    started(home)
    now = home.desk.now()
    checks = tuple(
        Check(name=n, ok=True, seen="fine") for n in ("clean", "branch", "commits", "build", "run", "probes")
    )
    proved = Attestation(
        id=0,
        service="shop",
        change=1,
        signer=ALICE,
        key="SHA256:abc",
        commit=SHA,
        tree=TREE,
        branch="faster-checkout",
        made_at=now,
        received_at=now,
        checks=checks,
        probes=(ProbeAnswer(name="catalogue", status=200, body={}),),
        digest="d",
    )
    commits = tuple(samples.commit(n, f"CR-1 step {n}") for n in (1, 2))
    seen = samples.candidate(commits, paths=paths)
    home.desk.receive(proved, b"{}", "signature")
    home.unit(lambda unit: unit.saw("R-1", "candidate", Seen[Candidate](value=seen, at=now)))
    home.unit(lambda unit: unit.saw("R-1", "tip", Seen[Tip](value=Tip(sha=BASE, tree=TREE), at=now)))
    home.unit(lambda unit: unit.saw("R-1", "criticals", Seen[tuple[Issue, ...]](value=(), at=now)))
    home.desk.acknowledge(ALICE, 1, "Pre-Action Governance Check: OK")
    home.settle()


def test_the_push_button_pushes_what_it_showed(home: House) -> None:
    green(home)
    shown = card(home)
    assert shown["text"].startswith("R-1 · shop · RUNNING · Push")
    assert "To push you need to be a releaser" in press(home, CAROL, "release:push")
    assert "Push: `4f2c9ab` goes to `main`" in press(home, ALICE, "release:push").replace("Alice pressed ", "")
    found = home.desk.release_view(1)
    assert found
    assert found.release.push_asked
    other = samples.candidate((samples.commit(9, "CR-1 more"),), sha="9" * 40)
    home.look("R-1", other)
    assert "older state" in press(home, BOB, "release:push", shown)


def test_another_releaser_who_pushes_takes_it_over(home: House) -> None:
    green(home)
    press(home, BOB, "release:push")
    form = home.hands.wait_for_view(BOB, "release:push")
    assert "Alice answers for" in str(form)
    assert home.hands.fill_and_submit(BOB, sentence="ok")["errors"]["sentence"].startswith("Wanted is exactly")
    assert home.hands.fill_and_submit(BOB, sentence=SENTENCE) == {"result": "cleared"}
    home.settle()
    found = home.desk.release_view(1)
    assert found
    assert found.release.governance
    assert (found.release.owner, found.release.governance.by) == (BOB, BOB)
    assert f"<@{ALICE}> Bob took R-1 over from Alice" in str(home.hands.thread(ALICE, "releases", card(home)["ts"]))


def test_what_cannot_start_again_says_what_became_of_its_request(home: House) -> None:
    started(home)
    (release,), view = home.desk.release_list(None), home.desk.change_view(1)
    assert view
    stopped = release.model_copy(update={"status": Status.STOPPED})
    home.unit(lambda unit: unit.apply(Decision(records=(stopped,), effects=(SHOWN,)), home.desk.now()))
    home.settle()
    old = card(home)
    released = view.change.model_copy(update={"status": ChangeStatus.RELEASED, "release": 2})
    home.unit(lambda unit: unit.apply(Decision(records=(released,)), home.desk.now()))
    told = press(home, ALICE, "release:start_again", old)
    assert told == "✋ CR-1 is RELEASED through R-2, so it cannot carry a release. Only an approved one can."
    assert home.hands.view(ALICE) is None


def test_paths_are_accepted_by_an_approver_for_what_was_read(home: House) -> None:
    green(home, ("shop/checkout.py", "infra/a.tf", "infra/b.tf"))
    assert "2 paths outside its areas" in str(card(home))
    press(home, CAROL, "release:accept_paths")
    view = home.hands.wait_for_view(CAROL, "release:accept_paths")
    assert "infra/a.tf" in str(view)
    more = samples.candidate((samples.commit(1, "CR-1 x"),), paths=("infra/c.tf",), tree="8" * 40)
    home.look("R-1", more)
    answer = home.hands.fill_and_submit(CAROL, reason="needed")
    assert answer["errors"]["reason"].startswith("The candidate has changed since this was opened.")
    home.look("R-1", samples.candidate((samples.commit(1, "CR-1 x"),), paths=("infra/a.tf", "infra/b.tf")))
    assert home.hands.fill_and_submit(CAROL, reason="needed")["result"] == "cleared"
    home.settle()
    assert "2 paths accepted by Carol" in str(card(home))
    home.look("R-1", more)
    later = home.desk.release_view(1)
    assert later
    assert f"2 paths of an earlier tree accepted by <@{CAROL}>" in str(release_card(later, Pen()))


def test_a_withdrawn_request_carries_no_release(home: House) -> None:
    approved(home)
    home.desk.withdraw_change(ALICE, 1)
    home.hands.say(ALICE, "releases", "/release start shop CR-1")
    assert home.last(ALICE)["text"].startswith("✋ CR-1 is WITHDRAWN, so it cannot carry a release.")
    assert home.hands.view(ALICE) is None
    found = home.desk.change_view(1)
    assert found
    assert found.change.status is ChangeStatus.WITHDRAWN
