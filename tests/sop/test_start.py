"""`/release start`: what it takes, and every reason for which it is refused."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Directory
from bot.sop.policy import Policy, PushMode, Roles, SopStatus
from bot.sop.records import Change, ChangeStatus, Freeze, FreezeStatus, LeftAhead, Lock
from bot.sop.stages import Stage, Status
from bot.sop.start import Wanted, start
from tests.sop import good as g
from tests.sop.decided import cards, kinds, lock_of, refused, release_of, said, watched

WANTED = Wanted(service="shop", candidate="faster")
LEFT = LeftAhead(release=3, sha="2" * 40, commits=("2" * 40, "3" * 40))
LOCK = Lock(key="acme/shop@main", release=3, owner=g.BOB, reason="R-3 for CR-9", since=g.ago(hours=1))
TWO_ON_ONE_BRANCH = g.policy(services=(g.service(), g.service(name="blog")))


def started(by: str = g.ALICE, wanted: Wanted = WANTED, policy: Policy | None = None, **facts: Any) -> Decision:
    return start(7, by, wanted, g.facts(**{"lock": None, **facts}), policy or g.policy())


def frozen(**changes: Any) -> tuple[Freeze, ...]:
    freeze = Freeze(
        id=2,
        status=FreezeStatus.ACTIVE,
        services=(),
        reason="peak",
        owner=g.CAROL,
        starts_at=g.ago(hours=1),
        until=None,
        created_at=g.ago(hours=1),
    )
    return (freeze.model_copy(update=changes),)


def change(**content: Any) -> Change:
    return g.change(content=g.CONTENT.model_copy(update=content))


def test_a_start_takes_the_lock_records_the_policy_and_shows_a_card() -> None:
    policy = g.policy()
    decision = started(policy=policy)
    release, lock = release_of(decision), lock_of(decision)
    assert (release.id, release.owner, release.started_by, release.change) == (7, g.ALICE, g.ALICE, 12)
    assert (release.stage, release.status, release.taken_over) == (Stage.PRECONDITIONS, Status.RUNNING, None)
    assert (release.base, release.candidate, release.change_digest) == (g.BASE, "faster", g.CONTENT.digest)
    assert (release.policy, release.sop_stage, release.sop_status) == (policy.digest, "MVP", "ACTIVE")
    assert (lock.key, lock.release, lock.left) == ("acme/shop@main", 7, None)
    assert kinds(decision) == ["release_started"]
    assert decision.events[0].values["policy"] == policy.digest
    assert said(decision) == [Code.RELEASE_STARTED]
    assert cards(decision) == ["R-7"]
    assert watched(decision) == ["R-7"]


def test_a_start_waits_for_an_open_change_request() -> None:
    waiting = g.change(status=ChangeStatus.OPEN, approvals=())
    assert release_of(started(change=waiting)).status is Status.RUNNING


REFUSALS: tuple[tuple[str, Code, dict[str, Any]], ...] = (
    ("approver only", Code.NO_ROLE, {"by": g.CAROL}),
    ("no role at all", Code.NO_ROLE, {"by": g.FRANK}),
    ("deactivated", Code.NO_ROLE, {"directory": Directory(deactivated=frozenset({g.ALICE}))}),
    (
        "a group that could not be read",
        Code.NO_ROLE,
        {"policy": g.policy(roles=Roles(releaser=("S0DEVS",), approver=(g.CAROL,))), "directory": Directory()},
    ),
    ("draft", Code.SOP_NOT_ACTIVE, {"policy": g.policy(status=SopStatus.DRAFT)}),
    ("suspended", Code.SOP_NOT_ACTIVE, {"policy": g.policy(status=SopStatus.SUSPENDED)}),
    ("retired", Code.SOP_NOT_ACTIVE, {"policy": g.policy(status=SopStatus.RETIRED)}),
    ("no such service", Code.UNKNOWN_SERVICE, {"wanted": Wanted(service="blog", candidate="x")}),
    ("no such change request", Code.UNKNOWN_THING, {"change": None}),
    ("of another service", Code.CHANGE_OF_OTHER, {"change": change(service="blog")}),
    *((s.value, Code.CHANGE_NOT_USABLE, {"change": g.change(status=s)})
      for s in (ChangeStatus.REJECTED, ChangeStatus.WITHDRAWN, ChangeStatus.EXPIRED, ChangeStatus.RELEASED)),
    ("an emergency change", Code.EMERGENCY_CHANGE, {"change": g.change(incident=3)}),
    ("no candidate", Code.EMPTY, {"wanted": Wanted(service="shop", candidate=" ")}),
    ("nothing adopted", Code.NO_BASELINE, {"baseline": None}),
    ("frozen", Code.FROZEN, {"freezes": frozen()}),
    ("frozen by name", Code.FROZEN, {"freezes": frozen(services=("blog", "shop"))}),
    ("a neighbour on the branch is frozen", Code.FROZEN,
     {"policy": TWO_ON_ONE_BRANCH, "freezes": frozen(services=("blog",))}),
    ("a window that begins now", Code.FROZEN,
     {"freezes": frozen(status=FreezeStatus.SCHEDULED, starts_at=g.NOW)}),
    ("begun by a clock that is ahead", Code.FROZEN, {"freezes": frozen(starts_at=g.NOW + timedelta(seconds=2))}),
    ("busy", Code.LOCK_BUSY, {"lock": LOCK}),
    ("busy, take-over asked", Code.LOCK_BUSY,
     {"lock": LOCK, "wanted": Wanted(service="shop", candidate="x", take_over=True)}),
    ("commits left", Code.LOCK_LEFT, {"lock": LOCK.model_copy(update={"left": LEFT})}),
)  # fmt: skip


@pytest.mark.parametrize("code, given", [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_a_start_is_refused(code: Code, given: dict[str, Any]) -> None:
    decision = started(**given)
    assert refused(decision) == code
    (event,) = decision.events
    assert (event.kind, event.values["code"]) == ("release_refused", code)


OPEN_WINDOWS: tuple[tuple[str, tuple[Freeze, ...]], ...] = (
    ("of another service", frozen(services=("blog",))),
    ("ended", frozen(status=FreezeStatus.ENDED)),
    ("cancelled", frozen(status=FreezeStatus.CANCELLED, starts_at=g.ago(hours=1))),
    ("over this second", frozen(until=g.NOW)),
    ("begins in a second", frozen(status=FreezeStatus.SCHEDULED, starts_at=g.NOW + timedelta(seconds=1))),
)


@pytest.mark.parametrize("freezes", [w[1] for w in OPEN_WINDOWS], ids=[w[0] for w in OPEN_WINDOWS])
def test_a_freeze_that_is_not_in_force_refuses_nothing(freezes: tuple[Freeze, ...]) -> None:
    assert started(freezes=freezes).refusal is None


def test_commits_left_on_the_branch_are_taken_over_by_name_only() -> None:
    left = LOCK.model_copy(update={"left": LEFT})
    decision = started(wanted=Wanted(service="shop", candidate="faster", take_over=True), lock=left)
    assert release_of(decision).taken_over == LEFT
    assert lock_of(decision).left is None
    assert lock_of(decision).release == 7
    assert decision.events[0].values["taken_over"] == LEFT.model_dump()


def test_asking_to_take_over_where_nothing_was_left_takes_nothing_over() -> None:
    decision = started(wanted=Wanted(service="shop", candidate="faster", take_over=True))
    assert release_of(decision).taken_over is None


def test_a_release_that_can_only_stop_stops_at_once_and_takes_no_lock() -> None:
    decision = started(attestations=(g.failing("build"),))
    assert release_of(decision).status is Status.STOPPED
    assert said(decision) == [Code.RELEASE_STARTED, Code.RELEASE_STOPPED]
    assert not [r for r in decision.records if isinstance(r, Lock)]


@pytest.mark.parametrize("release, said_", [(None, None), (3, "R-3")])
def test_a_change_that_cannot_be_used_names_its_release(release: int | None, said_: str | None) -> None:
    refusal = started(change=g.change(status=ChangeStatus.RELEASED, release=release)).refusal
    assert refusal is not None and refusal.values == {"change": "CR-12", "status": "RELEASED", "release": said_}


def test_the_push_mode_does_not_matter_to_a_start() -> None:
    watching = g.policy(services=(g.service(push=PushMode.WATCH),))
    assert release_of(started(policy=watching)).stage is Stage.PRECONDITIONS
