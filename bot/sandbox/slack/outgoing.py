"""Requests to the bot, signed as Slack signs them."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.workspace import Workspace


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
        return self.content_type.split(";")[0].strip() == "application/json"

    def json(self) -> object:
        """Raises ValueError for what does not parse."""
        return json.loads(self.body)


def form(workspace: Workspace, path: str, fields: dict[str, str]) -> Answer:
    """Sends a form (slash commands; interactions as `payload`). Raises NoAnswer."""
    return _send(workspace, path, urlencode(fields).encode(), "application/x-www-form-urlencoded", {})


def interaction(workspace: Workspace, path: str, payload: Json) -> Answer:
    """Sends an interactive payload. Raises NoAnswer."""
    return form(workspace, path, {"payload": json.dumps(payload)})


def event(workspace: Workspace, envelope: Json, headers: dict[str, str]) -> Answer:
    """Sends an Events API envelope. Raises NoAnswer."""
    return _send(workspace, workspace.manifest.events_path, json.dumps(envelope).encode(), "application/json", headers)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + digest.hexdigest()


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
        response = httpx.post(workspace.bot_url.rstrip("/") + path, content=body, headers=headers, timeout=wait)
    except httpx.TimeoutException as error:
        raise NoAnswer("http_timeout") from error
    except httpx.HTTPError as error:
        raise NoAnswer("connection_failed") from error
    if response.elapsed.total_seconds() > wait:
        raise NoAnswer("http_timeout")
    if not 200 <= response.status_code < 300:
        raise NoAnswer("http_error", response.status_code, response.headers)
    return Answer(response.content, response.headers.get("content-type", ""))
