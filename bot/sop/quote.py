"""F1: the quoted line of a failed job's log: it stands there, and says something."""

import re
from typing import Any

from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Refusal
from bot.sop.facts import JobLog

SHORTEST = 8  # characters of a quoted log line that say something
SAYS = re.compile(r"[^\W\d_]{2}")  # a word; signs, numbers and times say nothing
MUTE = re.compile(
    r"\d+T[\d:.,]+(?:Z\b)?|##\[\w+\]|\b(?:0x[0-9a-f]+|am|pm|utc|gmt|mon|tue|wed|thu|fri|sat|sun"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b",
    re.IGNORECASE,
)


def quoted(said: str, log: JobLog | None, error: str | None) -> Refusal | None:
    """Why this is no line of the log that tells a cause; None where it is one. `error`: why there is no log."""
    if log is None:
        return Refusal(code=Code.LOG_UNREAD, values={"error": error}, field="quote")
    quote = _shown(said).removesuffix("…")
    if not quote:
        return empty(quote, "quote")
    if len(quote) < SHORTEST:
        values: dict[str, Any] = {"job": log.job, "length": len(quote), "shortest": SHORTEST}
        return Refusal(code=Code.QUOTE_SHORT, values=values, field="quote")
    if not SAYS.search(MUTE.sub(" ", quote)):
        return Refusal(code=Code.QUOTE_MUTE, values={"job": log.job}, field="quote")
    if not any(quote in _shown(line) for line in log.lines):
        return Refusal(code=Code.QUOTE_UNKNOWN, values={"job": log.job}, field="quote")
    return None


def _shown(line: str) -> str:
    """As a card shows it, from which people copy: single blanks, and no backtick that would end its code."""
    return " ".join(line.replace("`", "ˋ").split())
