"""Ticks: at their pace, at once when woken, never twice at a time, and not ended by a failure."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.clock import Clock, Tick

NEVER = 3600.0


@dataclass
class Work:
    """Counts its runs; can be held up, or fail."""

    going: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most_at_once: int = 0
    failing: bool = False

    def run(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        self.going.wait(30)
        self.at_once -= 1
        self.ended.release()
        if self.failing:
            raise OSError("database is away")


@pytest.fixture
def work() -> Work:
    free = Work()
    free.going.set()
    return free


@pytest.fixture
def clocks() -> Iterator[list[Clock]]:
    made: list[Clock] = []
    yield made
    for clock in made:
        clock.stop()


def start(clocks: list[Clock], *ticks: Tick) -> Clock:
    clock = Clock(ticks)
    clocks.append(clock)
    clock.start()
    return clock


def test_it_runs_at_the_start_and_then_at_its_pace(clocks: list[Clock], work: Work) -> None:
    start(clocks, Tick("work", 0.02, work.run))
    assert all(work.ended.acquire(timeout=30) for _ in range(4))


def test_a_wake_up_makes_the_next_run_immediate(clocks: list[Clock], work: Work) -> None:
    clock = start(clocks, Tick("work", NEVER, work.run))
    assert work.ended.acquire(timeout=30)
    clock.wake()
    assert work.ended.acquire(timeout=30)
    clock.wake("work")
    assert work.ended.acquire(timeout=30)


def test_only_the_tick_that_is_named_is_woken(clocks: list[Clock], work: Work) -> None:
    other = Work()
    other.going.set()
    clock = start(clocks, Tick("work", NEVER, work.run), Tick("other", NEVER, other.run))
    assert work.ended.acquire(timeout=30) and other.ended.acquire(timeout=30)
    clock.wake("work")
    assert work.ended.acquire(timeout=30)
    clock.stop()
    assert not other.ended.acquire(blocking=False)


def test_a_wake_up_during_a_run_is_not_lost_and_runs_are_never_two(clocks: list[Clock]) -> None:
    work, nudged = Work(), threading.Semaphore(0)
    clock = start(clocks, Tick("work", NEVER, work.run, nudge=nudged.release))
    assert work.begun.acquire(timeout=30)
    for _ in range(5):
        clock.wake()
    work.going.set()
    assert work.ended.acquire(timeout=30) and work.ended.acquire(timeout=30)
    clock.stop()
    assert not work.ended.acquire(blocking=False)  # five wake-ups are one more run
    assert work.most_at_once == 1
    assert sum(nudged.acquire(blocking=False) for _ in range(10)) == 6


def test_a_failure_is_shown_and_does_not_end_the_tick(clocks: list[Clock], work: Work) -> None:
    work.failing = True
    tick = Tick("work", NEVER, work.run)
    clock = start(clocks, tick)
    assert work.ended.acquire(timeout=30)
    clock.wake()
    assert work.ended.acquire(timeout=30)
    assert tick.error == "OSError: database is away"
    work.failing = False
    clock.wake()
    assert work.ended.acquire(timeout=30)
    clock.stop()
    assert tick.error is None


def test_stop_waits_for_the_run_and_none_begins_after(clocks: list[Clock]) -> None:
    work = Work()
    clock = start(clocks, Tick("work", 0.01, work.run))
    assert work.begun.acquire(timeout=30)
    stopping = threading.Thread(target=clock.stop)
    stopping.start()
    work.going.set()
    stopping.join()
    runs = clock.ticks[0].runs
    clock.wake()
    assert clock.ticks[0].runs == runs and not any(thread.name == "tick-work" for thread in threading.enumerate())


def test_a_clock_that_never_started_can_be_stopped(work: Work) -> None:
    Clock([Tick("work", NEVER, work.run)]).stop()
    assert not work.begun.acquire(blocking=False)
