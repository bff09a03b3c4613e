"""An outgoing act that was refused or given up: what waits for it says so, with the other side's words."""

from bot.sop.codes import Code
from bot.sop.facts import Facts
from bot.sop.gates.verdict import Verdict, waits
from bot.sop.records import Release


def stuck(kind: str, release: Release, facts: Facts) -> Verdict | None:
    """Late at once: the release is HELD until a person has it tried again, or the world has what was wanted."""
    act = next((s for s in facts.stuck if s.kind == kind), None)
    if act is None:
        return None
    return waits(Code.ACT_STUCK, release.owner, late=True, act=kind, error=act.error)
