"""What the outbox asks just before it acts: whether that is still what was asked for last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import ledger
from bot.sop.acts import awaited
from bot.sop.effects import RerunRun, WriteLog
from bot.sop.policy import Policy
from bot.sop.resolution import note_awaited
from storage.store import Store
from storage.unit import Unit


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
