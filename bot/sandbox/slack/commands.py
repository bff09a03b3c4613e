"""Slash commands: from what a person typed to the request, and from the bot's answer to what they see."""

import re

from bot.sandbox.slack import outgoing, payloads
from bot.sandbox.slack.answers import content_of
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.config import Command
from bot.sandbox.slack.directory import APP_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, Directory
from bot.sandbox.slack.errors import PageError, Refusal
from bot.sandbox.slack.workspace import Workspace

MENTION = re.compile(r"(?<![\w@<])@([A-Za-z][\w.-]*(?: [A-Z]\w+)?)")
CHANNEL = re.compile(r"(?<![\w#<&])#([a-z0-9][a-z0-9_-]*)")
URL = re.compile(r"(?<![<|])\bhttps?://[^\s<>|]+")


def looked_up(workspace: Workspace, text: str) -> Command:
    """The command a text begins with. Raises PageError(unknown_command)."""
    word = text.split(None, 1)[0]
    for command in workspace.manifest.commands:
        if command.command == word:
            return command
    raise PageError(
        "unknown_command",
        f"{word} is not a valid command. In Slack, all messages that start with the “/” character are interpreted as "
        "commands. If you would like to send a message and not run a command, preface the “/” with a space.",
    )


def run(workspace: Workspace, command: Command, channel: Channel, user_id: str, text: str) -> None:
    """Sends the command to the bot; its answer, or Slack's word for there being none, appears in the channel."""
    said = text.split(None, 1)[1].strip() if len(text.split(None, 1)) > 1 else ""
    with workspace.lock:
        trigger = workspace.modals.trigger(user_id)
        reply_to = workspace.base_url + workspace.response_urls.new(channel.id, user_id)
    fields = {
        "token": payloads.VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": payloads.channel_name(channel),
        "user_id": user_id,
        "user_name": workspace.directory.users[user_id].name,
        "command": command.command,
        "text": escaped(workspace, said, names=True) if command.should_escape else said,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": reply_to,
        "trigger_id": trigger,
    }
    try:
        answer = outgoing.command(workspace, command.path, fields)
    except outgoing.NoAnswer as failure:
        code = "operation_timeout" if failure.reason == "http_timeout" else "dispatch_failed"
        _failed(workspace, command, channel, user_id, code)
        return
    try:
        content = content_of(answer)
    except (Refusal, ValueError):
        _failed(workspace, command, channel, user_id, "invalid_command_response")
        return
    if content is None:
        return
    if content.pop("response_type", "ephemeral") == "in_channel":
        workspace.post(channel, user_id, text)
        if content.get("text") or content.get("blocks"):
            workspace.post(channel, BOT_USER, content.pop("text", ""), **content)
    elif content.get("text") or content.get("blocks"):
        workspace.whisper(channel, user_id, content.pop("text", ""), **content)


def _failed(workspace: Workspace, command: Command, channel: Channel, user: str, code: str) -> None:
    workspace.slackbot_says(channel, user, f'{command.command} failed with the error "{code}"')


def escaped(workspace: Workspace, text: str, names: bool) -> str:
    """User text as Slack stores and sends it: `& < >` escaped, mentions, channels and links as tokens.

    `names`: tokens of people carry the name too, as they do in commands.
    """
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
