"""Blocks: what each kind may hold on each surface, and what must hold between them, by Slack's documentation."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.blockkit_elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION, allowed
from bot.sandbox.slack.blockkit_objects import BLOCK_ID, SLACK_FILE, plain, text
from bot.sandbox.slack.blockkit_rich import RICH_TEXT, TABLE
from bot.sandbox.slack.check import Check, array, boolean, both, by_type, obj, report, string, url
from bot.sandbox.slack.inputs import elements_of

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN_LIMIT = 12_000
# A message's blocks together: 12,000 characters of text, and a buffer for what holds them. Slack publishes neither
# exactly; these numbers are from measurements reported to its maintainers.
WEIGHT_LIMIT, BLOCK_WEIGHT = 13_422, 125


def _has_words(block: Any, at: str, problems: list[str]) -> None:
    if "text" not in block and "fields" not in block:
        report(problems, "must define either `text` or `fields`", at)


def _dispatches(block: Any, at: str, problems: list[str]) -> None:
    element = block.get("element")
    if block.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        report(problems, "unsupported type: file_input", f"{at}/element")


def _image_source(block: Any, at: str, problems: list[str]) -> None:
    if ("image_url" in block) == ("slack_file" in block):
        report(problems, "must define either `image_url` or `slack_file`", at)


def _section(surface: str) -> Check:
    may: dict[str, Check] = {
        "block_id": BLOCK_ID,
        "text": text(3000),
        "fields": array(text(2000), most=10, least=1),
        "accessory": by_type(allowed(IN_SECTION, surface)),
        "expand": boolean,
    }
    return both(obj({}, may), _has_words)


def _blocks(surface: str) -> dict[str, Check]:
    block_id: dict[str, Check] = {"block_id": BLOCK_ID}
    kinds: dict[str, Check] = {
        "divider": obj({}, block_id),
        "header": obj({"text": plain(150)}, block_id),
        "section": _section(surface),
        "context": obj({"elements": array(_CONTEXT, most=10, least=1)}, block_id),
        "actions": obj({"elements": array(by_type(allowed(IN_ACTIONS, surface)), most=25, least=1)}, block_id),
        "image": both(
            obj(
                {"alt_text": string(2000, least=1)},
                {**block_id, "image_url": url(), "slack_file": SLACK_FILE, "title": plain(2000)},
            ),
            _image_source,
        ),
        "input": both(
            obj(
                {"label": plain(2000), "element": by_type(allowed(IN_INPUT, surface))},
                {**block_id, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
            ),
            _dispatches,
        ),
        "rich_text": RICH_TEXT,
    }
    if surface == "message":
        kinds["markdown"] = obj({"text": string(MARKDOWN_LIMIT, least=1)}, block_id)
        kinds["table"] = TABLE
    return kinds


_CONTEXT: Check = by_type(
    {
        "image": IMAGE,
        "plain_text": obj({"text": string(3000, least=1)}, {"emoji": boolean}),
        "mrkdwn": obj({"text": string(3000, least=1)}, {"verbatim": boolean}),
    }
)
_BLOCKS = {surface: by_type(_blocks(surface)) for surface in ("message", "modal", "home")}


def message_problems(blocks: list[Any]) -> list[str]:
    """Why Slack would answer `invalid_blocks`; empty when it would not."""
    problems: list[str] = []
    array(_BLOCKS["message"], most=MESSAGE_BLOCKS)(blocks, "/blocks", problems)
    return problems or list(_between(blocks, "/blocks"))


def view_block_problems(blocks: Any, surface: str) -> list[str]:
    """The same for the blocks of a modal or home view."""
    problems: list[str] = []
    array(_BLOCKS[surface], most=VIEW_BLOCKS)(blocks, "/view/blocks", problems)
    return problems or list(_between(blocks, "/view/blocks"))


def _between(blocks: list[Any], at: str) -> Iterator[str]:
    """What must hold between blocks that are well-formed each by itself."""
    seen: set[str] = set()
    focused = tables = 0
    for place, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            yield f"block_id already exists: {block_id} [json-pointer:{at}/{place}/block_id]"
        if block_id is not None:
            seen.add(block_id)
        elements = elements_of(block)
        ids = [element["action_id"] for element in elements if "action_id" in element]
        for action_id in sorted({one for one in ids if ids.count(one) > 1}):
            yield f"action_id already exists: {action_id} [json-pointer:{at}/{place}/elements]"
        focused += sum(1 for element in elements if element.get("focus_on_load"))
        tables += block["type"] == "table"
    if focused > 1:
        yield f"only one element can have focus_on_load set to true [json-pointer:{at}]"
    if tables > 1:
        yield f"only_one_table_allowed [json-pointer:{at}]"


def weight(blocks: list[Any]) -> int:
    """How much a message's blocks count towards `msg_blocks_too_long`."""
    return BLOCK_WEIGHT * len(blocks) + sum(map(_letters, blocks))


def _letters(node: Any) -> int:
    if isinstance(node, list):
        return sum(map(_letters, node))
    if isinstance(node, dict):
        own = node.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(map(_letters, node.values()))
    return 0
