"""A store in memory: what the patrol reads and writes, and nothing else."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from bot.sop.decision import Decision, Event
from bot.sop.effects import Effect
from bot.sop.facts import Attestation
from bot.sop.policy import Policy
from bot.sop.records import Baseline, Freeze, FreezeStatus, Release, Violation, ViolationStatus
from storage.store import Store
from storage.unit import Unit

S = TypeVar("S", bound=BaseModel)
T = TypeVar("T")


class Memory:
    """Both the store and the one transaction it ever has. What is stored goes through JSON, as in a database."""

    def __init__(self) -> None:
        self.baselines: dict[str, Baseline] = {}
        self.kept_releases: list[Release] = []
        self.kept_attestations: dict[int, Attestation] = {}
        self.kept_freezes: list[Freeze] = []
        self.kept_violations: dict[int, Violation] = {}
        self.facts: dict[tuple[str, str], str] = {}
        self.events: list[Event] = []
        self.effects: dict[str, Effect] = {}
        self.watches: dict[str, datetime] = {}

    @property
    def store(self) -> Store:
        return cast(Store, self)

    @property
    def unit(self) -> Unit:
        return cast(Unit, self)

    def read(self, work: Callable[[Unit], T]) -> T:
        return work(self.unit)

    def baseline(self, service: str) -> Baseline | None:
        return self.baselines.get(service)

    def releases(self, *, open: bool, lock_services: tuple[str, ...], limit: int) -> tuple[Release, ...]:
        found = (r for r in self.kept_releases if r.closed != open and r.service in lock_services)
        return tuple(sorted(found, key=lambda r: -r.id)[:limit])

    def release(self, id: int) -> Release | None:
        return next((r for r in self.kept_releases if r.id == id), None)

    def attestation(self, id: int) -> Attestation | None:
        return self.kept_attestations.get(id)

    def policy(self, _digest: str) -> Policy | None:
        return None

    def freezes(self, *, status: Collection[FreezeStatus]) -> tuple[Freeze, ...]:
        return tuple(f for f in self.kept_freezes if f.status in status)

    def violations(self, *, service: str, open: bool | None) -> tuple[Violation, ...]:
        mine = (v for v in self.kept_violations.values() if v.service == service)
        return tuple(v for v in mine if open is None or (v.status is ViolationStatus.OPEN) == open)

    def violation_of(self, key: str) -> Violation | None:
        return next((v for v in self.kept_violations.values() if v.key == key), None)

    def next_id(self, _kind: type[Any]) -> int:
        return len(self.kept_violations) + 1

    def seen(self, subject: str, kind: str, of: type[S]) -> S:
        body = self.facts.get((subject, kind))
        return of() if body is None else of.model_validate_json(body)

    def saw(self, subject: str, kind: str, seen: BaseModel) -> None:
        self.facts[(subject, kind)] = seen.model_dump_json()

    def homes_open(self, _since: datetime) -> tuple[str, ...]:
        return ()

    def apply(self, decision: Decision, _now: datetime) -> None:
        for record in decision.records:
            assert isinstance(record, Violation)
            assert all(v.key != record.key for v in self.kept_violations.values() if v.id != record.id)
            self.kept_violations[record.id] = Violation.model_validate_json(record.model_dump_json())
        self.events += decision.events
        self.effects = {**{e.key: e for e in decision.effects}, **self.effects}
        self.watches |= {w.subject: w.due for w in decision.watch}

    @property
    def open(self) -> list[tuple[str, str]]:
        """(rule, code) of the open violations, oldest first."""
        found = (v for v in self.kept_violations.values() if v.status is ViolationStatus.OPEN)
        return [(v.rule, v.code) for v in sorted(found, key=lambda v: v.id)]
