"""response_url: five answers within thirty minutes, to the place where a person acted."""

import secrets
import time
from dataclasses import dataclass

USES = 5


@dataclass
class Return:
    """Where an answer goes: the channel, the person, and the message acted on (None after a slash command)."""

    channel: str
    user: str
    source_ts: str | None
    source_is_ephemeral: bool
    thread_ts: str | None
    expires: float
    left: int = USES


class ResponseUrls:
    def __init__(self, life: float) -> None:
        self.life = life
        self._returns: dict[str, Return] = {}

    def new(self, channel: str, user: str, source: dict[str, object] | None = None) -> str:
        """A path for one interaction; `source` is the message acted on."""
        key = secrets.token_urlsafe(18)
        thread = source.get("thread_ts") if source else None
        in_thread = thread is not None and source is not None and thread != source["ts"]
        self._returns[key] = Return(
            channel,
            user,
            str(source["ts"]) if source else None,
            bool(source and source.get("is_ephemeral")),
            str(thread) if in_thread else None,
            time.monotonic() + self.life,
        )
        return f"/actions/T0SLIPWAY/{key}"

    def take(self, key: str) -> Return | str:
        """One use of it, or Slack's word for why not: `used_url`, `expired_url`, `not_found`."""
        place = self._returns.get(key)
        if place is None:
            return "not_found"
        if time.monotonic() > place.expires:
            return "expired_url"
        if place.left <= 0:
            return "used_url"
        place.left -= 1
        return place
