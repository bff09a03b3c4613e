"""A GitHub of its own for a test: acme/shop with a small pipeline (tests/sandbox/github/town.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from github import Auth
from github import Github as Client

from bot.github.client import connect
from bot.outbox import Attempt
from bot.sandbox.github.server import Github, GithubConfig, start
from bot.sop.policy import Ci, Requires
from tests.sandbox.github.town import Clone, call, control, finished, seed, until
from tests.sop import good as g

REPO = "acme/shop"
ATTEMPT = Attempt(1, "key", 1, datetime(2026, 11, 2, 9, 30, tzinfo=UTC), None)
SERVICE = g.service(
    ci=Ci(
        workflows=("deploy.yml",),
        deploy_jobs=("deploy",),
        environment="production",
        requires=Requires(variables=("PLACE", "region"), secrets=("KEY", "DEPLOY_TOKEN")),
    )
)


def running(folder: Path) -> Iterator[Github]:
    hub = start(GithubConfig(folder / "hub", secrets={"KEY": "s3cr3t-value"}, variables={"PLACE": "berlin"}))
    hub.world.create_repository("acme", "shop", seed(folder))
    yield hub
    hub.stop()


def clone(hub: Github, folder: Path) -> Clone:
    return Clone(hub.world.config.root / f"{REPO}.git", folder / "alice")


def bot(hub: Github) -> Client:
    return connect(Auth.Token("ghs_bot"), hub.url)


def head(hub: Github, branch: str = "main") -> str:
    return str(call(hub, "GET", f"/repos/{REPO}/git/ref/heads/{branch}").json()["object"]["sha"])


def run(hub: Github, number: int) -> dict[str, Any]:
    answer: dict[str, Any] = call(hub, "GET", f"/repos/{REPO}/actions/runs/{number}").json()
    return answer


def jobs(hub: Github, number: int) -> dict[str, str]:
    """Status by name."""
    said = call(hub, "GET", f"/repos/{REPO}/actions/runs/{number}/jobs").json()["jobs"]
    return {one["name"]: one["status"] for one in said}


def posts(hub: Github, ending: str) -> int:
    """How often something was sent to an address that ends so."""
    return sum(one["method"] != "GET" and one["path"].endswith(ending) for one in hub.world.calls)


def failed(hub: Github, alice: Clone) -> dict[str, Any]:
    """The run of a push whose test fails."""
    sha = alice.commit("CR-1: it breaks", "broken", "yes\n")
    alice.push()
    return finished(hub, sha)


def held(hub: Github, alice: Clone, job: str) -> dict[str, Any]:
    """A run that has come to `job`, which stays queued."""
    control(hub.url, "hold_jobs", jobs=[job])
    sha = alice.commit("CR-1: it waits")
    alice.push()

    def there() -> dict[str, Any] | None:
        found = call(hub, "GET", f"/repos/{REPO}/actions/runs?head_sha={sha}").json()["workflow_runs"]
        seen = jobs(hub, found[0]["id"]) if found else {}
        before = list(seen.values())[: list(seen).index(job)] if job in seen else ["not there yet"]
        return found[0] if all(status == "completed" for status in before) else None

    return until(there) or {}
