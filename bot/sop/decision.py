"""What a decision says: new state, a refusal, audit events, effects, and when to look again."""

from typing import Any

from pydantic import AwareDatetime

from bot.sop.effects import Effect
from bot.sop.finding import Answer as Answer
from bot.sop.finding import Evidence as Evidence
from bot.sop.finding import Finding as Finding
from bot.sop.model import Frozen
from bot.sop.records import Baseline, Change, Freeze, Incident, Lock, Release, Violation


class Refusal(Frozen):
    """Why an intent was not carried out, and what is possible instead: a code with values for `words`."""

    code: str
    values: dict[str, Any] = {}
    field: str | None = None  # the input of a modal that it is about


class Event(Frozen):
    """One audit event (law 11). `actor` None: the clock or the world."""

    kind: str
    subject: str
    actor: str | None
    values: dict[str, Any] = {}


class Freed(Frozen):
    """A lock that is given back."""

    key: str


class Watch(Frozen):
    """Look at this subject again, not before `due`."""

    subject: str
    due: AwareDatetime


Record = Release | Change | Freeze | Lock | Baseline | Incident | Violation


class Decision(Frozen):
    """Everything that one transaction stores. With a refusal nothing is stored but its events."""

    records: tuple[Record, ...] = ()
    freed: tuple[Freed, ...] = ()
    refusal: Refusal | None = None
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    watch: tuple[Watch, ...] = ()

    def __add__(self, other: "Decision") -> "Decision":
        return Decision(
            records=self.records + other.records,
            freed=self.freed + other.freed,
            refusal=self.refusal or other.refusal,
            events=self.events + other.events,
            effects=self.effects + other.effects,
            watch=self.watch + other.watch,
        )
