"""The audit: append-only, each event chained to the one before it by its hash."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.sop.decision import Event
from bot.sop.model import canonical
from storage.entries import StoredEvent
from storage.tables import EVENTS

FIRST = "0" * 64  # what the first event is chained to
BATCH = 1000


def append(connection: Connection, events: Iterable[Event], now: datetime) -> None:
    last = connection.execute(select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, FIRST)
    rows = []
    for event in events:
        seq += 1
        row: dict[str, Any] = {"seq": seq, "at": now, **event.model_dump(mode="json")}
        previous = row["hash"] = chained(previous, row)
        rows.append(row)
    if rows:
        connection.execute(EVENTS.insert(), rows)


def chained(previous: str, event: dict[str, Any]) -> str:
    """The hash of an event: SHA-256 (hex) over the hash before it and its canonical JSON."""
    said = {name: event[name] for name in ("seq", "kind", "subject", "actor", "values")}
    said["at"] = event["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256((previous + canonical(said)).encode()).hexdigest()


def newest(connection: Connection, subject: str | None, limit: int) -> tuple[StoredEvent, ...]:
    """The last events, oldest first."""
    wanted = select(EVENTS).order_by(EVENTS.c.seq.desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(EVENTS.c.subject == subject)
    rows = connection.execute(wanted).mappings().all()
    return tuple(StoredEvent.model_validate(dict(row)) for row in reversed(rows))


def verify(connection: Connection) -> tuple[bool, int | None]:
    """Whether every event is what was written, and none is missing in between; else the first bad `seq`."""
    previous, seq = FIRST, 0
    while True:
        wanted = select(EVENTS).where(EVENTS.c.seq > seq).order_by(EVENTS.c.seq).limit(BATCH)
        rows = connection.execute(wanted).mappings().all()
        for row in rows:
            seq += 1
            if row["seq"] != seq or row["hash"] != chained(previous, dict(row)):
                return False, seq
            previous = row["hash"]
        if not rows:
            return True, None
