"""From what a person means ("the option Shop") to what a form holds: entries of a state, for the driver."""

import copy
from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.inputs import STATEFUL, full_state, usable

Suggest = Callable[[str, str, str], list[Json]]


def pressed(blocks: list[Json], name: str) -> tuple[Json, Json]:
    """The element with this action_id or, failing that, the button with this text. Raises LookupError."""
    elements = list(usable(blocks))
    for block, element in elements:
        if element["action_id"] == name:
            return block, element
    for block, element in elements:
        if element["type"] == "button" and element["text"]["text"] == name:
            return block, element
    there = ", ".join(f"{element['action_id']}" for _, element in elements)
    raise LookupError(f"{name} is not there; there are: {there or 'no elements'}")


def overlay(blocks: list[Json], values: Json, suggest: Suggest, before: Json | None = None) -> Json:
    """A full state with these values, by block_id or action_id. Raises LookupError for one that has no place."""
    state = copy.deepcopy(before) if before is not None else full_state(blocks, {})
    left = dict(values)
    for block, element in usable(blocks):
        for name in (block["block_id"], element["action_id"]):
            if name in left and element["type"] in STATEFUL:
                offered = _offered(suggest, block["block_id"], element["action_id"])
                state[block["block_id"]][element["action_id"]] |= choose(element, left.pop(name), offered)
                break
    if left:
        there = ", ".join(f"{block['block_id']}/{element['action_id']}" for block, element in usable(blocks))
        raise LookupError(f"no input {', '.join(left)}; there are: {there or 'none'}")
    return state


def choose(element: Json, value: Any, offered: Callable[[str], list[Json]]) -> Json:
    """The part of an entry that holds this value, e.g. `{"selected_option": {…}}`. Raises LookupError."""
    kind = element["type"]
    if kind == "overflow":
        return {"selected_option": _option(element, value, offered)}
    if kind not in STATEFUL:
        raise LookupError(f"a {kind} holds no value")
    key = STATEFUL[kind][0]
    if value is None:
        return {key: copy.deepcopy(STATEFUL[kind][2])}
    if key == "selected_option":
        return {key: _option(element, value, offered)}
    if key == "selected_options":
        return {key: [_option(element, one, offered) for one in value]}
    return {key: value}


def _offered(suggest: Suggest, block_id: str, action_id: str) -> Callable[[str], list[Json]]:
    return lambda typed: suggest(block_id, action_id, typed)


def _option(element: Json, wanted: Any, offered: Callable[[str], list[Json]]) -> Json:
    """The option with this value or this text. External menus are asked, first with it, then with nothing typed."""
    if isinstance(wanted, dict):
        return wanted
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(option for group in groups for option in group["options"])]
    if element["type"] in ("external_select", "multi_external_select"):
        options = [*offered(str(wanted)), *offered("")]
    for option in options:
        if wanted in (option.get("value"), option["text"]["text"]):
            return dict(option)
    texts = ", ".join(f"{option.get('value')} ({option['text']['text']})" for option in options)
    raise LookupError(f"{wanted!r} is not offered by {element['action_id']}; there are: {texts or 'no options'}")
