"""Commits that came to the branch around every release: held, explained, taken over by name, and then released."""

from typing import Any

import pytest

from bot.sop.arrival import Arrival, arrival
from bot.sop.buttons import may_press
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Facts, Tip
from bot.sop.outlook import Button
from bot.sop.policy import Policy
from bot.sop.progress import advance
from bot.sop.records import Release
from bot.sop.release import accept_paths
from bot.sop.stages import Stage, Status
from bot.sop.strays import take_over
from bot.sop.views import release_view
from bot.words import parts
from tests.sop import good as g
from tests.sop.decided import kinds, refused, release_of, said
from tests.sop.test_gates import STRANGE, STRAY

MERGE = g.commit(sha="5" * 40, parents=(g.BASE, STRAY.sha), message="Merge pull request #4", paths=("bin/run",))
HEAD = Tip(sha=MERGE.sha, tree="6" * 40, ahead=(STRAY, MERGE), pushed_by="bob")
REBASED = {
    "tip": MERGE.sha,
    "commits": (STRAY, MERGE, g.commit(parents=(MERGE.sha,))),
    "paths": ("bin/run", "shop/checkout.py"),
}


def facts(**changes: Any) -> Facts:
    """The candidate was rebased on what somebody pushed; the patrol has looked, and what it found is explained."""
    world = {"candidate": g.seen(g.candidate(**REBASED)), "tip": g.seen(HEAD), "patrolled": HEAD.sha}
    return g.facts(**{**world, **changes})


def held(policy: Policy | None = None) -> Release:
    return release_of(advance(g.release(Stage.PUSH), facts(), policy or g.policy()))


def taken(release: Release | None = None, by: str = g.BOB, **changes: Any) -> Decision:
    return take_over(release or held(), by, facts(**changes), g.policy())


def test_it_is_held_naming_the_commits_and_offers_to_take_them_over() -> None:
    found = held()
    assert (found.stage, found.status) == (Stage.COMMITS, Status.HELD)
    assert found.hold is not None and found.hold.finding.code == Code.STRAY_COMMITS
    assert [c["sha"] for c in found.hold.finding.values["commits"]] == [STRAY.sha, MERGE.sha]
    shown = release_view(found, g.change(), facts(), g.policy())
    assert Button.TAKE_OVER in shown.buttons
    people = (g.ALICE, g.BOB, g.CAROL, g.DAVE, g.FRANK)
    who = {by for by in people if may_press(by, Button.TAKE_OVER, shown, g.policy(), facts().directory)}
    assert who == {g.ALICE, g.BOB}


def test_whether_it_is_explained_already_is_said() -> None:
    """By the patrol's look at this very head, and by an approver."""

    def said_of(**changes: Any) -> str:
        found = release_of(advance(g.release(Stage.PUSH), facts(**changes), g.policy()))
        assert found.hold is not None
        return parts(found.hold.finding.code, found.hold.finding.values).mend or ""

    wanted = "An approver explains the violation on its card; then"
    assert "How they came is explained:" in said_of() and wanted not in said_of()
    assert wanted in said_of(violations=STRANGE) and wanted in said_of(patrolled=None)


def accepted(release: Release, by: str = g.CAROL, **changes: Any) -> Decision:
    """The paths of what was taken over, by an approver."""
    return accept_paths(release, by, g.TREE, ("bin/run",), "we have read it", facts(**changes), g.policy())


def test_taken_over_by_name_an_approver_is_asked_for_their_paths_as_for_any_others() -> None:
    decision = taken()
    new = release_of(decision)
    assert [(s.by, s.commits) for s in new.strays] == [(g.BOB, (STRAY.sha, MERGE.sha))]
    assert new.status is Status.HELD and new.hold is not None
    assert (new.hold.finding.code, new.hold.finding.values["paths"]) == (Code.PATHS_OUTSIDE, ["bin/run"])
    assert "strays_taken_over" in kinds(decision)
    assert said(decision)[0] == Code.STRAYS_TAKEN
    shown = release_view(new, g.change(), facts(), g.policy())
    assert Button.ACCEPT_PATHS in shown.buttons and Button.TAKE_OVER not in shown.buttons


@pytest.mark.parametrize(
    "by, wrote, code",
    [(g.ALICE, "bob", Code.NO_ROLE), (g.CAROL, "carol", Code.SELF_APPROVAL), (g.CAROL, "bob", None)],
)
def test_who_wrote_them_does_not_accept_their_paths(by: str, wrote: str, code: Code | None) -> None:
    stray = STRAY.model_copy(update={"author": wrote, "committer": wrote})
    seen = g.seen(g.candidate(**{**REBASED, "commits": (stray, MERGE, g.commit(parents=(MERGE.sha,)))}))
    decision = accepted(release_of(taken(candidate=seen)), by, candidate=seen)
    assert (decision.refusal.code if decision.refusal else None) == code


def test_it_goes_on_and_they_are_no_arrival_of_it() -> None:
    new = release_of(accepted(release_of(taken())))
    assert (new.stage, new.status) == (Stage.PUSH, Status.RUNNING)
    assert arrival(new, facts(), g.watching()) is Arrival.NOTHING
    assert Button.PUSH in release_view(new, g.change(), facts(), g.policy()).buttons


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.CAROL}),
        (Code.VIOLATION_OPEN, {"violations": STRANGE}),
        (Code.STRAYS_UNSEEN, {"patrolled": None}),
        (Code.STRAYS_UNSEEN, {"patrolled": g.BASE}),
        (Code.ALREADY, {"tip": g.seen(Tip(sha=g.BASE, tree=g.BASE_TREE))}),
        (Code.NOT_NOW, {"release": g.release(Stage.CI)}),
        (Code.NOT_NOW, {"release": g.release(Stage.COMMITS, status=Status.ABORTED)}),
    ],
)
def test_taking_over_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(taken(**given)) == code


def test_another_push_around_the_release_is_another_word() -> None:
    new = release_of(taken())
    later = g.commit(sha="7" * 40, message="one more")
    head = HEAD.model_copy(update={"sha": later.sha, "ahead": (*HEAD.ahead, later)})
    commits = (STRAY, MERGE, later, g.commit(parents=(later.sha,)))
    world = facts(tip=g.seen(head), candidate=g.seen(g.candidate(**{**REBASED, "commits": commits})))
    again = release_of(advance(new, world, g.policy()))
    assert again.hold is not None and [c["sha"] for c in again.hold.finding.values["commits"]] == [later.sha]


def test_commits_that_name_this_change_or_that_it_pushed_itself_are_no_strays() -> None:
    mine = g.seen(g.candidate(commits=(g.commit(sha="4" * 40), MERGE, g.commit())))
    rejected = g.PUSHED.model_copy(update={"sha": MERGE.sha, "tree": HEAD.tree})
    release = g.release(Stage.COMMITS, earlier=(rejected,))
    proved = (g.attestation(made_at=g.NOW),)
    assert release_of(advance(release, facts(candidate=mine, attestations=proved), g.policy())).stage is Stage.PUSH
