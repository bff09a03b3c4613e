"""Engines: how each database is spoken to."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from storage.errors import UnsuitableDatabase

BUSY_SECONDS = 20.0
STALLED_SECONDS = 30  # a writer that stopped in the middle of a transaction keeps nobody waiting for longer


def parse(url: str) -> URL:
    """Raises UnsuitableDatabase for what is neither a SQLite file nor PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise UnsuitableDatabase(f"{parsed.drivername} is not supported: use sqlite:///… or postgresql+psycopg://…")
    if parsed.database in (None, "", ":memory:"):
        raise UnsuitableDatabase("a database in memory does not outlive the process: name a file, sqlite:///slipway.db")
    return parsed


def engines(url: str, threads: int) -> tuple[Engine, Engine]:
    """One engine to write and one to read; on PostgreSQL they share their connections."""
    parsed = parse(url)
    if parsed.get_backend_name() == "postgresql":
        engine = _postgresql(parsed, threads)
        return (
            engine.execution_options(isolation_level="SERIALIZABLE"),
            engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        )
    Path(str(parsed.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(parsed, threads, write=True), _sqlite(parsed, threads, write=False)


def _postgresql(url: URL, threads: int) -> Engine:
    engine = create_engine(url, pool_size=threads, max_overflow=0, pool_use_lifo=True, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{STALLED_SECONDS}s'")
        connection.execute(f"SET lock_timeout = '{int(BUSY_SECONDS)}s'")
        connection.commit()

    return engine


def _sqlite(url: URL, threads: int, *, write: bool) -> Engine:
    engine = create_engine(url, pool_size=threads, max_overflow=0, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is said below, not guessed by the driver
        connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows only ASCII
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        if not write:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _lower(value: str | None) -> str | None:
    return value.lower() if value is not None else None


def _use_wal(connection: Any) -> None:
    """Two processes that start at once may both change the journal: SQLite refuses one at once, without waiting."""
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except connection.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.05)


def is_conflict(error: DBAPIError) -> bool:
    """Whether a transaction lost a race (serialization, deadlock, unique key) that its repetition can win."""
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01", "23505")
