"""The audit cannot be changed unnoticed: the engine refuses, and the chain tells."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.sop.decision import Decision, Event
from storage import Store, Unit
from storage.audit import chained
from tests.storage.examples import NOW, later


def apply(store: Store, decision: Decision, at: datetime) -> None:
    store.transact(lambda unit: unit.apply(decision, at))


def tell(store: Store, number: int) -> None:
    for i in range(number):
        values: dict[str, Any] = {"n": i, "text": 'é "quoted" \u2028', "share": 0.1, "none": None, "list": [1, "2"]}
        event = Event(kind="told", subject=f"R-{i % 2}", actor=None if i % 3 else "U01", values=values)
        apply(store, Decision(events=(event, event)), later(i))


def change(store: Store, statement: str) -> None:
    """As somebody who may drop triggers."""
    drop = ["DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete"]
    on = " ON events" if store.writer.dialect.name == "postgresql" else ""
    with store.writer.begin() as connection:
        for one in (*(d + on for d in drop), statement):
            connection.execute(text(one))


def test_events_come_back_in_order(store: Store) -> None:
    tell(store, 3)
    events = store.read(Unit.events)
    assert [(e.seq, e.values["n"], e.at) for e in events][::2] == [(1, 0, NOW), (3, 1, later(1)), (5, 2, later(2))]
    assert [e.seq for e in store.read(lambda unit: unit.events("R-1"))] == [3, 4]
    assert [e.seq for e in store.read(lambda unit: unit.events(limit=2))] == [5, 6]


def test_a_whole_chain_is_whole(store: Store) -> None:
    assert store.read(Unit.verify_chain) == (True, None)
    tell(store, 4)
    assert store.read(Unit.verify_chain) == (True, None)


def test_an_event_that_was_changed_with_its_hash_does_not_fit_the_next(store: Store) -> None:
    tell(store, 2)
    one, two, three, _ = store.read(Unit.events)
    forged = two.model_copy(update={"actor": "U99"})
    change(store, f"UPDATE events SET actor = 'U99', hash = '{chained(one.hash, dict(forged))}' WHERE seq = 2")
    assert store.read(Unit.verify_chain) == (False, three.seq)


@pytest.mark.parametrize("statement", ["UPDATE events SET kind = 'x'", "DELETE FROM events WHERE seq = 1"])
def test_the_engine_refuses_changes(store: Store, statement: str) -> None:
    tell(store, 1)
    with pytest.raises(DBAPIError, match="append-only"), store.writer.begin() as connection:
        connection.execute(text(statement))
    assert len(store.read(Unit.events)) == 2


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_it(store: Store) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store.writer.begin() as connection:
        connection.execute(text("TRUNCATE events"))


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE events SET actor = 'U99' WHERE seq = 3", 3),
        ("UPDATE events SET subject = 'R-9' WHERE seq = 3", 3),
        ("UPDATE events SET \"values\" = '{}' WHERE seq = 1", 1),
        ("UPDATE events SET at = '2020-01-01 00:00:00.000000' WHERE seq = 4", 4),
        ("UPDATE events SET hash = 'x' WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 5", 5),
        ("DELETE FROM events WHERE seq = 1", 1),
    ],
)
def test_the_chain_tells_where_it_was_changed(store: Store, statement: str, bad: int) -> None:
    tell(store, 4)
    change(store, statement)
    assert store.read(Unit.verify_chain) == (False, bad)
