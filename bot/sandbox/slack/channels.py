"""Conversations and what stands in them: messages, threads, and what only one person sees."""

import threading
import time
from dataclasses import dataclass, field

from bot.sandbox.slack.errors import Json, Refusal

REPLY_KEYS = ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply", "subscribed")


class Clock:
    """Timestamps as Slack makes them: seconds with six decimals, never the same one twice."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def ts(self) -> str:
        with self._lock:
            self._last = max(int(time.time() * 1_000_000), self._last + 1)
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


@dataclass
class Channel:
    """A channel or direct message. `messages` and each person's `ephemerals` are keyed by ts, oldest first."""

    id: str
    name: str
    creator: str
    members: list[str]
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    topic: str = ""
    topic_by: str = ""
    topic_at: int = 0
    purpose: str = ""
    created: int = field(default_factory=lambda: int(time.time()))
    messages: dict[str, Json] = field(default_factory=dict)
    ephemerals: dict[str, dict[str, Json]] = field(default_factory=dict)
    actions: dict[str, dict[tuple[str, str], Json]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    @property
    def read_scope(self) -> str:
        return "im:read" if self.is_im else "groups:read" if self.is_private else "channels:read"

    @property
    def history_scope(self) -> str:
        return self.read_scope.replace(":read", ":history")

    @property
    def kind(self) -> str:
        """As `channel_type` in events."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    def message(self, ts: str) -> Json:
        """The message at that moment. Raises Refusal(message_not_found)."""
        if ts not in self.messages:
            raise Refusal("message_not_found")
        return self.messages[ts]

    def thread(self, ts: str) -> list[Json]:
        """The root and its replies, oldest first. Raises Refusal(thread_not_found)."""
        if ts not in self.messages:
            raise Refusal("thread_not_found")
        root = self.messages[self.messages[ts].get("thread_ts", ts)]
        replies = [m for m in self.messages.values() if m.get("thread_ts") == root["ts"] and m["ts"] != root["ts"]]
        return [root, *replies]

    def timeline(self) -> list[Json]:
        """What stands in the channel itself, without replies that were not broadcast; oldest first."""
        return [m for m in self.messages.values() if m.get("thread_ts", m["ts"]) == m["ts"]]

    def count_replies(self, root_ts: str) -> Json | None:
        """Brings the root's reply counters up to date and returns it, if it still stands."""
        if root_ts not in self.messages:
            return None
        replies = self.thread(root_ts)[1:]
        root = {key: value for key, value in self.messages[root_ts].items() if key not in REPLY_KEYS}
        if replies:
            users = list(dict.fromkeys(m["user"] for m in replies))
            root |= {
                "thread_ts": root_ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1]["ts"],
                "subscribed": False,
            }
        self.messages[root_ts] = root
        return root

    def unread(self, user: str) -> int:
        since = self.read.get(user, "")
        return sum(1 for m in self.timeline() if m["ts"] > since and m["user"] != user)
