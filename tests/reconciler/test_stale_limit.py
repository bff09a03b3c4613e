"""A limit of GitHub's that is stored with a release heals once GitHub answers again, with and without a restart."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.github.limits import Limits
from bot.sop.codes import Code
from bot.sop.facts import Seen
from bot.sop.gates.push import pushed
from storage.store import Store
from storage.tables import WATCHES
from tests.reconciler.test_before_push import RELEASE, Bench, Host
from tests.sop import good as g

HOUR = g.NOW + timedelta(hours=1)
WHOLE = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4491"}
SPENT = {**WHOLE, "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(HOUR.timestamp()))}


class Limiting(Host):
    """Refuses for a limit while it is `spent`, to a client that keeps to limits."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits, self.spent, self.asked = limits, True, 0

    def _answer(self, what: str, value: Any) -> Any:
        self.limits.ask()
        self.asked += 1
        status, headers = (403, SPENT) if self.spent else (200, WHOLE)
        self.limits.heard(status, headers, "API rate limit exceeded" if self.spent else "")
        return super()._answer(what, value)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield Bench(store)
    store.close()


def starts(bench: Bench, *, spent: bool) -> Limiting:
    """A process, which knows of no limit."""
    limits = Limits(bench.now)
    host = Limiting(limits)
    host.spent = spent
    github: Any = host
    bench.reconciler = replace(bench.reconciler, github=github, rests=limits.rests)
    return host


def looked(bench: Bench) -> Seen[Any]:
    tip: Seen[Any] = bench.facts().tip
    return tip


def until(bench: Bench) -> datetime | None:
    found = pushed(RELEASE, bench.facts(), g.policy())
    return looked(bench).until if found.code == Code.LIMITED else None


def test_a_limit_that_ends_early_is_given_up_at_the_next_look_which_comes_in_minutes(bench: Bench) -> None:
    host = starts(bench, spent=True)
    due = bench.next_look()
    assert due == g.NOW + timedelta(minutes=5)
    assert (until(bench), host.asked) == (HOUR + timedelta(seconds=1), 1)
    bench.time = due
    due = bench.next_look()
    assert due == g.NOW + timedelta(minutes=10)
    assert (until(bench), host.asked) == (HOUR + timedelta(seconds=1), 2), "it was asked for once, and stands"
    host.spent = False
    bench.time = due - timedelta(seconds=1)
    assert bench.reconciler.run_once() == 0
    bench.time = due
    assert bench.reconciler.run_once() == 1
    assert looked(bench).known is not None
    assert until(bench) is None


def test_a_fresh_process_looks_at_once_whatever_the_one_before_had_stored(bench: Bench) -> None:
    starts(bench, spent=True)
    bench.next_look()
    assert until(bench) is not None
    starts(bench, spent=False)
    bench.reconciler.start()
    with bench.store.reader.connect() as connection:
        due = connection.execute(select(WATCHES.c.due).where(WATCHES.c.subject == RELEASE.name)).scalar_one()
    assert due == bench.time
    tip: Any = bench.reconciler.look_at(RELEASE.id)["tip"]
    assert (tip.error, tip.until) == (None, None)
