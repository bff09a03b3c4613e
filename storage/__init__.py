"""What Slipway remembers. `Store` is the way in."""

from storage.entries import Backlog, Card, Claimed, ClaimedWatch, Parked, StoredEvent
from storage.errors import DatabaseNewer, LeaseLost, LockTaken, NotParked, Replayed, StorageError, UnsuitableDatabase
from storage.store import Store
from storage.unit import Unit

__all__ = [
    "Backlog",
    "Card",
    "Claimed",
    "ClaimedWatch",
    "DatabaseNewer",
    "LeaseLost",
    "LockTaken",
    "NotParked",
    "Parked",
    "Replayed",
    "StorageError",
    "Store",
    "StoredEvent",
    "Unit",
    "UnsuitableDatabase",
]
