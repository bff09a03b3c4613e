"""The rows of the outbox: pending → sending → done, or pending again later, or parked."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)

from bot.sop.effects import COALESCED, EFFECT, Effect, MakeRevert, PushBranch, RefreshHome, RerunRun
from storage.entries import Backlog, Card, Claimed, Parked
from storage.errors import LeaseLost, NotParked
from storage.rows import insert
from storage.tables import CARDS, OUTBOX, Utc

WITH_SUBJECT = frozenset(
    model.model_fields["kind"].default for model in get_args(get_args(Effect)[0]) if "subject" in model.model_fields
)


def subject_of(effect: Effect) -> str:
    """What an effect is about: effects of different subjects never wait for each other."""
    if isinstance(effect, RefreshHome):
        return f"home:{effect.to}"
    return f"R-{effect.release}" if isinstance(effect, PushBranch | RerunRun | MakeRevert) else effect.subject


def add(connection: Connection, effect: Effect, now: datetime) -> None:
    """A key that is known changes nothing, unless the effect is a coalesced one: that becomes due anew."""
    body = effect.model_dump(mode="json", exclude={"kind", "subject"})
    new = insert(connection, OUTBOX).values(
        key=effect.key,
        subject=subject_of(effect),
        kind=effect.kind,
        state="pending",
        due=now,
        created_at=now,
        body=body,
        attempt=0,
        tries=0,
        look=False,
        again=False,
    )
    if not isinstance(effect, COALESCED):
        connection.execute(new.on_conflict_do_nothing(index_elements=["key"]))
        return
    sending = OUTBOX.c.state == "sending"
    anew = {
        "body": new.excluded.body,
        "state": case((sending, "sending"), else_="pending"),
        "again": case((sending, True), else_=False),
        "due": case(
            (sending, OUTBOX.c.due),
            (OUTBOX.c.not_before > now, OUTBOX.c.not_before),
            else_=literal(now, Utc()),
        ),
        "tries": case((OUTBOX.c.state.in_(("done", "parked")), 0), else_=OUTBOX.c.tries),
    }
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=anew))


@cache
def _claim() -> Update:
    """A thread post waits for its card, and for the posts of its thread that were decided before it."""
    earlier = OUTBOX.alias("earlier")
    carded = exists().where(CARDS.c.subject == OUTBOX.c.subject)
    followed = exists().where(
        earlier.c.subject == OUTBOX.c.subject,
        earlier.c.kind == "post_thread",
        earlier.c.id < OUTBOX.c.id,
        earlier.c.due.is_not(None),
    )
    picked = (
        select(OUTBOX.c.id)
        .where(OUTBOX.c.due <= bindparam("now", type_=Utc()))
        .where(or_(OUTBOX.c.kind != "post_thread", and_(carded, ~followed)))
        .order_by(OUTBOX.c.kind == "post_thread", OUTBOX.c.due, OUTBOX.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=OUTBOX)
        .cte("picked")
    )
    return (
        update(OUTBOX)
        .where(OUTBOX.c.id.in_(select(picked.c.id)))
        .values(
            state="sending",
            owner=bindparam("by", type_=String()),
            due=bindparam("until", type_=Utc()),
            attempt=OUTBOX.c.attempt + 1,
            look=or_(OUTBOX.c.look, OUTBOX.c.state == "sending"),
        )
        .returning(OUTBOX)
    )


def claim(connection: Connection, owner: str, now: datetime, until: datetime, limit: int) -> tuple[Claimed, ...]:
    """Takes due rows, and rows whose lease ended: oldest first, and what is said in threads after all else."""
    rows = connection.execute(_claim(), {"now": now, "until": until, "by": owner, "most": limit}).mappings().all()
    found = select(CARDS).where(CARDS.c.subject.in_([row["subject"] for row in rows]))
    cards = {card.subject: card for card in connection.execute(found)} if rows else {}
    return tuple(_claimed(row, cards.get(row["subject"])) for row in sorted(rows, key=lambda row: int(row["id"])))


def _claimed(row: Any, card: Any) -> Claimed:
    subject = {"subject": row["subject"]} if row["kind"] in WITH_SUBJECT else {}
    return Claimed(
        effect=EFFECT.validate_python({**row["body"], **subject, "kind": row["kind"]}),
        card=Card(channel=card.channel, ts=card.ts, rendering=card.rendering) if card else None,
        **{name: row[name] for name in ("id", "key", "subject", "owner", "attempt", "tries", "look", "created_at")},
    )


def done(connection: Connection, claimed: Claimed, result: dict[str, Any], now: datetime) -> None:
    """Raises LeaseLost. A row that was asked for anew while it was being sent is due at once."""
    again = OUTBOX.c.again
    _finish(
        connection,
        claimed,
        state=case((again, "pending"), else_="done"),
        due=case((again, literal(now, Utc())), else_=null()),
        result=result,
        tries=0,
        look=False,
        error=None,
        not_before=None,
    )


def postpone(
    connection: Connection, claimed: Claimed, due: datetime, error: str, *, asked: bool = False, unsure: bool = False
) -> None:
    """Raises LeaseLost. `asked`: the other side named the time, which is obeyed and not counted as a failure."""
    _finish(
        connection,
        claimed,
        state="pending",
        due=due,
        not_before=due if asked else None,
        tries=claimed.tries + (0 if asked else 1),
        look=unsure,
        error=error,
    )


def park(connection: Connection, claimed: Claimed, error: str, *, unsure: bool = False) -> None:
    """Raises LeaseLost."""
    _finish(connection, claimed, state="parked", due=None, not_before=None, look=unsure, error=error)


def _finish(connection: Connection, claimed: Claimed, **values: Any) -> None:
    changed = update(OUTBOX).where(_held(claimed)).values(owner=None, again=False, **values)
    if connection.execute(changed).rowcount != 1:
        raise LeaseLost(f"{claimed.key}: attempt {claimed.attempt} of {claimed.owner} has lost its lease")


def _held(claimed: Claimed) -> ColumnElement[bool]:
    return and_(
        OUTBOX.c.id == claimed.id,
        OUTBOX.c.state == "sending",
        OUTBOX.c.owner == claimed.owner,
        OUTBOX.c.attempt == claimed.attempt,
    )


def renew(connection: Connection, claimed: Sequence[Claimed], until: datetime) -> None:
    """Prolongs the leases that still hold."""
    for one in claimed:
        connection.execute(update(OUTBOX).where(_held(one)).values(due=until))


def lapse(connection: Connection, owner: str, now: datetime) -> int:
    """Ends an owner's leases at once; how many."""
    held = and_(OUTBOX.c.state == "sending", OUTBOX.c.owner == owner, OUTBOX.c.due.is_not(None))
    return connection.execute(update(OUTBOX).where(held).values(due=now)).rowcount


def unpark(connection: Connection, key: str, now: datetime) -> str:
    """The subject of the row that is due again. Raises NotParked."""
    parked = and_(OUTBOX.c.key == key, OUTBOX.c.state == "parked")
    due = update(OUTBOX).where(parked).values(state="pending", due=now, tries=0).returning(OUTBOX.c.subject)
    subject: str | None = connection.execute(due).scalar()
    if subject is None:
        raise NotParked(f"no parked effect has the key {key}")
    return subject


def sending(connection: Connection, subject: str, kind: str) -> bool:
    unheard = or_(OUTBOX.c.state == "sending", and_(OUTBOX.c.state == "pending", OUTBOX.c.look))
    found = select(OUTBOX.c.id).where(OUTBOX.c.subject == subject, OUTBOX.c.kind == kind, unheard)
    return connection.execute(found.limit(1)).first() is not None


def put_off(connection: Connection, subject: str, kind: str) -> str | None:
    found = select(OUTBOX.c.error).where(
        OUTBOX.c.subject == subject, OUTBOX.c.kind == kind, OUTBOX.c.state.in_(("pending", "sending"))
    )
    error: str | None = connection.execute(found.order_by(OUTBOX.c.id.desc()).limit(1)).scalar()
    return error


def parked(connection: Connection, limit: int, subject: str | None = None) -> tuple[Parked, ...]:
    """Newest first."""
    names: Select[Any] = select(OUTBOX.c.key, OUTBOX.c.subject, OUTBOX.c.kind, OUTBOX.c.error)
    names = names.where(text("state = 'parked'"))
    names = names if subject is None else names.where(OUTBOX.c.subject == subject)
    rows = connection.execute(names.order_by(OUTBOX.c.id.desc()).limit(limit))
    return tuple(Parked(key=row.key, subject=row.subject, kind=row.kind, error=row.error or "") for row in rows)


def backlog(connection: Connection, now: datetime) -> Backlog:
    waiting = and_(OUTBOX.c.due <= now, OUTBOX.c.state == "pending")
    oldest: Label[datetime | None] = func.min(OUTBOX.c.due).label("oldest")
    due = connection.execute(select(func.count().label("number"), oldest).where(waiting)).one()
    given_up = connection.execute(select(func.count()).select_from(OUTBOX).where(text("state = 'parked'"))).scalar_one()
    age = (now - due.oldest).total_seconds() if due.oldest else 0.0
    return Backlog(due=due.number, parked=given_up, oldest_seconds=age)
