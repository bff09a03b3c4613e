"""One method an intent of a person: load, decide, commit. What people read comes from `reading`."""

from dataclasses import dataclass

from bot.desk.counter import Outcome as Outcome
from bot.desk.counter import SentAlready as SentAlready
from bot.desk.desk import ReleaseDesk
from bot.desk.freezes import FreezeDesk
from bot.desk.incidents import IncidentDesk


@dataclass(frozen=True)
class Desk(ReleaseDesk, FreezeDesk, IncidentDesk):
    """All of them."""
