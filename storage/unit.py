"""One transaction: what is read and written in it. Records in, records out, never rows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Column, Connection, delete, func, select

from bot.sop.decision import Decision, Event
from bot.sop.facts import Attestation
from bot.sop.policy import Policy
from bot.sop.records import (
    Baseline,
    Change,
    ChangeStatus,
    Freeze,
    FreezeStatus,
    Incident,
    IncidentStatus,
    Lock,
    Release,
    Severity,
    Violation,
    ViolationStatus,
)
from bot.sop.stages import OPEN, Status
from storage import audit, codec, effects, queries, watches
from storage.codec import Shape
from storage.decisions import apply
from storage.entries import Backlog, Card, Claimed, ClaimedWatch, Parked, StoredEvent
from storage.errors import Replayed
from storage.queries import Test
from storage.rows import insert, next_number, upsert
from storage.tables import (
    ATTESTATIONS,
    BASELINES,
    CARDS,
    CHANGES,
    COUNTERS,
    FREEZES,
    HOMES,
    INCIDENTS,
    LOCKS,
    ONCE,
    POLICIES,
    RELEASES,
    SEEN,
    VIOLATIONS,
)

R = TypeVar("R", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)
REVISION = "revision"  # counts the decisions that changed a record
REMEMBERED = timedelta(days=7)  # Slack and GitHub repeat what they sent within hours, if ever


class Unit:
    """Handed to the work of `Store.transact` and `Store.read`; useless outside of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.decided = 0  # decisions that changed a record
        self._seen: dict[str, dict[str, Any]] = {}

    def next_id(self, kind: type[Release | Change | Freeze | Incident | Violation]) -> int:
        """1, 2, 3 …: gapless, and never given out twice by transactions that were committed."""
        return next_number(self._connection, kind.__name__.lower())

    def release(self, id: int) -> Release | None:
        return self._one(codec.RELEASE, RELEASES.c.id, id)

    def change(self, id: int) -> Change | None:
        return self._one(codec.CHANGE, CHANGES.c.id, id)

    def freeze(self, id: int) -> Freeze | None:
        return self._one(codec.FREEZE, FREEZES.c.id, id)

    def releases(
        self,
        *,
        open: bool | None = None,
        service: str | None = None,
        change: int | None = None,
        owner: str | None = None,
        lock_services: tuple[str, ...] | None = None,
        limit: int = 20,
    ) -> tuple[Release, ...]:
        """Newest first. `lock_services`: of any of these services, which share a lock."""
        status = None if open is None else [s.value for s in Status if (s in OPEN) == open]
        tests = (
            queries.equals(RELEASES.c.service, service),
            queries.equals(RELEASES.c.change, change),
            queries.equals(RELEASES.c.owner, owner),
            queries.among(RELEASES.c.status, status),
            queries.among(RELEASES.c.service, lock_services),
        )
        return self._newest(codec.RELEASE, RELEASES.c.id, tests, limit)

    def changes(
        self,
        *,
        status: Collection[ChangeStatus] | None = None,
        service: str | None = None,
        requester: str | None = None,
        limit: int = 20,
        before: int | None = None,
        text: str | None = None,
    ) -> tuple[Change, ...]:
        """Newest first. `before`: only ids below. `text`: part of the title, or the id (`12`, `CR-12`)."""
        tests = (
            queries.equals(CHANGES.c.service, service),
            queries.equals(CHANGES.c.requester, requester),
            queries.among(CHANGES.c.status, None if status is None else [s.value for s in status]),
            queries.below(CHANGES.c.id, before),
            queries.mentions(CHANGES.c.title, text),
        )
        return self._newest(codec.CHANGE, CHANGES.c.id, tests, limit)

    def freezes(self, *, status: Collection[FreezeStatus]) -> tuple[Freeze, ...]:
        """Newest first, all of them."""
        tests = (queries.among(FREEZES.c.status, [s.value for s in status]),)
        return self._newest(codec.FREEZE, FREEZES.c.id, tests, queries.ALL)

    def incident(self, id: int) -> Incident | None:
        return self._one(codec.INCIDENT, INCIDENTS.c.id, id)

    def incidents(
        self,
        *,
        status: Collection[IncidentStatus] | None = None,
        service: str | None = None,
        severity: Severity | None = None,
        limit: int = 20,
    ) -> tuple[Incident, ...]:
        """Newest first."""
        tests = (
            queries.equals(INCIDENTS.c.service, service),
            queries.equals(INCIDENTS.c.severity, severity and severity.value),
            queries.among(INCIDENTS.c.status, None if status is None else [s.value for s in status]),
        )
        return self._newest(codec.INCIDENT, INCIDENTS.c.id, tests, limit)

    def violation(self, id: int) -> Violation | None:
        return self._one(codec.VIOLATION, VIOLATIONS.c.id, id)

    def violation_of(self, key: str) -> Violation | None:
        return self._one(codec.VIOLATION, VIOLATIONS.c.key, key)

    def violations(self, service: str | None = None, open: bool | None = None) -> tuple[Violation, ...]:
        """Newest first, all of them."""
        status = None if open is None else [s.value for s in ViolationStatus if (s is ViolationStatus.OPEN) == open]
        tests = (queries.equals(VIOLATIONS.c.service, service), queries.among(VIOLATIONS.c.status, status))
        return self._newest(codec.VIOLATION, VIOLATIONS.c.id, tests, queries.ALL)

    def baselines(self, service: str, limit: int = 20) -> tuple[Baseline, ...]:
        """What production was verified to serve, newest first."""
        return self._newest(codec.BASELINE, BASELINES.c.id, (queries.equals(BASELINES.c.service, service),), limit)

    def lock(self, key: str) -> Lock | None:
        found = self._one(codec.LOCK, LOCKS.c.key, key)
        return self._owned(found) if found else None

    def locks(self) -> tuple[Lock, ...]:
        rows = self._connection.execute(select(LOCKS).order_by(LOCKS.c.key)).mappings()
        return tuple(self._owned(codec.LOCK.load(dict(row))) for row in rows)

    def _owned(self, lock: Lock) -> Lock:
        """Whoever takes a release over has its lock, too."""
        release = self.release(lock.about)
        return lock.model_copy(update={"owner": release.owner if release else ""})

    def baseline(self, service: str) -> Baseline | None:
        """The newest; the earlier ones are kept."""
        return next(iter(self.baselines(service, 1)), None)

    def policy(self, digest: str) -> Policy | None:
        return self._one(codec.POLICY, POLICIES.c.digest, digest)

    def keep_policy(self, policy: Policy) -> None:
        row = codec.POLICY.row(policy) | {"digest": policy.digest}
        new = insert(self._connection, POLICIES).values(**row)
        self._connection.execute(new.on_conflict_do_nothing(index_elements=["digest"]))

    def attestations(self, service: str, change: int, limit: int = 20) -> tuple[Attestation, ...]:
        """Newest first."""
        tests = (queries.equals(ATTESTATIONS.c.service, service), queries.equals(ATTESTATIONS.c.change, change))
        return self._newest(codec.ATTESTATION, ATTESTATIONS.c.id, tests, limit)

    def attestation(self, id: int) -> Attestation | None:
        return self._one(codec.ATTESTATION, ATTESTATIONS.c.id, id)

    def add_attestation(self, attestation: Attestation, payload: bytes, signature: str) -> Attestation:
        """Keeps the signed bytes as they came. Returns it with its id. Raises Replayed."""
        if self._one(codec.ATTESTATION, ATTESTATIONS.c.digest, attestation.digest):
            raise Replayed
        numbered = attestation.model_copy(update={"id": next_number(self._connection, "attestation")})
        row = codec.ATTESTATION.row(numbered) | {"payload": payload, "signature": signature}
        self._connection.execute(ATTESTATIONS.insert().values(**row))
        return numbered

    def seen(self, subject: str, kind: str, of: type[S]) -> S:
        """The fact last seen, as a `Seen[…]`; an empty one when nobody has looked yet."""
        if subject not in self._seen:  # a decision asks for all kinds of one subject: one query for them
            rows = self._connection.execute(queries.where(SEEN.c.subject), {"value": subject})
            self._seen[subject] = {row.kind: row.body for row in rows}
        body = self._seen[subject].get(kind)
        return of() if body is None else of.model_validate(body)

    def saw(self, subject: str, kind: str, seen: BaseModel) -> None:
        self._seen.pop(subject, None)
        upsert(self._connection, SEEN, {"subject": subject, "kind": kind, "body": seen.model_dump(mode="json")})

    def forget(self, subject: str, kind: str) -> None:
        self._seen.pop(subject, None)
        self._connection.execute(delete(SEEN).where(SEEN.c.subject == subject, SEEN.c.kind == kind))

    def card(self, subject: str) -> Card | None:
        row = self._connection.execute(queries.where(CARDS.c.subject), {"value": subject}).first()
        return Card(channel=row.channel, ts=row.ts, rendering=row.rendering) if row else None

    def place_card(self, subject: str, channel: str, ts: str, rendering: str | None = None) -> None:
        """Where the live message of a thing is; `rendering` is a digest of what it shows."""
        row = {"subject": subject, "channel": channel, "ts": ts, "rendering": rendering}
        upsert(self._connection, CARDS, row)

    def card_at(self, channel: str, ts: str) -> str | None:
        """The thing whose live message this is."""
        found = select(CARDS.c.subject).where(CARDS.c.channel == channel, CARDS.c.ts == ts)
        subject: str | None = self._connection.execute(found.limit(1)).scalar()
        return subject

    def opened_home(self, user: str, at: datetime) -> None:
        upsert(self._connection, HOMES, {"user": user, "at": at})

    def homes_open(self, since: datetime) -> tuple[str, ...]:
        """Who opened their Home since then, latest first."""
        found = select(HOMES.c.user).where(HOMES.c.at >= since).order_by(HOMES.c.at.desc())
        return tuple(self._connection.execute(found).scalars())

    def first_time(self, kind: str, key: str, at: datetime) -> bool:
        """False when this key of this kind was met before, in the last seven days."""
        self._connection.execute(delete(ONCE).where(ONCE.c.at < at - REMEMBERED))
        new = insert(self._connection, ONCE).values(kind=kind, key=key, at=at).on_conflict_do_nothing()
        return self._connection.execute(new.returning(ONCE.c.key)).first() is not None

    def met(self, kind: str, key: str) -> bool:
        found = select(ONCE.c.key).where(ONCE.c.kind == kind, ONCE.c.key == key)
        return self._connection.execute(found).first() is not None

    def may_come_again(self, kind: str, key: str) -> None:
        self._connection.execute(delete(ONCE).where(ONCE.c.kind == kind, ONCE.c.key == key))

    def apply(self, decision: Decision, now: datetime) -> None:
        """Stores all that a decision says; of a refusal only its events. Raises LockTaken."""
        apply(self._connection, decision, now)
        if decision.records or decision.freed:
            next_number(self._connection, REVISION)
            self.decided += 1

    def record(self, event: Event, now: datetime) -> None:
        """Appends one event to the audit that no decision made."""
        audit.append(self._connection, (event,), now)

    def events(self, subject: str | None = None, limit: int = 200) -> tuple[StoredEvent, ...]:
        """The last events, oldest first."""
        return audit.newest(self._connection, subject, limit)

    def revision(self) -> int:
        """Grows with every decision that changes a record or a lock."""
        found = self._connection.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == REVISION))
        return found.scalar() or 0

    def verify_chain(self) -> tuple[bool, int | None]:
        """Whether the audit is whole; else the first `seq` that is missing or not what was written."""
        return audit.verify(self._connection)

    def effect_done(self, claimed: Claimed, result: dict[str, Any], now: datetime) -> None:
        """Raises LeaseLost, as do the next two."""
        effects.done(self._connection, claimed, result, now)

    def effect_later(
        self, claimed: Claimed, due: datetime, error: str, *, asked: bool = False, unsure: bool = False
    ) -> None:
        """`asked`: the other side named the time. `unsure`: it may have been done, so look first next time."""
        effects.postpone(self._connection, claimed, due, error, asked=asked, unsure=unsure)

    def effect_parked(self, claimed: Claimed, error: str, *, unsure: bool = False) -> None:
        effects.park(self._connection, claimed, error, unsure=unsure)

    def unpark(self, key: str, now: datetime) -> str:
        """Makes a parked effect due again; returns its subject. Raises NotParked."""
        return effects.unpark(self._connection, key, now)

    def parked(self, limit: int = 20, subject: str | None = None) -> tuple[Parked, ...]:
        """Effects that were given up, newest first; of one subject."""
        return effects.parked(self._connection, limit, subject)

    def sending(self, subject: str, kind: str) -> bool:
        """Whether an effect of this kind is being performed now, or may have been without its answer being heard."""
        return effects.sending(self._connection, subject, kind)

    def put_off(self, subject: str, kind: str) -> str | None:
        """Why the newest effect of this kind was not done yet, while it is tried again by itself."""
        return effects.put_off(self._connection, subject, kind)

    def backlog(self, now: datetime) -> Backlog:
        return effects.backlog(self._connection, now)

    def finish_watch(self, claimed: ClaimedWatch) -> None:
        """The look is over; when to look again is in the decision's `watch`. Raises LeaseLost."""
        watches.finish(self._connection, claimed)

    def count_releases(self) -> dict[Status, int]:
        rows = self._connection.execute(select(RELEASES.c.status, func.count()).group_by(RELEASES.c.status))
        return dict.fromkeys(Status, 0) | {Status(status): number for status, number in rows}

    def _one(self, shape: Shape[R], key: Column[Any], value: Any) -> R | None:
        row = self._connection.execute(queries.where(key), {"value": value}).mappings().first()
        return shape.load(dict(row)) if row is not None else None

    def _newest(self, shape: Shape[R], id: Column[Any], tests: Sequence[Test], limit: int) -> tuple[R, ...]:
        statement, values = queries.newest(id, tests, limit)
        return tuple(shape.load(dict(row)) for row in self._connection.execute(statement, values).mappings())
