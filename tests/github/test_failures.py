"""What GitHub tells of a failure, against the sandbox's: real pipeline, real PyGithub."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.github.failures import LINES, FailureReader
from bot.github.reader import Reader
from bot.sandbox.github.server import Github
from bot.sop.facts import CannotLook
from bot.sop.gates.rollback import deploys
from bot.sop.policy import Ci
from bot.sop.records import Pushed
from tests.github.acme import REPO, SERVICE, bot, clone, failed, head, held, jobs, running
from tests.sandbox.github.town import Clone, call, control, finished, until
from tests.sop import good as g


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Github]:
    yield from running(tmp_path)


@pytest.fixture
def alice(github: Github, tmp_path: Path) -> Clone:
    return clone(github, tmp_path)


@pytest.fixture
def reader(github: Github) -> FailureReader:
    return FailureReader(bot(github))


def pushed(sha: str) -> Pushed:
    return Pushed(sha=sha, tree="0" * 40, at=g.NOW, by=None)


def deployed(github: Github, alice: Clone) -> dict[str, Any]:
    sha = alice.commit("CR-1: it works")
    alice.push()
    return finished(github, sha)


def job_of(github: Github, number: int, name: str) -> Any:
    """The sandbox's own record of a job."""
    kept = next(r for r in github.world.repositories[REPO].runs if r.id == number)
    return next(j for j in kept.latest.jobs if j.name == name)


# The log of the job that failed


def test_the_log_is_whole_clean_and_masked(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = failed(github, alice)
    job = job_of(github, run["id"], "test")
    stamp = "2026-11-02T09:30:00.1234567Z "
    job.log[:0] = [
        f"{stamp}\x1b[36;1mtoken=abcdef12345\x1b[0m",
        f"{stamp}##[group]Run bin/test",
        f"{stamp}##[endgroup]",
        f"{stamp}##[warning]old runner",
        f"{stamp}##[error]",
    ]
    log = reader.job_log(SERVICE, run["id"])
    assert (log.run, log.attempt, log.job) == (run["id"], 1, "test")
    assert log.lines[:4] == ("token=***", "Run bin/test", "Warning: old runner", "Error: ")
    assert any(line.startswith("hello from main at ") for line in log.lines)
    assert "Error: Process completed with exit code 1." in log.lines
    assert "s3cr3t-value" not in "\n".join(log.lines)
    assert not any(line.startswith(("##[", "20")) for line in log.lines)


def test_of_a_very_long_log_the_end_is_read(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = failed(github, alice)
    log = job_of(github, run["id"], "test").log
    log[:0] = [f"2026-11-02T09:30:00.1Z line {n}" for n in range(LINES + 500)]
    lines = reader.job_log(SERVICE, run["id"]).lines
    assert len(lines) == LINES
    assert "line 0" not in lines and f"line {LINES}" in lines


def test_each_attempt_has_its_own_log(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = failed(github, alice)
    call(github, "POST", f"/repos/{REPO}/actions/runs/{run['id']}/rerun")
    finished(github, run["head_sha"], 2)
    job_of(github, run["id"], "test").log.append("2026-11-02T09:30:00.1Z only the second")
    assert "only the second" in reader.job_log(SERVICE, run["id"]).lines
    assert reader.job_log(SERVICE, run["id"]).attempt == 2
    first = reader.job_log(SERVICE, run["id"], 1)
    assert first.attempt == 1 and "only the second" not in first.lines


def test_no_failed_job_no_log(github: Github, alice: Clone, reader: FailureReader) -> None:
    with pytest.raises(CannotLook, match="no job of run"):
        reader.job_log(SERVICE, deployed(github, alice)["id"])
    with pytest.raises(CannotLook, match="log of run 404: GitHub answered 404"):
        reader.job_log(SERVICE, 404)


def test_a_run_that_never_came_to_a_job_can_be_quoted_too(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = failed(github, alice)
    kept = next(r for r in github.world.repositories[REPO].runs if r.id == run["id"])
    kept.latest.jobs.clear()
    kept.latest.conclusion = "startup_failure"
    log = reader.job_log(SERVICE, run["id"])
    assert log.job == "deploy.yml"
    assert log.lines == (".github/workflows/deploy.yml ended as startup_failure before any job began",)


def test_a_cancelled_run_shows_the_job_that_was_cancelled(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = held(github, alice, "deploy")
    call(github, "POST", f"/repos/{REPO}/actions/runs/{run['id']}/cancel")
    finished(github, run["head_sha"])
    assert reader.job_log(SERVICE, run["id"]).job == "deploy"


def test_a_job_that_never_began_can_be_quoted_too(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = held(github, alice, "deploy")
    call(github, "POST", f"/repos/{REPO}/actions/runs/{run['id']}/cancel")
    finished(github, run["head_sha"])
    assert reader.job_log(SERVICE, run["id"]).lines == ("deploy.yml / deploy: cancelled",)
    control(github.url, "fail_next", path="/logs", method="GET", status=404)
    assert reader.job_log(SERVICE, run["id"]).lines == ("deploy.yml / deploy: cancelled",)
    control(github.url, "fail_next", path="/logs", method="GET", status=403)
    with pytest.raises(CannotLook, match="GitHub answered 403"):
        reader.job_log(SERVICE, run["id"])


def test_the_log_of_a_job_that_began_is_waited_for(github: Github, alice: Clone, reader: FailureReader) -> None:
    run = failed(github, alice)
    job = job_of(github, run["id"], "test")
    job.log.clear()
    job.completed_at = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(CannotLook, match="GitHub has no log of test yet"):
        reader.job_log(SERVICE, run["id"])
    job.completed_at = datetime.now(UTC) - timedelta(hours=1)
    assert reader.job_log(SERVICE, run["id"]).lines == ("deploy.yml / test: failure",)


def test_a_run_is_seen_though_its_failed_job_has_no_log(github: Github, alice: Clone) -> None:
    run = failed(github, alice)
    job, looks = job_of(github, run["id"], "test"), Reader(bot(github))

    def shown() -> tuple[str, ...]:
        seen = looks.runs(SERVICE, pushed(run["head_sha"])).of_push[0]
        return next(j for j in seen.jobs if j.name == "test").log_tail

    control(github.url, "fail_next", path="/logs", method="GET", status=404)
    assert shown() == ("deploy.yml / test: failure",)
    kept, job.log[:] = list(job.log), []
    assert shown() == ("deploy.yml / test: failure",)
    job.log[:] = kept
    assert "Process completed with exit code 1." in shown()


# The three questions of F2


def test_what_was_deployed_what_is_missing_how_it_ended(github: Github, alice: Clone, reader: FailureReader) -> None:
    sha = deployed(github, alice)["head_sha"]
    seen = reader.diagnosis(SERVICE, pushed(sha))
    assert seen.deployment is not None
    assert (seen.deployment.sha, seen.deployment.ref, seen.deployment.environment) == (sha, "main", "production")
    assert seen.deployment.state == "success"
    assert f"/{REPO}/actions/runs/" in seen.deployment.url
    assert seen.environment == "production"
    assert seen.missing == ("region", "DEPLOY_TOKEN")
    assert "bye" in seen.log and "ready berlin" in seen.log


def test_an_environment_may_have_what_the_repository_lacks(github: Github, alice: Clone, reader: FailureReader) -> None:
    sha = deployed(github, alice)["head_sha"]
    control(github.url, "environment", variables={"REGION": "eu"}, secrets={"DEPLOY_TOKEN": "t"})
    assert reader.diagnosis(SERVICE, pushed(sha)).missing == ()


def test_nothing_was_deployed_yet(github: Github, alice: Clone, reader: FailureReader) -> None:
    ci = SERVICE.ci.model_copy(update={"environment": "staging"})
    nowhere = SERVICE.model_copy(update={"ci": ci})
    seen = reader.diagnosis(nowhere, pushed(failed(github, alice)["head_sha"]))
    assert (seen.deployment, seen.environment, seen.log) == (None, None, ())
    assert seen.missing == ("region", "DEPLOY_TOKEN")


def test_a_deploy_that_waits_has_no_log_yet(github: Github, alice: Clone, reader: FailureReader) -> None:
    first = deployed(github, alice)["head_sha"]
    waiting = held(github, alice, "deploy")["head_sha"]
    seen = reader.diagnosis(SERVICE, pushed(waiting))
    assert seen.deployment is not None and seen.deployment.sha == first
    assert seen.log == ()


def test_without_deploy_jobs_the_last_job_is_the_deploy(github: Github, alice: Clone, reader: FailureReader) -> None:
    sha = deployed(github, alice)["head_sha"]
    seen = reader.diagnosis(SERVICE.model_copy(update={"ci": Ci(workflows=("deploy.yml",))}), pushed(sha))
    assert (seen.deployment, seen.environment, seen.missing) == (None, None, ())
    assert "bye" in seen.log


def test_a_token_that_may_not_read_names_is_not_a_missing_name(
    github: Github, alice: Clone, reader: FailureReader
) -> None:
    sha = deployed(github, alice)["head_sha"]
    control(github.url, "permissions", app={"secrets": "none"})
    with pytest.raises(CannotLook, match="environment production: GitHub answered 403 Resource not accessible"):
        reader.diagnosis(SERVICE, pushed(sha))


# Before a rollback


def test_unfinished_runs_of_the_branch_with_their_jobs(github: Github, alice: Clone, reader: FailureReader) -> None:
    deployed(github, alice)
    control(github.url, "hold_jobs", jobs=["test"])
    early = alice.commit("CR-1: early")
    alice.push()
    until(lambda: reader.unfinished(SERVICE))
    control(github.url, "release_jobs")
    control(github.url, "hold_jobs", jobs=["deploy"])
    late = held(github, alice, "deploy")["head_sha"]
    first = call(github, "GET", f"/repos/{REPO}/actions/runs?head_sha={early}").json()["workflow_runs"][0]["id"]
    until(lambda: jobs(github, first)["test"] == "completed")
    seen = reader.unfinished(SERVICE)
    assert [(r.head_sha, r.workflow, r.event, r.attempt) for r in seen] == [
        (late, "deploy.yml", "push", 1),
        (early, "deploy.yml", "push", 1),
    ]
    assert [(j.name, j.status) for j in seen[0].jobs] == [("test", "completed"), ("deploy", "queued")]
    assert not any(deploys(r, ("deploy",)) for r in seen)


def test_the_tree_of_a_commit(github: Github, alice: Clone, reader: FailureReader) -> None:
    assert reader.tree_of(SERVICE, head(github)) == alice.run("rev-parse", "HEAD^{tree}").stdout.strip()
    with pytest.raises(CannotLook, match="commit 0000000: GitHub answered 404"):
        reader.tree_of(SERVICE, "0" * 40)


def test_github_down_is_said_not_raised(github: Github, reader: FailureReader) -> None:
    control(github.url, "api_down")
    for ask in (
        lambda: reader.job_log(SERVICE, 1),
        lambda: reader.diagnosis(SERVICE, pushed("0" * 40)),
        lambda: reader.tree_of(SERVICE, "0" * 40),
        lambda: reader.unfinished(SERVICE),
    ):
        with pytest.raises(CannotLook, match="GitHub answered 503"):
            ask()
