"""A Slack that takes everything at once: response URLs, and posts at the pace that Slack allows a channel."""

import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.bench.filling import APPROVERS

PACE = 1.0  # seconds between two posts, as Slack allows them to one channel
WAIT = 30  # seconds that a post beyond that is asked to wait, so that the outbox rests as it would with people's clicks


class Slack:
    def __init__(self) -> None:
        self.last = 0.0

    async def method(self, request: Request) -> JSONResponse:
        if not request.url.path.startswith("/api/chat."):
            found = {"members": [{"id": u} for u in APPROVERS], "users": APPROVERS, "channel": {"id": "D0BENCH"}}
            return JSONResponse({"ok": True, **found})
        now = time.monotonic()
        if now - self.last < PACE:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(WAIT)})
        self.last = now
        return JSONResponse({"ok": True, "channel": "C0RELEASES", "ts": f"{time.time():.6f}"})

    async def taken(self, _: Request) -> JSONResponse:
        return JSONResponse({"ok": True})


def main() -> None:
    slack = Slack()
    app = Starlette(
        routes=[
            Route("/api/{method}", slack.method, methods=["POST", "GET"]),
            Route("/response", slack.taken, methods=["POST"]),
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
