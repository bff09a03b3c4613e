"""What Slack sends the bot: signed requests to its URL, or envelopes through its Socket Mode connection."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.workspace import Workspace

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class NoAnswer(Exception):
    """The bot did not answer as it must; `reason` is `http_timeout`, `connection_failed` or `http_error`."""

    def __init__(self, reason: str, status: int | None = None, headers: httpx.Headers | None = None) -> None:
        super().__init__(reason if status is None else f"{reason} {status}")
        self.reason = reason
        self.status = status
        self.headers = headers or httpx.Headers()


@dataclass(frozen=True)
class Answer:
    """What the bot said in time: a 2xx with this body."""

    body: bytes
    content_type: str

    @property
    def is_json(self) -> bool:
        return self.content_type.split(";")[0].strip() == JSON

    def json(self) -> object:
        """Raises ValueError for what does not parse."""
        return json.loads(self.body)


def command(workspace: Workspace, path: str, fields: dict[str, str]) -> Answer:
    """Sends a slash command. Raises NoAnswer."""
    if workspace.sockets.connected:
        return _ask(workspace, "slash_commands", dict(fields), takes_answer=True)
    return _send(workspace, path, urlencode(fields).encode(), FORM, {})


def interaction(workspace: Workspace, path: str, payload: Json) -> Answer:
    """Sends an interactive payload. Raises NoAnswer."""
    if workspace.sockets.connected:
        return _ask(workspace, "interactive", payload, takes_answer=True)
    return _send(workspace, path, urlencode({"payload": json.dumps(payload)}).encode(), FORM, {})


def event(workspace: Workspace, envelope: Json, retry: int = 0, reason: str = "") -> Answer:
    """Sends an Events API envelope; `retry` counts repetitions, `reason` says why. Raises NoAnswer."""
    if workspace.sockets.connected:
        return _ask(workspace, "events_api", envelope, False, retry_attempt=retry, retry_reason=reason)
    headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
    return _send(workspace, workspace.manifest.events_path, json.dumps(envelope).encode(), JSON, headers)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + digest.hexdigest()


def _ask(workspace: Workspace, kind: str, payload: Json, takes_answer: bool, **retry: object) -> Answer:
    try:
        said = workspace.sockets.ask(kind, payload, takes_answer, workspace.config.answer_within, **retry)
    except TimeoutError as error:
        raise NoAnswer("http_timeout") from error
    except ConnectionError as error:
        raise NoAnswer("connection_failed") from error
    return Answer(b"" if said is None else json.dumps(said).encode(), JSON)


def _send(workspace: Workspace, path: str, body: bytes, content_type: str, extra: dict[str, str]) -> Answer:
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept": "application/json,*/*",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(workspace.config.signing_secret, timestamp, body),
        **extra,
    }
    if not workspace.bot_url:
        raise NoAnswer("connection_failed")
    wait = workspace.config.answer_within
    try:
        response = workspace.http.post(workspace.bot_url.rstrip("/") + path, content=body, headers=headers)
    except httpx.TimeoutException as error:
        raise NoAnswer("http_timeout") from error
    except httpx.HTTPError as error:
        raise NoAnswer("connection_failed") from error
    if response.elapsed.total_seconds() > wait:
        raise NoAnswer("http_timeout")
    if not 200 <= response.status_code < 300:
        raise NoAnswer("http_error", response.status_code, response.headers)
    return Answer(response.content, response.headers.get("content-type", ""))
