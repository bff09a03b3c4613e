"""Events: envelopes, retries as Slack spaces them, and the check of a request URL."""

import json
import threading
from pathlib import Path

import yaml

from tests.sandbox.slack.kit import MANIFEST, Bot, Stage, World, attach, world

ALICE = "U0ALICE"


def test_an_envelope_is_complete(slack: World, bot: Bot) -> None:
    bot.app.event("app_home_opened")(lambda: None)
    slack.driver.home(ALICE)
    (request,) = bot.requests
    envelope = request["payload"]
    assert request["headers"]["content-type"] == "application/json"
    assert "x-slack-retry-num" not in request["headers"]
    assert {key: envelope[key] for key in ("type", "team_id", "api_app_id", "is_ext_shared_channel")} == {
        "type": "event_callback",
        "team_id": "T0SLIPWAY",
        "api_app_id": "A0SLIPWAY",
        "is_ext_shared_channel": False,
    }
    assert envelope["event_id"].startswith("Ev")
    assert envelope["authorizations"][0]["user_id"] == "U0SLIPWAY"
    assert envelope["event"]["channel"] == "D0ALICE"


def attempts(slack: World, bot: Bot, count: int) -> list[tuple[str | None, str | None]]:
    slack.driver.wait_for(lambda: len(bot.requests) >= count, what=f"{count} deliveries")
    ids = {request["payload"]["event_id"] for request in bot.requests}
    assert len(ids) == 1
    headers = [request["headers"] for request in bot.requests]
    return [(one.get("x-slack-retry-num"), one.get("x-slack-retry-reason")) for one in headers]


def all_retries_done() -> bool:
    return not any(thread.name.startswith("slack-retry") for thread in threading.enumerate())


def test_a_failed_delivery_is_tried_three_times_more(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.status = 500
    hasty.driver.home(ALICE)
    expected = [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert attempts(hasty, hasty_bot, 4) == expected
    hasty.driver.wait_for(all_retries_done)
    assert len(hasty_bot.requests) == 4


def test_a_slow_answer_counts_as_a_timeout_until_one_comes_in_time(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.app.event("app_home_opened")(lambda: None)
    hasty_bot.delay = 0.3
    hasty.driver.home(ALICE)
    hasty_bot.delay = 0.0
    assert attempts(hasty, hasty_bot, 2) == [(None, None), ("1", "http_timeout")]
    hasty.driver.wait_for(all_retries_done)
    assert len(hasty_bot.requests) == 2


def test_a_bot_may_ask_for_no_retries(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.status, hasty_bot.headers = 500, {"X-Slack-No-Retry": "1"}
    hasty.driver.home(ALICE)
    hasty.driver.wait_for(all_retries_done)
    assert len(hasty_bot.requests) == 1


def test_messages_are_sent_only_when_subscribed_to(
    slack: World, bot: Bot, slack_stage: Stage, bot_stage: Stage, tmp_path: Path
) -> None:
    slack.driver.say(ALICE, "releases", "hello")
    assert bot.requests == []
    manifest = yaml.safe_load(MANIFEST.read_text())
    manifest["settings"]["event_subscriptions"]["bot_events"] += ["message.channels"]
    path = tmp_path / "manifest.yml"
    path.write_text(yaml.safe_dump(manifest))
    with_events = next(world(slack_stage, manifest=path))
    listening = attach(with_events, bot_stage)
    listening.app.event("message")(lambda: None)
    with_events.driver.say(ALICE, "general", "not here")
    with_events.driver.say(ALICE, "releases", "hello @bob")
    with_events.driver.wait_for(lambda: listening.requests, what="the event")
    (request,) = listening.requests
    event = request["payload"]["event"]
    assert (event["text"], event["channel"], event["channel_type"]) == ("hello <@U0BOB>", "C0RELEASES", "channel")


def test_a_request_url_is_verified_by_its_challenge(slack: World, bot: Bot) -> None:
    assert slack.driver.control("verify_url")["verified"] is True
    assert json.loads(bot.requests[0]["body"])["type"] == "url_verification"
    bot.status = 500
    assert slack.driver.control("verify_url")["verified"] is False
