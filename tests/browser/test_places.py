"""The rail, acting as others, App Home, the World panel, and a line that breaks."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from slack_bolt import Ack
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, Server, sync
from bot.sandbox.slack import SlackConfig, Workspace, build
from tests.browser.blocks import acted, actions, button, section
from tests.browser.conftest import Opener
from tests.sandbox.slack.kit import MANIFEST, SECRET, TOKEN, Bot, Stage, World, attach, world


class Laptop:
    """A world with one switch, one field, a menu and a log; `refuse` answers everything with a refusal."""

    def __init__(self) -> None:
        self.done: list[dict[str, object]] = []
        self.slow = False
        self.log = ["[build] ok"]

    def panel(self, _call: Call) -> Response:
        controls = [
            {"id": "slow", "label": "CI is slow", "kind": "switch", "value": self.slow},
            {"id": "issue", "label": "Open issue", "kind": "text", "value": "", "hint": "What is broken"},
            {"id": "branch", "label": "Branch", "kind": "select", "value": "main",
             "options": [{"value": "main", "label": "main"}, {"value": "cr", "label": "cr-12"}]},
            {"id": "push", "label": "Push", "kind": "button", "confirm": "Around the bot?"},
        ]  # fmt: skip
        lines = [
            {"label": "Tree", "value": "dirty <b>", "tone": "bad"},
            {"label": "Serves", "value": "1a2b3c4", "tone": "good", "href": "http://127.0.0.1:1/"},
            {"label": "Odd", "value": "no link", "tone": "plain", "href": "javascript:alert(1)"},
        ]
        section = {"id": "laptop", "title": "Laptop", "status_lines": lines, "controls": controls, "log": self.log}
        return JSONResponse({"sections": [section]})

    def do(self, call: Call) -> Response:
        asked = json.loads(call.body)
        self.done.append(asked)
        if asked["control"] == "slow":
            self.slow = asked["value"]
        refused = asked["control"] == "push"
        return JSONResponse({"ok": not refused, "message": "The branch is protected" if refused else "It is done"})


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture
def slack(slack_stage: Stage, laptop: Laptop) -> Iterator[World]:
    routes = [Route("/world/panel", sync(laptop.panel)), Route("/world/do", sync(laptop.do), methods=["POST"])]
    server = Server(Starlette(routes=routes)).start()
    yield from world(slack_stage, world_url=server.url)
    server.stop()


@pytest.fixture
def bot(slack: World, bot_stage: Stage) -> Bot:
    return attach(slack, bot_stage)


def test_one_can_act_as_another(slack: World, bot: Bot, visit: Opener) -> None:
    slack.client.chat_postEphemeral(channel="C0RELEASES", user="U0ALICE", text="for Alice")
    page = visit("U0ALICE")
    expect(page.get_by_text("for Alice")).to_be_visible()
    page.get_by_role("button", name="Acting as Alice Ade").press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Acting as Bob Baker")).to_contain_text("New York")
    expect(page.get_by_text("for Alice")).to_have_count(0)
    page.locator("#conversation .composer-field").fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".message-name")).to_have_text("Bob Baker")
    page.go_back()
    expect(page.get_by_role("button", name="Acting as Alice Ade")).to_be_visible()


def test_one_jumps_to_a_channel_by_keys(slack: World, visit: Opener) -> None:
    page = visit("U0ALICE")
    page.keyboard.press("Control+k")
    page.keyboard.type("inci")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="incidents")).to_be_visible()


def test_app_home_is_opened_used_and_kept_up_to_date(slack: World, bot: Bot, visit: Opener) -> None:
    def publish(words: str) -> None:
        blocks = [section(words), actions(button("Review", "review"))]
        slack.client.views_publish(user_id="U0CAROL", view={"type": "home", "blocks": blocks})

    bot.app.event("app_home_opened")(lambda event: publish("1 waits for you"))

    @bot.app.action("review")
    def review(ack: Ack) -> None:
        ack()
        publish("nothing waits")

    page = visit("U0CAROL", "home")
    expect(page.locator("#home")).to_contain_text("1 waits for you")
    page.get_by_role("button", name="Review").click()
    expect(page.locator("#home")).to_contain_text("nothing waits")
    assert acted(bot)[0]["action_id"] == "review"
    assert bot.payloads("block_actions")[0]["container"]["type"] == "view"
    page.get_by_role("tab", name="Messages").click()
    expect(
        page.locator("#conversation").get_by_text("Sending messages to this app has been turned off.")
    ).to_be_visible()


def test_the_world_panel_shows_and_does(slack: World, laptop: Laptop, visit: Opener) -> None:
    page = visit("U0ALICE")
    panel = page.locator("#world")
    expect(panel.locator(".tone-bad")).to_have_text("Treedirty <b>")
    expect(panel.get_by_role("link")).to_have_text(["1a2b3c4"])
    panel.get_by_role("switch", name="CI is slow").click()
    expect(panel.get_by_role("switch", name="CI is slow")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("status").filter(has_text="It is done")).to_be_visible()
    panel.get_by_role("combobox", name="Branch").select_option("cr")
    panel.get_by_role("textbox", name="Open issue").fill("checkout")
    slack.driver.control("world_changed")
    laptop.log.append("[test] 1 failed")
    expect(panel.locator(".log")).to_have_text("[build] ok\n[test] 1 failed")
    expect(panel.get_by_role("textbox", name="Open issue")).to_have_value("checkout")
    panel.get_by_role("textbox", name="Open issue").press("Enter")
    panel.get_by_role("button", name="Push").click()
    page.get_by_role("dialog").get_by_role("button", name="Push").click()
    expect(page.get_by_role("alert")).to_contain_text("The branch is protected")
    done = [("slow", True), ("branch", "cr"), ("issue", "checkout"), ("push", None)]
    assert [(one["control"], one.get("value")) for one in laptop.done] == done
    assert {one["user"] for one in laptop.done} == {"U0ALICE"}


def test_without_a_world_there_is_no_switch_for_it(slack_stage: Stage, visit: Opener) -> None:
    for _ in world(slack_stage):
        page = visit("U0ALICE")
        expect(page.get_by_role("heading", name="releases")).to_be_visible()
        expect(page.get_by_role("button", name="World")).to_have_count(0)


def test_after_a_restart_of_the_server_the_page_catches_up(slack: World, visit: Opener) -> None:
    app = build(SlackConfig(manifest=MANIFEST, bot_token=TOKEN, signing_secret=SECRET))
    server = Server(app).start()
    page = visit("U0ALICE", url=server.url)
    server.stop()
    expect(page.get_by_text("The line to the sandbox is down")).to_be_visible()
    workspace: Workspace = app.state.workspace
    workspace.post(workspace.channel("C0RELEASES"), "U0BOB", "said meanwhile")
    again = Server(app, port=server.port).start()
    expect(page.get_by_text("said meanwhile")).to_be_visible()
    expect(page.get_by_text("The line to the sandbox is down")).to_be_hidden()
    page.close()
    again.stop()


@pytest.mark.parametrize("width", [900, 1280, 1600])
def test_nothing_sticks_out_at_the_side(slack: World, bot: Bot, visit: Opener, width: int) -> None:
    long = "averyveryverylongwordwithoutanyspaces" * 6
    blocks = [
        section(long, accessory=button(long[:70], "a")),
        actions(*[button(f"Button {n}", f"b{n}") for n in range(9)]),
    ]
    ts = slack.client.chat_postMessage(channel="C0RELEASES", text=long, blocks=blocks)["ts"]
    page = visit("U0ALICE", f"C0RELEASES/{ts}", size=(width, 800))
    expect(page.locator("#thread .message")).to_be_visible()
    sides = "[...document.querySelectorAll('#conversation, #thread')].map((n) => n.scrollWidth - n.clientWidth)"
    assert page.evaluate(sides) == [0, 0]
    assert page.evaluate("document.documentElement.scrollWidth") == width
