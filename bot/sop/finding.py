"""What a gate answers, and on whose knowledge."""

from enum import StrEnum
from typing import Any

from bot.sop.model import Frozen


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
    service: str | None = None  # whose production was looked at, where several services go out together
