"""pins.* and reactions.get: what is put on messages."""

import re

from bot.sandbox.slack import marks
from bot.sandbox.slack.api_chat import permalink
from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import BOT_USER
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace


def pins_add(workspace: Workspace, args: Args) -> Json:
    channel, ts = _place(workspace, args)
    marks.pin(workspace, channel, ts, BOT_USER)
    return {}


def pins_remove(workspace: Workspace, args: Args) -> Json:
    channel, ts = _place(workspace, args)
    marks.unpin(workspace, channel, ts)
    return {}


def pins_list(workspace: Workspace, args: Args) -> Json:
    channel = _channel(workspace, args)
    with workspace.lock:
        return {"items": [_item(channel, message) for message in marks.pins(channel)]}


def reactions_get(workspace: Workspace, args: Args) -> Json:
    channel, ts = _place(workspace, args)
    message = channel.message(ts)
    return {"type": "message", "channel": channel.id, "message": {**message, "permalink": permalink(channel, message)}}


def _item(channel: Channel, message: Json) -> Json:
    info = message["pinned_info"]
    shown = {key: value for key, value in message.items() if key != "metadata"}
    return {
        "type": "message",
        "channel": channel.id,
        "created": info["pinned_ts"],
        "created_by": info["pinned_by"],
        "message": {**shown, "permalink": permalink(channel, message)},
    }


def _channel(workspace: Workspace, args: Args) -> Channel:
    channel = workspace.channel(args.text("channel") or "")
    if channel.is_private and BOT_USER not in channel.members:
        raise Refusal("channel_not_found")
    return channel


def _place(workspace: Workspace, args: Args) -> tuple[Channel, str]:
    """The channel and the message's ts. Raises Refusal(channel_not_found | no_item_specified | bad_timestamp | …)."""
    channel = _channel(workspace, args)
    ts = args.text("timestamp")
    if not ts:
        raise Refusal("no_item_specified")
    if re.fullmatch(r"\d+\.\d{6}", ts) is None:
        raise Refusal("bad_timestamp")
    if BOT_USER not in channel.members:
        raise Refusal("not_in_channel")
    return channel, ts
