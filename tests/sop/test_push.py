"""Rule 3, the button: what it sets in motion, when it is refused, and what is asked again just before the act."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Directory, PushRefusal, Seen
from bot.sop.policy import Policy
from bot.sop.records import Release, Word
from bot.sop.release import SENTENCE, may_push, push
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop.decided import kinds, posts, pushes, refused, release_of, said

P, L, C, U, CI, PROD = list(Stage)[:6]
OTHER = "9" * 40
OUTSIDE = g.seen(g.candidate(paths=("bin/run", "shop/checkout.py")))
DOWN = {"criticals": g.broken()}
GONE = {"directory": Directory(deactivated=frozenset({g.ALICE, g.BOB}))}
ASKED = Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)
CLOSED = (Status.STOPPED, Status.ABORTED, Status.COMPLETE)


def new_refusal(seconds: float) -> Seen[Any]:
    return Seen[Any](value=PushRefusal(sha=g.SHA, error="protected branch"), at=g.ago(seconds=seconds))


def pressed(
    by: str = g.ALICE,
    sha: str = g.SHA,
    release: Release | None = None,
    policy: Policy | None = None,
    sentence: str = "",
    **facts: Any,
) -> Decision:
    return push(release or g.release(U), by, sha, g.facts(**facts), policy or g.policy(), sentence)


def test_the_button_asks_for_exactly_this_commit_on_top_of_what_was_seen() -> None:
    decision = pressed()
    done = release_of(decision)
    assert (done.push_asked, done.stage, done.pushed) == (Word(by=g.ALICE, at=g.NOW, says=g.SHA), U, None)
    (act,) = pushes(decision)
    assert (act.release, act.repository, act.branch, act.sha, act.expected) == (7, "acme/shop", "main", g.SHA, g.BASE)
    assert kinds(decision) == ["push_asked"]
    assert said(decision) == [Code.PUSH_PRESSED]
    assert decision.watch[0].due == g.NOW + g.policy().pace.working


def test_another_releaser_who_presses_takes_the_release_over_by_name() -> None:
    """P2 was acknowledged by its owner: who takes it over gives their own word, and the owner hears of it."""
    decision = pressed(by=g.BOB, sentence=f" {SENTENCE} ")
    done = release_of(decision)
    assert (done.owner, done.started_by) == (g.BOB, g.ALICE)
    assert done.governance == Word(by=g.BOB, at=g.NOW, says=SENTENCE)
    assert kinds(decision) == ["push_asked", "release_taken_over", "governance_acknowledged"]
    assert said(decision) == [Code.RELEASE_TAKEN_OVER, Code.PUSH_PRESSED]
    assert [p.mention for p in posts(decision)] == [(g.ALICE,), ()]


@pytest.mark.parametrize("sentence", ["", "ok", SENTENCE.lower()])
def test_nobody_takes_it_over_on_the_word_of_another(sentence: str) -> None:
    decision = pressed(by=g.BOB, sentence=sentence)
    assert refused(decision) == Code.SENTENCE_WRONG
    assert decision.refusal is not None and decision.refusal.field == "sentence"


def test_its_owner_has_given_that_word() -> None:
    assert release_of(pressed()).governance == g.release(U).governance


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.CAROL}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.NO_ROLE, GONE),
        (Code.STALE, {"sha": OTHER}),
        (Code.STALE, {"candidate": g.seen(g.candidate(sha=OTHER))}),
        (Code.LOOK_FAILED, {"candidate": g.broken()}),
        (Code.NOT_NOW, {"policy": g.watching()}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED)}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED), "by": g.BOB}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED.model_copy(update={"says": OTHER})), "pushing": True}),
        (Code.ALREADY, {"release": g.release(U, push_asked=ASKED), "push_refusal": new_refusal(6)}),
        (Code.LOOK_FAILED, DOWN),
        *((Code.NOT_NOW, {"release": g.release(stage)}) for stage in (P, L, C, CI, PROD)),
        *((Code.NOT_NOW, {"release": g.release(U, status=status)}) for status in CLOSED),
        (Code.NOT_NOW, {"release": g.release(U, pushed=g.PUSHED)}),
    ],
)
def test_a_push_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(pressed(**given)) == code


def test_a_push_that_github_refused_may_be_asked_for_again() -> None:
    held = release_of(pressed()).model_copy(update={"push_asked": ASKED})
    again = pressed(release=held, push_refusal=new_refusal(4))
    (act,) = pushes(again)
    assert act.key != pushes(pressed(now=g.ago(minutes=1)))[0].key
    assert release_of(again).push_asked == Word(by=g.ALICE, at=g.NOW, says=g.SHA)


def test_a_push_that_nobody_heard_of_for_long_may_be_asked_for_again() -> None:
    lost = g.release(U, push_asked=ASKED.model_copy(update={"at": g.ago(minutes=6)}))
    assert len(pushes(pressed(release=lost))) == 1


@pytest.mark.parametrize(
    "stage, status, facts",
    [
        (U, Status.STOPPED, {"change": g.change(approvals=())}),
        (L, Status.HELD, {"candidate": g.seen(g.candidate(contains_tip=False))}),
        (C, Status.HELD, {"candidate": OUTSIDE}),
    ],
)
def test_pressed_where_a_gate_has_closed_nothing_is_pushed_or_taken_over(
    stage: Stage, status: Status, facts: dict[str, Any]
) -> None:
    decision = pressed(by=g.BOB, **facts)
    done = release_of(decision)
    assert (done.stage, done.status, done.owner, done.push_asked) == (stage, status, g.ALICE, None)
    assert pushes(decision) == []


def test_pressed_where_the_commit_is_on_the_branch_already_nothing_is_made_good() -> None:
    decision = pressed(tip=g.at_tip())
    assert release_of(decision).status is Status.HELD
    assert pushes(decision) == []


@pytest.mark.parametrize(
    "why, release, facts",
    [
        ("closed", {"status": Status.STOPPED}, {}),
        ("not at the push", {"stage": C}, {}),
        ("pushed", {"pushed": g.PUSHED}, {}),
        ("not asked", {"push_asked": None}, {}),
        ("another commit now", {}, {"candidate": g.seen(g.candidate(sha=OTHER))}),
        ("candidate unknown", {}, {"candidate": g.broken()}),
        ("a precondition unknown", {}, DOWN),
        ("a precondition false", {}, {"lock": None}),
        ("local state", {}, {"candidate": g.seen(g.candidate(contains_tip=False))}),
        ("commits", {}, {"candidate": OUTSIDE}),
        ("who asked is no releaser any more", {}, GONE),
    ],
)
def test_just_before_the_push_everything_is_asked_again(
    why: str, release: dict[str, Any], facts: dict[str, Any]
) -> None:
    asked = g.release(U, push_asked=ASKED)
    assert may_push(asked, g.facts(), g.policy())
    assert not may_push(asked.model_copy(update=release), g.facts(**facts), g.policy()), why


def test_who_asked_must_still_be_a_releaser_when_another_one_attested() -> None:
    asked = g.release(U, push_asked=ASKED.model_copy(update={"by": g.BOB}))
    gone = Directory(deactivated=frozenset({g.BOB}))
    assert may_push(asked, g.facts(), g.policy())
    assert not may_push(asked, g.facts(directory=gone), g.policy())


def test_an_older_push_that_was_put_off_is_not_what_was_asked_for_last() -> None:
    asked = g.release(U, push_asked=ASKED)
    assert may_push(asked, g.facts(), g.policy(), g.SHA)
    assert not may_push(asked, g.facts(), g.policy(), OTHER)
