"""S2: while something that went around the SOP is not explained, nothing new goes out for that service."""

from bot.sop.codes import Code
from bot.sop.facts import Facts
from bot.sop.gates.verdict import Verdict, fails, passes, waits
from bot.sop.policy import Policy
from bot.sop.records import Release, ViolationStatus
from bot.sop.stages import Stage


def no_violation(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """Stops a new release. One that was under way when the violation was found waits for its explanation."""
    found = [v for v in facts.violations if v.status is ViolationStatus.OPEN]
    if not found:
        return passes(Code.NO_VIOLATION)
    named = [{"violation": v.name, "rule": v.rule, "code": v.code} for v in found]
    if release.has_passed(Stage.PRECONDITIONS):
        return waits(Code.VIOLATION_OPEN, "approver", violations=named)
    return fails(Code.VIOLATION_OPEN, "approver", violations=named)
