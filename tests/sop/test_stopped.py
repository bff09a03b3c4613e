"""A false precondition stops a release at every stage up to the push, and nothing after it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Directory, Issue
from bot.sop.policy import Policy, SopStatus
from bot.sop.progress import advance
from bot.sop.records import ChangeStatus, Freeze, FreezeStatus, Hold, LeftAhead, Lock, Release
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop.decided import cards, kinds, lock_of, posts, release_of, said, watched

P, L, C, U, CI, PROD = list(Stage)[:6]
BEFORE = (P, L, C, U)
FREEZE = Freeze(
    id=2,
    status=FreezeStatus.ACTIVE,
    services=("shop",),
    reason="peak",
    owner=g.CAROL,
    starts_at=g.ago(seconds=0),
    until=None,
    created_at=g.ago(hours=1),
)
CRITICAL = g.seen((Issue(number=1, title="t", url="u"),))
OLD = (g.attestation(made_at=g.ago(hours=25)),)
OTHER_LOCK = Lock(key="acme/shop@main", release=8, owner=g.BOB, reason="R-8", since=g.ago(hours=1))


def looked(release: Release, policy: Policy | None = None, **facts: Any) -> Decision:
    return advance(release, g.facts(**facts), policy or g.policy())


FALSE: dict[str, tuple[Code, tuple[Stage, ...], dict[str, Any]]] = {
    "the SOP is suspended": (Code.SOP_NOT_ACTIVE, BEFORE, {"policy": g.policy(status=SopStatus.SUSPENDED)}),
    "edited": (Code.CHANGE_EDITED, BEFORE, {"change": g.change(content=g.CONTENT.model_copy(update={"why": "new"}))}),
    **{
        s.value: (Code.CHANGE_CLOSED, BEFORE, {"change": g.change(status=s)})
        for s in (ChangeStatus.REJECTED, ChangeStatus.WITHDRAWN, ChangeStatus.EXPIRED, ChangeStatus.RELEASED)
    },
    "approval withdrawn": (Code.APPROVAL_LOST, BEFORE[1:], {"change": g.change(approvals=())}),
    "approver left": (Code.APPROVAL_LOST, BEFORE[1:], {"directory": Directory(deactivated=frozenset({g.CAROL}))}),
    "approval expired": (Code.APPROVAL_LOST, BEFORE[1:], {"now": g.NOW + timedelta(days=7)}),
    "preflight expired": (Code.PREFLIGHT_EXPIRED, BEFORE[1:], {"attestations": OLD}),
    "the build fails": (Code.BUILD_FAILED, BEFORE, {"attestations": (g.failing("build"),)}),
    "uncommitted": (Code.UNCOMMITTED, BEFORE, {"attestations": (g.failing("clean"),)}),
    "a CRITICAL opens": (Code.CRITICAL_OPEN, BEFORE, {"criticals": CRITICAL}),
    "a freeze begins": (Code.FROZEN, BEFORE, {"freezes": (FREEZE,)}),
    "the lock is gone": (Code.LOCK_LOST, BEFORE, {"lock": None}),
    "the lock is another's": (Code.LOCK_BUSY, BEFORE, {"lock": OTHER_LOCK}),
}


@pytest.mark.parametrize(
    "code, stage, given",
    [(code, s, given) for code, stages, given in FALSE.values() for s in stages],
    ids=[f"{why}-{s}" for why, (_, stages, _) in FALSE.items() for s in stages],
)
def test_a_false_precondition_stops(code: Code, stage: Stage, given: dict[str, Any]) -> None:
    decision = looked(g.release(stage), **given)
    done = release_of(decision)
    assert (done.status, done.stage, done.ended_at) == (Status.STOPPED, stage, given.get("now", g.NOW))
    assert done.hold is not None and done.hold.finding.code == code
    assert (kinds(decision), said(decision), cards(decision)) == (["release_stopped"], [Code.RELEASE_STOPPED], ["R-7"])
    assert posts(decision)[0].mention == (g.ALICE,)
    assert posts(decision)[0].notice.values["finding"]["code"] == code
    ours = code not in (Code.LOCK_LOST, Code.LOCK_BUSY)
    assert [f.key for f in decision.freed] == (["acme/shop@main"] if ours else [])
    assert watched(decision) == []
    assert looked(done) == Decision()


@pytest.mark.parametrize("stage", BEFORE)
def test_a_held_release_is_stopped_too(stage: Stage) -> None:
    found = Finding(gate="tree_attested", rule="1", answer=Answer.FAIL, code=Code.TREE_DIFFERS)
    waits = g.release(stage, status=Status.HELD, hold=Hold(finding=found, at=g.ago(minutes=1)))
    assert release_of(looked(waits, freezes=(FREEZE,))).status is Status.STOPPED


@pytest.mark.parametrize("stage", (CI, PROD))
@pytest.mark.parametrize("why", [w for w in FALSE if "lock" not in w])
def test_after_the_push_preconditions_no_longer_matter(stage: Stage, why: str) -> None:
    given = {k: v for k, v in FALSE[why][2].items() if k != "now"}
    decision = looked(g.release(stage), **{"tip": g.at_tip(), **given})
    assert release_of(decision).status is Status.COMPLETE


def test_a_stop_of_taken_over_commits_keeps_them_owned() -> None:
    left = LeftAhead(release=3, sha="2" * 40, commits=("2" * 40,))
    decision = looked(g.release(L, taken_over=left), freezes=(FREEZE,))
    assert lock_of(decision).left == left
    assert decision.freed == ()
