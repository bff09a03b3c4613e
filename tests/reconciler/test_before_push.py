"""The look just before a push: where it fails the push is put off, where a gate is open it is dropped."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import ledger
from bot.github.pusher import Pusher
from bot.outbox import Outbox, Pace
from bot.reconciler import record
from bot.reconciler.reconciler import Reconciler
from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Watch
from bot.sop.effects import PushBranch
from bot.sop.facts import CannotLook
from bot.sop.gates.push import pushed
from bot.sop.records import Lock, Word
from bot.sop.stages import Stage
from bot.words import Style, say
from storage.store import Store
from storage.tables import WATCHES
from tests.sop import good as g

RELEASE = g.release(Stage.PUSH, push_asked=Word(by=g.ALICE, at=g.NOW, says=g.SHA))
LOCK = Lock(key="acme/shop@main", release=RELEASE.id, owner=g.ALICE, reason=RELEASE.name, since=g.NOW)
PUSH = PushBranch(
    release=RELEASE.id, repository="acme/shop", branch="main", sha=g.SHA, expected=g.BASE, asked=g.NOW.isoformat()
)


class Host:
    """Answers all that a release asks before its push, while it is up; there is no attestation, so a gate is open."""

    def __init__(self) -> None:
        self.down = ""
        self.until: datetime | None = None  # then its limit ends

    def _answer(self, what: str, value: Any) -> Any:
        if what == self.down:
            raise CannotLook(f"{what}: GitHub answered 502", self.until)
        return value

    def tip(self, *_: Any) -> Any:
        return self._answer("tip", g.facts().tip.value)

    def candidate(self, *_: Any, **__: Any) -> Any:
        return self._answer("candidate", g.candidate())

    def criticals(self, *_: Any) -> Any:
        return self._answer("criticals", ())


class Bench:
    """One release whose push is due, and nothing but the outbox."""

    def __init__(self, store: Store) -> None:
        self.store, self.host, self.time = store, Host(), g.NOW
        none: Any = None
        host: Any = self.host
        self.reconciler = Reconciler(
            store, g.policy, self.now, host, none, none, none, none, none, none, "test", lambda _: self.host.until
        )
        performers: Any = {PushBranch: Pusher(none, self.reconciler.may_push)}
        self.outbox = Outbox(store, performers, self.now, "test", Pace(threads=0, tries=4), on_done=record(self.now))
        due = Decision(records=(g.change(), RELEASE, LOCK), effects=(PUSH,))
        store.transact(lambda unit: unit.apply(due, self.now()))

    def now(self) -> datetime:
        return self.time

    def send(self) -> Any:
        """What is known then of a refusal."""
        self.outbox.run_once()
        self.time += timedelta(minutes=1)
        return self.facts().push_refusal.value

    def next_look(self) -> datetime:
        """Looks now; when it will look again of its own accord."""
        due = Watch(subject=RELEASE.name, due=self.time)
        self.store.transact(lambda unit: unit.apply(Decision(watch=(due,)), self.time))
        assert self.reconciler.run_once() == 1
        with self.store.reader.connect() as connection:
            found: datetime = connection.execute(
                select(WATCHES.c.due).where(WATCHES.c.subject == RELEASE.name)
            ).scalar_one()
            return found

    def facts(self) -> Any:
        return self.store.read(lambda unit: ledger.release_facts(unit, RELEASE, g.policy(), self.now()))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield Bench(store)
    store.close()


@pytest.mark.parametrize("down", ["tip", "candidate", "criticals"])
def test_a_push_waits_while_the_look_fails(bench: Bench, down: str) -> None:
    bench.host.down = down
    assert bench.send() is None
    assert bench.send() is None
    assert not bench.facts().pushing  # meanwhile the release may be aborted
    bench.host.down = ""
    assert bench.send().dropped
    assert bench.send().dropped  # for good


def test_a_push_that_meets_githubs_limit_waits_for_its_end_and_loses_no_try_by_it(bench: Bench) -> None:
    bench.host.down = "tip"
    for _ in range(6):
        bench.host.until = bench.time + timedelta(seconds=30)
        assert bench.send() is None
    bench.host.down, bench.host.until = "", None
    assert bench.send().dropped


def test_the_next_look_of_its_own_accord_comes_when_githubs_limit_ends(bench: Bench) -> None:
    assert bench.next_look() < g.NOW + timedelta(minutes=1)
    bench.host.down, bench.host.until = "tip", g.NOW + timedelta(minutes=40)
    assert bench.next_look() == bench.host.until
    found = pushed(RELEASE, bench.facts(), g.policy())
    assert (found.answer, found.code) == (Answer.WAIT, Code.LIMITED)
    assert "502 until" in say(found.code, found.values, style=Style.PLAIN)
    assert "doctor" not in say(found.code, found.values, style=Style.PLAIN)
    bench.time, bench.host.down, bench.host.until = bench.host.until, "", None
    assert bench.next_look() < bench.time + timedelta(minutes=1)


def test_a_push_is_dropped_without_a_word_of_github_when_a_gate_is_open(bench: Bench) -> None:
    bench.send()
    found = pushed(RELEASE, bench.facts().model_copy(update={"tip": g.facts().tip}), g.policy())
    assert found.code == Code.PUSH_REFUSED
    said = say(found.code, found.values, style=Style.PLAIN)
    assert "was not made: not every gate was green when Slipway looked again just before." in said
    assert "When every gate is green, press “Push” again." in said
    assert "GitHub" not in said


def test_what_github_refused_is_told_as_its_word() -> None:
    values = {"branch": "main", "sha": g.SHA, "error": "protected branch", "dropped": False}
    said = say(Code.PUSH_REFUSED, values, style=Style.PLAIN)
    assert said.startswith(f"GitHub refused {g.SHA[:7]} for `main`: protected branch.")
    assert "Mend what GitHub names (`slipway doctor` looks too), then press “Push” again." in said
