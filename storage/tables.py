"""The tables: a column for each thing that is queried, and a JSON body for the rest. Nothing is stored twice.

`due` of a row of work is when somebody may take it next: when it was asked for, or when the lease of
who works on it ends. A row without `due` needs nothing.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Index, LargeBinary, Table, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Utc(TypeDecorator[datetime]):
    """Aware times in, aware UTC times out, also where the engine knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without its zone cannot be stored: {value}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _given(*, index: bool = False) -> Any:
    """A primary key that the program gives out, not the engine."""
    return Field(primary_key=True, index=index, sa_column_kwargs={"autoincrement": False})


def _due(table: str, *columns: str) -> Index:
    """Only rows that need something are in the index, however many are done."""
    open_rows = text("due IS NOT NULL")
    name = f"ix_{table}_{'_'.join(columns)}_open"
    return Index(name, *columns, sqlite_where=open_rows, postgresql_where=open_rows)


def _parked() -> Index:
    parked = text("state = 'parked'")
    return Index("ix_outbox_parked", "state", sqlite_where=parked, postgresql_where=parked)


class CounterRow(SQLModel, table=True):
    __tablename__ = "counters"
    name: str = Field(primary_key=True)
    value: int


class ReleaseRow(SQLModel, table=True):
    __tablename__ = "releases"
    __table_args__ = (
        Index("ix_releases_status_id", "status", "id"),
        Index("ix_releases_service_status_id", "service", "status", "id"),
        Index("ix_releases_service_id", "service", "id"),
        Index("ix_releases_change_id", "change", "id"),
        Index("ix_releases_owner_id", "owner", "id"),
    )
    id: int = _given()
    service: str
    status: str
    owner: str
    change: int
    body: dict[str, Any] = Field(sa_type=JSON)


class ChangeRow(SQLModel, table=True):
    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_status_id", "status", "id"),
        Index("ix_changes_service_id", "service", "id"),
        Index("ix_changes_requester_id", "requester", "id"),
    )
    id: int = _given()
    status: str
    service: str
    requester: str
    title: str
    body: dict[str, Any] = Field(sa_type=JSON)


class FreezeRow(SQLModel, table=True):
    __tablename__ = "freezes"
    __table_args__ = (Index("ix_freezes_status_id", "status", "id"),)
    id: int = _given()
    status: str
    body: dict[str, Any] = Field(sa_type=JSON)


class LockRow(SQLModel, table=True):
    __tablename__ = "locks"
    key: str = Field(primary_key=True)
    release: int
    body: dict[str, Any] = Field(sa_type=JSON)


class BaselineRow(SQLModel, table=True):
    __tablename__ = "baselines"
    __table_args__ = (Index("ix_baselines_service_id", "service", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    service: str
    body: dict[str, Any] = Field(sa_type=JSON)


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_service_status_id", "service", "status", "id"),)
    id: int = _given()
    service: str
    status: str
    severity: str
    issue: int | None
    body: dict[str, Any] = Field(sa_type=JSON)


class ViolationRow(SQLModel, table=True):
    __tablename__ = "violations"
    __table_args__ = (Index("ix_violations_service_status_id", "service", "status", "id"),)
    id: int = _given()
    service: str
    status: str
    key: str = Field(unique=True)
    body: dict[str, Any] = Field(sa_type=JSON)


class PolicyRow(SQLModel, table=True):
    __tablename__ = "policies"
    digest: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSON)


class AttestationRow(SQLModel, table=True):
    __tablename__ = "attestations"
    __table_args__ = (Index("ix_attestations_service_change_id", "service", "change", "id"),)
    id: int = _given()
    service: str
    change: int
    digest: str = Field(unique=True)
    payload: bytes = Field(sa_type=LargeBinary)
    signature: str
    body: dict[str, Any] = Field(sa_type=JSON)


class SeenRow(SQLModel, table=True):
    __tablename__ = "seen"
    subject: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSON)


class CardRow(SQLModel, table=True):
    __tablename__ = "cards"
    subject: str = Field(primary_key=True)
    channel: str
    ts: str
    rendering: str | None


class HomeRow(SQLModel, table=True):
    __tablename__ = "homes"
    __table_args__ = (Index("ix_homes_at", "at"),)
    user: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)


class OnceRow(SQLModel, table=True):
    __tablename__ = "once"
    __table_args__ = (Index("ix_once_at", "at"),)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)


class EventRow(SQLModel, table=True):
    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject_seq", "subject", "seq"),)
    seq: int = _given()
    at: datetime = Field(sa_type=Utc)
    kind: str
    subject: str
    actor: str | None
    values: dict[str, Any] = Field(sa_type=JSON)
    hash: str


class OutboxRow(SQLModel, table=True):
    __tablename__ = "outbox"
    __table_args__ = (_due("outbox", "due"), _due("outbox", "subject", "kind"), _parked())
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    subject: str
    kind: str
    state: str  # pending, sending, done, parked
    due: datetime | None = Field(sa_type=Utc)
    not_before: datetime | None = Field(sa_type=Utc)  # a Retry-After that must be obeyed
    owner: str | None
    attempt: int
    tries: int
    look: bool
    again: bool  # asked for anew while it was being sent
    error: str | None
    created_at: datetime = Field(sa_type=Utc)
    body: dict[str, Any] = Field(sa_type=JSON)
    result: dict[str, Any] | None = Field(sa_type=JSON(none_as_null=True))


class WatchRow(SQLModel, table=True):
    __tablename__ = "watches"
    __table_args__ = (_due("watches", "due"),)
    subject: str = Field(primary_key=True)
    due: datetime | None = Field(sa_type=Utc)
    again: datetime | None = Field(sa_type=Utc)  # asked for while it was being looked at
    owner: str | None
    attempt: int


def _table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


COUNTERS = _table(CounterRow)
RELEASES = _table(ReleaseRow)
CHANGES = _table(ChangeRow)
FREEZES = _table(FreezeRow)
LOCKS = _table(LockRow)
BASELINES = _table(BaselineRow)
INCIDENTS = _table(IncidentRow)
VIOLATIONS = _table(ViolationRow)
POLICIES = _table(PolicyRow)
ATTESTATIONS = _table(AttestationRow)
SEEN = _table(SeenRow)
CARDS = _table(CardRow)
HOMES = _table(HomeRow)
ONCE = _table(OnceRow)
EVENTS = _table(EventRow)
OUTBOX = _table(OutboxRow)
WATCHES = _table(WatchRow)
