"""What a probe's answer is, how it is normalised, how two are compared, and what a served version stands for."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from bot.sop.facts import ProbeAnswer
from bot.sop.model import Frozen, canonical, digest
from bot.sop.policy import Compare, Probe, VersionSource

DEPTH: Final = 60  # JSON nested deeper is compared as text
SHOWN: Final = 200  # characters of a value that a difference shows
MOST: Final = 100  # differences reported of one probe
BROKEN: Final = 400  # a status from here on is an error
STATUS: Final = "HTTP status"  # the field of a difference
ABSENT: Final = "(absent)"
_MISSING: Final = object()


class Difference(Frozen):
    """One field that production answers differently. Values are cut for display; the comparison saw them whole."""

    probe: str
    field: str  # `HTTP status`, `body`, or a dotted path into the body: `body.items.0.price`
    local: str
    production: str


# --- answers


def answer(probe: Probe, status: int, text: str) -> ProbeAnswer:
    """The normalised answer to a probe. A probe that compares the status only keeps no body."""
    body = None if probe.compare is Compare.STATUS else normalise(parse(text), probe.ignore)
    return ProbeAnswer(name=probe.name, status=status, body=body)


def parse(text: str) -> Any:
    """A body's JSON value; the text itself when it is no JSON (a page), or JSON that no other reader would read alike
    (NaN, infinite numbers, lone surrogates, nested deeper than DEPTH); None when it is empty."""
    if not text:
        return None
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if _deeper_than(DEPTH, value):
            return text
        canonical(value).encode()
    except (ValueError, RecursionError):
        return text
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if value not in (float("inf"), float("-inf")) else _refuse(digits)


def _deeper_than(levels: int, value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(
        _deeper_than(levels - 1, item) for item in (value.values() if isinstance(value, dict) else value)
    )


def normalise(body: Any, ignore: tuple[str, ...]) -> Any:
    """The body without the fields that `ignore` names by dotted paths. `*` stands for every item of a list and every
    key of an object, a number for one item; a path that is not there is fine."""
    return _without(body, [tuple(path.split(".")) for path in ignore if path])


def _without(value: Any, paths: list[tuple[str, ...]]) -> Any:
    if not paths or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [kept for _, kept in _kept(((str(i), item) for i, item in enumerate(value)), paths)]
    return dict(_kept(value.items(), paths))


def _kept(items: Any, paths: list[tuple[str, ...]]) -> Iterator[tuple[str, Any]]:
    for key, item in items:
        below = [path[1:] for path in paths if path[0] in ("*", key)]
        if () not in below:
            yield key, _without(item, below)


def at_path(value: Any, path: str) -> Any:
    """What a dotted path (`build.commit`, `items.0.id`) leads to; None when nothing is there."""
    for key in path.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


# --- comparison


def shape(value: Any) -> Any:
    """Keys and types of a value: objects by key, a list as the distinct shapes of its items, others by type's name."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        distinct = {canonical(found): found for found in map(shape, value)}
        return [distinct[key] for key in sorted(distinct)]
    return _type_of(value)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return "number" if isinstance(value, int | float) else "text"


def differences(local: ProbeAnswer, production: ProbeAnswer, probe: Probe) -> tuple[Difference, ...]:
    """Where production's answer differs from the local one, at most MOST fields; none: they behave identically.

    The status always counts; the body as `compare` says. An answer that is an error never equals anything, and the
    body of an error page does not tell more than its status.
    """
    found = list(_status_differences(local, production, probe.name))
    if found and any((a.status or 0) >= BROKEN for a in (local, production)):
        return tuple(found)
    if local.error is None and production.error is None and probe.compare is not Compare.STATUS:
        as_compared = shape if probe.compare is Compare.SHAPE else _itself
        here, there = as_compared(local.body), as_compared(production.body)
        for path, ours, theirs in _walk("body", here, there, probe.compare is Compare.SHAPE):
            if len(found) == MOST:
                break
            found.append(_difference(probe.name, path, ours, theirs))
    return tuple(found)


def _status_differences(local: ProbeAnswer, production: ProbeAnswer, name: str) -> Iterator[Difference]:
    if local.error is not None or production.error is not None:
        shown = [a.error if a.error is not None else str(a.status) for a in (local, production)]
        yield Difference(probe=name, field="answer", local=_cut(shown[0], 0), production=_cut(shown[1], 0))
    elif local.status != production.status:
        yield Difference(probe=name, field=STATUS, local=str(local.status), production=str(production.status))


def _itself(value: Any) -> Any:
    return value


def _walk(path: str, local: Any, production: Any, shapes: bool) -> Iterator[tuple[str, Any, Any]]:
    """The deepest paths at which two values differ; lists of shapes hold alternatives, not positions."""
    if isinstance(local, dict) and isinstance(production, dict):
        for key in [*local, *(k for k in production if k not in local)]:
            yield from _walk(f"{path}.{key}", local.get(key, _MISSING), production.get(key, _MISSING), shapes)
    elif isinstance(local, list) and isinstance(production, list):
        if shapes and not (len(local) == len(production) == 1):
            if canonical(local) != canonical(production):
                yield f"{path}.*", local, production
            return
        for i in range(max(len(local), len(production))):
            here, there = (items[i] if i < len(items) else _MISSING for items in (local, production))
            yield from _walk(f"{path}.{'*' if shapes else i}", here, there, shapes)
    elif not _same(local, production):
        yield path, local, production


def _same(local: Any, production: Any) -> bool:
    """Equal as JSON: `1` is not `true`, `1.0` is `1`."""
    if isinstance(local, bool) or isinstance(production, bool):
        return local is production
    return bool(local == production)


def _difference(name: str, path: str, local: Any, production: Any) -> Difference:
    ours, theirs = _text(local), _text(production)
    alike = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))
    begin = max(0, alike - SHOWN // 4) if max(len(ours), len(theirs)) > SHOWN else 0
    return Difference(probe=name, field=_cut(path, 0), local=_cut(ours, begin), production=_cut(theirs, begin))


def _text(value: Any) -> str:
    return ABSENT if value is _MISSING else canonical(value)


def _cut(text: str, begin: int) -> str:
    """SHOWN characters from where it gets interesting."""
    end = begin + SHOWN
    return ("…" if begin else "") + text[begin:end] + ("…" if len(text) > end else "") + _mark(text)


def _mark(text: str) -> str:
    """Tells values apart that look the same where they are cut: one is never accepted for the other."""
    return f" ({len(text)} characters, {digest(text)[:8]})" if len(text) > SHOWN else ""


# --- versions


def as_version(served: str, source: VersionSource) -> str:
    """The commit a served version stands for: `version.map`'s, else what was served."""
    return source.map.get(served.strip(), served.strip())


def is_version(served: str | None, sha: str, source: VersionSource) -> bool:
    """Whether a served version is this commit: its whole SHA, a prefix of at least 7, or a name `version.map` knows."""
    found = as_version(served or "", source).lower()
    return re.fullmatch(r"[0-9a-f]{7,64}", found) is not None and sha.lower().startswith(found)
