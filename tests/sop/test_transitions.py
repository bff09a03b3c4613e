"""Every pair of state and intent, of everything that people handle, is answered by its table (law 16)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sop import change as changes
from bot.sop import change_fate, failure, hotfix
from bot.sop import freeze as freezes
from bot.sop import release as releases
from bot.sop import rollback as rollbacks
from bot.sop.change import ChangeFacts, ChangeIntent
from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Directory, Facts, Issue, Runs, Seen, Stuck
from bot.sop.freeze import FreezeFacts, FreezeIntent, Window
from bot.sop.policy import Policy
from bot.sop.progress import advance
from bot.sop.records import Change, ChangeStatus, Freeze, FreezeStatus, Hold, Mend, Release, Severity, Word
from bot.sop.stages import CLOSED, OPEN, STAGES, TRANSITIONS, Intent, Procedure, Stage, Status, possible
from tests.sop import emergency, undone
from tests.sop import good as g
from tests.sop.decided import change_of, freeze_of
from tests.sop.walk import reachable

EVERYBODY_LEFT = Directory(deactivated=frozenset({g.ALICE, g.BOB, g.CAROL, g.DAVE}))

# --- releases

SAID = failure.Cause(quote=undone.LINE, cause="Rounding", mend=Mend.CONFIGURATION, evidence="A variable is set")
ACTS: dict[Intent, Callable[[Release, Facts, Policy], Decision]] = {
    Intent.LOOK: advance,
    Intent.ACKNOWLEDGE: lambda r, f, p: releases.acknowledge(r, r.owner, releases.SENTENCE, f, p),
    Intent.ACCEPT_PATHS: lambda r, f, p: releases.accept_paths(r, g.CAROL, g.TREE, ("bin/run",), "needed", f, p),
    Intent.ACCEPT_SIZE: lambda r, f, p: hotfix.accept_size(r, g.CAROL, g.TREE, "needed", f, p),
    Intent.ACCEPT_IRREVERSIBLE: lambda r, f, p: hotfix.accept_irreversible(r, g.CAROL, g.TREE, "it only adds", f, p),
    Intent.ACCEPT_CRITICALS: lambda r, f, p: hotfix.accept_criticals(r, emergency.ERIN, "known", f, p),
    Intent.PUSH: lambda r, f, p: releases.push(r, g.BOB, g.SHA, f, p, releases.SENTENCE),
    Intent.CAUSE: lambda r, f, p: failure.record_cause(r, g.BOB, SAID, f, p),
    Intent.RERUN: lambda r, f, p: failure.rerun(r, g.BOB, f, p),
    Intent.LOOK_AGAIN: lambda r, f, p: failure.look_again(r, g.FRANK, f, p),
    Intent.TRY_AGAIN: lambda r, f, p: failure.try_again(r, g.BOB, f, p),
    Intent.REDEPLOY: lambda r, f, p: failure.redeploy(r, g.BOB, "the host was restarted", f, p),
    Intent.ACCEPT_DIFFERENCE: lambda r, f, p: failure.accept_difference(
        r, g.CAROL, (("cart", "body.total"),), "so", f, p
    ),
    Intent.CONFIRM: lambda r, f, p: hotfix.confirm_resolved(r, g.DAVE, f, p),
    Intent.ABORT: lambda r, f, p: releases.abort(r, r.owner, "no", True, f, p),
}
MAKE: dict[Procedure, Callable[..., Release]] = {
    Procedure.STANDARD: g.release,
    Procedure.HOTFIX: lambda stage, **changes: emergency.hotfix(stage, owner=g.ALICE, **changes),
    Procedure.ROLLBACK: undone.rollback,
}
GOOD: dict[Procedure, Callable[..., Facts]] = {
    Procedure.STANDARD: g.facts,
    Procedure.HOTFIX: emergency.facts,
    Procedure.ROLLBACK: undone.facts,
}
POLICIES = {Procedure.STANDARD: g.policy(), Procedure.HOTFIX: emergency.policy(), Procedure.ROLLBACK: g.policy()}
LARGE = g.candidate(lines=9999, paths=tuple(f"shop/checkout.py/{n}" for n in range(99)))
WORLDS: dict[str, dict[str, Any]] = {
    "good": {},
    "good, pushed": {"tip": g.at_tip()},
    "good, the revert is pushed": {"tip": undone.reverted_tip(), "logged": undone.logged()},
    "a precondition is false": {"lock": None},
    "a precondition of a hotfix is false": {"incident": emergency.incident(severity=Severity.HIGH, confirmed=None)},
    "nothing is known": {"criticals": Seen(), "candidate": Seen(), "tip": Seen(), "runs": Seen(), "fleet": Seen()},
    "behind": {"candidate": g.seen(g.candidate(contains_tip=False))},
    "paths outside": {"candidate": g.seen(g.candidate(paths=("bin/run",)))},
    "large": {"candidate": g.seen(LARGE)},
    "irreversible": {"candidate": g.seen(g.candidate(paths=("migrations/7.sql",)))},
    "moved": {"tip": g.at_tip(sha="4" * 40)},
    "pushing": {"pushing": True},
    "stuck": {"stuck": (Stuck(kind="write_log", key="log:R-7:rollback", error="no"),)},
    "others are critical": {"criticals": g.seen((Issue(number=9, title="t", url="u"),))},
    "CI failed": {"tip": g.at_tip(), "runs": g.seen(Runs(of_push=(undone.failing_run(),))), "log": undone.log()},
    "CI of a revert failed": {
        "tip": undone.reverted_tip(),
        "runs": g.seen(Runs(of_push=(undone.failing_run(head_sha=undone.REVERT),))),
        "log": undone.log(),
    },
    "resolved": {
        "tip": g.at_tip(),
        "incident": emergency.incident(note=emergency.note()),
        "logged": emergency.logged(),
    },
}
STATES = [
    (procedure, stage, status)
    for procedure in Procedure
    for stage in STAGES[procedure]
    for status in Status
    if stage is not Stage.COMPLETE or status in CLOSED
]


def in_state(procedure: Procedure, stage: Stage, status: Status) -> Release:
    found = Finding(gate="pushed", rule="3", answer=Answer.WAIT, code=Code.PUSHING, late=True)
    hold = Hold(finding=found, at=g.NOW) if status in (Status.HELD, Status.STOPPED) else None
    asked = Word(by=g.ALICE, at=g.ago(minutes=6), says=g.SHA)
    made = MAKE[procedure](stage, status=status, hold=hold, push_asked=asked if stage is Stage.PUSH else None)
    return made.model_copy(update={"ended_at": g.NOW}) if status in CLOSED else made


def befores(procedure: Procedure, stage: Stage) -> list[Release]:
    """Every open state that people may act from, with what they act for."""
    running, late = (in_state(procedure, stage, s) for s in (Status.RUNNING, Status.HELD))
    mended = running.model_copy(update={"causes": (undone.cause(),)})
    failed = [undone.held(r, Code.CI_FAILED) for r in (running, mended)]
    differs = undone.held(running, Code.DIFFERENT, differences=[undone.DIFFERENCE])
    confirmed = running.model_copy(update={"resolved": Word(by=g.DAVE, at=g.NOW, says="it")})
    return [running, late, *failed, differs, confirmed]


@pytest.mark.parametrize("procedure", Procedure)
@pytest.mark.parametrize("intent", ACTS)
def test_every_pair_of_a_release_is_answered_in_every_world(procedure: Procedure, intent: Intent) -> None:
    """All states of a procedure in one test: a test each would cost more than it does."""
    worlds = [GOOD[procedure](**world) for world in WORLDS.values()]
    for before in [in_state(*state) for state in STATES if state[0] is procedure]:
        for facts in worlds:
            answered(before, intent, ACTS[intent](before, facts, POLICIES[procedure]))


def answered(before: Release, intent: Intent, decision: Decision) -> None:
    procedure, stage, status = before.procedure, before.stage, before.status
    in_table = status in OPEN and (stage, intent) in TRANSITIONS[procedure]
    if intent is Intent.LOOK:
        assert decision.refusal is None
        assert in_table or decision == Decision()
    elif not in_table:
        assert decision.refusal is not None and decision.refusal.code == Code.NOT_NOW
        back = before.last_push is not None if procedure is not Procedure.ROLLBACK else status is Status.HELD
        says = [i.value for i in possible(procedure, stage, status) if back or i is not Intent.ROLL_BACK]
        again = procedure is not Procedure.ROLLBACK and status in (Status.STOPPED, Status.ABORTED)
        assert decision.refusal.values == {
            "subject": "R-7",
            "status": status.value,
            "stage": None if status is Status.STOPPED else stage.value,
            "intent": intent.value,
            "possible": says + (["start again"] if again else []),
        }
    after = next((r for r in decision.records if isinstance(r, Release) and r.id == before.id), before)
    assert after == before or reachable(before, after, intent), (after.stage, after.status)
    assert decision.refusal is None or after == before


@pytest.mark.parametrize("procedure, stage, status", STATES)
def test_a_rollback_supersedes_an_open_release_where_its_table_says_so(
    procedure: Procedure, stage: Stage, status: Status
) -> None:
    """What is asked of the release that gives way; the rollback itself is a new one."""
    before = in_state(procedure, stage, status)
    facts = undone.facts(holder=before if status in OPEN else None)
    pushed = before.last_push is not None or procedure is Procedure.ROLLBACK
    asked = before if pushed or status in CLOSED else undone.done()
    decision = rollbacks.start(8, g.BOB, asked, undone.OLDER, "it fails", facts, g.policy())
    gone = [r for r in decision.records if isinstance(r, Release) and r.id == before.id]
    if status in CLOSED:
        assert gone == []
    elif procedure is Procedure.ROLLBACK and status is not Status.HELD:
        assert decision.refusal is not None and decision.refusal.code == Code.ROLLBACK_RUNS
    else:
        (after,) = gone
        assert (after.status, after.superseded_by) == (Status.ABORTED, 8)


@pytest.mark.parametrize("procedure", Procedure)
def test_every_stage_can_be_left_and_reached(procedure: Procedure) -> None:
    table = TRANSITIONS[procedure]
    for stage in STAGES[procedure][:-1]:
        assert table[(stage, Intent.LOOK)] - {stage}
        ends = {i for (s, i), goals in table.items() if s is stage and goals == {Status.ABORTED}}
        assert ends or stage is Stage.DOCUMENT  # nothing of it remains to be ended
        assert ends <= {Intent.ABORT, Intent.ROLL_BACK}
        assert set(possible(procedure, stage, Status.HELD)) == set(possible(procedure, stage, Status.RUNNING))
    stops = set() if procedure is Procedure.ROLLBACK else {Status.STOPPED}
    assert set().union(*table.values()) == {*STAGES[procedure], Status.ABORTED, Status.COMPLETE} | stops


@pytest.mark.parametrize("procedure", Procedure)
def test_each_pair_in_the_table_does_something_in_some_world(procedure: Procedure) -> None:
    pairs = {(s, i) for s, i in TRANSITIONS[procedure] if i in ACTS}
    gone = set()
    for stage, intent in pairs:
        for world in WORLDS.values():
            for before in befores(procedure, stage):
                decision = ACTS[intent](before, GOOD[procedure](**world), POLICIES[procedure])
                if any(isinstance(r, Release) for r in decision.records):
                    gone.add((stage, intent))
    assert pairs - gone == set()


# --- change requests

CHANGE_ACTS: dict[ChangeIntent, Callable[[Change, ChangeFacts, Policy], Decision]] = {
    ChangeIntent.EDIT: lambda c, f, p: changes.edit(
        c, g.ALICE, c.revision, c.content.model_copy(update={"why": "new"}), f, p
    ),
    ChangeIntent.APPROVE: lambda c, f, p: changes.approve(c, g.DAVE, c.revision, f, p),
    ChangeIntent.WITHDRAW_APPROVAL: lambda c, f, p: changes.withdraw_approval(c, g.CAROL, f, p),
    ChangeIntent.REJECT: lambda c, f, p: changes.reject(c, g.DAVE, "no", f, p),
    ChangeIntent.WITHDRAW: lambda c, f, p: changes.withdraw(c, g.ALICE, f, p),
    ChangeIntent.EXPIRE: change_fate.expire,
    ChangeIntent.TAKE_AGAIN: lambda c, f, p: change_fate.taken_again(c, "INC-3", f, p),
    ChangeIntent.LAPSE: lambda c, f, p: change_fate.lapse(c, f.model_copy(update={"directory": EVERYBODY_LEFT}), p),
    ChangeIntent.RELEASE: lambda c, f, p: change_fate.released(c, g.release(Stage.COMPLETE), f, p),
    ChangeIntent.ROLL_BACK: lambda c, f, p: change_fate.rolled_back(c, undone.rollback(Stage.COMPLETE), f, p),
    ChangeIntent.REOPEN: lambda c, f, p: changes.acknowledge_rollback(c, g.ALICE, f, p),
}


@pytest.mark.parametrize("status", ChangeStatus)
@pytest.mark.parametrize("intent", ChangeIntent)
@pytest.mark.parametrize("days", [0, 8])
@pytest.mark.parametrize("need", [1, 2, 3])
def test_every_pair_of_a_change_request_is_answered(
    status: ChangeStatus, intent: ChangeIntent, days: int, need: int
) -> None:
    policy = g.policy()
    policy = policy.model_copy(update={"approvals": policy.approvals.model_copy(update={"required": need})})
    facts = ChangeFacts(now=g.NOW + timedelta(days=days), directory=g.facts().directory)
    before = g.change(status=status)
    decision = CHANGE_ACTS[intent](before, facts, policy)
    goals = changes.TRANSITIONS.get((status, intent))
    if goals is None and intent in changes.PEOPLES:
        assert decision.refusal is not None and decision.refusal.code == Code.NOT_NOW
        assert decision.refusal.values["possible"] == [i.value for i in changes.possible(status)]
        assert (decision.records, decision.effects) == ((), ())
    elif goals is None:
        assert decision == Decision()
    elif intent is not ChangeIntent.EXPIRE or decision.records:
        assert decision.refusal is None
        assert change_of(decision).status in goals
    else:
        assert days == 0 and need == 1
        assert [w.subject for w in decision.watch] == ["CR-12"]


# --- freezes

LATER = Window(services=("shop",), reason="peak", starts_at=g.NOW + timedelta(hours=2), until=None)
FREEZE_ACTS: dict[FreezeIntent, Callable[[Freeze, FreezeFacts, Policy], Decision]] = {
    FreezeIntent.CHANGE: lambda z, f, p: freezes.change(z, g.CAROL, z.revision, LATER, f, p),
    FreezeIntent.END: lambda z, f, p: freezes.end(z, g.CAROL, f, p),
    FreezeIntent.CANCEL: lambda z, f, p: freezes.cancel(z, g.CAROL, f, p),
    FreezeIntent.BEGIN: lambda z, f, p: freezes.tick(z.model_copy(update={"starts_at": g.NOW}), f, p),
    FreezeIntent.RUN_OUT: lambda z, f, p: freezes.tick(z.model_copy(update={"until": g.NOW}), f, p),
}


@pytest.mark.parametrize("status", FreezeStatus)
@pytest.mark.parametrize("intent", FreezeIntent)
@pytest.mark.parametrize("hours", [-1, 1])
def test_every_pair_of_a_freeze_is_answered(status: FreezeStatus, intent: FreezeIntent, hours: int) -> None:
    freeze = Freeze(
        id=2,
        status=status,
        services=(),
        reason="peak",
        owner=g.CAROL,
        starts_at=g.NOW + timedelta(hours=hours),
        until=None,
        created_at=g.ago(hours=2),
    )
    facts = FreezeFacts(now=g.NOW, directory=g.facts().directory)
    decision = FREEZE_ACTS[intent](freeze, facts, g.policy())
    goals = freezes.TRANSITIONS.get((status, intent))
    if goals is None and intent in freezes.PEOPLES:
        assert decision.refusal is not None and decision.refusal.code == Code.NOT_NOW
        assert decision.refusal.values["possible"] == [i.value for i in freezes.possible(status)]
    elif goals is None:
        assert decision == Decision()
    else:
        assert decision.refusal is None
        assert freeze_of(decision).status in goals
