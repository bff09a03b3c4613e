"""Rows of work go to one at a time; three processes and kill -9 leave every one done exactly once."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.sop.decision import Decision, Watch
from bot.sop.effects import Effect
from storage import ClaimedWatch, LeaseLost, Store, Unit
from tests.faults.ledger import Ledger, look_forever, perform_forever
from tests.storage.examples import NOW, card, later, thread

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["storage", "bot.outbox"])
LEASE = timedelta(seconds=30)
WORKERS, KILLS, SUBJECTS = 3, 6, 40


def add(store: Store, *effects: Effect, at: datetime = NOW) -> None:
    store.transact(lambda unit: unit.apply(Decision(effects=effects), at))


def watch(store: Store, seconds: float, subject: str = "R-1") -> None:
    due = Watch(subject=subject, due=later(seconds))
    store.transact(lambda unit: unit.apply(Decision(watch=(due,)), NOW))


def watches(store: Store, seconds: float, owner: str = "me") -> tuple[ClaimedWatch, ...]:
    return store.claim_watches(owner, later(seconds), LEASE, 9)


# --- leases and fences


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    add(store, card())
    (mine,) = store.claim_effects("me", NOW, LEASE, 9)
    assert store.claim_effects("you", later(29), LEASE, 9) == ()
    (yours,) = store.claim_effects("you", later(30), LEASE, 9)
    assert (mine.attempt, mine.look, yours.attempt, yours.look) == (1, False, 2, True)
    with pytest.raises(LeaseLost, match="card:R-1: attempt 1 of me has lost its lease"):
        store.transact(lambda unit: unit.effect_done(mine, {}, NOW))
    for late in (
        lambda unit: unit.effect_later(mine, NOW, "x"),
        lambda unit: unit.effect_parked(mine, "x"),
    ):
        with pytest.raises(LeaseLost):
            store.transact(late)
    store.transact(lambda unit: unit.effect_done(yours, {}, NOW))
    assert store.claim_effects("me", later(99), LEASE, 9) == ()


def test_an_owner_that_claimed_again_cannot_finish_what_it_had_before(store: Store) -> None:
    add(store, card())
    watch(store, 0)
    (before,) = store.claim_effects("me", NOW, LEASE, 9)
    (looked,) = watches(store, 0)
    (after,) = store.claim_effects("me", later(30), LEASE, 9)
    (looks,) = watches(store, 30)
    for late in (lambda unit: unit.effect_done(before, {}, NOW), lambda unit: unit.finish_watch(looked)):
        with pytest.raises(LeaseLost):
            store.transact(late)
    store.transact(lambda unit: unit.effect_done(after, {}, NOW))
    store.transact(lambda unit: unit.finish_watch(looks))


def test_the_lease_of_a_look_can_be_renewed(store: Store) -> None:
    watch(store, 0)
    mine = watches(store, 0)
    store.renew(mine, later(60))
    assert watches(store, 59, "you") == ()
    assert [c.attempt for c in watches(store, 60, "you")] == [2]


def test_a_lease_can_be_renewed(store: Store) -> None:
    add(store, card())
    mine = store.claim_effects("me", NOW, LEASE, 9)
    store.renew(mine, later(60))
    assert store.claim_effects("you", later(59), LEASE, 9) == ()
    (yours,) = store.claim_effects("you", later(60), LEASE, 9)
    store.renew(mine, later(900))
    assert [c.attempt for c in store.claim_effects("me", later(90), LEASE, 9)] == [yours.attempt + 1]


def test_who_starts_again_need_not_wait_for_its_own_leases(store: Store) -> None:
    add(store, card("R-1"), card("R-2"))
    watch(store, 0)
    assert len(store.claim_effects("me", NOW, LEASE, 1)) == len(store.claim_effects("you", NOW, LEASE, 1)) == 1
    assert len(watches(store, 0)) == 1
    assert store.lapse("me", later(1)) == 2
    assert [(c.key, c.look) for c in store.claim_effects("me", later(1), LEASE, 9)] == [("card:R-1", True)]
    assert [c.attempt for c in watches(store, 1)] == [2]


def test_a_claim_takes_what_has_been_due_longest_and_no_more_than_asked(store: Store) -> None:
    add(store, *(card(f"R-{i}") for i in range(5)))
    taken = [store.claim_effects("me", NOW, LEASE, 2) for _ in range(4)]
    assert [[c.subject for c in claimed] for claimed in taken] == [["R-0", "R-1"], ["R-2", "R-3"], ["R-4"], []]


# --- watches


def test_the_earliest_due_wins(store: Store) -> None:
    for seconds in (60, 20, 40):
        watch(store, seconds)
    assert watches(store, 19) == ()
    assert [c.subject for c in watches(store, 20)] == ["R-1"]


def test_what_is_asked_for_during_a_look_comes_after_it(store: Store) -> None:
    watch(store, 0)
    (claimed,) = watches(store, 0)
    for seconds in (90, 5, 60):
        watch(store, seconds)
    assert watches(store, 10, "you") == ()
    store.transact(lambda unit: unit.finish_watch(claimed))
    assert watches(store, 4) == ()
    assert [c.attempt for c in watches(store, 5)] == [2]


def test_the_next_look_is_decided_with_the_end_of_this_one(store: Store) -> None:
    watch(store, 0)
    (claimed,) = watches(store, 0)

    def finish(unit: Unit) -> None:
        unit.finish_watch(claimed)
        unit.apply(Decision(watch=(Watch(subject="R-1", due=later(30)),)), NOW)

    store.transact(finish)
    assert watches(store, 29) == ()
    (again,) = watches(store, 30)
    store.transact(lambda unit: unit.finish_watch(again))
    assert watches(store, 9999) == ()
    with pytest.raises(LeaseLost):
        store.transact(finish)


# --- several processes, kill -9


def kill_some(start: Callable[[int], BaseProcess], finished: Callable[[], bool]) -> None:
    """Keeps three processes at work, kills one six times, and waits until all is done."""
    chance = random.Random(7)
    working = [start(number) for number in range(WORKERS)]
    try:
        for number in range(WORKERS, WORKERS + KILLS):
            time.sleep(chance.uniform(0.1, 0.3))
            victim = working.pop(chance.randrange(WORKERS))
            victim.kill()
            victim.join()
            working.append(start(number))
        until = time.monotonic() + 60
        while not finished():
            assert time.monotonic() < until, "the work is not done after a minute"
            time.sleep(0.1)
    finally:
        for process in working:
            process.kill()
            process.join()


def test_effects_are_done_exactly_once(store: Store, url: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    subjects = [f"R-{i}" for i in range(SUBJECTS)]
    effects: list[Effect] = [card(subject) for subject in subjects]
    effects += [thread(once, subject) for subject in subjects for once in ("a", "b", "c")]
    add(store, *effects, at=datetime.now(UTC))

    def start(number: int) -> BaseProcess:
        process = PROCESSES.Process(target=perform_forever, args=(url, ledger.path, f"worker {number}"))
        process.start()
        return process

    def told() -> list[str]:
        events = store.read(lambda unit: unit.events(limit=10_000))
        return [event.subject for event in events if event.kind == "performed"]

    kill_some(start, lambda: len(told()) >= len(effects))
    wanted = Counter(effect.key for effect in effects)
    assert Counter(ledger.lines()) == wanted
    assert Counter(told()) == wanted
    for subject in subjects:
        order = [line for line in ledger.lines() if line.split(":")[1] == subject]
        assert order == [f"card:{subject}", *(f"thread:{subject}:{once}" for once in ("a", "b", "c"))]
    assert store.read(Unit.verify_chain) == (True, None)


def test_looks_are_recorded_exactly_once(store: Store, url: str) -> None:
    subjects = [f"R-{i}" for i in range(200)]
    due = tuple(Watch(subject=subject, due=datetime.now(UTC)) for subject in subjects)
    store.transact(lambda unit: unit.apply(Decision(watch=due), NOW))

    def start(number: int) -> BaseProcess:
        process = PROCESSES.Process(target=look_forever, args=(url, f"worker {number}"))
        process.start()
        return process

    def told() -> list[str]:
        return [event.subject for event in store.read(lambda unit: unit.events(limit=10_000))]

    kill_some(start, lambda: len(told()) >= len(subjects))
    assert Counter(told()) == Counter(subjects)
