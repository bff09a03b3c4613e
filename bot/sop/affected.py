"""Does what an incident names as affected fail? Its probes, played on production, beside what was verified."""

from collections.abc import Sequence
from enum import StrEnum

from bot.sop.facts import ProbeAnswer, Verified
from bot.sop.model import Frozen
from bot.sop.policy import Probe
from bot.sop.probes import BROKEN, Difference, differences


class Standing(StrEnum):
    FAILING = "failing as described"
    PASSING = "passing now"
    UNKNOWN = "unknown"


class ProbeSeen(Frozen):
    """How one affected probe stands. `said`: what was seen, in a few words."""

    name: str
    standing: Standing
    said: str


class Affected(Frozen):
    """One play of the affected probes of an incident."""

    probes: tuple[ProbeSeen, ...]


def judged(probes: Sequence[Probe], answers: Sequence[ProbeAnswer], verified: Verified | None) -> Affected:
    """Where nothing verified is known of a probe, its status alone is judged."""
    by_name = {a.name: a for a in answers}
    return Affected(probes=tuple(_judged(p, by_name.get(p.name), verified) for p in probes))


def _judged(probe: Probe, answer: ProbeAnswer | None, verified: Verified | None) -> ProbeSeen:
    if answer is None or answer.error is not None or answer.status is None:
        said = answer.error if answer is not None and answer.error else "not played"
        return ProbeSeen(name=probe.name, standing=Standing.UNKNOWN, said=said)
    known = next((k for k in verified.known if k.probe == probe), None) if verified else None
    if known is None or known.answer.error is not None:
        bad = answer.status >= BROKEN
        said = f"HTTP {answer.status}, nothing verified to compare it with"
        return ProbeSeen(name=probe.name, standing=Standing.FAILING if bad else Standing.PASSING, said=said)
    found = [d for d in differences(known.answer, answer, probe) if not _accepted(d, verified)]
    if not found:
        return ProbeSeen(name=probe.name, standing=Standing.PASSING, said=f"HTTP {answer.status}, as verified")
    first, more = found[0], len(found) - 1
    said = f"{first.field} is {first.production}, verified was {first.local}"
    said += f", and {more} more {'differs' if more == 1 else 'differ'}" if more else ""
    if answer.status != known.answer.status:
        said = f"HTTP {answer.status}, verified was HTTP {known.answer.status}"
    return ProbeSeen(name=probe.name, standing=Standing.FAILING, said=said)


def _accepted(difference: Difference, verified: Verified | None) -> bool:
    """By an approver, for the release that was verified."""
    word = (difference.probe, difference.field, difference.production)
    return verified is not None and word in {(a.probe, a.field, a.production) for a in verified.accepted}


def told(seen: Affected) -> str:
    """As a line of the timeline."""
    return "On production: " + "; ".join(f"{p.name} {p.standing.value} ({p.said})" for p in seen.probes)


def moved(before: Affected | None, now: Affected) -> bool:
    """Whether a probe stands otherwise than it did."""
    was = {p.name: p.standing for p in before.probes} if before else {}
    return any(was.get(p.name) is not p.standing for p in now.probes)
