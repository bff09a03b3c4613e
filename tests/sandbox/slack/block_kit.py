"""Blocks and elements in short, for tables of what fits and what does not."""

from typing import Any

from bot.sandbox.slack import blockkit

Json = dict[str, Any]


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str = "x", value: str = "v", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"o{n}", f"v{n}") for n in range(count)]


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), "action_id": "go", **more}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def accessory(kind: str, **more: Any) -> Json:
    return section(accessory={"type": kind, "action_id": "a", **more})


def asked(kind: str, block: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": {"type": kind, "action_id": "a", **more}, **(block or {})}


def confirm(**more: Any) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def distinct(count: int) -> list[Json]:
    return [button(action_id=f"a{n}") for n in range(count)]


def check(blocks: list[Json], surface: str = "message") -> list[str]:
    if surface == "message":
        return blockkit.message_problems(blocks)
    return blockkit.view_block_problems(blocks, surface)
