"""What the patrol calls a violation of the designated branch and of CI, and above all what it does not."""

from typing import Any

import pytest

from bot.sop.facts import Run, Seen
from bot.sop.patrol.facts import Lately, PatrolFacts
from bot.sop.policy import Ci, Policy
from bot.sop.records import Rerun, Word
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop import patrolled as p

# --- the designated branch

ASKED = Word(by=g.ALICE, at=g.ago(minutes=4), says=g.SHA)
EARLY = p.released(Stage.COMMITS, hold=None)
AT_PUSH = g.release(Stage.PUSH)


@pytest.mark.parametrize(
    ("case", "facts", "policy", "expected"),
    [
        ("no release", p.facts(lately=p.lately(p.activity())), None, ["push_without_release"]),
        ("a merge", p.facts(lately=p.lately(p.activity(kind="pr_merge"))), None, ["push_without_release"]),
        (
            "a release of something else",
            p.facts(lately=p.lately(p.activity()), releases=(p.released(),)),
            None,
            ["push_without_release"],
        ),
        (
            "the gates were open",
            p.facts(lately=p.lately(p.activity(g.SHA)), releases=(EARLY,)),
            None,
            ["push_with_open_gates"],
        ),
        ("ours", p.facts(lately=p.lately(p.activity(g.SHA)), releases=(p.released(),)), None, []),
        (
            "the bot's own, heard of when its release was over",
            p.facts(
                lately=p.lately(p.activity(g.SHA)),
                releases=(p.closed(Status.ABORTED, pushed=None, push_asked=ASKED),),
                moved={7: g.SHA},
            ),
            None,
            [],
        ),
        (
            "a person's, of what a release that is over had asked for",
            p.facts(
                lately=p.lately(p.activity(g.SHA)),
                releases=(p.closed(Status.ABORTED, pushed=None, push_asked=ASKED),),
            ),
            None,
            ["push_without_release"],
        ),
        ("ours, closed since", p.facts(lately=p.lately(p.activity(g.SHA)), releases=(p.closed(),)), None, []),
        (
            "asked for, not recorded yet",
            p.facts(
                lately=p.lately(p.activity(g.SHA)),
                releases=(g.release(Stage.PUSH, push_asked=ASKED),),
                tips={7: g.SHA},
            ),
            None,
            [],
        ),
        (
            "asked for once, by a release that is over",
            p.facts(
                lately=p.lately(p.activity(g.SHA)),
                releases=(g.release(Stage.PUSH, push_asked=ASKED, status=Status.ABORTED),),
            ),
            None,
            ["push_without_release"],
        ),
        (
            "its release has not looked yet",
            p.facts(lately=p.lately(p.activity(g.SHA)), releases=(AT_PUSH,), tips={7: g.BASE}),
            p.watching(),
            [],
        ),
        (
            "its release has looked and does not know it",
            p.facts(lately=p.lately(p.activity()), releases=(AT_PUSH,), tips={7: p.STRANGER}),
            p.watching(),
            ["push_without_release"],
        ),
        (
            "its release does not look for too long",
            p.facts(lately=p.lately(p.activity(at=g.ago(minutes=20))), releases=(AT_PUSH,), tips={7: g.BASE}),
            p.watching(),
            ["push_without_release"],
        ),
        (
            "forced, even to what is ours",
            p.facts(lately=p.lately(p.activity(g.SHA, "force_push")), releases=(p.released(),)),
            None,
            ["branch_forced"],
        ),
        ("deleted", p.facts(lately=p.lately(p.activity(kind="branch_deletion"))), None, ["branch_deleted"]),
        ("begun, at what is verified", p.facts(lately=p.lately(p.activity(g.BASE, "branch_creation"))), None, []),
        (
            "begun, elsewhere",
            p.facts(lately=p.lately(p.activity(kind="branch_creation"))),
            None,
            ["push_without_release"],
        ),
        (
            "past its protection, by a person",
            p.facts(lately=p.lately(p.activity(g.SHA), bypassed=(g.SHA,)), releases=(p.released(),)),
            p.watching(),
            ["protection_bypassed"],
        ),
        (
            "past its protection, by the bot that alone may",
            p.facts(lately=p.lately(p.activity(g.SHA), bypassed=(g.SHA,)), releases=(p.released(),)),
            None,
            [],
        ),
        (
            "GitHub is down",
            p.facts(lately=Seen[Lately](value=p.lately(p.activity()).value, at=g.NOW, error="down")),
            None,
            [],
        ),
    ],
)
def test_a_move_of_the_designated_branch(
    case: str, facts: PatrolFacts, policy: Policy | None, expected: list[str]
) -> None:
    assert [code for _, code in p.codes(facts, policy)] == expected, case


def test_a_push_tells_who_and_whether_it_went_past_the_protection() -> None:
    (sighting,) = p.sighted(p.facts(lately=p.lately(p.activity(), bypassed=(p.STRANGER,))))
    assert (sighting.who, sighting.once) == ("bob", True)
    assert sighting.values == {
        "branch": "main",
        "before": g.BASE,
        "sha": p.STRANGER,
        "at": g.ago(minutes=3).isoformat(),
        "release": None,
        "bypass": True,
        "last": None,
    }


# --- workflow runs

AGAIN = Rerun(run=5, attempt=2, by=g.ALICE, at=g.ago(minutes=2), reason="the supplier was down")
QUEUED = g.job(name="deploy", status="queued", conclusion=None)
TESTING = g.job(name="test", status="in_progress", conclusion=None)
DEPLOYING = g.job(name="deploy", status="in_progress", conclusion=None)


def second(*jobs: Any, **changes: Any) -> Run:
    return g.run(**{"attempt": 2, "status": "in_progress", "conclusion": None, "jobs": jobs, **changes})


@pytest.mark.parametrize(
    ("case", "run", "reruns", "act"),
    [
        ("before its deploy", second(TESTING, QUEUED), (), "cancel"),
        ("not begun", second(), (), "cancel"),
        ("its deploy runs", second(DEPLOYING), (), "watch"),
        ("a deploy of a matrix runs", second(g.job(name="deploy (eu)", status="in_progress")), (), "watch"),
        ("a deploy of a called workflow runs", second(g.job(name="deploy / run", status="in_progress")), (), "watch"),
        ("its deploy was cancelled", second(g.job(name="deploy", conclusion="cancelled")), (), "watch"),
        ("it is over", second(status="completed", conclusion="success"), (), "over"),
        ("recorded", second(DEPLOYING), (AGAIN,), None),
        ("the first attempt", second(DEPLOYING, attempt=1), (), None),
        ("a third, with a cause for the second only", second(TESTING, attempt=3), (AGAIN,), "cancel"),
        ("another run", second(TESTING, id=6), (AGAIN,), "cancel"),
        ("of another workflow", second(TESTING, workflow="lint.yml"), (), None),
        ("of a candidate", second(TESTING, head_branch="faster"), (), None),
    ],
)
def test_a_run_again_without_a_cause(case: str, run: Run, reruns: tuple[Rerun, ...], act: str | None) -> None:
    seen = p.facts(lately=p.ran(run), releases=(p.released(Stage.CI, reruns=reruns),))
    found = p.sighted(seen)
    assert [(s.rule, s.code, s.values["act"], s.who) for s in found] == (
        [("F1", "rerun_blindly", act, "bob")] if act else []
    ), case


def test_every_attempt_counts_of_a_run_that_the_patrol_saw_begin() -> None:
    run = second(TESTING, attempt=4)
    seen = p.facts(lately=p.ran(run), releases=(p.released(Stage.CI, reruns=(AGAIN,)),))
    assert [(s.values["attempt"], s.values["act"], s.who) for s in p.sighted(seen)] == [
        (3, "over", None),
        (4, "cancel", "bob"),
    ]
    older = p.facts(lately=p.ran(run.model_copy(update={"created_at": g.ago(days=3)})))
    assert [s.values["attempt"] for s in p.sighted(older)] == [4]


def test_a_run_is_only_cancelled_where_it_is_known_which_jobs_deploy() -> None:
    unknown = p.policy(services=(p.service(ci=Ci(workflows=("deploy.yml",))),))
    (sighting,) = p.sighted(p.facts(lately=p.ran(second(TESTING))), unknown)
    assert sighting.values["act"] == "watch"


BY_HAND = {"event": "workflow_dispatch"}


@pytest.mark.parametrize(
    ("case", "run", "deploy_jobs", "found"),
    [
        ("deploys", g.run(**BY_HAND), ("deploy",), True),
        ("deploys from a candidate", g.run(head_branch="faster"), ("deploy",), True),
        ("by a workflow of its own", g.run(workflow="by-hand.yml", **BY_HAND), ("deploy",), True),
        ("has only tested so far", second(TESTING, QUEUED, attempt=1, **BY_HAND), ("deploy",), False),
        ("skipped its deploy", g.run(jobs=(g.job(conclusion="skipped"),), **BY_HAND), ("deploy",), False),
        ("cancelled, perhaps before", g.run(jobs=(g.job(conclusion="cancelled"),), **BY_HAND), ("deploy",), False),
        ("nobody said which jobs deploy", g.run(**BY_HAND), (), True),
        ("is still queued", g.run(status="queued", conclusion=None, **BY_HAND), (), False),
        ("of another workflow", g.run(workflow="lint.yml", **BY_HAND), (), False),
        ("of a pull request", g.run(event="pull_request", jobs=()), (), False),
    ],
)
def test_a_deploy_that_no_push_started(case: str, run: Run, deploy_jobs: tuple[str, ...], found: bool) -> None:
    known = p.policy(services=(p.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=deploy_jobs)),))
    assert p.codes(p.facts(lately=p.ran(run)), known) == ([("X2", "run_by_hand")] if found else []), case


def test_a_push_to_the_branch_of_another_service_of_the_repository_is_no_deploy_by_hand() -> None:
    run = g.run(head_branch="next", jobs=(DEPLOYING,))
    other = p.service(name="shop-next", branch="next")
    assert p.codes(p.facts(lately=p.ran(run))) == [("X2", "run_by_hand")]
    assert p.codes(p.facts(lately=p.ran(run)), p.policy(services=(p.service(), other))) == []
