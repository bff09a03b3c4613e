"""conversations.*: reading channels and direct messages."""

from bot.sandbox.slack.arguments import Args, page_of
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import BOT_USER, SLACKBOT, TEAM_ID
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.marks import pins
from bot.sandbox.slack.workspace import Workspace

TYPE_SCOPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def need_scope(workspace: Workspace, *scopes: str) -> None:
    """Any one of these will do. Raises Refusal(missing_scope) with what is needed and what was granted."""
    if not set(scopes) & set(workspace.scopes):
        raise Refusal("missing_scope", needed=",".join(scopes), provided=",".join(workspace.scopes))


def history(workspace: Workspace, args: Args) -> Json:
    channel = _readable(workspace, args)
    with workspace.lock:
        messages = channel.timeline()
    page, more, cursor = page_of(list(reversed(_between(messages, args))), args, default=100)
    return _messages(channel, page, more, cursor, args)


def replies(workspace: Workspace, args: Args) -> Json:
    channel = _readable(workspace, args)
    with workspace.lock:
        root, *rest = channel.thread(args.needed("ts"))
    # Slack answers the ts of a reply with that reply alone, and the root's with the root first, whatever the limits.
    reply = [message for message in rest if message["ts"] == args.needed("ts")]
    page, more, cursor = page_of(reply or [root, *_between(rest, args)], args, default=1000)
    return _messages(channel, page, more, cursor, args)


def info(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    need_scope(workspace, channel.read_scope)
    if channel.is_private and BOT_USER not in channel.members:
        raise Refusal("channel_not_found")
    shown = conversation(workspace, channel)
    if args.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def list_all(workspace: Workspace, args: Args) -> Json:
    types = (args.text("types") or "public_channel").replace(" ", "").split(",")
    for kind in types:
        if kind not in TYPE_SCOPES:
            raise Refusal("invalid_types")
        need_scope(workspace, TYPE_SCOPES[kind])
    shown = [channel for channel in workspace.channels.values() if _type(channel) in types]
    shown = [channel for channel in shown if not channel.is_private or BOT_USER in channel.members]
    if args.flag("exclude_archived"):
        shown = [channel for channel in shown if not channel.is_archived]
    page, _, cursor = page_of(shown, args, default=100)
    return {
        "channels": [conversation(workspace, channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


def members(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    need_scope(workspace, channel.read_scope)
    if channel.is_private and BOT_USER not in channel.members:
        raise Refusal("channel_not_found")
    page, _, cursor = page_of(channel.members, args, default=100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def open_dm(workspace: Workspace, args: Args) -> Json:
    channel_id = args.text("channel")
    if channel_id:
        return {"channel": {"id": workspace.channel(channel_id).id}}
    users = [user for user in (args.text("users") or "").split(",") if user]
    if not users:
        raise Refusal("not_enough_users")
    if len(users) > 1:
        need_scope(workspace, "mpim:write")
    user = workspace.directory.user(users[0])
    if user.is_bot or user.id == SLACKBOT:
        raise Refusal("cannot_dm_bot")
    if user.deleted:
        raise Refusal("user_disabled")
    channel = workspace.dm(user.id)
    if args.flag("return_im"):
        return {"channel": conversation(workspace, channel)}
    return {"channel": {"id": channel.id}}


def _readable(workspace: Workspace, args: Args) -> Channel:
    channel = workspace.channel(args.needed("channel"))
    need_scope(workspace, channel.history_scope)
    if BOT_USER not in channel.members:
        raise Refusal("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def _between(messages: list[Json], args: Args) -> list[Json]:
    oldest, latest, inclusive = args.text("oldest"), args.text("latest"), args.flag("inclusive")

    def wanted(ts: str) -> bool:
        moment = float(ts)
        after = not oldest or moment > float(oldest) or (inclusive and moment == float(oldest))
        before = not latest or moment < float(latest) or (inclusive and moment == float(latest))
        return after and before

    try:
        return [message for message in messages if wanted(message["ts"])]
    except ValueError:
        raise Refusal("invalid_ts_oldest" if oldest else "invalid_ts_latest") from None


def _messages(channel: Channel, page: list[Json], more: bool, cursor: str, args: Args) -> Json:
    answer: Json = {
        "messages": [_message(message, args.flag("include_all_metadata")) for message in page],
        "has_more": more,
        "pin_count": len(pins(channel)),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if more:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _message(message: Json, with_metadata: bool) -> Json:
    if with_metadata or "metadata" not in message:
        return message
    return {key: value for key, value in message.items() if key != "metadata"}


def _type(channel: Channel) -> str:
    return "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"


def conversation(workspace: Workspace, channel: Channel) -> Json:
    """The conversation object."""
    return _direct(workspace, channel) if channel.is_im else _of_channel(channel)


def _direct(workspace: Workspace, channel: Channel) -> Json:
    peer = next(member for member in channel.members if member != BOT_USER)
    return {
        "id": channel.id,
        "created": channel.created,
        "is_im": True,
        "is_org_shared": False,
        "user": peer,
        "is_user_deleted": workspace.directory.users[peer].deleted,
        "is_archived": channel.is_archived,
        "priority": 0,
    }


def _of_channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_org_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "is_member": BOT_USER in channel.members,
        "created": channel.created,
        "creator": channel.creator,
        "unlinked": 0,
        "context_team_id": TEAM_ID,
        "shared_team_ids": [TEAM_ID],
        "pending_shared": [],
        "previous_names": [],
        "topic": {"value": channel.topic, "creator": channel.topic_by, "last_set": channel.topic_at},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
    }
