"""Every element people can fill in or choose from, and what the bot receives for it."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.blocks import Json, acted, actions, field, modal, opens, options, section, submitted
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, World

GROUPS = {"option_groups": [{"label": {"type": "plain_text", "text": "Web"}, "options": options("Shop", "Search")}]}
FIELDS = (
    field("text", "Text", "plain_text_input", {"max_length": 20, "initial_value": "begun"}),
    field("number", "Number", "number_input", {"is_decimal_allowed": False, "min_value": "1", "max_value": "9"}),
    field("mail", "Mail", "email_text_input"),
    field("url", "Address", "url_text_input"),
    field("rich", "Rich", "rich_text_input"),
    field("one", "One", "static_select", {**GROUPS, "initial_option": options("Search")[0]}),
    field("many", "Many", "multi_static_select", {"options": options("A", "B", "C"), "max_selected_items": 2}),
    field("who", "Who", "users_select", {"initial_user": "U0BOB"}),
    field("crowd", "Crowd", "multi_users_select"),
    field("room", "Room", "channels_select"),
    field("talk", "Talk", "conversations_select", {"filter": {"include": ["public"]}}),
    field("boxes", "Boxes", "checkboxes", {"options": options("X", "Y"), "initial_options": options("Y")}),
    field("radio", "Radio", "radio_buttons", {"options": options("Left", "Right")}),
    field("day", "Day", "datepicker", {"initial_date": "2026-05-01"}),
    field("hour", "Hour", "timepicker"),
    field("moment", "Moment", "datetimepicker"),
    field("later", "Later", "datepicker", optional=True),
)


def opened(page: Page) -> Locator:
    page.locator("#conversation .composer-field").fill("/change")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def pick(page: Page, block_id: str, *names: str) -> None:
    page.locator(f"[data-block={block_id}] .select").click()
    for name in names:
        page.get_by_role("option", name=name).click()
    if page.get_by_role("listbox").count():
        page.keyboard.press("Escape")


def fill_in(page: Page, dialog: Locator) -> None:
    dialog.get_by_label("Number").fill("7")
    dialog.get_by_label("Mail").fill("a@b.example")
    dialog.get_by_label("Address").fill("https://a.example")
    dialog.get_by_label("Rich").fill("some words")
    pick(page, "many", "A", "C")
    pick(page, "crowd", "Carol Chen", "Dave Diaz")
    pick(page, "room", "#general")
    pick(page, "talk", "#incidents")
    dialog.get_by_role("checkbox", name="X").check()
    dialog.get_by_role("radio", name="Right").check()
    dialog.get_by_label("Hour").fill("14:30")
    dialog.get_by_label("Moment").fill("2026-07-01T12:00")


EXPECTED: dict[str, Json] = {
    "text": {"type": "plain_text_input", "value": "begun"},
    "number": {"type": "number_input", "value": "7"},
    "mail": {"type": "email_text_input", "value": "a@b.example"},
    "url": {"type": "url_text_input", "value": "https://a.example"},
    "who": {"type": "users_select", "selected_user": "U0BOB"},
    "crowd": {"type": "multi_users_select", "selected_users": ["U0CAROL", "U0DAVE"]},
    "room": {"type": "channels_select", "selected_channel": "C0GENERAL"},
    "talk": {"type": "conversations_select", "selected_conversation": "C0INCIDENTS"},
    "day": {"type": "datepicker", "selected_date": "2026-05-01"},
    "hour": {"type": "timepicker", "selected_time": "14:30"},
    "moment": {"type": "datetimepicker", "selected_date_time": 1782900000},
    "later": {"type": "datepicker", "selected_date": None},
}


def test_every_input_reaches_the_bot_as_slack_would_send_it(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(*FIELDS))
    bot.app.view("change")(lambda ack: ack())
    page = visit("U0ALICE", size=(1280, 2000))
    dialog = opened(page)
    fill_in(page, dialog)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    values = {block_id: entry["v"] for block_id, entry in submitted(bot)[0].items()}
    assert {name: values[name] for name in EXPECTED} == EXPECTED
    assert values["one"]["selected_option"]["value"] == "search"
    assert [option["value"] for option in values["many"]["selected_options"]] == ["a", "c"]
    assert [option["value"] for option in values["boxes"]["selected_options"]] == ["x", "y"]
    assert values["radio"]["selected_option"]["value"] == "right"
    assert values["rich"]["rich_text_value"]["elements"][0]["elements"] == [{"type": "text", "text": "some words"}]


def test_slack_own_checks_stand_under_the_fields(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(*(one for one in FIELDS if one["block_id"] in ("number", "mail", "url"))))
    page = visit("U0ALICE")
    dialog = opened(page)
    for label, wrong in (("Number", "12"), ("Mail", "nobody"), ("Address", "ftp")):
        dialog.get_by_label(label).fill(wrong)
    dialog.get_by_role("button", name="Send").click()
    sentences = ["Must be at most 9.", "Please enter a valid email address.", "Please enter a valid URL."]
    expect(dialog.get_by_role("alert")).to_have_text(sentences)


def test_a_menu_is_narrowed_by_typing_and_keeps_its_limit(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(FIELDS[5], FIELDS[6]))
    page = visit("U0ALICE")
    dialog = opened(page)
    page.locator("[data-block=one] .select").press("ArrowDown")
    expect(page.locator(".menu-group")).to_have_text("Web")
    expect(page.get_by_role("option", selected=True)).to_have_text("Search")
    page.keyboard.type("sho")
    expect(page.get_by_role("option")).to_have_text(["Shop"])
    page.keyboard.press("Enter")
    expect(page.locator("[data-block=one] .select")).to_have_text("Shop")
    pick(page, "many", "A", "B", "C")
    expect(dialog.locator(".chip")).to_have_text(["A", "B"])
    dialog.get_by_role("button", name="Remove A").click()
    expect(dialog.locator(".chip")).to_have_text(["B"])


def test_choices_in_a_message_are_told_at_once_with_the_whole_state(slack: World, bot: Bot, visit: Opener) -> None:
    select = {"type": "static_select", "action_id": "pick", "placeholder": {"type": "plain_text", "text": "Pick"}}
    boxes = {"type": "checkboxes", "action_id": "tick", "options": options("Seen")}
    day = {"type": "datepicker", "action_id": "day"}
    blocks = [
        section("Choose", block_id="top", accessory={**select, "options": options("Shop", "Search")}),
        actions(boxes, day, block_id="low"),
    ]
    for action_id in ("pick", "tick", "day"):
        bot.app.action(action_id)(lambda ack: ack())
    slack.client.chat_postMessage(channel="C0RELEASES", text="choose", blocks=blocks)
    page = visit("U0ALICE")
    page.locator(".select").click()
    page.get_by_role("option", name="Search").click()
    page.get_by_role("checkbox", name="Seen").check()
    page.locator("input[type=date]").fill("2026-05-02")
    slack.driver.wait_for(lambda: len(acted(bot)) == 3)
    state = bot.payloads("block_actions")[-1]["state"]["values"]
    assert state["top"]["pick"]["selected_option"]["value"] == "search"
    assert state["low"]["tick"]["selected_options"][0]["value"] == "seen"
    assert acted(bot)[-1]["selected_date"] == state["low"]["day"]["selected_date"] == "2026-05-02"


def test_a_date_deleted_by_keyboard_is_gone_and_a_required_one_comes_back(
    slack: World, bot: Bot, visit: Opener
) -> None:
    both = [one for one in FIELDS if one["block_id"] in ("day", "later")]
    opens(bot, modal(*both))
    bot.app.view("change")(lambda ack: ack())
    page = visit("U0ALICE")
    dialog = opened(page)
    for label in ("Later", "Day"):
        field = dialog.get_by_label(label)
        field.fill("2026-05-09")
        for _ in range(3):
            field = dialog.get_by_label(label)
            field.press("Backspace")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+Tab")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    values = submitted(bot)[0]
    assert (values["later"]["v"]["selected_date"], values["day"]["v"]["selected_date"]) == (None, "2026-05-09")
