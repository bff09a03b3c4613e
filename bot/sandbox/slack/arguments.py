"""The arguments of a Web API call, the same whether they came as a query, a form or JSON."""

import base64
import json
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.sandbox.slack.errors import Refusal

Item = TypeVar("Item")
LARGEST_PAGE = 999  # "an integer under 1000"


@dataclass(frozen=True)
class Args:
    values: dict[str, Any]
    token: str | None

    def text(self, name: str) -> str | None:
        """None when absent or null."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def needed(self, name: str) -> str:
        """Raises Refusal(invalid_arguments) when it is absent or empty."""
        value = self.text(name)
        if not value:
            raise Refusal("invalid_arguments", [f"missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        return value is True or str(value).lower() in ("true", "1")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Raises Refusal(invalid_arguments) outside `low`..`high`, as Slack does for limits."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise Refusal("invalid_arguments", [f"must be an integer: {name}"]) from None
        if not low <= number <= high:
            raise Refusal("invalid_limit" if name == "limit" else "invalid_arguments")
        return number

    def structure(self, name: str, refusal: str) -> Any:
        """JSON given as such or as a string; None when absent. Raises Refusal(refusal) when it does not parse."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(refusal) from None


def page_of(items: list[Item], args: Args, default: int) -> tuple[list[Item], bool, str]:
    """One page of the items, whether more follow, and the cursor of the next page ("" at the end)."""
    limit = args.number("limit", default, 1, LARGEST_PAGE)
    start = 0
    if cursor := args.text("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise Refusal("invalid_cursor") from None
    more = start + limit < len(items)
    following = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return items[start : start + limit], more, following
