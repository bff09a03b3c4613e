"""The looks at an incident: its affected probes on production, its issue at GitHub, and messages for its timeline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel

from bot import ledger
from bot.commit import commit
from bot.reconciler.readers import seen
from bot.sop.affected import Affected, judged
from bot.sop.decision import Decision, Watch
from bot.sop.facts import CannotLook, Issue, ProbeAnswer, Seen, Verified
from bot.sop.incident import add_message
from bot.sop.incident_looks import advance, issue_due, probes_due
from bot.sop.messages import Asked, Said
from bot.sop.patrol.facts import last_verified
from bot.sop.policy import Policy, Probe, Service
from bot.verified_ledger import verified_answers
from storage.store import Store
from storage.unit import Unit

AGAIN = timedelta(seconds=15)  # until a message that could not be read is read again
GIVEN_UP = timedelta(hours=1)  # then what the shortcut showed has to do


class Issues(Protocol):
    def issue(self, service: Service, number: int) -> Issue | None:
        """None: the repository has no issue of that number (a pull request is none). Raises CannotLook."""
        ...


class Messages(Protocol):
    def read(self, channel: str, ts: str, names: Mapping[str, str]) -> Said | None:
        """None: it is not there, or not to be seen by the bot. Raises CannotLook."""
        ...


@dataclass(frozen=True)
class Incidents:
    """For subjects `INC-3` and `message:CHANNEL/TS`."""

    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    github: Issues
    play: Callable[[Service], tuple[ProbeAnswer, ...]]  # its probes, in production
    messages: Messages

    def look(self, id: int) -> Callable[[Unit], None]:
        """Looks outside; what it returns stores and decides, within the transaction that ends the look."""
        looked = self._looked(id)

        def decide(unit: Unit) -> None:
            found = unit.incident(id)
            if found is None:
                return
            before = unit.seen(found.name, "played", Seen[Affected]).value
            for kind, value in looked.items():
                unit.saw(found.name, kind, value)
            facts = ledger.incident_facts(unit, found, found.service, self.now())
            decision = advance(found, facts.model_copy(update={"played_before": before}), self.policy())
            commit(unit, decision, None, found.name, self.now())

        return decide

    def _looked(self, id: int) -> dict[str, BaseModel]:
        found = self.store.read(lambda unit: unit.incident(id))
        service = self.policy().service(found.service) if found else None
        if found is None or service is None:
            return {}
        now = self.now()
        facts = self.store.read(lambda unit: ledger.incident_facts(unit, found, found.service, now))
        looked: dict[str, BaseModel] = {}
        if found.issue is not None and issue_due(found, facts):
            number = found.issue
            looked["issue"] = seen(facts.issue, now, lambda: self.github.issue(service, number))
        probes = probes_due(found, facts, self.policy())
        if probes:
            looked["played"] = seen(facts.played, now, lambda: self._played(service, probes))
        return looked

    def _played(self, service: Service, probes: tuple[Probe, ...]) -> Affected:
        verified = self.store.read(lambda unit: _verified(unit, service, self.policy()))
        return judged(probes, self.play(service.model_copy(update={"probes": probes})), verified)

    # --- messages

    def read(self, name: str) -> Callable[[Unit], None]:
        """`name`: CHANNEL/TS."""
        subject, (channel, _, ts) = f"message:{name}", name.partition("/")
        asked = self.store.read(lambda unit: unit.seen(subject, "asked", Seen[Asked]).value)
        if asked is None:
            return lambda _unit: None
        names = self.store.read(ledger.directory).names
        try:
            said = self.messages.read(channel, ts, names) or asked.said
        except CannotLook:
            if self.now() - asked.at < GIVEN_UP:
                again = Decision(watch=(Watch(subject=subject, due=self.now() + AGAIN),))
                return lambda unit: unit.apply(again, self.now())
            said = asked.said
        return lambda unit: self._put(unit, subject, asked, said)

    def _put(self, unit: Unit, subject: str, asked: Asked, said: Said | None) -> None:
        """A 📌 elsewhere than in the place of an incident is nobody's business."""
        unit.forget(subject, "asked")
        if said is None or said.ours:
            return
        id = asked.incident or ledger.incident_of(unit, said.channel, (said.thread,))
        found = unit.incident(id) if id else None
        if found is None:
            return
        facts = ledger.incident_facts(unit, found, found.service, self.now())
        decision = add_message(found, asked.by, said, facts, self.policy())
        commit(unit, decision, asked.by, found.name, self.now())


def _verified(unit: Unit, service: Service, policy: Policy) -> Verified | None:
    """What production answered when it was verified last."""
    open_ = unit.releases(open=True, lock_services=policy.together(service), limit=100)
    baseline = last_verified(unit.baseline(service.name), open_)
    return verified_answers(unit, service, policy, baseline) if baseline else None
