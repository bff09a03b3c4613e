"""What a play breaks, once each, and what became of it: collected, and printed as a table."""

import textwrap
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum

WIDTHS = (4, 30, 8, 74)


@dataclass(frozen=True)
class Row:
    """One way to break a rule, and what has to become of it."""

    rule: str
    seen: str
    how: StrEnum


@dataclass
class Table:
    """What was seen so far; `saw` may come from any thread. `head`: of the four columns; `missing`: said of a row that
    was not seen. `aloud`: each row is told as it comes.
    """

    rows: tuple[Row, ...]
    head: tuple[str, str, str, str]
    missing: str
    aloud: bool = True
    began: float = field(default_factory=time.monotonic)
    words: dict[Row, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, row: Row, words: str) -> None:
        with self._lock:
            self.words[row] = " ".join(words.split())
            took = time.monotonic() - self.began
            if self.aloud:
                print(f"{took:5.1f} s  {row.rule:<3} {row.seen}: {row.how.value}", flush=True)

    def trouble(self, what: str) -> None:
        with self._lock:
            self.troubles.append(what)

    @property
    def whole(self) -> bool:
        return not self.troubles and set(self.words) == set(self.rows)

    def lines(self) -> list[str]:
        """Every row in its order, below a heading."""
        made = [_line(*self.head), _line(*("─" * width for width in WIDTHS))]
        for row in self.rows:
            made += self._wrapped(row)
        return made

    def _wrapped(self, row: Row) -> list[str]:
        words = self.words.get(row)
        how = row.how.value if words is not None else "NOT"
        words = self.missing if words is None else words
        seen, said = textwrap.wrap(row.seen, WIDTHS[1]), textwrap.wrap(words, WIDTHS[3], max_lines=4, placeholder=" …")
        height = max(len(seen), len(said))
        seen, said = (lines + [""] * (height - len(lines)) for lines in (seen, said))
        firsts = [(row.rule, how), *[("", "")] * (height - 1)]
        return [_line(rule, one, end, other) for (rule, end), one, other in zip(firsts, seen, said, strict=True)]


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
