"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

OPEN = sa.text("due IS NOT NULL")
PARKED = sa.text("state = 'parked'")


def upgrade() -> None:
    _things()
    _evidence()
    _seen()
    _work()
    _append_only()


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=null)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _body() -> sa.Column[Any]:
    return sa.Column("body", sa.JSON(), nullable=False)


def _key(*names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _things() -> None:
    op.create_table("counters", _text("name"), _number("value"), _key("name"))
    columns = [_number("id"), _text("service"), _text("status"), _text("owner"), _number("change"), _body()]
    op.create_table("releases", *columns, _key("id"))
    for indexed in (("status",), ("service", "status"), ("service",), ("change",), ("owner",)):
        _index("releases", *indexed, "id")
    columns = [_number("id"), _text("status"), _text("service"), _text("requester"), _text("title"), _body()]
    op.create_table("changes", *columns, _key("id"))
    for name in ("status", "service", "requester"):
        _index("changes", name, "id")
    op.create_table("freezes", _number("id"), _text("status"), _body(), _key("id"))
    _index("freezes", "status", "id")
    op.create_table("locks", _text("key"), _number("release"), _body(), _key("key"))
    op.create_table("baselines", sa.Column("id", sa.Integer(), nullable=False), _text("service"), _body(), _key("id"))
    _index("baselines", "service", "id")
    op.create_table("policies", _text("digest"), _body(), _key("digest"))


def _evidence() -> None:
    op.create_table(
        "attestations",
        *(_number("id"), _text("service"), _number("change"), _text("digest")),
        *(sa.Column("payload", sa.LargeBinary(), nullable=False), _text("signature"), _body()),
        _key("id"),
        sa.UniqueConstraint("digest"),
    )
    _index("attestations", "service", "change", "id")
    op.create_table(
        "events",
        *(_number("seq"), _time("at"), _text("kind"), _text("subject"), _text("actor", null=True)),
        *(sa.Column("values", sa.JSON(), nullable=False), _text("hash")),
        _key("seq"),
    )
    _index("events", "subject", "seq")


def _seen() -> None:
    op.create_table("seen", _text("subject"), _text("kind"), _body(), _key("subject", "kind"))
    op.create_table(
        "cards", _text("subject"), _text("channel"), _text("ts"), _text("rendering", null=True), _key("subject")
    )
    op.create_table("homes", _text("user"), _time("at"), _key("user"))
    _index("homes", "at")
    op.create_table("once", _text("kind"), _text("key"), _time("at"), _key("kind", "key"))
    _index("once", "at")


def _work() -> None:
    op.create_table(
        "outbox",
        *(sa.Column("id", sa.Integer(), nullable=False), _text("key"), _text("subject"), _text("kind")),
        *(_text("state"), _time("due", null=True), _time("not_before", null=True), _text("owner", null=True)),
        *(_number("attempt"), _number("tries")),
        *(sa.Column("look", sa.Boolean(), nullable=False), sa.Column("again", sa.Boolean(), nullable=False)),
        *(_text("error", null=True), _time("created_at"), _body(), sa.Column("result", sa.JSON(), nullable=True)),
        _key("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "watches",
        *(_text("subject"), _time("due", null=True), _time("again", null=True), _text("owner", null=True)),
        *(_number("attempt"), _key("subject")),
    )
    _partial("ix_outbox_due_open", "outbox", OPEN, "due")
    _partial("ix_outbox_subject_kind_open", "outbox", OPEN, "subject", "kind")
    _partial("ix_outbox_parked", "outbox", PARKED, "state")
    _partial("ix_watches_due_open", "watches", OPEN, "due")


def _partial(name: str, table: str, where: sa.TextClause, *columns: str) -> None:
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def _append_only() -> None:
    """The audit refuses to be changed, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{act.lower()} BEFORE {act} ON events "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION slipway_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    for act, level in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER events_no_{act.lower()} BEFORE {act} ON events "
            f"FOR EACH {level} EXECUTE FUNCTION slipway_append_only()"
        )
