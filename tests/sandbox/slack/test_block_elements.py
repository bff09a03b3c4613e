"""Elements at Slack's documented limits, and where each may stand."""

import pytest
from slack_sdk.models.blocks import Block

from tests.sandbox.slack.block_kit import (
    Json,
    accessory,
    actions,
    asked,
    button,
    check,
    confirm,
    mrkdwn,
    option,
    options,
    plain,
)

# What just fits, what just does not, and where the problem is said to be.
LIMITS = {
    "button text": (
        [actions(button(text=plain("x" * 75)))],
        [actions(button(text=plain("x" * 76)))],
        "/blocks/0/elements/0/text/text",
    ),
    "button text is plain": ([actions(button())], [actions(button(text=mrkdwn()))], "/blocks/0/elements/0/text/type"),
    "button value": (
        [actions(button(value="x" * 2000))],
        [actions(button(value="x" * 2001))],
        "/blocks/0/elements/0/value",
    ),
    "button url": (
        [actions(button(url="https://e.com/" + "x" * 2986))],
        [actions(button(url="https://e.com/" + "x" * 2987))],
        "/blocks/0/elements/0/url",
    ),
    "button style": (
        [actions(button(style="danger"))],
        [actions(button(style="default"))],
        "/blocks/0/elements/0/style",
    ),
    "button label": (
        [actions(button(accessibility_label="x" * 75))],
        [actions(button(accessibility_label="x" * 76))],
        "/blocks/0/elements/0/accessibility_label",
    ),
    "action_id": (
        [actions(button(action_id="x" * 255))],
        [actions(button(action_id="x" * 256))],
        "/blocks/0/elements/0/action_id",
    ),
    "confirm title": (
        [actions(button(confirm=confirm(title=plain("x" * 100))))],
        [actions(button(confirm=confirm(title=plain("x" * 101))))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "confirm text": (
        [actions(button(confirm=confirm(text=mrkdwn("x" * 300))))],
        [actions(button(confirm=confirm(text=mrkdwn("x" * 301))))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "confirm button": (
        [actions(button(confirm=confirm(confirm=plain("x" * 30))))],
        [actions(button(confirm=confirm(confirm=plain("x" * 31))))],
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    "confirm deny": (
        [actions(button(confirm=confirm(deny=plain("x" * 30))))],
        [actions(button(confirm=confirm(deny=plain("x" * 31))))],
        "/blocks/0/elements/0/confirm/deny/text",
    ),
    "overflow options": (
        [accessory("overflow", options=options(5))],
        [accessory("overflow", options=options(6))],
        "/blocks/0/accessory/options",
    ),
    "overflow not empty": (
        [accessory("overflow", options=options(1))],
        [accessory("overflow", options=[])],
        "/blocks/0/accessory/options",
    ),
    "select options": (
        [accessory("static_select", options=options(100))],
        [accessory("static_select", options=options(101))],
        "/blocks/0/accessory/options",
    ),
    "select groups": (
        [accessory("static_select", option_groups=[{"label": plain(), "options": options(1)}] * 100)],
        [accessory("static_select", option_groups=[{"label": plain(), "options": options(1)}] * 101)],
        "/blocks/0/accessory/option_groups",
    ),
    "select group options": (
        [accessory("static_select", option_groups=[{"label": plain(), "options": options(100)}])],
        [accessory("static_select", option_groups=[{"label": plain(), "options": options(101)}])],
        "/blocks/0/accessory/option_groups/0/options",
    ),
    "select group label": (
        [accessory("static_select", option_groups=[{"label": plain("x" * 75), "options": options(1)}])],
        [accessory("static_select", option_groups=[{"label": plain("x" * 76), "options": options(1)}])],
        "/blocks/0/accessory/option_groups/0/label/text",
    ),
    "select has one source": (
        [accessory("static_select", options=options(1))],
        [accessory("static_select", options=options(1), option_groups=[{"label": plain(), "options": options(1)}])],
        "/blocks/0/accessory",
    ),
    "select starts with an option it has": (
        [accessory("static_select", options=options(2), initial_option=option("o1", "v1"))],
        [accessory("static_select", options=options(2), initial_option=option("o1", "other"))],
        "/blocks/0/accessory",
    ),
    "select placeholder": (
        [accessory("users_select", placeholder=plain("x" * 150))],
        [accessory("users_select", placeholder=plain("x" * 151))],
        "/blocks/0/accessory/placeholder/text",
    ),
    "option text": (
        [accessory("static_select", options=[option("x" * 75)])],
        [accessory("static_select", options=[option("x" * 76)])],
        "/blocks/0/accessory/options/0/text/text",
    ),
    "option value": (
        [accessory("static_select", options=[option(value="x" * 150)])],
        [accessory("static_select", options=[option(value="x" * 151)])],
        "/blocks/0/accessory/options/0/value",
    ),
    "option description": (
        [accessory("static_select", options=[option(description=plain("x" * 75))])],
        [accessory("static_select", options=[option(description=plain("x" * 76))])],
        "/blocks/0/accessory/options/0/description/text",
    ),
    "option url only in overflow": (
        [accessory("overflow", options=[option(url="https://e.com")])],
        [accessory("static_select", options=[option(url="https://e.com")])],
        "/blocks/0/accessory/options/0",
    ),
    "option text in menus is plain": (
        [accessory("checkboxes", options=[{"text": mrkdwn(), "value": "v"}])],
        [accessory("static_select", options=[{"text": mrkdwn(), "value": "v"}])],
        "/blocks/0/accessory/options/0/text/type",
    ),
    "checkboxes": (
        [accessory("checkboxes", options=options(10))],
        [accessory("checkboxes", options=options(11))],
        "/blocks/0/accessory/options",
    ),
    "checkboxes start with some or are not mentioned": (
        [accessory("checkboxes", options=options(2), initial_options=options(1))],
        [accessory("checkboxes", options=options(2), initial_options=[])],
        "/blocks/0/accessory/initial_options",
    ),
    "radio buttons": (
        [accessory("radio_buttons", options=options(10))],
        [accessory("radio_buttons", options=options(11))],
        "/blocks/0/accessory/options",
    ),
    "max_selected_items": (
        [accessory("multi_users_select", max_selected_items=1)],
        [accessory("multi_users_select", max_selected_items=0)],
        "/blocks/0/accessory/max_selected_items",
    ),
    "date": (
        [accessory("datepicker", initial_date="2026-11-30")],
        [accessory("datepicker", initial_date="30.11.2026")],
        "/blocks/0/accessory/initial_date",
    ),
    "time": (
        [accessory("timepicker", initial_time="23:59")],
        [accessory("timepicker", initial_time="24:00")],
        "/blocks/0/accessory/initial_time",
    ),
    "moment": (
        [asked("datetimepicker", initial_date_time=1_628_633_820)],
        [asked("datetimepicker", initial_date_time=16_286_338_200)],
        "/blocks/0/element/initial_date_time",
    ),
    "datetimepicker not in sections": (
        [actions({"type": "datetimepicker", "action_id": "a"})],
        [accessory("datetimepicker")],
        "/blocks/0/accessory/type",
    ),
    "filter not empty": (
        [accessory("conversations_select", filter={"include": ["im"]})],
        [accessory("conversations_select", filter={})],
        "/blocks/0/accessory/filter",
    ),
    "input label": (
        [asked("plain_text_input", {"label": plain("x" * 2000)})],
        [asked("plain_text_input", {"label": plain("x" * 2001)})],
        "/blocks/0/label/text",
    ),
    "input label is plain": (
        [asked("plain_text_input")],
        [asked("plain_text_input", {"label": mrkdwn()})],
        "/blocks/0/label/type",
    ),
    "input hint": (
        [asked("plain_text_input", {"hint": plain("x" * 2000)})],
        [asked("plain_text_input", {"hint": plain("x" * 2001)})],
        "/blocks/0/hint/text",
    ),
    "input min_length": (
        [asked("plain_text_input", min_length=3000)],
        [asked("plain_text_input", min_length=3001)],
        "/blocks/0/element/min_length",
    ),
    "input max_length": (
        [asked("plain_text_input", max_length=1)],
        [asked("plain_text_input", max_length=0)],
        "/blocks/0/element/max_length",
    ),
    "input lengths in order": (
        [asked("plain_text_input", min_length=2, max_length=2)],
        [asked("plain_text_input", min_length=3, max_length=2)],
        "/blocks/0/element",
    ),
    "input starts within its length": (
        [asked("plain_text_input", max_length=2, initial_value="ab")],
        [asked("plain_text_input", max_length=2, initial_value="abc")],
        "/blocks/0/element/initial_value",
    ),
    "input holds no button": ([asked("plain_text_input")], [asked("button", text=plain())], "/blocks/0/element/type"),
    "dispatch config": (
        [asked("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"]})],
        [asked("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_click"]})],
        "/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
    ),
    "one focus": (
        [asked("plain_text_input", focus_on_load=True)],
        [asked("plain_text_input", focus_on_load=True), asked("plain_text_input", focus_on_load=True)],
        "/blocks",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_just_fits_is_taken(name: str) -> None:
    assert check(LIMITS[name][0]) == []


@pytest.mark.parametrize("name", LIMITS)
def test_what_just_does_not_fit_is_refused_at_its_place(name: str) -> None:
    problems = check(LIMITS[name][1])
    assert any(problem.endswith(f"[json-pointer:{LIMITS[name][2]}]") for problem in problems), problems


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_taken_is_what_slack_sdk_takes_too(name: str) -> None:
    """An independent reading: slack_sdk's models refuse nothing that is taken here."""
    blocks = Block.parse_all(LIMITS[name][0])
    assert len(blocks) == len(LIMITS[name][0])
    for block in blocks:
        block.validate_json()


SURFACES = [
    ("email_text_input", {}, {"modal"}),
    ("url_text_input", {}, {"modal"}),
    ("number_input", {"is_decimal_allowed": False}, {"modal"}),
    ("file_input", {}, {"modal"}),
    ("rich_text_input", {}, {"modal", "home"}),
    ("datetimepicker", {}, {"modal", "message"}),
    ("plain_text_input", {}, {"modal", "home", "message"}),
    ("external_select", {}, {"modal", "home", "message"}),
    ("users_select", {}, {"modal", "home", "message"}),
    ("multi_external_select", {}, {"modal", "home", "message"}),
    ("checkboxes", {"options": options(1)}, {"modal", "home", "message"}),
]


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize(("kind", "more", "where"), SURFACES)
def test_where_an_input_may_stand(kind: str, more: Json, where: set[str], surface: str) -> None:
    assert (check([asked(kind, **more)], surface) == []) is (surface in where)


@pytest.mark.parametrize("block", [{"type": "markdown", "text": "x"}, {"type": "table", "rows": [[]]}])
def test_blocks_that_only_messages_have(block: Json) -> None:
    assert check([block], "modal")[0].startswith("unsupported type")
