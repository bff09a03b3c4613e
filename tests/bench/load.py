"""The load: signed requests over kept connections, as many at once as asked for; a process of its own."""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from urllib.parse import urlencode

from tests.bench.filling import FIRST_WAITING, WAITING


@dataclass(frozen=True)
class Order:
    """What to send: `kind` status, bare or approve; for `seconds`, `at_once` in parallel. `first`: of the approvals."""

    port: int
    secret: str
    kind: str
    at_once: int
    seconds: float
    slack: str
    first: int = 0


def signed(order: Order, path: str, form: dict[str, str]) -> bytes:
    """A whole HTTP request as Slack sends and signs it."""
    body = urlencode(form).encode()
    now = str(int(time.time()))
    mark = hmac.new(order.secret.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={mark}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def command(order: Order, path: str) -> bytes:
    return signed(
        order,
        path,
        {
            "token": "x",
            "team_id": "T0BENCH",
            "channel_id": "C0RELEASES",
            "channel_name": "releases",
            "user_id": "U0ALICE",
            "user_name": "alice",
            "command": "/release",
            "text": "status",
            "api_app_id": "A0BENCH",
            "response_url": order.slack + "/response",
            "trigger_id": "1.2.3",
        },
    )


def click(order: Order, change: int) -> bytes:
    """Carol approves a change request that nobody has approved yet."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T0BENCH"},
        "user": {"id": "U0CAROL", "team_id": "T0BENCH"},
        "api_app_id": "A0BENCH",
        "trigger_id": f"{change}.2.3",
        "channel": {"id": "C0RELEASES"},
        "message": {"ts": "1700000000.000100", "type": "message", "text": "CR"},
        "container": {"type": "message", "channel_id": "C0RELEASES", "message_ts": "1700000000.000100"},
        "response_url": order.slack + "/response",
        "state": {"values": {}},
        "actions": [
            {
                "type": "button",
                "action_id": "change:approve",
                "block_id": "b",
                "value": json.dumps({"id": change, "revision": 1}),
                "action_ts": str(time.time()),
            }
        ],
    }
    return signed(order, "/slack/events", {"payload": json.dumps(payload)})


def requests(order: Order) -> Iterator[bytes]:
    if order.kind == "approve":
        return iter([click(order, FIRST_WAITING + n) for n in range(order.first, WAITING)])
    path = "/bare/slack/events" if order.kind == "bare" else "/slack/events"
    return repeat(command(order, path))


async def worker(order: Order, source: Iterator[bytes], until: float, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", order.port)
    for request in source:
        began = time.perf_counter()
        if began > until:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = parsed(head)
        if length:
            await reader.readexactly(length)
        if status != 200:
            sys.exit(f"the server answered {status} to {order.kind}")
        took.append(time.perf_counter() - began)
    writer.close()


def parsed(head: bytes) -> tuple[int, int]:
    """Status and length of the body."""
    lines = head.decode().lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    return int(lines[0].split()[1]), length


async def load(order: Order) -> dict[str, Any]:
    source, took = requests(order), list[float]()
    began = time.perf_counter()
    await asyncio.gather(*(worker(order, source, began + order.seconds, took) for _ in range(order.at_once)))
    return {"seconds": time.perf_counter() - began, "took": took}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(Order(**json.loads(sys.argv[1]))))))
