"""The database: one transaction to write, one to read, and the rows of work that are claimed from it."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage import effects, watches
from storage.engine import engines, is_conflict
from storage.entries import Claimed, ClaimedWatch
from storage.migrate import migrate
from storage.unit import Unit

T = TypeVar("T")
RACES = 12  # a transaction that loses more often than this has another trouble than a race


class Store:
    """One a process; any number of threads may use it."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self.writer = writer
        self.reader = reader
        self._shared = writer.dialect.name == "postgresql"  # then the engine orders writers of all processes
        self.decided = 0  # decisions of this process that changed a record; some may have been rolled back
        self._turn = threading.Lock()
        self._here = threading.local()

    @classmethod
    def open(cls, url: str, threads: int = 40) -> Self:
        """Brings the schema up to date first. `threads`: how many may use it at once; more of them wait.

        Raises UnsuitableDatabase, DatabaseNewer.
        """
        writer, reader = engines(url, threads)
        migrate(writer)
        return cls(writer, reader)

    def close(self) -> None:
        self.writer.dispose()
        self.reader.dispose()

    def transact(self, work: Callable[[Unit], T]) -> T:
        """One transaction, repeated whole when it lost a race: `work` changes nothing but through its Unit.

        What `work` raises rolls everything back. A transaction within another is refused: it would wait for itself.
        """

        def ordered(connection: Connection) -> T:
            if self._shared:
                # The audit's chain puts all writers in a row. Waiting here, before the first look, they do not
                # lose their work to a serialization failure each time.
                connection.execute(text("LOCK TABLE counters IN EXCLUSIVE MODE"))
            unit = Unit(connection)
            done = work(unit)
            self.decided += unit.decided
            return done

        return self._write(ordered, self.writer)

    def read(self, work: Callable[[Unit], T]) -> T:
        """One consistent look. It waits for no writer, and no writer for it."""
        with self.reader.connect() as connection:
            return work(Unit(connection))

    def claim_effects(self, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[Claimed, ...]:
        """Takes outbox rows that are due, or whose lease ended; no row goes to two owners."""
        return self._work(lambda connection: effects.claim(connection, owner, now, now + lease, limit))

    def claim_watches(self, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[ClaimedWatch, ...]:
        """Takes subjects that are due for a look, or whose lease ended."""
        return self._work(lambda connection: watches.claim(connection, owner, now, now + lease, limit))

    def renew(self, claimed: Sequence[Claimed | ClaimedWatch], until: datetime) -> None:
        """Prolongs the leases that still hold; the others are noticed when their work is finished."""

        def prolong(connection: Connection) -> None:
            effects.renew(connection, [one for one in claimed if isinstance(one, Claimed)], until)
            for one in claimed:
                if isinstance(one, ClaimedWatch):
                    watches.renew(connection, one, until)

        self._work(prolong)

    def lapse(self, owner: str, now: datetime) -> int:
        """At the start of an owner whose name is not in use elsewhere: what it left behind need not wait for its
        leases to end. How many rows that were."""
        return self._work(
            lambda connection: effects.lapse(connection, owner, now) + watches.lapse(connection, owner, now)
        )

    def _work(self, work: Callable[[Connection], T]) -> T:
        """Claims skip rows that others hold instead of failing on them: they need no serializable snapshot."""
        engine = self.writer.execution_options(isolation_level="READ COMMITTED") if self._shared else self.writer
        return self._write(work, engine)

    def _write(self, work: Callable[[Connection], T], engine: Engine) -> T:
        if getattr(self._here, "writing", False):
            raise RuntimeError("a transaction was begun within another one of the same thread")
        self._here.writing = True
        try:
            return self._repeated(work, engine)
        finally:
            self._here.writing = False

    def _repeated(self, work: Callable[[Connection], T], engine: Engine) -> T:
        lost = 0
        while True:
            try:
                with self._alone(), engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                lost += 1
                if not is_conflict(error) or lost == RACES:
                    raise
            time.sleep(random.uniform(0, 0.005 * 2 ** min(lost, 5)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """SQLite: one writer at a time, in turn; without it some wait for seconds."""
        if self._shared:
            yield
        else:
            with self._turn:
                yield
