"""A GitHub that is kept in a file goes on where it was: issues, runs with their logs, runs that had not ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.sandbox.github import memory
from bot.sandbox.github.server import Github, GithubConfig, build, serve
from tests.sandbox.github.town import Clone, call, control, finished, seed, until

REPO = "/repos/acme/shop"


@contextmanager
def kept(folder: Path) -> Iterator[Github]:
    """One life of it."""
    config = GithubConfig(folder / "hub", secrets={"KEY": "s3cr3t-value"})
    app = build(config)
    world = app.state.world
    if not (folder / "seed").exists():
        world.create_repository("acme", "shop", seed(folder))
    keeper = memory.keeper(world, folder / "github.json")
    running = serve(app, config)
    keeper.start()
    yield running
    running.stop()
    keeper.stop()


def test_what_was_there_is_there_and_a_run_goes_on(tmp_path: Path) -> None:
    with kept(tmp_path) as github:
        alice = Clone(github.world.config.root / "acme/shop.git", tmp_path / "alice")
        first = alice.commit("CR-1 go")
        alice.push()
        ended = finished(github, first)
        call(github, "POST", f"{REPO}/issues", json={"title": "Carts are emptied", "labels": ["critical"]})
        alice.push("HEAD:topic")
        alice.commit("CR-2 more", "more.txt")
        alice.push("HEAD:topic")
        call(github, "POST", f"{REPO}/pulls", json={"title": "CR-2 More", "head": "topic", "base": "main"})
        control(github.url, "hold_jobs", jobs=["deploy"])
        second = alice.commit("CR-3 and on")
        alice.push()
        until(lambda: _states(github, second) == {"test": "completed", "deploy": "queued"})
        log = _log(github, ended["id"])
        before = {path: call(github, "GET", f"{REPO}/{path}").json() for path in ("issues", "activity", "deployments")}
    with kept(tmp_path) as github:
        assert finished(github, second)["conclusion"] == "success", "no switch is kept, so the held job goes on"
        again = finished(github, first)
        assert (again["id"], again["conclusion"]) == (ended["id"], "success")
        assert _log(github, ended["id"]) == log
        for path in ("issues", "activity"):
            now = call(github, "GET", f"{REPO}/{path}").json()
            assert [one["id"] for one in now] == [one["id"] for one in before[path]]
        deployments = call(github, "GET", f"{REPO}/deployments").json()
        assert [one["id"] for one in deployments[1:]] == [one["id"] for one in before["deployments"]]
        made = call(github, "POST", f"{REPO}/issues", json={"title": "Another"}).json()
        assert made["number"] == 3, "after the issue and the pull request of the first life"
        merged = call(github, "PUT", f"{REPO}/pulls/2/merge", "ghp_carol")
        assert merged.status_code == 200, merged.text


def test_a_job_that_was_under_way_begins_again(tmp_path: Path) -> None:
    workflow = "on: {push: {branches: [main]}}\njobs:\n  work:\n    runs-on: x\n    steps:\n"
    workflow += f"      - run: while test ! -f {tmp_path / 'go'}; do sleep 0.05; done; echo it goes\n"
    with kept(tmp_path) as github:
        alice = Clone(github.world.config.root / "acme/shop.git", tmp_path / "alice")
        sha = alice.commit("CR-1 slow", ".github/workflows/deploy.yml", workflow)
        alice.push()
        until(lambda: _states(github, sha) == {"work": "in_progress"})
        memory.keeper(github.world, tmp_path / "copy.json").write()
    (tmp_path / "copy.json").replace(tmp_path / "github.json")  # as it is left by kill -9
    (tmp_path / "go").touch()
    with kept(tmp_path) as github:
        run = finished(github, sha)
        assert (run["conclusion"], run["run_attempt"]) == ("success", 1)
        assert "it goes" in _log(github, run["id"])


def _states(github: Github, sha: str) -> dict[str, str]:
    runs = call(github, "GET", f"{REPO}/actions/runs?head_sha={sha}&branch=main").json()["workflow_runs"]
    jobs = call(github, "GET", f"{REPO}/actions/runs/{runs[0]['id']}/jobs").json()["jobs"] if runs else []
    return {job["name"]: job["status"] for job in jobs}


def _log(github: Github, run: int) -> str:
    jobs = call(github, "GET", f"{REPO}/actions/runs/{run}/jobs").json()["jobs"]
    return "".join(
        call(github, "GET", f"{REPO}/actions/jobs/{job['id']}/logs", follow_redirects=True).text for job in jobs
    )
