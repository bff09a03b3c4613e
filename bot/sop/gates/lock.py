"""T2: whose the lock is when a hotfix wants it."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.gates.verdict import Verdict, passes, waits
from bot.sop.policy import Policy
from bot.sop.records import LeftAhead, Release
from bot.sop.stages import Procedure


def lock_for_hotfix(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """A release that has pushed keeps the lock: a person chooses to finish it first, or to roll it back first."""
    key, lock, holder = service_of(release, policy).lock, facts.lock, facts.holder
    if lock is not None and lock.release == release.id:
        return passes(Code.LOCK_OURS, lock=key)
    left = left_for(facts)
    if lock is not None and left is not None:
        values: dict[str, Any] = {"release": f"R-{lock.about}", "owner": lock.owner, "count": len(left.commits)}
        return waits(Code.LOCK_WAITS_LEFT, release.owner, lock=key, **values)
    if lock is None or can_take(facts):
        return waits(Code.LOCK_SOON, lock=key)
    ours = holder is not None and holder.id == lock.release
    values = {"stage": holder.stage.value, "procedure": holder.procedure.value} if holder and ours else {}
    values = {"stage": None, "procedure": None, **values}
    return waits(Code.LOCK_WAITS, lock.owner, lock=key, release=f"R-{lock.release}", owner=lock.owner, **values)


def can_take(facts: Facts) -> bool:
    """Whether the lock is free for a hotfix now, or held by a standard release that has pushed nothing."""
    lock, holder = facts.lock, facts.holder
    if lock is None:
        return True
    if lock.left is not None or holder is None or holder.id != lock.release:
        return False
    return holder.procedure is Procedure.STANDARD and not holder.closed and not pushes(holder)


def pushes(holder: Release) -> bool:
    """It has pushed, or its push is asked for and not refused: it may arrive at any moment."""
    refused = holder.hold is not None and holder.hold.finding.code == Code.PUSH_REFUSED
    return holder.last_push is not None or (holder.push_asked is not None and not refused)


def left_for(facts: Facts) -> LeftAhead | None:
    """Commits of an earlier release that stand unverified on the branch, and come with the lock."""
    lock, holder = facts.lock, facts.holder
    if lock is None:
        return None
    if lock.left is not None:
        return lock.left
    if holder is None or holder.id != lock.release or holder.procedure is not Procedure.STANDARD:
        return None
    if holder.taken_over is None or pushes(holder):
        return None
    return holder.taken_over
