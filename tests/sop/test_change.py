"""Change requests: filed, approved by others, edited, withdrawn, expired, released."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.sop import change as changes
from bot.sop import change_fate
from bot.sop.approvals import counted
from bot.sop.change import ChangeFacts
from bot.sop.codes import Code
from bot.sop.content import is_area
from bot.sop.decision import Decision
from bot.sop.facts import Directory
from bot.sop.policy import Approvals, Policy, Roles
from bot.sop.records import Approval, Change, ChangeKind, ChangeStatus, Content, Release
from bot.sop.stages import Stage, Status
from bot.sop.views import change_view
from tests.sop import good as g
from tests.sop.decided import cards, change_of, directs, kinds, posts, refused, said, watched

S = ChangeStatus
PEOPLE = Directory(groups={"S0LEADS": (g.DAVE,)})
TWO = g.policy(approvals=Approvals(required=2))
CAROLS = Approval(by=g.CAROL, at=g.ago(hours=1), digest=g.CONTENT.digest)
DAVES = Approval(by=g.DAVE, at=g.ago(hours=2), digest=g.CONTENT.digest)
OPEN = g.change(status=S.OPEN, approvals=())
CLOSED = (S.REJECTED, S.WITHDRAWN, S.RELEASED)


def facts(**changes: Any) -> ChangeFacts:
    return ChangeFacts(now=g.NOW, directory=PEOPLE).model_copy(update=changes)


def carried(stage: Stage = Stage.CI, **changes: Any) -> ChangeFacts:
    return facts(carrier=g.release(stage), **changes)


def content(**changes: Any) -> Content:
    return g.CONTENT.model_copy(update=changes)


# --- filed


def filed(by: str = g.ALICE, policy: Policy | None = None, /, **changed: Any) -> Decision:
    return changes.file(12, by, content(**changed), facts(), policy or g.policy())


def test_a_filed_change_waits_and_approvers_are_told_once_each() -> None:
    decision = filed()
    made = change_of(decision)
    assert (made.name, made.requester, made.status, made.revision) == ("CR-12", g.ALICE, S.OPEN, 1)
    assert made.content == g.CONTENT
    assert (kinds(decision), cards(decision)) == (["change_filed"], ["CR-12"])
    assert directs(decision) == [(g.CAROL, Code.APPROVAL_WANTED)]
    assert (said(decision), posts(decision)[0].mention) == ([Code.APPROVAL_WANTED], ("S0LEADS",))
    assert watched(decision) == []


def test_the_requester_is_not_asked_to_approve() -> None:
    policy = g.policy(roles=Roles(releaser=(g.ALICE, g.CAROL), approver=(g.CAROL, g.DAVE)))
    decision = filed(g.CAROL, policy)
    assert directs(decision) == [(g.DAVE, Code.APPROVAL_WANTED)]
    assert said(decision) == []


@pytest.mark.parametrize(
    "code, field, by, changed",
    [
        (Code.NO_ROLE, None, g.CAROL, {}),
        (Code.NO_ROLE, None, g.FRANK, {}),
        (Code.UNKNOWN_SERVICE, "service", g.ALICE, {"service": "blog"}),
        (Code.BREAKING, "kind", g.ALICE, {"kind": ChangeKind.BREAKING}),
        (Code.EMPTY, "title", g.ALICE, {"title": " "}),
        (Code.EMPTY, "why", g.ALICE, {"why": ""}),
        (Code.EMPTY, "undo", g.ALICE, {"undo": "\n"}),
        (Code.EMPTY, "areas", g.ALICE, {"areas": ()}),
        (Code.UNKNOWN_AREA, "paths", g.ALICE, {"areas": ("checkout", "everything")}),
        (Code.UNKNOWN_AREA, "paths", g.ALICE, {"areas": ("*",)}),
    ],
)
def test_a_change_is_not_filed(code: Code, field: str | None, by: str, changed: dict[str, Any]) -> None:
    decision = filed(by, **changed)
    assert refused(decision) == code
    assert decision.refusal is not None and decision.refusal.field == field


def test_an_area_is_a_feature_of_the_service_or_a_path() -> None:
    assert filed(areas=("docs", "bin/*", "README.md")).refusal is None
    narrow = g.policy(services=(g.service(features=("checkout",)),))
    assert refused(filed(g.ALICE, narrow, areas=("docs",))) == Code.FOREIGN_AREA


@pytest.mark.parametrize(
    "area, named",
    [
        ("docs/*", True),
        ("README.md", True),
        ("*.md", True),
        (".github/workflows/*", True),
        ("bin/run", True),
        ("do?s/[ab]*", True),
        ("docs", False),
        ("*", False),
        ("**", False),
        ("*.*", False),
        ("**/*", False),
        ("*/x.py", False),
        ("./*", False),
        ("/etc/*", False),
        ("../bin/*", False),
        ("docs/../bin/*", False),
        ("[a-z]*/*", False),
        ("[!_]*.*", False),
        ("?*/*", False),
        ("/", False),
        (".", False),
    ],
)
def test_an_area_that_covers_everything_declares_nothing(area: str, named: bool) -> None:
    assert is_area(area) is named


# --- approved


def approved(
    by: str = g.CAROL, change: Change = OPEN, policy: Policy | None = None, revision: int = 1, **given: Any
) -> Decision:
    return changes.approve(change, by, revision, facts(**given), policy or g.policy())


def test_an_approval_is_bound_to_what_was_approved() -> None:
    decision = approved()
    done = change_of(decision)
    assert done.approvals == (Approval(by=g.CAROL, at=g.NOW, digest=g.CONTENT.digest),)
    assert (done.status, kinds(decision)) == (S.APPROVED, ["change_approved"])
    assert said(decision) == [Code.CHANGE_APPROVAL_GIVEN]
    assert directs(decision) == [(g.ALICE, Code.CHANGE_DECIDED)]
    assert decision.watch[0].due == g.NOW + timedelta(days=7)


def test_as_many_approvers_as_wanted_are_needed() -> None:
    first = approved(policy=TWO)
    assert (change_of(first).status, directs(first)) == (S.OPEN, [])
    second = approved(g.DAVE, change_of(first), TWO)
    assert (change_of(second).status, len(directs(second))) == (S.APPROVED, 1)


def test_one_more_approval_is_kept_and_the_requester_not_told_again() -> None:
    more = approved(g.DAVE, g.change())
    assert len(change_of(more).approvals) == 2
    assert directs(more) == []


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.ALICE}),
        (Code.NO_ROLE, {"by": g.BOB}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.NO_ROLE, {"by": g.DAVE, "directory": Directory()}),
        (Code.NO_ROLE, {"directory": Directory(deactivated=frozenset({g.CAROL}))}),
        (Code.SELF_APPROVAL, {"change": OPEN.model_copy(update={"requester": g.CAROL})}),
        (Code.CHANGE_REVISED, {"revision": 2}),
        (Code.CHANGE_REVISED, {"revision": 0}),
        (Code.APPROVED_TWICE, {"change": g.change()}),
        (Code.APPROVED_TWICE, {"change": g.change(status=S.OPEN), "policy": TWO}),
        *((Code.NOT_NOW, {"change": g.change(status=s)}) for s in CLOSED),
        (Code.CHANGE_IN_USE, {"by": g.DAVE, "change": g.change(), "carrier": g.release(Stage.CI)}),
    ],
)
def test_an_approval_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(approved(**given)) == code


def test_who_approved_already_hears_when() -> None:
    both = g.change(approvals=(CAROLS, DAVES))
    refusal = approved(g.DAVE, both).refusal
    assert refusal is not None and refusal.values == {"change": "CR-12", "at": DAVES.at.isoformat()}


@pytest.mark.parametrize(
    "old",
    [CAROLS.model_copy(update={"at": g.ago(days=7)}), CAROLS.model_copy(update={"digest": "of something else"})],
)
def test_an_approval_that_counts_no_more_can_be_given_anew(old: Approval) -> None:
    done = change_of(approved(change=g.change(status=S.EXPIRED, approvals=(old,))))
    assert (done.status, len(done.approvals), done.approvals[0].at) == (S.APPROVED, 1, g.NOW)


COUNTS: tuple[tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any]], ...] = (
    ("both", (g.CAROL, g.DAVE), {}, {}),
    ("nobody twice", (g.CAROL, g.DAVE), {"approvals": (CAROLS, CAROLS, DAVES)}, {}),
    ("never the requester", (g.DAVE,), {"requester": g.CAROL}, {}),
    ("of this content", (g.DAVE,), {"approvals": (CAROLS.model_copy(update={"digest": "x"}), DAVES)}, {}),
    ("a second before it expires", (g.CAROL, g.DAVE), {}, {"now": g.NOW + timedelta(days=7, hours=-2, seconds=-1)}),
    ("expired", (g.CAROL,), {}, {"now": g.NOW + timedelta(days=7, hours=-2)}),
    ("out of the group", (g.CAROL,), {}, {"directory": Directory()}),
    ("deactivated", (g.DAVE,), {}, {"directory": PEOPLE.model_copy(update={"deactivated": frozenset({g.CAROL})})}),
    ("never an approver", (), {"approvals": (CAROLS.model_copy(update={"by": g.BOB}),)}, {}),
)


@pytest.mark.parametrize("who, change, given", [c[1:] for c in COUNTS], ids=[c[0] for c in COUNTS])
def test_whose_approval_counts(who: tuple[str, ...], change: dict[str, Any], given: dict[str, Any]) -> None:
    world = facts(**given)
    asked = g.change(**{"approvals": (CAROLS, DAVES), **change})
    assert counted(asked, world.directory, g.policy(), world.now) == who


# --- an approval withdrawn


def test_an_approval_can_be_withdrawn() -> None:
    decision = changes.withdraw_approval(g.change(), g.CAROL, facts(carrier=g.release()), g.policy())
    done = change_of(decision)
    assert (done.status, done.approvals) == (S.OPEN, ())
    assert (kinds(decision), said(decision)) == (["approval_withdrawn"], [Code.CHANGE_APPROVAL_TAKEN])
    assert watched(decision) == ["R-7"]


def test_enough_approvals_may_be_left() -> None:
    both = g.change(approvals=(CAROLS, DAVES))
    assert change_of(changes.withdraw_approval(both, g.DAVE, facts(), g.policy())).status is S.APPROVED


def test_even_without_the_role_one_withdraws_ones_own() -> None:
    gone = facts(directory=Directory(deactivated=frozenset({g.CAROL})))
    assert change_of(changes.withdraw_approval(g.change(), g.CAROL, gone, g.policy())).approvals == ()


def test_nobody_withdraws_what_he_did_not_give() -> None:
    assert refused(changes.withdraw_approval(g.change(), g.DAVE, facts(), g.policy())) == Code.NO_APPROVAL


# --- edited


def edited(
    by: str = g.ALICE,
    change: Change | None = None,
    revision: int = 1,
    world: ChangeFacts | None = None,
    /,
    **changed: Any,
) -> Decision:
    wanted = content(**(changed or {"why": "It is very slow"}))
    return changes.edit(change or g.change(), by, revision, wanted, world or facts(), g.policy())


@pytest.mark.parametrize("status", [S.OPEN, S.APPROVED, S.EXPIRED, S.REJECTED])
def test_an_edit_voids_approvals_and_asks_again(status: ChangeStatus) -> None:
    decision = edited(g.ALICE, g.change(status=status, closed_at=g.NOW))
    done = change_of(decision)
    assert (done.status, done.revision, done.approvals, done.rejection, done.closed_at) == (S.OPEN, 2, (), None, None)
    assert decision.events[0].values["voided"] == [g.CAROL]
    assert said(decision) == [Code.CHANGE_VOIDED, Code.APPROVAL_WANTED]
    assert posts(decision)[0].notice.values["count"] == 1
    assert directs(decision) == [(g.CAROL, Code.APPROVAL_WANTED)]
    assert len({e.key for e in (*decision.effects, *filed().effects)}) == len(decision.effects) + 2


@pytest.mark.parametrize(
    "code, given, changed",
    [
        (Code.NOT_THE_OWNER, (g.BOB,), {}),
        (Code.NOT_THE_OWNER, (g.CAROL,), {}),
        (Code.CHANGED_MEANWHILE, (g.ALICE, g.change(revision=3), 2), {}),
        (Code.NOTHING_NEW, (g.ALICE,), {"why": g.CONTENT.why}),
        (Code.CHANGE_OF_OTHER, (g.ALICE, g.change(content=content(service="blog"))), {}),
        (Code.BREAKING, (g.ALICE,), {"kind": ChangeKind.BREAKING}),
        (Code.EMPTY, (g.ALICE,), {"title": ""}),
        (Code.NOT_NOW, (g.ALICE, g.change(status=S.WITHDRAWN)), {}),
        (Code.NOT_NOW, (g.ALICE, g.change(status=S.RELEASED)), {}),
        (Code.CHANGE_IN_USE, (g.ALICE, g.change(), 1, carried()), {}),
        (Code.CHANGE_IN_USE, (g.ALICE, g.change(), 1, carried(Stage.PUSH, pushing=True)), {}),
    ],
)
def test_an_edit_is_refused(code: Code, given: tuple[Any, ...], changed: dict[str, Any]) -> None:
    assert refused(edited(*given, **changed)) == code


# --- rejected, withdrawn


def test_one_rejection_rejects_and_the_requester_hears_why() -> None:
    decision = changes.reject(g.change(), g.DAVE, " too risky ", facts(), g.policy())
    done = change_of(decision)
    assert (done.status, done.closed_at) == (S.REJECTED, g.NOW)
    assert done.rejection is not None and (done.rejection.by, done.rejection.reason) == (g.DAVE, "too risky")
    assert directs(decision) == [(g.ALICE, Code.CHANGE_DECIDED)]


@pytest.mark.parametrize(
    "code, by, reason, change, world",
    [
        (Code.NO_ROLE, g.BOB, "no", g.change(), facts()),
        (Code.SELF_APPROVAL, g.CAROL, "no", g.change(requester=g.CAROL), facts()),
        (Code.EMPTY, g.CAROL, " ", g.change(), facts()),
        (Code.NOT_NOW, g.CAROL, "no", g.change(status=S.RELEASED), facts()),
        (Code.NOT_NOW, g.CAROL, "no", g.change(status=S.EXPIRED), facts()),
        (Code.CHANGE_IN_USE, g.CAROL, "no", g.change(), carried()),
    ],
)
def test_a_rejection_is_refused(code: Code, by: str, reason: str, change: Change, world: ChangeFacts) -> None:
    assert refused(changes.reject(change, by, reason, world, g.policy())) == code


def test_its_requester_withdraws_it_and_its_release_looks_again() -> None:
    decision = changes.withdraw(g.change(), g.ALICE, facts(carrier=g.release(Stage.PUSH)), g.policy())
    assert (change_of(decision).status, change_of(decision).closed_at) == (S.WITHDRAWN, g.NOW)
    assert watched(decision) == ["R-7"]


@pytest.mark.parametrize(
    "code, by, world",
    [
        (Code.NOT_THE_OWNER, g.CAROL, facts()),
        (Code.CHANGE_IN_USE, g.ALICE, carried()),
        (Code.CHANGE_IN_USE, g.ALICE, carried(Stage.PUSH, pushing=True)),
    ],
)
def test_a_withdrawal_is_refused(code: Code, by: str, world: ChangeFacts) -> None:
    assert refused(changes.withdraw(g.change(), by, world, g.policy())) == code


# --- the clock, and the end

DUE = g.ago(hours=1) + timedelta(days=7)


def test_approvals_that_ran_out_expire_the_request() -> None:
    assert change_fate.expire(g.change(), facts(now=DUE - timedelta(seconds=1)), g.policy()).records == ()
    decision = change_fate.expire(g.change(), facts(now=DUE, carrier=g.release()), g.policy())
    assert change_of(decision).status is S.EXPIRED
    assert directs(decision) == [(g.ALICE, Code.CHANGE_DECIDED)]
    assert watched(decision) == ["R-7"]


@pytest.mark.parametrize(
    "now, due", [(g.NOW, DUE - timedelta(hours=1)), (DUE - timedelta(minutes=1), DUE)], ids=["both", "one expired"]
)
def test_the_next_expiry_is_never_lost_from_sight(now: datetime, due: datetime) -> None:
    both = g.change(approvals=(CAROLS, DAVES))
    (watch,) = change_fate.expire(both, facts(now=now), g.policy()).watch
    assert (watch.subject, watch.due) == ("CR-12", due)


@pytest.mark.parametrize("carrier", [g.release(Stage.CI), g.release(Stage.PRODUCTION)])
def test_what_is_pushed_does_not_expire_but_is_looked_at_later(carrier: Release) -> None:
    decision = change_fate.expire(g.change(), facts(now=DUE, carrier=carrier), g.policy())
    assert (decision.records, watched(decision)) == ((), ["CR-12"])
    assert decision.watch[0].due > DUE


def test_an_expired_request_cannot_be_watched_for_ever() -> None:
    assert change_fate.expire(OPEN, facts(now=DUE), g.policy()) == Decision()


def test_a_released_request_names_its_release() -> None:
    done = g.release(Stage.COMPLETE, status=Status.COMPLETE)
    decision = change_fate.released(g.change(), done, facts(), g.policy())
    assert (change_of(decision).status, change_of(decision).release) == (S.RELEASED, 7)
    assert directs(decision) == [(g.ALICE, Code.CHANGE_RELEASED)]
    assert change_fate.released(change_of(decision), done, facts(), g.policy()) == Decision()


@pytest.mark.parametrize(
    "status, can",
    [
        (S.OPEN, ["edit", "approve", "withdraw an approval", "reject", "withdraw"]),
        (S.APPROVED, ["edit", "approve", "withdraw an approval", "reject", "withdraw"]),
        (S.EXPIRED, ["edit", "approve", "withdraw"]),
        (S.REJECTED, ["edit", "withdraw"]),
        (S.WITHDRAWN, []),
        (S.RELEASED, []),
    ],
)
def test_what_people_can_do_with_a_request(status: ChangeStatus, can: list[str]) -> None:
    assert [i.value for i in changes.possible(status)] == can


def test_a_card_of_a_service_that_is_gone_is_not_shown() -> None:
    policy = g.policy(services=(g.service(name="blog"),))
    assert cards(changes.withdraw(g.change(), g.ALICE, facts(), policy)) == []


def test_an_emergency_change_is_approved_by_one_click() -> None:
    """T2: where two approvals are wanted of every other."""
    decision = changes.approve(OPEN.model_copy(update={"incident": 3}), g.CAROL, 1, facts(), TWO)
    made = change_of(decision)
    assert (made.status, posts(decision)[0].notice.values["need"]) == (S.APPROVED, 1)
    assert change_view(made, facts(), None, TWO).need == 1
    assert change_of(changes.approve(OPEN, g.CAROL, 1, facts(), TWO)).status is S.OPEN
    assert change_fate.expire(made, facts(), TWO).records == ()


def test_what_stands_on_the_branch_is_not_withdrawn() -> None:
    left = facts(left_with=g.release(Stage.COMMITS, id=8))
    decision = changes.withdraw(g.change(), g.ALICE, left, g.policy())
    assert refused(decision) == Code.CHANGE_ON_BRANCH
    assert decision.refusal is not None and decision.refusal.values == {"change": "CR-12", "release": "R-8"}
    assert changes.approve(OPEN, g.CAROL, 1, left, g.policy()).refusal is None


def test_the_card_of_a_release_that_ended_shows_what_its_change_request_allows_now() -> None:
    ended = g.release(Stage.COMMITS, id=8, status=Status.STOPPED)
    expired = g.change(status=S.EXPIRED, approvals=())
    assert cards(changes.approve(expired, g.CAROL, 1, facts(ended=ended), g.policy())) == ["CR-12", "R-8"]


def test_an_approval_beyond_what_is_wanted_is_said_as_such() -> None:
    approved = g.change(approvals=(CAROLS,))
    assert said(changes.approve(approved, g.DAVE, 1, facts(), g.policy())) == [Code.CHANGE_APPROVAL_MORE]
    assert said(changes.approve(approved, g.DAVE, 1, facts(), TWO)) == [Code.CHANGE_APPROVAL_GIVEN]


LEFT = Directory(deactivated=frozenset({g.CAROL}))
APPROVED = g.change(approvals=(CAROLS,))


def test_an_approval_of_who_has_left_counts_no_more_and_the_requester_hears_it() -> None:
    decision = change_fate.lapse(APPROVED, facts(directory=LEFT), g.policy())
    assert change_of(decision).status is S.OPEN
    assert change_of(decision).approvals == APPROVED.approvals, "it counts again where they come back"
    assert [to for to, _ in directs(decision)] == [g.ALICE]
    assert kinds(decision) == ["change_lapsed"]


def test_what_is_on_its_way_or_still_approved_does_not_lapse() -> None:
    assert change_fate.lapse(APPROVED, facts(), g.policy()) == Decision()
    assert change_fate.lapse(APPROVED, carried(directory=LEFT), g.policy()) == Decision()
