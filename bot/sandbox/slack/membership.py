"""Channels that come to be: making one, inviting people into it, its topic, its end."""

import re

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import SLACKBOT
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace

NAME_LIMIT = 80
TOPIC_LIMIT = 250


def create(workspace: Workspace, name: str, creator: str, is_private: bool) -> Channel:
    """A channel with its creator in it. Raises Refusal(invalid_name_… | name_taken)."""
    _check_name(name)
    with workspace.lock:
        if any(channel.name == name for channel in workspace.channels.values() if not channel.is_im):
            raise Refusal("name_taken")
        channel = Channel(_new_id(workspace, name), name, creator, [], is_private=is_private)
        workspace.channels[channel.id] = channel
        _enter(workspace, channel, creator, None)
        return channel


def invite(workspace: Workspace, channel: Channel, inviter: str, users: list[str], force: bool) -> None:
    """Raises Refusal with the first problem and, as `errors`, each person's; nobody is invited then.

    `force`: those who can be are invited all the same, unless nobody can.
    """
    with workspace.lock:
        problems = [_problem(workspace, channel, inviter, user) for user in users]
        errors = [{"user": u, "ok": False, "error": code} for u, code in zip(users, problems, strict=True) if code]
        first = next((code for code in problems if code), None)
        if first and (not force or len(errors) == len(users)):
            raise Refusal(first, errors=errors)
        for user, problem in zip(users, problems, strict=True):
            if problem is None:
                _enter(workspace, channel, user, inviter)


def join(workspace: Workspace, channel: Channel, user: str) -> None:
    """A person enters a public channel by themselves; nothing happens when they are in it."""
    with workspace.lock:
        if channel.is_private:
            raise Refusal("channel_not_found")
        if user not in channel.members:
            _enter(workspace, channel, user, None)


def set_topic(workspace: Workspace, channel: Channel, user: str, topic: str) -> None:
    """Raises Refusal(too_long)."""
    if len(topic) > TOPIC_LIMIT:
        raise Refusal("too_long")
    with workspace.lock:
        if topic == channel.topic:
            return
        ts = workspace.clock.ts()
        channel.topic, channel.topic_by, channel.topic_at = topic, user, int(float(ts))
        subtype = "group_topic" if channel.is_private else "channel_topic"
        said = f"set the channel topic: {topic}" if topic else "cleared channel topic"
        workspace.post(channel, user, said, subtype=subtype, topic=topic)
        workspace.feed.tell(channel.members, {"type": "state"})


def _check_name(name: str) -> None:
    if not name:
        raise Refusal("invalid_name_required")
    if len(name) > NAME_LIMIT:
        raise Refusal("invalid_name_maxlength")
    if not any(letter.isalnum() for letter in name):
        raise Refusal("invalid_name_punctuation")
    if re.fullmatch(r"[a-z0-9_-]+", name) is None:
        raise Refusal("invalid_name_specials")


def _new_id(workspace: Workspace, name: str) -> str:
    """An id that can be read, the same in every run: C0INC3CHECK for #inc-3-checkout."""
    stem = "C0" + "".join(letter for letter in name.upper() if letter.isalnum())[:9]
    if stem not in workspace.channels:
        return stem
    return next(f"{stem}{n}" for n in range(2, 10_000) if f"{stem}{n}" not in workspace.channels)


def _problem(workspace: Workspace, channel: Channel, inviter: str, user: str) -> str | None:
    known = workspace.directory.users.get(user)
    if known is None:
        return "user_not_found"
    if user == inviter:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    return "cant_invite" if known.deleted or user == SLACKBOT else None


def _enter(workspace: Workspace, channel: Channel, user: str, inviter: str | None) -> None:
    channel.members.append(user)
    fields: Json = {"subtype": "group_join" if channel.is_private else "channel_join"}
    if inviter is not None:
        fields["inviter"] = inviter
    workspace.post(channel, user, f"<@{user}> has joined the channel", **fields)
    workspace.feed.tell_all({"type": "state"})
