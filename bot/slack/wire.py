"""Slack's Web API as the outbox wants it: one try, and a clear word for what came of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.outbox import Done, Later, Outcome, Refused
from bot.slack.cards.kit import Block, Message
from bot.sop.unreached import why

EVENT = "slipway_effect"
SKEW = timedelta(minutes=2)  # Slack's clock and ours
PAGES = 25  # of 200 messages, looked through for one that may have been posted
PASSING = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
# Somebody has to mend the installation; nothing was done, so it is simply tried again.
INSTALLATION = ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope")
RATE_LIMITS = ("ratelimited", "rate_limited", "message_limit_exceeded")
UNREACHED = (SlackClientError, HTTPException, OSError)


@dataclass(frozen=True)
class Wire:
    slack: WebClient

    def post(self, channel: str, message: Message, key: str, thread: str | None = None) -> dict[str, Any]:
        """Where it stands: channel and ts. Raises what slack_sdk raises, as the others here."""
        answer = self.slack.chat_postMessage(
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            thread_ts=thread,
            metadata=_metadata(key),
            unfurl_links=False,
            unfurl_media=False,
        )
        return {"channel": answer["channel"], "ts": answer["ts"]}

    def update(self, channel: str, ts: str, message: Message, key: str) -> None:
        blocks = list(message.blocks)
        self.slack.chat_update(channel=channel, ts=ts, text=message.text, blocks=blocks, metadata=_metadata(key))

    def direct(self, user: str) -> str:
        """The channel of the direct messages with a person."""
        return str(self.slack.conversations_open(users=user)["channel"]["id"])

    def publish(self, user: str, blocks: list[Block]) -> None:
        self.slack.views_publish(user_id=user, view={"type": "home", "blocks": blocks})

    def find(self, channel: str, key: str, since: datetime, thread: str | None = None) -> str | None:
        """The newest message with that outbox key; its ts."""
        oldest = f"{(since - SKEW).timestamp():.6f}"
        found = [str(m["ts"]) for m in self._messages(channel, oldest, thread) if _key_of(m) == key]
        return max(found, key=float, default=None)

    def _messages(self, channel: str, oldest: str, thread: str | None) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        for _ in range(PAGES):
            answer = self._page(channel, oldest, thread, cursor)
            yield from answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise LookupError(f"too many messages since {oldest} to look through")

    def _page(self, channel: str, oldest: str, thread: str | None, cursor: str | None) -> SlackResponse:
        if thread is None:
            return self.slack.conversations_history(
                channel=channel, oldest=oldest, cursor=cursor, limit=200, include_all_metadata=True
            )
        return self.slack.conversations_replies(
            channel=channel, ts=thread, oldest=oldest, cursor=cursor, limit=200, include_all_metadata=True
        )


def tried(act: Callable[[], dict[str, Any]]) -> Outcome:
    """Done with the act's result, or what Slack's answer means."""
    try:
        return Done(act())
    except SlackApiError as e:
        return outcome_of(e)
    except UNREACHED as e:
        return unreached(e)


def unreached(error: Exception) -> Later:
    return Later(None, f"Slack could not be reached: {why(error)}")


def outcome_of(error: SlackApiError) -> Outcome:
    """429 is obeyed; what passes is tried again; anything else will never be done as it is."""
    word, status = word_of(error), error.response.status_code
    if status == 429 or word in RATE_LIMITS:
        return Later(_retry_after(error), word, unsure=False)
    if status >= 500 or word in PASSING:
        return Later(None, f"Slack answered {status} {word}")
    if word in INSTALLATION:
        return Later(None, word, unsure=False)
    detail = (error.response.get("response_metadata") or {}).get("messages") or []
    return Refused(": ".join([word, *map(str, detail[:3])]))


def word_of(error: SlackApiError) -> str:
    """Slack's word for what was wrong."""
    return str(error.response.get("error") or f"HTTP {error.response.status_code}")


def _retry_after(error: SlackApiError) -> float:
    headers = {k.lower(): v for k, v in dict(error.response.headers).items()}
    after = headers.get("retry-after", "1")
    after = after[0] if isinstance(after, list) else after
    return float(after) if str(after).isdigit() else 1.0


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"outbox_key": key}}


def is_ours(message: Mapping[str, Any]) -> bool:
    """Whether the outbox posted it."""
    return _key_of(message) is not None


def _key_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}).get("outbox_key") if metadata.get("event_type") == EVENT else None
