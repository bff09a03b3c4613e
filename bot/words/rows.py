"""How lists are written: commits, issues, runs, probes, paths, differences; cut with "and 12 more"."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.words.patrol import GATES
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


def _each(pen: Pen, value: Any, name: str) -> str:
    """`FRZ-1 and FRZ-2`: one value of each."""
    return joined([pen.text(part(v, name) or "?", 60) for v in several(value)]) or "none"


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
    return _rows([f"{pen.code(part(p, 'name') or '?')}: {pen.text(_answer(p), 150)}" for p in several(value)])


def _answer(probe: Any) -> str:
    status = part(probe, "status")
    return f"answered {number(status):.0f}" if status else str(part(probe, "error") or "no answer")


def _differences(pen: Pen, value: Any, _rest: str) -> str:
    rows = []
    for d in several(value):
        where = _field(pen, d)
        as_wanted, served = part(d, "local"), pen.code(_plain(part(d, "production")), 80)
        before = f"locally {pen.code(_plain(as_wanted), 80)}"
        if isinstance(d, Mapping) and "verified" in d:
            before = f"verified {pen.code(_plain(d['verified']), 80)}"
        rows.append(f"{where}: {before}, in production {served}")
    return _rows(rows)


def _field(pen: Pen, difference: Any) -> str:
    service = part(difference, "service")
    said = f"{pen.code(part(difference, 'probe') or '?')} {pen.code(part(difference, 'field') or 'the whole answer')}"
    return f"{pen.code(service)} {said}" if service else said


def _accepted(pen: Pen, value: Any, _rest: str) -> str:
    """Differences with whose word they are."""
    rows = []
    for d in several(value):
        why = f": {pen.text(part(d, 'reason'), 150)}" if part(d, "reason") else ""
        rows.append(f"{_field(pen, d)} by {pen.who(part(d, 'by'))}{why}")
    return _rows(rows)


def _freezes(pen: Pen, value: Any, _rest: str) -> str:
    rows = []
    for f in several(value):
        until = f"until {pen.time(part(f, 'until'))}" if part(f, "until") else "until someone ends it"
        name, why = pen.text(part(f, "freeze") or "a freeze", 20), pen.text(part(f, "reason") or "no reason", 150)
        rows.append(f"{name} {until}: {why} ({pen.who(part(f, 'owner'))})")
    return _rows(rows)


def _incidents(pen: Pen, value: Any, _rest: str) -> str:
    return _rows(
        [f"{pen.text(part(i, 'incident') or '?', 20)} {pen.text(part(i, 'title') or '', 100)}" for i in several(value)]
    )


def _violations(pen: Pen, value: Any, _rest: str) -> str:
    rows = []
    for v in several(value):
        gate = GATES.get(str(part(v, "code")))
        said = gate.brief.replace("{freeze}", pen.text(part(v, "freeze") or "a freeze", 20)) if gate else ""
        name, rules = pen.text(part(v, "violation") or "?", 20), pen.text(part(v, "rule") or "?", 40)
        rows.append(f"{name}, {'rules' if ',' in rules else 'rule'} {rules}{f': {said}' if said else ''}")
    return _rows(rows)


def _deployed(pen: Pen, value: Any, _rest: str) -> str:
    """F2, the first question: what was deployed last."""
    if not isinstance(value, Mapping) or not value.get("sha"):
        return "Deployed: nothing that GitHub knows of"
    where, state = pen.code(value.get("environment") or "?"), pen.text(value.get("state") or "no status", 40)
    before = ", by the attempt before: the redeploy has deployed nothing" if value.get("earlier") else ""
    return f"Deployed: {pen.commit(value['sha'])} of {pen.code(value.get('ref') or '?')} to {where}, {state}{before}"


def _ci(pen: Pen, value: Any, _rest: str) -> str:
    return f"CI completed: {pen.link(value, 'the run')}" if value else "CI has not completed"


def _missing(pen: Pen, value: Any, _rest: str) -> str:
    named = joined([pen.code(m) for m in several(value)])
    return f"not there: {named}" if named else "every required variable and secret is there"


RUN_ACTS = {
    "cancel": "No deploy job has begun: it is being cancelled.",
    "cancelled": "It was cancelled before a deploy job began.",
    "watch": "It had begun to deploy, so it is not cancelled (that would leave half a release) but watched.",
    "over": "It was over when it was seen.",
    "refused": "Cancel it at GitHub while no deploy job has begun; GitHub refused it to Slipway",
}
ACTS = {
    "make_revert": "the revert",
    "write_log": "the entry in the decision log",
    "rerun_run": "the re-run of CI",
    "cancel_run": "cancelling a run of the branch",
    "push_branch": "the push",
}


def _attempt(pen: Pen, value: Any, _rest: str) -> str:
    """Outgoing acts, as things that can fail."""
    return joined([ACTS.get(str(v), pen.text(str(v), 40)) for v in several(value)]) or "nothing"


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _paths(pen: Pen, value: Any, _rest: str) -> str:
    return _rows([pen.code(p) for p in several(value)])


ROWS: dict[str, Callable[[Pen, Any, str], str]] = {
    "each": _each,
    "commits": _commits,
    "issues": _issues,
    "runs": _runs,
    "others": _others,
    "probes": _probes,
    "differences": _differences,
    "paths": _paths,
    "accepted": _accepted,
    "freezes": _freezes,
    "incidents": _incidents,
    "violations": _violations,
    "deployed": _deployed,
    "ci": _ci,
    "missing": _missing,
    "run_act": lambda _pen, value, _rest: f" {RUN_ACTS[str(value)]}" if str(value) in RUN_ACTS else "",
    "attempts": _attempt,
    "attempt": lambda pen, value, rest: _attempt(pen, value, rest)[:1].upper() + _attempt(pen, value, rest)[1:],
}
