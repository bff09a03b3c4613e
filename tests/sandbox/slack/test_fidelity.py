"""What is sent to the bot and answered to it, held against Slack's reference pages and against Bolt's own reading."""

from typing import Any

import httpx
from slack_bolt.request import payload_utils
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.sandbox.slack.kit import SHORTCUT, Bot, World

ALICE = "U0ALICE"
RELEASES = "C0RELEASES"
Json = dict[str, Any]

# From Slack's reference of interaction payloads: the properties it calls required, or shows in its examples.
BLOCK_ACTIONS = {"type", "team", "user", "api_app_id", "token", "container", "trigger_id", "actions", "enterprise"}
IN_MESSAGE = {"channel", "message", "state", "response_url"}
VIEW_SUBMISSION = {"type", "team", "user", "view", "api_app_id", "enterprise", "trigger_id", "response_urls"}
VIEW_CLOSED = {"type", "team", "user", "view", "api_app_id", "is_cleared"}
BLOCK_SUGGESTION = {"type", "user", "team", "container", "api_app_id", "action_id", "block_id", "value", "enterprise"}
MESSAGE_ACTION = {
    "type",
    "token",
    "action_ts",
    "team",
    "user",
    "channel",
    "callback_id",
    "trigger_id",
    "message_ts",
    "message",
    "response_url",
    "enterprise",
    "is_enterprise_install",
}
REACTION_EVENT = {"type", "user", "reaction", "item_user", "item", "event_ts"}
PIN = {"type", "channel", "created", "created_by", "message"}
EVENT = {"token", "team_id", "api_app_id", "event", "type", "event_id", "event_time", "authorizations", "event_context"}
COMMAND = {
    "token",
    "team_id",
    "team_domain",
    "channel_id",
    "channel_name",
    "user_id",
    "user_name",
    "command",
    "text",
    "api_app_id",
    "is_enterprise_install",
    "response_url",
    "trigger_id",
}
VIEW = {
    "id",
    "team_id",
    "type",
    "blocks",
    "private_metadata",
    "callback_id",
    "state",
    "hash",
    "clear_on_close",
    "notify_on_close",
    "close",
    "submit",
    "title",
    "previous_view_id",
    "root_view_id",
    "app_id",
    "external_id",
    "app_installed_team_id",
    "bot_id",
}
CONVERSATION = {
    "id",
    "name",
    "is_channel",
    "is_group",
    "is_im",
    "is_mpim",
    "is_private",
    "is_archived",
    "is_general",
    "is_member",
    "is_shared",
    "is_org_shared",
    "is_ext_shared",
    "created",
    "creator",
    "name_normalized",
    "topic",
    "purpose",
    "previous_names",
    "shared_team_ids",
    "pending_shared",
    "unlinked",
}
USER = {"id", "team_id", "name", "deleted", "real_name", "tz", "tz_label", "tz_offset", "profile", "is_bot", "is_admin"}
USERGROUP = {
    "id",
    "team_id",
    "is_usergroup",
    "name",
    "description",
    "handle",
    "is_external",
    "date_create",
    "date_update",
    "date_delete",
    "auto_type",
    "created_by",
    "updated_by",
    "deleted_by",
    "prefs",
}
AUTH = {"ok", "url", "team", "user", "team_id", "user_id", "bot_id", "is_enterprise_install"}


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def a_day(slack: World, bot: Bot) -> None:
    """One of each: a command that opens a modal, typing ahead, submitting, pressing, closing, the Home."""
    pick = {"type": "external_select", "action_id": "pick"}
    form = {
        "type": "modal",
        "callback_id": "form",
        "title": words("T"),
        "submit": words("Go"),
        "notify_on_close": True,
        "blocks": [{"type": "input", "block_id": "it", "label": words("It"), "element": pick}],
    }

    def open_form(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form)

    bot.app.command("/sop")(open_form)
    bot.app.options("pick")(lambda ack: ack(options=[{"text": words("Shop"), "value": "shop"}]))
    bot.app.view("form")(lambda ack: ack())
    bot.app.view_closed("form")(lambda ack: ack())
    bot.app.action("go")(lambda ack: ack())
    bot.app.event("app_home_opened")(lambda: None)
    slack.driver.say(ALICE, "releases", "/sop")
    slack.driver.fill_and_submit(ALICE, it="Shop")
    slack.driver.say(ALICE, "releases", "/sop")
    slack.driver.close(ALICE)
    button = {"type": "button", "action_id": "go", "text": words("Go")}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = slack.client.chat_postMessage(channel=RELEASES, text="card", blocks=blocks)["ts"]
    slack.driver.click(ALICE, "releases", ts, "go")
    slack.driver.home(ALICE)


def test_payloads_carry_what_slack_documents_and_bolt_knows_them(slack: World, bot: Bot) -> None:
    a_day(slack, bot)
    wanted = {
        "command": COMMAND,
        "block_suggestion": BLOCK_SUGGESTION,
        "view_submission": VIEW_SUBMISSION,
        "view_closed": VIEW_CLOSED,
        "block_actions": BLOCK_ACTIONS | IN_MESSAGE,
        "event_callback": EVENT,
    }
    knows = {
        "command": payload_utils.is_slash_command,
        "block_suggestion": payload_utils.is_block_suggestion,
        "view_submission": payload_utils.is_view_submission,
        "view_closed": payload_utils.is_view_closed,
        "block_actions": payload_utils.is_block_actions,
        "event_callback": payload_utils.is_event,
    }
    for kind, keys in wanted.items():
        for payload in bot.payloads(kind):
            assert keys <= set(payload), f"{kind} lacks {keys - set(payload)}"
            assert knows[kind](payload), kind
    assert {request["payload"]["type"] for request in bot.requests} == set(wanted)


def test_views_in_payloads_are_whole_and_slack_sdk_reads_them(slack: World, bot: Bot) -> None:
    a_day(slack, bot)
    views = [p["view"] for kind in ("block_suggestion", "view_submission", "view_closed") for p in bot.payloads(kind)]
    assert len(views) >= 3
    for view in views:
        assert set(view) == VIEW
        read = View(**{key: value for key, value in view.items() if key not in ("state", "app_installed_team_id")})
        read.validate_json()
        assert [block["block_id"] for block in view["blocks"]] == ["it"]


def test_what_is_done_to_messages_arrives_as_slack_documents_it(able: World, able_bot: Bot) -> None:
    able_bot.app.message_shortcut(SHORTCUT["callback_id"])(lambda ack: ack())
    able_bot.app.event("reaction_added")(lambda: None)
    able_bot.app.event("reaction_removed")(lambda: None)
    ts = str(able.client.chat_postMessage(channel=RELEASES, text="card")["ts"])
    able.driver.message_shortcut(ALICE, "releases", ts, SHORTCUT["name"])
    able.driver.react(ALICE, "releases", ts, "pushpin")
    able.driver.unreact(ALICE, "releases", ts, "pushpin")
    (action,) = able_bot.payloads("message_action")
    assert set(action) == MESSAGE_ACTION
    assert payload_utils.is_message_shortcut(action)
    assert not payload_utils.is_global_shortcut(action)
    added, removed = able_bot.payloads("event_callback")
    for envelope, kind in ((added, "reaction_added"), (removed, "reaction_removed")):
        assert set(envelope) >= EVENT
        assert payload_utils.is_event(envelope)
        assert set(envelope["event"]) == REACTION_EVENT
        assert envelope["event"]["type"] == kind
        assert envelope["event"]["item"] == {"type": "message", "channel": RELEASES, "ts": ts}
    signed = [request["headers"] for request in able_bot.requests]
    assert all({"x-slack-signature", "x-slack-request-timestamp"} <= set(headers) for headers in signed)


def test_answers_about_channels_pins_and_reactions_carry_what_slack_documents(able: World) -> None:
    client = able.client
    made: Any = client.conversations_create(name="inc-3-checkout").data
    assert set(made) == {"ok", "channel"}
    assert set(made["channel"]) >= CONVERSATION
    channel = made["channel"]["id"]
    assert set(client.conversations_invite(channel=channel, users=ALICE)["channel"]) >= CONVERSATION
    topic = client.conversations_setTopic(channel=channel, topic="t")["channel"]["topic"]
    assert set(topic) == {"value", "creator", "last_set"}
    ts = str(client.chat_postMessage(channel=channel, text="card")["ts"])
    assert client.pins_add(channel=channel, timestamp=ts).data == {"ok": True}
    (item,) = client.pins_list(channel=channel)["items"]
    assert set(item) == PIN
    assert {"permalink", "pinned_to", "text", "ts", "type", "user"} <= set(item["message"])
    able.driver.react(ALICE, channel, ts, "eyes")
    got: Any = client.reactions_get(channel=channel, timestamp=ts).data
    assert set(got) == {"ok", "type", "channel", "message"}
    assert {"reactions", "permalink"} <= set(got["message"])
    assert client.pins_remove(channel=channel, timestamp=ts).data == {"ok": True}
    assert client.conversations_archive(channel=channel).data == {"ok": True}


def test_answers_carry_what_slack_documents(slack: World) -> None:
    client = slack.client
    assert set(client.auth_test().data) == AUTH
    assert set(client.conversations_info(channel=RELEASES)["channel"]) >= CONVERSATION
    assert set(client.users_info(user=ALICE)["user"]) >= USER
    assert set(client.usergroups_list()["usergroups"][0]) >= USERGROUP
    posted = client.chat_postMessage(channel=RELEASES, text="x", blocks=[{"type": "section", "text": words("x")}])
    assert set(posted.data) == {"ok", "channel", "ts", "message"}
    assert {"type", "user", "bot_id", "app_id", "team", "text", "ts", "blocks", "bot_profile"} <= set(posted["message"])
    assert Block.parse_all(posted["message"]["blocks"])
    updated = client.chat_update(channel=RELEASES, ts=posted["ts"], text="y")
    assert set(updated.data) == {"ok", "channel", "ts", "text", "message"}
    history = client.conversations_history(channel=RELEASES).data
    assert {"ok", "messages", "has_more", "pin_count"} <= set(history)


def test_the_page_is_served(slack: World) -> None:
    page = httpx.get(f"{slack.url}/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    script = httpx.get(f"{slack.url}/static/main.js")
    assert script.status_code == 200
    assert "javascript" in script.headers["content-type"]
    assert httpx.get(f"{slack.url}/static/../server.py").status_code == 404
