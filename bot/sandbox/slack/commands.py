"""Slash commands: from what a person typed to the request, and from the bot's answer to what they see."""

from bot.sandbox.slack import outgoing, payloads
from bot.sandbox.slack.answers import content_of
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.config import Command
from bot.sandbox.slack.directory import APP_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID
from bot.sandbox.slack.errors import Json, PageError, Refusal
from bot.sandbox.slack.markup import escaped
from bot.sandbox.slack.workspace import Workspace


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


def run(workspace: Workspace, command: Command, channel: Channel, user: str, text: str) -> None:
    """Sends the command to the bot; its answer, or Slack's word for there being none, appears in the channel."""
    try:
        answer = outgoing.command(workspace, command.path, _fields(workspace, command, channel, user, text))
        content = content_of(answer)
    except outgoing.NoAnswer as failure:
        code = "operation_timeout" if failure.reason == "http_timeout" else "dispatch_failed"
        _failed(workspace, command, channel, user, code)
    except (Refusal, ValueError):
        _failed(workspace, command, channel, user, "invalid_command_response")
    else:
        if content is not None:
            _show(workspace, channel, user, text, content)


def _fields(workspace: Workspace, command: Command, channel: Channel, user: str, text: str) -> dict[str, str]:
    _, _, said = text.partition(command.command)
    said = said.strip()
    with workspace.lock:
        trigger = workspace.modals.trigger(user)
        reply_to = workspace.base_url + workspace.response_urls.new(channel.id, user)
    return {
        "token": payloads.VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": payloads.channel_name(channel),
        "user_id": user,
        "user_name": workspace.directory.users[user].name,
        "command": command.command,
        "text": escaped(workspace, said, names=True) if command.should_escape else said,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": reply_to,
        "trigger_id": trigger,
    }


def _show(workspace: Workspace, channel: Channel, user: str, typed: str, content: Json) -> None:
    says_something = bool(content.get("text") or content.get("blocks") or content.get("attachments"))
    said = content.pop("text", "")
    if content.pop("response_type") == "in_channel":
        workspace.post(channel, user, typed)
        if says_something:
            workspace.post(channel, BOT_USER, said, **content)
    elif says_something:
        workspace.whisper(channel, user, said, **content)


def _failed(workspace: Workspace, command: Command, channel: Channel, user: str, code: str) -> None:
    workspace.slackbot_says(channel, user, f'{command.command} failed with the error "{code}"')
