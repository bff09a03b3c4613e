"""What the patrol calls a violation in production, and above all what it does not."""

import pytest

from bot.sop.facts import Round, Sample, Seen
from bot.sop.patrol.facts import Live, PatrolFacts, Played, last_verified
from bot.sop.policy import Compare, Policy, Probe
from bot.sop.records import DifferenceAccepted, FreezeStatus, Rollback
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.violation import found
from tests.sop import good as g
from tests.sop import patrolled as p

CI = g.run(head_sha=p.STRANGER)
OK = g.run()
FAILED = g.run(conclusion="failure", jobs=(g.job(name="test", conclusion="failure"),))
AGAIN = g.run(attempt=2, conclusion="cancelled")
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
        ("ours, run again and cancelled", p.deployed(p.version(g.SHA, AGAIN, OK), releases=(p.released(),))),
        (
            "ours, run again after CI failed late, and cancelled",
            p.deployed(p.version(g.SHA, AGAIN, FAILED_LATE), releases=(p.released(Stage.CI),)),
        ),
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


def test_two_names_of_one_commit_are_one_sighting() -> None:
    seen = p.deployed(p.version(p.STRANGER, CI), p.version(p.STRANGER, CI, text=p.STRANGER[:7]))
    assert len(p.sighted(seen)) == 1


def test_one_look_may_show_several_things() -> None:
    seen = p.facts(
        live=g.seen(Live(round=Round(at=g.NOW, samples=(Sample(version="x"),)), versions=(p.version(None, text="x"),))),
        lately=p.lately(p.activity(kind="force_push"), p.activity(id=78)),
    )
    assert [s.rule for s in p.sighted(seen)] == ["S2", "S2", "X1"]


# --- what an open incident names as affected

BROKEN = p.played(p.answer(5))


def test_what_an_open_incident_names_as_affected_is_no_violation_beside_it() -> None:
    assert p.codes(p.facts(played=BROKEN)) == [("X1", "behaviour_changed")]
    assert p.codes(p.facts(played=BROKEN, expected={"cart": "INC-3"})) == []
    assert p.codes(p.facts(played=BROKEN, expected={"search": "INC-3"})) == [("X1", "behaviour_changed")]


def test_what_was_found_before_the_incident_stays_found() -> None:
    facts = p.facts(played=BROKEN)
    (sighting,) = p.sighted(facts)
    (known,) = found(sighting, None, 4, facts, p.policy()).records
    worse = p.played(p.answer(5, status=201))
    (again,) = p.sighted(p.facts(played=worse, expected={"cart": "INC-3"}, violations=(known,)))
    assert [d["field"] for d in again.values["differences"]] == ["body.total"]
    away = known.model_copy(update={"present": False})
    assert p.codes(p.facts(played=BROKEN, expected={"cart": "INC-3"}, violations=(away,))) == []
