"""A patrol of the service `shop` over a database of its own, with a clock that tests move on."""

import shutil
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from github import Auth
from sqlalchemy import select

from bot.github.client import connect
from bot.github.patrol import PatrolReader
from bot.patrol_ledger import patrol_facts
from bot.reconciler.patrol import Patrol
from bot.sop.decision import Decision, Record
from bot.sop.facts import ProbeAnswer, Round
from bot.sop.patrol.act import acts
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.patrol.standing import Standing, standing
from bot.sop.policy import Policy, Production, Service
from bot.sop.records import Baseline, Violation, ViolationStatus
from bot.sop.violation import explain
from storage.store import Store
from storage.tables import OUTBOX, WATCHES
from tests.sop import good as g
from tests.sop import patrolled as p
from tests.storage.databases import migrated_file


class Beat(ABC):
    """`sha` was adopted just now; what happened before that is nobody's violation."""

    def __init__(self, folder: Path, service: Service, sha: str, github_url: str) -> None:
        shutil.copy(migrated_file(), folder / "slipway.db")
        self.store = Store.open(f"sqlite:///{folder}/slipway.db")
        self.service = service
        self.policy: Policy = p.policy(services=(service,))
        self.later = timedelta()
        self.sha = sha
        self.adopt(sha)
        reader = PatrolReader(connect(Auth.Token("ghs_bot"), github_url))
        self.patrol = Patrol(self.store, lambda: self.policy, self.now, reader, self.read_round, self.play)

    @abstractmethod
    def read_round(self, production: Production, now: datetime) -> Round: ...

    @abstractmethod
    def play(self, service: Service) -> tuple[ProbeAnswer, ...]: ...

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def adopt(self, sha: str, release: int | None = None) -> None:
        self.keep(Baseline(service="shop", sha=sha, at=self.now(), by=g.CAROL, release=release))

    def keep(self, *records: Record) -> None:
        self.decided(Decision(records=records))

    def decided(self, decision: Decision) -> None:
        self.store.transact(lambda unit: unit.apply(decision, self.now()))

    def look(self) -> list[tuple[str, str]]:
        """One patrol; (rule, code) of what is open after it, oldest first."""
        self.store.transact(self.patrol.look("shop"))
        return [(v.rule, v.code) for v in self.violations if v.status is ViolationStatus.OPEN]

    @property
    def violations(self) -> list[Violation]:
        return list(reversed(self.store.read(lambda unit: unit.violations())))

    @property
    def facts(self) -> PatrolFacts:
        return self.store.read(lambda unit: patrol_facts(unit, self.service, self.policy, self.now()))

    def stands(self) -> Standing:
        return standing(self.facts, self.policy)

    def explain_all(self) -> None:
        for act in acts(self.violations):
            decision = explain(act, g.CAROL, "we know", self.facts, self.policy)
            assert decision.refusal is None
            self.decided(decision)

    @property
    def happened(self) -> list[str]:
        """Kinds of the audit's events, oldest first."""
        return [e.kind for e in self.store.read(lambda unit: unit.events())]

    @property
    def outgoing(self) -> list[tuple[str, dict[str, Any]]]:
        """(kind, body) of every effect, oldest first."""
        with self.store.reader.connect() as connection:
            return [(row.kind, row.body) for row in connection.execute(select(OUTBOX).order_by(OUTBOX.c.id))]

    @property
    def due(self) -> dict[str, datetime]:
        with self.store.reader.connect() as connection:
            return {row.subject: row.due for row in connection.execute(select(WATCHES))}
