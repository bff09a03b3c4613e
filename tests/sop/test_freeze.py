"""Freezes (X4): started, scheduled, changed, ended, cancelled, and by the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.sop import freeze as freezes
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import PostChannel
from bot.sop.facts import Directory
from bot.sop.freeze import FreezeFacts, Window
from bot.sop.policy import Policy
from bot.sop.records import Freeze, FreezeStatus
from tests.sop import good as g
from tests.sop.decided import announced, cards, freeze_of, kinds, refused, watched

S = FreezeStatus
TOMORROW = g.NOW + timedelta(days=1)
TWO = g.policy(services=(g.service(), g.service(name="blog", branch="blog", channel="C0BLOG")))
NEIGHBOURS = g.policy(services=(g.service(), g.service(name="blog", channel="C0BLOG")))


def frozen(**changes: Any) -> Freeze:
    return Freeze(
        id=2,
        status=S.ACTIVE,
        services=("shop",),
        reason="peak",
        owner=g.CAROL,
        starts_at=g.ago(hours=1),
        until=None,
        created_at=g.ago(hours=1),
    ).model_copy(update=changes)


def coming(**changes: Any) -> Freeze:
    return frozen(**{"status": S.SCHEDULED, "starts_at": TOMORROW, **changes})


def window(**changes: Any) -> Window:
    return Window(services=("shop",), reason=" peak ", starts_at=None, until=None).model_copy(update=changes)


def facts(**changes: Any) -> FreezeFacts:
    people = Directory(groups={"S0LEADS": (g.DAVE,)})
    return FreezeFacts(now=g.NOW, directory=people, running=(g.release(),)).model_copy(update=changes)


def started(by: str = g.CAROL, policy: Policy | None = None, **changes: Any) -> Decision:
    return freezes.start(2, by, window(**changes), facts(), policy or TWO)


def test_a_freeze_begins_at_once_and_running_releases_look_again() -> None:
    decision = started()
    made = freeze_of(decision)
    assert (made.name, made.status, made.owner, made.reason) == ("FRZ-2", S.ACTIVE, g.CAROL, "peak")
    assert (made.starts_at, made.until, made.in_force(g.NOW)) == (g.NOW, None, True)
    assert (kinds(decision), announced(decision)) == (["freeze_began"], []), "its card is its announcement"
    assert (cards(decision), watched(decision)) == (["FRZ-2:C0RELEASES", "R-7"], ["R-7"])
    assert decision.watch[0].due == g.NOW


def test_a_freeze_of_everything_is_announced_everywhere() -> None:
    assert cards(started(services=()))[:2] == ["FRZ-2:C0RELEASES", "FRZ-2:C0BLOG"]
    ended = freezes.end(frozen(services=()), g.CAROL, facts(), TWO)
    assert announced(ended) == [("C0RELEASES", Code.FREEZE_ENDED), ("C0BLOG", Code.FREEZE_ENDED)]


def test_releases_of_other_services_are_left_alone() -> None:
    decision = started(services=("blog",))
    assert (cards(decision), watched(decision)) == (["FRZ-2:C0BLOG"], [])


def test_a_neighbour_on_the_same_branch_is_frozen_too() -> None:
    decision = started(g.CAROL, NEIGHBOURS, services=("blog",))
    assert (cards(decision), watched(decision)) == (["FRZ-2:C0BLOG", "R-7"], ["R-7"])


def test_a_coming_window_is_scheduled_and_watched() -> None:
    decision = started(starts_at=TOMORROW, until=TOMORROW + timedelta(days=2))
    made = freeze_of(decision)
    assert (made.status, made.in_force(g.NOW), made.in_force(TOMORROW)) == (S.SCHEDULED, False, True)
    assert (cards(decision)[0], freezes.says(made)) == ("FRZ-2:C0RELEASES", Code.FREEZE_SCHEDULED)
    clock = [w.due for w in decision.watch if w.subject == "FRZ-2"]
    assert clock == [TOMORROW, TOMORROW + timedelta(days=2)]


def test_a_window_that_begins_in_this_minute_is_active() -> None:
    assert freeze_of(started(starts_at=g.ago(seconds=50))).status is S.ACTIVE


REFUSALS: tuple[tuple[Code, dict[str, Any]], ...] = (
    (Code.NO_ROLE, {"by": g.ALICE}),
    (Code.NO_ROLE, {"by": g.FRANK}),
    (Code.UNKNOWN_SERVICE, {"services": ("shop", "nothing")}),
    (Code.EMPTY, {"reason": " "}),
    (Code.FREEZE_TIMES, {"until": g.NOW}),
    (Code.FREEZE_TIMES, {"until": g.ago(hours=1)}),
    (Code.FREEZE_TIMES, {"starts_at": TOMORROW, "until": TOMORROW}),
    (Code.FREEZE_TIMES, {"starts_at": g.ago(hours=2), "until": g.ago(hours=1)}),
    (Code.FREEZE_PAST, {"starts_at": g.ago(seconds=61)}),
)


@pytest.mark.parametrize("code, given", REFUSALS)
def test_a_freeze_is_not_started_or_changed_so(code: Code, given: dict[str, Any]) -> None:
    assert refused(started(**given)) == code
    by = given.get("by", g.DAVE)
    wanted = window(**{k: v for k, v in given.items() if k != "by"})
    assert refused(freezes.change(coming(), by, 0, wanted, facts(), TWO)) == code


# --- changed


def changed(freeze: Freeze, **window_changes: Any) -> Decision:
    return freezes.change(freeze, g.DAVE, 0, window(**window_changes), facts(), TWO)


def test_a_coming_window_can_be_moved() -> None:
    later = TOMORROW + timedelta(days=1)
    decision = changed(coming(), starts_at=later, reason="later")
    assert (freeze_of(decision).status, freeze_of(decision).starts_at) == (S.SCHEDULED, later)
    assert (freeze_of(decision).reason, freeze_of(decision).owner) == ("later", g.CAROL)
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_CHANGED)]


def test_a_coming_window_can_begin_now() -> None:
    decision = changed(coming())
    assert (freeze_of(decision).status, freeze_of(decision).starts_at) == (S.ACTIVE, g.NOW)
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_BEGAN)]


@pytest.mark.parametrize("begun", [g.ago(hours=1), g.NOW + timedelta(seconds=5)], ids=["past", "by a clock ahead"])
def test_of_an_active_one_the_beginning_stays(begun: datetime) -> None:
    decision = changed(frozen(starts_at=begun), starts_at=TOMORROW, until=TOMORROW + timedelta(days=1), services=())
    done = freeze_of(decision)
    assert (done.status, done.starts_at, done.until) == (S.ACTIVE, begun, TOMORROW + timedelta(days=1))
    assert done.services == ()
    assert kinds(decision) == ["freeze_changed"]


def test_a_change_that_was_not_read_is_not_undone() -> None:
    """Whoever opened the form before another had saved is told who changed what when, at the form."""
    moved = freeze_of(changed(coming(), starts_at=TOMORROW + timedelta(days=1)))
    decision = freezes.change(moved, g.CAROL, 0, window(starts_at=TOMORROW), facts(), TWO)
    assert refused(decision) == Code.FREEZE_MEANWHILE
    assert decision.refusal and decision.refusal.field == "reason"
    said = decision.refusal.values
    assert (said["by"], said["at"]) == (g.DAVE, g.NOW.isoformat())
    again = freeze_of(freezes.change(moved, g.CAROL, 1, window(starts_at=TOMORROW), facts(), TWO))
    assert (again.starts_at, again.revision, again.changed_by) == (TOMORROW, 2, g.CAROL)


def test_each_change_is_announced() -> None:
    later = freezes.change(coming(), g.DAVE, 0, window(), facts(now=g.NOW + timedelta(minutes=1)), TWO)
    assert {e.key for e in changed(coming()).effects}.isdisjoint(
        {e.key for e in later.effects if e.kind != "show_card"}
    )


def test_a_channel_whose_service_is_no_longer_frozen_sees_it_on_the_card() -> None:
    decision = freezes.change(frozen(services=()), g.CAROL, 0, window(services=("shop",)), facts(), TWO)
    assert cards(decision)[:2] == ["FRZ-2:C0RELEASES", "FRZ-2:C0BLOG"]
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_CHANGED)]


def test_one_whose_begin_the_clock_has_not_seen_yet_can_be_changed() -> None:
    begun = coming(starts_at=g.ago(hours=1))
    assert freeze_of(changed(begun, starts_at=begun.starts_at, reason="later")).status is S.ACTIVE


# --- ended and cancelled


@pytest.mark.parametrize("by", [g.CAROL, g.DAVE])
def test_an_approver_ends_one_and_releases_look_again(by: str) -> None:
    decision = freezes.end(frozen(until=TOMORROW), by, facts(), TWO)
    done = freeze_of(decision)
    assert (done.status, done.ended_by, done.ended_at, done.in_force(g.NOW)) == (S.ENDED, by, g.NOW, False)
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_ENDED)]
    assert watched(decision) == ["R-7"]


OTHERS: tuple[tuple[Freeze, Policy, list[str]], ...] = (
    (frozen(id=1), TWO, ["FRZ-1"]),
    (frozen(id=1, services=()), TWO, ["FRZ-1"]),
    (coming(id=1, starts_at=g.NOW), TWO, ["FRZ-1"]),
    (coming(id=1), TWO, []),
    (frozen(id=1, until=g.NOW), TWO, []),
    (frozen(id=1, services=("blog",)), TWO, []),
    (frozen(id=1, services=("blog",)), NEIGHBOURS, ["FRZ-1"]),
    (frozen(), TWO, []),
)


@pytest.mark.parametrize("other, policy, still", OTHERS)
def test_the_announcement_of_its_end_names_those_still_in_force(
    other: Freeze, policy: Policy, still: list[str]
) -> None:
    decision = freezes.end(frozen(), g.CAROL, facts(freezes=(other, frozen())), policy)
    said = next(e.notice for e in decision.effects if isinstance(e, PostChannel))
    assert said.values["still"] == still
    assert decision.events[0].values["still"] == still


def test_an_approver_cancels_a_coming_one() -> None:
    decision = freezes.cancel(coming(), g.CAROL, facts(), TWO)
    assert (freeze_of(decision).status, freeze_of(decision).ended_by) == (S.CANCELLED, g.CAROL)
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_CANCELLED)]
    assert not freeze_of(decision).in_force(TOMORROW)


@pytest.mark.parametrize("by", [g.ALICE, g.FRANK])
def test_nobody_else_does(by: str) -> None:
    assert refused(freezes.end(frozen(), by, facts(), TWO)) == Code.NO_ROLE
    assert refused(freezes.cancel(coming(), by, facts(), TWO)) == Code.NO_ROLE


# --- the clock


def ticked(freeze: Freeze, now: datetime = g.NOW) -> Decision:
    return freezes.tick(freeze, facts(now=now), TWO)


def test_the_clock_begins_a_window_and_watches_its_end() -> None:
    decision = ticked(coming(until=TOMORROW + timedelta(days=1)), TOMORROW)
    assert freeze_of(decision).status is S.ACTIVE
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_BEGAN)]
    assert [(w.subject, w.due) for w in decision.watch] == [("R-7", TOMORROW), ("FRZ-2", TOMORROW + timedelta(days=1))]


@pytest.mark.parametrize("freeze", [frozen(until=g.NOW), coming(starts_at=g.ago(hours=1), until=g.NOW)])
def test_the_clock_ends_it_when_its_time_is_up(freeze: Freeze) -> None:
    decision = ticked(freeze)
    assert (freeze_of(decision).status, freeze_of(decision).ended_by) == (S.ENDED, None)
    assert freeze_of(decision).ended_at == g.NOW
    assert announced(decision) == [("C0RELEASES", Code.FREEZE_ENDED)]


@pytest.mark.parametrize(
    "freeze, due",
    [
        (coming(), [TOMORROW]),
        (coming(until=TOMORROW + timedelta(days=1)), [TOMORROW, TOMORROW + timedelta(days=1)]),
        (frozen(until=TOMORROW), [TOMORROW]),
        (frozen(), []),
        (frozen(status=S.ENDED, until=TOMORROW), []),
        (coming(status=S.CANCELLED), []),
    ],
)
def test_a_tick_before_its_time_keeps_watching(freeze: Freeze, due: list[datetime]) -> None:
    decision = ticked(freeze)
    assert decision.records == ()
    assert [w.due for w in decision.watch] == due


@pytest.mark.parametrize(
    "status, can",
    [(S.SCHEDULED, ["change", "cancel"]), (S.ACTIVE, ["change", "end"]), (S.ENDED, []), (S.CANCELLED, [])],
)
def test_what_people_can_do_with_a_freeze(status: FreezeStatus, can: list[str]) -> None:
    assert [i.value for i in freezes.possible(status)] == can


def test_a_release_of_a_service_that_is_gone_is_not_looked_for() -> None:
    policy = g.policy(services=(g.service(name="blog"),))
    assert watched(freezes.end(frozen(services=()), g.CAROL, facts(), policy)) == []


@pytest.mark.parametrize("status", [S.ENDED, S.CANCELLED])
def test_what_is_over_is_not_in_force(status: FreezeStatus) -> None:
    assert not frozen(status=status).in_force(g.NOW)
