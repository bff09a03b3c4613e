"""Pins and reactions: through the Web API, by people, and what the bot is told of them."""

from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.slack import marks
from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import Bot, World, refusal

ALICE, BOB = "U0ALICE", "U0BOB"
RELEASES, GENERAL, BOT = "C0RELEASES", "C0GENERAL", "U0SLIPWAY"


def post(slack: World, text: str = "card", **more: Any) -> str:
    return str(slack.client.chat_postMessage(channel=RELEASES, text=text, **more)["ts"])


def test_a_pin_is_listed_marked_and_taken_off(able: World) -> None:
    first = post(able, "first")
    able.client.pins_add(channel=RELEASES, timestamp=first)
    (item,) = able.client.pins_list(channel=RELEASES)["items"]
    assert (item["type"], item["channel"], item["created_by"]) == ("message", RELEASES, BOT)
    assert (item["message"]["text"], item["message"]["pinned_to"]) == ("first", [RELEASES])
    assert item["message"]["permalink"].endswith(f"/{RELEASES}/p{first.replace('.', '')}")
    history = able.client.conversations_history(channel=RELEASES)
    assert (history["pin_count"], history["messages"][0]["pinned_info"]["pinned_by"]) == (1, BOT)
    able.client.chat_update(channel=RELEASES, ts=first, text="edited")
    (seen,) = able.driver.pins(ALICE, "releases")
    assert (seen["text"], seen["pinned_info"]["pinned_by"]) == ("edited", BOT)
    able.client.pins_remove(channel=RELEASES, timestamp=first)
    assert able.client.pins_list(channel=RELEASES)["items"] == []
    assert "pinned_to" not in able.driver.messages(ALICE, "releases")[0]


def test_people_pin_too_and_a_deleted_message_is_pinned_no_more(able: World) -> None:
    ts = post(able)
    able.driver.pin(BOB, "releases", ts)
    assert able.client.pins_list(channel=RELEASES)["items"][0]["created_by"] == BOB
    with pytest.raises(PageError, match="already_pinned"):
        able.driver.pin(ALICE, "releases", ts)
    able.driver.unpin(ALICE, "releases", ts)
    with pytest.raises(PageError, match="no_pin"):
        able.driver.unpin(ALICE, "releases", ts)
    able.driver.pin(BOB, "releases", ts)
    able.client.chat_delete(channel=RELEASES, ts=ts)
    assert able.driver.pins(BOB, "releases") == []


def test_pins_slack_refuses(able: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ts, other = post(able), post(able)
    made = able.client.conversations_create(name="inc-1")["channel"]["id"]
    joined = able.client.conversations_history(channel=made)["messages"][0]["ts"]
    able.client.pins_add(channel=RELEASES, timestamp=ts)
    for args, code in [
        ({"channel": "C404", "timestamp": ts}, "channel_not_found"),
        ({"channel": RELEASES}, "no_item_specified"),
        ({"channel": RELEASES, "timestamp": "yesterday"}, "bad_timestamp"),
        ({"channel": RELEASES, "timestamp": "1.000000"}, "message_not_found"),
        ({"channel": GENERAL, "timestamp": ts}, "not_in_channel"),
        ({"channel": RELEASES, "timestamp": ts}, "already_pinned"),
        ({"channel": made, "timestamp": joined}, "not_pinnable"),
    ]:
        assert refusal(able.client.pins_add, **args)["error"] == code, args
    assert refusal(able.client.pins_remove, channel=RELEASES, timestamp=other)["error"] == "no_pin"
    monkeypatch.setattr(marks, "PINS_LIMIT", 1)
    assert refusal(able.client.pins_add, channel=RELEASES, timestamp=other)["error"] == "too_many_pins"


def test_reactions_are_counted_by_person_and_read_through_the_api(able: World, able_bot: Bot) -> None:
    ts = post(able)
    for user, name in [(ALICE, "eyes"), (BOB, "eyes"), (ALICE, "pushpin")]:
        able.driver.react(user, "releases", ts, name)
    shown = [{"name": "eyes", "users": [ALICE, BOB], "count": 2}, {"name": "pushpin", "users": [ALICE], "count": 1}]
    assert able.driver.messages(ALICE, "releases")[0]["reactions"] == shown
    got = able.client.reactions_get(channel=RELEASES, timestamp=ts)
    assert (got["type"], got["channel"], got["message"]["reactions"]) == ("message", RELEASES, shown)
    assert got["message"]["permalink"].endswith(ts.replace(".", ""))
    able.driver.unreact(ALICE, "releases", ts, "eyes")
    able.driver.unreact(BOB, "releases", ts, "eyes")
    able.driver.unreact(ALICE, "releases", ts, "pushpin")
    assert "reactions" not in able.driver.messages(ALICE, "releases")[0]


def test_reactions_slack_refuses(able: World) -> None:
    ts = post(able)
    able.driver.react(ALICE, "releases", ts, "eyes")
    for act, name, code in [
        (able.driver.react, "eyes", "already_reacted"),
        (able.driver.react, "No Emoji!", "invalid_name"),
        (able.driver.unreact, "rocket", "no_reaction"),
    ]:
        with pytest.raises(PageError, match=code):
            act(ALICE, "releases", ts, name)
    for number in range(marks.REACTIONS_LIMIT - 1):
        able.driver.react(BOB, "releases", ts, f"e{number}")
    with pytest.raises(PageError, match="too_many_emoji"):
        able.driver.react(BOB, "releases", ts, "one_more")
    with pytest.raises(PageError, match="message_not_found"):
        able.driver.react(ALICE, "releases", "1.000000", "eyes")


def test_the_bot_hears_of_reactions_where_it_is_a_member(able: World, able_bot: Bot) -> None:
    heard: list[dict[str, Any]] = []
    able_bot.app.event("reaction_added")(lambda event: heard.append(event))
    able_bot.app.event("reaction_removed")(lambda event: heard.append(event))
    ts = able.driver.say(ALICE, "releases", "the database is full")
    elsewhere = able.driver.say(ALICE, "general", "not for the bot")
    assert ts and elsewhere
    able.driver.react(BOB, "releases", ts, "pushpin")
    able.driver.unreact(BOB, "releases", ts, "pushpin")
    able.driver.react(BOB, "general", elsewhere, "pushpin")
    expected = {"user": BOB, "reaction": "pushpin", "item_user": ALICE}
    item = {"type": "message", "channel": RELEASES, "ts": ts}
    assert [event.pop("type") for event in heard] == ["reaction_added", "reaction_removed"]
    for event in heard:
        assert float(event.pop("event_ts")) > float(ts)
        assert event == {**expected, "item": item}


def test_without_the_scope_or_the_subscription_it_hears_nothing(able: World, able_bot: Bot) -> None:
    able_bot.app.event("reaction_removed")(lambda: None)
    ts = post(able)
    able.driver.control("scopes", scopes=["chat:write"])
    able.driver.react(ALICE, "releases", ts, "pushpin")
    assert able_bot.requests == []
    able.driver.control("scopes")
    able.workspace.manifest = replace(able.workspace.manifest, events=frozenset({"reaction_removed"}))
    able.driver.react(BOB, "releases", ts, "pushpin")
    assert able_bot.requests == []
    able.driver.unreact(BOB, "releases", ts, "pushpin")
    assert [one["event"]["type"] for one in able_bot.payloads("event_callback")] == ["reaction_removed"]


def test_a_reaction_event_that_fails_is_tried_again(hasty: World, hasty_bot: Bot) -> None:
    hasty.workspace.scopes.append("reactions:read")
    hasty.workspace.manifest = replace(hasty.workspace.manifest, events=frozenset({"reaction_added"}))
    hasty_bot.status = 500
    ts = post(hasty)
    hasty.driver.react(ALICE, "releases", ts, "pushpin")
    hasty.driver.wait_for(lambda: len(hasty_bot.requests) >= 4, what="four deliveries")
    assert len({one["event_id"] for one in hasty_bot.payloads("event_callback")}) == 1


def test_one_message_is_read_by_its_ts_wherever_it_stands(able: World) -> None:
    """What an event names by ts alone: a message of the channel, or a reply in a thread."""
    root = post(able, "root")
    replies = [post(able, f"reply {n}", thread_ts=root) for n in range(3)]
    history = able.client.conversations_history
    at: dict[str, Any] = {"oldest": root, "latest": root, "inclusive": True, "limit": 1}
    assert [one["text"] for one in history(channel=RELEASES, **at)["messages"]] == ["root"]
    assert history(channel=RELEASES, **{**at, "inclusive": False})["messages"] == []
    one_reply = able.client.conversations_replies(channel=RELEASES, ts=replies[1], limit=1)
    assert [one["text"] for one in one_reply["messages"]] == ["reply 1"]
    assert one_reply["messages"][0]["thread_ts"] == root
    window: dict[str, Any] = {"oldest": replies[1], "latest": replies[1], "inclusive": True}
    around = able.client.conversations_replies(channel=RELEASES, ts=root, **window)
    assert [one["text"] for one in around["messages"]] == ["root", "reply 1"]
