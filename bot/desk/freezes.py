"""The intents of people about freezes (X4) and adopted baselines, each one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import ledger
from bot.desk import reading
from bot.desk.counter import Counter, Outcome, Refused, announced, unknown
from bot.sop import baseline, freeze
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import Notice
from bot.sop.freeze import Window
from bot.sop.outlook import FreezeView
from bot.sop.policy import Policy
from bot.sop.records import Baseline, Freeze
from storage.unit import Unit


@dataclass(frozen=True)
class FreezeDesk(Counter):
    """Freezes and baselines."""

    def start_freeze(
        self, by: str, services: tuple[str, ...], reason: str, starts_at: datetime | None, until: datetime | None
    ) -> Outcome:
        window = Window(services=services, reason=reason, starts_at=starts_at, until=until)

        def work(unit: Unit) -> Outcome:
            id = unit.next_id(Freeze)
            decision = freeze.start(id, by, window, ledger.freeze_facts(unit, self.now()), self.policy())
            if decision.refusal:
                raise Refused(decision)
            (made,) = (r for r in decision.records if isinstance(r, Freeze))
            return self._commit(unit, decision, by, f"FRZ-{id}", freeze.notice(made, by, freeze.says(made)))

        return self._transact(work, by)

    def change_freeze(
        self,
        by: str,
        id: int,
        revision: int,
        services: tuple[str, ...],
        reason: str,
        starts_at: datetime | None,
        until: datetime | None,
    ) -> Outcome:
        window = Window(services=services, reason=reason, starts_at=starts_at, until=until)
        return self._on_freeze(by, id, lambda z, f, p: freeze.change(z, by, revision, window, f, p))

    def end_freeze(self, by: str, id: int) -> Outcome:
        return self._on_freeze(by, id, lambda z, f, p: freeze.end(z, by, f, p))

    def cancel_freeze(self, by: str, id: int) -> Outcome:
        return self._on_freeze(by, id, lambda z, f, p: freeze.cancel(z, by, f, p))

    def adopt(self, by: str, service: str, sha: str) -> Outcome:
        def work(unit: Unit) -> Outcome:
            facts = ledger.baseline_facts(unit, service, self.now())
            decision = baseline.adopt(by, service, sha, facts, self.policy())
            notice = Notice(code=Code.BASELINE_ADOPTED, values={"service": service, "sha": sha, "by": by})
            return self._commit(unit, decision, by, f"service:{service}", notice)

        return self._transact(work, by)

    def adopted(self, service: str) -> Baseline | None:
        """What a person adopted, last."""
        found = self.store.read(lambda unit: unit.baselines(service))
        return next((b for b in found if b.release is None), None)

    def freeze_view(self, id: int) -> FreezeView | None:
        return self.store.read(lambda unit: reading.freeze(unit, id, self.now()))

    def freezes(self) -> tuple[FreezeView, ...]:
        return self.store.read(lambda unit: reading.freezes(unit, self.now()))

    def _on_freeze(self, by: str, id: int, decide: Callable[[Freeze, freeze.FreezeFacts, Policy], Decision]) -> Outcome:
        def work(unit: Unit) -> Outcome:
            found = unit.freeze(id)
            if found is None:
                return unknown(f"FRZ-{id}")
            decision = decide(found, ledger.freeze_facts(unit, self.now()), self.policy())
            return self._commit(unit, decision, by, found.name, announced(decision))

        return self._transact(work, by)
