"""Every record comes back as it was stored."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.sop.decision import Decision
from bot.sop.facts import Attestation, Candidate, Fleet, Runs, Seen, Tip
from bot.sop.records import Baseline, Change, ChangeStatus, Freeze, FreezeStatus, Lock, Release
from storage import Replayed, Store, Unit, codec
from tests.storage.examples import NOW, any_of, attestation, change, later, policy, release

Load = Callable[[Unit, Any], Any]
LOADS: dict[type[BaseModel], Load] = {
    Release: lambda unit, r: unit.release(r.id),
    Change: lambda unit, r: unit.change(r.id),
    Freeze: lambda unit, r: unit.freeze(r.id),
    Lock: lambda unit, r: _lock(unit, r),
    Baseline: lambda unit, r: unit.baseline(r.service),
}
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _lock(unit: Unit, stored: Lock) -> Lock | None:
    """But for its owner, who is that of its release."""
    found = unit.lock(stored.key)
    return found and found.model_copy(update={"owner": stored.owner})


@pytest.mark.parametrize("kind", LOADS, ids=lambda kind: str(kind.__name__))
def test_any_record_round_trips(store: Store, kind: type[BaseModel]) -> None:
    @many
    @given(any_of(kind))
    def round_trip(record: Any) -> None:
        store.transact(lambda unit: unit.apply(Decision(records=(record,)), NOW))
        loaded = store.read(lambda unit: LOADS[kind](unit, record))
        assert loaded == record and type(loaded) is kind
        freed = [lock.key for lock in store.read(Unit.locks)]
        store.transact(lambda unit: _drop_locks(unit, freed))

    round_trip()


def _drop_locks(unit: Unit, keys: list[str]) -> None:
    """So that the next example may have the same key."""
    for key in keys:
        held = unit.lock(key)
        if held is not None:
            owner = release(held.release)
            unit.apply(Decision.model_validate({"records": (owner,), "freed": ({"key": key},)}), NOW)


@pytest.mark.parametrize(
    "seen", [Seen[Candidate], Seen[Tip], Seen[Runs], Seen[Fleet]], ids=lambda seen: str(seen.__name__)
)
def test_any_fact_round_trips(store: Store, seen: type[BaseModel]) -> None:
    assert store.read(lambda unit: unit.seen("R-1", "fact", seen)) == seen()

    @many
    @given(any_of(seen))
    def round_trip(value: Any) -> None:
        store.transact(lambda unit: unit.saw("R-1", "fact", value))
        assert store.read(lambda unit: unit.seen("R-1", "fact", seen)) == value

    round_trip()


@many
@given(given_=st.data())
def test_any_attestation_round_trips(store: Store, given_: st.DataObject) -> None:
    known = {a.digest for a in store.read(lambda unit: unit.attestations("shop", 1, 1000))}
    made = given_.draw(any_of(Attestation).filter(lambda a: a.digest not in known))
    made = made.model_copy(update={"service": "shop", "change": 1})
    kept = store.transact(lambda unit: unit.add_attestation(made, b"\x00signed", "sig"))
    assert kept == made.model_copy(update={"id": kept.id})
    assert store.read(lambda unit: (unit.attestation(kept.id), unit.attestations("shop", 1, 1))) == (kept, (kept,))


def test_an_attestation_is_received_once(store: Store) -> None:
    first = store.transact(lambda unit: unit.add_attestation(attestation("a"), b"1", "s"))
    second = store.transact(lambda unit: unit.add_attestation(attestation("b"), b"2", "s"))
    assert (first.id, second.id) == (1, 2)
    with pytest.raises(Replayed, match="received before"):
        store.transact(lambda unit: unit.add_attestation(attestation("a"), b"1", "s"))
    assert store.read(lambda unit: unit.attestations("shop", 12)) == (second, first)


def test_a_policy_is_kept_by_its_digest(store: Store) -> None:
    old, new = policy(), policy("GA")
    store.transact(lambda unit: unit.keep_policy(old))
    store.transact(lambda unit: unit.keep_policy(new))
    store.transact(lambda unit: unit.keep_policy(old))
    assert store.read(lambda unit: unit.policy(old.digest)) == old
    loaded = store.read(lambda unit: unit.policy(new.digest))
    assert loaded == new and loaded is not None and loaded.digest == new.digest
    assert store.read(lambda unit: unit.policy("0" * 64)) is None


def test_nothing_is_stored_twice() -> None:
    assert not {"id", "service", "status", "owner", "change"} & codec.RELEASE.row(release(1))["body"].keys()
    assert not {"id", "service", "change", "digest"} & codec.ATTESTATION.row(attestation("a"))["body"].keys()
    row = codec.CHANGE.row(change(1))
    assert not {"id", "status", "requester"} & row["body"].keys()
    assert not {"service", "title"} & row["body"]["content"].keys()


def test_the_newest_baseline_counts_and_older_ones_stay(store: Store) -> None:
    first = Baseline(service="shop", sha="a" * 40, at=NOW, by="U01")
    again = Baseline(service="shop", sha="b" * 40, at=later(1), by="U02", release=7)
    store.transact(lambda unit: unit.apply(Decision(records=(first,)), NOW))
    store.transact(lambda unit: unit.apply(Decision(records=(again,)), NOW))
    assert store.read(lambda unit: unit.baseline("shop")) == again
    assert store.read(lambda unit: unit.baseline("other")) is None


def test_what_was_never_stored_is_none(store: Store) -> None:
    found = store.read(lambda u: (u.release(1), u.change(1), u.freeze(1), u.lock("x"), u.card("R-1"), u.attestation(1)))
    assert found == (None,) * 6
    assert store.read(lambda u: u.changes(status=[ChangeStatus.OPEN])) == ()
    assert store.read(lambda u: u.freezes(status=[FreezeStatus.ACTIVE])) == ()
