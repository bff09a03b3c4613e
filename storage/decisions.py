"""Stores a decision: records, locks, audit, effects and watches, in the transaction it was made in."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.sop.decision import Decision, Freed, Record
from bot.sop.records import Baseline, Change, Freeze, Incident, Lock, Release, Violation
from storage import audit, codec, effects, watches
from storage.errors import LockTaken
from storage.rows import upsert
from storage.tables import BASELINES, CHANGES, FREEZES, INCIDENTS, LOCKS, RELEASES, VIOLATIONS


def apply(connection: Connection, decision: Decision, now: datetime) -> None:
    """Raises LockTaken, when a lock is wanted that a release which the decision is not about holds."""
    if decision.refusal is not None:
        audit.append(connection, decision.events, now)
        return
    mine = _holders(decision)
    for freed in decision.freed:
        _free(connection, freed, mine)
    for record in decision.records:
        _store(connection, record, mine)
    audit.append(connection, decision.events, now)
    for effect in decision.effects:
        effects.add(connection, effect, now)
    for watch in decision.watch:
        watches.add(connection, watch)


def _holders(decision: Decision) -> frozenset[int]:
    """The releases whose locks a decision may touch: its own, and those whose commits these have taken over."""
    releases = [record for record in decision.records if isinstance(record, Release)]
    taken_over = [release.taken_over.release for release in releases if release.taken_over]
    return frozenset([*(release.id for release in releases), *taken_over])


def _free(connection: Connection, freed: Freed, mine: frozenset[int]) -> None:
    """Someone else's lock stays."""
    held = _held(connection, freed.key)
    if held is not None and not mine.isdisjoint({held.release, held.about}):
        connection.execute(delete(LOCKS).where(LOCKS.c.key == freed.key))


def _store(connection: Connection, record: Record, mine: frozenset[int]) -> None:
    match record:
        case Release():
            upsert(connection, RELEASES, codec.RELEASE.row(record))
        case Change():
            upsert(connection, CHANGES, codec.CHANGE.row(record))
        case Freeze():
            upsert(connection, FREEZES, codec.FREEZE.row(record))
        case Incident():
            upsert(connection, INCIDENTS, codec.INCIDENT.row(record))
        case Violation():
            upsert(connection, VIOLATIONS, codec.VIOLATION.row(record))
        case Baseline():
            connection.execute(BASELINES.insert().values(**codec.BASELINE.row(record)))
        case Lock():
            _take(connection, record, mine)


def _take(connection: Connection, lock: Lock, mine: frozenset[int]) -> None:
    held = _held(connection, lock.key)
    if held is not None and (mine | {lock.release}).isdisjoint({held.release, held.about}):
        raise LockTaken(held)
    upsert(connection, LOCKS, codec.LOCK.row(lock))


def _held(connection: Connection, key: str) -> Lock | None:
    row = connection.execute(select(LOCKS).where(LOCKS.c.key == key)).mappings().first()
    return codec.LOCK.load(dict(row)) if row is not None else None
