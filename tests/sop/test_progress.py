"""How a release goes on by looking: stopped, held, healed, sent back, and complete only at the very end."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Facts, PushRefusal, Runs, Seen
from bot.sop.policy import Approvals, Policy
from bot.sop.progress import advance, remind
from bot.sop.records import Approval, Baseline, Change, ChangeStatus, Hold, LeftAhead, Release, Word
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop.decided import cards, change_of, directs, kinds, posts, release_of, said, watched

P, L, C, U, CI, PROD = list(Stage)[:6]
BEFORE = (P, L, C, U)
OTHER_TREE = "9" * 40
WORD = Word(by=g.ALICE, at=g.ago(minutes=1), says="it")
ASKED = {"push_asked": Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)}


def looked(release: Release, policy: Policy | None = None, **facts: Any) -> Decision:
    return advance(release, g.facts(**facts), policy or g.policy())


def held(release: Release, code: Code, gate: str, answer: Answer = Answer.FAIL, **values: Any) -> Release:
    found = Finding(gate=gate, rule="1", answer=answer, code=code, values=values, late=answer is Answer.WAIT)
    return release.model_copy(update={"status": Status.HELD, "hold": Hold(finding=found, at=g.ago(minutes=1))})


# --- what is not known waits

UNKNOWN: tuple[tuple[Stage, dict[str, Any]], ...] = (
    (P, {"change": None}),
    (P, {"change": g.change(approvals=(), status=ChangeStatus.OPEN)}),
    (P, {"attestations": ()}),
    (P, {"criticals": Seen()}),
    (P, {"candidate": Seen()}),
    (P, {"candidate": g.seen(g.candidate(tree=OTHER_TREE))}),
    *((s, {"criticals": g.broken()}) for s in BEFORE),
    *((s, {"candidate": g.seen(g.candidate()).model_copy(update={"error": "down"})}) for s in BEFORE),
    (U, {}),
    (U, {"tip": g.broken()}),
    *((s, {"tip": g.broken()}) for s in (CI, PROD)),
    *((s, {"runs": g.broken(), "tip": g.at_tip()}) for s in (CI, PROD)),
    (PROD, {"fleet": g.broken(), "tip": g.at_tip()}),
)


@pytest.mark.parametrize("stage, facts", UNKNOWN)
def test_what_is_not_known_opens_nothing_and_stops_nothing(stage: Stage, facts: dict[str, Any]) -> None:
    word = {"governance": WORD} if stage is P else {}
    decision = looked(g.release(stage, **word), **facts)
    assert (decision.records, decision.events, decision.effects) == ((), (), ())
    assert watched(decision) == ["R-7"]


def test_governance_is_waited_for() -> None:
    assert looked(g.release()).records == ()


def test_it_looks_more_often_when_something_is_under_way() -> None:
    pace = g.policy().pace
    assert looked(g.release(U)).watch[0].due == g.NOW + pace.waiting
    assert looked(g.release(U, **ASKED)).watch[0].due == g.NOW + pace.working
    assert looked(g.release(CI), tip=g.broken()).watch[0].due == g.NOW + pace.working


# --- nothing to release: HELD from the first look on, and healed by a push


@pytest.mark.parametrize("stage", BEFORE)
@pytest.mark.parametrize(
    "code, candidate", [(Code.NO_CANDIDATE, g.absent()), (Code.NO_COMMITS, g.seen(g.candidate(commits=())))]
)
def test_a_candidate_that_brings_nothing_is_told_at_once(stage: Stage, code: Code, candidate: Seen[Any]) -> None:
    early: dict[str, Any] = {"attestations": ()} if stage is P else {}
    decision = looked(g.release(stage), candidate=candidate, **early)
    found = release_of(decision)
    assert (found.status, kinds(decision), said(decision)) == (Status.HELD, ["release_held"], [Code.RELEASE_HELD])
    assert posts(decision)[0].mention == (g.ALICE,)
    if stage is P:
        assert found.hold is not None and found.hold.finding.code == code
        assert looked(found, candidate=g.broken(), **early).records == ()  # nobody can say that it is there now
        assert release_of(looked(found, **early)).status is Status.RUNNING


# --- HELD before the push: a new preflight or commit heals

WRONG: tuple[tuple[str, Stage, Code, dict[str, Any]], ...] = (
    ("wrong branch", L, Code.BRANCH_CHECK_FAILED, {"attestations": (g.failing("branch"),)}),
    ("no branch", L, Code.NOT_A_BRANCH, {"candidate": g.seen(g.candidate(branch=None))}),
    ("behind", L, Code.BRANCH_BEHIND, {"candidate": g.seen(g.candidate(contains_tip=False))}),
    ("another tree", L, Code.TREE_DIFFERS, {"candidate": g.seen(g.candidate(tree=OTHER_TREE))}),
    ("app fails", L, Code.APP_FAILED, {"attestations": (g.failing("run"),)}),
    ("silent commit", C, Code.UNREFERENCED, {"candidate": g.seen(g.candidate(commits=(g.commit(message="tidy"),)))}),
    ("other change", C, Code.REFERENCES_OTHER, {"candidate": g.seen(g.candidate(commits=(g.commit(message="CR-9"),)))}),
    ("path outside", C, Code.PATHS_OUTSIDE, {"candidate": g.seen(g.candidate(paths=("bin/run",)))}),
    ("own approval", C, Code.NOT_INDEPENDENT, {"candidate": g.seen(g.candidate(commits=(g.commit(author="carol"),)))}),
    ("stranger", C, Code.AUTHOR_UNKNOWN, {"candidate": g.seen(g.candidate(commits=(g.commit(author="x"),)))}),
    ("skip", C, Code.SKIP_CI, {"candidate": g.seen(g.candidate(commits=(g.commit(message="CR-12 [skip ci]"),)))}),
)
FROM = [(s, *w[1:]) for w in WRONG for s in ((L, C, U) if w[1] is L else (C, U))]


@pytest.mark.parametrize("stage, where, code, facts", FROM)
def test_what_fails_before_the_push_holds_and_heals(
    stage: Stage, where: Stage, code: Code, facts: dict[str, Any]
) -> None:
    decision = looked(g.release(stage), **facts)
    waits = release_of(decision)
    assert (waits.status, waits.stage) == (Status.HELD, where)
    assert waits.hold is not None and (waits.hold.finding.code, waits.hold.late) == (code, False)
    assert (kinds(decision), said(decision)) == (["release_held"], [Code.RELEASE_HELD])
    assert (posts(decision)[0].mention, posts(decision)[0].notice.values["stage"]) == ((g.ALICE,), where.value)
    assert (decision.freed, watched(decision)) == ((), ["R-7"])

    assert looked(waits, **facts).records == ()  # the same again: nothing is told twice

    healed = looked(waits)
    assert (release_of(healed).status, release_of(healed).stage, release_of(healed).hold) == (Status.RUNNING, U, None)
    assert kinds(healed)[0] == "release_healed"
    assert said(healed)[0] == Code.RELEASE_HEALED


def test_going_back_from_the_push_forgets_who_asked_for_it() -> None:
    behind = g.seen(g.candidate(contains_tip=False))
    back = release_of(looked(g.release(U, **ASKED), candidate=behind))
    assert (back.stage, back.push_asked) == (L, None)
    again = release_of(looked(back))
    assert (again.stage, again.push_asked, again.pushed) == (U, None, None)


def test_a_look_that_fails_heals_nothing() -> None:
    waits = held(g.release(L), Code.TREE_DIFFERS, "tree_attested")
    blind = g.seen(g.candidate()).model_copy(update={"error": "GitHub is down"})
    assert looked(waits, candidate=blind).records == ()
    late = held(g.release(CI), Code.CI_DID_NOT_START, "ci_started", Answer.WAIT)
    assert looked(late, tip=g.at_tip(), runs=g.broken()).records == ()


def test_one_look_that_shows_the_new_version_is_not_yet_well_again() -> None:
    late = held(g.release(PROD, passed=LONG_AGO), Code.VERSION_OLD, "version_reflected", Answer.WAIT)
    once = g.seen(g.fleet(rounds=g.rounds((g.BASE, g.SHA), (g.SHA, g.SHA))))
    assert looked(late, tip=g.at_tip(), fleet=once).records == ()
    assert release_of(looked(late, tip=g.at_tip())).status is Status.COMPLETE


def test_a_look_at_something_else_that_fails_does_not_keep_it_held() -> None:
    waits = held(g.release(L), Code.TREE_DIFFERS, "tree_attested")
    healed = release_of(looked(waits, criticals=g.broken()))
    assert (healed.status, healed.stage) == (Status.RUNNING, L)


def test_a_push_asked_for_again_heals_one_that_was_late() -> None:
    late = held(g.release(U, **ASKED), Code.PUSHING, "pushed", Answer.WAIT)
    assert release_of(looked(late)).status is Status.RUNNING


def test_each_stage_is_passed_once_in_the_end() -> None:
    again = release_of(looked(release_of(looked(g.release(U), candidate=g.seen(g.candidate(contains_tip=False))))))
    assert [p.stage for p in again.passed] == [P, L, C]


def test_the_same_trouble_with_newer_values_is_shown_and_not_told_again() -> None:
    waits = release_of(looked(g.release(C), candidate=g.seen(g.candidate(paths=("x",)))))
    decision = looked(waits, candidate=g.seen(g.candidate(paths=("x", "y"))))
    assert (said(decision), kinds(decision), cards(decision)) == ([], [], ["R-7"])
    assert release_of(decision).hold != waits.hold


def test_another_trouble_is_told() -> None:
    waits = release_of(looked(g.release(C), candidate=g.seen(g.candidate(paths=("x",)))))
    assert said(looked(waits, candidate=g.seen(g.candidate(commits=())))) == [Code.RELEASE_HELD]


# --- late: HELD, and heals by itself

LATE_PUSH = {"push_asked": Word(by=g.ALICE, at=g.ago(minutes=6), says=g.SHA)}
LATE = {"pushed": g.PUSHED.model_copy(update={"at": g.ago(minutes=6)})}
VERY_LATE = {"pushed": g.PUSHED.model_copy(update={"at": g.ago(hours=2)})}
LONG_AGO = tuple(p.model_copy(update={"at": g.ago(minutes=11)}) for p in g.release(PROD).passed)
BUSY = g.seen(Runs(of_push=(g.run(status="in_progress", conclusion=None),)))
RAN = g.seen(Runs(of_push=(g.run(created_at=g.NOW),)))
OLDER = g.seen(Runs(of_push=(g.run(),), older_unfinished=(g.run(head_sha=g.BASE),)))
LATES: tuple[tuple[Stage, dict[str, Any], Code, dict[str, Any]], ...] = (
    (U, LATE_PUSH, Code.PUSHING, {}),
    (CI, LATE, Code.CI_DID_NOT_START, {"runs": g.seen(Runs())}),
    (CI, VERY_LATE, Code.CI_LATE, {"runs": BUSY}),
    (PROD, {"passed": LONG_AGO}, Code.VERSION_OLD, {"fleet": g.seen(g.fleet(rounds=g.rounds((g.BASE,) * 3)))}),
    (PROD, {"passed": LONG_AGO}, Code.VERSION_MIXED, {"fleet": g.seen(g.fleet(rounds=g.rounds((g.SHA, g.BASE))))}),
    (PROD, {"passed": LONG_AGO}, Code.OLDER_RUN, {"runs": OLDER}),
    (PROD, {"passed": LONG_AGO}, Code.PROBES_UNREACHED, {"fleet": g.seen(g.fleet(probes=()))}),
)


@pytest.mark.parametrize("stage, release, code, facts", LATES)
def test_what_is_late_is_held_and_heals_by_itself(
    stage: Stage, release: dict[str, Any], code: Code, facts: dict[str, Any]
) -> None:
    world = {"tip": g.at_tip(), **facts} if stage is not U else facts
    decision = looked(g.release(stage, **release), **world)
    late = release_of(decision)
    assert (late.status, late.stage) == (Status.HELD, stage)
    assert late.hold is not None and (late.hold.finding.code, late.hold.late) == (code, True)
    assert said(decision) == [Code.RELEASE_HELD]
    assert posts(decision)[0].mention == (g.ALICE,)
    assert watched(decision) == ["R-7"]

    healed = looked(late, tip=g.at_tip())
    assert release_of(healed).hold is None
    assert release_of(healed).status in (Status.RUNNING, Status.COMPLETE)
    assert Code.RELEASE_HEALED in said(healed) or stage is U


def test_a_run_that_starts_late_heals_while_it_runs() -> None:
    late = held(g.release(CI), Code.CI_DID_NOT_START, "ci_started", Answer.WAIT)
    healed = looked(late, tip=g.at_tip(), runs=BUSY)
    assert (release_of(healed).status, release_of(healed).stage) == (Status.RUNNING, CI)
    assert said(healed) == [Code.RELEASE_HEALED]


# --- failed after the push: HELD, whatever the facts say from then on

FAILED: tuple[tuple[Stage, Code, dict[str, Any]], ...] = (
    (CI, Code.CI_FAILED, {"runs": g.seen(Runs(of_push=(g.run(conclusion="failure"),)))}),
    (CI, Code.CI_RERUN, {"runs": g.seen(Runs(of_push=(g.run(attempt=2),)))}),
    (CI, Code.BRANCH_MOVED, {"tip": g.at_tip(sha="4" * 40)}),
    (PROD, Code.BRANCH_MOVED, {"tip": g.at_tip(sha="4" * 40)}),
    (
        PROD,
        Code.DIFFERENT,
        {"fleet": g.seen(g.fleet(probes=(g.fleet().probes[0].model_copy(update={"status": 500}),)))},
    ),
)


@pytest.mark.parametrize("stage, code, facts", FAILED)
def test_what_failed_after_the_push_waits_for_a_person(stage: Stage, code: Code, facts: dict[str, Any]) -> None:
    decision = looked(g.release(stage, push_asked=WORD), **{"tip": g.at_tip(), **facts})
    failed = release_of(decision)
    assert failed.hold is not None and (failed.status, failed.stage, failed.hold.finding.code) == (
        Status.HELD,
        stage,
        code,
    )
    assert (said(decision), posts(decision)[0].mention) == ([Code.RELEASE_HELD], (g.ALICE,))
    assert failed.push_asked == WORD
    for world in ({"tip": g.at_tip()}, {"change": None}, {"runs": g.broken()}):
        assert looked(failed, **world).records == ()


# --- complete


def test_the_good_day_goes_from_stage_to_stage() -> None:
    begun = release_of(looked(g.release(governance=WORD)))
    assert [p.stage for p in begun.passed] == [P, L, C]
    assert begun.stage is U
    pushed = looked(begun.model_copy(update=ASKED), tip=g.at_tip(), runs=BUSY)
    assert release_of(pushed).stage is CI
    assert said(pushed) == [Code.RELEASE_PUSHED, Code.STAGE_PASSED]
    verified = release_of(looked(release_of(pushed), tip=g.at_tip(), runs=RAN, fleet=Seen()))
    assert verified.stage is PROD
    assert release_of(looked(verified, tip=g.at_tip(), runs=RAN)).status is Status.COMPLETE


def test_complete_means_verified_released_and_unlocked() -> None:
    decision = looked(g.release(PROD), tip=g.at_tip())
    done = release_of(decision)
    assert (done.status, done.stage, done.ended_at, done.hold) == (Status.COMPLETE, Stage.COMPLETE, g.NOW, None)
    assert {p.stage for p in done.passed} == {P, L, C, U, CI, PROD}
    (verified,) = (r for r in decision.records if isinstance(r, Baseline))
    assert (verified.service, verified.sha, verified.release, verified.by) == ("shop", g.SHA, 7, g.ALICE)
    assert (change_of(decision).status, change_of(decision).release) == (ChangeStatus.RELEASED, 7)
    assert [f.key for f in decision.freed] == ["acme/shop@main"]
    assert kinds(decision) == ["stage_passed", "release_complete", "change_released"]
    assert said(decision) == [Code.RELEASE_COMPLETE]
    assert directs(decision) == [(g.ALICE, Code.CHANGE_RELEASED)]
    assert set(cards(decision)) == {"R-7", "CR-12"}
    assert watched(decision) == []


@pytest.mark.parametrize("status", [Status.STOPPED, Status.ABORTED, Status.COMPLETE])
def test_a_closed_release_does_not_go_on(status: Status) -> None:
    assert looked(g.release(PROD, status=status), tip=g.at_tip()) == Decision()


# --- expiry of the preflight


def test_the_owner_is_warned_before_the_preflight_expires() -> None:
    soon = g.ago(hours=18)
    fresh, near = (g.facts(attestations=(g.attestation(made_at=at),)) for at in (g.ago(hours=1), soon))
    assert remind(g.release(U), fresh, g.policy()).watch[0].due == g.NOW + timedelta(hours=17)
    assert directs(remind(g.release(U), near, g.policy())) == [(g.ALICE, Code.EXPIRY_NEAR)]


def test_the_owner_is_warned_before_the_approvals_expire() -> None:
    """Of two that are wanted the older one ends it."""
    two = g.policy(approvals=Approvals(required=2))
    able = g.facts().directory.model_copy(update={"groups": {"S0LEADS": (g.CAROL, g.DAVE)}})

    def around(days: int) -> Facts:
        given = [(g.CAROL, g.ago(days=days)), (g.DAVE, g.ago(days=1))]
        approvals = tuple(Approval(by=by, at=at, digest=g.CONTENT.digest) for by, at in given)
        return g.facts(change=g.change(approvals=approvals), directory=able, attestations=())

    assert [w.due for w in remind(g.release(U), around(days=5), two).watch] == [g.NOW + timedelta(days=1)]
    near = around(days=6)
    assert directs(remind(g.release(U), near, two)) == [(g.ALICE, Code.APPROVALS_END)]
    assert [w.due for w in remind(g.release(U), near, g.policy()).watch] == [g.NOW + timedelta(days=5)]


@pytest.mark.parametrize("release", [g.release(CI), g.release(status=Status.STOPPED)])
def test_nobody_is_warned_where_expiry_does_not_matter(release: Release) -> None:
    near = g.facts(attestations=(g.attestation(made_at=g.ago(hours=23)),))
    assert remind(release, near, g.policy()) == Decision()


def test_a_refused_push_is_held_and_what_was_asked_for_is_kept() -> None:
    refusal = g.seen(PushRefusal(sha=g.SHA, error="protected"))
    waits = release_of(looked(g.release(U, **ASKED), push_refusal=refusal))
    assert (waits.status, waits.stage, waits.push_asked) == (Status.HELD, U, ASKED["push_asked"])
    assert waits.hold is not None and waits.hold.finding.values["error"] == "protected"


def test_change_requests_whose_commits_were_taken_over_are_released_with_it() -> None:
    other = g.change(id=9, status=ChangeStatus.WITHDRAWN)
    left = LeftAhead(release=3, sha="2" * 40, commits=("2" * 40,))
    facts = g.facts(tip=g.at_tip(), taken_changes=(other,))
    decision = advance(g.release(Stage.PRODUCTION, taken_over=left), facts, g.policy())
    made = {r.id: (r.status, r.release) for r in decision.records if isinstance(r, Change)}
    assert made == {12: (ChangeStatus.RELEASED, 7), 9: (ChangeStatus.RELEASED, 7)}
