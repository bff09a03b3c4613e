"""Slash commands: what the bot is sent, and what the person sees of its answer."""

import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from slack_bolt import Ack, Respond

from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import Bot, World, refusal

ALICE, BOB = "U0ALICE", "U0BOB"


def only(slack: World, user: str = ALICE) -> dict[str, Any]:
    (message,) = slack.driver.messages(user, "releases")
    return message


def test_a_command_arrives_signed_and_complete(slack: World, bot: Bot) -> None:
    bot.app.command("/release")(lambda ack: ack())
    slack.driver.say(ALICE, "releases", "/release start shop  CR-1 ")
    (request,) = bot.requests
    command = request["payload"]
    assert request["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert request["headers"]["x-slack-signature"].startswith("v0=")
    expected = {
        "command": "/release",
        "text": "start shop  CR-1",
        "user_id": ALICE,
        "user_name": "alice",
        "channel_id": "C0RELEASES",
        "channel_name": "releases",
        "team_id": "T0SLIPWAY",
        "api_app_id": "A0SLIPWAY",
        "is_enterprise_install": "false",
    }
    assert {key: command[key] for key in expected} == expected
    assert command["trigger_id"].count(".") == 2
    assert command["response_url"].startswith(slack.url)
    assert slack.driver.messages(ALICE, "releases") == []


def test_a_bot_with_another_secret_refuses_and_the_person_is_told(slack: World, bot: Bot) -> None:
    bot.app.command("/release")(lambda ack: ack("let in"))
    slack.workspace.config = replace(slack.workspace.config, signing_secret="another one")
    slack.driver.say(ALICE, "releases", "/release start")
    assert only(slack)["text"] == '/release failed with the error "dispatch_failed"'


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("ask @alice", "ask <@U0ALICE|alice>"),
        ("ask @Bob Baker now", "ask <@U0BOB|bob> now"),
        ("tell @approvers", "tell <!subteam^S0APPROVERS|@approvers>"),
        ("in #releases", "in <#C0RELEASES|releases>"),
        ("see https://example.com/a?b=1&c=2", "see <https://example.com/a?b=1&amp;c=2>"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("no @one in #nowhere, mail a@example.com", "no @one in #nowhere, mail a@example.com"),
    ],
)
def test_mentions_channels_and_links_are_escaped(slack: World, bot: Bot, typed: str, sent: str) -> None:
    bot.app.command("/sop")(lambda ack: ack())
    slack.driver.say(ALICE, "releases", f"/sop {typed}")
    assert bot.requests[0]["payload"]["text"] == sent


def test_a_text_answer_is_seen_by_the_asker_alone(slack: World, bot: Bot) -> None:
    bot.app.command("/sop")(lambda ack: ack("the rules"))
    slack.driver.say(ALICE, "releases", "/sop")
    assert (only(slack)["text"], only(slack)["ephemeral"], only(slack)["error"]) == ("the rules", True, False)
    assert slack.driver.messages(BOB, "releases") == []


def test_an_answer_in_channel_shows_the_command_too(slack: World, bot: Bot) -> None:
    bot.app.command("/sop")(lambda ack: ack(text="the rules", response_type="in_channel"))
    slack.driver.say(ALICE, "releases", "/sop now")
    seen = [(message["user"], message["text"]) for message in slack.driver.messages(BOB, "releases")]
    assert seen == [(ALICE, "/sop now"), ("U0SLIPWAY", "the rules")]


def test_an_answer_that_slack_refuses_is_an_invalid_command_response(slack: World, bot: Bot) -> None:
    two = [{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}}] * 2
    bot.app.command("/sop")(lambda ack: ack(text="x", blocks=[{"type": "actions", "elements": two}]))
    slack.driver.say(ALICE, "releases", "/sop")
    assert only(slack)["text"] == '/sop failed with the error "invalid_command_response"'


def test_an_error_of_the_bot_is_shown_by_slackbot(slack: World, bot: Bot) -> None:
    bot.status = 500
    slack.driver.say(ALICE, "releases", "/release status")
    message = only(slack)
    assert message["text"] == '/release failed with the error "dispatch_failed"'
    assert (message["user"], message["error"], message["ephemeral"]) == ("USLACKBOT", True, True)


def test_a_bot_that_is_not_there(slack: World) -> None:
    slack.driver.say(ALICE, "releases", "/release status")
    assert only(slack)["text"] == '/release failed with the error "dispatch_failed"'


def test_an_answer_that_comes_too_late_is_a_timeout(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.app.command("/release")(lambda ack: ack("too late"))
    hasty_bot.delay = 0.4
    hasty.driver.say(ALICE, "releases", "/release status")
    assert only(hasty)["text"] == '/release failed with the error "operation_timeout"'


def test_commands_that_are_not_there_and_commands_in_threads(slack: World, bot: Bot) -> None:
    with pytest.raises(PageError, match=r"^unknown_command: /deploy is not a valid command"):
        slack.driver.say(ALICE, "releases", "/deploy now")
    root = slack.client.chat_postMessage(channel="C0RELEASES", text="root")["ts"]
    with pytest.raises(PageError, match=r"/release is not supported in threads\. Sorry!"):
        slack.driver.say(ALICE, "releases", "/release status", thread_ts=root)
    assert bot.requests == []


def test_a_response_url_answers_five_times(slack: World, bot: Bot) -> None:
    bot.app.command("/sop")(lambda ack: ack())
    slack.driver.say(ALICE, "releases", "/sop")
    answers = [httpx.post(bot.requests[0]["payload"]["response_url"], json={"text": str(n)}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[-1].json()["error"] == "used_url"
    assert [m["text"] for m in slack.driver.messages(ALICE, "releases")] == ["0", "1", "2", "3", "4"]
    assert slack.driver.messages(BOB, "releases") == []


def test_bolt_responds_in_channel_through_it(slack: World, bot: Bot) -> None:
    def answer(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="for all", response_type="in_channel")

    bot.app.command("/sop")(answer)
    slack.driver.say(ALICE, "releases", "/sop")
    assert slack.driver.messages(BOB, "releases")[0]["text"] == "for all"


@pytest.mark.parametrize(
    ("body", "code"), [("{}", "no_text"), ("{", "invalid_payload"), ('{"blocks": [{}]}', "invalid_blocks")]
)
def test_what_a_response_url_does_not_take(slack: World, bot: Bot, body: str, code: str) -> None:
    bot.app.command("/sop")(lambda ack: ack())
    slack.driver.say(ALICE, "releases", "/sop")
    answer = httpx.post(bot.requests[0]["payload"]["response_url"], content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


def test_a_response_url_expires(slack: World, bot: Bot) -> None:
    bot.app.command("/sop")(lambda ack: ack())
    slack.workspace.response_urls.life = 0.0
    slack.driver.say(ALICE, "releases", "/sop")
    assert httpx.post(bot.requests[0]["payload"]["response_url"], json={"text": "x"}).json()["error"] == "expired_url"


def test_a_trigger_opens_one_modal_within_three_seconds(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.app.command("/sop")(lambda ack: ack())
    hasty.driver.say(ALICE, "releases", "/sop")
    hasty.driver.say(ALICE, "releases", "/sop")
    triggers = [command["trigger_id"] for command in hasty_bot.payloads("command")]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    open_view = hasty.client.views_open
    assert open_view(trigger_id=triggers[1], view=view)["view"]["type"] == "modal"
    assert refusal(open_view, trigger_id=triggers[1], view=view)["error"] == "exchanged_trigger_id"
    assert refusal(open_view, trigger_id="1.2.3", view=view)["error"] == "invalid_trigger_id"
    time.sleep(0.25)
    assert refusal(open_view, trigger_id=triggers[0], view=view)["error"] == "expired_trigger_id"


def test_commands_run_in_channels_the_bot_is_not_in(slack: World, bot: Bot) -> None:
    bot.app.command("/sop")(lambda ack: ack("the rules"))
    slack.driver.say(ALICE, "general", "/sop")
    assert slack.driver.messages(ALICE, "general")[0]["text"] == "the rules"
