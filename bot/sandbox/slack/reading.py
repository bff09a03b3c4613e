"""What stands on a person's screen: the texts of a message or view, and what can be used in it."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.inputs import usable


def actions_of(shown: Json) -> list[str]:
    """The action ids of everything a person could use in a message or view, in order."""
    return [element["action_id"] for _, element in usable(shown.get("blocks", []))]


def text_of(shown: Json) -> str:
    """What a person reads in a message or view: the texts of its blocks, a line each; without blocks, its text."""
    return "\n".join(_texts(shown["blocks"])) if shown.get("blocks") else str(shown.get("text", ""))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
