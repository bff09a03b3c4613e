"""What the card shows of each state, which buttons it has, and whose click would be refused."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sop import failure, rollback, start
from bot.sop import release as releases
from bot.sop.buttons import may_press
from bot.sop.change import ChangeFacts
from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Directory, Facts, PushRefusal, Runs, Seen
from bot.sop.gates import GATES
from bot.sop.outlook import Button, Mark, ReleaseView
from bot.sop.policy import Policy
from bot.sop.progress import advance
from bot.sop.records import ChangeStatus, IncidentStatus, Mend, Release, Severity, Word
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.views import change_view, release_view
from tests.sop import emergency, undone
from tests.sop import good as g
from tests.sop.decided import release_of

P, L, C, U, CI, PROD = list(Stage)[:6]
WORD = Word(by=g.ALICE, at=g.NOW, says="it")
ASKED = Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)
BEHIND = g.seen(g.candidate(contains_tip=False))
OUTSIDE = g.seen(g.candidate(paths=("bin/run",)))
SIGN = {Mark.PASSED: "+", Mark.CURRENT: ">", Mark.HELD: "~", Mark.FAILED: "!", Mark.AHEAD: "."}


def view(release: Release, policy: Policy | None = None, **facts: Any) -> ReleaseView:
    world = g.facts(**facts)
    assert world.change is not None
    return release_view(release, world.change, world, policy or g.policy())


def marks(found: ReleaseView) -> str:
    """One sign a stage, in order."""
    return "".join(SIGN[s.mark] for s in found.stages)


def went(release: Release, policy: Policy | None = None, **facts: Any) -> Release:
    return release_of(advance(release, g.facts(**facts), policy or g.policy()))


STOPPED = went(g.release(U), lock=None)
HELD_C = went(g.release(C), candidate=OUTSIDE)
EARLY = went(g.release(P), tip=g.at_tip())
LATE = went(g.release(CI), tip=g.at_tip(), runs=g.seen(Runs()), now=g.NOW.replace(minute=10))
FAILED = went(g.release(CI), tip=g.at_tip(), runs=g.seen(Runs(of_push=(g.run(conclusion="failure"),))))
DONE = went(g.release(PROD), tip=g.at_tip())
ACK, PATHS, PUSH, ABORT, AGAIN = Button.ACKNOWLEDGE, Button.ACCEPT_PATHS, Button.PUSH, Button.ABORT, Button.START_AGAIN
CAUSE, RERUN, LOOK, REDEPLOY = Button.CAUSE, Button.RERUN, Button.LOOK_AGAIN, Button.REDEPLOY
DIFFERENCE, BACK = Button.ACCEPT_DIFFERENCE, Button.ROLL_BACK
EARLIER = {"earlier": (g.PUSHED,)}
DIFFERS = went(g.release(PROD), tip=g.at_tip(), fleet=undone.differing_facts().fleet)
MENDED = FAILED.model_copy(update={"causes": (undone.cause(),)})

SHOWN: tuple[tuple[str, Release, dict[str, Any], str, tuple[Button, ...]], ...] = (
    ("started", g.release(), {}, ">.....", (ACK, ABORT)),
    ("acknowledged", g.release(governance=WORD), {"criticals": Seen()}, ">.....", (ABORT,)),
    ("at local state", g.release(L), {}, "+>....", (ABORT,)),
    ("at commits", g.release(C), {}, "++>...", (ABORT,)),
    ("held in commits", HELD_C, {"candidate": OUTSIDE}, "++!...", (PATHS, ABORT)),
    ("at the push", g.release(U), {}, "+++>..", (PUSH, ABORT)),
    ("at the push, watching", g.release(U), {"policy": g.watching()}, "+++>..", (ABORT,)),
    ("at the push, a gate before it waits", g.release(U), {"criticals": g.broken()}, ">++>..", (ABORT,)),
    ("pushing", g.release(U, push_asked=ASKED), {}, "+++>..", (ABORT,)),
    ("pushing for long", went(g.release(U, push_asked=ASKED), now=g.NOW.replace(minute=6)),
     {"now": g.NOW.replace(minute=6)}, "+++~..", (PUSH, ABORT)),
    ("push refused", went(g.release(U, push_asked=ASKED), push_refusal=g.seen(PushRefusal(sha=g.SHA, error="no"))),
     {"push_refusal": g.seen(PushRefusal(sha=g.SHA, error="no"))}, "+++!..", (PUSH, ABORT)),
    ("pushed early", EARLY, {"tip": g.at_tip()}, "!.....", (BACK, ABORT)),
    ("pushed around the button", went(g.release(U), tip=g.at_tip()), {"tip": g.at_tip()}, "+++!..", (BACK, ABORT)),
    ("in CI", g.release(CI), {"tip": g.at_tip()}, "++++>.", (BACK, ABORT)),
    ("in CI, late", LATE, {"tip": g.at_tip(), "runs": g.seen(Runs())}, "++++~.", (LOOK, BACK, ABORT)),
    ("in CI, failed", FAILED, {"tip": g.at_tip()}, "++++!.", (CAUSE, BACK, ABORT)),
    ("in CI, failed, mended", MENDED, {"tip": g.at_tip()}, "++++!.", (RERUN, BACK, ABORT)),
    ("in production", g.release(PROD), {"tip": g.at_tip()}, "+++++>", (BACK, ABORT)),
    ("production differs", DIFFERS, {"tip": g.at_tip()}, "+++++!", (LOOK, REDEPLOY, DIFFERENCE, BACK, ABORT)),
    ("complete", DONE, {"change": g.change(status=ChangeStatus.RELEASED)}, "++++++", (BACK,)),
    ("rolled back", DONE.model_copy(update={"status": Status.ROLLED_BACK}), {}, "++++++", ()),
    ("a rollback that starts", undone.rollback(), {}, ">....", (ABORT,)),
    ("a rollback in CI", undone.rollback(CI), {"tip": undone.reverted_tip()}, "++>..", ()),
    ("a rollback that is held", undone.held(undone.rollback(Stage.REVERT), Code.REVERT_WRONG), {}, "!....",
     (BACK, ABORT)),
    ("a fix by commit is awaited", g.release(L, **EARLIER), {"tip": g.at_tip()}, "+>....", (BACK, ABORT)),
    ("stopped at the push", STOPPED, {}, "!++...", (AGAIN,)),
    ("stopped at once", went(g.release(), lock=None), {}, "!.....", (AGAIN,)),
    ("stopped, change withdrawn", STOPPED, {"change": g.change(status=ChangeStatus.WITHDRAWN)}, "!++...", ()),
    ("went back, then stopped", went(went(g.release(U), candidate=BEHIND), lock=None), {}, "!.+...", (AGAIN,)),
    ("aborted, something down since", g.release(C, status=Status.ABORTED), {"criticals": g.broken()}, "++!...",
     (AGAIN,)),
    ("aborted", g.release(C, status=Status.ABORTED), {}, "++!...", (AGAIN,)),
    ("aborted after the push", g.release(CI, status=Status.ABORTED), {}, "++++!.", (BACK, AGAIN)),
    ("aborted after the push, a rollback runs", g.release(CI, status=Status.ABORTED, superseded_by=8), {}, "++++!.",
     ()),
    ("stopped after a push that CI rejected", went(g.release(L, **EARLIER), lock=None), {"tip": g.at_tip()}, "!.....",
     (BACK, AGAIN)),
)  # fmt: skip


@pytest.mark.parametrize("release, facts, expected, buttons", [s[1:] for s in SHOWN], ids=[s[0] for s in SHOWN])
def test_the_card_of_each_state(
    release: Release, facts: dict[str, Any], expected: str, buttons: tuple[Button, ...]
) -> None:
    found = view(release, **facts)
    assert (marks(found), found.buttons) == (expected, buttons)
    assert (found.repository, found.branch, found.production_url) == ("acme/shop", "main", "https://shop.example")


AGAIN_FOR: tuple[tuple[str, dict[str, Any], dict[str, Any], bool], ...] = (
    ("stopped", {}, {"incident": emergency.incident(hotfix=7)}, True),
    ("aborted", {"status": Status.ABORTED}, {"incident": emergency.incident(hotfix=7)}, True),
    ("its change is rejected", {}, {"incident": emergency.incident(hotfix=7),
                                    "change": emergency.change(status=ChangeStatus.REJECTED)}, True),
    ("another has begun", {}, {"incident": emergency.incident(hotfix=8)}, False),
    ("no longer critical", {}, {"incident": emergency.incident(hotfix=7, severity=Severity.HIGH)}, False),
    ("not confirmed", {}, {"incident": emergency.incident(hotfix=7, confirmed=None)}, False),
    ("resolved", {}, {"incident": emergency.incident(hotfix=7, status=IncidentStatus.RESOLVED)}, False),
    ("taken back", {"superseded_by": 9}, {"incident": emergency.incident(hotfix=7)}, False),
    ("runs", {"status": Status.RUNNING}, {"incident": emergency.incident(hotfix=7)}, False),
)  # fmt: skip


@pytest.mark.parametrize("release, facts, offered", [a[1:] for a in AGAIN_FOR], ids=[a[0] for a in AGAIN_FOR])
def test_the_last_hotfix_of_an_incident_that_may_have_another_begins_again(
    release: dict[str, Any], facts: dict[str, Any], offered: bool
) -> None:
    over = emergency.hotfix(Stage.MINIMAL_FIX, **{"status": Status.STOPPED, **release})
    world = emergency.facts(**facts)
    assert world.change is not None
    found = release_view(over, world.change, world, emergency.policy())
    assert (Button.START_AGAIN in found.buttons) == offered
    if offered:
        people = {g.ALICE, g.CAROL, g.DAVE, emergency.ERIN}
        policy, directory = emergency.policy(), world.directory
        assert {p for p in people if may_press(p, AGAIN, found, policy, directory)} == {g.DAVE, emergency.ERIN}


def test_what_it_was_held_for_stays_on_the_card_whatever_the_gate_says_now() -> None:
    shown = [f.code for f in view(FAILED, tip=g.at_tip()).stages[4].findings]
    assert shown == [Code.BRANCH_STILL, Code.CI_STARTED, Code.CI_FAILED]


def test_what_holds_it_stands_after_what_passed_and_before_what_waits() -> None:
    shown = view(LATE, tip=g.at_tip(), runs=g.seen(Runs())).stages[4].findings
    assert [f.code for f in shown] == [Code.BRANCH_STILL, Code.CI_DID_NOT_START, Code.NOT_LOOKED]


def test_a_stopped_card_shows_why_first_and_what_had_passed() -> None:
    found = view(STOPPED, lock=None).stages[0]
    gates = {f.gate for f in found.findings}
    assert [f.code for f in found.findings if f.answer is Answer.FAIL] == [Code.LOCK_LOST]
    assert gates == {gate.__name__ for _, gate in GATES[Procedure.STANDARD][P]}
    passed = went(g.release(governance=WORD))
    stopped = went(passed, lock=None)
    first = view(stopped, lock=None).stages[0]
    assert [f.answer for f in first.findings] == [Answer.PASS] * 8 + [Answer.FAIL]


def test_what_has_passed_shows_what_the_gates_say_now_until_the_push() -> None:
    found = view(went(g.release(governance=WORD)), criticals=g.broken())
    assert found.stages[0].mark is Mark.CURRENT
    assert [f.code for f in found.blocking] == [Code.LOOK_FAILED, Code.PUSH_WAITS]


def test_after_the_push_it_shows_what_the_gates_said_then() -> None:
    passed = went(g.release(governance=WORD)).passed
    stands = g.release(CI, passed=passed)
    found = view(stands, tip=g.at_tip(), criticals=g.broken())
    assert found.stages[0].findings == passed[0].findings
    assert found.stages[0].at == g.NOW


def test_the_run_to_look_at_is_the_one_that_did_not_succeed() -> None:
    two = g.policy(services=(g.service(ci=g.service().ci.model_copy(update={"workflows": ("deploy.yml", "e2e.yml")})),))
    good, bad = g.run(), g.run(workflow="e2e.yml", conclusion="failure", url="https://github.example/runs/6")
    at_ci = g.release(CI)
    assert view(at_ci, two, runs=g.seen(Runs(of_push=(good, bad)))).run_url == bad.url
    assert view(at_ci, two, runs=g.seen(Runs(of_push=(good,)))).run_url == good.url
    assert view(at_ci, runs=g.seen(Runs())).run_url is None


# --- whose click would be refused

SAID = failure.Cause(quote=undone.LINE, cause="Rounding", mend=Mend.CONFIGURATION, evidence="A variable is set")
TARGETS = {"targets": undone.TARGETS}
BROKEN = {"runs": undone.failed_facts().runs, "log": undone.log(), "tip": g.at_tip()}
DIFFERING = {"fleet": undone.differing_facts().fleet, "tip": g.at_tip()}
PEOPLE = (g.ALICE, g.BOB, g.CAROL, g.DAVE, g.FRANK)
PRESS: dict[Button, Callable[[Release, str, Facts, Policy], Decision]] = {
    ACK: lambda r, by, f, p: releases.acknowledge(r, by, releases.SENTENCE, f, p),
    PATHS: lambda r, by, f, p: releases.accept_paths(r, by, g.TREE, ("bin/run",), "needed", f, p),
    PUSH: lambda r, by, f, p: releases.push(r, by, g.SHA, f, p, releases.SENTENCE),
    ABORT: lambda r, by, f, p: releases.abort(r, by, "no", True, f, p),
    CAUSE: lambda r, by, f, p: failure.record_cause(r, by, SAID, f, p),
    RERUN: lambda r, by, f, p: failure.rerun(r, by, f, p),
    LOOK: lambda r, by, f, p: failure.look_again(r, by, f, p),
    REDEPLOY: lambda r, by, f, p: failure.redeploy(r, by, "the host was restarted", f, p),
    DIFFERENCE: lambda r, by, f, p: failure.accept_difference(r, by, (("cart", "body.total"),), "so", f, p),
    BACK: lambda r, by, f, p: rollback.start(8, by, r, g.BASE, "it fails", f, p),
    AGAIN: lambda r, by, f, p: start.start(8, by, start.Wanted(service="shop", candidate="faster"), f, p),
}
FOR_WHO_THEY_ARE = {Code.NO_ROLE, Code.NOT_THE_OWNER, Code.SELF_APPROVAL}


@pytest.mark.parametrize("user", PEOPLE)
@pytest.mark.parametrize(
    "button, release, given",
    [
        (ACK, g.release(), {}),
        (ACK, g.release(), {"directory": Directory(deactivated=frozenset({g.ALICE}))}),
        (PATHS, HELD_C, {"candidate": OUTSIDE}),
        (PATHS, HELD_C, {"candidate": OUTSIDE, "change": g.change(requester=g.CAROL)}),
        (PATHS, HELD_C, {"candidate": g.seen(g.candidate(paths=("bin/run",), commits=(g.commit(author="dave"),)))}),
        (PUSH, g.release(U), {}),
        (PUSH, g.release(U), {"directory": Directory(deactivated=frozenset({g.BOB}))}),
        (ABORT, g.release(C), {}),
        (ABORT, g.release(PROD), {"tip": g.at_tip()}),
        (ABORT, g.release(owner=g.FRANK), {}),
        (AGAIN, STOPPED, {"lock": None}),
        (CAUSE, FAILED, BROKEN),
        (RERUN, MENDED, BROKEN),
        (LOOK, LATE, {"tip": g.at_tip()}),
        (REDEPLOY, DIFFERS, DIFFERING),
        (DIFFERENCE, DIFFERS, DIFFERING),
        (DIFFERENCE, DIFFERS, {**DIFFERING, "change": g.change(requester=g.CAROL)}),
        (DIFFERENCE, DIFFERS, {**DIFFERING, "candidate": g.seen(g.candidate(commits=(g.commit(author="dave"),)))}),
        (BACK, FAILED, TARGETS),
        (BACK, DONE, TARGETS),
    ],
)
def test_who_may_press_is_who_would_not_be_refused(
    user: str, button: Button, release: Release, given: dict[str, Any]
) -> None:
    world = g.facts(**given)
    refusal = PRESS[button](release, user, world, g.policy()).refusal
    allowed = may_press(user, button, view(release, **given), g.policy(), world.directory)
    assert allowed == (refusal is None or refusal.code not in FOR_WHO_THEY_ARE)
    assert refusal is None or not allowed


def test_who_could_approve_a_change() -> None:
    facts = ChangeFacts(now=g.NOW, directory=g.facts().directory)
    found = change_view(g.change(requester=g.CAROL), facts, None, g.policy())
    assert (found.approvers, found.counted, found.need) == ((g.DAVE,), (), 1)
    assert change_view(g.change(), facts, None, g.policy()).counted == (g.CAROL,)


def test_a_late_hold_is_marked_otherwise_than_a_failure() -> None:
    found = Finding(gate="ci_started", rule="4", answer=Answer.WAIT, code=Code.CI_DID_NOT_START, late=True)
    assert LATE.hold is not None and LATE.hold.finding.code == found.code
    assert (marks(view(LATE, tip=g.at_tip()))[4], marks(view(FAILED, tip=g.at_tip()))[4]) == ("~", "!")
