"""What a gate function answers; the table adds the gate's name and its rule."""

from typing import Any, TypeVar

from bot.sop.codes import Code
from bot.sop.decision import Answer, Evidence
from bot.sop.facts import Seen
from bot.sop.model import Frozen

T = TypeVar("T")


class Verdict(Frozen):
    answer: Answer
    code: Code
    values: dict[str, Any] = {}
    evidence: Evidence = Evidence.MACHINE
    late: bool = False
    whom: tuple[str, ...] = ()


def passes(code: Code, evidence: Evidence = Evidence.MACHINE, **values: Any) -> Verdict:
    return Verdict(answer=Answer.PASS, code=code, values=values, evidence=evidence)


def waits(code: Code, *whom: str, late: bool = False, evidence: Evidence = Evidence.MACHINE, **values: Any) -> Verdict:
    return Verdict(answer=Answer.WAIT, code=code, values=values, whom=whom, late=late, evidence=evidence)


def fails(code: Code, *whom: str, evidence: Evidence = Evidence.MACHINE, **values: Any) -> Verdict:
    return Verdict(answer=Answer.FAIL, code=code, values=values, whom=whom, evidence=evidence)


def unseen(what: str, seen: Seen[T]) -> Verdict:
    """WAIT for what was not looked at yet, or could not be (law 1)."""
    if seen.error is not None:
        if seen.until is not None:
            return waits(Code.LIMITED, error=seen.error, until=seen.until.isoformat())
        return waits(Code.LOOK_FAILED, what=what, error=seen.error)
    return waits(Code.NOT_LOOKED, what=what)
