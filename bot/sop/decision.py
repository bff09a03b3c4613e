"""What a decision says: new state, a refusal, audit events, effects, and when to look again."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.sop.effects import Effect
from bot.sop.model import Frozen
from bot.sop.records import Baseline, Change, Freeze, Lock, Release


class Answer(StrEnum):
    """A gate's answer (law 1): only PASS opens, unknown is WAIT."""

    PASS = "PASS"  # noqa: S105
    WAIT = "WAIT"
    FAIL = "FAIL"


class Evidence(StrEnum):
    """Whose knowledge an answer rests on (law 8)."""

    MACHINE = "machine"  # the bot looked for itself
    SIGNED = "signed"  # a signed preflight: its signer's word
    WORD = "word"  # a person's word, by name


class Finding(Frozen):
    """A gate's answer: a reason code with values. `words` says it; the card shows exactly that (law 2)."""

    gate: str
    rule: str  # its number in the SOP: P1, 3, X4
    answer: Answer
    code: str
    values: dict[str, Any] = {}
    evidence: Evidence = Evidence.MACHINE
    late: bool = False  # WAIT that has lasted too long: HELD, and heals by itself
    whom: tuple[str, ...] = ()  # who can mend it: Slack ids, or role names


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
    due: datetime


Record = Release | Change | Freeze | Lock | Baseline


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
