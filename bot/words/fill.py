"""Sentences are templates: `{owner:who} pushed {sha:commit}`. The word after the colon says how a value is written.

A value that is missing or of a strange shape never raises: a card must be shown whatever was stored.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import Any

from bot.words.names import intent_name, procedure_name, stage_name, status_name
from bot.words.pen import Pen
from bot.words.rows import ROWS, number, part, several
from bot.words.rules import rule
from bot.words.text import count, duration, joined

Kind = Callable[[Pen, Any, str], str]

THINGS = {
    "candidate": "the candidate at GitHub",
    "branch": "the designated branch",
    "tip": "the designated branch",
    "runs": "the workflow runs",
    "criticals": "the open issues",
    "issues": "the open issues",
    "production": "production",
    "fleet": "production",
    "probes": "the probes",
    "lock": "the lock",
    "change": "the change request",
    "revert": "the revert",
    "log": "the log",
    "decision log": "the decision log",
    "baseline": "the baseline",
}


INPUTS = {
    "why": "what and why",
    "undo": "how it will be undone",
    "areas": "areas touched, or paths",
    "candidate": "candidate branch or commit",
    "starts_at": "begins",
    "until": "ends",
    "cause": "the root cause",
    "evidence": "what was changed where",
    "differences": "the differences that are accepted",
    "affected": "what is affected",
    "happened": "what happened",
    "fix": "the fix",
    "text": "what is to stand there",
    "mend": "what mends it",
    "issue": "the number of the issue, or nothing",
    "quote": "a line of the log",
    "target": "what to return to",
    "sure": "that it is meant",
}
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
CONCLUSIONS = {
    "failure": "failed",
    "cancelled": "was cancelled",
    "timed_out": "timed out",
    "skipped": "was skipped",
    "stale": "was given up by GitHub",
    "startup_failure": "could not start",
}
COMMIT = re.compile(r"[0-9a-f]{40}")
MENTION = re.compile(r"(<@[UW][A-Z0-9]{2,20}>)")


class Said(str):
    """Already written: it came out of these templates."""


def fill(template: str, values: Mapping[str, Any], pen: Pen) -> str:
    out: list[str] = []
    for literal, name, kind, rest in _pieces(template):
        before = next((said for said in reversed(out) if said), "")
        ended = literal.startswith(".") and before.endswith(".")  # a sentence that was quoted whole
        out.append(literal[1:] if ended else literal)
        if name is not None:
            out.append(KINDS[kind](pen, values.get(name), rest))
    return "".join(out)


def fields(template: str) -> set[str]:
    """Names of the values that a template uses."""
    return {name for _, name, _, _ in _pieces(template) if name and name != "_"}


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, str, str], ...]:
    """Literal text, the value after it, and how it is written: `{owner:who}`, `{url:link the run}`."""
    parsed = (
        (literal, name, (spec or "text").partition(" ")) for literal, name, spec, _ in Formatter().parse(template)
    )
    return tuple((literal, name, spec[0], spec[2]) for literal, name, spec in parsed)


def _text(pen: Pen, value: Any, limit: str) -> str:
    shown = ", ".join(pen.text(v) for v in several(value)[:12])
    return pen.text(value, int(limit or 300)) if isinstance(value, str) and value.strip() else shown or "?"


def _people(pen: Pen, value: Any, word: str) -> str:
    return joined([pen.who(v) for v in several(value)], word) or "someone"


def _codes(pen: Pen, value: Any, limit: str) -> str:
    return joined([pen.code(v) for v in several(value)], limit=int(limit or 12)) or "nothing"


def _versions(pen: Pen, value: Any, _rest: str) -> str:
    """As served; a whole commit is shortened like any other."""
    return joined([pen.commit(v) if COMMIT.fullmatch(str(v)) else pen.code(v) for v in several(value)], limit=12)


def _words(pen: Pen, value: Any, nothing: str) -> str:
    return joined([pen.text(v, 80) for v in several(value)]) or nothing or "none"


def _because(pen: Pen, value: Any, _rest: str) -> str:
    return f": {pen.text(value)}" if isinstance(value, str) and value.strip() else ""


def _by(pen: Pen, value: Any, _rest: str) -> str:
    return f" by {_people(pen, value, '')}" if value else ""


def _until(pen: Pen, value: Any, _rest: str) -> str:
    return f"until {pen.time(value)}" if value else "until someone ends it"


def _services(pen: Pen, value: Any, _rest: str) -> str:
    return joined([pen.code(s) for s in several(value)]) or "all services"


def _usual(_pen: Pen, value: Any, _rest: str) -> str:
    return f" of about {duration(number(value))}" if value else ""


def _ended_as(pen: Pen, value: Any, _rest: str) -> str:
    return CONCLUSIONS.get(str(value), f"ended as {pen.text(value, 40)}")


def _takings(pen: Pen, value: Any, _rest: str) -> str:
    """Commits of others, and on whose word they go out."""
    rows = []
    for taken in several(value):
        of = f" of {pen.text(part(taken, 'release'), 20)}" if part(taken, "release") else ""
        rows.append(f", {int(number(part(taken, 'count')))}{of} taken over by {_people(pen, part(taken, 'by'), 'and')}")
    return "".join(rows)


def _voided(_pen: Pen, value: Any, _rest: str) -> str:
    approvals = int(number(value))
    are = f"{count(approvals, 'approval')} {'is' if approvals == 1 else 'are'}"
    return f" {are} void: what is approved is what was read." if approvals else ""


def _login(pen: Pen, value: Any, _rest: str) -> str:
    return f" ({pen.text(value, 60)} at GitHub)" if value else ""


def _ended(pen: Pen, value: Any, _rest: str) -> str:
    return f", ended by {_people(pen, value, 'and')}" if value else ": its time was up"


def _still(pen: Pen, value: Any, _rest: str) -> str:
    if value is None:
        return ""
    names = several(value)
    if not names:
        return " Releases may start again."
    return f" {joined([pen.text(n) for n in names])} {'is' if len(names) == 1 else 'are'} still in force."


def _left_behind(pen: Pen, value: Any, _rest: str) -> str:
    return f" {pen.commit(value)} stays on the branch; the lock is kept until someone takes it over." if value else ""


def _after(pen: Pen, value: Any, words: str) -> str:
    return f" {words} {pen.text(value, 100)}" if value else ""


def _verb(_pen: Pen, value: Any, either: str) -> str:
    one, _, many = either.partition("|")
    amount = number(value) if isinstance(value, int | float) else len(several(value))
    return one if amount == 1 else many


def _act(pen: Pen, value: Any, _rest: str) -> str:
    """What was asked for, in the SOP's words, which may name a person."""
    pieces = (p for p in MENTION.split(str(value if value is not None else "do that")) if p.strip())
    return " ".join(pen.who(p[2:-1]) if MENTION.fullmatch(p) else pen.text(p) for p in pieces)


def _thing(pen: Pen, value: Any, _rest: str) -> str:
    return THINGS.get(str(value), pen.text(value, 80))


def _lead(pen: Pen, value: Any, _rest: str) -> str:
    return pen.who(value) if value else "whoever takes its lead"


def _leads(pen: Pen, value: Any, _rest: str) -> str:
    return f"{pen.who(value)} leads it." if value else "Nobody leads it yet: take the lead on its card."


def _channel(pen: Pen, value: Any, _rest: str) -> str:
    id = str(value)
    return f"<#{id}>" if pen.slack and CHANNEL.fullmatch(id) else pen.text(id, 80)


def _before(pen: Pen, value: Any, _rest: str) -> str:
    return f"; before it was {_people(pen, value, 'and')}" if value else ""


def _linked(pen: Pen, value: Any, label: str) -> str:
    """A sentence that is a link, where there is an address."""
    return f" {pen.link(value, label)}." if value else ""


def _explained(pen: Pen, value: Any, _rest: str) -> str:
    said = _because(pen, value, "")
    return f" It was explained before{said}{'' if said.endswith('.') else '.'}" if value else ""


def _nth(_pen: Pen, value: Any, _rest: str) -> str:
    n = int(number(value))
    return f"{n:,}" + ("th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def _back_to(pen: Pen, value: Any, _rest: str) -> str:
    """How what came after the release that was verified last is taken back; without one there is no card to press."""
    last = pen.text(value, 20) if value else ""
    way = f"press {pen.button('Roll back')} on the card of {last} ({last} stays, only what came after it goes)"
    return way if last else "through a release"


def _possible(pen: Pen, value: Any, _rest: str) -> str:
    names = [intent_name(pen.text(v)) for v in several(value)]
    return f" Possible now: {joined(names, 'or')}." if names else " Nothing more can be done with it."


def _woken(pen: Pen, value: Any, _rest: str) -> str:
    """Whom a CRITICAL incident reached; nobody is left to believe that somebody comes."""
    if value is None:
        return ""
    if not several(value):
        return " Nobody is woken: no one else has the incident role. Tell a releaser or an approver yourself."
    return f" Woken, for the incident role: {_people(pen, value, 'and')}."


def _pick(_pen: Pen, value: Any, either: str) -> str:
    yes, _, no = either.partition("|")
    return yes if value else no


def _proves_too(pen: Pen, value: Any, _rest: str) -> str:
    """Of services that go out together."""
    return f" Without {pen.code('--service')} it proves {_codes(pen, value, '')} too." if value else ""


KINDS: dict[str, Kind] = {
    **ROWS,
    "proves_too": _proves_too,
    "text": _text,
    "bare": lambda pen, value, _rest: pen.inside_code(value if value is not None else "?"),
    "code": lambda pen, value, _rest: pen.code(value if value is not None else "?"),
    "codes": _codes,
    "versions": _versions,
    "words": _words,
    "lines": lambda pen, value, _rest: pen.block(several(value)),
    "who": lambda pen, value, _rest: _people(pen, value, "and"),
    "or": lambda pen, value, _rest: _people(pen, value, "or"),
    "by": _by,
    "woken": _woken,
    "but_not": lambda pen, value, _rest: f", but not {_people(pen, value, 'or')}" if value else "",
    "time": lambda pen, value, _rest: pen.time(value),
    "until": _until,
    "up_to": lambda pen, value, _rest: pen.until(value),
    "for": lambda _pen, value, _rest: duration(number(value)),
    "usual": _usual,
    "n": lambda _pen, value, noun: count(int(number(value)), noun) if noun else f"{number(value):,.0f}",
    "len": lambda _pen, value, noun: count(len(several(value)), noun) if noun else f"{len(several(value)):,}",
    "commit": lambda pen, value, _rest: pen.commit(value) if value else "an unknown commit",
    "services": _services,
    "because": _because,
    "stage": lambda pen, value, _rest: pen.text(stage_name(str(value))),
    "status": lambda pen, value, _rest: pen.text(status_name(str(value))),
    "intents": lambda pen, value, _rest: joined([intent_name(pen.text(v)) for v in several(value)], "or") or "nothing",
    "possible": _possible,
    "stage_too": lambda pen, value, _rest: f" in {pen.text(stage_name(str(value)))}" if value else "",
    "thing": _thing,
    "ended": _ended_as,
    "takings": _takings,
    "voided": _voided,
    "login": _login,
    "login_name": lambda pen, value, _rest: pen.text(value, 60) if value else "Somebody",
    "ended_by": _ended,
    "still": _still,
    "left_behind": _left_behind,
    "after": _after,
    "put_off": lambda pen, value, _rest: f" Put off{_because(pen, value, '')}. It is tried again." if value else "",
    "act": _act,
    "input": lambda pen, value, _rest: INPUTS.get(str(value), pen.text(value, 60)),
    "verb": _verb,
    "version": lambda pen, value, _rest: pen.code(value) if value else "no version that could be read",
    "pick": _pick,
    "rule": lambda pen, value, _rest: pen.text(rule(str(value))),
    "procedure": lambda pen, value, _rest: pen.text(procedure_name(str(value))),
    "lead": _lead,
    "leads": _leads,
    "channel": _channel,
    "before": _before,
    "back_to": _back_to,
    "linked": _linked,
    "explained_before": _explained,
    "nth": _nth,
    "said": lambda _pen, value, _rest: value if isinstance(value, Said) else "",
    "link": lambda pen, value, label: pen.link(value, label),
    "command": lambda pen, _value, words: pen.command(words),
    "button": lambda pen, _value, name: pen.button(name),
    "b": lambda pen, _value, words: pen.bold(words),
}
