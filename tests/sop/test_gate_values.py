"""What a gate's answer carries beside its code: what was seen, what was wanted, and who can mend it (law 2)."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Evidence, Finding
from bot.sop.facts import PushRefusal, Runs
from bot.sop.gates import GATES, look
from bot.sop.policy import Ci, Policy, Probe
from bot.sop.records import Approval, LeftAhead, Release, StraysTaken, Word
from bot.sop.stages import Procedure, Stage
from tests.sop import good as g

P, L, C, U, CI, PROD = list(Stage)[:6]
LATE = {"pushed": g.PUSHED.model_copy(update={"at": g.ago(minutes=6)})}
BUSY: dict[str, Any] = {"status": "in_progress", "conclusion": None}


def found(
    gate: str, stage: Stage, policy: Policy | None = None, release: Release | None = None, **facts: Any
) -> Finding:
    findings = look(stage, release or g.release(stage), g.facts(**facts), policy or g.policy())
    return next(f for f in findings if f.gate == gate)


def runs(*of_push: Any, **more: Any) -> Any:
    return g.seen(Runs(of_push=of_push, **more))


@pytest.mark.parametrize("stage", GATES[Procedure.STANDARD])
def test_a_service_beside_it_changes_no_answer(stage: Stage) -> None:
    other = g.service(
        name="blog",
        repository="acme/blog",
        branch="trunk",
        critical_label="sev1",
        ci=Ci(workflows=("blog.yml",)),
        probes=(Probe(name="posts", path="/posts"),),
    )
    release, facts = g.release(stage), g.facts(tip=g.at_tip())
    both = g.policy(services=(other, g.service()))
    assert look(stage, release, facts, both) == look(stage, release, facts, g.policy())
    assert found("no_critical", P, both).values["label"] == "critical"
    assert (
        found("correct_branch", L, both, candidate=g.seen(g.candidate(contains_tip=False))).values["designated"]
        == "main"
    )


def test_what_a_preflight_stopped_at_is_said() -> None:
    good, bad = g.attestation().checks[0], g.failing("commits").checks[2]
    answer = found("local_build", P, attestations=(g.attestation(checks=(good, bad)),))
    assert (answer.values["seen"], answer.values["by"]) == ("bad", g.ALICE)
    assert answer.evidence is Evidence.SIGNED


def test_who_wrote_what_he_approved_is_named() -> None:
    approvals = tuple(Approval(by=p, at=g.NOW, digest=g.CONTENT.digest) for p in (g.CAROL, g.DAVE))
    two = g.policy(approvals=g.policy().approvals.model_copy(update={"required": 2}))
    by_carol = g.seen(g.candidate(commits=(g.commit(author="carol"),)))
    answer = found("independent_approval", C, two, change=g.change(approvals=approvals), candidate=by_carol)
    assert answer.values == {"authors": [g.CAROL], "have": 1, "need": 2}
    assert answer.whom == ("approver",)


def test_commits_are_named_by_their_first_line() -> None:
    silent = g.commit(message="tidy up\n\nlonger")
    empty = g.commit(sha="1" * 40, message="")
    answer = found("references_change", C, candidate=g.seen(g.candidate(commits=(g.commit(), silent, empty))))
    assert [c["title"] for c in answer.values["commits"]] == ["tidy up", ""]
    assert (answer.values["count"], answer.values["change"]) == (3, "CR-12")
    other = g.seen(g.candidate(commits=(g.commit(message="CR-12 CR-9 CR-3"),)))
    assert found("references_change", C, candidate=other).values["commits"][0]["names"] == ["CR-3", "CR-9"]


def test_commits_taken_over_are_counted_apart() -> None:
    taken = g.release(C, taken_over=LeftAhead(release=3, sha="2" * 40, commits=("2" * 40,)))
    both = g.seen(g.candidate(commits=(g.commit(sha="2" * 40, message="old"), g.commit())))
    answer = found("references_change", C, release=taken, candidate=both)
    own = {"count": 1, "by": g.ALICE, "release": "R-3"}
    assert answer.values == {"count": 1, "of": 2, "change": "CR-12", "taken": [own]}
    strays = StraysTaken(by=g.BOB, at=g.NOW, commits=("2" * 40, "9" * 40))
    answer = found("references_change", C, release=g.release(C, strays=(strays,)), candidate=both)
    assert answer.values["taken"] == [{"count": 1, "by": g.BOB, "release": None}]


def test_runs_that_do_not_count_are_shown_when_none_started() -> None:
    manual = g.run(event="workflow_dispatch", url="https://github.example/runs/6")
    answer = found("ci_started", CI, release=g.release(CI, **LATE), runs=runs(manual))
    assert answer.values["others"] == [
        {"event": "workflow_dispatch", "url": "https://github.example/runs/6", "branch": "main"}
    ]
    two = g.policy(services=(g.service(ci=Ci(workflows=("deploy.yml", "e2e.yml"))),))
    half = found("ci_started", CI, two, g.release(CI, **LATE), runs=runs(g.run()))
    assert (half.values["missing"], half.values["others"]) == (["e2e.yml"], [])


def test_progress_counts_jobs() -> None:
    jobs = (
        g.job(name="build"),
        g.job(name="test", status="in_progress", conclusion=None),
        g.job(name="deploy", status="queued", conclusion=None),
    )
    answer = found("ci_success", CI, runs=runs(g.run(**BUSY, jobs=jobs), usual_seconds=240.0))
    assert (answer.values["done"], answer.values["of"], answer.values["jobs"]) == (1, 3, ["test"])
    assert (answer.values["seconds"], answer.values["usual"]) == (300.0, 240.0)


def test_the_run_that_is_still_busy_is_the_one_to_look_at() -> None:
    two = g.policy(services=(g.service(ci=Ci(workflows=("deploy.yml", "e2e.yml"))),))
    busy = g.run(workflow="e2e.yml", url="https://github.example/runs/6", **BUSY)
    assert found("ci_success", CI, two, runs=runs(g.run(), busy)).values["url"] == busy.url


def test_a_run_that_waits_for_an_approval_names_the_jobs() -> None:
    jobs = (g.job(name="build"), g.job(name="deploy", status="waiting", conclusion=None))
    answer = found("ci_success", CI, runs=runs(g.run(status="waiting", conclusion=None, jobs=jobs)))
    assert answer.values["jobs"] == ["deploy"]


def test_a_failed_run_names_the_job_the_step_and_the_end_of_its_log() -> None:
    jobs = (
        g.job(name="build"),
        g.job(name="lint", conclusion="skipped"),
        g.job(name="test", conclusion="failure", failed_step="pytest", log_tail=("E", "1 failed"), url="https://j"),
    )
    answer = found("ci_success", CI, runs=runs(g.run(conclusion="failure", jobs=jobs)))
    assert answer.values == {
        "workflow": "deploy.yml",
        "conclusion": "failure",
        "job": "test",
        "step": "pytest",
        "url": "https://j",
        "log": ["E", "1 failed"],
        "rollback": False,
    }
    without = found("ci_success", CI, runs=runs(g.run(conclusion="cancelled", jobs=())))
    assert (without.values["job"], without.values["url"], without.values["log"]) == (None, g.run().url, [])


def test_how_long_the_pipeline_took() -> None:
    jobs = (g.job(completed_at=g.ago(minutes=1)), g.job(completed_at=g.ago(minutes=3)))
    assert found("ci_success", CI, runs=runs(g.run(jobs=jobs))).values["seconds"] == 180.0
    assert found("ci_success", CI).values["seconds"] is None


def test_a_half_updated_fleet_is_counted() -> None:
    passed = tuple(p.model_copy(update={"at": g.ago(minutes=11)}) for p in g.release(PROD).passed)
    late = g.release(PROD, passed=passed)
    fleet = g.fleet(rounds=g.rounds((g.SHA,) * 3, (g.SHA, g.BASE, "old")))
    answer = found("version_reflected", PROD, release=late, fleet=g.seen(fleet))
    assert (answer.values["new"], answer.values["of"], answer.values["others"]) == (1, 3, [g.BASE, "old"])


def test_differing_fields_are_named() -> None:
    served = g.fleet().probes[0].model_copy(update={"body": {"total": 8}})
    answer = found("behaves_identically", PROD, fleet=g.seen(g.fleet(probes=(served,))))
    assert answer.values["count"] == 1
    assert answer.values["differences"] == [{"probe": "cart", "field": "body.total", "local": "7", "production": "8"}]


def test_a_probe_that_nobody_attested_differs() -> None:
    answer = found("behaves_identically", PROD, attestations=(g.attestation(probes=()),))
    assert [d["probe"] for d in answer.values["differences"]] == ["cart"]


@pytest.mark.parametrize("unplayed", [(), (g.fleet().probes[0].model_copy(update={"error": "refused"}),)])
def test_probes_that_could_not_be_played_are_named(unplayed: tuple[Any, ...]) -> None:
    answer = found("behaves_identically", PROD, fleet=g.seen(g.fleet(probes=unplayed)))
    error = unplayed[0].error if unplayed else "not played"
    assert answer.values["probes"] == [{"name": "cart", "error": error}]


EXACTLY: tuple[tuple[str, Stage, dict[str, Any], dict[str, Any]], ...] = (
    ("pushed", U, {"push_asked": Word(by=g.ALICE, at=g.ago(minutes=5), says=g.SHA)}, {}),
    ("ci_started", CI, {"pushed": g.PUSHED}, {"runs": runs()}),
    ("ci_success", CI, {"pushed": g.PUSHED.model_copy(update={"at": g.ago(hours=1)})}, {"runs": runs(g.run(**BUSY))}),
    ("version_reflected", PROD, {}, {"fleet": g.seen(g.fleet(rounds=g.rounds((g.BASE,) * 3)))}),
    ("behaves_identically", PROD, {}, {"fleet": g.seen(g.fleet(probes=()))}),
    ("no_older_run", PROD, {}, {"runs": runs(older_unfinished=(g.run(head_sha=g.BASE),))}),
)


@pytest.mark.parametrize("gate, stage, release, facts", EXACTLY)
def test_nothing_is_late_before_its_time_is_over(
    gate: str, stage: Stage, release: dict[str, Any], facts: dict[str, Any]
) -> None:
    passed = tuple(p.model_copy(update={"at": g.ago(minutes=10)}) for p in g.release(stage).passed)
    now = g.release(stage, **{"passed": passed, **release})
    assert not found(gate, stage, release=now, **facts).late
    later = g.facts(**facts).model_copy(update={"now": g.NOW + timedelta(seconds=1)})
    assert next(f for f in look(stage, now, later, g.policy()) if f.gate == gate).late


def test_a_run_counts_from_the_skew_of_clocks_on() -> None:
    just, before = (g.run(created_at=g.PUSHED.at - timedelta(seconds=s)) for s in (60, 61))
    assert found("ci_started", CI, runs=runs(just)).code == Code.CI_STARTED
    assert found("ci_started", CI, runs=runs(before)).code == Code.CI_NOT_YET


def test_a_push_refused_in_the_very_second_is_refused() -> None:
    asked = g.release(U, push_asked=Word(by=g.ALICE, at=g.NOW, says=g.SHA))
    refusal = g.seen(PushRefusal(sha=g.SHA, error="protected"))
    assert found("pushed", U, release=asked, push_refusal=refusal).code == Code.PUSH_REFUSED
