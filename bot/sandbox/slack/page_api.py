"""What the page (and the driver) asks for under `/_page/`: JSON in and out, as one of the people."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.asgi import Call
from bot.sandbox.slack import commands, events, interactions, marks, membership
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import APP_ID, BOT_USER, TEAM_ID, TEAM_NAME
from bot.sandbox.slack.errors import Json, PageError, Refusal
from bot.sandbox.slack.markup import escaped
from bot.sandbox.slack.workspace import Workspace

Act = Callable[[Workspace, str, Json], Json]


def state(workspace: Workspace, user: str, _args: Json) -> Json:
    directory = workspace.directory
    return {
        "team": {"id": TEAM_ID, "name": TEAM_NAME},
        "me": user,
        "users": [member.card() for member in directory.users.values()],
        "usergroups": [group.card() for group in directory.usergroups.values()],
        "channels": [_channel(c, user) for c in workspace.channels.values() if user in c.members],
        "others": [
            {"id": c.id, "name": c.name, "topic": c.topic}
            for c in workspace.channels.values()
            if user not in c.members and not c.is_private and not c.is_archived
        ],
        "commands": [
            {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
            for c in workspace.manifest.commands
        ],
        "message_shortcuts": [asdict(shortcut) for shortcut in workspace.manifest.message_shortcuts],
        "app": {
            "id": APP_ID,
            "name": workspace.manifest.name,
            "bot_user": BOT_USER,
            "messages_read_only": workspace.manifest.messages_read_only,
        },
        "world": workspace.config.world_url is not None,
    }


def _channel(channel: Channel, user: str) -> Json:
    shown: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_im": channel.is_im,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "members": list(channel.members),
        "pin_count": len(marks.pins(channel)),
        "unread": channel.unread(user),
    }
    if channel.is_im:
        shown["peer"] = next(member for member in channel.members if member != user)
    return shown


def history(workspace: Workspace, user: str, args: Json) -> Json:
    channel = workspace.channel_of(user, args["channel"])
    mine = [m for m in channel.ephemerals.get(user, {}).values() if m.get("thread_ts", m["ts"]) == m["ts"]]
    messages = sorted([*channel.timeline(), *mine], key=lambda message: message["ts"])
    return {"messages": [workspace.seen(message) for message in messages]}


def thread(workspace: Workspace, user: str, args: Json) -> Json:
    channel = workspace.channel_of(user, args["channel"])
    root, *replies = channel.thread(args["ts"])
    mine = [m for m in channel.ephemerals.get(user, {}).values() if m.get("thread_ts") == root["ts"]]
    messages = [root, *sorted([*replies, *mine], key=lambda message: message["ts"])]
    return {"messages": [workspace.seen(message) for message in messages]}


def pins(workspace: Workspace, user: str, args: Json) -> Json:
    channel = workspace.channel_of(user, args["channel"])
    return {"messages": [workspace.seen(message) for message in marks.pins(channel)]}


def views(workspace: Workspace, user: str, _args: Json) -> Json:
    return {"stack": workspace.modals.stacks.get(user, [])}


def say(workspace: Workspace, user: str, args: Json) -> Json:
    channel = workspace.channel_of(user, args["channel"])
    text, thread_ts = args["text"], args.get("thread_ts")
    if not text.strip():
        raise PageError("no_text", "There is nothing to send.")
    if text.startswith("/"):
        command = commands.looked_up(workspace, text)
        if thread_ts:
            raise PageError("command_in_thread", f"{command.command} is not supported in threads. Sorry!")
        commands.run(workspace, command, channel, user, text)
        return {}
    if channel.is_archived:
        raise PageError("is_archived", "This channel has been archived.")
    if channel.is_im and (workspace.manifest.messages_read_only or not workspace.manifest.messages_tab):
        raise PageError("restricted_action", "Sending messages to this app has been turned off.")
    fields = {"thread_ts": channel.thread(thread_ts)[0]["ts"]} if thread_ts else {}
    message = workspace.post(channel, user, escaped(workspace, text.strip(), names=False), **fields)
    events.message_posted(workspace, channel, message)
    return {"ts": message["ts"]}


def act(workspace: Workspace, user: str, args: Json) -> Json:
    interactions.act(workspace, user, args["container"], args["block_id"], args["action"], _values(args))
    return {}


def shortcut(workspace: Workspace, user: str, args: Json) -> Json:
    interactions.message_shortcut(workspace, user, args["channel"], args["ts"], args["callback_id"])
    return {}


def react(workspace: Workspace, user: str, args: Json) -> Json:
    """`on` false takes the reaction away."""
    channel = workspace.channel_of(user, args["channel"])
    ts, name, on = args["ts"], args["name"], args.get("on", True)
    put = marks.react if on else marks.unreact
    message = put(workspace, channel, ts, user, name)
    events.reacted(workspace, channel, message, user, name, on)
    return {}


def pin(workspace: Workspace, user: str, args: Json) -> Json:
    """`on` false unpins."""
    channel = workspace.channel_of(user, args["channel"])
    if args.get("on", True):
        marks.pin(workspace, channel, args["ts"], user)
    else:
        marks.unpin(workspace, channel, args["ts"])
    return {}


def join(workspace: Workspace, user: str, args: Json) -> Json:
    membership.join(workspace, workspace.channel(args["channel"]), user)
    return {}


def submit(workspace: Workspace, user: str, args: Json) -> Json:
    return interactions.submit(workspace, user, args["view_id"], _values(args))


def close(workspace: Workspace, user: str, args: Json) -> Json:
    interactions.close(workspace, user, args["view_id"], bool(args.get("cleared")))
    return {}


def suggest(workspace: Workspace, user: str, args: Json) -> Json:
    place = args["container"], args["block_id"], args["action_id"]
    return interactions.suggest(workspace, user, *place, typed=args.get("value") or "")


def home(workspace: Workspace, user: str, _args: Json) -> Json:
    events.home_opened(workspace, user)
    return {"view": workspace.modals.homes.get(user)}


def read(workspace: Workspace, user: str, args: Json) -> Json:
    workspace.channel_of(user, args["channel"]).read[user] = workspace.clock.ts()
    return {}


def _values(args: Json) -> Json:
    values: Json = (args.get("state") or {}).get("values", {})
    return values


READS: dict[str, Act] = {"state": state, "history": history, "thread": thread, "pins": pins, "views": views}
WRITES: dict[str, Act] = {
    "say": say,
    "act": act,
    "shortcut": shortcut,
    "react": react,
    "pin": pin,
    "join": join,
    "submit": submit,
    "close": close,
    "suggest": suggest,
    "home": home,
    "read": read,
}


def routes(workspace: Workspace) -> list[Route]:
    # A person's act holds a thread until the bot has answered; the bot's own calls meanwhile must not wait for one.
    hands = ThreadPoolExecutor(64, "slack-page")
    acts = [(name, act_, "GET") for name, act_ in READS.items()]
    acts += [(name, act_, "POST") for name, act_ in WRITES.items()]
    return [
        *(Route(f"/_page/{name}", _endpoint(workspace, act_, hands), methods=[verb]) for name, act_, verb in acts),
        Route("/_page/events", _events(workspace), methods=["GET"]),
    ]


def _endpoint(workspace: Workspace, carry_out: Act, hands: Executor) -> Callable[[Request], Awaitable[Response]]:
    def answer(call: Call) -> Response:
        workspace.base_url = str(call.request.base_url).rstrip("/")
        try:
            args = _read_args(call)
            user = workspace.directory.users.get(str(args.get("user")))
            if user is None or user.is_bot:
                raise PageError("user_not_found", "There is nobody of that name here.")
            if user.deleted and call.request.method == "POST":
                raise PageError("account_inactive", "This account has been deactivated.")
            if call.request.method == "GET":
                with workspace.lock:
                    return JSONResponse({"ok": True, **carry_out(workspace, user.id, args)})
            return JSONResponse({"ok": True, **carry_out(workspace, user.id, args)})
        except PageError as refused:
            return JSONResponse(refused.body())
        except Refusal as refused:
            return JSONResponse(PageError(refused.code, refused.code.replace("_", " ").capitalize() + ".").body())
        except (KeyError, TypeError, ValueError) as wrong:
            return JSONResponse(PageError("invalid_request", f"The request is not complete: {wrong}").body())

    async def run(request: Request) -> Response:
        call = Call(request, await request.body())
        return await asyncio.get_running_loop().run_in_executor(hands, answer, call)

    return run


def _read_args(call: Call) -> Json:
    if call.request.method == "GET":
        return dict(call.request.query_params)
    args: Any = json.loads(call.body)
    if not isinstance(args, dict):
        raise TypeError("an object is wanted")
    return args


class LiveEvents(StreamingResponse):
    """Events without end: when the server shuts down, the answer is finished properly."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _events(workspace: Workspace) -> Callable[[Request], Awaitable[Response]]:
    async def listen(request: Request) -> Response:
        user = request.query_params.get("user", "")

        async def lines() -> AsyncIterator[str]:
            yield "retry: 500\n\n"  # milliseconds; a browser left to itself waits three seconds
            async for event in workspace.feed.listen(user):
                yield ": keepalive\n\n" if event is None else f"data: {json.dumps(event)}\n\n"

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return LiveEvents(lines(), media_type="text/event-stream", headers=headers)

    return listen
