"""A decision is stored whole or not at all; locks go to one release."""

from datetime import timedelta

import pytest

from bot.sop.decision import Decision, Event, Freed, Refusal, Watch
from bot.sop.facts import Seen, Tip
from bot.sop.records import Change, Freeze, LeftAhead, Release
from bot.sop.stages import Status
from storage import Card, LockTaken, Store, Unit
from tests.storage.examples import KEY, NOW, SHA, card, change, later, lock, release, thread

LEASE = timedelta(seconds=30)
STARTED = Event(kind="release_started", subject="R-1", actor="U01", values={"change": "CR-12"})


def apply(store: Store, decision: Decision) -> None:
    store.transact(lambda unit: unit.apply(decision, NOW))


def test_all_of_a_decision_is_stored(store: Store) -> None:
    watch = Watch(subject="R-1", due=NOW)
    apply(store, Decision(records=(release(1), lock(1)), events=(STARTED,), effects=(card(),), watch=(watch,)))
    assert store.read(lambda unit: (unit.release(1), unit.lock(KEY))) == (release(1), lock(1))
    assert [event.kind for event in store.read(Unit.events)] == ["release_started"]
    assert [c.effect for c in store.claim_effects("me", NOW, LEASE, 9)] == [card()]
    assert [c.subject for c in store.claim_watches("me", NOW, LEASE, 9)] == ["R-1"]


def test_of_a_refusal_only_the_events_are_stored(store: Store) -> None:
    watch = Watch(subject="R-1", due=NOW)
    refused = Decision(records=(release(1),), effects=(card(),), watch=(watch,), events=(STARTED,))
    apply(store, refused + Decision(refusal=Refusal(code="not_active")))
    assert store.read(lambda unit: unit.release(1)) is None
    assert [event.kind for event in store.read(Unit.events)] == ["release_started"]
    assert not store.claim_effects("me", NOW, LEASE, 9) and not store.claim_watches("me", NOW, LEASE, 9)


def test_a_failure_leaves_nothing_behind(store: Store) -> None:
    def work(unit: Unit) -> None:
        assert unit.next_id(Release) == 1
        unit.apply(Decision(records=(release(1),), events=(STARTED,), effects=(card(),)), NOW)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        store.transact(work)
    assert store.read(lambda unit: (unit.release(1), unit.events())) == (None, ())
    assert store.transact(lambda unit: unit.next_id(Release)) == 1


def test_a_transaction_within_another_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="begun within another"):
        store.transact(lambda unit: store.transact(lambda inner: inner.next_id(Release)))
    assert store.transact(lambda unit: unit.next_id(Release)) == 1


def test_ids_are_counted_by_kind(store: Store) -> None:
    kinds: list[type[Release] | type[Change] | type[Freeze]] = [Release, Release, Change, Freeze, Release]
    assert store.transact(lambda unit: [unit.next_id(kind) for kind in kinds]) == [1, 2, 1, 1, 3]


def test_a_lock_goes_to_one_release(store: Store) -> None:
    apply(store, Decision(records=(release(1), lock(1))))
    with pytest.raises(LockTaken, match="acme/shop@main is held by R-1") as taken:
        apply(store, Decision(records=(release(2), lock(2)), events=(STARTED,)))
    assert taken.value.held.release == 1
    assert store.read(lambda unit: (unit.release(2), unit.locks(), unit.events())) == (None, (lock(1),), ())


def test_its_holder_may_change_a_lock(store: Store) -> None:
    left = LeftAhead(release=1, sha=SHA, commits=(SHA,))
    apply(store, Decision(records=(release(1), lock(1))))
    apply(store, Decision(records=(lock(1, left=left),)))
    assert store.read(lambda unit: unit.lock(KEY)) == lock(1, left=left)


def test_the_owner_of_a_lock_is_that_of_the_release_it_is_about(store: Store) -> None:
    apply(store, Decision(records=(release(1), lock(1))))
    apply(store, Decision(records=(release(1, owner="U02"),)))
    assert store.read(lambda unit: unit.lock(KEY)) == lock(1, owner="U02")
    left = LeftAhead(release=1, sha=SHA, commits=(SHA,))
    apply(store, Decision(records=(release(2, owner="U03", taken_over=left), lock(2, left=left))))
    assert store.read(lambda unit: unit.locks()) == (lock(2, owner="U02", left=left),)


def test_commits_left_by_who_pushed_nothing_can_be_taken_over_again(store: Store) -> None:
    left = LeftAhead(release=1, sha=SHA, commits=(SHA,))
    apply(store, Decision(records=(release(2, taken_over=left), lock(2, left=left))))
    with pytest.raises(LockTaken):
        apply(store, Decision(records=(release(3), lock(3))))
    apply(store, Decision(records=(release(3, taken_over=left), lock(3))))
    assert store.read(lambda unit: unit.lock(KEY)) == lock(3)


@pytest.mark.parametrize("freed", [(), (Freed(key=KEY),)], ids=["replaced", "freed first"])
def test_a_lock_that_was_left_goes_to_who_takes_the_commits_over(store: Store, freed: tuple[Freed, ...]) -> None:
    left = LeftAhead(release=1, sha=SHA, commits=(SHA,))
    apply(store, Decision(records=(lock(1, left=left),)))
    with pytest.raises(LockTaken):
        apply(store, Decision(records=(release(2), lock(2))))
    apply(store, Decision(records=(release(2, taken_over=left), lock(2)), freed=freed))
    assert store.read(lambda unit: unit.lock(KEY)) == lock(2)


def test_a_lock_is_given_back_by_its_holder_only(store: Store) -> None:
    apply(store, Decision(records=(release(1), lock(1))))
    apply(store, Decision(records=(release(2, status=Status.STOPPED),), freed=(Freed(key=KEY),)))
    assert store.read(lambda unit: unit.lock(KEY)) == lock(1)
    apply(store, Decision(records=(release(1, status=Status.COMPLETE),), freed=(Freed(key=KEY),)))
    assert store.read(lambda unit: unit.lock(KEY)) is None


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        store.read(lambda unit: unit.next_id(Release))


def test_a_time_without_its_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without its zone"):
        store.transact(lambda unit: unit.apply(Decision(events=(STARTED,)), NOW.replace(tzinfo=None)))


def test_facts_last_seen(store: Store) -> None:
    tip = Seen[Tip](value=Tip(sha=SHA, tree=SHA), at=NOW)

    def work(unit: Unit) -> None:
        assert unit.seen("R-1", "tip", Seen[Tip]) == Seen[Tip]()
        unit.saw("R-1", "tip", tip)
        assert unit.seen("R-1", "tip", Seen[Tip]) == tip

    store.transact(work)
    assert store.read(lambda unit: unit.seen("R-2", "tip", Seen[Tip])).value is None
    store.transact(lambda unit: unit.forget("R-1", "tip"))
    assert store.read(lambda unit: unit.seen("R-1", "tip", Seen[Tip])).value is None


def test_a_card_has_one_place(store: Store) -> None:
    store.transact(lambda unit: unit.place_card("R-1", "C01", "1.1"))
    store.transact(lambda unit: unit.place_card("R-1", "C01", "1.2", rendering="abc"))
    assert store.read(lambda unit: unit.card("R-1")) == Card(channel="C01", ts="1.2", rendering="abc")


def test_homes_that_were_opened_lately(store: Store) -> None:
    def open_them(unit: Unit) -> None:
        for user, seconds in (("U01", 0), ("U02", 60), ("U03", 30), ("U01", 90)):
            unit.opened_home(user, later(seconds))

    store.transact(open_them)
    assert store.read(lambda unit: unit.homes_open(later(30))) == ("U01", "U02", "U03")
    assert store.read(lambda unit: unit.homes_open(later(61))) == ("U01",)


def test_what_was_met_before_is_known_for_a_week(store: Store) -> None:
    def first(key: str, seconds: float, kind: str = "slack") -> bool:
        return store.transact(lambda unit: unit.first_time(kind, key, later(seconds)))

    week = timedelta(days=7).total_seconds()
    assert [first("Ev1", 0), first("Ev1", 1), first("Ev2", 2), first("Ev1", 3, "github")] == [True, False, True, True]
    assert not first("Ev1", week)
    assert first("Ev3", week + 10)
    assert first("Ev1", week + 11)


def test_what_an_effect_decided_with_a_thread_is_kept_in_order(store: Store) -> None:
    apply(store, Decision(effects=(thread("a"), card(), thread("b"))))
    (shown,) = store.claim_effects("me", NOW, LEASE, 9)
    assert shown.effect == card() and shown.card is None
    store.transact(lambda unit: unit.place_card("R-1", "C01", "1.1"))
    (first,) = store.claim_effects("me", NOW, LEASE, 9)
    assert first.effect == thread("a") and first.card == Card(channel="C01", ts="1.1")


def test_cards_go_before_what_is_said_in_threads(store: Store) -> None:
    store.transact(lambda unit: unit.place_card("R-1", "C01", "1.1"))
    apply(store, Decision(effects=(thread("a"),)))
    store.transact(lambda unit: unit.apply(Decision(effects=(card(),)), later(5)))
    claimed = [store.claim_effects("me", later(9), LEASE, 1)[0].effect for _ in range(2)]
    assert claimed == [card(), thread("a")]


def test_releases_by_status(store: Store) -> None:
    apply(store, Decision(records=(release(1), release(2, status=Status.HELD), release(3), change(1))))
    counted = store.read(Unit.count_releases)
    assert counted == dict.fromkeys(Status, 0) | {Status.RUNNING: 2, Status.HELD: 1}
