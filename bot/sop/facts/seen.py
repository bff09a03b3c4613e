"""A look at the world, or why it failed."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import AwareDatetime

from bot.sop.model import Frozen

T = TypeVar("T")


class CannotLook(Exception):
    """A reader could not see the world; the message says why, for people. `until`: nor will it before then."""

    def __init__(self, said: str, until: datetime | None = None) -> None:
        super().__init__(said)
        self.until = until


class NotThere(CannotLook):
    """It was looked for, and there is no such thing."""


class Seen(Frozen, Generic[T]):
    """A look at the world. Never looked: all None. A failed look keeps the last value for show, never for a gate."""

    value: T | None = None
    at: AwareDatetime | None = None  # of the look that gave the value
    error: str | None = None  # why the latest look failed
    until: AwareDatetime | None = None  # with an error: a look before then would fail, too
    absent: bool = False  # with an error: the other side answered that there is no such thing

    @property
    def missing(self) -> bool:
        return self.error is not None and self.absent

    @property
    def known(self) -> T | None:
        """What a gate may rest on: nothing while looking fails (law 1)."""
        return self.value if self.error is None else None
