"""A workspace on a free port, a real Bolt app that serves it, and a driver to act as its people."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.asgi import Call, Server, sync
from bot.sandbox.slack import Driver, SlackConfig, Workspace, build

MANIFEST = Path(__file__).parents[3] / "manifest.yml"
TOKEN = "xoxb-sandbox"
SECRET = "sandbox-signing-secret"


@dataclass
class World:
    """The fake Slack as tests see it."""

    url: str
    workspace: Workspace
    driver: Driver
    client: WebClient


@dataclass
class Bot:
    """A Bolt app with its own signature check, and every request it was sent: `{headers, body, payload}`.

    `status` and `headers` answer instead of the app; `delay` seconds pass before an answer.
    """

    app: App
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def payloads(self, kind: str) -> list[dict[str, Any]]:
        return [r["payload"] for r in self.requests if r["payload"].get("type") == kind]

    def serve(self, call: Call) -> Response:
        headers: dict[str, str | Sequence[str]] = {key: [value] for key, value in call.request.headers.items()}
        body = call.body.decode()
        self.requests.append({"headers": dict(call.request.headers), "body": body, "payload": _payload(body)})
        time.sleep(self.delay)
        if self.status is not None:
            return Response(status_code=self.status, headers=self.headers)
        answer = self.app.dispatch(BoltRequest(body=body, headers=headers))
        return Response(answer.body, answer.status, {key: values[0] for key, values in answer.headers.items()})


def _payload(body: str) -> dict[str, Any]:
    if body.startswith("{"):
        return dict(json.loads(body))
    form = {key: values[0] for key, values in parse_qs(body, keep_blank_values=True).items()}
    return dict(json.loads(form["payload"])) if "payload" in form else {"type": "command", **form}


@dataclass
class Stage:
    """A server that stays up while the application behind it is changed: every test has a fresh one."""

    app: ASGIApp = field(default_factory=Starlette)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def run(self) -> Iterator["Stage"]:
        server = Server(self).start()
        self.url = server.url
        yield self
        server.stop()


def world(stage: Stage, **changes: Any) -> Iterator[World]:
    app = build(SlackConfig(**{"manifest": MANIFEST, "bot_token": TOKEN, "signing_secret": SECRET, **changes}))
    stage.app = app
    driver = Driver(stage.url)
    client = WebClient(token=TOKEN, base_url=f"{stage.url}/api/", retry_handlers=[])
    yield World(stage.url, app.state.workspace, driver, client)
    driver.shut()
    app.state.workspace.closed.set()


SHORTCUT = {"name": "Add to timeline", "type": "message", "callback_id": "keep", "description": "Keeps it"}
ABLE_SCOPES = ("channels:manage", "groups:write", "pins:read", "pins:write", "reactions:read")


def able_manifest(folder: Path, **features: Any) -> Path:
    """The manifest with every scope, event and shortcut that channels, pins, reactions and shortcuts want."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    manifest["features"] |= {"shortcuts": [SHORTCUT], **features}
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    scopes += [scope for scope in ABLE_SCOPES if scope not in scopes]
    events = {"app_home_opened", "reaction_added", "reaction_removed"}
    manifest["settings"]["event_subscriptions"]["bot_events"] = sorted(events)
    path = folder / "manifest.yml"
    path.write_text(yaml.safe_dump(manifest))
    return path


def attach(slack: World, stage: Stage) -> Bot:
    bolt = App(
        client=slack.client,
        signing_secret=SECRET,
        process_before_response=True,
        raise_error_for_unhandled_request=False,
        token_verification_enabled=False,
    )
    bot = Bot(bolt, url=stage.url)
    stage.app = Starlette(routes=[Route("/slack/events", sync(bot.serve), methods=["POST"])])
    slack.workspace.bot_url = stage.url
    return bot


def refusal(call: Callable[..., Any], /, **args: Any) -> dict[str, Any]:
    """The answer to a call that Slack refuses; fails when it does not."""
    try:
        answer = call(**args)
    except SlackApiError as error:
        return dict(error.response.data) if isinstance(error.response.data, dict) else {}
    raise AssertionError(f"not refused: {answer}")
