"""Requests as Slack signs them."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest, BoltResponse

from tests.slack.house import SECRET, House

FORM = "application/x-www-form-urlencoded"


def send(home: House, payload: dict[str, Any], secret: str = SECRET, command: bool = False) -> BoltResponse:
    """An interaction, or a slash command."""
    return home.app.dispatch(request(payload, secret, command))


def send_event(home: House, payload: dict[str, Any]) -> BoltResponse:
    return home.app.dispatch(event_request(payload))


def request(payload: dict[str, Any], secret: str = SECRET, command: bool = False) -> BoltRequest:
    return _signed(urlencode(payload if command else {"payload": json.dumps(payload)}), FORM, secret)


def event_request(payload: dict[str, Any]) -> BoltRequest:
    return _signed(json.dumps(payload), "application/json", SECRET)


def again(first: BoltRequest, number: int) -> BoltRequest:
    """The same request as Slack sends it when no answer came in time: body, time and signature are the first one's."""
    retry = {"x-slack-retry-num": [str(number)], "x-slack-retry-reason": ["http_timeout"]}
    return BoltRequest(body=first.raw_body, headers={**first.headers, **retry})


def _signed(body: str, kind: str, secret: str) -> BoltRequest:
    at = str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers: dict[str, Any] = {
        "x-slack-signature": [signature],
        "x-slack-request-timestamp": [at],
        "content-type": [kind],
    }
    return BoltRequest(body=body, headers=headers)
