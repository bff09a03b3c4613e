"""What is put on messages: reactions, pins, the app's shortcuts; channels the bot makes, and their topics."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.blocks import actions, button, modal, section
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import Bot, Stage, World, able_manifest, attach, world


@pytest.fixture
def slack(slack_stage: Stage, tmp_path: Path) -> Iterator[World]:
    yield from world(slack_stage, manifest=able_manifest(tmp_path))


@pytest.fixture
def bot(slack: World, bot_stage: Stage) -> Bot:
    bot = attach(slack, bot_stage)
    bot.app.event("reaction_added")(lambda: None)
    bot.app.event("reaction_removed")(lambda: None)
    return bot


def said(slack: World, text: str, channel: str = "releases", thread_ts: str | None = None) -> str:
    ts = slack.driver.say("U0BOB", channel, text, thread_ts)
    assert ts is not None
    return ts


def message(page: Page, ts: str, pane: str = "#conversation") -> Locator:
    return page.locator(f"{pane} .message[data-ts='{ts}']")


def reactions(bot: Bot) -> list[tuple[str, str]]:
    return [(one["event"]["type"], one["event"]["reaction"]) for one in bot.payloads("event_callback")]


def test_a_reaction_is_put_on_and_taken_off_and_everyone_sees_it(slack: World, bot: Bot, visit: Opener) -> None:
    ts = said(slack, "the database is full")
    alice, carol = visit("U0ALICE"), visit("U0CAROL")
    message(alice, ts).hover()
    message(alice, ts).get_by_role("button", name="Add a reaction").click()
    alice.get_by_role("option", name=":pushpin:").click()
    mine, theirs = (message(page, ts).locator(".reaction:not(.reaction-add)") for page in (alice, carol))
    expect(mine).to_have_text("📌1")
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(theirs).to_have_attribute("aria-pressed", "false")
    theirs.click()
    expect(mine).to_have_text("📌2")
    expect(mine).to_have_attribute("title", "Alice Ade, Carol Chen reacted with :pushpin:")
    theirs.click()
    mine.press("Enter")
    expect(mine).to_have_count(0)
    added, removed = ("reaction_added", "pushpin"), ("reaction_removed", "pushpin")
    slack.driver.wait_for(lambda: len(reactions(bot)) == 4, what="four events")
    assert sorted(reactions(bot)) == [added, added, removed, removed]


def test_any_emoji_is_found_by_typing_with_keys_alone(slack: World, bot: Bot, visit: Opener) -> None:
    ts = said(slack, "shipped")
    page = visit("U0ALICE")
    message(page, ts).get_by_role("button", name="Add a reaction").press("Enter")
    page.keyboard.type("rock")
    page.keyboard.press("Enter")
    expect(message(page, ts).locator(".reaction").first).to_have_text("🚀1")
    expect(message(page, ts).get_by_role("button", name="Add a reaction")).to_be_focused()
    message(page, ts).get_by_role("button", name="Add another reaction").press("Enter")
    page.keyboard.press("Escape")
    expect(message(page, ts).get_by_role("button", name="Add another reaction")).to_be_focused()


def test_a_reaction_in_a_thread_and_none_on_what_only_one_person_sees(slack: World, bot: Bot, visit: Opener) -> None:
    root = said(slack, "root")
    reply = said(slack, "reply", thread_ts=root)
    whisper = slack.client.chat_postEphemeral(channel="C0RELEASES", user="U0ALICE", text="for you")["message_ts"]
    page = visit("U0ALICE", f"C0RELEASES/{root}")
    tools = message(page, reply, "#thread").locator(".message-tools button")
    expect(tools).to_have_count(2)
    tools.first.press("Enter")
    page.get_by_role("option", name=":eyes:").click()
    expect(message(page, reply, "#thread").locator(".reaction").first).to_have_text("👀1")
    expect(message(page, str(whisper)).locator(".message-tools button")).to_have_count(0)


def test_a_shortcut_is_chosen_by_keys_and_opens_a_modal(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.message_shortcut("keep")(
        lambda ack, body, client: (ack(), client.views_open(trigger_id=body["trigger_id"], view=modal(section("ok"))))
    )
    ts = said(slack, "the database is full")
    page = visit("U0ALICE")
    message(page, ts).get_by_role("button", name="Message menu").press("Enter")
    expect(page.get_by_role("option")).to_have_text(["📌Pin to this conversation", "Add to timelineKeeps it"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Change request")).to_be_visible()
    (sent,) = bot.payloads("message_action")
    assert (sent["message_ts"], sent["message"]["text"]) == (ts, "the database is full")


def test_a_shortcut_that_fails_says_so(slack: World, bot: Bot, visit: Opener) -> None:
    ts = said(slack, "the database is full")
    bot.status = 500
    page = visit("U0ALICE")
    message(page, ts).get_by_role("button", name="Message menu").press("Enter")
    page.get_by_role("option", name="Add to timeline").click()
    expect(page.get_by_role("alert")).to_contain_text("Oh no, something went wrong. Please try that again.")


def test_a_pinned_message_is_marked_counted_and_found(slack: World, bot: Bot, visit: Opener) -> None:
    blocks = [section("*R-7* is RUNNING"), actions(button("Abort", "abort"))]
    card = str(slack.client.chat_postMessage(channel="C0RELEASES", text="R-7 is RUNNING", blocks=blocks)["ts"])
    reply = said(slack, "why it waits", thread_ts=card)
    for number in range(30):
        said(slack, f"line {number}")
    page = visit("U0ALICE")
    expect(page.locator(".head-pins")).to_have_count(0)
    slack.client.pins_add(channel="C0RELEASES", timestamp=card)
    expect(message(page, card).locator(".pin-line")).to_have_text("📌Pinned by Slipway")
    expect(message(page, card)).not_to_be_in_viewport()
    page.get_by_role("button", name="1 pinned message").press("Enter")
    expect(page.get_by_role("option")).to_contain_text("R-7 is RUNNING")
    page.keyboard.press("Enter")
    expect(message(page, card)).to_be_in_viewport()
    slack.driver.pin("U0BOB", "releases", reply)
    page.get_by_role("button", name="2 pinned messages").click()
    page.get_by_role("option", name="why it waits").click()
    expect(message(page, reply, "#thread")).to_be_in_viewport()
    message(page, card).get_by_role("button", name="Message menu").press("Enter")
    page.get_by_role("option", name="Unpin from this conversation").click()
    expect(page.get_by_role("button", name="1 pinned message")).to_be_visible()
    expect(message(page, card).locator(".pin-line")).to_have_count(0)
    slack.driver.control("delete", channel="C0RELEASES", ts=reply)
    expect(page.locator(".head-pins")).to_have_count(0)


def test_a_channel_the_bot_makes_appears_with_its_topic_for_those_invited(
    slack: World, bot: Bot, visit: Opener
) -> None:
    alice, carol = visit("U0ALICE"), visit("U0CAROL")
    made = str(slack.client.conversations_create(name="inc-3-checkout")["channel"]["id"])
    slack.client.conversations_invite(channel=made, users=["U0ALICE"])
    row = alice.locator(f"[data-row={made}]")
    expect(row).to_contain_text("inc-3-checkout")
    row.click()
    expect(alice.locator("#conversation .message-text")).to_have_text(
        ["joined #inc-3-checkout.", "was added to #inc-3-checkout by @Slipway."]
    )
    slack.client.conversations_setTopic(channel=made, topic="*CRITICAL* <Checkout> & co")
    expect(alice.locator(".head-topic")).to_have_text("*CRITICAL* <Checkout> & co")
    expect(carol.locator(f"[data-row={made}]")).to_have_count(0)
    carol.keyboard.press("Control+k")
    carol.keyboard.type("inc-3")
    carol.keyboard.press("Enter")
    expect(carol.get_by_role("heading", name="inc-3-checkout")).to_be_visible()
    expect(carol.locator(f"[data-row={made}]")).to_have_count(1)
    expect(alice.locator(".head-members")).to_have_text("3")


def test_a_menu_stays_open_while_its_message_changes(slack: World, bot: Bot, visit: Opener) -> None:
    bot.app.message_shortcut("keep")(lambda ack: ack())
    ts = str(slack.client.chat_postMessage(channel="C0RELEASES", text="6 of 10")["ts"])
    page = visit("U0ALICE")
    message(page, ts).get_by_role("button", name="Message menu").press("Enter")
    slack.client.chat_update(channel="C0RELEASES", ts=ts, text="7 of 10")
    slack.driver.react("U0BOB", "releases", ts, "eyes")
    expect(message(page, ts).locator(".reaction").first).to_have_text("👀1")
    page.get_by_role("option", name="Add to timeline").click()
    (sent,) = slack.driver.wait_for(lambda: bot.payloads("message_action"), what="the shortcut")
    assert sent["message"]["text"] == "7 of 10"
