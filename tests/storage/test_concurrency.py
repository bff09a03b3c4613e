"""Many at once, in threads and in processes: one wins a lock, nothing is lost, the audit stays whole."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.sop.decision import Decision, Event
from bot.sop.records import Release
from storage import LockTaken, Store, Unit
from tests.storage.examples import KEY, NOW, approval, card, change, lock, release

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["storage", "bot.outbox"])
APPROVALS = 200


def start(store: Store) -> bool:
    """Starts one release on the one lock; whether it got it."""

    def work(unit: Unit) -> None:
        id = unit.next_id(Release)
        unit.apply(Decision(records=(release(id), lock(id)), effects=(card(f"R-{id}"),)), NOW)

    try:
        store.transact(work)
    except LockTaken:
        return False
    return True


def test_of_two_threads_one_gets_the_lock(store: Store) -> None:
    both = threading.Barrier(2)

    def race(_: int) -> bool:
        both.wait()
        return start(store)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, range(2))) == [False, True]
    assert [found.id for found in store.read(lambda unit: unit.releases())] == [1]


def _race(url: str, number: int) -> None:
    store = Store.open(url)
    won = start(store)
    store.close()
    raise SystemExit(10 if won else 20)


def test_of_several_processes_one_gets_the_lock(store: Store, url: str) -> None:
    racing = [PROCESSES.Process(target=_race, args=(url, number)) for number in range(3)]
    for process in racing:
        process.start()
    for process in racing:
        process.join()
    assert sorted(process.exitcode or 0 for process in racing) == [10, 20, 20]
    assert store.read(lambda unit: unit.lock(KEY)) == lock(1)


def test_approvals_in_parallel_are_all_kept(store: Store) -> None:
    store.transact(lambda unit: unit.apply(Decision(records=(change(1),)), NOW))

    def approve(number: int) -> None:
        def work(unit: Unit) -> None:
            found = unit.change(1)
            assert found is not None
            approved = (*found.approvals, approval(f"U{number}", found))
            told = Event(kind="change_approved", subject="CR-1", actor=f"U{number}")
            more = found.model_copy(update={"approvals": approved})
            unit.apply(Decision(records=(more,), events=(told,), effects=(card("CR-1"),)), NOW)

        store.transact(work)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(approve, range(APPROVALS)))
    found = store.read(lambda unit: unit.change(1))
    assert found is not None
    assert {a.by for a in found.approvals} == {f"U{number}" for number in range(APPROVALS)}
    assert store.read(Unit.verify_chain) == (True, None)
    assert len(store.read(lambda unit: unit.events(limit=1000))) == APPROVALS
    assert store.read(lambda unit: unit.backlog(NOW)).due == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_writers_of_one_process_never_meet_a_locked_file(store: Store) -> None:
    @event.listens_for(store.writer, "checkout")
    def _impatient(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    with ThreadPoolExecutor(8) as pool:
        ids = pool.map(lambda _: store.transact(lambda unit: unit.next_id(Release)), range(100))
    assert sorted(ids) == list(range(1, 101))


def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed while it reads is not in it."""

    def write(id: int) -> None:
        store.transact(lambda unit: unit.apply(Decision(records=(release(id),)), NOW))

    def look(unit: Unit) -> tuple[int, int]:
        before = len(unit.releases())
        thread = threading.Thread(target=write, args=(2,))
        thread.start()
        thread.join()
        return before, len(unit.releases())

    write(1)
    assert store.read(look) == (1, 1)
    assert len(store.read(lambda unit: unit.releases())) == 2


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_transaction_that_lost_a_race_is_repeated_whole(store: Store) -> None:
    """A claim changes the row under a transaction that has already looked: it starts again, and stores once."""
    store.transact(lambda unit: unit.apply(Decision(effects=(card(),)), NOW))
    begun: list[int] = []

    def claim() -> None:
        with ThreadPoolExecutor(1) as other:
            claimed = other.submit(store.claim_effects, "me", NOW, timedelta(seconds=30), 1)
            assert len(claimed.result()) == 1

    def work(unit: Unit) -> None:
        begun.append(unit.next_id(Release))
        if len(begun) == 1:
            claim()
        told = Event(kind="told", subject="R-1", actor=None)
        unit.apply(Decision(effects=(card(),), events=(told,)), NOW)

    store.transact(work)
    assert begun == [1, 1]
    assert len(store.read(Unit.events)) == 1
    assert store.transact(lambda unit: unit.next_id(Release)) == 2


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_sqlite_is_durable_and_writes_in_turn(store: Store) -> None:
    with store.writer.connect() as connection:
        asked = ["journal_mode", "synchronous", "busy_timeout"]
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert said == ["wal", 2, 20000]
    begun: list[str] = []

    @event.listens_for(store.writer, "before_cursor_execute")
    def _remember(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        begun.append(statement)

    store.transact(lambda unit: unit.next_id(Release))
    assert begun[0] == "BEGIN IMMEDIATE"
