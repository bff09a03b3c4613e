"""Violations (S2)."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.records.release import Word


class ViolationStatus(StrEnum):
    OPEN = "OPEN"
    EXPLAINED = "EXPLAINED"


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
    count: int = 1  # how often it began
    present: bool = True  # whether the last look still saw it
    first_at: AwareDatetime
    last_at: AwareDatetime
    explained: Word | None = None

    @property
    def name(self) -> str:
        return f"V-{self.id}"
