"""Violations (S2)."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.records.release import Word


class ViolationStatus(StrEnum):
    OPEN = "OPEN"
    EXPLAINED = "EXPLAINED"


class Occurrence(Frozen):
    """What was seen of a violation before it came back or changed, as it stood then."""

    first_at: AwareDatetime
    last_at: AwareDatetime
    values: dict[str, Any] = {}
    who: str | None = None
    explained: Word | None = None


class Violation(Frozen):
    """S2: something that went around the SOP. `key` is the same for the same thing seen again."""

    id: int
    service: str
    key: str
    rule: str  # X1, X2, X3, X4, F1, S2
    code: str  # of codes: what was seen
    values: dict[str, Any] = {}
    who: str | None = None  # GitHub login, where known
    status: ViolationStatus
    part_of: int | None = None  # the violation on whose card it stands: one act broke more rules than one
    count: int = 1  # how often it began
    present: bool = True  # whether the last look that could show it did
    unseen_at: AwareDatetime | None = None  # present, and since then no look could have shown it
    first_at: AwareDatetime
    began_at: AwareDatetime | None = None  # since when it is as it is now; None: since `first_at`
    last_at: AwareDatetime
    explained: Word | None = None
    history: tuple[Occurrence, ...] = ()  # what was seen before that, oldest first; the audit has all of it

    @property
    def name(self) -> str:
        return f"V-{self.id}"

    @property
    def card(self) -> str:
        """The violation that has the card."""
        return f"V-{self.part_of or self.id}"
