"""Socket Mode, with Bolt's own handler on the other end of the connection."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from tests.sandbox.slack.kit import Stage, World, refusal, world

ALICE = "U0ALICE"
APP_TOKEN = "xapp-sandbox"


@pytest.fixture(scope="module")
def connected() -> Iterator[tuple[World, App]]:
    """One connection for all tests here, each with a command of its own: leaving takes the client seconds."""
    stage = next(staged := Stage().run())
    slack = next(world(stage, app_token=APP_TOKEN, answer_within=0.5, retry_after=(0.01, 0.01, 0.01)))
    app = App(client=slack.client, process_before_response=True, token_verification_enabled=False)
    handler = SocketModeHandler(app, APP_TOKEN, web_client=WebClient(base_url=f"{slack.url}/api/"))
    handler.client.auto_reconnect_enabled = handler.client.default_auto_reconnect_enabled = False
    handler.client.connect()
    slack.driver.wait_for(lambda: slack.workspace.sockets.connected, what="the connection")
    yield slack, app
    handler.client.close()
    next(staged, None)


def test_a_command_and_its_answer_go_through_the_socket(connected: tuple[World, App]) -> None:
    slack, app = connected
    app.command("/sop")(lambda ack, command: ack(f"you said {command['text']}"))
    slack.driver.say(ALICE, "releases", "/sop rules")
    (message,) = slack.driver.messages(ALICE, "releases")
    assert (message["text"], message["ephemeral"]) == ("you said rules", True)


def test_modals_actions_and_options_go_through_the_socket(connected: tuple[World, App]) -> None:
    slack, app = connected
    heard: list[dict[str, Any]] = []
    words = {"type": "plain_text", "text": "x"}
    pick = {"type": "external_select", "action_id": "pick"}
    blocks = [{"type": "input", "block_id": "it", "label": words, "element": pick}]
    view = {"type": "modal", "callback_id": "form", "title": words, "submit": words, "blocks": blocks}

    def open_it(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def submitted(ack: Any, view: dict[str, Any]) -> None:
        heard.append(view)
        ack(response_action="clear")

    app.command("/change")(open_it)
    app.options("pick")(lambda ack: ack(options=[{"text": words, "value": "v"}]))
    app.view("form")(submitted)
    slack.driver.say(ALICE, "releases", "/change")
    assert slack.driver.fill_and_submit(ALICE, it="v") == {"result": "cleared"}
    assert heard[0]["state"]["values"]["it"]["pick"]["selected_option"]["value"] == "v"


def test_events_are_acknowledged_or_tried_again(connected: tuple[World, App]) -> None:
    slack, app = connected
    opened: list[str] = []
    app.event("app_home_opened")(lambda event: opened.append(event["user"]))
    slack.driver.home(ALICE)
    assert opened == [ALICE]


def test_a_listener_that_does_not_acknowledge_is_a_timeout(connected: tuple[World, App]) -> None:
    slack, app = connected
    app.command("/freeze")(lambda: None)
    slack.driver.say(ALICE, "releases", "/freeze")
    message = slack.driver.messages(ALICE, "releases")[-1]
    assert message["text"] == '/freeze failed with the error "operation_timeout"'


def test_only_the_app_token_opens_connections_and_opens_nothing_else(connected: tuple[World, App]) -> None:
    slack, _ = connected
    app_client = WebClient(token=APP_TOKEN, base_url=f"{slack.url}/api/")
    assert app_client.apps_connections_open(app_token=APP_TOKEN)["url"].startswith("ws://127.0.0.1:")
    assert refusal(slack.client.api_call, api_method="apps.connections.open")["error"] == "not_allowed_token_type"
    assert refusal(app_client.auth_test)["error"] == "not_allowed_token_type"
