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
    return _signed(home, urlencode(payload if command else {"payload": json.dumps(payload)}), FORM, secret)


def send_event(home: House, payload: dict[str, Any]) -> BoltResponse:
    return _signed(home, json.dumps(payload), "application/json", SECRET)


def _signed(home: House, body: str, kind: str, secret: str) -> BoltResponse:
    at = str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers: dict[str, Any] = {
        "x-slack-signature": [signature],
        "x-slack-request-timestamp": [at],
        "content-type": [kind],
    }
    return home.app.dispatch(BoltRequest(body=body, headers=headers))
