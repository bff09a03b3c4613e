"""Views: modals and App Homes, with Slack's documented fields and limits."""

from typing import Any

from bot.sandbox.slack.blockkit import view_block_problems
from bot.sandbox.slack.blockkit_objects import plain
from bot.sandbox.slack.check import Check, boolean, obj, string

_COMMON: dict[str, Check] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}


def _blocks(surface: str) -> Check:
    def check(value: Any, _at: str, problems: list[str]) -> None:
        problems += view_block_problems(value, surface)

    return check


_VIEWS: dict[str, Check] = {
    "modal": obj(
        {"title": plain(24), "blocks": _blocks("modal")},
        {**_COMMON, "close": plain(24), "submit": plain(24), "clear_on_close": boolean, "notify_on_close": boolean},
    ),
    "home": obj({"blocks": _blocks("home")}, _COMMON),
}


def problems(view: dict[str, Any], kind: str) -> list[str]:
    """Why Slack would refuse this view where a `kind` ("modal" or "home") is wanted; empty when it would not."""
    if view.get("type") != kind:
        return [f"unsupported type: {view.get('type')} [json-pointer:/view/type]"]
    found: list[str] = []
    given = {key: value for key, value in view.items() if value is not None}
    _VIEWS[kind](given, "/view", found)
    blocks = view.get("blocks")
    inputs = isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    if kind == "modal" and inputs and given.get("submit") is None:
        found.append("missing required field: submit [json-pointer:/view]")
    return found
