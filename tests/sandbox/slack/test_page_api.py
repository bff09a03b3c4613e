"""What the page is served: state, history, threads, unread counts, live events, the world behind a proxy."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import Bot, Stage, World, world

ALICE, BOB = "U0ALICE", "U0BOB"
RELEASES = "C0RELEASES"


def test_the_state_shows_people_channels_and_commands(slack: World) -> None:
    state = slack.driver.state(ALICE)
    assert state["me"] == ALICE
    assert {user["name"] for user in state["users"]} >= {"alice", "bob", "slipway", "slackbot"}
    assert state["usergroups"][0]["handle"] == "approvers"
    channels = {channel["name"] or channel["peer"]: channel for channel in state["channels"]}
    assert set(channels) == {"releases", "general", "violations", "incidents", "U0SLIPWAY"}
    assert channels["U0SLIPWAY"]["is_im"] is True
    assert [command["command"] for command in state["commands"]] == [
        "/change",
        "/release",
        "/incident",
        "/freeze",
        "/sop",
    ]
    assert state["app"] == {
        "id": "A0SLIPWAY",
        "name": "Slipway",
        "bot_user": "U0SLIPWAY",
        "messages_read_only": True,
    }
    assert state["world"] is False


def test_nobody_acts_as_somebody_who_is_not_there(slack: World) -> None:
    for user in ("U404", "U0SLIPWAY"):
        with pytest.raises(PageError, match="user_not_found"):
            slack.driver.state(user)


def test_somebody_deactivated_looks_on_but_acts_no_more(slack: World) -> None:
    slack.driver.control("deactivate", user=ALICE)
    assert slack.driver.messages(ALICE, "releases") == []
    with pytest.raises(PageError, match="account_inactive"):
        slack.driver.say(ALICE, "releases", "hello")
    slack.driver.control("deactivate", user=ALICE, deleted=False)
    assert slack.driver.say(ALICE, "releases", "hello")


def test_what_people_say_is_escaped_and_mentions_become_tokens(slack: World) -> None:
    slack.driver.say(ALICE, "releases", "<b> & @bob in #general")
    (message,) = slack.driver.messages(BOB, "releases")
    assert message["text"] == "&lt;b&gt; &amp; <@U0BOB> in <#C0GENERAL|general>"
    assert (message["user"], message["ephemeral"], message["error"]) == (ALICE, False, False)


def test_an_empty_message_and_an_archived_channel_are_refused(slack: World) -> None:
    with pytest.raises(PageError, match="no_text"):
        slack.driver.say(ALICE, "releases", "  ")
    slack.driver.control("channel", channel=RELEASES, archived=True)
    with pytest.raises(PageError, match="is_archived"):
        slack.driver.say(ALICE, "releases", "hello")


def test_the_bot_takes_no_direct_messages_when_its_manifest_says_so(slack: World) -> None:
    with pytest.raises(PageError, match="Sending messages to this app has been turned off"):
        slack.driver.say(ALICE, "@slipway", "hello")


def test_ephemerals_stand_in_time_order_among_the_others(slack: World) -> None:
    slack.client.chat_postMessage(channel=RELEASES, text="one")
    slack.client.chat_postEphemeral(channel=RELEASES, user=ALICE, text="two")
    slack.client.chat_postMessage(channel=RELEASES, text="three")
    assert [m["text"] for m in slack.driver.messages(ALICE, "releases")] == ["one", "two", "three"]


def test_replies_stand_in_thethread_only(slack: World) -> None:
    root = slack.client.chat_postMessage(channel=RELEASES, text="root")["ts"]
    slack.driver.say(BOB, "releases", "reply", thread_ts=root)
    slack.client.chat_postEphemeral(channel=RELEASES, user=ALICE, text="psst", thread_ts=root)
    assert [m["text"] for m in slack.driver.messages(ALICE, "releases")] == ["root"]
    assert [m["text"] for m in slack.driver.thread(ALICE, "releases", root)] == ["root", "reply", "psst"]
    assert [m["text"] for m in slack.driver.thread(BOB, "releases", root)] == ["root", "reply"]


def unread(slack: World, user: str) -> int:
    (count,) = (c["unread"] for c in slack.driver.state(user)["channels"] if c["id"] == RELEASES)
    return int(count)


def test_unread_counts_what_others_said_since_one_looked(slack: World) -> None:
    slack.driver.say(ALICE, "releases", "hello")
    slack.client.chat_postMessage(channel=RELEASES, text="x")
    assert (unread(slack, ALICE), unread(slack, BOB)) == (1, 2)
    httpx.post(f"{slack.url}/_page/read", json={"user": BOB, "channel": RELEASES})
    assert unread(slack, BOB) == 0


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"user": "U0ALICE"}', '{"user": "U0ALICE", "channel": "C404"}'])
def test_a_request_that_is_not_complete_is_an_error_not_a_failure(slack: World, body: str) -> None:
    answer = httpx.post(f"{slack.url}/_page/say", content=body)
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["message"]


class Page:
    """What an open page hears."""

    def __init__(self, slack: World, user: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self._http = httpx.Client(timeout=10)
        self._ready = threading.Event()
        self.thread = threading.Thread(target=self._listen, args=(f"{slack.url}/_page/events?user={user}",))
        self.thread.start()
        assert self._ready.wait(5)

    def _listen(self, url: str) -> None:
        try:
            with self._http.stream("GET", url) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                for line in response.iter_lines():
                    self._ready.set()
                    if line.startswith("data: "):
                        self.heard.append(json.loads(line.removeprefix("data: ")))
        except httpx.HTTPError:
            return  # the test has closed the page

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.heard]


@pytest.fixture
def pages(slack: World) -> Iterator[tuple[Page, Page]]:
    both = Page(slack, ALICE), Page(slack, BOB)
    yield both
    slack.workspace.feed.close()
    for page in both:
        page.thread.join(timeout=5)


def test_pages_hear_what_happens(slack: World, bot: Bot, pages: tuple[Page, Page]) -> None:
    alice, bob = pages
    ts = slack.client.chat_postMessage(channel=RELEASES, text="one")["ts"]
    slack.client.chat_update(channel=RELEASES, ts=ts, text="two")
    slack.client.chat_postEphemeral(channel=RELEASES, user=ALICE, text="psst")
    trigger = slack.workspace.modals.trigger(ALICE)
    title = {"type": "plain_text", "text": "T"}
    slack.client.views_open(trigger_id=trigger, view={"type": "modal", "title": title, "blocks": []})
    slack.client.views_publish(user_id=BOB, view={"type": "home", "blocks": []})
    slack.client.chat_delete(channel=RELEASES, ts=ts)
    slack.driver.control("deactivate", user="U0FRANK")
    slack.driver.control("world_changed")
    common = ["message", "message_changed"]
    tail = ["message_deleted", "state", "world"]
    slack.driver.wait_for(lambda: "world" in alice.kinds() and "world" in bob.kinds())
    assert alice.kinds() == [*common, "message", "views", *tail]
    assert bob.kinds() == [*common, "home", *tail]
    changed = alice.heard[1]
    assert (changed["channel"], changed["message"]["text"]) == (RELEASES, "two")
    assert [view["type"] for view in alice.heard[3]["stack"]] == ["modal"]
    assert alice.heard[4] == {"type": "message_deleted", "channel": RELEASES, "ts": ts}


def test_a_reply_changes_its_root_for_everyone(slack: World, pages: tuple[Page, Page]) -> None:
    alice, _ = pages
    root = slack.client.chat_postMessage(channel=RELEASES, text="root")["ts"]
    slack.client.chat_postMessage(channel=RELEASES, text="reply", thread_ts=root)
    slack.driver.wait_for(lambda: len(alice.heard) == 3)
    assert [event["type"] for event in alice.heard] == ["message", "message", "message_changed"]
    assert alice.heard[2]["message"]["reply_count"] == 1


def test_the_world_is_behind_a_proxy(slack_stage: Stage, bot_stage: Stage) -> None:
    def panel(call: Call) -> JSONResponse:
        return JSONResponse(
            {"method": call.request.method, "query": str(call.request.query_params), "body": call.body.decode()}
        )

    bot_stage.app = Starlette(routes=[Route("/world/do", sync(panel), methods=["GET", "POST"])])
    with_world = next(world(slack_stage, world_url=bot_stage.url))
    assert with_world.driver.state(ALICE)["world"] is True
    answer = httpx.post(f"{with_world.url}/world/do?a=1", json={"x": 1})
    assert answer.json() == {"method": "POST", "query": "a=1", "body": '{"x":1}'}
    assert httpx.get(f"{with_world.url}/world/nothing").status_code == 404


def test_without_a_world_there_is_no_panel(slack: World) -> None:
    answer = httpx.get(f"{slack.url}/world/panel")
    assert (answer.status_code, answer.json()["error"]) == (404, "no_world")
