"""Block Kit, as little of it as the cards need, each piece within Slack's documented limits. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.words.text import cut, cut_mrkdwn, visible

Block = dict[str, Any]

SECTION = 3000
HEADER = 150
BUTTON = 75
OPTION = 75
OPTIONS = 100
CONTEXT = 2000  # Slack names no limit for a context's text; a section's field has this one
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
FALLBACK = 3000
CONFIRM_TEXT = 300


@dataclass(frozen=True)
class Message:
    """Blocks, and the text that notifications and screen readers take instead."""

    text: str
    blocks: tuple[Block, ...]


def plain(text: str, limit: int) -> Block:
    """Literal text: no emoji codes, no formatting."""
    return {"type": "plain_text", "text": cut(visible(text) or "—", limit), "emoji": False}


def mrkdwn(text: str, limit: int = SECTION) -> Block:
    """Written by `words`. Verbatim: Slack makes no links of what looks like one."""
    return {"type": "mrkdwn", "text": cut_mrkdwn(text, limit) or "—", "verbatim": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str, accessory: Block | None = None) -> Block:
    return {"type": "section", "text": mrkdwn(text)} | ({"accessory": accessory} if accessory else {})


def fields(*texts: str) -> Block:
    return {"type": "section", "fields": [mrkdwn(t, 2000) for t in texts[:10]]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT)]}


def divider() -> Block:
    return {"type": "divider"}


def actions(buttons: Sequence[Block]) -> list[Block]:
    """A row of buttons, or nothing where there is none.

    Slack makes a new block id each time: a click on an outdated rendering is then never taken for one on the new.
    """
    return [{"type": "actions", "elements": list(buttons[:25])}] if buttons else []


def button(
    label: str,
    action_id: str,
    value: Mapping[str, Any],
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """`value` is kept as JSON: the thing's id and the state that the button was rendered for."""
    made: Block = {"type": "button", "text": plain(label, BUTTON), "action_id": action_id, "value": dumped(value)}
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def link_button(label: str, url: str, action_id: str) -> Block:
    return {"type": "button", "text": plain(label, BUTTON), "action_id": action_id, "url": url}


def confirm(title: str, text: str, yes: str, no: str = "Not now") -> Block:
    return {
        "title": plain(title, 100),
        "text": mrkdwn(text, CONFIRM_TEXT),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(label: str, value: str, description: str = "") -> Block:
    made: Block = {"text": plain(label, OPTION), "value": value}
    return made | ({"description": plain(description, OPTION)} if description else {})


def dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def loaded(value: str | None) -> dict[str, Any]:
    """A button's value; empty where it is not ours."""
    try:
        found = json.loads(value or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def texts(lines: Iterable[str], limit: int = SECTION) -> list[Block]:
    """As few sections as hold the lines; a line is never torn between two."""
    made: list[Block] = []
    held = ""
    for line in lines:
        line = cut_mrkdwn(line, limit)
        if held and len(held) + 1 + len(line) > limit:
            made.append(section(held))
            held = ""
        held = f"{held}\n{line}" if held else line
    return [*made, section(held)] if held else made


def fitted(body: Sequence[Block], tail: Sequence[Block] = (), limit: int = MESSAGE_BLOCKS) -> tuple[Block, ...]:
    """Body and tail within the limit: the body is cut and says so, the tail (buttons) always stays."""
    room = limit - len(tail)
    if len(body) <= room:
        return (*body, *tail)
    left = len(body) - room + 1
    return (*body[: room - 1], context(f"and {left} more parts; see Details"), *tail)
