"""What the bot answers with a message: slash commands' bodies and posts to a response_url."""

from typing import Any

from bot.sandbox.slack.api_chat import check_blocks
from bot.sandbox.slack.directory import BOT_USER
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.outgoing import Answer
from bot.sandbox.slack.response_urls import Return
from bot.sandbox.slack.workspace import Workspace

MESSAGE_KEYS = ("text", "blocks", "attachments", "thread_ts", "metadata")


def content_of(answer: Answer) -> Json | None:
    """A command's answer as message fields and `response_type`; None when it is empty.

    Raises ValueError for JSON that does not parse and Refusal for blocks that Slack refuses.
    """
    if not answer.body.strip():
        return None
    if not answer.is_json:
        return {"text": answer.body.decode(), "response_type": None}
    body = answer.json()
    if isinstance(body, str):
        return {"text": body, "response_type": None}
    if not isinstance(body, dict):
        raise ValueError("a command's answer is an object")
    return {**message_fields(body), "response_type": body.get("response_type")} if body else None


def message_fields(body: dict[str, Any]) -> Json:
    """The message in a body, its blocks checked. Raises Refusal."""
    content: Json = {key: body[key] for key in MESSAGE_KEYS if body.get(key) is not None}
    if content.get("blocks"):
        check_blocks(content["blocks"])
    return content


def deliver(workspace: Workspace, place: Return, body: dict[str, Any]) -> None:
    """Carries out a post to a response_url. Raises Refusal(no_text | invalid_blocks | message_not_found)."""
    channel = workspace.channel(place.channel)
    content = message_fields(body)
    has_message = bool(content.get("text") or content.get("blocks") or content.get("attachments"))
    delete, replace = _truth(body.get("delete_original")), _truth(body.get("replace_original"))
    if not has_message and not (delete and place.source_ts):
        raise Refusal("no_text")
    if delete and place.source_ts:
        if place.source_is_ephemeral:
            workspace.replace_whisper(channel, place.user, place.source_ts, None)
        else:
            workspace.delete(channel, place.source_ts)
        if not has_message:
            return
    elif replace and place.source_ts:
        changes = {"blocks": [], **content}
        changes.pop("thread_ts", None)
        if place.source_is_ephemeral:
            workspace.replace_whisper(channel, place.user, place.source_ts, {"text": "", **changes})
        else:
            workspace.edit(channel, place.source_ts, BOT_USER, changes)
        return
    text = content.pop("text", "")
    if place.thread_ts and not place.source_is_ephemeral:
        content.setdefault("thread_ts", place.thread_ts)
    if body.get("response_type") == "in_channel":
        workspace.post(channel, BOT_USER, text, **content)
    else:
        workspace.whisper(channel, place.user, text, **content)


def _truth(value: object) -> bool:
    return value is True or str(value).lower() == "true"
