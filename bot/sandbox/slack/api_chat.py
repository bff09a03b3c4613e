"""chat.*: posting, changing and deleting the bot's messages."""

import json
from typing import Any

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import BOT_USER, SLACKBOT, TEAM_DOMAIN
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.workspace import Workspace

TEXT_LIMIT = 40_000
UPDATE_TEXT_LIMIT = 4_000
METADATA_BYTES = 8_000


def post_message(workspace: Workspace, args: Args) -> Json:
    channel = _target(workspace, args)
    _may_post(workspace, channel)
    content = _content(args, TEXT_LIMIT)
    thread_ts = args.text("thread_ts")
    if thread_ts:
        _thread_exists(channel, thread_ts)
        content["thread_ts"] = channel.messages[thread_ts].get("thread_ts", thread_ts)
    if wait := workspace.pressure.wait_for_post(channel.id):
        raise Refusal("ratelimited", retry_after=wait)
    text = content.pop("text", "")
    message = workspace.post(channel, BOT_USER, text, **content)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def update(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    ts = args.needed("ts")
    if BOT_USER not in channel.members:
        raise Refusal("channel_not_found" if channel.is_private else "not_in_channel")
    if channel.is_archived:
        raise Refusal("is_archived")
    if _standing(channel, ts)["user"] != BOT_USER:
        raise Refusal("cant_update_message")
    if workspace.edits_closed:
        raise Refusal("edit_window_closed")
    changes = _content(args, UPDATE_TEXT_LIMIT)
    if "text" in changes and "blocks" not in changes:
        changes["blocks"] = []
    edited = workspace.edit(channel, ts, BOT_USER, changes)
    return {"channel": channel.id, "ts": ts, "text": edited["text"], "message": edited}


def delete(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    ts = args.needed("ts")
    if BOT_USER not in channel.members:
        raise Refusal("channel_not_found")
    if _standing(channel, ts)["user"] != BOT_USER:
        raise Refusal("cant_delete_message")
    workspace.delete(channel, ts)
    return {"channel": channel.id, "ts": ts}


def post_ephemeral(workspace: Workspace, args: Args) -> Json:
    channel = _target(workspace, args)
    user = args.needed("user")
    _may_post(workspace, channel)
    if user not in channel.members or workspace.directory.user(user).deleted:
        raise Refusal("user_not_in_channel")
    content = _content(args, TEXT_LIMIT)
    content.pop("metadata", None)
    if thread_ts := args.text("thread_ts"):
        content["thread_ts"] = thread_ts
    text = content.pop("text", "")
    return {"message_ts": workspace.whisper(channel, user, text, **content)["ts"]}


def get_permalink(workspace: Workspace, args: Args) -> Json:
    channel = workspace.channel(args.needed("channel"))
    return {"channel": channel.id, "permalink": permalink(channel, channel.message(args.needed("message_ts")))}


def permalink(channel: Channel, message: Json) -> str:
    """The address of a message; a reply's names its thread."""
    ts = message["ts"]
    link = f"https://{TEAM_DOMAIN}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    root = message.get("thread_ts", ts)
    return link if root == ts else f"{link}?thread_ts={root}&cid={channel.id}"


def _target(workspace: Workspace, args: Args) -> Channel:
    """A channel by id or #name, or a person by id: then their direct message with the bot."""
    wanted = args.text("channel")
    if not wanted:
        raise Refusal("channel_not_found")
    if wanted in workspace.directory.users:
        user = workspace.directory.user(wanted)
        if user.is_bot or user.id == SLACKBOT:
            raise Refusal("cannot_dm_bot")
        if user.deleted:
            raise Refusal("channel_not_found")
        return workspace.dm(wanted)
    named = {channel.name: channel for channel in workspace.channels.values() if not channel.is_im}
    return named.get(wanted.removeprefix("#")) or workspace.channel(wanted)


def _may_post(workspace: Workspace, channel: Channel) -> None:
    if channel.is_im and any(workspace.directory.users[member].deleted for member in channel.members):
        raise Refusal("channel_not_found")
    if BOT_USER not in channel.members:
        raise Refusal("channel_not_found" if channel.is_private else "not_in_channel")
    if channel.is_archived:
        raise Refusal("is_archived")


def _standing(channel: Channel, ts: str) -> Json:
    """The message, unless only its tombstone is left."""
    message = channel.message(ts)
    if message.get("subtype") == "tombstone":
        raise Refusal("message_not_found")
    return message


def _thread_exists(channel: Channel, thread_ts: str) -> None:
    if channel.messages.get(thread_ts, {"subtype": "tombstone"}).get("subtype") == "tombstone":
        raise Refusal("thread_not_found")


def _content(args: Args, text_limit: int) -> Json:
    """text, blocks, attachments, metadata: those that were given, checked as Slack checks them."""
    content: Json = {}
    text = args.text("text")
    if text is not None:
        if len(text) > text_limit:
            raise Refusal("msg_too_long")
        content["text"] = text
    blocks = args.structure("blocks", "invalid_blocks_format")
    if blocks is not None:
        content["blocks"] = check_blocks(blocks)
    attachments = args.structure("attachments", "invalid_attachments")
    if attachments is not None:
        if not isinstance(attachments, list):
            raise Refusal("invalid_attachments")
        if len(attachments) > 100:
            raise Refusal("too_many_attachments")
        content["attachments"] = attachments
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is not None:
        content["metadata"] = _metadata(metadata)
    if not text and not blocks and not attachments and "blocks" not in content:
        raise Refusal("no_text")
    return content


def check_blocks(blocks: Any) -> list[Json]:
    """Raises Refusal(invalid_blocks_format | invalid_blocks | msg_blocks_too_long)."""
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    problems = blockkit.message_problems(blocks)
    if problems:
        raise Refusal("invalid_blocks", problems)
    if blockkit.weight(blocks) > blockkit.WEIGHT_LIMIT:
        raise Refusal("msg_blocks_too_long")
    return blocks


def _metadata(metadata: Any) -> Json:
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise Refusal("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return metadata
