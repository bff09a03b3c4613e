"""The HTTP surface: Slack, GitHub's webhooks, attestations, health, metrics. Plain functions, run in threads."""

import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import attestation
from bot.attestation import refusals
from bot.desk import Desk
from bot.metrics import Metrics
from bot.readiness import Part
from storage.errors import Replayed

log = logging.getLogger(__name__)

SLACK_LIMIT = 1024 * 1024  # bytes; a view with its whole state stays far below
WEBHOOK_LIMIT = 25 * 1024 * 1024  # bytes; GitHub sends no larger one
ROUTES = ("/slack/events", "/github/webhooks", "/api/attestations", "/healthz", "/readyz", "/metrics")
# Events after which something may have gone around the SOP; the others only tell how a release goes.
PATROLLED = ("push", "workflow_run", "deployment", "deployment_status")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

SlackHandler = Callable[[Request, bytes], Response]
Readiness = Callable[[], Mapping[str, Part]]
Handler = Callable[[Request, bytes], Response]


class Problem(Exception):
    """An answer that is a problem document (RFC 9457)."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.headers, self.more = status, headers or {}, more


def build(
    *,
    slack: SlackHandler | None,
    desk: Desk,
    webhook_secret: str | None,
    readiness: Readiness,
    metrics: Metrics,
) -> Starlette:
    """The application. `slack` None: Socket Mode, Slack is not served over HTTP. `readiness` names every part."""

    def github(request: Request, body: bytes) -> Response:
        return _webhook(request, body, webhook_secret, desk)

    def attest(_: Request, body: bytes) -> Response:
        return _attest(body, desk)

    def ready(_: Request, __: bytes) -> Response:
        return _ready(readiness)

    def alive(_: Request, __: bytes) -> Response:
        return JSONResponse({"alive": True})

    def measure(_: Request, __: bytes) -> Response:
        return Response(metrics.page(), media_type=metrics.content_type)

    routes = [
        Route("/github/webhooks", _endpoint(github, WEBHOOK_LIMIT), methods=["POST"]),
        Route("/api/attestations", _endpoint(attest, attestation.LARGEST), methods=["POST"]),
        Route("/healthz", _endpoint(alive, 0)),
        Route("/readyz", _endpoint(ready, 0)),
        Route("/metrics", _endpoint(measure, 0)),
    ]
    if slack is not None:
        routes.insert(0, Route("/slack/events", _endpoint(slack, SLACK_LIMIT), methods=["POST"]))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Observed, metrics=metrics)],
        exception_handlers={Problem: _told, HTTPException: _told, ClientDisconnect: _gone, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return app


def _ready(readiness: Readiness) -> Response:
    parts = readiness()
    good = all(p.ok for p in parts.values() if p.needed)
    told = {"ready": good, "parts": {name: p.told for name, p in parts.items()}}
    return JSONResponse(told, 200 if good else 503)


class Observed:
    """Counts every answer by route and gives it the security headers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope["path"] if scope["path"] in ROUTES else "other"
                self.metrics.requested(route, scope["method"] if route != "other" else "any", message["status"])
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, observed)


def _endpoint(handler: Handler, limit: int) -> Callable[[Request], Awaitable[Response]]:
    """A plain function with the body already read, run in a thread: one slow answer delays no other."""

    async def run(request: Request) -> Response:
        body = await _body(request, limit) if limit else b""
        return await run_in_threadpool(handler, request, body)

    return run


async def _body(request: Request, limit: int) -> bytes:
    """Raises Problem as soon as more than `limit` bytes are announced or have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit, request.url.path)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit, request.url.path)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int, path: str) -> Problem:
    detail, headers = f"the body is larger than {limit} bytes", {"Connection": "close"}
    if path != "/api/attestations":
        return Problem(413, detail, headers)
    told = refusals.TooLarge(detail).problem()
    return Problem(413, detail, headers, type=told["type"], title=told["title"])


def _webhook(request: Request, body: bytes, secret: str | None, desk: Desk) -> Response:
    """A webhook proves nothing and decides nothing: it makes the next look come sooner."""
    if secret is None:
        raise Problem(404, "webhooks are off: GITHUB_WEBHOOK_SECRET is not set; the bot looks by itself")
    given = request.headers.get("x-hub-signature-256", "").encode()
    wanted = b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    if not hmac.compare_digest(given, wanted):
        raise Problem(401, "X-Hub-Signature-256 is missing or does not match GITHUB_WEBHOOK_SECRET")
    event, delivery = request.headers.get("x-github-event"), request.headers.get("x-github-delivery")
    if not event or not delivery:
        raise Problem(400, "X-GitHub-Event or X-GitHub-Delivery is missing")
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise Problem(415, "choose the content type application/json in the webhook's settings at GitHub")
    payload = _json_object(body)
    if event == "ping":
        return JSONResponse({"pong": payload.get("zen")})
    repository = payload.get("repository")
    name = repository.get("full_name") if isinstance(repository, dict) else None
    taken = isinstance(name, str) and desk.once("github", delivery)
    if taken:
        desk.look_soon(str(name), patrol=event in PATROLLED)
    return JSONResponse({"taken": taken}, 202)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except ValueError as error:
        raise Problem(400, "the body is not JSON") from error
    if not isinstance(payload, dict):
        raise Problem(400, "the body is not a JSON object")
    return payload


def _attest(body: bytes, desk: Desk) -> Response:
    try:
        found = attestation.receive(
            body,
            desk.policy(),
            desk.now(),
            seen=lambda _: False,
            change_exists=lambda id: desk.change_view(id) is not None,
        )
        if not desk.may_attest(found.signer):
            raise Problem(403, "the signer is no releaser (`roles` in sop.yaml): a releaser must run the preflight")
        kept = desk.receive(found, *attestation.unwrap(body))
    except Replayed:
        raise _refused(refusals.Replayed("this statement was received before; run `slipway preflight` again")) from None
    except attestation.Refused as refusal:
        raise _refused(refusal) from None
    about = {"attestation": kept.id, "service": kept.service, "change": f"CR-{kept.change}", "tree": kept.tree}
    return JSONResponse(about, 201)


def _refused(refusal: attestation.Refused) -> Problem:
    told = refusal.problem()
    return Problem(told.pop("status"), told.pop("detail"), **told)


def _document(status: int, detail: str, headers: Mapping[str, str], more: Mapping[str, Any]) -> Response:
    """A problem document; `instance` is what the log line of the same answer carries."""
    instance = f"urn:uuid:{uuid4()}"
    about = {"type": "about:blank", "title": HTTPStatus(status).phrase, **more}
    log.log(logging.ERROR if status >= 500 else logging.INFO, "%s %s: %s", instance, status, detail)
    return JSONResponse(
        {**about, "status": status, "detail": detail, "instance": instance},
        status,
        headers=dict(headers),
        media_type="application/problem+json",
    )


async def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return _document(error.status, str(error), error.headers, error.more)
    if not isinstance(error, HTTPException):
        raise error
    details = {
        404: f"nothing is served at {request.url.path[:200]}",
        405: f"{request.method} is not served at {request.url.path}",
    }
    return _document(error.status_code, details.get(error.status_code, error.detail), error.headers or {}, {})


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _failed(_: Request, error: Exception) -> Response:
    """The traceback goes to the log by way of Starlette, which raises the error again."""
    return _document(500, f"{type(error).__name__} while answering; the log has the rest", {}, {})
