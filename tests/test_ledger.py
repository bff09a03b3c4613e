"""What a commit makes the patrol do, and which violations a release is told of."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import ledger
from bot.sop.decision import Decision, Record
from bot.sop.records import Baseline, ViolationStatus
from bot.sop.stages import Status
from storage.store import Store
from tests.sop import good as g
from tests.sop.test_violation import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield made
    made.close()


def due(store: Store, *records: Record) -> list[str]:
    decision = Decision(records=records)
    store.transact(lambda unit: ledger.commit(unit, decision, None, "R-7", g.NOW))
    return [c.subject for c in store.claim_watches("test", g.NOW, timedelta(minutes=1), 10)]


def test_the_patrol_looks_when_a_baseline_is_new(store: Store) -> None:
    adopted = Baseline(service="shop", sha=g.BASE, at=g.NOW, by=g.CAROL)
    assert due(store, adopted) == ["patrol:shop"]


def test_the_patrol_looks_when_a_release_is_over(store: Store) -> None:
    assert due(store, g.release()) == []
    assert due(store, g.release(status=Status.ABORTED, ended_at=g.NOW)) == ["patrol:shop"]


def test_a_violation_of_any_service_of_the_lock_counts(store: Store) -> None:
    policy = g.policy(services=(g.service(), g.service(name="api"), g.service(name="web", branch="web")))
    made = [opened()[0].model_copy(update={"id": n, "key": f"{n}", "service": s}) for n, s in enumerate(("api", "web"))]
    past = made[0].model_copy(update={"id": 9, "key": "9", "service": "shop", "status": ViolationStatus.EXPLAINED})
    due(store, *made, past)
    facts = store.read(lambda unit: ledger.release_facts(unit, g.release(), policy, g.NOW))
    assert [v.service for v in facts.violations] == ["api"]
