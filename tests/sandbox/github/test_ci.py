"""Runs of the repository's own workflow files, as real processes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import HTTP, WORKFLOW, Clone, call, control, finished, until

REPO = "/repos/acme/shop"
RUNS = f"{REPO}/actions/runs"


def runs(github: Github, **query: str) -> list[dict[str, Any]]:
    return list(call(github, "GET", RUNS, params=query).json()["workflow_runs"])


def jobs(github: Github, run: dict[str, Any], **query: str) -> dict[str, dict[str, Any]]:
    listed = call(github, "GET", f"{RUNS}/{run['id']}/jobs", params=query).json()["jobs"]
    return {job["name"]: job for job in listed}


def log(github: Github, job: dict[str, Any]) -> str:
    answer = call(github, "GET", f"{REPO}/actions/jobs/{job['id']}/logs")
    assert answer.status_code == 302
    return HTTP.get(answer.headers["location"]).text


def workflow(alice: Clone, text: str, message: str = "CR-1 workflow") -> str:
    sha = alice.commit(message, ".github/workflows/deploy.yml", text)
    alice.push()
    return sha


def one_step(run: str, more: str = "") -> str:
    return f"on: push\njobs:\n  work:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - run: |\n          {run}\n"


def test_a_push_runs_the_steps(github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-1 go")
    alice.push()
    run = finished(github, sha)
    assert (run["conclusion"], run["event"], run["run_attempt"], run["display_title"]) == (
        "success",
        "push",
        1,
        "CR-1 go",
    )
    seen = jobs(github, run)
    said = log(github, seen["test"])
    assert f"hello from main at {sha} token ***" in said
    assert "s3cr3t-value" not in said
    assert "ready berlin" in log(github, seen["deploy"])
    assert [step["number"] for step in seen["test"]["steps"]] == [1, 2, 3, 4, 5]


def test_a_failing_step(github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-1 break", "broken", "yes\n")
    alice.push()
    run = finished(github, sha)
    assert run["conclusion"] == "failure"
    seen = jobs(github, run)
    assert [(job["name"], job["conclusion"]) for job in seen.values()] == [("test", "failure"), ("deploy", "skipped")]
    steps = {step["name"]: step["conclusion"] for step in seen["test"]["steps"]}
    assert steps["Test"] == "failure"
    assert steps['Run echo "word=ready" >> "$GITHUB_OUTPUT"'] == "skipped"
    assert "##[error]Process completed with exit code 1.\n" in log(github, seen["test"])
    (annotation,) = call(github, "GET", f"{REPO}/check-runs/{seen['test']['id']}/annotations").json()
    assert annotation["message"] == "Process completed with exit code 1."


def test_rerun_makes_attempt_two(github: Github, alice: Clone, tmp_path: Path) -> None:
    flag = tmp_path / "heal"
    sha = workflow(alice, one_step(f"test -f {flag}") + "  other:\n    steps:\n      - run: echo other\n")
    run = finished(github, sha)
    before = jobs(github, run)
    assert run["conclusion"] == "failure"
    flag.touch()
    assert call(github, "POST", f"{RUNS}/{run['id']}/rerun-failed-jobs", "ghp_bob").status_code == 201
    again = finished(github, sha, attempt=2)
    assert (again["conclusion"], again["run_attempt"]) == ("success", 2)
    assert (again["actor"]["login"], again["triggering_actor"]["login"]) == ("alice", "bob")
    after = jobs(github, run)
    assert after["other"]["id"] == before["other"]["id"]
    assert after["work"]["id"] != before["work"]["id"]
    first = call(github, "GET", f"{RUNS}/{run['id']}/attempts/1").json()
    assert (first["conclusion"], first["run_attempt"]) == ("failure", 1)
    old = call(github, "GET", f"{RUNS}/{run['id']}/attempts/1/jobs").json()["jobs"]
    assert {job["name"]: job["conclusion"] for job in old} == {"work": "failure", "other": "success"}
    everything = call(github, "GET", f"{RUNS}/{run['id']}/jobs?filter=all").json()
    assert everything["total_count"] == 3
    assert call(github, "GET", f"{RUNS}/{run['id']}/attempts/3").status_code == 404
    assert call(github, "POST", f"{RUNS}/{run['id']}/rerun").status_code == 201
    assert {job["run_attempt"] for job in jobs(github, finished(github, sha, attempt=3)).values()} == {3}
    (held,) = [one for one in github.world.repositories["acme/shop"].runs if one.id == run["id"]]
    held.created_at -= timedelta(days=31)
    refused = call(github, "POST", f"{RUNS}/{run['id']}/rerun")
    assert (refused.status_code, "created over a month ago" in refused.json()["message"]) == (403, True)


def test_cancel_ends_the_processes(github: Github, alice: Clone, tmp_path: Path) -> None:
    marker = tmp_path / "ended"
    text = one_step("echo begun; sleep 60") + f"      - if: always()\n        run: touch {marker}\n"
    sha = workflow(alice, text + "  later:\n    needs: work\n    steps:\n      - run: echo later\n")
    run = until(lambda: runs(github, head_sha=sha))[0]
    until(lambda: any(step["status"] == "in_progress" for step in jobs(github, run)["work"]["steps"]))
    refused = call(github, "POST", f"{RUNS}/{run['id']}/rerun")
    assert (refused.status_code, refused.json()["message"]) == (403, "This workflow is already running")
    assert call(github, "POST", f"{RUNS}/{run['id']}/cancel").status_code == 202
    assert finished(github, sha)["conclusion"] == "cancelled"
    seen = jobs(github, run)
    assert {name: job["conclusion"] for name, job in seen.items()} == {"work": "cancelled", "later": "cancelled"}
    assert "##[error]The operation was canceled." in log(github, seen["work"])
    assert marker.exists()
    late = call(github, "POST", f"{RUNS}/{run['id']}/cancel")
    assert (late.status_code, late.json()["message"]) == (409, "Cannot cancel a workflow run that is completed.")


def test_force_cancel_runs_nothing_more(github: Github, alice: Clone, tmp_path: Path) -> None:
    marker = tmp_path / "ended"
    sha = workflow(
        alice, one_step("trap '' INT TERM; sleep 60") + f"      - if: always()\n        run: touch {marker}\n"
    )
    run = until(lambda: runs(github, status="in_progress"))[0]
    assert call(github, "POST", f"{RUNS}/{run['id']}/force-cancel").status_code == 202
    assert finished(github, sha)["conclusion"] == "cancelled"
    assert not marker.exists()


def test_skip_markers(github: Github, alice: Clone) -> None:
    markers = ["x [skip ci]", "[ci skip] x", "x\n\n[no ci]", "[skip actions]", "x [actions skip]"]
    for message in (*markers, "x\n\n\nskip-checks: true"):
        alice.run("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message)
        alice.push()
    sha = alice.commit("CR-1 again")
    alice.push()
    finished(github, sha)
    assert [run["head_sha"] for run in runs(github)] == [sha]


def test_other_branches_start_nothing_here(github: Github, alice: Clone) -> None:
    alice.commit("CR-1 topic")
    alice.push("HEAD:topic")
    assert runs(github) == []


def test_dispatch(github: Github, alice: Clone) -> None:
    path = f"{REPO}/actions/workflows/deploy.yml/dispatches"
    details = {"return_run_details": True}
    answer = call(github, "POST", path, json={"ref": "main", "inputs": {"why": "looking"}} | details)
    assert answer.status_code == 200
    sha = alice.run("rev-parse", "HEAD").stdout.strip()
    run = finished(github, sha)
    assert (run["event"], run["id"], run["actor"]["login"]) == (
        "workflow_dispatch",
        answer.json()["workflow_run_id"],
        "slipway[bot]",
    )
    assert call(github, "POST", path, json={"ref": "main"}).status_code == 204
    assert call(github, "POST", path, json={"ref": "nowhere"}).json()["message"] == "No ref found for: nowhere"
    assert call(github, "POST", path, json={"ref": "main", "inputs": {"other": "1"}}).status_code == 422


def test_jobs_wait_for_approval(github: Github, alice: Clone) -> None:
    control(github.url, "environment", name="production", reviewers=["carol"])
    sha = alice.commit("CR-1 go")
    alice.push()
    run = until(lambda: runs(github, status="waiting"))[0]
    assert jobs(github, run)["deploy"]["status"] == "waiting"
    (pending,) = call(github, "GET", f"{RUNS}/{run['id']}/pending_deployments").json()
    assert (pending["environment"]["name"], pending["current_user_can_approve"]) == ("production", False)
    body = {"environment_ids": [pending["environment"]["id"]], "state": "approved", "comment": "go"}
    path = f"{RUNS}/{run['id']}/pending_deployments"
    assert call(github, "POST", path, "ghp_alice", json=body).status_code == 422
    assert call(github, "POST", path, "ghp_carol", json=body).status_code == 200
    assert finished(github, sha)["conclusion"] == "success"


def test_rejected_deployment(github: Github, alice: Clone) -> None:
    control(github.url, "environment", name="production", reviewers=["carol"])
    sha = alice.commit("CR-1 go")
    alice.push()
    run = until(lambda: runs(github, status="waiting"))[0]
    control(github.url, "approve", run=run["id"], state="rejected")
    assert finished(github, sha)["conclusion"] == "failure"


def test_held_and_slow_ci(github: Github, alice: Clone) -> None:
    control(github.url, "hold_jobs", jobs=["deploy"])
    sha = alice.commit("CR-1 go")
    alice.push()
    run = until(lambda: runs(github, head_sha=sha))[0]
    until(lambda: jobs(github, run)["test"]["status"] == "completed")
    assert jobs(github, run)["deploy"]["status"] == "queued"
    control(github.url, "release_jobs")
    assert finished(github, sha)["conclusion"] == "success"
    control(github.url, "ci_slow", appear=0.4)
    sha = alice.commit("CR-1 slow")
    alice.push()
    assert runs(github, head_sha=sha) == []
    assert finished(github, sha)["conclusion"] == "success"


def test_ci_that_never_starts(github: Github, alice: Clone) -> None:
    control(github.url, "ci_never_starts")
    alice.commit("CR-1 silence")
    alice.push()
    control(github.url, "ci_never_starts", on=False)
    sha = alice.commit("CR-1 noise")
    alice.push()
    finished(github, sha)
    assert [run["head_sha"] for run in runs(github)] == [sha]


def test_conclusions_that_do_not_come_by_themselves(github: Github, alice: Clone) -> None:
    control(github.url, "conclude_next", conclusion="timed_out")
    sha = alice.commit("CR-1 late")
    alice.push()
    assert finished(github, sha)["conclusion"] == "timed_out"


def test_a_broken_workflow_file_is_a_failed_run(github: Github, alice: Clone) -> None:
    sha = workflow(alice, "on: push\njobs:\n  work:\n    needs: nobody\n    steps: [{run: echo}]\n")
    run = finished(github, sha)
    assert (run["conclusion"], run["name"]) == ("failure", ".github/workflows/deploy.yml")
    assert jobs(github, run) == {}


def test_concurrency_group_lets_the_newest_wait(github: Github, alice: Clone) -> None:
    control(github.url, "hold_jobs")
    text = WORKFLOW + "concurrency: deploys\n"
    first = workflow(alice, text, "CR-1 one")
    until(lambda: runs(github, head_sha=first))
    second, third = alice.commit("CR-1 two"), ""
    alice.push()
    until(lambda: runs(github, head_sha=second, status="pending"))
    third = alice.commit("CR-1 three")
    alice.push()
    assert finished(github, second)["conclusion"] == "cancelled"
    control(github.url, "release_jobs")
    assert finished(github, first)["conclusion"] == "success"
    assert finished(github, third)["conclusion"] == "success"


def test_concurrency_may_cancel_what_runs(github: Github, alice: Clone) -> None:
    group = "concurrency: {group: g, cancel-in-progress: true}\n"
    first = workflow(alice, one_step("sleep 60") + group, "CR-1 one")
    until(lambda: runs(github, head_sha=first, status="in_progress"))
    second = workflow(alice, one_step("echo quick") + group, "CR-1 two")
    assert finished(github, first)["conclusion"] == "cancelled"
    assert finished(github, second)["conclusion"] == "success"


def test_artifacts_timeouts_matrix_and_commands(github: Github, alice: Clone) -> None:
    text = """\
on: {push: {branches: ['ma*'], paths-ignore: ['docs/**']}}
jobs:
  make:
    strategy: {matrix: {size: [1, 2]}}
    steps:
      - run: |
          mkdir out; echo "size ${{ matrix.size }}" > out/file
          echo "LATER=yes" >> $GITHUB_ENV; mkdir bin; echo "$PWD/bin" >> $GITHUB_PATH
          printf '#!/bin/sh\\necho from the path' > bin/tool; chmod +x bin/tool
      - run: echo "later $LATER"; tool; echo "::error file=a.py,line=3::wrong here"
      - run: echo "::add-mask::pssst"; echo pssst
      - uses: actions/upload-artifact@v4
        if: matrix.size == 2
        with: {name: built, path: out}
  take:
    needs: [make]
    steps:
      - uses: actions/download-artifact@v4
        with: {name: built, path: got}
      - run: cat got/file
      - run: sleep 30
        timeout-minutes: 0.005
        continue-on-error: true
      - run: echo "still here ${{ job.status }}"
"""
    run = finished(github, workflow(alice, text))
    seen = jobs(github, run)
    assert {name: job["conclusion"] for name, job in seen.items()} == {
        "make (1)": "success",
        "make (2)": "success",
        "take": "success",
    }
    said = log(github, seen["make (1)"])
    for line in ("later yes", "from the path", "##[error]wrong here", "***"):
        assert f"Z {line}\n" in said
    said = log(github, seen["take"])
    for line in ("size 2", "##[error]The action has timed out.", "still here success"):
        assert f"Z {line}\n" in said
    alice.commit("CR-1 words", "docs/a.md")
    alice.push()
    assert len(runs(github)) == 1


def test_logs_live_on_another_host_that_wants_no_token(github: Github, alice: Clone) -> None:
    sha = alice.commit("CR-1 go")
    alice.push()
    job = jobs(github, finished(github, sha))["test"]
    answer = call(github, "GET", f"{REPO}/actions/jobs/{job['id']}/logs")
    there = httpx.URL(answer.headers["location"])
    assert (there.host, there.port) != (httpx.URL(github.url).host, httpx.URL(github.url).port)
    assert HTTP.get(there, headers={"Authorization": "Bearer ghs_bot"}).status_code == 400
    assert HTTP.get(there.copy_remove_param("sig")).status_code == 403
    assert HTTP.get(there).status_code == 200


def test_logs_of_a_job_that_still_runs(github: Github, alice: Clone) -> None:
    control(github.url, "hold_jobs")
    sha = alice.commit("CR-1 go")
    alice.push()
    run = until(lambda: runs(github, head_sha=sha))[0]
    job = until(lambda: jobs(github, run))["test"]
    assert call(github, "GET", f"{REPO}/actions/jobs/{job['id']}/logs").status_code == 404
