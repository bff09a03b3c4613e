"""What people and the bot put on messages: reactions and pins. Kept in the message itself, as Slack shows it."""

import re
import time

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace

PINS_LIMIT = 100
REACTIONS_LIMIT = 23  # different emoji on one message
NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")
NOT_PINNABLE = ("channel_join", "channel_leave", "group_join", "group_leave", "tombstone")


def react(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> Json:
    """Adds a reaction and answers the message. Raises Refusal with the codes of reactions.add."""
    if NAME.fullmatch(name) is None:
        raise Refusal("invalid_name")
    with workspace.lock:
        message = _standing(channel, ts)
        if channel.is_archived:
            raise Refusal("is_archived")
        reactions = [dict(reaction) for reaction in message.get("reactions", [])]
        mine = next((reaction for reaction in reactions if reaction["name"] == name), None)
        if mine is None:
            if len(reactions) >= REACTIONS_LIMIT:
                raise Refusal("too_many_emoji")
            mine = {"name": name, "users": [], "count": 0}
            reactions.append(mine)
        if user in mine["users"]:
            raise Refusal("already_reacted")
        mine["users"] = [*mine["users"], user]
        mine["count"] += 1
        return _marked(workspace, channel, {**message, "reactions": reactions})


def unreact(workspace: Workspace, channel: Channel, ts: str, user: str, name: str) -> Json:
    """Takes a person's reaction away and answers the message. Raises Refusal(no_reaction | message_not_found)."""
    with workspace.lock:
        message = _standing(channel, ts)
        before = message.get("reactions", [])
        if not any(reaction["name"] == name and user in reaction["users"] for reaction in before):
            raise Refusal("no_reaction")
        left = [_without(reaction, user) if reaction["name"] == name else reaction for reaction in before]
        return _marked(workspace, channel, {**message, "reactions": [one for one in left if one["count"]]})


def pin(workspace: Workspace, channel: Channel, ts: str, user: str) -> None:
    """Raises Refusal with the codes of pins.add."""
    with workspace.lock:
        message = channel.message(ts)
        if message.get("subtype") in NOT_PINNABLE:
            raise Refusal("not_pinnable")
        if "pinned_info" in message:
            raise Refusal("already_pinned")
        if len(pins(channel)) >= PINS_LIMIT:
            raise Refusal("too_many_pins")
        info = {"channel": channel.id, "pinned_by": user, "pinned_ts": int(time.time())}
        _marked(workspace, channel, {**message, "pinned_to": [channel.id], "pinned_info": info})
        workspace.feed.tell(channel.members, {"type": "state"})


def unpin(workspace: Workspace, channel: Channel, ts: str) -> None:
    """Raises Refusal(message_not_found | no_pin)."""
    with workspace.lock:
        message = channel.message(ts)
        if "pinned_info" not in message:
            raise Refusal("no_pin")
        kept = {key: value for key, value in message.items() if key not in ("pinned_to", "pinned_info")}
        _marked(workspace, channel, kept)
        workspace.feed.tell(channel.members, {"type": "state"})


def pins(channel: Channel) -> list[Json]:
    """The pinned messages, the latest pin first."""
    pinned = [message for message in channel.messages.values() if "pinned_info" in message]
    return sorted(pinned, key=lambda message: (message["pinned_info"]["pinned_ts"], message["ts"]), reverse=True)


def _standing(channel: Channel, ts: str) -> Json:
    message = channel.message(ts)
    if message.get("subtype") == "tombstone":
        raise Refusal("message_not_found")
    return message


def _without(reaction: Json, user: str) -> Json:
    users = [one for one in reaction["users"] if one != user]
    return {**reaction, "users": users, "count": len(users)}


def _marked(workspace: Workspace, channel: Channel, message: Json) -> Json:
    shown = {key: value for key, value in message.items() if value or key != "reactions"}
    channel.messages[message["ts"]] = shown
    workspace.tell_changed(channel, shown)
    return shown
