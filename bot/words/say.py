"""The way in: a code with its values becomes words. Never raises for what is stored, however old or new."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.sop.decision import Finding
from bot.words import failures, gates, incidents, notices, patrol, refusals
from bot.words.fill import Said, fill
from bot.words.gate import Gate
from bot.words.pen import Pen, Style

GATES: dict[str, Gate] = {**gates.GATES, **failures.GATES, **incidents.GATES, **patrol.GATES}
REFUSALS: dict[str, str] = {**refusals.REFUSALS, **failures.REFUSALS, **incidents.REFUSALS}
NOTICES: dict[str, str] = {**notices.NOTICES, **failures.NOTICES, **incidents.NOTICES, **patrol.NOTICES}
WANTED = "Wanted: "
TICKED = re.compile(r"`([^`\n]*)`")


@dataclass(frozen=True)
class Parts:
    """A gate's answer in three parts. Only `seen` is there when it passed."""

    seen: str
    wanted: str = ""
    mend: str = ""

    def __str__(self) -> str:
        said = self.seen
        for more in (f"{WANTED}{self.wanted}." if self.wanted else "", self.mend):
            said += ("\n" if "\n" in said else " ") + more if more else ""
        return said


def parts(code: str, values: Mapping[str, Any], pen: Pen | None = None) -> Parts:
    """Any code in parts; one that is no gate's is all `seen`."""
    pen = pen or Pen()
    gate = GATES.get(code)
    if gate is None:
        return Parts(_sentence(code, values, pen))
    seen, wanted, mend = (fill(t, values, pen) for t in (gate.seen, gate.wanted, gate.mend))
    return Parts(seen[:1].upper() + seen[1:], wanted, mend[:1].upper() + mend[1:])


def say(
    code: str,
    values: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
    style: Style = Style.SLACK,
    pen: Pen | None = None,
) -> str:
    """A code as one text. `names` (Slack id -> name) or a whole `pen` say how people are written."""
    pen = pen or Pen(style=style, names=names or {})
    said = str(parts(code, values, pen))
    return TICKED.sub(r"“\1”", said) if pen.style is Style.FORM else said


def brief(code: str, values: Mapping[str, Any], pen: Pen | None = None) -> str:
    """A gate's answer in a few words for the line of its stage; empty where it is not worth the space."""
    gate = GATES.get(code)
    return fill(gate.brief, values, pen or Pen()) if gate else code.replace("_", " ")


def awaited(code: str, values: Mapping[str, Any], pen: Pen | None = None) -> str:
    """The same as what is waited for: the words after "waits for"."""
    gate = GATES.get(code)
    return fill(gate.awaited or gate.brief, values, pen or Pen()) if gate else code.replace("_", " ")


def say_finding(finding: Finding, pen: Pen | None = None) -> Parts:
    return _of_service(finding.service, parts(finding.code, finding.values, pen), pen or Pen())


def _of_service(service: str | None, said: Parts, pen: Pen) -> Parts:
    """Where several go out together it is said of which one."""
    return replace(said, seen=f"{pen.code(service)}: {said.seen}") if service else said


def _sentence(code: str, values: Mapping[str, Any], pen: Pen) -> str:
    template = REFUSALS.get(code) or NOTICES.get(code)
    if template is None:
        known = ", ".join(f"{pen.text(k)} {pen.text(v, 80)}" for k, v in values.items())
        return pen.text(code.replace("_", " ")) + (f" ({known})" if known else "")
    inner = values.get("finding")
    if isinstance(inner, Mapping):
        found = parts(str(inner.get("code", "")), inner.get("values") or {}, pen)
        said = str(_of_service(inner.get("service"), found, pen))
        values = {**values, "finding": Said(said)}
    return fill(template, values, pen)
