"""Every pair of state and intent, of everything that people handle, is answered by its table (law 16)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sop import change as changes
from bot.sop import freeze as freezes
from bot.sop import release as releases
from bot.sop.change import ChangeFacts, ChangeIntent
from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Facts, Seen
from bot.sop.freeze import FreezeFacts, FreezeIntent, Window
from bot.sop.policy import Policy
from bot.sop.progress import advance
from bot.sop.records import Change, ChangeStatus, Freeze, FreezeStatus, Hold, Release, Word
from bot.sop.stages import CLOSED, OPEN, STAGES, TRANSITIONS, Intent, Procedure, Stage, Status, possible
from tests.sop import good as g
from tests.sop.decided import change_of, freeze_of
from tests.sop.walk import reachable

# --- releases

ACTS: dict[Intent, Callable[[Release, Facts, Policy], Decision]] = {
    Intent.LOOK: advance,
    Intent.ACKNOWLEDGE: lambda r, f, p: releases.acknowledge(r, g.ALICE, releases.SENTENCE, f, p),
    Intent.ACCEPT_PATHS: lambda r, f, p: releases.accept_paths(r, g.CAROL, g.TREE, ("bin/run",), "needed", f, p),
    Intent.PUSH: lambda r, f, p: releases.push(r, g.BOB, g.SHA, f, p),
    Intent.ABORT: lambda r, f, p: releases.abort(r, g.ALICE, "no", True, f, p),
}
WORLDS: dict[str, dict[str, Any]] = {
    "good": {},
    "good, pushed": {"tip": g.at_tip()},
    "a precondition is false": {"lock": None},
    "nothing is known": {"criticals": Seen(), "candidate": Seen(), "tip": Seen(), "runs": Seen(), "fleet": Seen()},
    "behind": {"candidate": g.seen(g.candidate(contains_tip=False))},
    "paths outside": {"candidate": g.seen(g.candidate(paths=("bin/run",)))},
    "moved": {"tip": g.at_tip(sha="4" * 40)},
    "pushing": {"pushing": True},
}
STATES = [(stage, status) for stage in Stage for status in Status if stage is not Stage.COMPLETE or status in CLOSED]


def in_state(stage: Stage, status: Status) -> Release:
    found = Finding(gate="pushed", rule="3", answer=Answer.WAIT, code=Code.PUSHING, late=True)
    hold = Hold(finding=found, at=g.NOW) if status in (Status.HELD, Status.STOPPED) else None
    asked = Word(by=g.ALICE, at=g.ago(minutes=6), says=g.SHA)
    return g.release(stage, status=status, hold=hold, push_asked=asked if stage is Stage.PUSH else None)


@pytest.mark.parametrize("stage, status", STATES)
@pytest.mark.parametrize("intent", Intent)
def test_every_pair_of_a_release_is_answered_in_every_world(stage: Stage, status: Status, intent: Intent) -> None:
    before = in_state(stage, status)
    for world in WORLDS.values():
        answered(before, intent, ACTS[intent](before, g.facts(**world), g.policy()))


def answered(before: Release, intent: Intent, decision: Decision) -> None:
    stage, status = before.stage, before.status
    in_table = status in OPEN and (stage, intent) in TRANSITIONS
    if intent is Intent.LOOK:
        assert decision.refusal is None
        assert in_table or decision == Decision()
    elif not in_table:
        assert decision.refusal is not None and decision.refusal.code == Code.NOT_NOW
        says = [i.value for i in possible(stage, status)]
        assert decision.refusal.values == {
            "subject": "R-7",
            "status": status.value,
            "stage": stage.value,
            "intent": intent.value,
            "possible": says,
        }
    after = next((r for r in decision.records if isinstance(r, Release)), before)
    assert after == before or reachable(before, after, intent), (after.stage, after.status)
    assert decision.refusal is None or after == before


def test_every_stage_can_be_left_and_reached() -> None:
    for stage in STAGES[Procedure.STANDARD][:-1]:
        assert TRANSITIONS[(stage, Intent.LOOK)] - {stage}
        assert TRANSITIONS[(stage, Intent.ABORT)] == {Status.ABORTED}
        assert set(possible(stage, Status.HELD)) == set(possible(stage, Status.RUNNING))
    assert set().union(*TRANSITIONS.values()) == set(Stage) - {Stage.COMPLETE} | set(CLOSED)


def test_each_pair_in_the_table_does_something_in_some_world() -> None:
    gone = set()
    for stage, intent in TRANSITIONS:
        for world in WORLDS.values():
            before = in_state(stage, Status.RUNNING)
            for r in ACTS[intent](before, g.facts(**world), g.policy()).records:
                if isinstance(r, Release):
                    gone.add((stage, intent, r.status if r.closed else r.stage))
    ends = {(s, i) for s, i in TRANSITIONS} - {(s, i) for s, i, _ in gone}
    assert ends == set()


# --- change requests

CHANGE_ACTS: dict[ChangeIntent, Callable[[Change, ChangeFacts, Policy], Decision]] = {
    ChangeIntent.EDIT: lambda c, f, p: changes.edit(
        c, g.ALICE, c.revision, c.content.model_copy(update={"why": "new"}), f, p
    ),
    ChangeIntent.APPROVE: lambda c, f, p: changes.approve(c, g.DAVE, c.revision, f, p),
    ChangeIntent.WITHDRAW_APPROVAL: lambda c, f, p: changes.withdraw_approval(c, g.CAROL, f, p),
    ChangeIntent.REJECT: lambda c, f, p: changes.reject(c, g.DAVE, "no", f, p),
    ChangeIntent.WITHDRAW: lambda c, f, p: changes.withdraw(c, g.ALICE, f, p),
    ChangeIntent.EXPIRE: changes.expire,
    ChangeIntent.RELEASE: lambda c, f, p: changes.released(c, g.release(Stage.COMPLETE), f, p),
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
    FreezeIntent.CHANGE: lambda z, f, p: freezes.change(z, g.CAROL, LATER, f, p),
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
