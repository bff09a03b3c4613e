"""GitHub's rate limits: what its answers tell of them, and until when nothing more is asked.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.sop.facts import CannotLook
from bot.sop.model import Frozen

REFUSING = (403, 429)
PAUSE = timedelta(minutes=1)  # at least that, where GitHub names no time
SECOND = timedelta(seconds=1)  # the reset comes within the second that is named
LOW = 0.1  # of the budget: what is left is spread over the time until the reset
USED_UP, PAUSED = "GitHub's rate limit is used up", "GitHub wants no more requests for now"


class Limited(CannotLook):
    """GitHub answers nothing before `until`; a request that met this was not carried out."""


class Told(Frozen):
    """What one answer tells. `until`: none is to be sent before; `each`: how long the rest has to last, by request,
    up to `resets`."""

    until: datetime | None = None
    said: str = USED_UP
    refused: bool = False  # the request itself was refused for a limit, and for nothing else
    each: timedelta = timedelta()
    resets: datetime | None = None


def told(status: int, headers: Mapping[str, str], message: str, now: datetime) -> Told:
    """`headers` by names in lower case."""
    left, of = _whole(headers, "x-ratelimit-remaining"), _whole(headers, "x-ratelimit-limit")
    resets = _reset(headers, now) if left is not None else None
    if status in REFUSING:
        asked = _whole(headers, "retry-after")
        if asked is not None:
            return Told(until=now + timedelta(seconds=max(1, asked)), said=PAUSED, refused=True)
        if left == 0:
            return Told(until=resets or now + PAUSE, refused=True)
        if status == 429 or "rate limit" in message.lower():
            return Told(until=now + PAUSE, said=PAUSED, refused=True)
    if left == 0 and resets is not None:
        return Told(until=resets)
    if left and of and resets and left < of * LOW:
        return Told(each=(resets - now) / left, resets=resets)
    return Told()


def _whole(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if value.isdigit() else None


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """By this machine's clock: GitHub's own may be another. Never in the past."""
    at = _whole(headers, "x-ratelimit-reset")
    if at is None:
        return None
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        theirs = now
    return now + max(SECOND, datetime.fromtimestamp(at, UTC) - theirs + SECOND)


class Limits:
    """What is known of the limits of one token. May be used from any thread."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._closed = Told()
        self._paced: datetime | None = None  # looks that have time wait until then

    def ask(self) -> None:
        """Before each request. Raises Limited."""
        with self._lock:
            closed = self._closed
        if closed.until is not None and closed.until > self._now():
            raise Limited(closed.said, closed.until)

    def heard(self, status: int, headers: Mapping[str, str], message: str) -> None:
        """After each answer. Raises Limited where the request was refused for a limit."""
        now = self._now()
        new = told(status, headers, message, now)
        with self._lock:
            if new.until is not None:
                self._closed = new
            if new.resets is not None:
                self._paced = min(max(self._paced or now, now) + new.each, new.resets)
        if new.refused:
            raise Limited(new.said, new.until)

    def rests(self) -> datetime | None:
        """Until when looks that have time are better put off; None: no need."""
        with self._lock:
            times = [t for t in (self._closed.until, self._paced) if t is not None and t > self._now()]
        return max(times, default=None)
