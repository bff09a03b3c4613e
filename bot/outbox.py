"""Performs due effects: retries, parks, never loses, never doubles (laws 6 and 15).

A row is claimed (`sending`, under a lease), performed, and recorded. A crash between doing and recording
leaves it `sending`: whoever claims it next looks whether it was done before doing it.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from bot.sop.decision import Event
from bot.sop.effects import Effect
from bot.sop.facts import CannotLook
from bot.sop.unreached import why
from storage import Card, Claimed, LeaseLost, Store, Unit

log = logging.getLogger(__name__)
E_contra = TypeVar("E_contra", contravariant=True)


@dataclass(frozen=True)
class Done:
    """It was done. `result` (JSON values: a ts, a sha) is stored, and handed to `on_done`."""

    result: Mapping[str, Any]


@dataclass(frozen=True)
class Later:
    """Not now. `seconds`: the wait that the other side asked for (Retry-After), obeyed as it is and not counted as a
    failure. None: the outbox chooses the wait. Unless `unsure` is False it may have been done (the answer was lost),
    so the next attempt looks first."""

    seconds: float | None
    error: str
    unsure: bool = True


@dataclass(frozen=True)
class Refused:
    """It will never be done as it is: parked, for a person to see."""

    error: str


Outcome = Done | Later | Refused


@dataclass(frozen=True)
class Attempt:
    """What a performer may want to know beside the effect."""

    id: int  # of the outbox row
    key: str  # the idempotency key
    number: int  # 1 for the first
    created_at: datetime  # of the row: the effect cannot have been done before
    card: Card | None  # the live message of the effect's subject; a PostThread always has one


class Performer(Protocol[E_contra]):
    """Does one kind of effect. What it raises is logged, and means: later, and unsure whether it was done. CannotLook
    means later, and that it was not done: no later than the longest wait, for a limit may end before its time."""

    def perform(self, effect: E_contra, attempt: Attempt) -> Outcome: ...

    def look(self, effect: E_contra, attempt: Attempt) -> Done | None:
        """Whether an earlier attempt did it. None only when it surely did not; raises when that cannot be known now."""


@dataclass(frozen=True)
class Pace:
    """How hard the outbox tries. Seconds."""

    first: float = 1.0  # wait after the first failure; it doubles
    longest: float = 300.0
    tries: int = 20  # failures until it is parked: more than an hour
    lease: float = 30.0  # renewed while an act is under way
    threads: int = 8  # acts at once; 0: one after the other in the caller's thread


def next_delay(failures: int, retry_after: float | None, rng: random.Random, pace: Pace) -> float:
    """Seconds to wait after so many failures: what was asked for, exactly; else doubling, capped, and jittered to
    between half of that and all of it."""
    if retry_after is not None:
        return retry_after
    doubled = min(pace.longest, pace.first * 2.0 ** min(failures - 1, 60))
    return doubled * rng.uniform(0.5, 1.0)


def _nothing(point: str) -> None: ...


def _count_nothing(kind: str, outcome: str) -> None: ...


def _record_nothing(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None: ...


def _tell_nothing(unit: Unit, effect: Effect, error: str) -> None: ...


class Outbox:
    """`on_done(unit, effect, result)` records what is known from an act in the transaction that marks it done,
    `on_parked(unit, effect, error)` in the one that gives it up.

    `count(kind, outcome)` hears of each act what became of it: done, later or parked. `crash` is called with the
    name of each point a process may die at: claimed, before_perform, after_perform, before_record.
    """

    def __init__(
        self,
        store: Store,
        performers: Mapping[type[Any], Performer[Any]],
        clock: Callable[[], datetime],
        owner: str,
        pace: Pace = Pace(),
        *,
        on_done: Callable[[Unit, Effect, Mapping[str, Any]], None] = _record_nothing,
        on_parked: Callable[[Unit, Effect, str], None] = _tell_nothing,
        count: Callable[[str, str], None] = _count_nothing,
        crash: Callable[[str], None] = _nothing,
        rng: random.Random | None = None,
    ) -> None:
        self._store = store
        self._performers = performers
        self._clock = clock
        self._owner = owner
        self._pace = pace
        self._on_done = on_done
        self._on_parked = on_parked
        self._count = count
        self._crash = crash
        self._rng = rng or random.Random()
        self._lease = timedelta(seconds=pace.lease)
        self._pool = ThreadPoolExecutor(pace.threads, thread_name_prefix="outbox") if pace.threads else None
        self._awake = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be more to do: a `run_once` that waits for a slow act looks again."""
        self._awake.set()

    def stop(self) -> None:
        """Takes nothing more: what is due stays due for the next start."""
        self._stopping = True
        self._awake.set()

    def close(self) -> None:
        """Waits for the acts under way."""
        self.stop()
        if self._pool is not None:
            self._pool.shutdown()

    def unpark(self, key: str, by: str | None = None) -> None:
        """Makes a parked effect due again, by a person. Raises storage.NotParked."""
        now = self._clock()

        def work(unit: Unit) -> None:
            subject = unit.unpark(key, now)
            unit.record(Event(kind="effect_unparked", subject=subject, actor=by, values={"key": key}), now)

        self._store.transact(work)

    def run_once(self) -> int:
        """Performs all that is due, and what falls due meanwhile; how many acts were attempted."""
        return self._one_by_one() if self._pool is None else self._at_once(self._pool)

    def _one_by_one(self) -> int:
        attempted = 0
        while not self._stopping and (claimed := self._claim(1)):
            self._handle(claimed[0])
            attempted += 1
        return attempted

    def _at_once(self, pool: ThreadPoolExecutor) -> int:
        under_way: dict[Future[None], Claimed] = {}
        ended: list[Future[None]] = []
        renewal = time.monotonic() + self._pace.lease / 3
        while True:
            self._awake.clear()
            free = 0 if self._stopping else self._pace.threads - len(under_way)
            for claimed in self._claim(free) if free else ():
                under_way[self._start(pool, claimed)] = claimed
            if not under_way:
                break
            self._awake.wait(max(0.0, renewal - time.monotonic()))
            ended += [future for future in under_way if future.done()]
            under_way = {future: claimed for future, claimed in under_way.items() if future not in ended}
            if time.monotonic() >= renewal:
                self._store.renew(list(under_way.values()), self._clock() + self._lease)
                renewal = time.monotonic() + self._pace.lease / 3
        for future in ended:
            future.result()
        return len(ended)

    def _start(self, pool: ThreadPoolExecutor, claimed: Claimed) -> Future[None]:
        future = pool.submit(self._handle, claimed)
        future.add_done_callback(lambda _: self._awake.set())
        return future

    def _claim(self, limit: int) -> tuple[Claimed, ...]:
        return self._store.claim_effects(self._owner, self._clock(), self._lease, limit)

    def _handle(self, claimed: Claimed) -> None:
        self._crash("claimed")
        outcome = self._attempt(claimed)
        self._crash("before_record")
        try:
            self._count(claimed.effect.kind, self._record(claimed, outcome))
        except LeaseLost:
            log.warning("%s was taken over while it was being performed", claimed.key)

    def _attempt(self, claimed: Claimed) -> Outcome:
        performer = self._performers.get(type(claimed.effect))
        if performer is None:
            return Refused(f"nothing here performs {claimed.effect.kind}")
        attempt = Attempt(claimed.id, claimed.key, claimed.attempt, claimed.created_at, claimed.card)
        looked = False
        try:
            found = performer.look(claimed.effect, attempt) if claimed.look else None
            looked = True
            if found is not None:
                return found
            self._crash("before_perform")
            outcome = performer.perform(claimed.effect, attempt)
            self._crash("after_perform")
            return outcome
        except CannotLook as error:
            after = (error.until - self._clock()).total_seconds() if error.until else None
            after = min(self._pace.longest, max(0.0, after)) if after is not None else None
            return Later(after, str(error), unsure=not looked)
        except Exception as error:
            log.exception("%s failed while %s", claimed.key, "being performed" if looked else "being looked for")
            return Later(None, str(error)[:300] or why(error))

    def _record(self, claimed: Claimed, outcome: Outcome) -> str:
        """Raises LeaseLost. Returns what became of the row: done, later or parked."""
        now = self._clock()
        match outcome:
            case Done(result):
                self._store.transact(lambda unit: self._done(unit, claimed, result, now))
                return "done"
            case Refused(error):
                self._store.transact(lambda unit: self._park(unit, claimed, error, now, unsure=False))
                return "parked"
            case Later():
                return self._put_off(claimed, outcome, now)

    def _done(self, unit: Unit, claimed: Claimed, result: Mapping[str, Any], now: datetime) -> None:
        unit.effect_done(claimed, dict(result), now)
        self._on_done(unit, claimed.effect, result)

    def _put_off(self, claimed: Claimed, later: Later, now: datetime) -> str:
        failures = claimed.tries + 1
        asked = later.seconds is not None
        if failures >= self._pace.tries and not asked:
            self._store.transact(lambda unit: self._park(unit, claimed, later.error, now, unsure=later.unsure))
            return "parked"
        due = now + timedelta(seconds=next_delay(failures, later.seconds, self._rng, self._pace))
        self._store.transact(
            lambda unit: unit.effect_later(claimed, due, later.error, asked=asked, unsure=later.unsure)
        )
        return "later"

    def _park(self, unit: Unit, claimed: Claimed, error: str, now: datetime, *, unsure: bool) -> None:
        unit.effect_parked(claimed, error, unsure=unsure)
        values = {"key": claimed.key, "kind": claimed.effect.kind, "attempts": claimed.attempt, "error": error}
        unit.record(Event(kind="effect_parked", subject=claimed.subject, actor=None, values=values), now)
        self._on_parked(unit, claimed.effect, error)
