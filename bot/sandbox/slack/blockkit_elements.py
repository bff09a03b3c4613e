"""Block elements: fields and limits, and on which surface and in which block each may stand, as Slack documents it."""

import re
from typing import Any

from bot.sandbox.slack.blockkit_objects import (
    ACTION_ID,
    CHOICE_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    MENU_OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    SLACK_FILE,
    plain,
)
from bot.sandbox.slack.blockkit_options import initial_choices, one_source
from bot.sandbox.slack.check import Check, array, boolean, both, integer, obj, one_of, report, string, url


def _pattern(pattern: str, message: str) -> Check:
    def check(value: Any, at: str, problems: list[str]) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            report(problems, message, at)

    return check


DATE = _pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "must be in the format YYYY-MM-DD")
TIME = _pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be in the format HH:mm")
NUMBER = _pattern(r"-?\d+(\.\d+)?", "must be a number")
MOMENT = integer(10**9, 10**10 - 1)

_ACTION: dict[str, Check] = {"action_id": ACTION_ID}
_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_CHOOSER: dict[str, Check] = {**_ACTION, **_FOCUS, "confirm": CONFIRM}
_MENU: dict[str, Check] = {**_CHOOSER, "placeholder": PLACEHOLDER}
_MANY: dict[str, Check] = {**_MENU, "max_selected_items": integer(1)}
_TYPED: dict[str, Check] = {**_ACTION, **_FOCUS, "placeholder": PLACEHOLDER, "dispatch_action_config": DISPATCH_CONFIG}

_OPTIONS: dict[str, Check] = {
    "options": array(MENU_OPTION, most=100, least=1),
    "option_groups": array(OPTION_GROUP, most=100, least=1),
}
_LIMITED_OPTIONS: Check = array(CHOICE_OPTION, most=10, least=1)
_IDS = array(string(least=1))


def _image_source(element: Any, at: str, problems: list[str]) -> None:
    if isinstance(element, dict) and ("image_url" in element) == ("slack_file" in element):
        report(problems, "must define either `image_url` or `slack_file`", at)


def _lengths(element: Any, at: str, problems: list[str]) -> None:
    low, high = element.get("min_length"), element.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report(problems, "min_length must be less than or equal to max_length", at)
    initial = element.get("initial_value")
    if isinstance(initial, str) and isinstance(high, int) and len(initial) > high:
        report(problems, f"must be less than {high + 1} characters", f"{at}/initial_value")


def _bounds(element: Any, at: str, problems: list[str]) -> None:
    try:
        if float(element["min_value"]) > float(element["max_value"]):
            report(problems, "min_value must be less than or equal to max_value", at)
    except (KeyError, TypeError, ValueError):
        return  # one bound only, or one that its own check reports


IMAGE = both(
    obj({"alt_text": string(2000, least=1)}, {"image_url": url(), "slack_file": SLACK_FILE}),
    _image_source,
)

ELEMENTS: dict[str, Check] = {
    "image": IMAGE,
    "button": obj(
        {"text": plain(75)},
        {
            **_ACTION,
            "confirm": CONFIRM,
            "value": string(2000),
            "url": url(),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": obj({"options": array(OVERFLOW_OPTION, most=5, least=1)}, {**_ACTION, "confirm": CONFIRM}),
    "checkboxes": both(
        obj({"options": _LIMITED_OPTIONS}, {**_CHOOSER, "initial_options": _LIMITED_OPTIONS}), initial_choices
    ),
    "radio_buttons": both(
        obj({"options": _LIMITED_OPTIONS}, {**_CHOOSER, "initial_option": CHOICE_OPTION}), initial_choices
    ),
    "static_select": both(
        obj({}, {**_MENU, **_OPTIONS, "initial_option": MENU_OPTION}), both(one_source, initial_choices)
    ),
    "multi_static_select": both(
        obj({}, {**_MANY, **_OPTIONS, "initial_options": array(MENU_OPTION, most=100)}),
        both(one_source, initial_choices),
    ),
    "external_select": obj({}, {**_MENU, "initial_option": MENU_OPTION, "min_query_length": integer(0)}),
    "multi_external_select": obj(
        {}, {**_MANY, "initial_options": array(MENU_OPTION, most=100), "min_query_length": integer(0)}
    ),
    "users_select": obj({}, {**_MENU, "initial_user": string(least=1)}),
    "multi_users_select": obj({}, {**_MANY, "initial_users": _IDS}),
    "conversations_select": obj(
        {},
        {
            **_MENU,
            "initial_conversation": string(least=1),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "multi_conversations_select": obj(
        {},
        {
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "channels_select": obj({}, {**_MENU, "initial_channel": string(least=1), "response_url_enabled": boolean}),
    "multi_channels_select": obj({}, {**_MANY, "initial_channels": _IDS}),
    "datepicker": obj({}, {**_MENU, "initial_date": DATE}),
    "timepicker": obj({}, {**_MENU, "initial_time": TIME, "timezone": string(least=1)}),
    "datetimepicker": obj({}, {**_CHOOSER, "initial_date_time": MOMENT}),
    "plain_text_input": both(
        obj(
            {},
            {
                **_TYPED,
                "initial_value": string(3000),
                "multiline": boolean,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            },
        ),
        _lengths,
    ),
    "email_text_input": obj({}, {**_TYPED, "initial_value": string()}),
    "url_text_input": obj({}, {**_TYPED, "initial_value": string()}),
    "number_input": both(
        obj(
            {"is_decimal_allowed": boolean},
            {**_TYPED, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
        ),
        _bounds,
    ),
    "rich_text_input": obj({}, {**_TYPED, "initial_value": obj({"elements": array(obj({}, {}))})}),
    "file_input": obj({}, {**_ACTION, "filetypes": array(string()), "max_files": integer(1, 10)}),
}

EVERYWHERE = frozenset({"message", "modal", "home"})
SURFACES: dict[str, frozenset[str]] = {
    "datetimepicker": frozenset({"message", "modal"}),
    "email_text_input": frozenset({"modal"}),
    "file_input": frozenset({"modal"}),
    "number_input": frozenset({"modal"}),
    "rich_text_input": frozenset({"modal", "home"}),
    "url_text_input": frozenset({"modal"}),
}
SELECTS = frozenset(
    {"static_select", "external_select", "users_select", "conversations_select", "channels_select"},
)
MULTI_SELECTS = frozenset(f"multi_{name}" for name in SELECTS)
PICKERS = frozenset({"datepicker", "timepicker", "checkboxes", "radio_buttons"})
IN_SECTION = SELECTS | MULTI_SELECTS | PICKERS | {"button", "overflow", "image"}
IN_ACTIONS = SELECTS | MULTI_SELECTS | PICKERS | {"button", "overflow", "datetimepicker", "rich_text_input"}
IN_INPUT = (
    SELECTS
    | MULTI_SELECTS
    | PICKERS
    | {
        "datetimepicker",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)


def allowed(names: frozenset[str], surface: str) -> dict[str, Check]:
    """The elements of a block that may stand on this surface."""
    return {name: ELEMENTS[name] for name in sorted(names) if surface in SURFACES.get(name, EVERYWHERE)}
