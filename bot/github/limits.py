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
NOT_OURS = (401, *range(500, 600))  # answered before GitHub knew, or cared, whose token it is
ANONYMOUS = 60  # the hour's budget of whoever shows no token
PAUSE = timedelta(minutes=1)  # at least that, where GitHub names no time
SECOND = timedelta(seconds=1)  # the reset comes within the second that is named
PATIENCE = timedelta(minutes=5)  # then one request asks whether the limit still stands: it may be none of ours any more
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
    """`headers` by names in lower case. An answer that is no refusal tells of the token's own budget only."""
    if status in NOT_OURS:
        return Told()
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
    if of == ANONYMOUS or headers.get("x-ratelimit-resource", "core") != "core":
        return Told()
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
    """What is known of the limits of one token. May be used from any thread.

    A limit does not outlive its reason: while the budget is used up, one request is let through every few minutes, and
    its answer tells whether that is still so. A pause that GitHub asked for (Retry-After) is kept to its end.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._closed = Told()
        self._again: datetime | None = None  # while closed: nothing is sent before
        self._asking = False  # whether the limit still stands
        self._paced: datetime | None = None  # looks that have time wait until then

    def ask(self) -> None:
        """Before each request. Raises Limited."""
        now = self._now()
        with self._lock:
            closed = self._closed
            if closed.until is None or closed.until <= now:
                return
            if self._again is None or self._again > now:
                raise Limited(closed.said, closed.until)
            self._asking, self._again = (
                True,
                min(closed.until, now + PAUSE),
            )  # nobody else until it is answered, or lost

    def heard(self, status: int, headers: Mapping[str, str], message: str) -> None:
        """After each answer. Raises Limited where the request was refused for a limit."""
        now = self._now()
        new = told(status, headers, message, now)
        with self._lock:
            if new.until is not None:
                self._closed = new
                self._again = new.until if new.said == PAUSED else min(new.until, now + PATIENCE)
            elif status not in NOT_OURS and self._asking:
                self._closed, self._again = Told(), None
            if status not in NOT_OURS:
                self._asking = False
            if new.resets is not None:
                self._paced = min(max(self._paced or now, now) + new.each, new.resets)
        if new.refused:
            raise Limited(new.said, new.until)

    def rests(self, urgent: bool = False) -> datetime | None:
        """Until when looks are better put off, a few minutes at most; None: no need. An urgent one goes on as long as
        anything is left of the budget."""
        now = self._now()
        with self._lock:
            closed = self._again if self._closed.until is not None and self._closed.until > now else None
            paced = None if urgent else self._paced
            times = [t for t in (closed, paced) if t is not None and t > now]
        return min(max(times), now + PATIENCE) if times else None
