"""The schema is made on start, once, whoever starts; a newer one is left alone."""

import multiprocessing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from bot.sop.decision import Decision
from bot.sop.records import Release
from storage import DatabaseNewer, Store, UnsuitableDatabase
from storage.engine import engines
from storage.migrate import revision
from tests.storage.examples import NOW, release

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["storage", "bot.outbox"])


def test_an_empty_database_gets_the_tables_of_this_code(empty: str) -> None:
    store = Store.open(empty)
    with store.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert revision(connection) is not None
    store.close()


def test_a_second_start_changes_nothing(empty: str) -> None:
    for _ in range(2):
        store = Store.open(empty)
        store.transact(lambda unit: unit.apply(Decision(records=(release(unit.next_id(Release)),)), NOW))
        store.close()
    store = Store.open(empty)
    assert [found.id for found in store.read(lambda unit: unit.releases())] == [2, 1]
    store.close()


def _start(url: str) -> None:
    store = Store.open(url)
    store.transact(lambda unit: unit.next_id(Release))
    store.close()


def test_processes_may_start_at_once(empty: str) -> None:
    starting = [PROCESSES.Process(target=_start, args=(empty,)) for _ in range(4)]
    for process in starting:
        process.start()
    for process in starting:
        process.join()
    assert [process.exitcode for process in starting] == [0] * 4
    store = Store.open(empty)
    assert store.transact(lambda unit: unit.next_id(Release)) == 5
    store.close()


def test_a_newer_database_is_refused_and_left_alone(empty: str) -> None:
    Store.open(empty).close()
    writer, _ = engines(empty, 1)
    with writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="revision 9999, which this version of Slipway does not know: run the"):
        Store.open(empty)
    with writer.connect() as connection:
        assert revision(connection) == "9999" and inspect(connection).has_table("releases")
    writer.dispose()


@pytest.mark.parametrize("unsuitable", ["sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_what_cannot_keep_state_is_refused(unsuitable: str) -> None:
    with pytest.raises(UnsuitableDatabase):
        Store.open(unsuitable)


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/state/of/slipway.db").close()
    assert (tmp_path / "state" / "of" / "slipway.db").is_file()
