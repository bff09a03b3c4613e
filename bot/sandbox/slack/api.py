"""The Web API: `/api/METHOD`, form or JSON in, JSON out. Tokens, scopes, rate limits and faults are dealt with here."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack import api_channels, api_chat, api_conversations, api_marks, api_people, api_socket, api_views
from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.workspace import Workspace

Handler = Callable[[Workspace, Args], Json]


@dataclass(frozen=True)
class Method:
    """One method of the Web API. `scope` None: any token; conversations.* ask for theirs when the channel is known.

    `tier` None: limited by channel, in the handler (chat.postMessage).
    """

    handler: Handler
    scope: str | None
    tier: int | None


METHODS: dict[str, Method] = {
    "api.test": Method(api_people.api_test, None, 4),
    "auth.test": Method(api_people.auth_test, None, 4),
    "chat.postMessage": Method(api_chat.post_message, "chat:write", None),
    "chat.update": Method(api_chat.update, "chat:write", 3),
    "chat.delete": Method(api_chat.delete, "chat:write", 3),
    "chat.postEphemeral": Method(api_chat.post_ephemeral, "chat:write", 4),
    "chat.getPermalink": Method(api_chat.get_permalink, None, 4),
    "views.open": Method(api_views.open_view, None, 4),
    "views.push": Method(api_views.push, None, 4),
    "views.update": Method(api_views.update, None, 4),
    "views.publish": Method(api_views.publish, None, 4),
    "conversations.history": Method(api_conversations.history, None, 3),
    "conversations.replies": Method(api_conversations.replies, None, 3),
    "conversations.info": Method(api_conversations.info, None, 3),
    "conversations.list": Method(api_conversations.list_all, None, 2),
    "conversations.members": Method(api_conversations.members, None, 4),
    "conversations.open": Method(api_conversations.open_dm, "im:write", 3),
    "conversations.create": Method(api_channels.create, None, 2),
    "conversations.setTopic": Method(api_channels.set_topic, None, 2),
    "conversations.invite": Method(api_channels.invite, None, 3),
    "conversations.archive": Method(api_channels.archive, None, 2),
    "pins.add": Method(api_marks.pins_add, "pins:write", 2),
    "pins.remove": Method(api_marks.pins_remove, "pins:write", 2),
    "pins.list": Method(api_marks.pins_list, "pins:read", 2),
    "reactions.get": Method(api_marks.reactions_get, "reactions:read", 3),
    "users.info": Method(api_people.users_info, "users:read", 4),
    "users.list": Method(api_people.users_list, "users:read", 2),
    "usergroups.list": Method(api_people.usergroups_list, "usergroups:read", 2),
    "apps.connections.open": Method(api_socket.connections_open, None, None),
    "usergroups.users.list": Method(api_people.usergroup_users, "usergroups:read", 2),
}


def endpoint(workspace: Workspace) -> Callable[[Request], Any]:
    """The Starlette endpoint for `/api/{method}`."""

    async def answer(request: Request) -> Response:
        method = request.path_params["method"]
        body = await request.body()
        workspace.base_url = str(request.base_url).rstrip("/")
        fault = workspace.faults.next(method)
        response = await run_in_threadpool(_answer, workspace, method, request, body, fault)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind in ("drop", "drop_before"):
            request.scope["slack.transport"].abort()
        return response

    return answer


def _answer(workspace: Workspace, name: str, request: Request, body: bytes, fault: Fault | None) -> Response:
    started = time.time()
    args = _arguments(request, body)
    status, headers = 200, {"X-Slack-Req-Id": f"{started:.6f}"}
    try:
        if isinstance(args, Refusal):
            raise args
        if fault is not None and fault.kind == "drop_before":
            raise Refusal("dropped")
        if fault is not None and fault.kind == "fail":
            status = 200 if fault.error else fault.status
            if status == 429:
                headers["Retry-After"] = str(fault.retry_after or 1)
            raise Refusal(fault.error or ("ratelimited" if status == 429 else "fatal_error"))
        answer = {"ok": True, **_carry_out(workspace, name, args, headers)}
    except Refusal as refusal:
        answer = refusal.body()
        if refusal.code == "ratelimited" and "retry_after" in refusal.fields:
            status, headers["Retry-After"] = 429, str(refusal.fields["retry_after"])
            answer = {"ok": False, "error": "ratelimited"}
    shown = args.values if isinstance(args, Args) else {}
    record = {"at": started, "method": name, "args": shown, "ok": answer["ok"], "error": answer.get("error")}
    workspace.faults.record({**record, "status": status, "fault": fault.kind if fault else None})
    return JSONResponse(answer, status, headers)


def _carry_out(workspace: Workspace, name: str, args: Args, headers: dict[str, str]) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method", req_method=name)
    if name != "api.test":
        _check_token(workspace, name, args.token, headers)
    if method.scope is not None:
        headers["X-Accepted-OAuth-Scopes"] = method.scope
        api_conversations.need_scope(workspace, method.scope)
    if method.tier is not None and (wait := workspace.pressure.wait_for_tier(name, method.tier)):
        raise Refusal("ratelimited", retry_after=wait)
    return method.handler(workspace, args)


def _check_token(workspace: Workspace, name: str, token: str | None, headers: dict[str, str]) -> None:
    if not token:
        raise Refusal("not_authed")
    if workspace.config.app_token and token == workspace.config.app_token:
        if name != "apps.connections.open":
            raise Refusal("not_allowed_token_type")
        return
    if token != workspace.config.bot_token:
        raise Refusal("invalid_auth")
    if workspace.token_revoked:
        raise Refusal("token_revoked")
    if name == "apps.connections.open":
        raise Refusal("not_allowed_token_type")
    headers["X-OAuth-Scopes"] = ",".join(workspace.scopes)


def _arguments(request: Request, body: bytes) -> Args | Refusal:
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if body and kind == "application/json":
        try:
            sent = json.loads(body)
        except ValueError:
            return Refusal("invalid_json")
        if not isinstance(sent, dict):
            return Refusal("json_not_object")
        values |= sent
    elif body and kind == "application/x-www-form-urlencoded":
        values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif body:
        return Refusal("invalid_post_type")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    sent_token = values.pop("token", None)
    token = bearer.strip() if scheme.lower() == "bearer" else sent_token
    return Args(values, token)
