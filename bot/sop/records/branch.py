"""What stands around releases: freezes, the lock of a branch, what production was verified to serve."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.records.release import LeftAhead


class FreezeStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class Freeze(Frozen):
    """X4. `services` empty: all of them. `until` None: until someone ends it."""

    id: int
    status: FreezeStatus
    services: tuple[str, ...]
    reason: str
    owner: str
    starts_at: AwareDatetime
    until: AwareDatetime | None
    created_at: AwareDatetime
    revision: int = 0  # how often its window was changed
    changed_by: str | None = None  # last
    changed_at: AwareDatetime | None = None
    ended_by: str | None = None
    ended_at: AwareDatetime | None = None

    @property
    def name(self) -> str:
        return f"FRZ-{self.id}"

    def in_force(self, now: datetime) -> bool:
        """By its window, so that a freeze holds from its first second, whenever the clock ticks; one that began holds
        for a replica whose clock is behind, too."""
        begun = self.status is FreezeStatus.ACTIVE or (self.status is FreezeStatus.SCHEDULED and self.starts_at <= now)
        return begun and (self.until is None or now < self.until)

    def touches(self, service: str) -> bool:
        return not self.services or service in self.services

    def touches_any(self, services: tuple[str, ...]) -> bool:
        return any(self.touches(s) for s in services)


class Lock(Frozen):
    """One row a repository and branch. `left` is set when its release closed with its commits still on the branch."""

    key: str  # owner/name@branch
    release: int
    owner: str = ""  # of the release in `about`, as it is there when this is read: stored there only
    reason: str
    since: AwareDatetime
    left: LeftAhead | None = None

    @property
    def about(self) -> int:
        """The release that people are told of: the one that brought what was left, else the one that holds it."""
        return self.left.release if self.left else self.release


class Baseline(Frozen):
    """The commit last verified in production: by a release, or adopted by a person by name."""

    service: str
    sha: str
    at: AwareDatetime
    by: str
    release: int | None = None
