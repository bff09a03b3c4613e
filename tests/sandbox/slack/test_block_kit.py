"""Slack's documented limits, one row each: what just fits is taken, what just does not is refused at its place."""

from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.sandbox.slack import blockkit, blockkit_views
from bot.sandbox.slack.blockkit_options import option_problems

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


# What just fits, what just does not, and where the problem is said to be.
LIMITS = {
    "blocks of a message": ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51, "/blocks"),
    "block_id": ([section(block_id="b" * 255)], [section(block_id="b" * 256)], "/blocks/0/block_id"),
    "block_id empty": ([section(block_id="b")], [section(block_id="")], "/blocks/0/block_id"),
    "section text": ([section(text=mrkdwn("x" * 3000))], [section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text"),
    "section text empty": ([section(text=mrkdwn("x"))], [section(text=mrkdwn(""))], "/blocks/0/text/text"),
    "section fields": ([section(fields=[plain()] * 10)], [section(fields=[plain()] * 11)], "/blocks/0/fields"),
    "section field": (
        [section(fields=[mrkdwn("x" * 2000)])],
        [section(fields=[mrkdwn("x" * 2001)])],
        "/blocks/0/fields/0/text",
    ),
    "section needs words": ([{"type": "section", "fields": [plain()]}], [{"type": "section"}], "/blocks/0"),
    "header": (
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "header", "text": plain("x" * 151)}],
        "/blocks/0/text/text",
    ),
    "header is plain": (
        [{"type": "header", "text": plain()}],
        [{"type": "header", "text": mrkdwn()}],
        "/blocks/0/text/type",
    ),
    "context elements": (
        [{"type": "context", "elements": [mrkdwn()] * 10}],
        [{"type": "context", "elements": [mrkdwn()] * 11}],
        "/blocks/0/elements",
    ),
    "context not empty": (
        [{"type": "context", "elements": [mrkdwn()]}],
        [{"type": "context", "elements": []}],
        "/blocks/0/elements",
    ),
    "context holds no buttons": (
        [{"type": "context", "elements": [image()]}],
        [{"type": "context", "elements": [button()]}],
        "/blocks/0/elements/0/type",
    ),
    "actions elements": ([actions(*distinct(25))], [actions(*distinct(26))], "/blocks/0/elements"),
    "actions not empty": ([actions(button())], [actions()], "/blocks/0/elements"),
    "actions hold no text inputs": (
        [actions(button())],
        [actions({"type": "plain_text_input", "action_id": "a"})],
        "/blocks/0/elements/0/type",
    ),
    "same action_id in one block": (
        [actions(button()), actions(button())],
        [actions(button(), button())],
        "/blocks/0/elements",
    ),
    "same block_id": (
        [section(block_id="a"), section(block_id="b")],
        [section(block_id="a"), section(block_id="a")],
        "/blocks/1/block_id",
    ),
    "image alt_text": ([image(alt_text="x" * 2000)], [image(alt_text="x" * 2001)], "/blocks/0/alt_text"),
    "image alt_text is wanted": ([image()], [{"type": "image", "image_url": "https://example.com/a"}], "/blocks/0"),
    "image title": ([image(title=plain("x" * 2000))], [image(title=plain("x" * 2001))], "/blocks/0/title/text"),
    "image url": (
        [image(image_url="https://e.com/" + "x" * 2986)],
        [image(image_url="https://e.com/" + "x" * 2987)],
        "/blocks/0/image_url",
    ),
    "image url is one": ([image()], [image(image_url="a.png")], "/blocks/0/image_url"),
    "image has one source": ([image()], [image(slack_file={"id": "F1"})], "/blocks/0"),
    "image needs a source": (
        [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"}],
        [{"type": "image", "alt_text": "a"}],
        "/blocks/0",
    ),
    "markdown": (
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "markdown", "text": "x" * 12_001}],
        "/blocks/0/text",
    ),
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
    "rich text": (
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
            }
        ],
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "/blocks/0/elements/0/type",
    ),
    "table rows": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 100}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        "/blocks/0/rows",
    ),
    "table columns": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20]}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
        "/blocks/0/rows/0",
    ),
    "no unknown key in a block": ([{"type": "divider"}], [{"type": "divider", "color": "red"}], "/blocks/0"),
    "no unknown key in an element": ([actions(button())], [actions(button(disabled=True))], "/blocks/0/elements/0"),
    "no unknown key in a text": ([section()], [section(text={**mrkdwn(), "emoji": True})], "/blocks/0/text"),
    "no unknown block": ([{"type": "divider"}], [{"type": "banner"}], "/blocks/0/type"),
    "a type is wanted": ([{"type": "divider"}], [{"block_id": "x"}], "/blocks/0"),
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


VIEW_LIMITS = {
    "title": (modal(title=plain("x" * 24)), modal(title=plain("x" * 25)), "/view/title/text"),
    "title is wanted": (modal(), {"type": "modal", "blocks": []}, "/view"),
    "submit": (modal(submit=plain("x" * 24)), modal(submit=plain("x" * 25)), "/view/submit/text"),
    "close": (modal(close=plain("x" * 24)), modal(close=plain("x" * 25)), "/view/close/text"),
    "private_metadata": (
        modal(private_metadata="x" * 3000),
        modal(private_metadata="x" * 3001),
        "/view/private_metadata",
    ),
    "callback_id": (modal(callback_id="x" * 255), modal(callback_id="x" * 256), "/view/callback_id"),
    "external_id": (modal(external_id="x" * 255), modal(external_id="x" * 256), "/view/external_id"),
    "blocks": (modal(*[{"type": "divider"}] * 100), modal(*[{"type": "divider"}] * 101), "/view/blocks"),
    "inner blocks": (modal(section()), modal(section(text=mrkdwn("x" * 3001))), "/view/blocks/0/text/text"),
    "inputs want submit": (modal(asked("plain_text_input")), modal(asked("plain_text_input"), submit=None), "/view"),
    "no unknown key": (modal(), modal(colour="red"), "/view"),
}


@pytest.mark.parametrize("name", VIEW_LIMITS)
def test_limits_of_modals(name: str) -> None:
    fits, does_not, place = VIEW_LIMITS[name]
    assert blockkit_views.problems(fits, "modal") == []
    problems = blockkit_views.problems(does_not, "modal")
    assert any(problem.endswith(f"[json-pointer:{place}]") for problem in problems), problems


def test_a_home_has_no_title_and_a_modal_is_no_home() -> None:
    assert blockkit_views.problems({"type": "home", "blocks": [section()]}, "home") == []
    assert blockkit_views.problems({"type": "home", "title": plain(), "blocks": []}, "home")
    assert blockkit_views.problems(modal(), "home") == ["unsupported type: modal [json-pointer:/view/type]"]


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ({"options": options(100)}, True),
        ({"options": []}, True),
        ({"options": options(101)}, False),
        ({"options": [option("x" * 76)]}, False),
        ({"option_groups": [{"label": plain(), "options": options(1)}]}, True),
        ({"options": options(1), "option_groups": []}, False),
        ({}, False),
    ],
)
def test_what_may_be_suggested(answer: Json, fits: bool) -> None:
    assert (option_problems(answer) == []) is fits


def test_the_weight_of_a_message_grows_with_text_and_with_blocks() -> None:
    assert blockkit.weight([{"type": "markdown", "text": "x" * 13_297}]) <= blockkit.WEIGHT_LIMIT
    assert blockkit.weight([{"type": "markdown", "text": "x" * 13_173}, {"type": "divider"}]) > blockkit.WEIGHT_LIMIT
    assert blockkit.weight([section(text=mrkdwn("x" * 100))] * 50) < blockkit.WEIGHT_LIMIT
