"""Small parts to say what JSON may look like; what does not fit is reported in the words of Slack's API.

A check takes the value, its JSON pointer and the list of problems to add to.
"""

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def report(problems: list[str], message: str, at: str) -> None:
    problems.append(f"{message} [json-pointer:{at}]")


def string(most: int | None = None, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, str):
            report(problems, "must be a string", at)
        elif len(value) < least:
            report(problems, f"must be more than {least - 1} characters", at)
        elif most is not None and len(value) > most:
            report(problems, f"must be less than {most + 1} characters", at)

    return check


def boolean(value: Any, at: str, problems: list[str]) -> None:
    if not isinstance(value, bool):
        report(problems, "must be a boolean", at)


def integer(low: int | None = None, high: int | None = None) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report(problems, "must be an integer", at)
        elif low is not None and value < low:
            report(problems, f"must be greater than or equal to {low}", at)
        elif high is not None and value > high:
            report(problems, f"must be less than or equal to {high}", at)

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if value not in allowed:
            report(problems, f"must be a valid enum value: {', '.join(map(str, allowed))}", at)

    return check


def url(most: int = 3000) -> Check:
    length = string(most, least=1)

    def check(value: Any, at: str, problems: list[str]) -> None:
        length(value, at, problems)
        if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:", "slack://")):
            report(problems, "invalid url", at)

    return check


def array(item: Check, most: int | None = None, least: int = 0) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, list):
            report(problems, "must be an array", at)
            return
        if len(value) < least:
            report(problems, f"no less than {least} items required", at)
        if most is not None and len(value) > most:
            report(problems, f"no more than {most} items allowed", at)
        for place, entry in enumerate(value):
            item(entry, f"{at}/{place}", problems)

    return check


def obj(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others. `type` is checked by whoever chose this check."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            report(problems, "must be an object", at)
            return
        for key in required:
            if key not in value:
                report(problems, f"missing required field: {key}", at)
        for key, entry in value.items():
            if key == "type":
                continue
            if key not in known:
                report(problems, f"invalid additional property: {key}", at)
            else:
                known[key](entry, f"{at}/{key}", problems)

    return check


def by_type(kinds: Mapping[str, Check], also: Check | None = None) -> Check:
    """An object whose `type` decides how it is checked; `also` is checked whatever its type."""

    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, dict):
            report(problems, "must be an object", at)
            return
        kind = value.get("type")
        if kind is None:
            report(problems, "missing required field: type", at)
        elif not isinstance(kind, str) or kind not in kinds:
            report(problems, f"unsupported type: {kind}", f"{at}/type")
        else:
            kinds[kind](value, at, problems)
            if also is not None:
                also(value, at, problems)

    return check


def both(first: Check, second: Check) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        first(value, at, problems)
        second(value, at, problems)

    return check
