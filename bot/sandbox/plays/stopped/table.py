"""The rules that are broken once each, and what stopped them: collected, and printed as a table."""

import textwrap
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum

WIDTHS = (4, 30, 8, 74)
HEAD = ("Rule", "What was seen", "Stopped", "In its own words")


class How(StrEnum):
    REFUSED = "refused"  # at once, to the person who acted
    WAIT = "WAIT"  # it does not go on
    HELD = "HELD"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class Row:
    """One way to break a rule, and how it has to be stopped."""

    rule: str
    seen: str
    how: How


SUSPENDED = Row("S1", "the SOP is SUSPENDED", How.REFUSED)
UNAPPROVED = Row("P1", "nobody has approved the request", How.WAIT)
REJECTED = Row("P1", "the request is rejected", How.STOPPED)
OWN_APPROVAL = Row("P1", "the requester approves it", How.REFUSED)
WITHDRAWN = Row("P1", "the approval is withdrawn", How.STOPPED)
UNACKNOWLEDGED = Row("P2", "governance is not acknowledged", How.WAIT)
BUILD_FAILS = Row("P3", "the local build fails", How.STOPPED)
CRITICAL = Row("P4", "a CRITICAL issue is open", How.STOPPED)
UNCOMMITTED = Row("P5", "a file is not committed", How.STOPPED)
NOT_CLEAN = Row("1", "the working tree is not clean", How.REFUSED)
WRONG_BRANCH = Row("1", "the candidate is no branch's head", How.HELD)
APP_FAILS = Row("1", "the local app does not start", How.HELD)
UNREFERENCED = Row("2", "a commit references nothing", How.HELD)
OTHER_CHANGE = Row("2", "a commit names another request", How.HELD)
UNRELATED = Row("2", "a path outside the declared areas", How.HELD)
AUTHOR = Row("2", "an author of it has approved it", How.HELD)
AROUND = Row("3", "a push to main around the bot", How.REFUSED)
MOVED = Row("3", "main moves during the release", How.HELD)
NO_START = Row("4", "CI never starts", How.HELD)
CI_FAILS = Row("4", "CI fails", How.HELD)
OLD_VERSION = Row("5", "production does not update", How.HELD)
HALF_FLEET = Row("5", "half of the fleet is new", How.HELD)
DIFFERENT = Row("5", "production behaves differently", How.HELD)
NOT_COMPLETE = Row("C", "it serves the commit, unverified", How.HELD)
SKIP_MARKER = Row("X2", "a commit says [skip ci]", How.HELD)
PAST_CI = Row("X2", "a deploy past CI", How.HELD)
NO_REQUEST = Row("X3", "a release without a request", How.REFUSED)
CLOSED_REQUEST = Row("X3", "a request that was withdrawn", How.REFUSED)
FROZEN_START = Row("X4", "a start during a freeze", How.REFUSED)
FREEZE_BEGINS = Row("X4", "a freeze begins under way", How.STOPPED)

ROWS = tuple(row for row in list(globals().values()) if isinstance(row, Row))


@dataclass
class Table:
    """What was stopped so far; `stopped` may come from any thread."""

    began: float = field(default_factory=time.monotonic)
    words: dict[Row, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stopped(self, row: Row, words: str) -> None:
        with self._lock:
            self.words[row] = " ".join(words.split())
            took = time.monotonic() - self.began
            print(f"{took:5.1f} s  {row.rule:<3} {row.seen}: {row.how.value}", flush=True)

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles.append(what)

    @property
    def whole(self) -> bool:
        return not self.troubles and set(self.words) == set(ROWS)

    def lines(self) -> list[str]:
        """Every rule in the SOP's order, below a heading."""
        made = [_line(*HEAD), _line(*("─" * width for width in WIDTHS))]
        for row in ROWS:
            made += _wrapped(row, self.words.get(row))
        return made


def _wrapped(row: Row, words: str | None) -> list[str]:
    how = row.how.value if words is not None else "NOT"
    words = "was not seen to be stopped" if words is None else words
    seen, said = textwrap.wrap(row.seen, WIDTHS[1]), textwrap.wrap(words, WIDTHS[3], max_lines=4, placeholder=" …")
    height = max(len(seen), len(said))
    seen, said = (lines + [""] * (height - len(lines)) for lines in (seen, said))
    firsts = [(row.rule, how), *[("", "")] * (height - 1)]
    return [_line(rule, one, end, other) for (rule, end), one, other in zip(firsts, seen, said, strict=True)]


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
