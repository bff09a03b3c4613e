"""The patrol of a branch: real git, real runs, and a production that serves what it is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.github.server import Github, GithubConfig, start
from bot.sop.facts import ProbeAnswer, Round, Sample, Seen, Tip
from bot.sop.patrol.standing import State
from bot.sop.policy import Ci, Production, Service
from bot.sop.records import Pushed, Rerun
from bot.sop.stages import Stage
from tests.reconciler.beat import Beat
from tests.sandbox.github.town import Clone, call, control, finished, seed, until
from tests.sop import good as g
from tests.sop import patrolled as p

RUNS = "/repos/acme/shop/actions/runs"
SERVICE = g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",)))


class Told(Beat):
    def __init__(self, folder: Path, sha: str, github_url: str) -> None:
        self.served: list[str | None] = [sha]
        self.total = [7]
        self.then: list[str | None] = []  # served once the probes have been played
        self.asked = 0
        super().__init__(folder, SERVICE, sha, github_url)

    def read_round(self, production: Production, now: datetime) -> Round:
        return Round(at=now, samples=tuple(Sample(version=v, error=None if v else "timed out") for v in self.served))

    def play(self, service: Service) -> tuple[ProbeAnswer, ...]:
        """One answer after the other; the last one stays."""
        self.asked += 1
        self.served = self.then or self.served
        return (p.answer(self.total.pop(0) if len(self.total) > 1 else self.total[0]),)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Github]:
    running = start(GithubConfig(tmp_path / "hub", secrets={"KEY": "s3cr3t-value"}))
    running.world.create_repository("acme", "shop", seed(tmp_path))
    yield running
    running.stop()


@pytest.fixture
def alice(github: Github, tmp_path: Path) -> Clone:
    return Clone(github.world.config.root / "acme/shop.git", tmp_path / "alice")


@pytest.fixture
def beat(tmp_path: Path, github: Github, alice: Clone) -> Iterator[Told]:
    made = Told(tmp_path, alice.run("rev-parse", "HEAD").stdout.strip(), github.url)
    yield made
    made.store.close()


def test_a_quiet_service_is_clean_and_looked_at_again(beat: Told) -> None:
    assert beat.stands().state is State.UNKNOWN
    assert beat.look() == []
    assert beat.stands().state is State.CLEAN
    assert beat.due["patrol:shop"] > beat.now() + timedelta(minutes=4)
    assert (beat.outgoing, beat.happened, beat.violations) == ([], [], [])


def test_without_a_baseline_it_waits(beat: Told) -> None:
    unknown = SERVICE.model_copy(update={"name": "other"})
    beat.policy = p.policy(services=(unknown,))
    beat.store.transact(beat.patrol.look("other"))
    assert "patrol:other" in beat.due
    assert (beat.asked, beat.violations) == (0, [])


def test_a_service_that_is_configured_no_more(beat: Told) -> None:
    beat.store.transact(beat.patrol.look("elsewhere"))
    assert beat.due == {}


def test_what_was_pushed_before_the_adoption_is_nobodys_violation(beat: Told, alice: Clone) -> None:
    alice.commit("before")
    alice.push()
    beat.later += timedelta(seconds=2)
    beat.adopt(beat.sha)
    assert beat.look() == []


def test_github_down_is_unknown_and_nothing_is_lost_meanwhile(beat: Told, github: Github, alice: Clone) -> None:
    beat.look()
    control(github.url, "api_down")
    sha = alice.commit("while the API is down")
    alice.push()
    assert beat.look() == []
    beat.later += timedelta(minutes=16)
    assert (beat.look(), beat.stands().state) == ([], State.UNKNOWN)
    control(github.url, "api_down", on=False)
    finished(github, sha)
    beat.served = [sha]
    assert set(beat.look()) == {("S2", "push_without_release"), ("X3", "deployed_without_release")}
    assert {v.who for v in beat.violations} == {"alice"}
    assert [told(body) for kind, body in beat.outgoing if kind == "post_channel"] == ["patrol_unknown", "patrol_known"]


def told(body: dict[str, Any]) -> str:
    return str(body["notice"]["code"])


def test_a_strange_version_cannot_be_judged_while_github_is_down(beat: Told, github: Github) -> None:
    beat.look()
    control(github.url, "api_down")
    beat.served = ["abcdef0"]
    assert beat.look() == []
    assert beat.facts.live.error is not None and "GitHub answered 503" in beat.facts.live.error
    control(github.url, "api_down", on=False)
    assert beat.look() == [("X1", "version_strange")]


def test_a_release_is_no_violation_while_it_goes_out(beat: Told, github: Github, alice: Clone) -> None:
    beat.look()
    before = beat.sha
    control(github.url, "hold_jobs", jobs=["deploy"])
    sha = alice.commit("CR-12: released")
    alice.push()
    pushed = Pushed(sha=sha, tree=g.TREE, at=beat.now(), by=g.ALICE)
    beat.keep(p.released(Stage.CI, sha).model_copy(update={"pushed": pushed, "base": before}))
    beat.served = [before, sha[:7]]
    assert beat.look() == []
    control(github.url, "release_jobs")
    finished(github, sha)
    beat.served = [sha]
    assert (beat.look(), beat.stands().state) == ([], State.CLEAN)


def test_a_push_waits_for_the_release_that_may_know_it(beat: Told, github: Github, alice: Clone) -> None:
    beat.look()
    beat.keep(g.release(Stage.PUSH))
    sha = alice.commit("whose is this?")
    alice.push()
    assert beat.look() == []
    assert beat.due["patrol:shop"] <= beat.now() + beat.policy.pace.waiting
    assert "R-7" in beat.due
    tip = Seen[Tip](value=Tip(sha=sha, tree=g.TREE), at=beat.now())
    beat.store.transact(lambda unit: unit.saw("R-7", "tip", tip))
    assert beat.look() == [("S2", "push_without_release")]
    finished(github, sha)


def test_a_blind_run_is_cancelled_before_it_deploys(beat: Told, github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-12: ours")
    alice.push()
    run = finished(github, sha)["id"]
    beat.keep(p.closed(sha=sha))
    assert beat.look() == []
    control(github.url, "hold_jobs")
    call(github, "POST", f"{RUNS}/{run}/rerun", token="ghp_bob")
    assert beat.look() == [("F1", "rerun_blindly")]
    (cancel,) = [body for kind, body in beat.outgoing if kind == "cancel_run"]
    assert (cancel["run"], cancel["attempt"], cancel["deploy_jobs"]) == (run, 2, ["deploy"])
    assert beat.violations[0].who == "bob"
    beat.later += timedelta(minutes=5)
    assert beat.look() == [("F1", "rerun_blindly")]
    assert beat.happened == ["violation_found"]


def test_a_blind_run_that_deploys_already_is_watched_and_no_false_alarm_is_raised(
    beat: Told, github: Github, alice: Clone
) -> None:
    """A cancelled deploy is half a release. What the first attempt brought to production came by CI all the while."""
    sha = alice.commit("CR-12: ours")
    alice.push()
    run = finished(github, sha)["id"]
    beat.keep(p.released(Stage.PRODUCTION, sha))
    beat.served = [sha[:7]]
    assert beat.look() == []
    control(github.url, "hold_jobs", jobs=["deploy"])
    call(github, "POST", f"{RUNS}/{run}/rerun", token="ghp_bob")
    until(lambda: standing(github, run, "test", "completed"))
    control(github.url, "ci_slow", step=600)
    control(github.url, "release_jobs")
    until(lambda: standing(github, run, "deploy", "in_progress"))
    assert beat.look() == [("F1", "rerun_blindly")]
    assert beat.violations[0].values["act"] == "watch"
    assert not [kind for kind, _ in beat.outgoing if kind == "cancel_run"]
    control(github.url, "ci_slow", step=0)
    call(github, "POST", f"{RUNS}/{run}/cancel", token="ghp_bob")
    finished(github, sha, attempt=2)
    assert beat.look() == [("F1", "rerun_blindly")]


def standing(github: Github, run: int, job: str, status: str) -> bool:
    jobs = call(github, "GET", f"{RUNS}/{run}/jobs").json()["jobs"]
    return any(j["name"] == job and j["status"] == status for j in jobs)


def test_a_recorded_run_again_is_ours(beat: Told, github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-12: again")
    alice.push()
    run = finished(github, sha)["id"]
    again = Rerun(run=run, attempt=2, by=g.ALICE, at=beat.now(), reason="the supplier was offline")
    beat.keep(p.closed(sha=sha, reruns=(again,)))
    call(github, "POST", f"{RUNS}/{run}/rerun")
    finished(github, sha, attempt=2)
    assert beat.look() == []


def test_a_deploy_by_hand_and_another_history(beat: Told, github: Github, alice: Clone) -> None:
    dispatch = "/repos/acme/shop/actions/workflows/deploy.yml/dispatches"
    call(github, "POST", dispatch, token="ghp_bob", json={"ref": "main"})
    assert until(beat.look) == [("X2", "run_by_hand")]
    alice.run("commit", "--quiet", "--amend", "-m", "Another history")
    alice.push("--force", "HEAD:main")
    assert beat.look() == [("X2", "run_by_hand"), ("S2", "branch_forced")]
    assert [v.who for v in beat.violations] == ["bob", "alice"]


# --- how production answers


def test_an_adopted_service_behaves_as_it_did_at_first(beat: Told) -> None:
    assert beat.look() == []
    assert beat.look() == []
    assert beat.asked == 2
    beat.total = [5]
    assert beat.look() == [("X1", "behaviour_changed")]
    assert beat.asked == 4  # asked again before anybody is accused
    assert beat.violations[0].values["release"] is None


def test_one_answer_that_differs_is_no_violation(beat: Told) -> None:
    beat.look()
    beat.total = [5, 7]
    assert beat.look() == []


def test_what_answers_while_production_changes_proves_nothing(beat: Told) -> None:
    beat.look()
    beat.total = [5]
    beat.then = ["abcdef0"]
    assert beat.look() == []
    assert beat.facts.played.error == "production changed while its probes were played"


def test_what_a_release_attested_is_what_production_must_answer(beat: Told) -> None:
    attested = g.attestation(probes=(p.answer(6),))
    kept = beat.store.transact(lambda unit: unit.add_attestation(attested, b"{}", "signature"))
    beat.keep(p.closed(sha=beat.sha, attestation=kept.id))
    beat.adopt(beat.sha, release=7)
    assert beat.look() == [("X1", "behaviour_changed")]
    assert beat.violations[0].values["release"] == "R-7"


def test_a_probe_that_is_defined_anew_is_learnt_anew(beat: Told) -> None:
    beat.look()
    beat.total = [5]
    new = SERVICE.model_copy(update={"probes": (SERVICE.probes[0].model_copy(update={"path": "/cart?v=2"}),)})
    beat.policy = p.policy(services=(new,))
    assert beat.look() == []
    beat.total = [7]
    assert beat.look() == [("X1", "behaviour_changed")]


def test_a_sample_that_does_not_answer_leaves_the_rest_to_be_judged(beat: Told) -> None:
    beat.look()
    beat.served = ["abcdef0", None]
    assert beat.look() == [("X1", "version_strange")]
    beat.served = [beat.sha, None]
    beat.look()
    assert beat.violations[0].present  # the sample without an answer may serve it still
    beat.served = beat.served[:1]
    beat.look()
    assert not beat.violations[0].present
