"""What storage keeps beside the records of the SOP: the audit as stored, work that is due, where cards are."""

from datetime import datetime
from typing import Any

from bot.sop.effects import Effect
from bot.sop.model import Frozen


class Card(Frozen):
    """Where the live message of a thing is. `rendering` is a digest of what it showed last."""

    channel: str
    ts: str
    rendering: str | None = None


class StoredEvent(Frozen):
    """An audit event as stored. `hash`: hex SHA-256 over the previous event's hash and this event."""

    seq: int
    at: datetime
    kind: str
    subject: str
    actor: str | None
    values: dict[str, Any]
    hash: str


class Claimed(Frozen):
    """An outbox row that `owner` may perform until its lease ends. Owner and attempt are its fence."""

    id: int
    key: str
    subject: str
    effect: Effect
    owner: str
    attempt: int  # how often the row was claimed, ever
    tries: int  # failures since it was last due anew
    look: bool  # it may have been done already: look before performing
    created_at: datetime
    card: Card | None  # of its subject


class ClaimedWatch(Frozen):
    """A subject that `owner` may look at until its lease ends."""

    subject: str
    owner: str
    attempt: int


class Parked(Frozen):
    """An effect that was given up, and waits for a person."""

    key: str
    subject: str
    kind: str
    error: str


class Backlog(Frozen):
    """How the outbox stands. `oldest_seconds`: how long the longest overdue effect has been due."""

    due: int
    parked: int
    oldest_seconds: float
