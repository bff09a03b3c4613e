"""One method an intent of a person: load, decide, commit. What people read comes from `reading`."""

from dataclasses import dataclass

from bot.desk.counter import Outcome as Outcome
from bot.desk.desk import ReleaseDesk
from bot.desk.incidents import IncidentDesk


@dataclass(frozen=True)
class Desk(ReleaseDesk, IncidentDesk):
    """All of them."""
