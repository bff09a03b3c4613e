"""What the patrol calls a violation, and above all what it does not."""

from typing import Any

import pytest

from bot.sop.facts import Round, Run, Sample, Seen
from bot.sop.patrol.facts import Lately, Live, PatrolFacts, Played, last_verified
from bot.sop.policy import Ci, Compare, Policy, Probe
from bot.sop.records import DifferenceAccepted, FreezeStatus, Rerun, Rollback, Word
from bot.sop.stages import Procedure, Stage, Status
from tests.sop import good as g
from tests.sop import patrolled as p

CI = g.run(head_sha=p.STRANGER)
OK = g.run()
FAILED = g.run(conclusion="failure", jobs=(g.job(name="test", conclusion="failure"),))
FAILED_LATE = g.run(conclusion="failure", jobs=(g.job(conclusion="failure"),))
RUNS = g.run(status="in_progress", conclusion=None)
ROLLBACK = Rollback(
    target=g.BASE,
    target_tree=g.BASE_TREE,
    target_release=None,
    target_attestation=None,
    reverts=(7,),
    commits=(g.SHA,),
    reason="slow",
    was_live=True,
)


def test_a_quiet_service_shows_nothing() -> None:
    assert p.codes(p.facts()) == []


# --- what production serves


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("no commit", p.deployed(p.version(None)), [("X1", "version_strange")]),
        ("no run at all", p.deployed(p.version(p.STRANGER)), [("X2", "deployed_without_ci")]),
        (
            "CI failed",
            p.deployed(p.version(p.STRANGER, CI.model_copy(update={"conclusion": "failure"}))),
            [("X2", "deployed_without_ci")],
        ),
        (
            "dispatched only",
            p.deployed(p.version(p.STRANGER, CI.model_copy(update={"event": "workflow_dispatch"}))),
            [("X2", "deployed_without_ci")],
        ),
        (
            "of another branch",
            p.deployed(p.version(p.STRANGER, CI.model_copy(update={"head_branch": "faster"}))),
            [("X2", "deployed_without_ci")],
        ),
        (
            "another workflow",
            p.deployed(p.version(p.STRANGER, CI.model_copy(update={"workflow": "lint.yml"}))),
            [("X2", "deployed_without_ci")],
        ),
        ("no release", p.deployed(p.version(p.STRANGER, CI)), [("X3", "deployed_without_release")]),
        (
            "no release, CI not over",
            p.deployed(p.version(p.STRANGER, RUNS)),
            [("X3", "deployed_without_release")],
        ),
        ("half of the fleet", p.deployed(p.version(), p.version(None)), [("X1", "version_strange")]),
        (
            "a release of ours, CI failed before its deploy",
            p.deployed(p.version(g.SHA, FAILED), releases=(p.released(Stage.CI),)),
            [("X2", "deployed_without_ci")],
        ),
        (
            "an older release's version",
            p.deployed(
                p.version(g.SHA, OK),
                releases=(p.closed(),),
                baseline=p.baseline(sha=p.STRANGER, at=g.ago(minutes=1), release=8),
            ),
            [("S2", "version_returned")],
        ),
        (
            "what was adopted once",
            p.deployed(p.version(g.BASE), releases=(p.closed(),), baseline=p.baseline(sha=g.SHA, release=7)),
            [("S2", "version_returned")],
        ),
    ],
)
def test_a_version_that_went_around(case: str, facts: PatrolFacts, expected: list[tuple[str, str]]) -> None:
    assert p.codes(facts) == expected, case


@pytest.mark.parametrize(
    ("case", "facts"),
    [
        ("never looked", p.facts(live=Seen())),
        ("production is down", p.facts(live=g.broken())),
        ("down after a strange look", p.facts(live=Seen(value=p.live(p.version(None)), at=g.NOW, error="down"))),
        ("no baseline", p.deployed(p.version(None), baseline=None)),
        ("seen before what was verified since", p.facts(live=g.seen(p.live(p.version(None), at=g.ago(days=2))))),
        ("ours, deploying", p.deployed(p.version(), p.version(g.SHA, RUNS), releases=(p.released(Stage.CI),))),
        ("ours, deployed", p.deployed(p.version(g.SHA, OK), releases=(p.released(),))),
        ("ours, deployed, then CI failed", p.deployed(p.version(g.SHA, FAILED_LATE), releases=(p.released(Stage.CI),))),
        ("ours, aborted and left", p.deployed(p.version(g.SHA, OK), releases=(p.closed(Status.ABORTED),))),
        (
            "ours, an earlier push",
            p.deployed(
                p.version(g.SHA, OK),
                releases=(p.released(sha=p.STRANGER, earlier=(g.PUSHED,)),),
            ),
        ),
        (
            "an older one, while it is rolled back",
            p.deployed(
                p.version(g.SHA, OK),
                releases=(
                    p.released(Stage.CI, p.STRANGER, id=8, procedure=Procedure.ROLLBACK, rollback=ROLLBACK),
                    p.closed(Status.ABORTED),
                ),
                baseline=p.baseline(at=g.ago(minutes=1)),
            ),
        ),
    ],
)
def test_a_version_that_is_in_order_or_unknown(case: str, facts: PatrolFacts) -> None:
    assert p.codes(facts) == [], case


def test_production_may_serve_some_versions_while_others_do_not_answer() -> None:
    seen = p.facts(live=g.seen(p.live(p.version(None), missing=2)))
    (sighting,) = p.sighted(seen)
    assert (sighting.values["seen"], sighting.values["of"]) == (1, 3)


def test_who_pushed_what_production_serves_is_told_where_known() -> None:
    seen = p.deployed(p.version(p.STRANGER, CI), lately=p.lately(p.activity()))
    by_code = {s.code.value: s for s in p.sighted(seen)}
    assert by_code["deployed_without_release"].who == "bob"
    assert {s.key for s in p.sighted(seen)} == {"shop:X3:" + p.STRANGER, "acme/shop@main:activity:77"}


def test_a_hotfix_that_waits_for_its_note_is_what_was_verified() -> None:
    note = p.released(Stage.POST_ACTION_NOTE, procedure=Procedure.HOTFIX)
    known = last_verified(p.baseline(), (note,))
    assert known and (known.sha, known.release, known.at) == (g.SHA, 7, g.ago(minutes=5))
    assert last_verified(p.baseline(), (p.released(),)) == p.baseline()
    seen = p.deployed(p.version(g.BASE), baseline=known, releases=(note,))
    assert p.codes(seen) == [("S2", "version_returned")]
    assert p.codes(p.deployed(p.version(g.SHA), baseline=known, releases=(note,))) == []


# --- freezes


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        (
            "by hand, in it",
            p.deployed(p.version(None, absent_at=g.ago(minutes=5)), freezes=(p.freeze(),)),
            [("X1", "version_strange"), ("X4", "deployed_in_freeze")],
        ),
        (
            "pushed in it, no release",
            p.deployed(p.version(p.STRANGER, CI), freezes=(p.freeze(),)),
            [("X3", "deployed_without_release"), ("X4", "deployed_in_freeze")],
        ),
        (
            "of a freeze that has ended since",
            p.deployed(
                p.version(p.STRANGER, CI, first_at=g.ago(minutes=3)),
                freezes=(p.freeze(status=FreezeStatus.ENDED, ended_at=g.ago(minutes=1)),),
            ),
            [("X3", "deployed_without_release"), ("X4", "deployed_in_freeze")],
        ),
        (
            "a standard release pushed in it",
            p.deployed(p.version(g.SHA, OK), releases=(p.released(),), freezes=(p.freeze(),)),
            [("X4", "deployed_in_freeze")],
        ),
        (
            "pushed before it began",
            p.deployed(p.version(g.SHA, OK), releases=(p.released(),), freezes=(p.freeze(starts_at=g.ago(minutes=4)),)),
            [],
        ),
        (
            "a hotfix",
            p.deployed(p.version(g.SHA, OK), releases=(p.released(procedure=Procedure.HOTFIX),), freezes=(p.freeze(),)),
            [],
        ),
        (
            "a rollback",
            p.deployed(
                p.version(g.SHA, OK),
                releases=(p.released(procedure=Procedure.ROLLBACK, rollback=ROLLBACK),),
                freezes=(p.freeze(),),
            ),
            [],
        ),
        (
            "nobody knows since when",
            p.deployed(p.version(None), freezes=(p.freeze(),)),
            [("X1", "version_strange")],
        ),
        (
            "perhaps before it began",
            p.deployed(p.version(None, absent_at=g.ago(hours=2)), freezes=(p.freeze(),)),
            [("X1", "version_strange")],
        ),
        (
            "perhaps after its end",
            p.deployed(
                p.version(None, absent_at=g.ago(minutes=5)),
                freezes=(p.freeze(status=FreezeStatus.ENDED, ended_at=g.ago(minutes=1)),),
            ),
            [("X1", "version_strange")],
        ),
        (
            "of another service",
            p.deployed(p.version(None, absent_at=g.ago(minutes=5)), freezes=(p.freeze(services=("api",)),)),
            [("X1", "version_strange")],
        ),
        (
            "a freeze that was called off",
            p.deployed(p.version(None, absent_at=g.ago(minutes=5)), freezes=(p.freeze(status=FreezeStatus.CANCELLED),)),
            [("X1", "version_strange")],
        ),
    ],
)
def test_a_deploy_during_a_freeze(case: str, facts: PatrolFacts, expected: list[tuple[str, str]]) -> None:
    assert p.codes(facts) == expected, case


# --- how production behaves


def test_the_same_version_that_answers_otherwise_was_changed_by_hand() -> None:
    (sighting,) = p.sighted(p.facts(played=p.played(p.answer(5), p.answer(5))))
    assert (sighting.rule, sighting.code) == ("X1", "behaviour_changed")
    assert sighting.values["differences"] == [
        {"probe": "cart", "field": "body.total", "verified": "7", "production": "5"}
    ]
    assert (sighting.values["release"], sighting.values["count"]) == ("R-6", 1)


ACCEPTED = DifferenceAccepted(
    by=g.CAROL, at=g.NOW, probe="cart", field="body.total", production="5", reason="a new price"
)
OTHER_PROBE = p.service(probes=(Probe(name="cart", path="/cart", compare=Compare.STATUS),))


@pytest.mark.parametrize(
    ("case", "facts", "policy"),
    [
        ("only once of two times", p.facts(played=p.played(p.answer(5), p.answer(7))), None),
        ("another value each time", p.facts(played=p.played(p.answer(5), p.answer(6))), None),
        ("accepted", p.facts(played=p.played(p.answer(5)), verified=p.verified(accepted=(ACCEPTED,))), None),
        ("no answer", p.facts(played=p.played(p.answer(5, error="timed out"))), None),
        ("a gateway's answer", p.facts(played=p.played(p.answer(5, status=503))), None),
        ("nothing verified", p.facts(played=p.played(p.answer(5)), verified=None), None),
        ("another commit was verified", p.facts(played=p.played(p.answer(5)), verified=p.verified(sha=g.SHA)), None),
        ("the look failed", p.facts(played=g.broken()), None),
        ("not yet played", p.facts(played=Seen()), None),
        ("defined otherwise since", p.facts(played=p.played(p.answer(5))), p.policy(services=(OTHER_PROBE,))),
        ("a release deploys", p.facts(played=p.played(p.answer(5)), releases=(p.released(),)), None),
        (
            "the fleet is mixed",
            p.deployed(p.version(), p.version(g.SHA, OK), played=p.played(p.answer(5)), releases=(p.closed(),)),
            None,
        ),
        (
            "of an earlier look",
            p.facts(played=Seen(value=Played(sha=g.BASE, plays=((p.answer(5),),)), at=g.ago(minutes=5))),
            None,
        ),
    ],
)
def test_answers_that_prove_no_change_by_hand(case: str, facts: PatrolFacts, policy: Policy | None) -> None:
    assert p.codes(facts, policy) == [], case


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


def test_two_names_of_one_commit_are_one_sighting() -> None:
    seen = p.deployed(p.version(p.STRANGER, CI), p.version(p.STRANGER, CI, text=p.STRANGER[:7]))
    assert len(p.sighted(seen)) == 1


def test_one_look_may_show_several_things() -> None:
    seen = p.facts(
        live=g.seen(Live(round=Round(at=g.NOW, samples=(Sample(version="x"),)), versions=(p.version(None, text="x"),))),
        lately=p.lately(p.activity(kind="force_push"), p.activity(id=78)),
    )
    assert [s.rule for s in p.sighted(seen)] == ["X1", "S2", "S2"]
