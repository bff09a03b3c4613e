"""What people may ask of a release beside the push, and what comes of it."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Attestation, Directory, PushRefusal, Seen, Tip
from bot.sop.records import Acceptance, LeftAhead, Release, Word
from bot.sop.release import SENTENCE, abort, accept_paths, acknowledge, may_push, proved
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop.decided import cards, kinds, lock_of, posts, refused, release_of, said

P, L, C, U, CI, PROD = list(Stage)[:6]
OTHER = "9" * 40
GONE = {"directory": Directory(deactivated=frozenset({g.ALICE, g.BOB}))}
ASKED = Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)
REFUSED = g.seen(PushRefusal(sha=g.SHA, error="protected branch"))
CLOSED = (Status.STOPPED, Status.ABORTED, Status.COMPLETE)


# --- P2: the governance check


def acknowledged(by: str = g.ALICE, sentence: str = SENTENCE, release: Release | None = None, **facts: Any) -> Decision:
    return acknowledge(release or g.release(), by, sentence, g.facts(**facts), g.policy())


def test_the_sentence_is_kept_as_its_speakers_word_and_opens_the_gate() -> None:
    decision = acknowledged(sentence=f"  {SENTENCE}\n")
    done = release_of(decision)
    assert done.governance == Word(by=g.ALICE, at=g.NOW, says=SENTENCE)
    assert done.stage is U
    assert kinds(decision)[0] == "governance_acknowledged"
    assert said(decision)[0] == Code.ACKNOWLEDGED
    assert cards(decision) == ["R-7"]


def test_an_acknowledgement_is_kept_even_where_other_things_are_awaited() -> None:
    done = release_of(acknowledged(attestations=()))
    assert (done.stage, done.governance is not None) == (P, True)


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NOT_THE_OWNER, {"by": g.BOB}),
        (Code.NOT_THE_OWNER, {"by": g.CAROL}),
        (Code.NO_ROLE, GONE),
        (Code.SENTENCE_WRONG, {"sentence": "Pre-Action Governance Check: ok"}),
        (Code.SENTENCE_WRONG, {"sentence": SENTENCE + "."}),
        (Code.SENTENCE_WRONG, {"sentence": ""}),
        (Code.ALREADY, {"release": g.release(governance=ASKED)}),
        *((Code.NOT_NOW, {"release": g.release(stage)}) for stage in (L, C, U, CI, PROD)),
        *((Code.NOT_NOW, {"release": g.release(status=status)}) for status in CLOSED),
        (Code.NOT_NOW, {"release": g.release(pushed=g.PUSHED)}),
    ],
)
def test_an_acknowledgement_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(acknowledged(**given)) == code


# --- rule 2: paths outside the declared areas

OUTSIDE = g.seen(g.candidate(paths=("bin/run", "shop/checkout.py", "setup.cfg")))


def accepted(
    by: str = g.CAROL,
    paths: tuple[str, ...] = ("bin/run", "setup.cfg"),
    *,
    tree: str = g.TREE,
    reason: str = "needed",
    release: Release | None = None,
    **facts: Any,
) -> Decision:
    world = g.facts(**{"candidate": OUTSIDE, **facts})
    return accept_paths(release or g.release(C), by, tree, paths, reason, world, g.policy())


def test_accepted_paths_let_the_release_go_on() -> None:
    decision = accepted(reason=" needed ")
    done = release_of(decision)
    assert done.accepted == (
        Acceptance(by=g.CAROL, at=g.NOW, paths=("bin/run", "setup.cfg"), tree=g.TREE, reason="needed"),
    )
    assert done.stage is U
    assert kinds(decision) == ["paths_accepted", "stage_passed"]
    assert said(decision) == [Code.PATHS_TAKEN, Code.STAGE_PASSED]


def test_a_part_of_the_paths_is_accepted_and_the_rest_is_awaited() -> None:
    decision = accepted(paths=("bin/run", "shop/checkout.py", "etc/passwd"))
    done = release_of(decision)
    assert done.accepted[0].paths == ("bin/run",)
    assert (done.stage, done.status) == (C, Status.HELD)
    rest = accept_paths(done, g.DAVE, g.TREE, ("setup.cfg",), "too", g.facts(candidate=OUTSIDE), g.policy())
    assert release_of(rest).stage is U


def test_each_acceptance_is_told() -> None:
    one = accepted(paths=("bin/run",))
    later = g.facts(candidate=OUTSIDE, now=g.NOW.replace(minute=1))
    two = accept_paths(release_of(one), g.CAROL, g.TREE, ("setup.cfg",), "too", later, g.policy())
    assert posts(one)[0].key != posts(two)[0].key


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.BOB}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.NO_ROLE, {"directory": Directory(deactivated=frozenset({g.CAROL}))}),
        (Code.SELF_APPROVAL, {"change": g.change(requester=g.CAROL)}),
        (Code.SELF_APPROVAL, {"candidate": g.seen(g.candidate(paths=("x",), commits=(g.commit(author="carol"),)))}),
        (Code.SELF_APPROVAL, {"candidate": g.seen(g.candidate(paths=("x",), commits=(g.commit(committer="carol"),)))}),
        (Code.PATHS_CHANGED, {"tree": OTHER}),
        (Code.PATHS_CHANGED, {"candidate": Seen()}),
        (Code.PATHS_CHANGED, {"candidate": OUTSIDE.model_copy(update={"error": "GitHub is down"})}),
        (Code.PATHS_CHANGED, {"paths": ()}),
        (Code.PATHS_CHANGED, {"paths": ("shop/checkout.py",)}),
        (Code.EMPTY, {"reason": " "}),
        *((Code.NOT_NOW, {"release": g.release(stage)}) for stage in (P, L, CI, PROD)),
        *((Code.NOT_NOW, {"release": g.release(C, status=status)}) for status in CLOSED),
        (Code.NOT_NOW, {"release": g.release(C, pushed=g.PUSHED)}),
    ],
)
def test_an_acceptance_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(accepted(**given)) == code


def test_nobody_accepts_the_same_paths_twice() -> None:
    done = release_of(accepted(paths=("bin/run",)))
    assert refused(accepted(paths=("bin/run",), release=done)) == Code.ALREADY
    assert len(release_of(accepted(g.DAVE, ("bin/run",), release=done)).accepted) == 2
    assert len(release_of(accepted(release=done)).accepted) == 2


def test_another_tree_is_accepted_anew() -> None:
    done = release_of(accepted(paths=("bin/run",)))
    new = g.seen(g.candidate(paths=("bin/run",), tree=OTHER))
    again = accepted(paths=("bin/run",), tree=OTHER, release=done, candidate=new)
    assert release_of(again).accepted[-1].tree == OTHER


# --- a new preflight on another branch


@pytest.mark.parametrize("stage", [P, L, C, U])
def test_the_owners_sound_preflight_on_another_branch_replaces_the_candidate(stage: Stage) -> None:
    decision = proved(g.release(stage), g.attestation(branch="faster-2"), g.policy())
    done = release_of(decision)
    assert (done.candidate, done.stage, done.push_asked) == ("faster-2", stage, None)
    assert kinds(decision) == ["candidate_replaced"]
    assert (said(decision), cards(decision)) == ([Code.CANDIDATE_REPLACED], ["R-7"])


@pytest.mark.parametrize(
    "release, attestation",
    [
        (g.release(), g.attestation()),
        (g.release(), g.attestation(branch="HEAD")),
        (g.release(), g.attestation(branch="")),
        (g.release(), g.attestation(branch="faster-2", signer=g.BOB)),
        (g.release(), g.failing("build", branch="faster-2")),
        (g.release(U, push_asked=ASKED), g.attestation(branch="faster-2")),
        (g.release(pushed=g.PUSHED), g.attestation(branch="faster-2")),
        (g.release(CI), g.attestation(branch="faster-2")),
        (g.release(status=Status.STOPPED), g.attestation(branch="faster-2")),
    ],
)
def test_no_other_preflight_does(release: Release, attestation: Attestation) -> None:
    assert proved(release, attestation, g.policy()) == Decision()


def test_the_commit_of_the_branch_before_is_not_pushed_after_it_was_replaced() -> None:
    replaced = release_of(proved(g.release(U), g.attestation(branch="faster-2"), g.policy()))
    asked = replaced.model_copy(update={"push_asked": ASKED})
    assert not may_push(asked, g.facts(candidate=g.seen(g.candidate(ref="faster-2", sha=OTHER))), g.policy())


# --- abort


def aborted(
    by: str = g.ALICE, reason: str = "not today", leave: bool = False, release: Release | None = None, **facts: Any
) -> Decision:
    return abort(release or g.release(), by, reason, leave, g.facts(**facts), g.policy())


@pytest.mark.parametrize("by", [g.ALICE, g.CAROL, g.DAVE])
@pytest.mark.parametrize("stage", [P, L, C, U])
def test_before_the_push_its_owner_or_an_approver_aborts_and_the_lock_is_free(stage: Stage, by: str) -> None:
    held = {"status": Status.HELD} if stage is C else {}
    decision = aborted(by=by, reason=" not today ", release=g.release(stage, **held))
    done = release_of(decision)
    assert (done.status, done.stage, done.hold) == (Status.ABORTED, stage, None)
    assert (done.ended_by, done.ended_at, done.ended_why) == (by, g.NOW, "not today")
    assert [f.key for f in decision.freed] == ["acme/shop@main"]
    assert (kinds(decision), said(decision), cards(decision)) == (["release_aborted"], [Code.RELEASE_ABORTED], ["R-7"])
    assert posts(decision)[0].notice.values["left"] is None


@pytest.mark.parametrize("stage", [CI, PROD])
def test_after_the_push_the_lock_stays_with_the_commits(stage: Stage) -> None:
    decision = aborted(leave=True, release=g.release(stage), tip=g.at_tip())
    assert release_of(decision).status is Status.ABORTED
    assert decision.freed == ()
    assert lock_of(decision).left == LeftAhead(release=7, sha=g.SHA, commits=(g.SHA,))
    assert posts(decision)[0].notice.values["left"] == g.SHA


@pytest.mark.parametrize("seen", [Seen[Any](), g.broken(), g.seen(Tip(sha=g.BASE, tree=g.BASE_TREE))])
def test_the_lock_stays_even_when_the_branch_cannot_be_seen_or_was_reset(seen: Seen[Any]) -> None:
    left = lock_of(aborted(leave=True, release=g.release(CI), tip=seen)).left
    assert left is not None
    assert left.commits == (g.SHA,)


def test_commits_that_came_early_are_left_with_the_lock_too() -> None:
    early = g.release(P, pushed=g.PUSHED, status=Status.HELD)
    assert refused(aborted(release=early, tip=g.at_tip())) == Code.LEAVE_UNSAID
    assert lock_of(aborted(leave=True, release=early, tip=g.at_tip())).left is not None


def test_commits_that_have_just_come_are_left_though_no_look_recorded_them() -> None:
    asked = g.release(U, push_asked=ASKED)
    assert refused(aborted(release=asked, tip=g.at_tip())) == Code.LEAVE_UNSAID
    decision = aborted(leave=True, release=asked, tip=g.at_tip())
    assert release_of(decision).pushed is not None
    left = lock_of(decision).left
    assert left is not None and left.sha == g.SHA


def test_commits_taken_over_stay_with_the_lock() -> None:
    left = LeftAhead(release=3, sha="2" * 40, commits=("2" * 40,))
    decision = aborted(release=g.release(taken_over=left))
    assert lock_of(decision).left == left
    assert decision.freed == ()


def test_a_lock_of_someone_else_is_left_alone() -> None:
    other = g.facts().lock
    assert other is not None
    decision = aborted(lock=other.model_copy(update={"release": 8}))
    assert (decision.freed, len(decision.records)) == ((), 1)


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.BOB}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.EMPTY, {"reason": "  "}),
        (Code.LEAVE_UNSAID, {"release": g.release(CI)}),
        (Code.LEAVE_UNSAID, {"release": g.release(PROD)}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED), "pushing": True}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED), "moved": g.seen(g.SHA), "tip": g.broken()}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED), "moved": g.seen(g.SHA)}),
        *((Code.NOT_NOW, {"release": g.release(status=status)}) for status in CLOSED),
    ],
)
def test_an_abort_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(aborted(**given)) == code


def test_after_a_push_that_was_refused_or_not_begun_an_abort_is_possible() -> None:
    asked = g.release(U, push_asked=ASKED)
    assert release_of(aborted(release=asked)).status is Status.ABORTED
    assert release_of(aborted(release=asked, push_refusal=REFUSED)).status is Status.ABORTED
    moved_away = Seen[Any](value=g.SHA, at=g.ago(seconds=1))
    assert release_of(aborted(release=asked, moved=moved_away)).status is Status.ABORTED
