"""The Web API as a client meets it: real slack_sdk calls over HTTP."""

import json
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from tests.sandbox.slack.kit import TOKEN, World, refusal

ALICE, CAROL = "U0ALICE", "U0CAROL"
RELEASES, GENERAL = "C0RELEASES", "C0GENERAL"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_auth_test_names_the_bot_and_its_scopes(slack: World) -> None:
    answer = slack.client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0SLIPWAY", "B0SLIPWAY", "T0SLIPWAY")
    assert answer.headers["x-oauth-scopes"].split(",") == list(slack.workspace.manifest.scopes)


@pytest.mark.parametrize(("token", "code"), [(None, "not_authed"), ("xoxb-other", "invalid_auth")])
def test_a_wrong_token_is_refused(slack: World, token: str | None, code: str) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{slack.url}/api/auth.test", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": code})


def test_a_revoked_token_is_refused(slack: World) -> None:
    slack.driver.control("revoke_token")
    assert refusal(slack.client.auth_test)["error"] == "token_revoked"


def test_the_token_may_come_in_the_form(slack: World) -> None:
    answer = httpx.post(f"{slack.url}/api/auth.test", data={"token": TOKEN})
    assert answer.json()["ok"]


def test_an_unknown_method_is_named(slack: World) -> None:
    assert refusal(slack.client.api_call, api_method="chat.sing")["error"] == "unknown_method"


def test_a_missing_scope_says_what_is_needed_and_what_is_there(slack: World) -> None:
    slack.driver.control("scopes", scopes=["commands", "im:write"])
    answer = refusal(slack.client.chat_postMessage, channel=RELEASES, text="hi")
    assert answer == {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands,im:write"}


def test_reading_direct_messages_wants_a_scope_of_its_own(slack: World) -> None:
    assert refusal(slack.client.conversations_info, channel="D0ALICE")["needed"] == "im:read"
    assert slack.client.conversations_history(channel="D0ALICE")["messages"] == []


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", "{", "invalid_json"),
        ("application/json", "[]", "json_not_object"),
        ("text/html", "x", "invalid_post_type"),
    ],
)
def test_a_body_that_is_no_call_is_refused(slack: World, content_type: str, body: str, code: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type}
    assert httpx.post(f"{slack.url}/api/auth.test", headers=headers, content=body).json()["error"] == code


def test_a_posted_message_is_answered_as_it_stands(slack: World) -> None:
    answer = slack.client.chat_postMessage(channel=RELEASES, text="hi", blocks=[section("*hi*"), {"type": "divider"}])
    message = answer["message"]
    assert answer["channel"] == RELEASES
    assert answer["ts"] == message["ts"]
    assert (message["user"], message["bot_id"], message["app_id"]) == ("U0SLIPWAY", "B0SLIPWAY", "A0SLIPWAY")
    assert message["bot_profile"]["name"] == "Slipway"
    assert message["blocks"][0]["text"] == {"type": "mrkdwn", "text": "*hi*", "verbatim": False}
    assert all(block["block_id"] for block in message["blocks"])


def test_blocks_may_come_as_a_string_in_a_form(slack: World) -> None:
    form = {"token": TOKEN, "channel": RELEASES, "blocks": json.dumps([section("hi")])}
    assert httpx.post(f"{slack.url}/api/chat.postMessage", data=form).json()["message"]["blocks"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "channel_not_found"),
        ({"channel": GENERAL, "text": "x"}, "not_in_channel"),
        ({"channel": RELEASES}, "no_text"),
        ({"channel": RELEASES, "text": ""}, "no_text"),
        ({"channel": RELEASES, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": RELEASES, "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"channel": RELEASES, "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": RELEASES, "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"channel": RELEASES, "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"channel": RELEASES, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": "U0SLIPWAY", "text": "x"}, "cannot_dm_bot"),
        ({"channel": RELEASES, "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        (
            {"channel": RELEASES, "text": "x", "metadata": {"event_type": "x", "event_payload": {"a": "x" * 8000}}},
            "metadata_too_large",
        ),
    ],
)
def test_what_cannot_be_posted(slack: World, args: dict[str, Any], code: str) -> None:
    assert refusal(slack.client.api_call, api_method="chat.postMessage", json=args)["error"] == code
    assert slack.workspace.channels[RELEASES].messages == {}


def test_invalid_blocks_are_named_by_json_pointer(slack: World) -> None:
    answer = refusal(slack.client.chat_postMessage, channel=RELEASES, text="x", blocks=[section("x" * 3001)])
    problem = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [problem]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]


def test_an_archived_channel_takes_nothing_more(slack: World) -> None:
    ts = slack.client.chat_postMessage(channel=RELEASES, text="hi")["ts"]
    slack.driver.control("channel", channel=RELEASES, archived=True)
    assert refusal(slack.client.chat_postMessage, channel=RELEASES, text="x")["error"] == "is_archived"
    assert refusal(slack.client.chat_update, channel=RELEASES, ts=ts, text="x")["error"] == "is_archived"
    assert slack.client.conversations_info(channel=RELEASES)["channel"]["is_archived"] is True


def test_the_bot_can_be_taken_out_of_a_channel_and_brought_back(slack: World) -> None:
    slack.driver.control("channel", channel=RELEASES, bot=False)
    assert refusal(slack.client.chat_postMessage, channel=RELEASES, text="x")["error"] == "not_in_channel"
    assert slack.client.conversations_info(channel=RELEASES)["channel"]["is_member"] is False
    slack.driver.control("channel", channel=RELEASES, bot=True)
    assert slack.client.chat_postMessage(channel="#releases", text="x")["ok"]


def test_an_update_with_blocks_replaces_them_and_shows_no_edit(slack: World) -> None:
    ts = slack.client.chat_postMessage(channel=RELEASES, text="one", blocks=[section("one")])["ts"]
    message = slack.client.chat_update(channel=RELEASES, ts=ts, text="two", blocks=[section("two")])["message"]
    assert message["blocks"][0]["text"]["text"] == "two"
    assert "edited" not in message


def test_an_update_with_text_alone_removes_blocks_and_marks_the_edit(slack: World) -> None:
    ts = slack.client.chat_postMessage(channel=RELEASES, text="one", blocks=[section("one")])["ts"]
    message = slack.client.chat_update(channel=RELEASES, ts=ts, text="two")["message"]
    assert "blocks" not in message
    assert message["edited"]["user"] == "U0SLIPWAY"


def test_an_update_keeps_metadata_unless_it_brings_its_own(slack: World) -> None:
    first = {"event_type": "card", "event_payload": {"outbox_id": "7"}}
    ts = slack.client.chat_postMessage(channel=RELEASES, text="one", metadata=first)["ts"]
    assert slack.client.chat_update(channel=RELEASES, ts=ts, text="two")["message"]["metadata"] == first
    second = {"event_type": "card", "event_payload": {"outbox_id": "8"}}
    updated = slack.client.chat_update(channel=RELEASES, ts=ts, text="three", metadata=second)
    assert updated["message"]["metadata"] == second


def test_what_cannot_be_updated(slack: World) -> None:
    slack.driver.say(ALICE, "releases", "mine")
    theirs = slack.driver.messages(ALICE, "releases")[-1]["ts"]
    update = slack.client.chat_update
    assert refusal(update, channel=RELEASES, ts=theirs, text="x")["error"] == "cant_update_message"
    assert refusal(update, channel=RELEASES, ts="1.000000", text="x")["error"] == "message_not_found"
    assert refusal(update, channel="C404", ts=theirs, text="x")["error"] == "channel_not_found"
    ours = slack.client.chat_postMessage(channel=RELEASES, text="x")["ts"]
    assert refusal(update, channel=RELEASES, ts=ours, text="x" * 4001)["error"] == "msg_too_long"
    slack.driver.control("close_edits")
    assert refusal(update, channel=RELEASES, ts=ours, text="y")["error"] == "edit_window_closed"


def test_a_deleted_message_is_gone_for_everyone(slack: World) -> None:
    ts = slack.client.chat_postMessage(channel=RELEASES, text="x")["ts"]
    slack.driver.control("delete", channel=RELEASES, ts=ts)
    assert slack.client.conversations_history(channel=RELEASES)["messages"] == []
    assert refusal(slack.client.chat_delete, channel=RELEASES, ts=ts)["error"] == "message_not_found"


def test_deleting_the_root_of_a_thread_leaves_its_tombstone(slack: World) -> None:
    root = slack.client.chat_postMessage(channel=RELEASES, text="root")["ts"]
    slack.client.chat_postMessage(channel=RELEASES, text="reply", thread_ts=root)
    slack.client.chat_delete(channel=RELEASES, ts=root)
    tombstone, reply = slack.client.conversations_replies(channel=RELEASES, ts=root)["messages"]
    assert (tombstone["subtype"], reply["text"]) == ("tombstone", "reply")
    update = refusal(slack.client.chat_update, channel=RELEASES, ts=root, text="again")
    reply_to = refusal(slack.client.chat_postMessage, channel=RELEASES, text="more", thread_ts=root)
    assert (update["error"], reply_to["error"]) == ("message_not_found", "thread_not_found")


def test_a_thread_counts_its_replies_on_the_root(slack: World) -> None:
    root = slack.client.chat_postMessage(channel=RELEASES, text="root")["ts"]
    first = slack.client.chat_postMessage(channel=RELEASES, text="one", thread_ts=root)["ts"]
    slack.driver.say(ALICE, "releases", "two", thread_ts=first)
    history = slack.client.conversations_history(channel=RELEASES)["messages"]
    assert [(m["text"], m["reply_count"], m["reply_users"]) for m in history] == [("root", 2, ["U0SLIPWAY", ALICE])]
    replies = slack.client.conversations_replies(channel=RELEASES, ts=root)["messages"]
    assert [message["text"] for message in replies] == ["root", "one", "two"]
    assert history[0]["latest_reply"] == replies[-1]["ts"]


def test_history_is_newest_first_in_pages(slack: World) -> None:
    for number in range(5):
        slack.client.chat_postMessage(channel=RELEASES, text=str(number))
    texts: list[str] = []
    cursor = None
    while cursor != "":
        page = slack.client.conversations_history(channel=RELEASES, limit=2, cursor=cursor)
        texts += [message["text"] for message in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"] if page["has_more"] else ""
    assert texts == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("limit", [0, 1000])
def test_a_page_has_one_to_999_items(slack: World, limit: int) -> None:
    assert refusal(slack.client.conversations_list, limit=limit)["error"] == "invalid_limit"
    assert slack.client.conversations_list(limit=999)["channels"]


def test_history_between_two_moments(slack: World) -> None:
    stamps = [slack.client.chat_postMessage(channel=RELEASES, text=str(n))["ts"] for n in range(4)]

    def between(**args: Any) -> list[str]:
        return [m["text"] for m in slack.client.conversations_history(channel=RELEASES, **args)["messages"]]

    assert between(oldest=stamps[1]) == ["3", "2"]
    assert between(oldest=stamps[1], latest=stamps[2], inclusive=True) == ["2", "1"]
    assert between(latest=stamps[0], limit=1, inclusive=True) == ["0"]


def test_metadata_is_shown_only_when_asked_for(slack: World) -> None:
    metadata = {"event_type": "card", "event_payload": {"outbox_id": "7"}}
    slack.client.chat_postMessage(channel=RELEASES, text="x", metadata=metadata)
    history = slack.client.conversations_history
    assert "metadata" not in history(channel=RELEASES)["messages"][0]
    assert history(channel=RELEASES, include_all_metadata=True)["messages"][0]["metadata"] == metadata


def test_an_ephemeral_message_is_seen_by_one_person_and_in_no_history(slack: World) -> None:
    answer = slack.client.chat_postEphemeral(channel=RELEASES, user=ALICE, text="psst")
    assert set(answer.data) == {"ok", "message_ts"}
    assert [m["ephemeral"] for m in slack.driver.messages(ALICE, "releases")] == [True]
    assert slack.driver.messages(CAROL, "releases") == []
    assert slack.client.conversations_history(channel=RELEASES)["messages"] == []
    update = refusal(slack.client.chat_update, channel=RELEASES, ts=answer["message_ts"], text="x")
    assert update["error"] == "message_not_found"


def test_an_ephemeral_message_needs_its_reader_in_the_channel(slack: World) -> None:
    slack.driver.control("deactivate", user=CAROL)
    answer = refusal(slack.client.chat_postEphemeral, channel=RELEASES, user=CAROL, text="psst")
    assert answer["error"] == "user_not_in_channel"


def test_a_person_is_reached_by_id_or_by_their_direct_message(slack: World) -> None:
    channel = slack.client.conversations_open(users=ALICE)["channel"]["id"]
    assert slack.client.chat_postMessage(channel=ALICE, text="by id")["channel"] == channel == "D0ALICE"
    slack.client.chat_postMessage(channel=channel, text="by channel")
    assert [m["text"] for m in slack.driver.messages(ALICE, "@slipway")] == ["by id", "by channel"]


@pytest.mark.parametrize(
    ("users", "code"), [("U404", "user_not_found"), ("U0SLIPWAY", "cannot_dm_bot"), ("", "not_enough_users")]
)
def test_who_cannot_be_written_to(slack: World, users: str, code: str) -> None:
    assert refusal(slack.client.conversations_open, users=users)["error"] == code


def test_a_deactivated_person_shows_as_deleted_and_cannot_be_written_to(slack: World) -> None:
    slack.driver.control("deactivate", user=CAROL)
    user = slack.client.users_info(user=CAROL)["user"]
    assert user["deleted"] is True
    assert "tz" not in user
    assert refusal(slack.client.conversations_open, users=CAROL)["error"] == "user_disabled"
    assert slack.client.usergroups_users_list(usergroup="S0APPROVERS")["users"] == ["U0DAVE"]
    everyone = slack.client.usergroups_users_list(usergroup="S0APPROVERS", include_disabled=True)["users"]
    assert everyone == [CAROL, "U0DAVE"]


def test_users_have_names_and_time_zones(slack: World) -> None:
    user = slack.client.users_info(user=ALICE)["user"]
    assert (user["real_name"], user["tz"], user["is_bot"]) == ("Alice Ade", "Europe/Berlin", False)
    assert user["tz_offset"] in (3600, 7200)
    assert {u["id"] for u in slack.client.users_list()["members"]} >= {ALICE, CAROL, "U0SLIPWAY", "USLACKBOT"}
    assert refusal(slack.client.users_info, user="U404")["error"] == "user_not_found"


def test_usergroups_are_listed_with_their_members_when_asked(slack: World) -> None:
    (group,) = slack.client.usergroups_list()["usergroups"]
    assert (group["id"], group["handle"], "users" in group) == ("S0APPROVERS", "approvers", False)
    (group,) = slack.client.usergroups_list(include_users=True, include_count=True)["usergroups"]
    assert (group["users"], group["user_count"]) == ([CAROL, "U0DAVE"], "2")
    assert refusal(slack.client.usergroups_users_list, usergroup="S404")["error"] == "no_such_subteam"


def test_channels_are_listed_with_membership_and_members(slack: World) -> None:
    channels = slack.client.conversations_list(types="public_channel,private_channel")["channels"]
    assert {c["name"]: c["is_member"] for c in channels} == {
        "releases": True,
        "general": False,
        "violations": True,
        "incidents": True,
    }
    assert "U0SLIPWAY" in slack.client.conversations_members(channel=RELEASES)["members"]
    assert "U0SLIPWAY" not in slack.client.conversations_members(channel=GENERAL)["members"]
    assert refusal(slack.client.conversations_list, types="im")["needed"] == "im:read"


def test_a_permalink_names_channel_message_and_thread(slack: World) -> None:
    root = slack.client.chat_postMessage(channel=RELEASES, text="x")["ts"]
    reply = slack.client.chat_postMessage(channel=RELEASES, text="y", thread_ts=root)["ts"]
    links = [slack.client.chat_getPermalink(channel=RELEASES, message_ts=ts)["permalink"] for ts in (root, reply)]
    assert links[0].endswith(f"/archives/{RELEASES}/p{root.replace('.', '')}")
    assert links[1].endswith(f"?thread_ts={root}&cid={RELEASES}")


def test_a_second_client_sees_the_same_workspace(slack: World) -> None:
    other = WebClient(token=TOKEN, base_url=f"{slack.url}/api/")
    other.chat_postMessage(channel=RELEASES, text="from the other one")
    assert slack.client.conversations_history(channel=RELEASES)["messages"][0]["text"] == "from the other one"
