"""Subjects to look at again: rows claimed with a lease by whoever looks."""

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Connection, String, Update, and_, bindparam, case, literal, null, select, update

from bot.sop.decision import Watch
from storage.entries import ClaimedWatch
from storage.errors import LeaseLost
from storage.rows import insert
from storage.tables import WATCHES, Utc


def add(connection: Connection, watch: Watch) -> None:
    """The earliest due wins. While somebody looks, it is kept for afterwards."""
    new = insert(connection, WATCHES).values(subject=watch.subject, due=watch.due, attempt=0)
    due = literal(watch.due, Utc())
    free = WATCHES.c.owner.is_(None)
    earliest = {
        "due": case((and_(free, WATCHES.c.due <= due), WATCHES.c.due), (free, due), else_=WATCHES.c.due),
        "again": case((free, null()), (WATCHES.c.again <= due, WATCHES.c.again), else_=due),
    }
    connection.execute(new.on_conflict_do_update(index_elements=["subject"], set_=earliest))


@cache
def _claim() -> Update:
    picked = (
        select(WATCHES.c.subject)
        .where(WATCHES.c.due <= bindparam("now", type_=Utc()))
        .order_by(WATCHES.c.due)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    values = {
        "owner": bindparam("by", type_=String()),
        "due": bindparam("until", type_=Utc()),
        "attempt": WATCHES.c.attempt + 1,
    }
    taken = update(WATCHES).where(WATCHES.c.subject.in_(select(picked.c.subject))).values(**values)
    return taken.returning(WATCHES.c.subject, WATCHES.c.owner, WATCHES.c.attempt)


def claim(connection: Connection, owner: str, now: datetime, until: datetime, limit: int) -> tuple[ClaimedWatch, ...]:
    """Takes due subjects, and subjects whose lease ended."""
    rows = connection.execute(_claim(), {"now": now, "until": until, "by": owner, "most": limit}).all()
    return tuple(ClaimedWatch(subject=row.subject, owner=row.owner, attempt=row.attempt) for row in rows)


def finish(connection: Connection, claimed: ClaimedWatch) -> None:
    """Raises LeaseLost. What was asked for meanwhile is due next."""
    values = {"owner": None, "due": WATCHES.c.again, "again": None}
    if connection.execute(update(WATCHES).where(_held(claimed)).values(**values)).rowcount != 1:
        raise LeaseLost(f"{claimed.subject}: attempt {claimed.attempt} of {claimed.owner} has lost its lease")


def renew(connection: Connection, claimed: ClaimedWatch, until: datetime) -> None:
    """Prolongs a lease that still holds."""
    connection.execute(update(WATCHES).where(_held(claimed)).values(due=until))


def lapse(connection: Connection, owner: str, now: datetime) -> int:
    """Ends an owner's leases at once; how many."""
    return connection.execute(update(WATCHES).where(WATCHES.c.owner == owner).values(due=now)).rowcount


def _held(claimed: ClaimedWatch) -> ColumnElement[bool]:
    return and_(
        WATCHES.c.subject == claimed.subject,
        WATCHES.c.owner == claimed.owner,
        WATCHES.c.attempt == claimed.attempt,
    )
