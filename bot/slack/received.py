"""What Slack sends, before a handler sees it."""

from collections.abc import Callable
from typing import Any


def whole_text(body: dict[str, Any], next: Callable[[], None]) -> None:
    """Bolt middleware: without NUL characters, which nobody types and PostgreSQL keeps in no text."""
    body.update(_without_nul(body))
    next()


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(v) for v in value]
    return {k: _without_nul(v) for k, v in value.items()} if isinstance(value, dict) else value
