"""Which approvals of a change request count now, and for how long they suffice (P1, law 3)."""

from datetime import datetime

from bot.sop.facts import Directory
from bot.sop.policy import Policy, Role
from bot.sop.records import Change
from bot.sop.roles import holders

EMERGENCY_APPROVALS = 1  # one approver's click approves an emergency change (T2)


def counted(change: Change, directory: Directory, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Approvers whose approval counts now: of this content, young enough, still an approver, not the requester."""
    able = holders(policy, directory, Role.APPROVER) - {change.requester}
    valid = (
        a.by
        for a in change.approvals
        if a.digest == change.content.digest and a.at > now - policy.approvals.expire_after and a.by in able
    )
    return tuple(dict.fromkeys(valid))


def enough_until(change: Change, directory: Directory, policy: Policy, now: datetime) -> datetime | None:
    """When its approvals no longer suffice by age; None where they do not suffice now."""
    able = counted(change, directory, policy, now)
    given = sorted((a.at for a in change.approvals if a.by in able and a.digest == change.content.digest), reverse=True)
    need = wanted(change, policy)
    return given[need - 1] + policy.approvals.expire_after if len(able) >= need else None


def wanted(change: Change, policy: Policy) -> int:
    """How many approvals it needs."""
    return policy.approvals.required if change.incident is None else EMERGENCY_APPROVALS
