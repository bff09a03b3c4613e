"""What is known from outgoing acts: done, or given up."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import ledger
from bot.outbox import Done, Later, Outbox, Outcome, Pace, Refused
from bot.reconciler import given_up, record
from bot.reconciler.patrol import Patrol
from bot.sop.acts import push_act
from bot.sop.decision import Decision, Record
from bot.sop.effects import CancelRun, Effect, MakeRevert, Notice, PostChannel, PushBranch, RerunRun, ShowCard, WriteLog
from bot.sop.records import Violation, ViolationStatus, Word
from bot.sop.stages import Stage
from storage.store import Store
from tests.sop import good as g
from tests.sop import undone

CANCEL = CancelRun(subject="V-4", repository="acme/shop", run=5, attempt=2, deploy_jobs=("deploy",))
BLIND = Violation(
    id=4,
    service="shop",
    key="acme/shop:run:5:2:rerun",
    rule="F1",
    code="rerun_blindly",
    values={"run": 5, "attempt": 2, "act": "cancel"},
    status=ViolationStatus.OPEN,
    first_at=g.NOW,
    last_at=g.NOW,
)


class Answers:
    """Performs everything by one answer."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def perform(self, effect: Effect, attempt: Any) -> Outcome:
        return self.outcome

    def look(self, effect: Effect, attempt: Any) -> Done | None:
        return None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield made
    made.close()


def sent(store: Store, effect: Effect, outcome: Outcome, *records: Record) -> list[str]:
    """Subjects that are looked at after the outbox has sent it."""
    store.transact(lambda unit: unit.apply(Decision(records=records, effects=(effect,)), g.NOW))
    tell: Any = {"on_done": record(lambda: g.NOW), "on_parked": given_up(lambda: g.NOW)}
    performers: Any = {
        kind: Answers(outcome) for kind in (CancelRun, MakeRevert, PushBranch, RerunRun, WriteLog, PostChannel)
    }
    Outbox(store, performers, lambda: g.NOW, "test", Pace(threads=0), **tell).run_once()
    return [c.subject for c in store.claim_watches("test", g.NOW, timedelta(minutes=1), 10)]


@pytest.mark.parametrize(
    ("outcome", "act", "said"),
    [
        (Done({"cancelled": 5}), "cancelled", None),
        (Done({"conclusion": "cancelled"}), "cancelled", None),
        (Done({"conclusion": "success"}), "over", None),
        (Done({"dropped": "it had begun to deploy"}), "watch", None),
        (Refused("Resource not accessible by integration"), "refused", "Resource not accessible by integration"),
    ],
)
def test_the_card_of_a_violation_says_what_became_of_its_run(
    store: Store, outcome: Outcome, act: str, said: str | None
) -> None:
    assert sent(store, CANCEL, outcome, BLIND) == ["V-4"]
    readers: Any = (None, None, None)
    patrol = Patrol(store, g.policy, lambda: g.NOW, *readers)
    for _ in range(2):
        store.transact(patrol.follow(4))
    found = store.read(lambda unit: unit.violation(4))
    assert found and (found.values["act"], found.values["said"]) == (act, said)
    events = [e.kind for e in store.read(lambda unit: unit.events("V-4"))]
    assert events.count("violation_run_handled") == 1
    claimed = store.claim_effects("test", g.NOW, timedelta(minutes=1), 10)
    assert [c.effect for c in claimed] == [ShowCard(subject="V-4", channel="C0RELEASES")]


ACTS: dict[str, Effect] = {
    "write_log": WriteLog(
        subject="R-7",
        repository="acme/shop",
        branch="decision-log",
        path="decision_log.md",
        entry="R-7",
        markdown="x",
        once="rollback",
    ),
    "make_revert": MakeRevert(
        release=7, repository="acme/shop", branch="main", target=g.BASE, parent=g.SHA, message="m", pull=False
    ),
}


def test_a_release_looks_again_and_knows_what_was_given_up(store: Store) -> None:
    release = undone.rollback(Stage.DOCUMENT)
    assert sent(store, ACTS["write_log"], Refused("no"), release, g.change()) == ["R-7"]
    facts = store.read(lambda unit: ledger.release_facts(unit, release, g.policy(), g.NOW))
    assert [(s.kind, s.error) for s in facts.stuck] == [("write_log", "no")]


@pytest.mark.parametrize("given_up", [True, False])
def test_a_push_that_was_not_made_says_why(store: Store, given_up: bool) -> None:
    word = Word(by=g.ALICE, at=g.NOW, says=g.SHA)
    release, push = g.release(Stage.PUSH, push_asked=word), push_act(g.release(), word, g.BASE, g.policy())
    outcome = Refused("it is down") if given_up else Later(None, "it is down", unsure=False)
    assert sent(store, push, outcome, release, g.change()) == (["R-7"] if given_up else [])
    facts = store.read(lambda unit: ledger.release_facts(unit, release, g.policy(), g.NOW))
    assert [(s.kind, s.error) for s in facts.stuck] == ([("push_branch", "it is down")] if given_up else [])
    assert facts.put_off == (None if given_up else "it is down")


def test_what_it_no_longer_waits_for_is_not_stuck(store: Store) -> None:
    release = undone.rollback(Stage.DOCUMENT)
    assert sent(store, ACTS["make_revert"], Refused("no"), release, g.change()) == ["R-7"]
    assert store.read(lambda unit: ledger.release_facts(unit, release, g.policy(), g.NOW)).stuck == ()


def test_a_post_that_is_given_up_makes_nobody_look(store: Store) -> None:
    post = PostChannel(subject="R-7", channel="C0", notice=Notice(code="freeze_started"), once="x")
    assert sent(store, post, Refused("is_archived")) == []
