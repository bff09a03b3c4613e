"""Hooks for tests and the world panel under `/_control/`: break things, change the workspace, read what was called."""

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.slack import events
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.workspace import Workspace

Hook = Callable[[Workspace, Json], Json | None]


def _drop(workspace: Workspace, args: Json) -> None:
    """{method, times?, before?}: the connection is cut after (or before) the call is carried out."""
    kind = "drop_before" if args.get("before") else "drop"
    workspace.faults.add(Fault(args["method"], kind, int(args.get("times", 1))))


def _fail(workspace: Workspace, args: Json) -> None:
    """{method, times?, status? | error?, retry_after?}: the call is not carried out."""
    fields = {key: args[key] for key in ("status", "error", "retry_after") if key in args}
    workspace.faults.add(Fault(args["method"], "fail", int(args.get("times", 1)), **fields))


def _slow(workspace: Workspace, args: Json) -> None:
    """{method, seconds, times?}: carried out, answered late."""
    workspace.faults.add(Fault(args["method"], "slow", int(args.get("times", 1)), seconds=float(args["seconds"])))


def _limits(workspace: Workspace, args: Json) -> None:
    """{on, post_burst?, tier_burst?}: rate limits; a small burst makes pressure felt at once."""
    workspace.pressure.on = bool(args["on"])
    workspace.pressure.post_burst = float(args.get("post_burst", workspace.pressure.post_burst))
    workspace.pressure.tier_burst = args.get("tier_burst", workspace.pressure.tier_burst)
    workspace.pressure.reset()


def _scopes(workspace: Workspace, args: Json) -> None:
    """{scopes}: what the token was granted, null for the manifest's."""
    workspace.scopes = list(args["scopes"] if args.get("scopes") is not None else workspace.manifest.scopes)


def _channel(workspace: Workspace, args: Json) -> None:
    """{channel, archived?, bot?}: archive it or bring it back; invite or remove the bot."""
    if "archived" in args:
        workspace.archive(args["channel"], bool(args["archived"]))
    if "bot" in args:
        workspace.set_bot_membership(args["channel"], bool(args["bot"]))


def _flag(name: str) -> Hook:
    def switch(workspace: Workspace, args: Json) -> None:
        setattr(workspace, name, bool(args.get("on", True)))

    return switch


HOOKS: dict[str, Hook] = {
    "drop": _drop,
    "fail": _fail,
    "slow": _slow,
    "heal": lambda workspace, _args: workspace.faults.clear(),
    "limits": _limits,
    "scopes": _scopes,
    "channel": _channel,
    "deactivate": lambda workspace, args: workspace.deactivate(args["user"], bool(args.get("deleted", True))),
    "delete": lambda workspace, args: workspace.delete(workspace.channel(args["channel"]), args["ts"]),
    "close_edits": _flag("edits_closed"),
    "revoke_token": _flag("token_revoked"),
    "bot_url": lambda workspace, args: setattr(workspace, "bot_url", args["url"]),
    "verify_url": lambda workspace, _args: {"verified": events.verify_url(workspace)},
    "world_changed": lambda workspace, _args: workspace.feed.tell_all({"type": "world"}),
}


def routes(workspace: Workspace) -> list[Route]:
    def pull(call: Call) -> Response:
        what = call.request.path_params["what"]
        try:
            args: dict[str, Any] = json.loads(call.body) if call.body.strip() else {}
            return JSONResponse({"ok": True, **(HOOKS[what](workspace, args) or {})})
        except Refusal as refused:
            return JSONResponse(refused.body(), 404)
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse({"ok": False, "error": f"{what}: {wrong!r}"}, 400)

    def calls(call: Call) -> Response:
        since, method = int(call.request.query_params.get("since", 0)), call.request.query_params.get("method")
        return JSONResponse({"ok": True, "calls": workspace.faults.calls(since, method)})

    return [
        Route("/_control/calls", sync(calls), methods=["GET"]),
        Route("/_control/{what}", sync(pull), methods=["POST"]),
    ]
