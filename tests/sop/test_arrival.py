"""What comes to the designated branch: as it should, early, around the button, or as something else."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.arrival import Arrival, arrival, in_flight, landed, pusher_known
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Candidate, Issue, PushRefusal, Runs, Seen, Tip
from bot.sop.gates import look
from bot.sop.policy import Policy, PushMode
from bot.sop.progress import advance
from bot.sop.records import Approval, ChangeStatus, Freeze, FreezeStatus, LeftAhead, Release, Severity, Word
from bot.sop.release import abort
from bot.sop.stages import Stage, Status
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.decided import kinds, lock_of, posts, refused, release_of, said, watched

P, L, C, U, CI, PROD = list(Stage)[:6]
BEFORE = (P, L, C, U)
OTHER, OTHER_TREE = "4" * 40, "9" * 40
ASKED = Word(by=g.BOB, at=g.ago(seconds=30), says=g.SHA)
FREEZE = Freeze(
    id=2,
    status=FreezeStatus.SCHEDULED,
    services=("shop",),
    reason="peak",
    owner=g.CAROL,
    starts_at=g.ago(seconds=20),
    until=None,
    created_at=g.ago(hours=1),
)
TAKEN = LeftAhead(release=3, sha=OTHER, commits=(OTHER,))


def asked(**changes: Any) -> Release:
    return g.release(U, push_asked=ASKED, **changes)


def looked(release: Release, policy: Policy | None = None, **facts: Any) -> Decision:
    return advance(release, g.facts(**{"tip": g.at_tip(), "runs": g.seen(Runs()), **facts}), policy or g.policy())


def pushed_at(**ago: float) -> Seen[Any]:
    return g.at_tip(pushed_at=g.ago(**ago))


def gone(**changes: Any) -> Seen[Candidate]:
    """A candidate whose branch was deleted after it was merged."""
    return g.seen(g.candidate(**changes)).model_copy(update={"error": "there is no branch faster"})


# --- by the button


def test_what_was_asked_for_is_pushed_by_who_asked_and_rests_on_its_preflight() -> None:
    decision = looked(asked())
    done = release_of(decision)
    assert done.pushed is not None
    assert (done.pushed.sha, done.pushed.tree, done.pushed.by, done.pushed.at) == (g.SHA, g.TREE, g.BOB, ASKED.at)
    assert (done.stage, done.status, done.attestation) == (CI, Status.RUNNING, 1)
    assert kinds(decision) == ["pushed", "stage_passed"]
    assert (decision.events[0].actor, decision.events[0].values["by"]) == (g.BOB, g.BOB)
    assert said(decision) == [Code.RELEASE_PUSHED, Code.STAGE_PASSED]
    assert decision.freed == ()


@pytest.mark.parametrize(
    "facts",
    [
        {"candidate": gone()},
        {"candidate": g.seen(g.candidate(sha=OTHER, tree=OTHER_TREE))},
        {"candidate": g.seen(g.candidate(sha=OTHER, tree=OTHER_TREE, commits=(g.commit(sha=OTHER),)))},
        {"attestations": (g.attestation(made_at=g.ago(hours=24, seconds=20)),)},
        {"attestations": (g.attestation(id=2, tree=OTHER_TREE), g.attestation())},
        {"freezes": (FREEZE,)},
        {"criticals": g.broken()},
        {"pushing": True},
        {"push_refusal": g.seen(PushRefusal(sha=OTHER, error="old"))},
        {"push_refusal": g.seen(PushRefusal(sha=g.SHA, error="asked twice")), "moved": g.seen(g.SHA)},
        {"push_refusal": Seen[Any](value=PushRefusal(sha=g.SHA, error="old"), at=g.ago(seconds=31))},
    ],
)
def test_what_happens_between_the_push_and_the_look_changes_nothing(facts: dict[str, Any]) -> None:
    done = release_of(looked(asked(), **facts))
    assert (done.stage, done.attestation) == (CI, 1)


@pytest.mark.parametrize(
    "release, facts",
    [
        *((g.release(s), {}) for s in BEFORE),
        *((g.release(s, push_asked=ASKED), {}) for s in (P, L, C)),
        (asked().model_copy(update={"push_asked": ASKED.model_copy(update={"says": OTHER})}), {}),
        (asked(), {"push_refusal": Seen[Any](value=PushRefusal(sha=g.SHA, error="no"), at=g.ago(seconds=9))}),
        (asked(), {"attestations": ()}),
        (g.release(U), {"tip": g.at_tip(sha=OTHER)}),
    ],
)
def test_what_comes_around_the_button_is_held_and_never_stopped(release: Release, facts: dict[str, Any]) -> None:
    decision = looked(release, **{"freezes": (FREEZE,), **facts})
    early = release_of(decision)
    assert (early.status, early.stage) == (Status.HELD, release.stage)
    assert early.hold is not None and (early.hold.finding.code, early.hold.late) == (Code.PUSHED_EARLY, False)
    assert early.hold.finding.values["login"] == "alice"
    assert (kinds(decision), said(decision)) == (["release_held"], [Code.RELEASE_HELD])
    assert (posts(decision)[0].mention, decision.freed) == ((g.ALICE,), ())
    assert looked(early).records == ()
    left = lock_of(abort(early, g.ALICE, "early", True, g.facts(tip=g.at_tip()), g.policy())).left
    assert left is not None and left.release == 7


@pytest.mark.parametrize("release", [g.release(L), g.release(U), asked()])
def test_commits_of_the_release_with_another_tree_are_held(release: Release) -> None:
    mixed = g.at_tip(sha=OTHER, tree=OTHER_TREE, ahead=(g.commit(), g.commit(sha=OTHER, tree=OTHER_TREE)))
    other = release_of(looked(release, tip=mixed))
    assert other.hold is not None and other.hold.finding.code == Code.PUSHED_OTHER
    assert other.hold.finding.values["tree"] == OTHER_TREE
    assert other.hold.finding.values["attested"] == g.TREE


def test_the_candidate_itself_is_early_even_where_nothing_attests_it() -> None:
    early = release_of(looked(g.release(L), attestations=(), tip=g.at_tip(ahead=())))
    assert early.hold is not None and early.hold.finding.code == Code.PUSHED_EARLY


def test_what_was_asked_for_is_never_nothing() -> None:
    gone_on = g.seen(g.candidate(sha=OTHER, tree=OTHER_TREE, commits=(g.commit(sha=OTHER),)))
    found = arrival(asked(), g.facts(tip=g.at_tip(), candidate=gone_on, attestations=()), g.policy())
    assert found is Arrival.OTHER


def test_who_pushed_by_hand_is_named_and_not_who_asked_for_another_commit() -> None:
    other = g.release(U, push_asked=ASKED.model_copy(update={"says": OTHER}))
    pushed = release_of(looked(other)).pushed
    assert pushed is not None and (pushed.by, pushed.at) == (g.ALICE, other.created_at)


@pytest.mark.parametrize("stage", BEFORE)
def test_what_the_candidate_was_rebased_on_is_nothing_of_this_release(stage: Stage) -> None:
    theirs = g.commit(sha=OTHER, message="their hurry")
    rebased = g.seen(g.candidate(commits=(theirs, g.commit())))
    tip = g.at_tip(sha=OTHER, tree=OTHER_TREE, ahead=(theirs,))
    assert arrival(g.release(stage), g.facts(tip=tip, candidate=rebased), g.policy()) is Arrival.NOTHING


@pytest.mark.parametrize("stage", (P, L, C))
def test_a_strangers_watched_push_before_the_push_stage_is_nothing_of_this_release(stage: Stage) -> None:
    tip = g.at_tip(sha=OTHER, tree=OTHER_TREE, ahead=(g.commit(sha=OTHER),))
    assert arrival(g.release(stage), g.facts(tip=tip), g.watching()) is Arrival.NOTHING


@pytest.mark.parametrize("stage", BEFORE)
def test_a_strangers_commit_is_nothing_of_this_release(stage: Stage) -> None:
    tip = g.at_tip(sha=OTHER, tree=OTHER_TREE, ahead=(g.commit(sha=OTHER),))
    assert arrival(g.release(stage), g.facts(tip=tip), g.policy()) is Arrival.NOTHING


@pytest.mark.parametrize(
    "release, facts",
    [
        (g.release(U), {"tip": g.seen(Tip(sha=g.BASE, tree=g.BASE_TREE))}),
        (g.release(U), {"tip": g.at_tip().model_copy(update={"error": "down"})}),
        (g.release(U), {"candidate": Seen()}),
        (g.release(CI), {}),
        (g.release(U, taken_over=TAKEN), {"tip": g.at_tip(sha=OTHER, tree=OTHER_TREE)}),
    ],
)
def test_nothing_has_come(release: Release, facts: dict[str, Any]) -> None:
    assert arrival(release, g.facts(**{"tip": g.at_tip(), **facts}), g.policy()) is Arrival.NOTHING


# --- while the bot pushes

BASE_TIP = Seen[Any](value=Tip(sha=g.BASE, tree=g.BASE_TREE), at=g.ago(seconds=4))
MOVED = Seen[Any](value=g.SHA, at=g.ago(seconds=3))
NOT_YET: tuple[dict[str, Any], ...] = (
    {"pushing": True},
    {"moved": MOVED, "tip": BASE_TIP},
    {"moved": MOVED, "tip": BASE_TIP.model_copy(update={"error": "down"})},
    {"moved": MOVED, "tip": Seen()},
)
TROUBLE: tuple[dict[str, Any], ...] = (
    {},
    {"freezes": (FREEZE,)},
    {"change": g.change(status=ChangeStatus.WITHDRAWN)},
    {"candidate": g.seen(g.candidate(sha=OTHER, tree=OTHER_TREE))},
    {"attestations": (g.attestation(made_at=g.ago(hours=25)),)},
    {"lock": None},
)


@pytest.mark.parametrize("under_way", NOT_YET)
@pytest.mark.parametrize("trouble", TROUBLE)
def test_while_the_bot_pushes_nothing_is_decided(under_way: dict[str, Any], trouble: dict[str, Any]) -> None:
    decision = looked(asked(), **{"tip": BASE_TIP, **trouble, **under_way})
    assert (decision.records, decision.freed, decision.effects) == ((), (), ())
    assert watched(decision) == ["R-7"]


@pytest.mark.parametrize("trouble", TROUBLE[1:])
def test_once_it_is_known_that_nothing_was_pushed_it_is_decided(trouble: dict[str, Any]) -> None:
    seen_since = BASE_TIP.model_copy(update={"at": g.NOW})
    assert looked(asked(), **{"tip": seen_since, "moved": MOVED, **trouble}).records != ()


def test_a_recorded_push_is_not_under_way() -> None:
    assert not in_flight(g.release(CI), g.facts(pushing=True))
    assert in_flight(g.release(U), g.facts(pushing=True))
    assert not in_flight(g.release(U), g.facts())


def test_who_pushed_is_filled_in_once_github_tells_it() -> None:
    """Its activity may lag behind the branch: what CI owes is awaited from when the push was seen."""
    release = g.release(CI, created_at=g.ago(hours=2), pushed=None)
    nobody = Tip(sha=g.SHA, tree=g.TREE, ahead=(g.commit(),))
    unknown = landed(release, nobody, g.facts(tip=g.at_tip()), g.watching())
    push = unknown.pushed
    assert push and (push.by, push.login, push.at, push.seen_at) == (None, None, release.created_at, g.NOW)
    silent = g.facts(tip=g.at_tip(pushed_by=None), runs=g.seen(Runs()))
    assert next(f for f in look(CI, unknown, silent, g.watching()) if f.gate == "ci_started").code == Code.CI_NOT_YET
    told = pusher_known(unknown, g.at_tip().value, g.watching()).pushed
    assert told and (told.by, told.login) == (g.ALICE, "alice")
    assert pusher_known(unknown, g.at_tip(sha=OTHER).value, g.watching()) == unknown


# --- push: watch


def watched_push(release: Release | None = None, **facts: Any) -> Decision:
    return looked(release or g.release(U), g.watching(), **facts)


WATCHED_GOOD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("as it is", {}),
    ("a squash merge", {"tip": g.at_tip(sha=OTHER)}),
    ("its branch deleted", {"tip": g.at_tip(sha=OTHER), "candidate": gone(contains_tip=False)}),
    ("its branch gone on", {"candidate": g.seen(g.candidate(sha=OTHER, tree=OTHER_TREE))}),
    ("frozen since", {"tip": pushed_at(seconds=21), "freezes": (FREEZE,)}),
    (
        "approval expired since",
        {
            "tip": pushed_at(seconds=21),
            "change": g.change(
                approvals=(Approval(by=g.CAROL, at=g.ago(days=7, seconds=20), digest=g.CONTENT.digest),)
            ),
        },
    ),
    (
        "preflight expired since",
        {"tip": pushed_at(seconds=21), "attestations": (g.attestation(made_at=g.ago(hours=24, seconds=20)),)},
    ),
)


@pytest.mark.parametrize("facts", [w[1] for w in WATCHED_GOOD], ids=[w[0] for w in WATCHED_GOOD])
def test_a_watched_push_of_the_attested_tree_goes_on(facts: dict[str, Any]) -> None:
    done = release_of(watched_push(**facts))
    assert (done.stage, done.attestation) == (CI, 1)
    assert done.pushed is not None and (done.pushed.by, done.pushed.login) == (g.ALICE, "alice")


WATCHED_BAD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("frozen before", {"tip": pushed_at(seconds=20), "freezes": (FREEZE,)}),
    ("frozen, time of the push unknown", {"freezes": (FREEZE,)}),
    ("change withdrawn", {"change": g.change(status=ChangeStatus.WITHDRAWN)}),
    ("change edited", {"change": g.change(content=g.CONTENT.model_copy(update={"why": "new"}))}),
    ("approval withdrawn", {"change": g.change(approvals=())}),
    ("critical open", {"criticals": g.seen((Issue(number=1, title="t", url="u"),))}),
    ("a newer preflight failed", {"attestations": (g.failing("build", id=2), g.attestation())}),
    ("an author approved", {"candidate": g.seen(g.candidate(commits=(g.commit(author="carol"),)))}),
    ("never attested", {"attestations": ()}),
)


@pytest.mark.parametrize("facts", [w[1] for w in WATCHED_BAD], ids=[w[0] for w in WATCHED_BAD])
def test_a_watched_push_while_a_gate_is_closed_is_held(facts: dict[str, Any]) -> None:
    early = release_of(watched_push(**facts))
    assert (early.status, early.stage) == (Status.HELD, U)
    assert early.hold is not None and early.hold.finding.code == Code.PUSHED_EARLY


@pytest.mark.parametrize("stage", (P, L, C))
def test_a_watched_push_before_the_gates_are_green_is_held(stage: Stage) -> None:
    early = release_of(watched_push(g.release(stage)))
    assert early.hold is not None and early.hold.finding.code == Code.PUSHED_EARLY
    assert early.hold.finding.values["stage"] == stage.value


def test_a_watched_push_of_anything_else_is_held() -> None:
    other = g.at_tip(sha=OTHER, tree=OTHER_TREE, ahead=(g.commit(sha=OTHER),))
    found = release_of(watched_push(tip=other))
    assert found.hold is not None and found.hold.finding.code == Code.PUSHED_OTHER


def test_a_watched_push_is_not_judged_while_something_cannot_be_seen() -> None:
    unsure = watched_push(criticals=g.broken())
    assert (unsure.records, watched(unsure)) == ((), ["R-7"])
    world = g.facts(tip=g.at_tip(), criticals=g.broken())
    assert refused(abort(g.release(U), g.ALICE, "no", False, world, g.watching())) == Code.LEAVE_UNSAID
    assert lock_of(abort(g.release(U), g.ALICE, "no", True, world, g.watching())).left is not None


def test_the_pusher_is_named_where_people_know_him() -> None:
    unknown = release_of(watched_push(tip=g.at_tip(pushed_by="stranger"))).pushed
    assert unknown is not None and (unknown.by, unknown.login) == (None, "stranger")
    when = release_of(watched_push(tip=pushed_at(seconds=21))).pushed
    assert when is not None and when.at == g.NOW - timedelta(seconds=21)


@pytest.mark.parametrize(
    "facts, expected",
    [
        ({}, Arrival.PUSHED),
        ({"candidate": gone(lines=7, contains_tip=False), "revert": Seen()}, Arrival.PUSHED),
        ({"freezes": (FREEZE,)}, Arrival.PUSHED),
        ({"candidate": g.seen(g.candidate(lines=5000))}, Arrival.EARLY),
        ({"candidate": g.seen(g.candidate(lines=7, paths=("migrations/1.sql",)))}, Arrival.EARLY),
        ({"incident": e.incident(severity=Severity.HIGH)}, Arrival.EARLY),
        ({"criticals": g.broken()}, Arrival.UNSURE),
    ],
)
def test_a_watched_hotfix_is_judged_by_its_own_gates(facts: dict[str, Any], expected: Arrival) -> None:
    service = e.policy().services[0].model_copy(update={"push": PushMode.WATCH})
    world = e.facts(tip=pushed_at(seconds=9)).model_copy(update=facts)
    assert arrival(e.hotfix(U), world, e.policy(services=(service,))) is expected
