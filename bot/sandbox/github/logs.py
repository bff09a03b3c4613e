"""The side door: another host for logs, as GitHub's storage is, and the place git's hooks ask."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.github.ci.runs import find_job
from bot.sandbox.github.git import ZERO
from bot.sandbox.github.protection import Move, refusals, workflow_refusal
from bot.sandbox.github.tokens import Identity, allows, level
from bot.sandbox.github.world import RefUpdate, World

LIFE = 60  # seconds a log's address is good for
_KEY = secrets.token_bytes(32)


def _signature(path: str, until: str) -> str:
    return hmac.new(_KEY, f"{path} {until}".encode(), hashlib.sha256).hexdigest()


def signed_url(world: World, path: str) -> str:
    """An address at the other host that opens without a token, for a minute."""
    until = str(int(time.time()) + LIFE)
    host = world.side_url.replace("127.0.0.1", "localhost")
    return f"{host}{path}?se={until}&sig={_signature(path, until)}"


def side_door(world: World) -> Starlette:
    def bound(endpoint: Callable[[World, Call], Response]) -> Callable[[Call], Response]:
        return lambda call: endpoint(world, call)

    return Starlette(
        routes=[
            Route("/logs/{owner}/{repo}/{job}.txt", sync(bound(_log)), methods=["GET"]),
            Route("/_hooks/pre-receive", sync(bound(_before)), methods=["POST"]),
            Route("/_hooks/post-receive", sync(bound(_after)), methods=["POST"]),
        ]
    )


def _log(world: World, call: Call) -> Response:
    request = call.request
    if "authorization" in request.headers:
        return Response("<Error><Code>InvalidAuthenticationInfo</Code></Error>", 400, media_type="application/xml")
    until, signature = request.query_params.get("se", ""), request.query_params.get("sig", "")
    if not hmac.compare_digest(signature, _signature(request.url.path, until)) or int(until) < time.time():
        return Response("<Error><Code>AuthenticationFailed</Code></Error>", 403, media_type="application/xml")
    repo = world.repositories.get(f"{request.path_params['owner']}/{request.path_params['repo']}")
    held = find_job(repo, int(request.path_params["job"])) if repo else None
    if held is None:
        return Response("<Error><Code>BlobNotFound</Code></Error>", 404, media_type="application/xml")
    return PlainTextResponse("\ufeff" + "".join(f"{line}\n" for line in held[1].log))


def _moves(call: Call) -> tuple[str, str, list[Move]]:
    said = json.loads(call.body)
    moves = [Move(one["ref"], one["before"], one["after"], one["forced"], one["paths"]) for one in said["updates"]]
    return said["repository"], said["login"], moves


def _before(world: World, call: Call) -> Response:
    """May this push happen? Answers the lines to be shown to the pusher; none means yes."""
    name, login, moves = _moves(call)
    repo = world.repositories.get(name)
    app = login.endswith("[bot]")
    who = Identity(login, "installation" if app else "user")
    if repo is None or not allows(level(world.config, who, "contents"), "write"):
        return JSONResponse({"refused": [f"ERROR: Permission to {name}.git denied to {login or 'nobody'}."]})
    said: list[str] = []
    for move in moves:
        admin = level(world.config, who, "administration") == "admin" and not app
        why = refusals(repo, login, admin, move)
        if why:
            said.append(f"error: GH006: Protected branch update failed for {move.ref}.")
            said += [line for reason in why for line in ("", f"- {reason}")]
        words = workflow_refusal(world.config.app_permissions, move) if app and move.after != ZERO else None
        said += [words] if words else []
    return JSONResponse({"refused": said})


def _after(world: World, call: Call) -> Response:
    name, login, moves = _moves(call)
    world.pushed(world.repositories[name], login, [RefUpdate(one.ref, one.before, one.after) for one in moves])
    return JSONResponse({"refused": []})
