"""What a sighting is."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.model import Frozen


class Sighting(Frozen):
    """One thing that went around the SOP, as it was seen at one look."""

    key: str  # the same for the same thing seen again
    service: str
    rule: str
    code: Code
    values: dict[str, Any]
    who: str | None = None  # GitHub login
    once: bool = False  # it happened once and cannot come back: a push, a run; else it lasts, and may come back
