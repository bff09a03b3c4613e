"""Message shortcuts: what is sent, what the bot can do with it, what people see when it fails, Slack's limits."""

from pathlib import Path
from typing import Any

import pytest
from slack_bolt import Ack

from bot.sandbox.slack.config import read_manifest
from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import SHORTCUT, Bot, World, able_manifest

ALICE, BOB = "U0ALICE", "U0BOB"
RELEASES, GENERAL = "C0RELEASES", "C0GENERAL"


def said(slack: World, channel: str = "releases") -> str:
    ts = slack.driver.say(BOB, channel, "the database is full")
    assert ts is not None
    return ts


def test_the_bot_gets_the_message_and_may_answer_with_a_modal(able: World, able_bot: Bot) -> None:
    view = {"type": "modal", "callback_id": "which", "title": {"type": "plain_text", "text": "Which?"}, "blocks": []}

    def keep(ack: Ack, body: dict[str, Any], client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    able_bot.app.message_shortcut("keep")(keep)
    ts = said(able)
    able.driver.message_shortcut(ALICE, "releases", ts, "Add to timeline")
    (sent,) = able_bot.payloads("message_action")
    assert (sent["callback_id"], sent["user"]["id"], sent["team"]["id"]) == ("keep", ALICE, "T0SLIPWAY")
    assert sent["channel"] == {"id": RELEASES, "name": "releases"}
    assert sent["message_ts"] == sent["message"]["ts"] == ts
    assert (sent["message"]["text"], sent["message"]["user"]) == ("the database is full", BOB)
    top = able.driver.view(ALICE)
    assert top is not None
    assert top["callback_id"] == "which"


def test_it_works_where_the_bot_is_not_and_answers_only_who_chose_it(able: World, able_bot: Bot) -> None:
    able_bot.app.message_shortcut("keep")(lambda ack, respond: (ack(), respond("kept")))
    able.driver.message_shortcut(ALICE, "general", said(able, "general"), "keep")
    answer = able.driver.wait_for_message(ALICE, "general", "kept")
    assert answer["ephemeral"] is True
    assert len(able.driver.messages(BOB, "general")) == 1


def test_a_bot_that_fails_is_shown_to_who_chose_it(able: World, able_bot: Bot) -> None:
    ts = said(able)
    able_bot.status = 500
    with pytest.raises(PageError, match="Oh no, something went wrong"):
        able.driver.message_shortcut(ALICE, "releases", ts, "keep")


def test_a_late_answer_counts_as_none(hasty: World, hasty_bot: Bot, tmp_path: Path) -> None:
    hasty.workspace.manifest = read_manifest(able_manifest(tmp_path))
    hasty_bot.app.message_shortcut("keep")(lambda ack: ack())
    hasty_bot.delay = 0.3
    with pytest.raises(PageError, match="Oh no, something went wrong"):
        hasty.driver.message_shortcut(ALICE, "releases", said(hasty), "keep")


def test_what_has_no_shortcuts(able: World, able_bot: Bot) -> None:
    whisper = able.client.chat_postEphemeral(channel=RELEASES, user=ALICE, text="for you")["message_ts"]
    with pytest.raises(PageError, match="message_not_found"):
        able.driver.message_shortcut(ALICE, "releases", str(whisper), "keep")
    with pytest.raises(LookupError, match="Add to timeline"):
        able.driver.message_shortcut(ALICE, "releases", said(able), "sing")
    assert able_bot.payloads("message_action") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 25},
        {"callback_id": "x" * 256},
        {"description": "x" * 151},
        {"description": ""},
        {"type": "channel"},
    ],
)
def test_shortcuts_slack_would_not_accept(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="shortcut"):
        read_manifest(able_manifest(tmp_path, shortcuts=[{**SHORTCUT, **wrong}]))


def test_at_most_ten_shortcuts_each_with_its_own_callback(tmp_path: Path) -> None:
    many = [{**SHORTCUT, "callback_id": f"keep-{n}"} for n in range(11)]
    assert len(read_manifest(able_manifest(tmp_path, shortcuts=many[:10])).message_shortcuts) == 10
    with pytest.raises(ValueError, match="at most 10"):
        read_manifest(able_manifest(tmp_path, shortcuts=many))
    with pytest.raises(ValueError, match="callback_id"):
        read_manifest(able_manifest(tmp_path, shortcuts=[SHORTCUT, SHORTCUT]))
    global_one = {**SHORTCUT, "type": "global"}
    assert read_manifest(able_manifest(tmp_path, shortcuts=[global_one])).message_shortcuts == ()
