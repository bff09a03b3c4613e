"""What stands in blocks that people can use: finding elements, and the `state` of those that hold a value.

A state is `{block_id: {action_id: entry}}`; an entry is `{"type": …, "value" or "selected_…": …}`, as in payloads.
"""

import copy
import secrets
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.errors import Json

# Element type -> the key of its value in a state, the key of its initial value, and what stands there when unset.
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "checkboxes": ("selected_options", "initial_options", []),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "file_input": ("files", "", []),
}
INTERACTIVE = {*STATEFUL, "button", "overflow", "workflow_button", "feedback_buttons", "icon_button"}


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which blocks and interactive elements have their ids, and texts their defaults, as Slack fills in."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", secrets.token_urlsafe(3))
        for element in elements_of(block):
            if element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(3))
        if block["type"] == "input":
            block.setdefault("optional", False)
            block.setdefault("dispatch_action", False)
        _text_defaults(block)
    return filled


def _text_defaults(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _text_defaults(item)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        elif node.get("type") == "mrkdwn":
            node.setdefault("verbatim", False)
        for value in node.values():
            _text_defaults(value)


def elements_of(block: Json) -> list[Json]:
    """The elements a person could use or see in this block."""
    if block["type"] == "section":
        return [block["accessory"]] if block.get("accessory") else []
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] in ("actions", "context_actions"):
        return list(block["elements"])
    return []


def usable(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, interactive element)."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") in INTERACTIVE:
                yield block, element


def find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    for block, element in usable(blocks):
        if block["block_id"] == block_id and element["action_id"] == action_id:
            return block, element
    return None


def initial_entry(element: Json) -> Json:
    """The state of an element that nobody touched."""
    key, initial, unset = STATEFUL[element["type"]]
    entry: Json = {"type": element["type"], key: copy.deepcopy(element.get(initial, unset))}
    if element["type"] == "timepicker" and "timezone" in element:
        entry["timezone"] = element["timezone"]
    return entry


def full_state(blocks: list[Json], given: Json) -> Json:
    """The state of every element that holds a value: what was entered, else its initial value, else null or empty."""
    values: Json = {}
    for block, element in usable(blocks):
        if element["type"] not in STATEFUL:
            continue
        entry = initial_entry(element)
        key = STATEFUL[element["type"]][0]
        entered = given.get(block["block_id"], {}).get(element["action_id"], {})
        if key in entered:
            entry[key] = entered[key] if entered[key] != "" else None
        values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def missing_answers(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's own form refuses before it asks the app: block_id -> the sentence shown there."""
    wrong = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = values[block["block_id"]][element["action_id"]]
        answer = entry[STATEFUL[element["type"]][0]]
        if answer in (None, [], ""):
            if not block.get("optional"):
                wrong[block["block_id"]] = "Please complete this required field."
        elif problem := _unfit(element, answer):
            wrong[block["block_id"]] = problem
    return wrong


def _unfit(element: Json, answer: Any) -> str | None:
    kind = element["type"]
    if kind == "plain_text_input":
        if len(answer) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(answer) > element.get("max_length", 3000):
            return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and "@" not in answer[1:-1]:
        return "Please enter a valid email address."
    if kind == "url_text_input" and not answer.startswith(("http://", "https://")):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _unfit_number(element, answer)
    return None


def _unfit_number(element: Json, answer: str) -> str | None:
    try:
        number = float(answer)
    except ValueError:
        return "Please enter a valid number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of no more than {element['max_value']}."
    return None
