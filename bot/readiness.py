"""Can this process serve? Each part from what is stored or in memory: nobody is called while a balancer waits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.sop.facts import Directory, Seen, Tip
from bot.sop.patrol.facts import Lately
from bot.sop.policy import Policy
from bot.sop.unreached import why
from storage.errors import StorageError
from storage.store import Store
from storage.unit import Unit

OPEN = 20  # releases whose last look at the branch tells of GitHub


@dataclass(frozen=True)
class Part:
    """`ok` None: nobody has looked yet. `age`: seconds since it was seen well. Without a `needed` one nothing works."""

    ok: bool | None
    said: str | None = None  # what it lacks
    age: float | None = None
    needed: bool = False

    @property
    def told(self) -> dict[str, Any]:
        return {"ok": self.ok, "said": self.said, "age_seconds": self.age}


def parts(
    store: Store,
    policy: Callable[[], Policy],
    problem: str | None,
    ticks: Sequence[tuple[str, str | None]],
    now: datetime,
) -> Mapping[str, Part]:
    """The database; Slack and GitHub by the last look at them; sop.yaml, with the `problem` that its last reading met;
    and each tick of the clock, with the error of its last run."""
    own = {"sop.yaml": _by(problem), **{name: _by(error) for name, error in ticks}}
    try:
        slack, github = store.read(lambda unit: (_slack(unit, now), _github(unit, policy(), now)))
    except (SQLAlchemyError, StorageError) as e:
        unknown = Part(None, "not known without the database")
        return {"database": Part(False, why(e), needed=True), "slack": unknown, "github": unknown, **own}
    return {"database": Part(True, age=0.0, needed=True), "slack": slack, "github": github, **own}


def _by(problem: str | None) -> Part:
    return Part(problem is None, problem)


def _slack(unit: Unit, now: datetime) -> Part:
    return _looked([unit.seen("slack", "directory", Seen[Directory])], now)


def _github(unit: Unit, policy: Policy, now: datetime) -> Part:
    looks: list[Seen[Any]] = [unit.seen(f"patrol:{s.name}", "lately", Seen[Lately]) for s in policy.services]
    looks += [unit.seen(r.name, "tip", Seen[Tip]) for r in unit.releases(open=True, limit=OPEN)]
    return _looked(looks, now)


def _looked(looks: Sequence[Seen[Any]], now: datetime) -> Part:
    seen = max((look.at for look in looks if look.at), default=None)
    error = next((_why(look) for look in looks if look.error), None)
    age = (now - seen).total_seconds() if seen else None
    if seen is None and error is None:
        return Part(None, "not looked at yet")
    return Part(error is None, error, age)


def _why(look: Seen[Any]) -> str:
    return f"{look.error} until {look.until:%H:%M} UTC" if look.until else str(look.error)
