"""Where a service stands by the patrol: clean, violated or unknown."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.patrol.facts import PatrolFacts, comparable, silence
from bot.sop.policy import Policy
from bot.sop.records import Violation, ViolationStatus


class State(StrEnum):
    CLEAN = "clean"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


class Blind(Frozen):
    """What has not been seen for too long. `since`: seen until then (None: never). `error` None: not looked yet."""

    what: str  # baseline, production, probes, GitHub
    since: AwareDatetime | None = None
    error: str | None = None
    until: AwareDatetime | None = None  # before then nothing can be seen


class Standing(Frozen):
    """`since`: CLEAN: as of then; VIOLATED: the oldest open violation; UNKNOWN: as `blind` says."""

    state: State
    since: AwareDatetime | None
    open: tuple[str, ...] = ()  # V-4, …
    explained: tuple[str, ...] = ()  # seen at the last look still, and explained
    blind: Blind | None = None  # beside open violations too


def standing(facts: PatrolFacts, policy: Policy) -> Standing:
    """Silence is never success (law 17): what was not seen for too long is unknown, neither clean nor violated."""
    looks = _looks(facts)
    oldest = next((b for b in looks if b.since is None), None) or min(looks, key=lambda b: b.since or facts.now)
    blind = oldest if oldest.since is None or facts.now - oldest.since > patience(policy) else None
    known = sorted(facts.violations, key=lambda v: v.id)
    held = [v for v in known if v.status is ViolationStatus.OPEN]
    state = State.VIOLATED if held else State.UNKNOWN if blind else State.CLEAN
    return Standing(
        state=state,
        since=min((v.first_at for v in held), default=oldest.since),
        open=_cards(held),
        explained=_cards(v for v in known if v not in held),
        blind=blind,
    )


def _cards(found: Iterable[Violation]) -> tuple[str, ...]:
    """Several of one act stand on one card."""
    return tuple(dict.fromkeys(v.card for v in found))


def patience(policy: Policy) -> timedelta:
    """How old a look may be. A patrol that is rarer than `unknown_after` does not make everything unknown between."""
    return max(policy.patrol.unknown_after, 2 * policy.patrol.every)


def _looks(facts: PatrolFacts) -> tuple[Blind, ...]:
    """When each thing was last seen whole, and why it is not now."""
    baseline, live = facts.baseline, facts.live.value
    if baseline is None:
        return (Blind(what="baseline"),)
    missed = next((s.error for s in live.round.samples if s.error), None) if live else None
    looks = (
        Blind(what="production", since=live.whole_at if live else None, error=facts.live.error or missed),
        Blind(what="GitHub", since=facts.lately.at, error=facts.lately.error, until=facts.lately.until),
    )
    if live is None or facts.live.error or not comparable(live, facts, baseline):
        return looks
    played = facts.played.value if facts.played.value and facts.played.value.sha == baseline.sha else None
    silent = next((f"{a.name}: {why}" for a in played.plays[-1] if (why := silence(a))), None) if played else None
    at = facts.played.at if played and not silent else baseline.at
    return (*looks, Blind(what="probes", since=at, error=facts.played.error or silent))
