"""Whether a release's transition table leads from one state to another."""

from bot.sop.records import Release
from bot.sop.stages import TRANSITIONS, Intent, Stage, Status


def reachable(before: Release, after: Release, intent: Intent) -> bool:
    """By the intent, and by looks after it: one decision goes on as far as the gates allow."""
    if before.closed:
        return before == after
    table = TRANSITIONS[before.procedure]
    goal: Stage | Status = after.status if after.closed else after.stage
    front = set(table.get((before.stage, intent), frozenset()))
    seen: set[Stage | Status] = set()
    while front:
        seen |= front
        front = {to for at in front if isinstance(at, Stage) for to in table.get((at, Intent.LOOK), ())} - seen
    return goal in seen
