"""A world that remembers each act in a file, shared by processes; and the processes that act, to be killed."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.outbox import Attempt, Done, Outbox, Pace
from bot.sop.decision import Decision, Event
from bot.sop.effects import Effect, PostThread, PushBranch, ShowCard
from storage import LeaseLost, Store, Unit

LEASE = 3.0  # seconds: longer than a busy machine keeps a thread waiting


@dataclass(frozen=True)
class Ledger:
    """Performs by writing a line; can look whether it did. Two lines with one key: done twice."""

    path: Path
    seconds: float = 0.0  # that an act takes after it happened, before its answer arrives

    def perform(self, effect: Effect, attempt: Attempt) -> Done:
        with self.path.open("a") as file:
            file.write(f"{attempt.key}\n")
        time.sleep(self.seconds)
        return Done({"ts": f"1.{attempt.id}"})

    def look(self, effect: Effect, attempt: Attempt) -> Done | None:
        return Done({"ts": f"1.{attempt.id}", "found": True}) if attempt.key in self.lines() else None

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


def place(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
    """Records where a card is; tells the audit of every act, so that it can be counted."""
    if isinstance(effect, ShowCard):
        unit.place_card(effect.subject, effect.channel, result["ts"])
    unit.record(Event(kind="performed", subject=effect.key, actor=None, values=dict(result)), datetime.now(UTC))


def outbox(store: Store, ledger: Ledger, owner: str, crash: Callable[[str], None], threads: int = 0) -> Outbox:
    performers: dict[type[Any], Ledger] = dict.fromkeys((ShowCard, PostThread, PushBranch), ledger)
    pace = Pace(lease=LEASE, threads=threads)
    return Outbox(store, performers, lambda: datetime.now(UTC), owner, pace, on_done=place, crash=crash)


def die_at(point: str, turn: int) -> Callable[[str], None]:
    """Ends the process as kill -9 does, the n-th time it comes to a point."""
    left = [turn]

    def crash(at: str) -> None:
        if at == point:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    return crash


def live(_: str) -> None: ...


def perform_until_killed(url: str, path: Path, point: str, turn: int) -> None:
    """A process that dies at a point of its outbox."""
    outbox(Store.open(url), Ledger(path), "victim", die_at(point, turn)).run_once()


def perform_forever(url: str, path: Path, owner: str) -> None:
    """A process that performs until somebody kills it."""
    store = Store.open(url)
    working = outbox(store, Ledger(path, 0.005), owner, live, threads=3)
    while True:
        working.run_once()
        time.sleep(0.02)


def look_forever(url: str, owner: str) -> None:
    """A process that takes subjects that are due, and tells the audit of each look, until somebody kills it."""
    store = Store.open(url)
    while True:
        for claimed in store.claim_watches(owner, datetime.now(UTC), timedelta(seconds=LEASE), 3):
            time.sleep(0.002)

            def record(unit: Unit, claimed: Any = claimed) -> None:
                unit.finish_watch(claimed)
                told = Event(kind="looked", subject=claimed.subject, actor=None)
                unit.apply(Decision(events=(told,)), datetime.now(UTC))

            try:
                store.transact(record)
            except LeaseLost:
                continue
        time.sleep(0.02)
