"""What the reconciler wants to know of the world; readers arrive as arguments and raise CannotLook."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from bot.sop.facts import (
    Candidate,
    CannotLook,
    Diagnosis,
    Directory,
    Issue,
    JobLog,
    NotThere,
    Run,
    Runs,
    Seen,
    Served,
    Tip,
)
from bot.sop.policy import Policy, Service
from bot.sop.records import Pushed

T = TypeVar("T")


class CodeHost(Protocol):
    """GitHub, read only. Every method raises CannotLook."""

    def candidate(self, service: Service, ref: str, base: str, *, with_paths: bool) -> Candidate:
        """`with_paths`: with the paths of each commit too, which costs one request a commit."""
        ...

    def tip(self, service: Service, after: str) -> Tip:
        """The head of the designated branch, and the commits since `after`."""
        ...

    def criticals(self, service: Service) -> tuple[Issue, ...]: ...
    def runs(self, service: Service, push: Pushed) -> Runs: ...

    def served(self, service: Service, version: str) -> Served:
        """The commit that a served version (a SHA or a prefix of one) stands for."""
        ...


class Failures(Protocol):
    """GitHub, read only, once something has failed or is rolled back. Every method raises CannotLook."""

    def unfinished(self, service: Service) -> tuple[Run, ...]:
        """Runs of the designated branch that are not completed, with their jobs."""
        ...

    def job_log(self, service: Service, run_id: int, attempt: int | None = None) -> JobLog: ...

    def diagnosis(self, service: Service, push: Pushed) -> Diagnosis: ...


class People(Protocol):
    def directory(self, policy: Policy) -> Directory: ...


def seen(before: Seen[T], now: datetime, ask: Callable[[], T | None]) -> Seen[T]:
    """A new look, which may find that there is nothing; a failed one keeps the last value beside its error."""
    try:
        return before.model_copy(update={"value": ask(), "at": now, "error": None, "until": None, "absent": False})
    except CannotLook as e:
        said = str(e) or "no reason was given"
        return before.model_copy(update={"error": said, "until": e.until, "absent": isinstance(e, NotThere)})
