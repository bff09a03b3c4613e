"""Lists: newest first, by what people ask for, and by an index however many are stored."""

from typing import Any

import pytest
from sqlalchemy import event, text

from bot.sop.decision import Decision
from bot.sop.records import ChangeStatus, Freeze, FreezeStatus
from bot.sop.stages import Status
from storage import Store
from tests.storage.examples import NOW, change, later, release

RELEASES = (
    release(1, status=Status.COMPLETE),
    release(2, service="api", change=13),
    release(3, status=Status.HELD, owner="U02"),
    release(4, service="web", status=Status.ABORTED, owner="U02"),
)
CHANGES = (
    change(1, title="Faster Checkout"),
    change(2, title="ÄPFEL for 100% of people", requester="U02", status=ChangeStatus.APPROVED),
    change(3, title="a_b", service="api", status=ChangeStatus.REJECTED),
)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, [4, 3, 2, 1]),
        ({"limit": 2}, [4, 3]),
        ({"open": True}, [3, 2]),
        ({"open": False}, [4, 1]),
        ({"service": "shop"}, [3, 1]),
        ({"service": "shop", "open": True}, [3]),
        ({"change": 13}, [2]),
        ({"owner": "U02"}, [4, 3]),
        ({"lock_services": ("api", "web")}, [4, 2]),
        ({"lock_services": ("api", "web"), "open": True}, [2]),
        ({"lock_services": ()}, []),
    ],
)
def test_releases(store: Store, wanted: dict[str, Any], ids: list[int]) -> None:
    store.transact(lambda unit: unit.apply(Decision(records=RELEASES), NOW))
    assert [found.id for found in store.read(lambda unit: unit.releases(**wanted))] == ids


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, [3, 2, 1]),
        ({"limit": 1}, [3]),
        ({"before": 3}, [2, 1]),
        ({"status": [ChangeStatus.APPROVED, ChangeStatus.OPEN]}, [2, 1]),
        ({"status": frozenset[ChangeStatus]()}, []),
        ({"service": "api"}, [3]),
        ({"requester": "U02"}, [2]),
        ({"text": "checkout"}, [1]),
        ({"text": "äpfel"}, [2]),
        ({"text": "100%"}, [2]),
        ({"text": "%"}, [2]),
        ({"text": "a_b"}, [3]),
        ({"text": "_"}, [3]),
        ({"text": "cr-2"}, [2]),
        ({"text": "3"}, [3]),
        ({"text": " "}, [3, 2, 1]),
        ({"text": "'; DROP"}, []),
    ],
)
def test_changes(store: Store, wanted: dict[str, Any], ids: list[int]) -> None:
    store.transact(lambda unit: unit.apply(Decision(records=CHANGES), NOW))
    assert [found.id for found in store.read(lambda unit: unit.changes(**wanted))] == ids


def test_freezes(store: Store) -> None:
    frozen = Freeze(
        id=1,
        status=FreezeStatus.ACTIVE,
        services=("shop",),
        reason="Sale",
        owner="U01",
        starts_at=NOW,
        until=None,
        created_at=NOW,
    )
    coming = frozen.model_copy(update={"id": 2, "status": FreezeStatus.SCHEDULED, "until": later(60)})
    ended = frozen.model_copy(update={"id": 3, "status": FreezeStatus.ENDED})
    store.transact(lambda unit: unit.apply(Decision(records=(frozen, coming, ended)), NOW))
    wanted = (FreezeStatus.ACTIVE, FreezeStatus.SCHEDULED)
    assert store.read(lambda unit: unit.freezes(status=wanted)) == (coming, frozen)


LISTS: list[dict[str, Any]] = [
    {},
    {"open": True},
    {"open": True, "service": "shop"},
    {"service": "shop"},
    {"owner": "U01"},
    {"change": 12},
    {"lock_services": ("shop", "api"), "open": True},
]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wanted", LISTS, ids=lambda wanted: "+".join(wanted) or "all")
def test_no_list_of_releases_reads_them_all(store: Store, wanted: dict[str, Any]) -> None:
    asked: list[tuple[str, Any]] = []
    store.transact(lambda unit: unit.apply(Decision(records=RELEASES), NOW))

    @event.listens_for(store.reader, "before_cursor_execute")
    def _remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    store.read(lambda unit: unit.releases(**wanted))
    statement, parameters = asked[-1]
    with store.reader.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        connection.execute(text("SELECT 1"))
    steps = [row[3] for row in plan]
    ordered_by_key = ["SCAN releases"] if not wanted else []  # the newest of all: from the end, as many as wanted
    assert [step for step in steps if step.startswith("SCAN")] == ordered_by_key, steps
