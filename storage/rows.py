"""Statements that both engines spell differently, or that several tables share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import COUNTERS


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Inserts the row, or replaces the one with its primary key."""
    keys = [column.name for column in table.primary_key]
    new = insert(connection, table).values(**row)
    rest = {name: new.excluded[name] for name in row if name not in keys}
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_=rest))


def next_number(connection: Connection, name: str) -> int:
    """Counts up by one within the transaction."""
    new = insert(connection, COUNTERS).values(name=name, value=1)
    counted = new.on_conflict_do_update(index_elements=["name"], set_={"value": COUNTERS.c.value + 1})
    return int(connection.execute(counted.returning(COUNTERS.c.value)).scalar_one())
