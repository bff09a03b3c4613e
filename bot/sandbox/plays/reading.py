"""Slack messages as plain text, for a terminal and for comparing."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.people import APPROVERS_GROUP, PEOPLE
from bot.sandbox.slack.errors import Json

NAMES = {person.slack_id: person.name for person in PEOPLE} | {APPROVERS_GROUP[0]: APPROVERS_GROUP[1]}
TOKEN = re.compile(r"<([^<>]+)>")
ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")


def plain(mrkdwn: str) -> str:
    """What a reader sees, without formatting."""
    text = TOKEN.sub(lambda found: _token(found[1]), mrkdwn)
    text = ITALIC.sub(r"\1", text).replace("```", "\n").replace("`", "").replace("*", "")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\u2060", "")


def _token(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return time.strftime("%H:%M:%S", time.localtime(int(target.split("^")[1])))
    if target.startswith(("@", "!subteam^")):
        return "@" + NAMES.get(target.removeprefix("@").removeprefix("!subteam^"), target)
    return label or target


def texts(blocks: list[Json]) -> Iterator[str]:
    """Every text of the blocks, in order, as it is written."""
    for block in blocks:
        yield from _texts(block)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for name in ("text", "fields", "elements", "label", "element", "options", "accessory"):
            if not isinstance(node.get(name), str):
                yield from _texts(node.get(name))
    elif isinstance(node, list):
        for one in node:
            yield from _texts(one)


def shown(message: Mapping[str, Any]) -> str:
    """All that a message or a modal shows, line by line, as plain text."""
    return plain("\n".join(texts(message.get("blocks") or [])) or str(message.get("text", "")))
