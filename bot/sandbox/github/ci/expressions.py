"""The expressions of workflow files: ${{ … }} and `if:`; the usual operators, contexts and functions."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)|(?P<op>==|!=|&&|\|\||<=|>=|[!<>().,\[\]]))"
)
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(always|success|failure|cancelled)\s*\(")


class ExpressionError(Exception):
    """The expression cannot be read."""


@dataclass(frozen=True)
class Scope:
    """contexts: github, env, vars, secrets, needs, steps …; state: success | failure | cancelled, so far."""

    contexts: Mapping[str, Any]
    state: str = "success"


def fill(text: str, scope: Scope) -> str:
    """`text` with every ${{ … }} replaced by its value."""
    return _HOLE.sub(lambda hole: as_text(evaluate(hole.group(1), scope)), text)


def holds(condition: str | None, scope: Scope) -> bool:
    """Does an `if:` let this go on? Without a status function, success() is meant as well."""
    if condition is None or not condition.strip():
        return scope.state == "success"
    inner = condition.strip()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", inner, re.DOTALL)
    expression = whole.group(1) if whole else inner
    if not _STATUS.search(expression) and scope.state != "success":
        return False
    return truthy(evaluate(expression, scope))


def evaluate(expression: str, scope: Scope) -> Any:
    reader = _Reader(_tokens(expression), scope)
    value = reader.either()
    if reader.at != len(reader.tokens):
        raise ExpressionError(f"unexpected {reader.tokens[reader.at][1]!r} in {expression.strip()!r}")
    return value


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)


def truthy(value: Any) -> bool:
    return bool(value) or isinstance(value, dict | list)


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ExpressionError(f"cannot read {text[at:]!r}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(item, what) for item in where)
    return as_text(what).lower() in as_text(where).lower()


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": lambda text, head: as_text(text).lower().startswith(as_text(head).lower()),
    "endswith": lambda text, tail: as_text(text).lower().endswith(as_text(tail).lower()),
    "format": lambda text, *parts: as_text(text).format(*map(as_text, parts)),
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": json.loads,
    "join": lambda items, by=",": as_text(by).join(map(as_text, items)),
}


@dataclass
class _Reader:
    """Recursive descent, one method a precedence level."""

    tokens: list[tuple[str, str]]
    scope: Scope
    at: int = field(default=0)

    def _next(self, *wanted: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in [("op", one) for one in wanted]:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _expect(self, wanted: str) -> None:
        if self._next(wanted) is None:
            raise ExpressionError(f"{wanted!r} is missing")

    def either(self) -> Any:
        value = self.both()
        while self._next("||"):
            other = self.both()
            value = value if truthy(value) else other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self._next("&&"):
            other = self.compared()
            value = other if truthy(value) else value
        return value

    def compared(self) -> Any:
        value = self.negated()
        while op := self._next("==", "!=", "<", "<=", ">", ">="):
            other = self.negated()
            value = _compare(op, value, other)
        return value

    def negated(self) -> Any:
        if self._next("!"):
            return not truthy(self.negated())
        return self.primary()

    def primary(self) -> Any:
        if self._next("("):
            value = self.either()
            self._expect(")")
            return value
        if self.at >= len(self.tokens):
            raise ExpressionError("the expression ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "name":
            raise ExpressionError(f"unexpected {text!r}")
        return self._call(text.lower()) if self._next("(") else self._named(text)

    def _call(self, name: str) -> Any:
        given = []
        while not self._next(")"):
            given.append(self.either())
            self._next(",")
        if name == "always":
            return True
        if name in ("success", "failure", "cancelled"):
            return self.scope.state == name
        if name not in _FUNCTIONS:
            raise ExpressionError(f"no function {name!r}")
        return _FUNCTIONS[name](*given)

    def _named(self, name: str) -> Any:
        constants = {"true": True, "false": False, "null": None}
        if name in constants:
            return constants[name]
        value: Any = self.scope.contexts.get(name)
        while mark := self._next(".", "["):
            if mark == "[":
                key = self.either()
                self._expect("]")
            else:
                key = self.tokens[self.at][1]
                self.at += 1
            value = value.get(as_text(key)) if isinstance(value, Mapping) else None
        return value


def _compare(op: str, one: Any, other: Any) -> bool:
    if op in ("==", "!="):
        return _equal(one, other) == (op == "==")
    left, right = _number(one), _number(other)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]
