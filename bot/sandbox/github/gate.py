"""Every API call passes here: faults, token, limits, permission, the endpoint, ETag, the record of calls."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.asgi import Call
from bot.sandbox.github.http import DOCS, Answer, Ask, Endpoint, Refusal, missing
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import user_id
from bot.sandbox.github.state import now
from bot.sandbox.github.tokens import ANONYMOUS, BadCredentials, Identity, allows, identify, level
from bot.sandbox.github.world import World

NO_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header. "
    "Check https://developer.github.com for other possible causes."
)
DOWN = "No server is currently available to service your request."
LIMITS = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(frozen=True)
class Rule:
    """An endpoint and the permission it wants; level "" is open to everyone, "read" of what is hidden is a 404."""

    endpoint: Endpoint
    scope: str = ""
    level: str = ""


class Lost(Response):
    """Drops the connection without a word."""

    async def __call__(self, scope: Scope, receive: Receive, _: Send) -> None:
        scope["connection"].abort()
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


def guarded(world: World, rule: Rule) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        record = _recorded(world, call)
        response = _answered(world, rule, call, record)
        record["status"] = response.status_code
        method, path = call.request.method, call.request.url.path
        lost = any(one.takes(method, path) for one in world.faults.lose)
        record["lost"] = lost
        return Lost() if lost else response

    return answer


def _recorded(world: World, call: Call) -> dict[str, Any]:
    request = call.request
    record: dict[str, Any] = {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.query_params),
        "body": call.body.decode(errors="replace"),
        "login": "",
        "at": moment(now()),
        "request_id": f"{secrets.token_hex(2).upper()}:{secrets.token_hex(12).upper()}",
    }
    world.calls.append(record)
    return record


def _answered(world: World, rule: Rule, call: Call, record: dict[str, Any]) -> Response:
    request, who = call.request, ANONYMOUS
    headers = {"X-GitHub-Request-Id": record["request_id"], "X-GitHub-Media-Type": "github.v3; format=json"}
    headers["Server"] = "github.com"
    if not world.site.url:
        world.site.url = str(request.base_url).rstrip("/")
    try:
        if world.faults.api_down:
            raise Refusal(503, DOWN)
        if not request.headers.get("user-agent"):
            raise Refusal(403, NO_AGENT, docs=f"{DOCS}/using-the-rest-api/getting-started-with-the-rest-api#user-agent")
        who = _sender(world, request.headers.get("authorization"))
        record["login"] = who.login
        headers |= _scopes(who, rule)
        _broken(world, request.method, request.url.path)
        _within_limits(world, who)
        path_params = {name: str(value) for name, value in request.path_params.items()}
        ask = Ask(world, who, request.url.path, path_params, request.query_params, request.headers, call.body)
        _permitted(world, ask, rule)
        answer = rule.endpoint(ask)
    except Refusal as refusal:
        answer = Answer(refusal.body(), refusal.status, refusal.headers)
    response = _response(answer, headers, request.headers.get("if-none-match"), request.method)
    if world.faults.api_down:
        return response  # of what stands before the API: it knows no token and no budget
    if response.status_code < 500 and response.status_code != 304 and request.url.path != "/rate_limit":
        world.limits.count(who.login)
    response.headers.update(world.limits.headers(who.login))
    return response


def _broken(world: World, method: str, path: str) -> None:
    for one in world.faults.fail:
        if one.takes(method, path):
            raise Refusal(one.status, one.body or "Server Error")


def _sender(world: World, authorization: str | None) -> Identity:
    try:
        return identify(world.config, world.issued, authorization)
    except BadCredentials:
        raise Refusal(401, "Bad credentials") from None


def _scopes(who: Identity, rule: Rule) -> dict[str, str]:
    if who.kind == "user":
        return {"X-OAuth-Scopes": "repo, workflow", "X-Accepted-OAuth-Scopes": "repo" if rule.scope else ""}
    if who.kind == "installation" and rule.scope:
        return {"X-Accepted-GitHub-Permissions": f"{rule.scope}={rule.level}"}
    return {}


def _within_limits(world: World, who: Identity) -> None:
    wait = world.limits.retry_after()
    if wait:
        words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        url = f"{LIMITS}#about-secondary-rate-limits"
        raise Refusal(world.limits.status, words, headers={"Retry-After": str(wait)}, docs=url)
    if world.limits.budget(who.login).remaining == 0:
        raise Refusal(world.limits.status, f"API rate limit exceeded for {_whose(world, who)}.", docs=LIMITS)


def _whose(world: World, who: Identity) -> str:
    if who.kind == "installation":
        return f"installation ID {world.config.installation_id}"
    return f"user ID {user_id(who.login)}" if who.login else "127.0.0.1"


def _permitted(world: World, ask: Ask, rule: Rule) -> None:
    if not rule.scope:
        return
    held = level(world.config, ask.who, rule.scope)
    seen = level(world.config, ask.who, "metadata")
    if "repo" in ask.params and seen == "none":
        raise missing()
    if allows(held, rule.level):
        return
    if ask.who.kind == "installation":
        raise Refusal(403, "Resource not accessible by integration")
    if rule.scope in ("contents", "administration"):
        raise missing()
    raise Refusal(403, "Must have admin rights to Repository.")


def _response(answer: Answer, headers: dict[str, str], etag_held: str | None, method: str) -> Response:
    headers = headers | answer.headers
    if isinstance(answer.body, bytes):
        content = answer.body
    elif isinstance(answer.body, str):
        content = answer.body.encode()
    else:
        content = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    if method == "GET" and answer.status == 200:
        etag = f'W/"{hashlib.sha256(content).hexdigest()}"'
        headers |= {"ETag": etag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        if etag_held and etag.removeprefix("W/") in [part.strip().removeprefix("W/") for part in etag_held.split(",")]:
            return Response(status_code=304, headers=headers)
    return Response(content, answer.status, headers)


def unknown(_: Ask) -> Answer:
    raise missing()
