"""Channels the bot makes: names, members, topics, archiving, each with Slack's words for what it refuses."""

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import World, refusal

ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"
RELEASES, GENERAL, BOT = "C0RELEASES", "C0GENERAL", "U0SLIPWAY"


def channels_of(slack: World, user: str) -> dict[str, dict[str, Any]]:
    return {channel["name"]: channel for channel in slack.driver.state(user)["channels"]}


def test_a_bot_that_makes_a_channel_is_in_it_and_invites_people(able: World) -> None:
    made = able.client.conversations_create(name="inc-3-checkout")["channel"]
    assert (made["id"], made["name"], made["creator"], made["is_member"]) == (
        "C0INC3CHECK",
        "inc-3-checkout",
        BOT,
        True,
    )
    assert (made["is_private"], made["topic"]) == (False, {"value": "", "creator": "", "last_set": 0})
    assert "inc-3-checkout" not in channels_of(able, ALICE)
    invited = able.client.conversations_invite(channel=made["id"], users=[ALICE, BOB])["channel"]
    assert invited["id"] == made["id"]
    assert able.client.conversations_members(channel=made["id"])["members"] == [BOT, ALICE, BOB]
    assert "inc-3-checkout" in channels_of(able, ALICE)
    assert "inc-3-checkout" not in channels_of(able, CAROL)
    said = able.driver.messages(ALICE, "inc-3-checkout")
    assert [(one["subtype"], one["user"], one.get("inviter")) for one in said] == [
        ("channel_join", BOT, None),
        ("channel_join", ALICE, BOT),
        ("channel_join", BOB, BOT),
    ]
    assert able.client.chat_postMessage(channel=made["id"], text="hello")["ok"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
        ("Inc-3", "invalid_name_specials"),
        ("inc 3", "invalid_name_specials"),
        ("inc.3", "invalid_name_specials"),
        ("releases", "name_taken"),
    ],
)
def test_names_slack_does_not_take(able: World, name: str, code: str) -> None:
    assert refusal(able.client.conversations_create, name=name)["error"] == code


def test_a_name_may_have_eighty_characters_and_stays_taken_when_archived(able: World) -> None:
    made = able.client.conversations_create(name="x" * 80)["channel"]
    other = able.client.conversations_create(name="x" * 79)["channel"]
    assert made["id"] != other["id"]
    able.client.conversations_archive(channel=made["id"])
    assert refusal(able.client.conversations_create, name="x" * 80)["error"] == "name_taken"
    assert refusal(able.client.conversations_archive, channel=made["id"])["error"] == "already_archived"
    assert able.client.conversations_info(channel=made["id"])["channel"]["is_archived"] is True


def test_what_cannot_be_invited_is_named_one_by_one(able: World) -> None:
    channel = able.client.conversations_create(name="inc-4")["channel"]["id"]
    able.driver.control("deactivate", user=CAROL)
    able.client.conversations_invite(channel=channel, users=BOB)
    answer = refusal(able.client.conversations_invite, channel=channel, users=[ALICE, "U404", BOT, BOB, CAROL])
    assert answer["error"] == "user_not_found"
    assert [(one["user"], one["error"]) for one in answer["errors"]] == [
        ("U404", "user_not_found"),
        (BOT, "cant_invite_self"),
        (BOB, "already_in_channel"),
        (CAROL, "cant_invite"),
    ]
    assert able.client.conversations_members(channel=channel)["members"] == [BOT, BOB]
    able.client.conversations_invite(channel=channel, users=[ALICE, BOB], force=True)
    assert able.client.conversations_members(channel=channel)["members"] == [BOT, BOB, ALICE]
    answer = refusal(able.client.conversations_invite, channel=channel, users=[BOB], force=True)
    assert answer["error"] == "already_in_channel"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"channel": "C404", "users": ALICE}, "channel_not_found"),
        ({"channel": GENERAL, "users": ALICE}, "not_in_channel"),
        ({"channel": "D0ALICE", "users": BOB}, "method_not_supported_for_channel_type"),
        ({"channel": RELEASES, "users": ""}, "no_user"),
        ({"channel": RELEASES, "users": ["U"] * 101}, "invalid_arguments"),
    ],
)
def test_invitations_slack_refuses(able: World, args: dict[str, Any], code: str) -> None:
    assert refusal(able.client.conversations_invite, **args)["error"] == code


def test_a_topic_is_set_shown_and_said_once(able: World) -> None:
    topic = "CRITICAL · lead: Alice"
    for _ in range(2):
        shown = able.client.conversations_setTopic(channel=RELEASES, topic=topic)["channel"]["topic"]
        assert (shown["value"], shown["creator"]) == (topic, BOT)
    assert shown["last_set"] > 0
    assert able.driver.topic(ALICE, "releases") == topic
    (said,) = able.driver.messages(ALICE, "releases")
    assert (said["subtype"], said["topic"], said["text"]) == ("channel_topic", topic, f"set the channel topic: {topic}")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"channel": RELEASES, "topic": "x" * 251}, "too_long"),
        ({"channel": GENERAL, "topic": "x"}, "not_in_channel"),
        ({"channel": "D0ALICE", "topic": "x"}, "method_not_supported_for_channel_type"),
        ({"channel": "C404", "topic": "x"}, "channel_not_found"),
    ],
)
def test_topics_slack_refuses(able: World, args: dict[str, Any], code: str) -> None:
    assert refusal(able.client.conversations_setTopic, **args)["error"] == code


def test_an_archived_channel_takes_neither_people_nor_topics(able: World) -> None:
    able.driver.control("channel", channel=RELEASES, archived=True)
    assert refusal(able.client.conversations_setTopic, channel=RELEASES, topic="x")["error"] == "is_archived"
    assert refusal(able.client.conversations_invite, channel=RELEASES, users=ALICE)["error"] == "is_archived"


def test_each_asks_for_its_scope(able: World) -> None:
    able.driver.control("scopes", scopes=["channels:read"])

    def needed(call: Any, **args: Any) -> str:
        answer = refusal(call, **args)
        assert (answer["error"], answer["provided"]) == ("missing_scope", "channels:read")
        return str(answer["needed"])

    client: WebClient = able.client
    assert needed(client.conversations_create, name="inc-5") == "channels:manage"
    assert needed(client.conversations_create, name="inc-5", is_private=True) == "groups:write"
    assert needed(client.conversations_setTopic, channel=RELEASES, topic="x") == "channels:manage,channels:write.topic"
    invited = needed(client.conversations_invite, channel=RELEASES, users=ALICE)
    assert invited == "channels:manage,channels:write.invites"
    assert needed(client.conversations_archive, channel=RELEASES) == "channels:manage"
    assert needed(client.pins_add, channel=RELEASES, timestamp="1.000000") == "pins:write"
    assert needed(client.pins_list, channel=RELEASES) == "pins:read"
    assert needed(client.reactions_get, channel=RELEASES, timestamp="1.000000") == "reactions:read"
    able.driver.control("scopes", scopes=["channels:write.topic"])
    assert client.conversations_setTopic(channel=RELEASES, topic="x")["ok"]


def test_a_private_channel_is_hidden_from_those_who_are_not_in_it(able: World) -> None:
    made = able.client.conversations_create(name="inc-6", is_private=True)["channel"]
    assert (made["is_private"], made["is_group"], made["is_channel"]) == (True, True, False)
    with pytest.raises(PageError, match="channel_not_found"):
        able.driver._post("join", user=ALICE, channel=made["id"])
    assert made["id"] not in [other["id"] for other in able.driver.state(ALICE)["others"]]


def test_a_person_finds_and_enters_a_public_channel(able: World) -> None:
    made = able.client.conversations_create(name="inc-7")["channel"]["id"]
    assert [other["name"] for other in able.driver.state(ALICE)["others"]] == ["inc-7"]
    assert able.driver.join(ALICE, "#inc-7") == made
    assert able.client.conversations_members(channel=made)["members"] == [BOT, ALICE]
    with pytest.raises(LookupError):
        able.driver.join(ALICE, "nowhere")
