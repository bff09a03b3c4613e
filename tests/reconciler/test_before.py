"""What the outbox asks just before it writes or runs again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.reconciler import Before
from bot.sop import resolution
from bot.sop.decision import Decision
from bot.sop.effects import RerunRun, WriteLog
from bot.sop.records import Incident, IncidentStatus, Rerun
from storage.store import Store
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.test_incident import NOTE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield made
    made.close()


def written(store: Store, incident: Incident, revision: int, at: int) -> tuple[Incident, WriteLog]:
    """The note, written so many seconds later."""
    around = e.around(now=g.ago(seconds=-at))
    decision = resolution.write_note(incident, g.DAVE, revision, NOTE, around, e.policy())
    store.transact(lambda unit: unit.apply(decision, g.NOW))
    new = next(r for r in decision.records if isinstance(r, Incident))
    return new, next(x for x in decision.effects if isinstance(x, WriteLog))


def test_an_older_note_never_replaces_a_newer_one(store: Store) -> None:
    before = Before(store, e.policy, lambda: g.NOW)
    resolved = e.incident(status=IncidentStatus.RESOLVED, resolved_by=g.DAVE, resolved_at=g.NOW)
    incident, first = written(store, resolved, 0, at=1)
    assert before.log(first)
    _, second = written(store, incident, 1, at=2)
    assert (before.log(first), before.log(second)) == (False, True)
    assert not before.log(first.model_copy(update={"subject": "INC-99"}))
    assert not before.log(first.model_copy(update={"subject": "R-99"}))


def test_a_log_has_had_entries_once_something_was_noted(store: Store) -> None:
    before = Before(store, e.policy, lambda: g.NOW)
    closed = e.incident(status=IncidentStatus.CLOSED, note=e.note())
    store.transact(lambda unit: unit.apply(Decision(records=(closed,)), g.NOW))
    write = WriteLog(
        subject="INC-4", repository="acme/shop", branch="log", path="log.md", entry="INC-4", markdown="", once="1"
    )
    assert not before.written_before(write)
    logged = closed.model_copy(update={"logged": "https://github.example/log"})
    store.transact(lambda unit: unit.apply(Decision(records=(logged,)), g.NOW))
    assert before.written_before(write)
    assert not before.written_before(write.model_copy(update={"repository": "acme/other"}))


def test_only_the_attempt_that_was_asked_for_last_is_run(store: Store) -> None:
    asked = Rerun(run=5, attempt=2, by=g.ALICE, at=g.NOW, reason="so")
    release = g.release().model_copy(update={"reruns": (asked,)})
    store.transact(lambda unit: unit.apply(Decision(records=(release,)), g.NOW))
    before = Before(store, g.policy, lambda: g.NOW)
    act = RerunRun(release=release.id, repository="acme/shop", run=5, attempt=2)
    assert before.rerun(act)
    assert not before.rerun(act.model_copy(update={"attempt": 3}))
