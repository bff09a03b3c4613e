"""Statements built once a shape of question: building and keying one costs more than SQLite takes to answer it."""

from collections.abc import Callable, Sequence
from functools import cache
from operator import eq, lt
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, String, bindparam, cast, func, literal, or_, select

from storage.tables import CHANGES

Operator = Callable[[Any, Any], ColumnElement[bool]]
ALL = 1_000_000


class Test(NamedTuple):
    """One condition on a column. A value of None stands for no condition."""

    column: Column[Any]
    operator: Operator
    value: Any


def equals(column: Column[Any], value: Any) -> Test:
    return Test(column, eq, value)


def below(column: Column[Any], value: Any) -> Test:
    return Test(column, lt, value)


def among(column: Column[Any], values: Sequence[str] | None) -> Test:
    return Test(column, _in, values)


def mentions(column: Column[Any], text: str | None) -> Test:
    """The text is part of the title, or of the id (`CR-12`); upper and lower case are the same."""
    sought = (text or "").strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return Test(column, _like, f"%{sought}%" if sought else None)


@cache
def where(column: Column[Any]) -> Select[Any]:
    """Rows of a table by the `value` of one column."""
    return select(column.table).where(column == bindparam("value"))


def newest(id: Column[Any], tests: Sequence[Test], limit: int) -> tuple[Select[Any], dict[str, Any]]:
    """Rows that pass every test, highest id first, and the parameters of that statement."""
    real = [test for test in tests if test.value is not None]
    values = {f"value_{i}": test.value for i, test in enumerate(real)}
    return _newest(id, tuple((test.column, test.operator) for test in real)), values | {"most": limit}


@cache
def _newest(id: Column[Any], tests: tuple[tuple[Column[Any], Operator], ...]) -> Select[Any]:
    conditions = [
        operator(column, bindparam(f"value_{i}", expanding=operator is _in))
        for i, (column, operator) in enumerate(tests)
    ]
    few = any(column.name == "status" for column, _ in tests)
    order = (id + 0).desc() if few else id.desc()  # "+ 0": found by the status, of which few are open, not by the id
    return select(id.table).where(*conditions).order_by(order).limit(bindparam("most"))


def _in(column: Any, values: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_(values)
    return found


def _like(column: Any, text: Any) -> ColumnElement[bool]:
    name = literal("cr-") + cast(CHANGES.c.id, String)
    sought = func.lower(text)
    return or_(func.lower(column).like(sought, escape="\\"), name.like(sought, escape="\\"))
