"""Slack's documented limits, by hand: slack_sdk's own validation misses many of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

Json = dict[str, Any]
TEXT = {"header": 150, "section": 3000, "context": 3000}
TYPES = {"header", "section", "context", "divider", "actions", "input"}
ALLOWED_KEYS = {
    "header": {"type", "text", "block_id"},
    "section": {"type", "text", "fields", "accessory", "block_id"},
    "context": {"type", "elements", "block_id"},
    "divider": {"type", "block_id"},
    "actions": {"type", "elements", "block_id"},
    "input": {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"},
}


def check_message(blocks: Sequence[Json], text: str) -> None:
    assert 1 <= len(blocks) <= 50
    assert 1 <= len(text) <= 4000
    assert all(b["type"] != "input" for b in blocks)
    _check_blocks(blocks)


def check_view(view: Json) -> None:
    assert 1 <= len(view["blocks"]) <= 100
    assert len(view.get("private_metadata", "")) <= 3000
    assert len(view.get("callback_id", "")) <= 255
    if view["type"] == "modal":
        for name in ("title", "submit", "close"):
            assert name not in view or 1 <= len(view[name]["text"]) <= 24
        assert "title" in view
        assert ("submit" in view) == any(b["type"] == "input" for b in view["blocks"])
    _check_blocks(view["blocks"])
    View(**view).validate_json()


def _check_blocks(blocks: Sequence[Json]) -> None:
    ids = [b["block_id"] for b in blocks if "block_id" in b]
    assert len(ids) == len(set(ids))
    for block in blocks:
        assert block["type"] in TYPES
        assert set(block) <= ALLOWED_KEYS[block["type"]]
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        _check_block(block)


def _check_block(block: Json) -> None:
    kind = block["type"]
    if kind in ("header", "section") and "text" in block:
        check_text(block["text"], TEXT[kind], plain=kind == "header")
    if kind == "section":
        assert "text" in block or 1 <= len(block["fields"]) <= 10
        for field in block.get("fields", ()):
            check_text(field, 2000)
    if kind == "context":
        assert 1 <= len(block["elements"]) <= 10
        for element in block["elements"]:
            check_text(element, 3000)
    if kind == "actions":
        assert 1 <= len(block["elements"]) <= 25
        used = [e["action_id"] for e in block["elements"]]
        assert len(used) == len(set(used))
    if kind == "input":
        check_text(block["label"], 2000, plain=True)
        check_text(block.get("hint", {"type": "plain_text", "text": "x"}), 2000, plain=True)
    for element in elements(block):
        _check_element(element)


def elements(block: Json) -> Iterator[Json]:
    if block["type"] == "actions":
        yield from block["elements"]
    if block["type"] == "input":
        yield block["element"]
    if "accessory" in block:
        yield block["accessory"]


def _check_element(element: Json) -> None:
    assert 1 <= len(element["action_id"]) <= 255
    if element["type"] == "button":
        check_text(element["text"], 75, plain=True)
        assert len(element.get("value", "")) <= 2000
        assert len(element.get("url", "")) <= 3000
        assert element.get("style") in (None, "primary", "danger")
    if "confirm" in element:
        check_text(element["confirm"]["title"], 100, plain=True)
        check_text(element["confirm"]["text"], 300)
        check_text(element["confirm"]["confirm"], 30, plain=True)
        check_text(element["confirm"]["deny"], 30, plain=True)
    options = element.get("options", [])
    assert element["type"] not in ("static_select", "multi_static_select", "checkboxes") or len(options) >= 1
    assert len(options) <= (10 if element["type"] == "checkboxes" else 100)
    chosen = element.get("initial_options", []) + [element[k] for k in ("initial_option",) if k in element]
    for option in [*options, *chosen]:
        check_text(option["text"], 75, plain=True)
        assert 1 <= len(option["value"]) <= 150
        check_text(option.get("description", {"type": "plain_text", "text": "x"}), 75, plain=True)
    if options:
        assert all(option in options for option in chosen)
    if element["type"] == "plain_text_input":
        assert 1 <= element["max_length"] <= 3000
        assert len(element.get("initial_value", "")) <= element["max_length"]


def check_text(text: Json, limit: int, plain: bool = False) -> None:
    assert 1 <= len(text["text"]) <= limit
    assert text["type"] == "plain_text" if plain else text["type"] == "mrkdwn"
    if text["type"] == "mrkdwn":
        assert text["verbatim"] is True
        assert text["text"].count("<") == text["text"].count(">")
        assert text["text"].count("```") % 2 == 0
