"""What a commit makes the patrol do, which violations a release is told of, and whose commits stand on the branch."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot import ledger
from bot.commit import commit
from bot.sop.decision import Decision, Record
from bot.sop.effects import ShowCard
from bot.sop.records import Baseline, LeftAhead, Lock, Severity, ViolationStatus
from bot.sop.stages import Stage, Status
from storage.store import Store
from storage.unit import Unit
from tests.sop import emergency
from tests.sop import good as g
from tests.sop.test_violation import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield made
    made.close()


def due(store: Store, *records: Record) -> list[str]:
    decision = Decision(records=records)
    store.transact(lambda unit: commit(unit, decision, None, "R-7", g.NOW))
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


def left(release: int) -> LeftAhead:
    return LeftAhead(release=release, sha=g.SHA, commits=(g.SHA,))


def test_commits_left_on_the_branch_are_known_through_every_release_that_took_them_over(store: Store) -> None:
    over = {"status": Status.ABORTED, "ended_at": g.NOW}
    first = g.release(Stage.CI, id=5, **over)
    second = g.release(Stage.COMMITS, id=6, change=13, taken_over=left(5), **over)  # it pushed nothing
    third = g.release(Stage.CI, id=7, change=14, taken_over=left(6))
    lock = Lock(key="acme/shop@main", release=7, owner=g.ALICE, reason="R-7", since=g.NOW)
    made = tuple(g.change(id=n) for n in (12, 13, 14))
    due(store, *made, first, second, third, lock)
    facts = store.read(lambda unit: ledger.release_facts(unit, third, g.policy(), g.NOW))
    assert [c.id for c in facts.taken_changes] == [12]
    of = store.read(lambda unit: {n: ledger.change_facts(unit, n, g.NOW) for n in (12, 13, 14)})
    assert {n: f.left_with and f.left_with.id for n, f in of.items()} == {12: 7, 13: None, 14: None}
    assert {n: f.ended and f.ended.id for n, f in of.items()} == {12: 5, 13: 6, 14: None}
    assert of[14].carrier is not None and of[14].carrier.id == 7


def test_who_left_commits_on_the_branch_answers_for_them_until_somebody_takes_them_over(store: Store) -> None:
    gone = g.release(Stage.CI, id=5, status=Status.ABORTED, ended_at=g.NOW)
    lock = Lock(key="acme/shop@main", release=5, owner=g.ALICE, reason="R-5", since=g.NOW, left=left(5))
    due(store, g.change(), gone, lock)
    held = store.read(lambda unit: ledger.change_facts(unit, 12, g.NOW)).left_with
    assert held is not None and held.id == 5


def shown(store: Store, *records: Record) -> set[str]:
    """Subjects of the cards that a commit of these has drawn anew."""
    store.transact(lambda unit: unit.keep_policy(emergency.policy()))
    due(store, *records)
    claimed = store.claim_effects("test", g.NOW, timedelta(minutes=1), 100)
    for one in claimed:
        store.transact(partial(Unit.effect_done, claimed=one, result={}, now=g.NOW))
    return {one.subject for one in claimed if isinstance(one.effect, ShowCard)}


def test_the_card_of_a_change_request_follows_when_its_release_begins_pushes_and_ends(store: Store) -> None:
    under = {"policy": emergency.policy().digest}
    assert shown(store, g.change(), g.release(Stage.PRECONDITIONS, **under)) == {"CR-12"}
    assert shown(store, g.release(Stage.PUSH, **under)) == set()
    assert shown(store, g.release(Stage.CI, **under)) == {"CR-12"}
    assert shown(store, g.release(Stage.PRODUCTION, **under)) == set()
    assert shown(store, g.release(Stage.CI, status=Status.ABORTED, ended_at=g.NOW, **under)) == {"CR-12"}


def test_cards_that_may_begin_a_hotfix_follow_their_incident(store: Store) -> None:
    under = {"policy": emergency.policy().digest}
    last = emergency.hotfix(Stage.PUSH, status=Status.STOPPED, ended_at=g.NOW, **under)
    incident = emergency.incident(hotfix=7, change=12)
    shown(store, emergency.change(), last, incident)
    said = incident.model_copy(update={"affected_text": "more"})
    assert shown(store, said) == set()
    assert shown(store, incident.model_copy(update={"severity": Severity.HIGH})) == {"CR-12", "R-7"}
    assert shown(store, incident) == {"CR-12", "R-7"}
    assert shown(store, incident.model_copy(update={"hotfix": 8})) == {"CR-12", "R-7"}
