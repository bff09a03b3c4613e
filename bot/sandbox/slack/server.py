"""The fake Slack as a web application: Web API, response URLs, the page and what it asks for, control hooks."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.sandbox.asgi import Call, sync
from bot.sandbox.slack import answers, api, control, page_api, wire
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.errors import Refusal
from bot.sandbox.slack.workspace import Workspace

PAGE = Path(__file__).parent / "page"


class SlackApp(Starlette):
    """Starlette that lets an endpoint cut its own connection: uvicorn's transport, as `scope["slack.transport"]`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["slack.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


def build(config: SlackConfig) -> Starlette:
    """The application. Its `state.workspace` is the Workspace: tests change the world there, `bot_url` first of all."""
    workspace = Workspace(config)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        workspace.closed.set()

    app = SlackApp(
        lifespan=lifespan,
        routes=[
            Route("/", _index),
            Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/api/{method}", api.endpoint(workspace), methods=["GET", "POST"]),
            Route("/actions/T0SLIPWAY/{key}", sync(_response_url(workspace)), methods=["POST"]),
            WebSocketRoute("/link/", workspace.sockets.serve),
            *page_api.routes(workspace),
            *control.routes(workspace),
            Route("/world/{path:path}", sync(_world(workspace)), methods=["GET", "POST", "PUT", "DELETE"]),
        ],
    )
    app.state.workspace = workspace
    return app


def _index(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})


def _response_url(workspace: Workspace) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        place = workspace.response_urls.take(call.request.path_params["key"])
        if isinstance(place, str):
            return JSONResponse({"ok": False, "error": place}, 404)
        try:
            body = json.loads(call.body)
            with workspace.lock:
                answers.deliver(workspace, place, body)
        except Refusal as refused:
            return JSONResponse(refused.body(), 400)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        return JSONResponse({"ok": True})

    return answer


def _world(workspace: Workspace) -> Callable[[Call], Response]:
    """Passes `/world/…` on to the process that owns the world panel."""

    http = wire.client(60)

    def answer(call: Call) -> Response:
        if workspace.config.world_url is None:
            return JSONResponse({"ok": False, "error": "no_world", "message": "No world panel is attached."}, 404)
        url = workspace.config.world_url.rstrip("/") + "/world/" + call.request.path_params["path"]
        query = call.request.url.query
        kind = call.request.headers.get("content-type", "application/json")
        try:
            passed = http.request(
                call.request.method,
                f"{url}?{query}" if query else url,
                content=call.body,
                headers={"Content-Type": kind},
            )
        except httpx.HTTPError as error:
            message = f"The world does not answer: {error}"
            return JSONResponse({"ok": False, "error": "world_unreachable", "message": message}, 502)
        media = passed.headers.get("content-type", "application/json")
        return Response(passed.content, passed.status_code, media_type=media)

    return answer
