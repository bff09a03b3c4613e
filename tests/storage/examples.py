"""Records to store: one of each, and any that their types allow."""

import types
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from bot.sop.effects import Notice, PostThread, ShowCard
from bot.sop.facts import Attestation, Check, ProbeAnswer
from bot.sop.policy import Policy
from bot.sop.records import Approval, Change, ChangeKind, ChangeStatus, Content, Lock, Release, Risk
from bot.sop.stages import Stage, Status

M = TypeVar("M", bound=BaseModel)
NOW = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)
SHA = "4f2c9ab" + "0" * 33
KEY = "acme/shop@main"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def release(id: int, **changes: Any) -> Release:
    base = Release(
        id=id,
        service="shop",
        stage=Stage.CI,
        status=Status.RUNNING,
        owner="U01",
        started_by="U01",
        change=12,
        change_digest="d" * 64,
        candidate="cr-12",
        base=SHA,
        policy="p" * 64,
        sop_stage="MVP",
        sop_status="ACTIVE",
        created_at=NOW,
    )
    return base.model_copy(update=changes)


def change(id: int, *, title: str = "Faster checkout", service: str = "shop", **changes: Any) -> Change:
    content = Content(
        service=service,
        title=title,
        why="It is slow.",
        kind=ChangeKind.EXTENSION,
        risk=Risk.LOW,
        areas=("checkout",),
        undo="Revert it.",
    )
    return Change(id=id, requester="U01", status=ChangeStatus.OPEN, content=content, created_at=NOW).model_copy(
        update=changes
    )


def approval(by: str, of: Change) -> Approval:
    return Approval(by=by, at=NOW, digest=of.content.digest)


def lock(release: int, key: str = KEY, **changes: Any) -> Lock:
    return Lock(key=key, release=release, owner="U01", reason="R", since=NOW).model_copy(update=changes)


def attestation(digest: str, **changes: Any) -> Attestation:
    return Attestation(
        id=0,
        service="shop",
        change=12,
        signer="U01",
        key="SHA256:abc",
        commit=SHA,
        tree=SHA,
        branch="cr-12",
        made_at=NOW,
        received_at=NOW,
        checks=(Check(name="clean", ok=True, seen="nothing to commit"),),
        probes=(ProbeAnswer(name="home", status=200, body={"items": [1, 2.5, None]}),),
        digest=digest,
    ).model_copy(update=changes)


def policy(stage: str = "MVP") -> Policy:
    service = {
        "name": "shop",
        "repository": "acme/shop",
        "channel": "C01",
        "ci": {"workflows": ["deploy.yml"], "start_within": "90s"},
        "production": {"url": "https://shop.example", "update_within": "1.5h"},
        "local": {"build": "make", "run": "make run"},
        "probes": [{"name": "home", "path": "/"}],
    }
    roles = {"releaser": ["U01"], "approver": ["U02"]}
    people = [{"slack": "U01", "github": "alice"}]
    return Policy.model_validate({"stage": stage, "roles": roles, "people": people, "services": [service]})


def card(subject: str = "R-1") -> ShowCard:
    return ShowCard(subject=subject, channel="C01")


def thread(once: str, subject: str = "R-1") -> PostThread:
    return PostThread(subject=subject, notice=Notice(code="passed", values={"stage": once}), once=once)


# Text without NUL, which neither Slack nor PostgreSQL carries.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NUMBERS = st.integers(1, 2**31 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: NUMBERS,
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    AwareDatetime: st.datetimes(timezones=st.just(UTC)),
    Any: JSON,
    type(None): st.none(),
}


def any_of(model: type[M]) -> st.SearchStrategy[M]:
    """Any record of a type, with fields of the kinds that its annotations allow."""
    return st.builds(model, **{name: _values(field.annotation) for name, field in model.model_fields.items()})


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation in PLAIN:
        return PLAIN[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(_values, inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(_values(inner[0]), max_size=3).map(tuple)
    if origin in (dict, frozenset):
        pairs = st.dictionaries(_values(inner[0]), _values(inner[-1]), max_size=3)
        return pairs if origin is dict else pairs.map(frozenset)
    return st.sampled_from(annotation) if issubclass(annotation, Enum) else any_of(annotation)
