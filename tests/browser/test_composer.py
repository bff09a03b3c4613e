"""Writing: messages, slash commands and their completion."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.blocks import section
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, World


def composer(page: Page) -> Locator:
    return page.locator("#conversation .composer-field")


def texts(slack: World, user: str = "U0ALICE") -> list[str]:
    return [message["text"] for message in slack.driver.messages(user, "releases")]


def test_enter_sends_and_shift_enter_makes_a_line(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    composer(page).type("first")
    composer(page).press("Shift+Enter")
    composer(page).type("second")
    composer(page).press("Enter")
    expect(page.locator(".message-text")).to_have_text("firstsecond")
    expect(composer(page)).to_have_value("")
    assert texts(slack) == ["first\nsecond"]
    composer(page).press("ArrowUp")
    expect(composer(page)).to_have_value("first\nsecond")


def test_a_command_is_completed_by_keys_and_reaches_the_bot(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.command("/release")(lambda ack, command: ack(f"asked for: {command['text']}"))
    page = visit("U0ALICE")
    composer(page).type("/")
    expect(page.get_by_role("option")).to_have_count(5)
    composer(page).type("re")
    expect(page.get_by_role("option", selected=True)).to_contain_text("/release start [SERVICE] [CR-1]")
    composer(page).press("Tab")
    expect(composer(page)).to_have_value("/release ")
    composer(page).press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("/release status")
    composer(page).press("Enter")
    expect(composer(page)).to_have_value("/release status ")
    composer(page).type("R-7")
    composer(page).press("Enter")
    expect(page.locator(".message.ephemeral")).to_contain_text("asked for: status R-7")
    assert [request["payload"]["text"] for request in bot.requests] == ["status R-7"]


def test_enter_sends_a_command_that_stands_in_full(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.command("/sop")(lambda ack: ack("MVP, ACTIVE"))
    page = visit("U0ALICE")
    composer(page).type("/sop")
    composer(page).press("Enter")
    expect(page.locator(".message.ephemeral")).to_contain_text("MVP, ACTIVE")
    expect(page.get_by_text("Only visible to you")).to_be_visible()


def test_an_unknown_command_is_explained_and_kept(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    composer(page).type("/relaese start")
    composer(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("/relaese is not a valid command")
    expect(composer(page)).to_have_value("/relaese start")
    assert texts(slack) == []


def test_a_command_does_not_run_in_a_thread(slack: World, bot: Bot, visit: Opener) -> None:
    ts = slack.client.chat_postMessage(channel="C0RELEASES", text="root", blocks=[section("root")])["ts"]
    page = visit("U0ALICE", f"C0RELEASES/{ts}")
    reply = page.locator("#thread .composer-field")
    reply.type("/sop")
    reply.press("Enter")
    expect(page.locator("#thread").get_by_role("alert")).to_contain_text("/sop is not supported in threads. Sorry!")
    reply.fill("a word")
    reply.press("Enter")
    expect(page.locator("#thread .message-text")).to_have_text("a word")
    expect(page.locator("#conversation .thread-link")).to_contain_text("1 reply")


def test_a_bot_that_is_down_is_told_by_slackbot(slack: World, bot: Bot, visit: Opener) -> None:
    bot.status = 500
    page = visit("U0ALICE")
    composer(page).type("/sop")
    composer(page).press("Enter")
    expect(page.locator(".message.failed")).to_contain_text('/sop failed with the error "dispatch_failed"')


def test_people_are_mentioned_by_completion(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    composer(page).type("ask @ca")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Carol Chen")
    composer(page).press("Enter")
    composer(page).type("please")
    composer(page).press("Enter")
    expect(page.locator(".message-text .mention")).to_have_text("@Carol Chen")
    assert texts(slack) == ["ask <@U0CAROL> please"]


def test_a_draft_stays_with_its_channel(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    composer(page).type("half a tho")
    page.get_by_role("button", name="general").click()
    expect(composer(page)).to_have_value("")
    page.get_by_role("button", name="releases").click()
    expect(composer(page)).to_have_value("half a tho")
