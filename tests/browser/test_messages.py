"""Messages as they come, change and go, and the buttons in them."""

import threading

from playwright.sync_api import expect

from tests.browser.blocks import acted, actions, button, options, section
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, World

CARD = [section("*R-7* is RUNNING", block_id="top"), actions(button("Approve", "approve"), button("Reject", "reject"))]


def post(slack: World, blocks: list[dict[str, object]]) -> str:
    return str(slack.client.chat_postMessage(channel="C0RELEASES", text="card", blocks=blocks)["ts"])


def test_a_button_waits_for_the_bot_and_reaches_it_once(slack: World, bot: Bot, visit: Opener) -> None:
    go_on = threading.Event()
    bot.app.action("approve")(lambda ack: (go_on.wait(5), ack()))
    post(slack, CARD)
    page = visit("U0CAROL")
    approve = page.get_by_role("button", name="Approve")
    approve.click()
    expect(approve).to_have_attribute("aria-busy", "true")
    approve.click()
    go_on.set()
    expect(approve).not_to_have_attribute("aria-busy", "true")
    assert [(action["action_id"], action["value"]) for action in acted(bot)] == [("approve", "approve")]
    assert bot.payloads("block_actions")[0]["user"]["id"] == "U0CAROL"


def test_a_button_that_fails_says_so_beside_it(slack: World, bot: Bot, visit: Opener) -> None:
    post(slack, CARD)
    bot.status = 500
    page = visit("U0CAROL")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_have_text("⚠️ Oh no, something went wrong. Please try that again.")


def test_a_dangerous_button_asks_first(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.action("abort")(lambda ack: ack())
    text = {"type": "mrkdwn", "text": "*Really?*"}
    words = {"title": "Abort R-7?", "confirm": "Abort", "deny": "Keep going"}
    confirm = {name: {"type": "plain_text", "text": word} for name, word in words.items()} | {
        "text": text,
        "style": "danger",
    }
    post(slack, [actions(button("Abort", "abort", style="danger", confirm=confirm))])
    page = visit("U0ALICE")
    page.get_by_role("button", name="Abort").click()
    dialog = page.get_by_role("dialog", name="Abort R-7?")
    expect(dialog.get_by_role("button", name="Keep going")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert acted(bot) == []
    page.get_by_role("button", name="Abort").click()
    dialog.get_by_role("button", name="Abort").click()
    assert slack.driver.wait_for(lambda: acted(bot))[0]["action_id"] == "abort"


def test_an_overflow_menu_survives_an_edit_of_its_message(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.action("more")(lambda ack: ack())
    menu = {"type": "overflow", "action_id": "more", "options": options("Evidence", "History")}
    ts = post(slack, [section("6 of 10", block_id="a", accessory=menu)])
    page = visit("U0ALICE")
    page.get_by_role("button", name="More actions").press("Enter")
    expect(page.get_by_role("option", name="Evidence")).to_be_visible()
    changed = [section("7 of 10", block_id="a", accessory=menu)]
    slack.client.chat_update(channel="C0RELEASES", ts=ts, text="card", blocks=changed)
    expect(page.get_by_text("7 of 10")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert slack.driver.wait_for(lambda: acted(bot))[0]["selected_option"]["value"] == "history"


def test_an_edit_keeps_the_focus_and_what_did_not_change(slack: World, bot: Bot, visit: Opener) -> None:
    ts = post(slack, CARD)
    page = visit("U0ALICE")
    page.get_by_role("button", name="Approve").focus()
    page.evaluate("document.activeElement.dataset.witness = 'the same'")
    slack.client.chat_update(
        channel="C0RELEASES", ts=ts, text="card", blocks=[section("*R-7* is HELD", block_id="top"), CARD[1]]
    )
    expect(page.get_by_text("R-7 is HELD")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.witness") == "the same"
    slack.client.chat_update(
        channel="C0RELEASES",
        ts=ts,
        text="card",
        blocks=[CARD[0], actions(button("Approve", "approve", style="primary"))],
    )
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
    expect(page.get_by_role("button", name="Approve")).to_be_focused()


def test_messages_come_change_and_go_live(slack: World, bot: Bot, visit: Opener) -> None:
    page = visit("U0ALICE")
    ts = str(slack.client.chat_postMessage(channel="C0RELEASES", text="one")["ts"])
    expect(page.locator(".message-text")).to_have_text("one")
    expect(page.locator(".app-badge")).to_have_text("APP")
    slack.client.chat_update(channel="C0RELEASES", ts=ts, text="two")
    expect(page.locator(".message-text")).to_have_text("two (edited)")
    slack.client.chat_delete(channel="C0RELEASES", ts=ts)
    expect(page.locator(".message")).to_have_count(0)


def test_an_ephemeral_is_only_for_its_person(slack: World, bot: Bot, visit: Opener) -> None:
    alice, bob = visit("U0ALICE"), visit("U0BOB")
    slack.client.chat_postEphemeral(channel="C0RELEASES", user="U0ALICE", text="for your eyes")
    slack.client.chat_postMessage(channel="C0RELEASES", text="for everyone")
    expect(alice.locator(".message.ephemeral")).to_contain_text("for your eyes")
    expect(bob.locator(".message-text")).to_have_text("for everyone")
    expect(bob.get_by_text("Only visible to you")).to_have_count(0)


def test_what_comes_while_reading_higher_up_waits_under_a_pill(slack: World, visit: Opener) -> None:
    for number in range(40):
        slack.driver.say("U0BOB", "releases", f"line {number}")
    page = visit("U0ALICE")
    expect(page.get_by_text("line 39")).to_be_in_viewport()
    page.locator("#conversation .message-scroller").evaluate("node => { node.scrollTop = 0 }")
    expect(page.get_by_text("line 39")).not_to_be_in_viewport()
    slack.driver.say("U0BOB", "releases", "the newest")
    page.get_by_role("button", name="New messages").click()
    expect(page.get_by_text("the newest")).to_be_in_viewport()
    slack.driver.say("U0BOB", "releases", "newer still")
    expect(page.get_by_text("newer still")).to_be_in_viewport()


def test_unread_counts_go_up_elsewhere_and_away_when_read(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE", "C0GENERAL")
    slack.driver.say("U0BOB", "releases", "hello")
    slack.driver.say("U0BOB", "releases", "hello again")
    row = page.locator("[data-row=C0RELEASES]")
    expect(row.locator(".unread-count")).to_have_text("2")
    row.click()
    expect(row.locator(".unread-count")).to_have_count(0)
    expect(page.locator(".message-text")).to_have_text(["hello", "hello again"])

    def read() -> bool:
        return "C0RELEASES" in [c["id"] for c in slack.driver.state("U0ALICE")["channels"] if not c["unread"]]

    slack.driver.wait_for(read, what="the server knows it is read")


def test_a_thread_opens_from_its_link_with_the_failure_in_it(slack: World, bot: Bot, visit: Opener) -> None:
    ts = post(slack, CARD)
    slack.client.chat_postMessage(channel="C0RELEASES", thread_ts=ts, text="⛔ *CI* ```1 failed```")
    page = visit("U0ALICE")
    page.locator(".thread-link").click()
    thread = page.locator("#thread")
    expect(thread.locator("pre")).to_have_text("1 failed")
    expect(thread.get_by_role("separator")).to_have_text("1 reply")
    slack.client.chat_postMessage(channel="C0RELEASES", thread_ts=ts, text="and another")
    expect(thread.get_by_role("separator")).to_have_text("2 replies")
    expect(page.locator("#conversation .message")).to_have_count(1)
    page.get_by_role("button", name="Close thread").click()
    expect(thread).to_be_hidden()
