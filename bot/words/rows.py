"""How lists are written: commits, issues, runs, probes, paths, differences; cut with "and 12 more"."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.words.pen import Pen
from bot.words.text import joined, listed


def several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else value if name == "name" else None


def _rows(rows: list[str]) -> str:
    return "".join(f"\n• {row}" for row in listed(rows))


def _commits(pen: Pen, value: Any, _rest: str) -> str:
    rows = []
    for c in several(value):
        row = f"{pen.commit(part(c, 'sha'), part(c, 'url'))} {pen.text(part(c, 'title') or 'no title', 80)}"
        row += f" by {pen.text(part(c, 'author'), 60)}" if part(c, "author") else ""
        row += f", names {joined([pen.text(n, 40) for n in several(part(c, 'names'))])}" if part(c, "names") else ""
        row += f", has {pen.code(part(c, 'marker'))}" if part(c, "marker") else ""
        rows.append(row)
    return _rows(rows)


def _issues(pen: Pen, value: Any, _rest: str) -> str:
    label = [(part(i, "url"), f"#{number(part(i, 'number')):.0f}", part(i, "title")) for i in several(value)]
    return _rows([f"{pen.link(url, n)} {pen.text(title or '', 100)}" for url, n, title in label])


def _runs(pen: Pen, value: Any, nothing: str) -> str:
    shown = [
        pen.link(part(r, "url"), pen.text(part(r, "workflow") or part(r, "event") or "a run", 60))
        for r in several(value)
    ]
    return joined(shown) or nothing or "no run"


def _others(pen: Pen, value: Any, _rest: str) -> str:
    """Runs of the same commit that do not count."""
    runs = [(part(r, "url"), part(r, "event") or "?", part(r, "branch") or "?") for r in several(value)]
    said = [f"{pen.link(url, 'run')} by {pen.code(event)} on {pen.code(branch)}" for url, event, branch in runs]
    return f" Runs that do not count: {joined(said, limit=5)}." if said else ""


def _probes(pen: Pen, value: Any, _rest: str) -> str:
    named = [(part(p, "name") or "?", part(p, "error") or "no answer") for p in several(value)]
    return _rows([f"{pen.code(name)}: {pen.text(error, 150)}" for name, error in named])


def _differences(pen: Pen, value: Any, _rest: str) -> str:
    rows = []
    for d in several(value):
        where = f"{pen.code(part(d, 'probe') or '?')} {pen.code(part(d, 'field') or 'the whole answer')}"
        local, served = part(d, "local"), part(d, "production")
        rows.append(f"{where}: locally {pen.code(_plain(local), 80)}, in production {pen.code(_plain(served), 80)}")
    return _rows(rows)


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _paths(pen: Pen, value: Any, _rest: str) -> str:
    return _rows([pen.code(p) for p in several(value)])


ROWS: dict[str, Callable[[Pen, Any, str], str]] = {
    "commits": _commits,
    "issues": _issues,
    "runs": _runs,
    "others": _others,
    "probes": _probes,
    "differences": _differences,
    "paths": _paths,
}
