"""conversations.*: making channels, inviting into them, their topics, archiving them."""

from bot.sandbox.slack import membership
from bot.sandbox.slack.api_conversations import conversation, need_scope
from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import BOT_USER
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace

INVITED_AT_ONCE = 100


def create(workspace: Workspace, args: Args) -> Json:
    is_private = args.flag("is_private")
    need_scope(workspace, _manage(is_private))
    channel = membership.create(workspace, args.text("name") or "", BOT_USER, is_private)
    return {"channel": conversation(workspace, channel)}


def set_topic(workspace: Workspace, args: Args) -> Json:
    topic = args.text("topic")
    if topic is None:
        raise Refusal("invalid_arguments", ["missing required field: topic"])
    channel = _managed(workspace, args, "topic")
    membership.set_topic(workspace, channel, BOT_USER, topic)
    return {"channel": conversation(workspace, channel)}


def invite(workspace: Workspace, args: Args) -> Json:
    given = args.values.get("users")
    users = [str(user) for user in given] if isinstance(given, list) else (args.text("users") or "").split(",")
    users = [user.strip() for user in users if user.strip()]
    channel = _managed(workspace, args, "invites")
    if not users:
        raise Refusal("no_user")
    if len(users) > INVITED_AT_ONCE:
        raise Refusal("invalid_arguments", [f"no more than {INVITED_AT_ONCE} items allowed: users"])
    membership.invite(workspace, channel, BOT_USER, users, args.flag("force"))
    return {"channel": conversation(workspace, channel)}


def archive(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    _no_direct_message(channel)
    need_scope(workspace, _manage(channel.is_private))
    if channel.is_archived:
        raise Refusal("already_archived")
    if channel.name == "general":
        raise Refusal("cant_archive_general")
    _is_member(channel)
    workspace.archive(channel.id)
    return {}


def _managed(workspace: Workspace, args: Args, part: str) -> Channel:
    """The channel, when the bot may change this part of it: a scope for all of it or for the part alone will do."""
    channel = workspace.channel(args.needed("channel"))
    _no_direct_message(channel)
    family = "groups" if channel.is_private else "channels"
    need_scope(workspace, _manage(channel.is_private), f"{family}:write.{part}")
    _is_member(channel)
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def _manage(is_private: bool) -> str:
    return "groups:write" if is_private else "channels:manage"


def _no_direct_message(channel: Channel) -> None:
    if channel.is_im:
        raise Refusal("method_not_supported_for_channel_type")


def _is_member(channel: Channel) -> None:
    if BOT_USER not in channel.members:
        raise Refusal("channel_not_found" if channel.is_private else "not_in_channel")
