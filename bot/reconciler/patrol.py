"""The patrol (S2): looks at production, the designated branch and the runs of a service, and decides on what it saw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.commit import commit
from bot.patrol_ledger import patrol_facts
from bot.reconciler.readers import seen
from bot.sop import violation as violations
from bot.sop.decision import Decision, Watch
from bot.sop.facts import CannotLook, Known, ProbeAnswer, Round, Seen, Tip, Verified
from bot.sop.patrol import sightings
from bot.sop.patrol.facts import (
    Above,
    Lately,
    Live,
    Origin,
    PatrolFacts,
    Played,
    Version,
    answered,
    comparable,
)
from bot.sop.patrol.production import differing
from bot.sop.patrol.repository import unjudged
from bot.sop.patrol.standing import patience, standing
from bot.sop.policy import Policy, Production, Service
from bot.sop.probes import is_version
from bot.sop.records import Baseline, Violation
from bot.verified_ledger import first_answers
from storage.store import Store
from storage.unit import Unit


class Watched(Protocol):
    """GitHub, read only. Every method raises CannotLook."""

    def lately(self, service: Service, since: datetime) -> Lately: ...

    def origin(self, service: Service, version: str) -> Origin: ...

    def tip(self, service: Service, after: str) -> Tip: ...


@dataclass(frozen=True)
class Looked:
    """What one look saw, not stored yet."""

    live: Seen[Live]
    played: Seen[Played]
    lately: Seen[Lately]
    above: Seen[Above]


@dataclass(frozen=True)
class Patrol:
    """For subjects `patrol:SERVICE`."""

    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    github: Watched
    read_round: Callable[[Production, datetime], Round]  # of versions, in production
    play: Callable[[Service], tuple[ProbeAnswer, ...]]  # its probes, in production
    rests: Callable[[], datetime | None] = lambda: None  # until then GitHub is spared looks that have time

    def look(self, name: str) -> Callable[[Unit], None]:
        """Looks outside; what it returns stores and decides, within the transaction that ends the look."""
        service = self.policy().service(name)
        if service is None:
            return _nothing
        before = self.store.read(lambda unit: patrol_facts(unit, service, self.policy(), self.now()))
        if before.baseline is None:
            return lambda unit: unit.apply(self._again(service, ()), self.now())
        looked = self._look(service, before, before.baseline)
        return lambda unit: self._decide(unit, service, before, looked)

    def follow(self, id: int) -> Callable[[Unit], None]:
        """What became of the run that a violation is about, by what is known from cancelling it."""

        def decide(unit: Unit) -> None:
            found = unit.violation(id)
            known = unit.seen(f"V-{id}", "cancelling", Seen[violations.Cancelling]).known
            if found is not None and known is not None:
                commit(unit, violations.acted(found, known, self.policy()), None, found.name, self.now())

        return decide

    # --- outside

    def _look(self, service: Service, before: PatrolFacts, baseline: Baseline) -> Looked:
        live = seen(before.live, self.now(), lambda: self._live(service, before, baseline))
        played = before.played
        if live.known and comparable(live.known, before, baseline):
            played = seen(before.played, self.now(), lambda: self._played(service, before, baseline))
        since = self._since(before, baseline)
        lately = seen(before.lately, self.now(), lambda: self.github.lately(self.policy().as_released(service), since))
        above = self._above(service, before, baseline, lately.known)
        return Looked(live=live, played=played, lately=lately, above=above)

    def _above(self, service: Service, before: PatrolFacts, baseline: Baseline, lately: Lately | None) -> Seen[Above]:
        """Asked for anew only when the branch has moved, or something else was verified."""
        known, now = before.above.known, self.now()
        if lately is None or lately.tip is None:
            return before.above
        if known is not None and (known.after, known.tip.sha) == (baseline.sha, lately.tip):
            return before.above.model_copy(update={"at": now})
        return seen(before.above, now, lambda: Above(after=baseline.sha, tip=self.github.tip(service, baseline.sha)))

    def _since(self, before: PatrolFacts, baseline: Baseline) -> datetime:
        """The last time that GitHub could be read, with some of the time before it; never before there was a patrol."""
        began = before.began or baseline.at
        last = before.lately.at or began
        policy = self.policy()
        return max(began, last - patience(policy) - policy.patrol.every - timedelta(hours=1))

    def _live(self, service: Service, before: PatrolFacts, baseline: Baseline) -> Live:
        round_ = self.read_round(service.production, self.now())
        texts = sorted({s.version for s in round_.samples if s.version is not None})
        if not texts:
            raise CannotLook(next((s.error for s in round_.samples if s.error), "no sample was read"))
        old = before.live.value
        versions = tuple(self._version(text, round_.at, old, service, baseline) for text in texts)
        whole = all(s.version is not None for s in round_.samples)
        return Live(round=round_, versions=versions, whole_at=round_.at if whole else old.whole_at if old else None)

    def _version(self, text: str, at: datetime, old: Live | None, service: Service, baseline: Baseline) -> Version:
        verified = is_version(text, baseline.sha, service.production.version)
        origin = Origin(sha=baseline.sha) if verified else self.github.origin(service, text)
        was = next((v for v in old.versions if v.text == text), None) if old else None
        if was is not None:
            return was.model_copy(update={"origin": origin})
        absent = old.whole_at if old and old.whole else None
        return Version(text=text, origin=origin, first_at=at, absent_at=absent)

    def _played(self, service: Service, before: PatrolFacts, baseline: Baseline) -> Played:
        """What answers otherwise is asked once more, and then by what version: a deploy may have come between."""
        played = Played(sha=baseline.sha, plays=(self.play(service),))
        if before.verified is None or not differing(played, before.verified, service):
            return played
        again = Played(sha=baseline.sha, plays=(*played.plays, self.play(service)))
        last = self.read_round(service.production, self.now())
        if not all(is_version(s.version, baseline.sha, service.production.version) for s in last.samples):
            raise CannotLook("production changed while its probes were played")
        return again

    # --- inside

    def _decide(self, unit: Unit, service: Service, before: PatrolFacts, looked: Looked) -> None:
        policy, now, subject = self.policy(), self.now(), f"patrol:{service.name}"
        unit.saw(subject, "live", looked.live)
        unit.saw(subject, "played", looked.played)
        unit.saw(subject, "lately", looked.lately)
        unit.saw(subject, "above", looked.above)
        if before.began is None and before.baseline is not None:
            unit.saw(subject, "began", Seen[datetime](value=before.baseline.at, at=now))
        facts = patrol_facts(unit, service, policy, now)
        seen_now = sightings(facts, policy, service)
        for sighting in seen_now:
            known = unit.violation_of(sighting.key)
            id = known.id if known else unit.next_id(Violation)
            decision = violations.found(sighting, known, id, facts, policy)
            commit(unit, decision, None, subject, now)
            facts = facts.model_copy(update={"violations": _with(facts.violations, decision)})
        for missed in facts.violations:
            if missed.key not in {s.key for s in seen_now}:
                commit(unit, violations.gone(missed, facts, policy), None, subject, now)
        self._remember(unit, service, facts)
        after = patrol_facts(unit, service, policy, now)
        then = standing(before.model_copy(update={"now": now}), policy)
        unit.apply(violations.told(service, then, standing(after, policy), policy), now)
        unit.apply(self._again(service, tuple(r.name for r in unjudged(facts, policy))), now)

    def _again(self, service: Service, first: tuple[str, ...]) -> Decision:
        """The next look; soon when releases have to look first."""
        policy, now = self.policy(), self.now()
        soon = policy.pace.waiting if first else policy.patrol.every
        looks = tuple(Watch(subject=name, due=now) for name in first)
        due = max(now + soon, self.rests() or now)
        return Decision(watch=(Watch(subject=f"patrol:{service.name}", due=due), *looks))

    def _remember(self, unit: Unit, service: Service, facts: PatrolFacts) -> None:
        """How an adopted commit behaves is what it answered at first: nothing else was verified of it."""
        played, verified = facts.played.known, facts.verified
        if played is None or facts.baseline is None or played.sha != facts.baseline.sha:
            return
        if verified is not None and verified.release is not None:
            return
        answers = {a.name: a for a in played.plays[-1] if answered(a)}
        kept = tuple(k for k in verified.known if k.probe in service.probes) if verified else ()
        names = {k.probe.name for k in kept}
        new = (Known(probe=p, answer=answers[p.name]) for p in service.probes if p.name in answers.keys() - names)
        known = Verified(sha=played.sha, known=(*kept, *new))
        if known != verified:
            unit.saw(f"patrol:{service.name}", first_answers(played.sha), Seen[Verified](value=known, at=facts.now))


def _with(known: tuple[Violation, ...], decision: Decision) -> tuple[Violation, ...]:
    """As they stand after a decision."""
    new = {r.id: r for r in decision.records if isinstance(r, Violation)}
    return (*(v for v in known if v.id not in new), *new.values())


def _nothing(_unit: Unit) -> None:
    """A service that sop.yaml no longer has is not looked at again."""
