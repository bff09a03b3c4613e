"""What the outbox asks just before it acts: whether that is still what was asked for last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import ledger
from bot.sop.acts import awaited
from bot.sop.effects import RerunRun, WriteLog
from bot.sop.policy import Policy
from bot.sop.records import IncidentStatus
from bot.sop.resolution import note_awaited
from bot.sop.stages import Procedure, Status
from storage.store import Store
from storage.unit import Unit

RECENT = 200  # releases and incidents that are looked through for entries


@dataclass(frozen=True)
class Before:
    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]

    def rerun(self, effect: RerunRun) -> bool:
        """F1: the attempt that its release asked for last."""
        found = self.store.read(lambda unit: unit.release(effect.release))
        last = found.reruns[-1] if found and not found.closed and found.reruns else None
        return last is not None and (last.run, last.attempt) == (effect.run, effect.attempt)

    def log(self, effect: WriteLog) -> bool:
        """H5, R4: the entry as it was said last, and still waited for."""
        return effect.key in self.store.read(lambda unit: self._entries(unit, effect.subject))

    def written_before(self, effect: WriteLog) -> bool:
        """Whether the decision log of this repository has had entries."""

        def known(unit: Unit) -> bool:
            services = [s.name for s in self.policy().services if s.repository == effect.repository]
            ended = (r for s in services for r in unit.releases(open=False, service=s, limit=RECENT))
            noted = any(r.procedure is not Procedure.STANDARD and r.status is Status.COMPLETE for r in ended)
            incidents = unit.incidents(status=(IncidentStatus.CLOSED,), limit=RECENT)
            return noted or any(i.logged for i in incidents if i.service in services)

        return self.store.read(known)

    def _entries(self, unit: Unit, subject: str) -> frozenset[str]:
        number = int(subject.partition("-")[2])
        if subject.startswith("INC-"):
            incident = unit.incident(number)
            wanted = note_awaited(incident) if incident else None
            return frozenset({wanted} if wanted else ())
        found = unit.release(number)
        if found is None:
            return frozenset()
        policy = ledger.policy_of(unit, found, self.policy())
        return awaited(found, ledger.release_facts(unit, found, policy, self.now()), policy)
