"""Slack's rate limits: token buckets for each method, and for each channel when posting."""

import math
import threading
import time
from dataclasses import dataclass

# Calls a minute and the burst allowed on top. Slack names the rates; it does not publish the bursts.
TIERS = {1: (1.0, 2.0), 2: (20.0, 5.0), 3: (50.0, 10.0), 4: (100.0, 20.0)}
POSTS_PER_SECOND, POST_BURST = 1.0, 5.0


@dataclass
class _Bucket:
    level: float
    filled_at: float


class Pressure:
    """Counts calls; `on` can be switched while it runs."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self.post_burst = POST_BURST
        self.tier_burst: float | None = None
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def wait_for_tier(self, method: str, tier: int) -> int:
        """Seconds to wait before this call would be let through; 0 lets it through."""
        per_minute, burst = TIERS[tier]
        size = self.tier_burst if self.tier_burst is not None else per_minute + burst
        return self._take((method, ""), per_minute / 60, size)

    def wait_for_post(self, channel: str) -> int:
        return self._take(("post", channel), POSTS_PER_SECOND, self.post_burst)

    def reset(self) -> None:
        with self._lock:
            self._buckets.clear()

    def _take(self, key: tuple[str, str], per_second: float, size: float) -> int:
        if not self.on:
            return 0
        with self._lock:
            now = time.monotonic()
            bucket = self._buckets.setdefault(key, _Bucket(size, now))
            bucket.level = min(size, bucket.level + (now - bucket.filled_at) * per_second)
            bucket.filled_at = now
            if bucket.level < 1:
                return max(1, math.ceil((1 - bucket.level) / per_second))
            bucket.level -= 1
            return 0
