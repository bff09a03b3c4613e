"""Reads one message of Slack, for the timeline of an incident."""

import html
import re
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.outbox import Refused
from bot.slack.wire import UNREACHED, is_ours, outcome_of, word_of
from bot.sop.facts import CannotLook
from bot.sop.messages import Said
from bot.sop.unreached import why

LONGEST = 2000  # characters that the timeline keeps of a message
PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
NAMED = re.compile(r"<(#|!)[^|>]*\|([^>]*)>")  # channels, groups, dates: shown by their label
LINK = re.compile(r"<((?:https?|mailto)[^|>]*)(?:\|([^>]*))?>")


class Messages:
    """Implements reconciler.incidents.Messages."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def read(self, channel: str, ts: str, names: Mapping[str, str]) -> Said | None:
        """None: it is not there, or the bot is not in the channel. Raises CannotLook."""
        try:
            # In a thread or not: the first message of the thread comes first, then those within the bounds.
            answer = self._client.conversations_replies(
                channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=10, include_all_metadata=True
            )
            found = next((m for m in answer.get("messages") or [] if m.get("ts") == ts), None)
            if found is None:
                return None
            link = self._client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"]
        except SlackApiError as e:
            if isinstance(outcome_of(e), Refused):
                return None
            raise CannotLook(f"Slack answered {word_of(e)} about a message") from e
        except UNREACHED as e:
            raise CannotLook(f"Slack could not be reached: {why(e)}") from e
        return said(channel, found, names).model_copy(update={"link": link})


def said(channel: str, message: Mapping[str, Any], names: Mapping[str, str]) -> Said:
    """A message as Slack gives it, in readable words."""
    files = ", ".join(str(f.get("name") or "a file") for f in message.get("files") or [])
    text = plain(str(message.get("text") or ""), names) or (f"({files})" if files else "(a message without text)")
    app = (message.get("bot_profile") or {}).get("name") or message.get("username") if message.get("bot_id") else None
    text = f"{app}: {text}" if app else text  # an app is no person, but a word is somebody's
    ts = str(message["ts"])
    thread = message.get("thread_ts")
    return Said(
        channel=channel,
        ts=ts,
        by=message.get("user") if not message.get("bot_id") else None,
        text=text[:LONGEST],
        thread=str(thread) if thread and thread != ts else None,
        ours=is_ours(message),
    )


def plain(text: str, names: Mapping[str, str]) -> str:
    """Slack's markup as people read it: names for mentions, labels for links."""
    text = PERSON.sub(lambda m: f"@{names.get(m[1]) or m[2] or m[1]}", text)
    text = NAMED.sub(lambda m: m[2] if m[1] == "!" else f"#{m[2]}", text)
    text = LINK.sub(lambda m: f"{m[2]} ({m[1]})" if m[2] and m[2] != m[1] else m[1], text)
    return html.unescape(text).strip()
