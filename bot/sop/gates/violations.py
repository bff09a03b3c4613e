"""S2: while something that went around the SOP is not explained, nothing new goes out for that service."""

from collections.abc import Iterable
from typing import Any

from bot.sop.codes import Code
from bot.sop.facts import Facts
from bot.sop.gates.verdict import Verdict, fails, passes, waits
from bot.sop.patrol.act import acts
from bot.sop.policy import Policy
from bot.sop.records import Release, Violation, ViolationStatus
from bot.sop.stages import Stage


def no_violation(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """Stops a new release. One that was under way when the violation was found waits for its explanation."""
    found = [v for v in facts.violations if v.status is ViolationStatus.OPEN]
    if not found:
        return passes(Code.NO_VIOLATION)
    named = as_values(found)
    if release.has_passed(Stage.PRECONDITIONS):
        return waits(Code.VIOLATION_OPEN, "approver", violations=named, stops=False)
    return fails(Code.VIOLATION_OPEN, "approver", violations=named, stops=True)


def as_values(found: Iterable[Violation]) -> list[dict[str, Any]]:
    """What is open, a card each: its name, the rules broken, and what was seen in a few words."""
    return [
        {
            "violation": act.name,
            "rule": ", ".join(act.rules),
            "code": act.deed.code,
            "freeze": act.deed.values.get("freeze"),
        }
        for act in acts(found)
    ]
