"""Failures and rollbacks as people meet them: what is asked, who may, and what is refused where."""

from typing import Any

from bot.sop.decision import Decision, Finding
from bot.sop.effects import ShowCard
from bot.sop.facts import Candidate, Fleet, Job, JobLog, Run, Runs, Seen, Tip
from bot.sop.outlook import Button
from bot.sop.records import ChangeStatus, Hold, Lock, Passage, Pushed, Release
from bot.sop.stages import Procedure, Stage, Status
from tests.slack import samples
from tests.slack.house import House
from tests.slack.samples import ALICE, BASE, BOB, CAROL, DAVE, RUN, SHA, TREE
from tests.slack.test_changes import card as card_of
from tests.slack.test_failure_cards import DIFFERENT, OLD
from tests.slack.test_releases import approved, press

LINES = ("setting up", "AssertionError: 41 != 42 in total", "1 failed, 23 passed in 2.1s")


def held(home: House, stage: Stage, finding: Finding) -> None:
    """R-1, pushed, HELD in that stage for that finding, with what the looks would have stored."""
    approved(home)
    now = home.desk.now()
    passed = tuple(Passage(stage=s, at=now) for s in (Stage.PRECONDITIONS, Stage.PUSH))
    said = {"id": 1, "change": 1, "created_at": now, "passed": passed, "hold": Hold(finding=finding, at=now)}
    pushed = Pushed(sha=SHA, tree=TREE, at=now, by=ALICE, login="alice")
    record = samples.release(stage, Status.HELD, **said, pushed=pushed)
    lock = Lock(key="acme/shop@main", release=1, owner=ALICE, reason="R-1", since=now)
    bad = Job(id=1, name="test", status="completed", conclusion="failure", url=RUN, log_tail=LINES)
    run = Run(
        id=42,
        workflow="deploy.yml",
        name="deploy",
        event="push",
        head_sha=SHA,
        head_branch="main",
        repository="acme/shop",
        attempt=1,
        status="completed",
        conclusion="failure" if stage is Stage.CI else "success",
        created_at=now,
        url=RUN,
        jobs=(bad,) if stage is Stage.CI else (),
    )
    log = JobLog(run=42, attempt=1, job="test", lines=LINES)
    assert home.unit(lambda unit: unit.next_id(Release)) == 1
    home.unit(lambda unit: unit.keep_policy(home.desk.policy()))
    home.unit(lambda unit: unit.saw("R-1", "runs", Seen[Runs](value=Runs(of_push=(run,)), at=now)))
    home.unit(lambda unit: unit.saw("R-1", "log", Seen[JobLog](value=log, at=now)))
    home.unit(lambda unit: unit.saw("R-1", "fleet", Seen[Fleet](value=Fleet(expected=SHA), at=now)))
    home.unit(lambda unit: unit.saw("R-1", "tip", Seen[Tip](value=Tip(sha=SHA, tree=TREE), at=now)))
    home.unit(lambda unit: unit.saw("R-1", "candidate", Seen[Candidate](value=samples.candidate(), at=now)))
    show = (ShowCard(subject="R-1", channel="C0RELEASES"),)
    home.unit(lambda unit: unit.apply(Decision(records=(record, lock), effects=show), now))
    home.settle()


def labels(home: House, name: str = "R-1") -> list[str]:
    blocks = card_of(home, ALICE, name)["blocks"]
    return [e["text"]["text"] for b in blocks if b["type"] == "actions" for e in b["elements"]]


def of(home: House, id: int) -> Release:
    view = home.desk.release_view(id)
    assert view
    return view.release


def cause(**changes: Any) -> dict[str, Any]:
    said = {"quote": "41 != 42 in total", "cause": "Rounding", "mend": "configuration", "evidence": "ROUND=half"}
    return said | changes


def test_nothing_is_re_run_before_its_root_cause_is_recorded(home: House) -> None:
    held(home, Stage.CI, samples.CI_FAILED)
    assert "Record root cause" in labels(home)
    assert "Re-run CI" not in labels(home)
    press(home, BOB, "release:cause")
    view = home.hands.wait_for_view(BOB, "release:cause")
    assert "41 != 42" in str(view)
    wrong = home.hands.fill_and_submit(BOB, **cause(quote="no such line"))
    assert wrong["errors"]["quote"].startswith("The log of “test” has no such line.")
    assert home.hands.fill_and_submit(BOB, **cause())["result"] == "cleared"
    home.settle()
    assert "root cause by Bob" in str(card_of(home, ALICE, "R-1"))
    assert "Record root cause" not in labels(home)
    press(home, BOB, "release:rerun")
    assert of(home, 1).reruns[0].attempt == 2
    assert of(home, 1).owner == BOB
    thread = [m["text"] for m in home.hands.thread(ALICE, "releases", card_of(home, ALICE, "R-1")["ts"])]
    assert any("Bob recorded the root cause of the failure of `test`: Rounding" in t for t in thread)
    assert any("Bob runs CI again, intentionally: attempt 2" in t for t in thread)


def test_an_approver_records_no_cause(home: House) -> None:
    held(home, Stage.CI, samples.CI_FAILED)
    assert "To record a root cause you need to be a releaser." in press(home, CAROL, "release:cause")
    assert home.hands.view(CAROL) is None


def test_a_cause_mended_by_a_commit_starts_again(home: House) -> None:
    held(home, Stage.CI, samples.CI_FAILED)
    press(home, ALICE, "release:cause")
    home.hands.wait_for_view(ALICE, "release:cause")
    assert home.hands.fill_and_submit(ALICE, **cause(mend="commit"))["result"] == "cleared"
    assert of(home, 1).stage is Stage.LOCAL_STATE
    assert of(home, 1).earlier[0].sha == SHA


def test_production_that_did_not_update_is_looked_at_again_or_redeployed(home: House) -> None:
    held(home, Stage.PRODUCTION, OLD)
    shown = str(card_of(home, ALICE, "R-1"))
    assert "Right branch deployed?" in shown
    assert "Manual fixes in production are prohibited." in shown
    assert [b for b in labels(home) if b in ("Look again", "Redeploy", "Roll back")] == [
        "Look again",
        "Redeploy",
        "Roll back",
    ]
    old = card_of(home, ALICE, "R-1")
    press(home, DAVE, "release:look_again")
    assert of(home, 1).fresh_after is not None
    assert of(home, 1).status is Status.RUNNING
    assert "not held for that" in press(home, DAVE, "release:look_again", old)
    assert "older state" in press(home, ALICE, "release:redeploy", old)


def test_a_redeploy_wants_a_reason(home: House) -> None:
    held(home, Stage.PRODUCTION, OLD)
    press(home, ALICE, "release:redeploy")
    home.hands.wait_for_view(ALICE, "release:redeploy")
    assert home.hands.fill_and_submit(ALICE, reason=" ")["errors"]["reason"] == "Please fill in: reason."
    assert home.hands.fill_and_submit(ALICE, reason="the host was full")["result"] == "cleared"
    assert of(home, 1).reruns[0].redeploy
    assert of(home, 1).stage is Stage.CI


def test_a_difference_is_accepted_by_field_and_not_by_its_releaser(home: House) -> None:
    held(home, Stage.PRODUCTION, DIFFERENT)
    refused = press(home, ALICE, "release:accept_difference")
    assert "To accept a difference you need to be an approver." in refused
    press(home, CAROL, "release:accept_difference")
    view = home.hands.wait_for_view(CAROL, "release:accept_difference")
    assert "items.0.price" in str(view)
    sent = home.hands.fill_and_submit(CAROL, differences=["0"], reason="the catalogue is newer")
    assert sent["result"] == "cleared"
    home.settle()
    assert [(d.probe, d.field, d.by) for d in of(home, 1).differences] == [("catalogue", "items.0.price", CAROL)]


def test_differences_that_changed_meanwhile_are_not_accepted(home: House) -> None:
    held(home, Stage.PRODUCTION, DIFFERENT)
    press(home, CAROL, "release:accept_difference")
    home.hands.wait_for_view(CAROL, "release:accept_difference")
    other = DIFFERENT.model_copy(update={"values": {"differences": DIFFERENT.values["differences"][:1], "count": 1}})
    moved = of(home, 1).model_copy(update={"hold": Hold(finding=other, at=home.desk.now())})
    home.unit(lambda unit: unit.apply(Decision(records=(moved,)), home.desk.now()))
    answer = home.hands.fill_and_submit(CAROL, differences=["0"], reason="known")
    assert "R-1 was changed by someone else" in str(answer["errors"])


def test_rolled_back_once_with_a_target_and_a_reason(home: House) -> None:
    held(home, Stage.PRODUCTION, OLD)
    home.hands.say(BOB, "releases", "/release rollback R-1")
    view = home.hands.wait_for_view(BOB, "release:roll_back")
    assert "1a2b3c4 · adopted baseline" in str(view)
    assert "Will be taken back" in str(view)
    assert "Faster checkout" in str(view)
    assert home.hands.fill_and_submit(BOB, reason="checkout fails", sure=["yes"])["result"] == "cleared"
    home.told()
    assert "rolls back" in home.last(BOB)["text"]
    home.settle()
    back = of(home, 2)
    assert back.procedure is Procedure.ROLLBACK
    assert back.rollback
    assert back.rollback.target == BASE
    shown = str(card_of(home, ALICE, "R-2"))
    assert "back to `1a2b3c4` (the adopted baseline) · takes back R-1" in shown
    assert "R-2 takes this back, started by Bob." in str(card_of(home, ALICE, "R-1"))
    home.hands.say(ALICE, "releases", "/release rollback R-1")
    assert "R-2 of Bob is rolling back already." in home.last(ALICE)["text"]


def test_rollback_without_an_id_finds_the_only_one(home: House) -> None:
    home.hands.say(BOB, "releases", "/release rollback")
    assert home.last(BOB)["text"] == "No release can be rolled back now."
    held(home, Stage.PRODUCTION, OLD)
    home.hands.say(BOB, "releases", "/release rollback")
    assert "Roll back R-1" in str(home.hands.wait_for_view(BOB, "release:roll_back"))
    home.hands.say(BOB, "releases", "/release rollback R-9")
    assert home.last(BOB)["text"] == "✋ There is no R-9."


def test_a_change_that_was_rolled_back_is_acknowledged(home: House) -> None:
    approved(home)
    found = home.desk.change_view(1)
    assert found
    barred = found.change.model_copy(update={"status": ChangeStatus.ROLLED_BACK, "approvals": (), "release": 1})
    show = (ShowCard(subject="CR-1", channel="C0RELEASES"),)
    home.unit(lambda unit: unit.apply(Decision(records=(barred,), effects=show), home.desk.now()))
    home.settle()
    home.hands.click(BOB, "releases", card_of(home, ALICE)["ts"], "change:acknowledge_rollback")
    assert "you need to be an approver" in home.last(BOB)["text"]
    home.hands.click(ALICE, "releases", card_of(home, ALICE)["ts"], "change:acknowledge_rollback")
    home.settle()
    known = home.desk.change_view(1)
    assert known
    assert known.change.status is ChangeStatus.OPEN


def test_on_the_home_a_release_waits_only_for_who_may_carry_it_on(home: House) -> None:
    """Everyone may look again, but nobody is waited for that has nothing else to do with it."""
    held(home, Stage.PRODUCTION, OLD)

    def waits(user: str) -> tuple[Button, ...]:
        return tuple(b for view in home.desk.home_view(user).to_do for b in view.buttons)

    assert waits("U0FRANK") == waits(CAROL) == ()
    assert Button.REDEPLOY in waits(BOB)
    assert Button.ABORT not in waits(BOB), "he neither owns it nor approves"


def test_on_the_home_everyone_finds_their_own_buttons(home: House) -> None:
    held(home, Stage.PRODUCTION, DIFFERENT)
    (carols,), (bobs,) = home.desk.home_view(CAROL).to_do, home.desk.home_view(BOB).to_do
    assert Button.ACCEPT_DIFFERENCE in carols.buttons
    assert Button.REDEPLOY not in carols.buttons
    assert Button.REDEPLOY in bobs.buttons
    assert Button.ACCEPT_DIFFERENCE not in bobs.buttons
