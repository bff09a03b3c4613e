"""A click on a button, as its handler gets it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Press:
    """One click: who, and the value of the button."""

    user: str
    value: dict[str, Any]

    @property
    def id(self) -> int:
        found = self.value.get("id")
        return found if isinstance(found, int) else 0

    def text(self, name: str) -> str:
        found = self.value.get(name)
        return found if isinstance(found, str) else ""
