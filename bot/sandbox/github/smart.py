"""git over HTTP: `git http-backend` behind a token."""

import subprocess

from starlette.responses import Response

from bot.sandbox.asgi import Call
from bot.sandbox.github.git import environment
from bot.sandbox.github.hooks import PUSHER
from bot.sandbox.github.tokens import BadCredentials, allows, identify, level
from bot.sandbox.github.world import World


def serve(world: World, call: Call) -> Response:
    """Clone, fetch and push at /OWNER/NAME.git; the pusher is the token's login."""
    request = call.request
    owner, name, rest = (request.path_params[part] for part in ("owner", "repo", "rest"))
    try:
        who = identify(world.config, world.issued, request.headers.get("authorization"))
    except BadCredentials:
        return _unauthorized("Invalid username or token. Password authentication is not supported for Git operations.")
    if who.kind == "anonymous":
        return _unauthorized("Authentication required")
    held = level(world.config, who, "contents")
    if f"{owner}/{name}" not in world.repositories or not allows(held, "read"):
        return Response("Repository not found.", 404, media_type="text/plain")
    pushing = "git-receive-pack" in (rest, request.query_params.get("service"))
    if pushing and not allows(held, "write"):
        return Response(f"Permission to {owner}/{name}.git denied to {who.login}.", 403, media_type="text/plain")
    return _backend(world, call, f"/{owner}/{name}.git/{rest}", who.login)


def _unauthorized(words: str) -> Response:
    return Response(words, 401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, "text/plain")


def _backend(world: World, call: Call, path: str, login: str) -> Response:
    request = call.request
    env = environment(
        GIT_PROJECT_ROOT=str(world.config.root),
        GIT_HTTP_EXPORT_ALL="1",
        PATH_INFO=path,
        QUERY_STRING=request.url.query,
        REQUEST_METHOD=request.method,
        CONTENT_TYPE=request.headers.get("content-type", ""),
        CONTENT_LENGTH=str(len(call.body)),
        HTTP_CONTENT_ENCODING=request.headers.get("content-encoding", ""),
        GIT_PROTOCOL=request.headers.get("git-protocol", ""),
        REMOTE_USER=login,
        REMOTE_ADDR="127.0.0.1",
        **{PUSHER: login},
    )
    done = subprocess.run(["git", "http-backend"], input=call.body, capture_output=True, env=env, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    if done.returncode and not head:
        return Response(done.stderr, 500, media_type="text/plain")
    return Response(body, status, headers)
