"""Using blocks in messages: the payloads the bot gets, and what it may do in return."""

from typing import Any

import pytest
from slack_bolt import Ack, Respond
from slack_sdk.models.blocks import Block

from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import Bot, World

ALICE, BOB = "U0ALICE", "U0BOB"
RELEASES = "C0RELEASES"


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def card(*elements: dict[str, Any], text: str = "card") -> dict[str, Any]:
    blocks = [{"type": "actions", "block_id": "acts", "elements": list(elements)}] if elements else []
    return {"channel": RELEASES, "text": text, "blocks": blocks}


def button(action_id: str, label: str = "Press", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": words(label), **more}


def heard(bot: Bot) -> dict[str, Any]:
    (payload,) = bot.payloads("block_actions")
    return payload


def test_a_press_tells_who_where_and_what(slack: World, bot: Bot) -> None:
    bot.app.action("approve")(lambda ack: ack())
    ts = slack.client.chat_postMessage(**card(button("approve", value="CR-1", style="primary")))["ts"]
    slack.driver.click(BOB, "releases", ts, "approve")
    payload = heard(bot)
    assert payload["user"] == {"id": BOB, "username": "bob", "name": "bob", "team_id": "T0SLIPWAY"}
    assert payload["team"]["id"] == "T0SLIPWAY"
    assert payload["channel"] == {"id": RELEASES, "name": "releases"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": RELEASES,
        "is_ephemeral": False,
    }
    (action,) = payload["actions"]
    assert {key: action[key] for key in ("type", "action_id", "block_id", "value", "style")} == {
        "type": "button",
        "action_id": "approve",
        "block_id": "acts",
        "value": "CR-1",
        "style": "primary",
    }
    assert action["text"] == {**words("Press"), "emoji": True}
    assert float(action["action_ts"]) > float(ts)
    assert payload["message"]["ts"] == ts
    assert Block.parse_all(payload["message"]["blocks"])
    assert payload["state"] == {"values": {}}
    assert payload["response_url"].startswith(slack.url)
    assert payload["trigger_id"]


def test_a_choice_comes_with_the_state_of_everything_in_the_message(slack: World, bot: Bot) -> None:
    bot.app.action("menu")(lambda ack: ack())
    options = [{"text": words(name), "value": name.lower()} for name in ("Shop", "Blog")]
    menu = {"type": "static_select", "action_id": "menu", "options": options}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": options, "initial_options": [options[1]]}
    day = {"type": "datepicker", "action_id": "day"}
    ts = slack.client.chat_postMessage(**card(menu, boxes, day, button("go")))["ts"]
    slack.driver.click(ALICE, "releases", ts, "menu", "Shop")
    payload = heard(bot)
    assert payload["actions"][0]["selected_option"]["value"] == "shop"
    state = payload["state"]["values"]["acts"]
    assert state["menu"] == {"type": "static_select", "selected_option": payload["actions"][0]["selected_option"]}
    assert [option["value"] for option in state["boxes"]["selected_options"]] == ["blog"]
    assert state["day"] == {"type": "datepicker", "selected_date": None}
    assert "go" not in state


def test_an_overflow_menu_gives_the_option(slack: World, bot: Bot) -> None:
    bot.app.action("more")(lambda ack: ack())
    options = [{"text": words("Abort"), "value": "abort"}]
    section = {
        "type": "section",
        "text": words("x"),
        "accessory": {"type": "overflow", "action_id": "more", "options": options},
    }
    ts = slack.client.chat_postMessage(channel=RELEASES, text="x", blocks=[section])["ts"]
    slack.driver.click(ALICE, "releases", ts, "more", "Abort")
    assert heard(bot)["actions"][0]["selected_option"]["value"] == "abort"


def test_inputs_in_messages_travel_with_the_button(slack: World, bot: Bot) -> None:
    bot.app.action("send")(lambda ack: ack())
    asked = {
        "type": "input",
        "block_id": "why",
        "label": words("Why"),
        "element": {"type": "plain_text_input", "action_id": "reason"},
    }
    blocks: list[dict[str, Any]] = [asked, {"type": "actions", "elements": [button("send")]}]
    ts = slack.client.chat_postMessage(channel=RELEASES, text="x", blocks=blocks)["ts"]
    slack.driver.click(ALICE, "releases", ts, "send", state={"reason": "because"})
    values = heard(bot)["state"]["values"]
    assert values == {"why": {"reason": {"type": "plain_text_input", "value": "because"}}}


def test_by_default_a_response_is_for_the_one_who_acted(slack: World, bot: Bot) -> None:
    def answer(ack: Ack, respond: Respond) -> None:
        ack()
        respond("only you")

    bot.app.action("go")(answer)
    ts = slack.client.chat_postMessage(**card(button("go")))["ts"]
    slack.driver.click(ALICE, "releases", ts, "go")
    assert [m["text"] for m in slack.driver.messages(ALICE, "releases")] == ["card", "only you"]
    assert [m["text"] for m in slack.driver.messages(BOB, "releases")] == ["card"]


def test_a_response_may_replace_or_delete_what_was_acted_on(slack: World, bot: Bot) -> None:
    def replace(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="done", replace_original=True)

    def delete(ack: Ack, respond: Respond) -> None:
        ack()
        respond(delete_original=True)

    bot.app.action("replace")(replace)
    bot.app.action("delete")(delete)
    first = slack.client.chat_postMessage(**card(button("replace")))["ts"]
    second = slack.client.chat_postMessage(**card(button("delete")))["ts"]
    slack.driver.click(ALICE, "releases", first, "replace")
    slack.driver.click(ALICE, "releases", second, "delete")
    (left,) = slack.driver.messages(BOB, "releases")
    assert (left["text"], "blocks" in left) == ("done", False)


def test_buttons_in_what_only_one_person_sees(slack: World, bot: Bot) -> None:
    def replace(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="done", replace_original=True)

    bot.app.action("go")(replace)
    ts = slack.client.chat_postEphemeral(user=ALICE, **card(button("go")))["message_ts"]
    slack.driver.click(ALICE, "releases", ts, "go")
    assert heard(bot)["container"]["is_ephemeral"] is True
    assert "message" not in heard(bot)
    assert [(m["text"], m["ephemeral"]) for m in slack.driver.messages(ALICE, "releases")] == [("done", True)]
    with pytest.raises(LookupError):
        slack.driver.click(BOB, "releases", ts, "go")


def test_a_press_in_a_thread_names_the_thread(slack: World, bot: Bot) -> None:
    bot.app.action("go")(lambda ack: ack())
    root = slack.client.chat_postMessage(channel=RELEASES, text="root")["ts"]
    ts = slack.client.chat_postMessage(**card(button("go")), thread_ts=root)["ts"]
    slack.driver.click(ALICE, "releases", ts, "go")
    assert heard(bot)["container"]["thread_ts"] == root
    assert heard(bot)["message"]["thread_ts"] == root


def test_a_press_on_an_older_version_of_a_message_still_arrives(slack: World, bot: Bot) -> None:
    bot.app.action("old")(lambda ack: ack())
    ts = slack.client.chat_postMessage(**card(button("old", value="then")))["ts"]
    (before,) = slack.driver.messages(ALICE, "releases")
    slack.client.chat_update(ts=ts, **card(button("new"), text="changed"))
    slack.driver.click(ALICE, "releases", ts, "old", stale=before)
    assert heard(bot)["actions"][0]["value"] == "then"
    assert heard(bot)["message"]["text"] == "changed"


def test_a_press_on_a_message_that_is_gone_says_so(slack: World, bot: Bot) -> None:
    ts = slack.client.chat_postMessage(**card(button("go")))["ts"]
    (before,) = slack.driver.messages(ALICE, "releases")
    slack.client.chat_delete(channel=RELEASES, ts=ts)
    with pytest.raises(PageError, match="not there any more"):
        slack.driver.click(ALICE, "releases", ts, "go", stale=before)
    assert bot.requests == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_bot_in_trouble_shows_beside_the_element(slack: World, bot: Bot, status: int) -> None:
    ts = slack.client.chat_postMessage(**card(button("go")))["ts"]
    bot.status = status
    with pytest.raises(PageError, match=r"Oh no, something went wrong\. Please try that again\."):
        slack.driver.click(ALICE, "releases", ts, "go")


def test_a_bot_that_is_too_slow_shows_beside_the_element(hasty: World, hasty_bot: Bot) -> None:
    hasty_bot.app.action("go")(lambda ack: ack())
    hasty_bot.delay = 0.4
    ts = hasty.client.chat_postMessage(**card(button("go")))["ts"]
    with pytest.raises(PageError, match="something went wrong"):
        hasty.driver.click(ALICE, "releases", ts, "go")


def test_an_element_is_found_by_its_button_text_too(slack: World, bot: Bot) -> None:
    bot.app.action("go")(lambda ack: ack())
    ts = slack.client.chat_postMessage(**card(button("go", "Approve it")))["ts"]
    slack.driver.click(ALICE, "releases", ts, "Approve it")
    assert heard(bot)["actions"][0]["action_id"] == "go"
    with pytest.raises(LookupError, match="there are: go"):
        slack.driver.click(ALICE, "releases", ts, "Reject it")
