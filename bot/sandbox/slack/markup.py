"""User text as Slack stores and sends it: `& < >` escaped; mentions, channels and links as tokens."""

import re

from bot.sandbox.slack.directory import Directory
from bot.sandbox.slack.workspace import Workspace

MENTION = re.compile(r"(?<![\w@<])@([A-Za-z][\w.-]*(?: [A-Z]\w+)?)")
CHANNEL = re.compile(r"(?<![\w#<&])#([a-z0-9][a-z0-9_-]*)")
URL = re.compile(r"(?<![<|])\bhttps?://[^\s<>|]+")


def escaped(workspace: Workspace, text: str, names: bool) -> str:
    """`names`: tokens of people carry the name too, as they do in commands."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    channels = {channel.name: channel for channel in workspace.channels.values() if not channel.is_im}

    def token(found: re.Match[str]) -> str:
        channel = channels.get(found.group(1))
        return f"<#{channel.id}|{'' if channel.is_private else channel.name}>" if channel else found.group()

    def outside_links(part: str) -> str:
        part = MENTION.sub(lambda found: _mention(workspace.directory, found.group(1), names) or found.group(), part)
        return CHANNEL.sub(token, part)

    parts = re.split(r"(<[^>]*>)", URL.sub(lambda found: f"<{found.group()}>", text))
    return "".join(part if part.startswith("<") else outside_links(part) for part in parts)


def _mention(directory: Directory, written: str, names: bool) -> str | None:
    """`alice`, `Alice Ade` or `approvers` -> its token; words after a name stay as they are."""
    first, _, rest = written.partition(" ")
    for user in directory.users.values():
        token = f"<@{user.id}|{user.name}>" if names else f"<@{user.id}>"
        if written == user.real_name:
            return token
        if first == user.name:
            return token + (f" {rest}" if rest else "")
    for group in directory.usergroups.values():
        if first == group.handle:
            return f"<!subteam^{group.id}|@{group.handle}>" + (f" {rest}" if rest else "")
    return None
