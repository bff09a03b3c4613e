"""Modals: opening, filling in by keys, mistakes, stacks, updates, closing."""

from playwright.sync_api import Locator, Page, expect
from slack_bolt import Ack

from tests.browser.blocks import acted, actions, button, field, modal, opens, options, section, submitted
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, World


def run(page: Page, command: str = "/change") -> Locator:
    page.locator("#conversation .composer-field").fill(command)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def test_a_modal_is_filled_in_and_sent_by_keys_alone(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(
        field("title", "Title", "plain_text_input"),
        field("kind", "Kind", "static_select", {"options": options("Extension", "Routine")}),
        field("risk", "Risk", "radio_buttons", {"options": options("Low", "High")}),
        field("areas", "Areas", "checkboxes", {"options": options("Cart", "Search")}, optional=True),
        field("why", "Why", "plain_text_input", {"multiline": True}),
    ))  # fmt: skip
    bot.app.view("change")(lambda ack: ack())
    page = visit("U0ALICE")
    dialog = run(page)
    keys = page.keyboard
    keys.type("Faster checkout")
    for key in ("Tab", "Enter", "ArrowDown", "Enter", "Tab", "ArrowDown", "Tab", "Tab", "Space", "Tab"):
        keys.press(key)
    keys.type("People wait")
    for key in ("Tab", "Tab", "Enter"):
        keys.press(key)
    expect(dialog).to_have_count(0)
    (values,) = submitted(bot)
    assert values["title"]["v"]["value"] == "Faster checkout"
    assert values["kind"]["v"]["selected_option"]["value"] == "routine"
    assert values["risk"]["v"]["selected_option"]["value"] == "high"
    assert [option["value"] for option in values["areas"]["v"]["selected_options"]] == ["search"]
    assert values["why"]["v"]["value"] == "People wait"
    expect(page.locator("#conversation .composer-field")).to_be_focused()


def test_the_focus_stays_inside(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(field("title", "Title", "plain_text_input")))
    page = visit("U0ALICE")
    dialog = run(page)
    expect(dialog.get_by_label("Title")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_role("button", name="Send")).to_be_focused()


def test_a_long_form_is_shown_from_its_top(slack: World, bot: Bot, visit: Opener) -> None:
    rules = [section(f"Rule {number}\n" * 4) for number in range(12)]
    opens(bot, modal(*rules, field("yes", "Do you?", "checkboxes", {"options": options("Yes")})))
    bot.app.view("change")(lambda ack: ack())
    page = visit("U0ALICE")
    dialog = run(page)
    expect(dialog.get_by_text("Rule 0").first).to_be_in_viewport()
    expect(dialog.get_by_role("checkbox")).to_be_focused()
    expect(dialog.get_by_role("checkbox")).not_to_be_in_viewport()
    page.keyboard.press("Space")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    assert submitted(bot)[0]["yes"]["v"]["selected_options"][0]["value"] == "yes"


def test_mistakes_stand_under_their_fields(slack: World, bot: Bot, visit: Opener) -> None:
    opens(
        bot,
        modal(field("title", "Title", "plain_text_input"), field("why", "Why", "plain_text_input", {"min_length": 5})),
    )
    bot.app.view("change")(lambda ack: ack(response_action="errors", errors={"title": "A breaking change. Split it."}))
    page = visit("U0ALICE")
    dialog = run(page)
    dialog.get_by_label("Why").fill("no")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        ["Please complete this required field.", "Must be at least 5 characters."]
    )
    assert bot.payloads("view_submission") == []
    dialog.get_by_label("Why").fill("because")
    dialog.get_by_label("Title").fill("Everything new")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_have_text("A breaking change. Split it.")
    expect(dialog.get_by_label("Title")).to_be_focused()
    expect(dialog.get_by_label("Title")).to_have_value("Everything new")


def test_a_bot_that_fails_leaves_the_modal_with_a_sentence(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(field("title", "Title", "plain_text_input")))
    page = visit("U0ALICE")
    dialog = run(page)
    bot.status = 500
    dialog.get_by_label("Title").fill("x")
    dialog.get_by_label("Title").press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("⚠️ We had some trouble connecting. Try again?")
    expect(dialog.get_by_label("Title")).to_have_value("x")


def test_an_external_select_asks_the_bot_while_typing(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(field("branch", "Branch", "external_select", {"min_query_length": 2})))
    bot.app.options("v")(
        lambda ack, payload: ack(options=options(f"{payload['value']}-one", f"{payload['value']}-two"))
    )
    bot.app.view("change")(lambda ack: ack())
    page = visit("U0ALICE")
    dialog = run(page)
    dialog.locator(".select").press("Enter")
    expect(page.get_by_text("Type 2 letters or more to search")).to_be_visible()
    page.keyboard.type("cr")
    expect(page.get_by_role("option")).to_have_text(["cr-one", "cr-two"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.locator(".select")).to_have_text("cr-two")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    assert submitted(bot)[0]["branch"]["v"]["selected_option"]["value"] == "cr-two"
    assert [payload["value"] for payload in bot.payloads("block_suggestion")] == ["cr"]


def test_an_update_keeps_what_was_typed_where_the_ids_stay(slack: World, bot: Bot, visit: Opener) -> None:
    kind = field("kind", "Kind", "static_select", {"options": options("Extension", "Breaking")}, dispatch_action=True)
    title = field("title", "Title", "plain_text_input")
    opens(bot, modal(title, kind))

    def chosen(ack: Ack, body: dict[str, dict[str, str]]) -> None:
        view = modal(title, kind, field("split", "How to split it", "plain_text_input"))
        slack.client.views_update(view_id=body["view"]["id"], view=view)
        ack()

    bot.app.action("v")(chosen)
    page = visit("U0ALICE")
    dialog = run(page)
    dialog.get_by_label("Title").fill("half a title")
    dialog.locator(".select").click()
    page.get_by_role("option", name="Breaking").click()
    expect(dialog.get_by_label("How to split it")).to_be_visible()
    expect(dialog.get_by_label("Title")).to_have_value("half a title")
    expect(dialog.locator(".select")).to_have_text("Breaking")
    (told,) = bot.payloads("block_actions")
    assert told["view"]["state"]["values"]["title"]["v"]["value"] == "half a title"


def test_a_pushed_view_goes_back_to_what_was_typed_before(slack: World, bot: Bot, visit: Opener) -> None:
    opens(
        bot, modal(field("title", "Title", "plain_text_input"), actions(button("More", "more")), notify_on_close=True)
    )
    second = modal(field("note", "Note", "plain_text_input"), title="More", notify_on_close=True)
    bot.app.action("more")(
        lambda ack, body, client: (client.views_push(trigger_id=body["trigger_id"], view=second), ack())
    )
    bot.app.view_closed("change")(lambda ack: ack())
    page = visit("U0ALICE")
    dialog = run(page)
    dialog.get_by_label("Title").fill("kept")
    dialog.get_by_role("button", name="More").click()
    expect(page.get_by_role("dialog", name="More")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog.get_by_label("Title")).to_have_value("kept")
    dialog.get_by_role("button", name="More").click()
    expect(dialog.get_by_label("Note")).to_have_value("")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_have_count(0)
    slack.driver.wait_for(lambda: len(bot.payloads("view_closed")) == 2)
    assert [payload["is_cleared"] for payload in bot.payloads("view_closed")] == [False, True]


def test_escape_closes_a_menu_before_the_modal(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(field("kind", "Kind", "static_select", {"options": options("Extension")})))
    page = visit("U0ALICE")
    dialog = run(page)
    dialog.locator(".select").press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(dialog.locator(".select")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert slack.driver.stack("U0ALICE") == []


def test_an_open_modal_is_there_again_after_a_reload(slack: World, bot: Bot, visit: Opener) -> None:
    opens(bot, modal(field("title", "Title", "plain_text_input")))
    page = visit("U0ALICE")
    run(page)
    page.reload()
    expect(page.get_by_role("dialog", name="Change request")).to_be_visible()
    assert acted(bot) == []
