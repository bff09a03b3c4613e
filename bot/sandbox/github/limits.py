"""GitHub's request budgets: primary (an hour's worth, per token) and secondary (too fast)."""

import threading
import time
from dataclasses import dataclass, field

HOUR = 3600


@dataclass
class Budget:
    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass
class Limits:
    """Budgets by login. `secondary_until`: until then every call is refused with Retry-After (Unix seconds)."""

    secondary_until: float = 0.0
    status: int = 403
    budgets: dict[str, Budget] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def budget(self, login: str) -> Budget:
        with self.lock:
            held = self.budgets.get(login)
            if held is None or held.reset <= time.time():
                held = Budget(5000 if login else 60, int(time.time()) + HOUR)
                self.budgets[login] = held
            return held

    def count(self, login: str) -> None:
        held = self.budget(login)
        with self.lock:
            held.used = min(held.limit, held.used + 1)

    def exhaust(self, login: str, remaining: int, reset_in: int) -> None:
        """Leaves `remaining` calls until `reset_in` seconds from now."""
        held = self.budget(login)
        with self.lock:
            held.used, held.reset = held.limit - remaining, int(time.time()) + reset_in

    def used_up(self) -> list[str]:
        """Logins that have nothing left now."""
        return sorted(login for login in list(self.budgets) if self.budget(login).remaining == 0)

    def retry_after(self) -> int:
        """Seconds to wait for the secondary limit; 0 when there is none."""
        return max(0, round(self.secondary_until - time.time() + 0.5)) if self.secondary_until > time.time() else 0

    def headers(self, login: str) -> dict[str, str]:
        held = self.budget(login)
        return {
            "X-RateLimit-Limit": str(held.limit),
            "X-RateLimit-Remaining": str(held.remaining),
            "X-RateLimit-Reset": str(held.reset),
            "X-RateLimit-Used": str(held.used),
            "X-RateLimit-Resource": "core",
        }
