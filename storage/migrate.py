"""Brings a database to the schema of this code, on every start. Two processes may start at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from storage.errors import DatabaseNewer

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x511B3A7  # any number that nothing else in this database uses


def migrate(engine: Engine) -> None:
    """Raises DatabaseNewer, and changes nothing, when the database is ahead of this code."""
    with _alone(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        script = ScriptDirectory.from_config(config)
        at = revision(connection)
        if at is not None and at not in {known.revision for known in script.walk_revisions()}:
            raise DatabaseNewer(at)
        if at != script.get_current_head():
            command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction, while no other process migrates: SQLite's begin is immediate, PostgreSQL waits for a lock."""
    with engine.connect().execution_options(isolation_level=_level(engine)) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
        yield connection


def _level(engine: Engine) -> str:
    """READ COMMITTED sees what the process that migrated first has done; SQLite has one level."""
    return "READ COMMITTED" if engine.dialect.name == "postgresql" else "SERIALIZABLE"
