"""Switches that break the world."""

import threading
from dataclasses import dataclass, field


@dataclass
class Failing:
    """The next `times` API answers whose path contains `path` (and of that method) become `status`."""

    times: int
    status: int = 502
    path: str = ""
    method: str = ""
    body: str | None = None

    def takes(self, method: str, path: str) -> bool:
        fits = self.times > 0 and self.path in path and self.method.upper() in ("", method)
        if fits:
            self.times -= 1
        return fits


@dataclass
class Faults:
    """api_down: every call answers 503. never_starts: a push starts no run. appear_after, step_delay: seconds.
    late: runs that will show up. held_jobs: names of jobs that stay queued, `*` for all.
    conclude_next: the conclusion the next runs are given."""

    api_down: bool = False
    never_starts: bool = False
    appear_after: float = 0.0
    late: list[threading.Timer] = field(default_factory=list)
    step_delay: float = 0.0
    held_jobs: set[str] = field(default_factory=set)
    fail: list[Failing] = field(default_factory=list)
    lose: list[Failing] = field(default_factory=list)
    conclude_next: list[str] = field(default_factory=list)
