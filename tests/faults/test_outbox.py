"""The outbox: retries and parks, keeps order, and does nothing twice wherever its process dies."""

import multiprocessing
import random
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.outbox import Attempt, Done, Later, Outbox, Outcome, Pace, Refused, next_delay
from bot.sop.decision import Decision
from bot.sop.effects import Effect, PostThread, PushBranch, RefreshHome, ShowCard
from bot.sop.facts import CannotLook
from storage import Card, NotParked, Store, Unit
from tests.faults.ledger import Ledger, live, outbox, perform_until_killed
from tests.storage.examples import NOW, SHA, card, thread

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["storage", "bot.outbox"])
BUSY = Later(7.0, "rate_limited", unsure=False)
BROKEN = Later(None, "internal_error")
PUSH = PushBranch(
    release=1, repository="acme/shop", branch="main", sha=SHA, expected="a" * 40, asked="2026-11-23T12:30:00Z"
)


@dataclass
class World:
    """Answers as it is told to, then with Done; remembers what it was asked. Its clock stands still."""

    answers: list[Outcome | Exception] = field(default_factory=list)
    found: Done | None = None
    blind: Exception | None = None
    now: datetime = NOW
    performed: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    counted: list[tuple[str, str]] = field(default_factory=list)

    def perform(self, effect: Effect, attempt: Attempt) -> Outcome:
        self.performed.append(attempt.key)
        self.attempts.append(attempt)
        answer = self.answers.pop(0) if self.answers else Done({"ts": f"1.{attempt.id}"})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look(self, effect: Effect, attempt: Attempt) -> Done | None:
        self.looked.append(attempt.key)
        if self.blind is not None:
            raise self.blind
        return self.found

    def outbox(self, store: Store, **pace: Any) -> Outbox:
        def on_done(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
            if isinstance(effect, ShowCard):
                unit.place_card(effect.subject, effect.channel, result["ts"])

        return Outbox(
            store,
            dict.fromkeys((ShowCard, PostThread, PushBranch), self),
            lambda: self.now,
            "me",
            Pace(**{"threads": 0, "tries": 3} | pace),
            on_done=on_done,
            count=lambda kind, outcome: self.counted.append((kind, outcome)),
            rng=random.Random(1),
        )

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def world() -> World:
    return World()


def add(store: Store, *effects: Effect, at: datetime = NOW) -> None:
    store.transact(lambda unit: unit.apply(Decision(effects=effects), at))


def placed(store: Store, subject: str = "R-1") -> None:
    store.transact(lambda unit: unit.place_card(subject, "C01", "1.0"))


# --- when to try again


@pytest.mark.parametrize(
    ("failures", "retry_after", "least", "most"),
    [
        (1, None, 0.5, 1.0),
        (2, None, 1.0, 2.0),
        (4, None, 4.0, 8.0),
        (9, None, 128.0, 256.0),
        (10, None, 150.0, 300.0),
        (5000, None, 150.0, 300.0),
        (1, 7.0, 7.0, 7.0),
        (9, 3600.0, 3600.0, 3600.0),
        (9, 0.0, 0.0, 0.0),
    ],
)
def test_delays_double_up_to_a_cap_and_obey(
    failures: int, retry_after: float | None, least: float, most: float
) -> None:
    rng = random.Random(failures)
    delays = [next_delay(failures, retry_after, rng, Pace()) for _ in range(200)]
    assert least <= min(delays) <= max(delays) <= most
    assert (len(set(delays)) > 100) == (retry_after is None)


def test_a_failure_is_tried_again_later_after_a_look(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [BROKEN]
    working = world.outbox(store)
    assert working.run_once() == 1
    world.passes(0.4)
    assert working.run_once() == 0
    world.passes(0.6)
    assert working.run_once() == 1
    assert (world.performed, world.looked) == (["card:R-1"] * 2, ["card:R-1"])
    assert store.read(lambda unit: unit.card("R-1")) == Card(channel="C01", ts="1.1")


def test_what_is_found_done_is_not_done_again(store: Store, world: World) -> None:
    add(store, card())
    world.answers, world.found = [BROKEN], Done({"ts": "9.9"})
    working = world.outbox(store)
    working.run_once()
    world.passes(1)
    working.run_once()
    assert (world.performed, world.looked) == (["card:R-1"], ["card:R-1"])
    assert store.read(lambda unit: unit.card("R-1")) == Card(channel="C01", ts="9.9")


def test_a_failure_that_surely_did_nothing_needs_no_look(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [Later(None, "no connection", unsure=False)]
    working = world.outbox(store)
    working.run_once()
    world.passes(1)
    working.run_once()
    assert (world.performed, world.looked) == (["card:R-1"] * 2, [])


def test_retry_after_is_obeyed_exactly_and_not_counted(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [BUSY] * 5
    working = world.outbox(store)
    for _ in range(5):
        assert working.run_once() == 1
        world.passes(6.999)
        assert working.run_once() == 0
        world.passes(0.001)
    assert working.run_once() == 1
    assert [attempt.number for attempt in world.attempts] == [1, 2, 3, 4, 5, 6]
    assert world.counted == [("show_card", "later")] * 5 + [("show_card", "done")]


@pytest.mark.parametrize("unheard", [False, True])
def test_what_cannot_be_looked_at_before_a_time_waits_for_it_and_loses_no_try(
    store: Store, world: World, unheard: bool
) -> None:
    """A limit that is met while looking whether it was done leaves that open."""
    add(store, card())
    limited = CannotLook("the limit is used up", NOW + timedelta(minutes=4))
    world.answers = [BROKEN] if unheard else []
    working = world.outbox(store)
    if unheard:
        working.run_once()
        world.passes(1)
        world.blind = limited
    else:
        world.answers = [limited] * 5
    for _ in range(5):
        assert working.run_once() == 1
        assert working.run_once() == 0
        world.now, limited.until = limited.until or NOW, (limited.until or NOW) + timedelta(minutes=4)
    world.blind, world.answers = None, []
    world.now += timedelta(hours=3)
    assert working.run_once() == 1
    assert world.counted[-1] == ("show_card", "done")
    assert world.looked == (["card:R-1"] * 6 if unheard else [])


def test_a_limit_that_ends_before_its_time_is_found_out_within_minutes(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [CannotLook("the limit is used up", NOW + timedelta(hours=1))] * 6
    working = world.outbox(store)
    for _ in range(6):
        assert working.run_once() == 1
        world.passes(299)
        assert working.run_once() == 0
        world.passes(1)
    assert working.run_once() == 1
    assert world.counted[-1] == ("show_card", "done")


def test_a_new_decision_does_not_break_a_retry_after(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [BUSY, BROKEN]
    working = world.outbox(store)
    working.run_once()
    add(store, card(), at=NOW + timedelta(seconds=1))
    world.passes(6.9)
    assert working.run_once() == 0
    world.passes(0.1)
    assert working.run_once() == 1
    add(store, card(), at=world.now)  # after a failure of another kind it may be tried at once
    assert working.run_once() == 1


# --- parked


def test_after_too_many_failures_it_is_parked_and_shown(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [BROKEN, BUSY, ValueError("a mistake"), BROKEN]
    working = world.outbox(store)
    for _ in range(6):
        working.run_once()
        world.passes(300)
    assert len(world.performed) == 4
    assert store.read(lambda unit: [(p.key, p.error) for p in unit.parked()]) == [("card:R-1", "internal_error")]
    assert store.read(lambda unit: (unit.backlog(world.now).due, unit.backlog(world.now).parked)) == (0, 1)
    (event,) = store.read(Unit.events)
    said = {"key": "card:R-1", "kind": "show_card", "attempts": 4, "error": "internal_error"}
    assert (event.kind, event.subject, event.actor, event.values) == ("effect_parked", "R-1", None, said)


def test_a_refusal_parks_at_once_and_a_person_unparks(store: Store, world: World) -> None:
    add(store, PUSH)
    world.answers = [Refused("protected branch")]
    working = world.outbox(store)
    working.run_once()
    world.passes(9999)
    assert working.run_once() == 0
    working.unpark(PUSH.key, by="U02")
    assert working.run_once() == 1
    told = [(event.kind, event.subject, event.actor) for event in store.read(Unit.events)]
    assert told == [("effect_parked", "R-1", None), ("effect_unparked", "R-1", "U02")]
    assert store.read(lambda unit: unit.backlog(world.now).parked) == 0
    with pytest.raises(NotParked, match="no parked effect has the key push:R-1"):
        working.unpark(PUSH.key)


def test_a_parked_card_is_tried_anew_when_there_is_something_new_to_show(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [Refused("invalid_blocks")]
    working = world.outbox(store)
    working.run_once()
    add(store, card())
    assert working.run_once() == 1
    assert store.read(lambda unit: unit.parked()) == ()


def test_what_nothing_performs_is_parked(store: Store, world: World) -> None:
    add(store, RefreshHome(to="U01"))
    world.outbox(store).run_once()
    (parked,) = store.read(lambda unit: unit.parked())
    assert (parked.subject, parked.error) == ("home:U01", "nothing here performs refresh_home")


def test_a_performer_that_breaks_is_asked_to_look_next_time(store: Store, world: World) -> None:
    add(store, card())
    world.answers = [OSError("connection lost")]
    working = world.outbox(store)
    working.run_once()
    world.passes(1)
    working.run_once()
    assert (world.looked, world.performed) == (["card:R-1"], ["card:R-1"] * 2)
    assert world.counted == [("show_card", "later"), ("show_card", "done")]


# --- once, and in order


def test_a_key_is_done_once(store: Store, world: World) -> None:
    placed(store)
    working = world.outbox(store)
    for _ in range(3):
        add(store, thread("a"), PUSH, thread("a"))
        working.run_once()
    assert world.performed == [PUSH.key, "thread:R-1:a"]


def test_pending_cards_are_one_and_a_later_one_shows_again(store: Store, world: World) -> None:
    working = world.outbox(store)
    for _ in range(3):
        add(store, card())
    assert working.run_once() == 1
    add(store, card())
    assert working.run_once() == 1
    assert [attempt.card for attempt in world.attempts] == [None, Card(channel="C01", ts="1.1")]


def test_a_card_that_changes_while_it_is_sent_is_sent_again(store: Store, world: World) -> None:
    class Slow(World):
        def perform(self, effect: Effect, attempt: Attempt) -> Outcome:
            if not self.performed:
                add(store, ShowCard(subject="R-1", channel="C02"))
            return super().perform(effect, attempt)

    slow = Slow()
    add(store, card())
    assert slow.outbox(store).run_once() == 2
    assert store.read(lambda unit: unit.card("R-1")) == Card(channel="C02", ts="1.1")
    assert slow.outbox(store).run_once() == 0


def test_a_thread_waits_for_its_card_without_counting(store: Store, world: World) -> None:
    add(store, thread("a"), thread("b"))
    working = world.outbox(store)
    assert working.run_once() == 0
    add(store, card())
    world.answers = [BROKEN]
    assert working.run_once() == 1
    world.passes(1)
    assert working.run_once() == 3
    assert world.performed == ["card:R-1", "card:R-1", "thread:R-1:a", "thread:R-1:b"]
    assert [attempt.number for attempt in world.attempts[2:]] == [1, 1]


def test_a_thread_keeps_its_order_and_holds_up_nobody_else(store: Store, world: World) -> None:
    placed(store, "R-1")
    placed(store, "R-2")
    add(store, thread("a"), thread("b"), thread("a", "R-2"))
    world.answers = [BUSY]
    working = world.outbox(store)
    working.run_once()
    add(store, card())
    working.run_once()
    assert world.performed == ["thread:R-1:a", "thread:R-2:a", "card:R-1"]
    world.passes(7)
    world.answers = [Refused("too long")]
    working.run_once()
    assert world.performed[3:] == ["thread:R-1:a", "thread:R-1:b"]


def test_what_is_recorded_and_that_it_is_done_are_one(store: Store, world: World) -> None:
    """When the fact cannot be stored the act is not marked done; later it is looked for, not repeated."""
    add(store, card())
    broken = world.outbox(store)

    def fail(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
        unit.place_card("R-1", "C01", "never")
        raise RuntimeError("no disk")

    broken._on_done = fail
    with pytest.raises(RuntimeError, match="no disk"):
        broken.run_once()
    assert store.read(lambda unit: unit.card("R-1")) is None
    world.found = Done({"ts": "1.1"})
    world.passes(Pace().lease)
    assert world.outbox(store).run_once() == 1
    assert world.performed == world.looked == ["card:R-1"]
    assert store.read(lambda unit: unit.card("R-1")) == Card(channel="C01", ts="1.1")


# --- at the same time


@dataclass
class Meeting:
    """Acts that wait for something before they happen."""

    wait: Callable[[float], object]
    world: World = field(default_factory=World)

    def perform(self, effect: Effect, attempt: Attempt) -> Outcome:
        self.wait(30)
        return self.world.perform(effect, attempt)

    def look(self, effect: Effect, attempt: Attempt) -> Done | None:
        return None


def test_subjects_are_performed_at_once(store: Store) -> None:
    meeting = Meeting(threading.Barrier(3).wait)
    add(store, card("R-1"), card("R-2"), card("R-3"))
    working = Outbox(store, {ShowCard: meeting}, lambda: NOW, "me", Pace(threads=3))
    assert working.run_once() == 3
    working.close()
    assert sorted(meeting.world.performed) == ["card:R-1", "card:R-2", "card:R-3"]


def test_a_slow_act_holds_up_nothing_and_keeps_its_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told, renewed = threading.Event(), threading.Event()
    meeting, world = Meeting(told.wait), World()
    renew = store.renew

    def remember(*args: Any) -> None:
        renew(*args)
        renewed.set()

    monkeypatch.setattr(store, "renew", remember)
    add(store, PUSH)
    working = Outbox(store, {PushBranch: meeting, ShowCard: world}, lambda: NOW, "me", Pace(lease=0.3, threads=2))
    running = threading.Thread(target=working.run_once)
    running.start()
    assert renewed.wait(30)
    add(store, card())
    working.wake()
    while not world.performed:
        threading.Event().wait(0.01)
    assert not meeting.world.performed
    told.set()
    running.join()
    working.close()
    assert meeting.world.performed == [PUSH.key]


# --- kill -9


@pytest.mark.parametrize("turn", [1, 3])
@pytest.mark.parametrize("point", ["claimed", "before_perform", "after_perform", "before_record"])
def test_dying_anywhere_loses_and_doubles_nothing(
    store: Store, url: str, tmp_path: Path, point: str, turn: int
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    effects: tuple[Effect, ...] = (card(), thread("a"), PUSH, thread("b"), card("R-2"))
    add(store, *effects, at=datetime.now(UTC))
    victim = PROCESSES.Process(target=perform_until_killed, args=(url, ledger.path, point, turn))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    assert store.lapse("victim", datetime.now(UTC)) == 1
    survivor = outbox(store, ledger, "survivor", live)
    survivor.run_once()
    assert sorted(ledger.lines()) == sorted(effect.key for effect in effects)
    assert [line for line in ledger.lines() if line.startswith("thread")] == ["thread:R-1:a", "thread:R-1:b"]
    told = [event.subject for event in store.read(Unit.events)]
    assert sorted(told) == sorted(effect.key for effect in effects)
    assert store.read(lambda unit: unit.backlog(datetime.now(UTC))).due == 0
