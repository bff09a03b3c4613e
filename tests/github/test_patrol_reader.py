"""What GitHub tells the patrol, against the sandbox's GitHub: real git, real PyGithub."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from github import Auth
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.github.client import connect
from bot.github.patrol import PatrolReader
from bot.sandbox.asgi import Call, Server, sync
from bot.sandbox.github.server import Github, GithubConfig, start
from bot.sop.facts import CannotLook, Run
from bot.sop.gates.deploys import deploys
from bot.sop.patrol.facts import Ran
from bot.sop.policy import Ci
from tests.sandbox.github.town import Clone, call, control, finished, seed, until
from tests.sop import good as g

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SERVICE = g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",)))


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
def reader(github: Github) -> PatrolReader:
    return reading(github.url)


def reading(url: str) -> PatrolReader:
    return PatrolReader(connect(Auth.Token("ghs_bot"), url))


def head(github: Github) -> str:
    return str(call(github, "GET", "/repos/acme/shop/git/ref/heads/main").json()["object"]["sha"])


def runs(reader: PatrolReader, since: datetime = LONG_AGO) -> dict[str, Ran]:
    """By event."""
    return {r.run.event: r for r in reader.lately(SERVICE, since).runs}


def test_who_moved_the_branch_how_and_when(github: Github, alice: Clone, reader: PatrolReader) -> None:
    first = head(github)
    pushed = alice.commit("one")
    alice.push()
    alice.run("reset", "--quiet", "--hard", first)
    forced = alice.commit("two")
    alice.push("--force", "HEAD:main")
    alice.push("HEAD:elsewhere")
    seen = reader.lately(SERVICE, LONG_AGO)
    assert seen.tip == forced
    moves = [(a.kind, a.before, a.after, a.login) for a in seen.activity]
    assert moves[:2] == [("force_push", pushed, forced, "alice"), ("push", first, pushed, "alice")]
    since = seen.activity[0].at
    assert reader.lately(SERVICE, since + timedelta(seconds=1)).activity == ()
    github.world.repositories["acme/shop"].activity[2].at -= timedelta(minutes=1)  # below the push to `elsewhere`
    assert reader.lately(SERVICE, since).activity == seen.activity[:1]


def test_more_moves_than_a_page_holds(github: Github, alice: Clone, reader: PatrolReader) -> None:
    control(github.url, "ci_never_starts")
    alice.commit("one")
    alice.push()
    activity = github.world.repositories["acme/shop"].activity
    one = activity[0]
    activity[:0] = [type(one)(one.kind, one.ref, one.before, one.after, one.actor) for _ in range(230)]
    ids = [a.id for a in reader.lately(SERVICE, LONG_AGO).activity]
    assert ids == [a.id for a in activity if a.ref == "refs/heads/main"]


def test_a_branch_that_is_gone(alice: Clone, reader: PatrolReader) -> None:
    alice.push("HEAD:stable")
    alice.push("--delete", "stable")
    seen = reader.lately(SERVICE.model_copy(update={"branch": "stable"}), LONG_AGO)
    assert (seen.tip, seen.activity[0].kind) == (None, "branch_deletion")


def test_a_run_by_hand_is_seen_with_its_jobs_and_its_author(github: Github, reader: PatrolReader) -> None:
    path = "/repos/acme/shop/actions/workflows/deploy.yml/dispatches"
    assert call(github, "POST", path, token="ghp_bob", json={"ref": "main"}).status_code in (200, 204)
    ran = by_hand(reader)
    assert (ran.login, ran.run.workflow, ran.run.head_branch) == ("bob", "deploy.yml", "main")
    assert deploys(ran.run, SERVICE)


def by_hand(reader: PatrolReader) -> Ran:
    """The run that was started by hand, once it has ended."""

    def ended() -> list[Ran]:
        ran = runs(reader).get("workflow_dispatch")
        return [ran] if ran and ran.run.status == "completed" else []

    return until(ended)[0]


def test_a_run_again_is_met_by_when_it_was_begun_again(github: Github, alice: Clone, reader: PatrolReader) -> None:
    control(github.url, "variables", variables={"PLACE": "berlin"})
    sha = alice.commit("one")
    alice.push()
    before = finished(github, sha)
    assert runs(reader)["push"].run.jobs == ()  # a first attempt that went well tells nothing
    control(github.url, "hold_jobs", jobs=["deploy"])
    again = f"/repos/acme/shop/actions/runs/{before['id']}/rerun"
    assert call(github, "POST", again, token="ghp_bob").status_code == 201

    def held() -> list[Ran]:
        ran = runs(reader)["push"]
        return [ran] if {j.name: j.status for j in ran.run.jobs}.get("test") == "completed" else []

    ran = until(held)[0]
    assert (ran.run.attempt, ran.run.status, ran.login) == (2, "in_progress", "bob")
    assert not deploys(ran.run, SERVICE)
    control(github.url, "release_jobs")
    finished(github, sha, attempt=2)
    begun = datetime.fromisoformat(call(github, "GET", again.removesuffix("/rerun")).json()["run_started_at"])
    assert runs(reader, begun)["push"].run.attempt == 2
    assert runs(reader, begun + timedelta(seconds=1)) == {}


def test_where_a_version_comes_from(github: Github, alice: Clone, reader: PatrolReader) -> None:
    sha = alice.commit("one", path="broken")
    alice.push()
    finished(github, sha)
    for text in (sha, sha[:7], sha.upper()):
        origin = reader.origin(SERVICE, text)
        (run,) = origin.runs
        assert (origin.sha, run.event, run.conclusion) == (sha, "push", "failure")
        assert not deploys(run, SERVICE)
        assert {j.name for j in run.jobs} == {"test", "deploy"}


def test_a_cancelled_re_run_takes_nothing_back(github: Github, alice: Clone, reader: PatrolReader) -> None:
    """X2: what an attempt before it let through came by CI."""
    sha = alice.commit("one")
    alice.push()
    run = f"/repos/acme/shop/actions/runs/{finished(github, sha)['id']}"
    control(github.url, "hold_jobs", jobs=["test"])
    assert call(github, "POST", f"{run}/rerun", token="ghp_bob").status_code == 201
    assert call(github, "POST", f"{run}/cancel", token="ghp_bob").status_code == 202
    control(github.url, "release_jobs")
    finished(github, sha, attempt=2)
    origin = reader.origin(SERVICE, sha)
    assert [(r.attempt, r.conclusion) for r in origin.runs] == [(2, "cancelled"), (1, "success")]


@pytest.mark.parametrize("text", ["0" * 40, "abcdef0", "main", "v1.2.3", "", "HEAD", "b" * 41])
def test_a_version_that_is_no_commit(reader: PatrolReader, text: str) -> None:
    assert reader.origin(SERVICE, text).sha is None


def test_a_repository_out_of_reach_says_nothing_of_a_version(github: Github, reader: PatrolReader) -> None:
    elsewhere = SERVICE.model_copy(update={"repository": "acme/gone"})
    with pytest.raises(CannotLook, match="404"):
        reader.origin(elsewhere, "0" * 40)
    with pytest.raises(CannotLook, match="404"):
        reader.lately(elsewhere, LONG_AGO)


def test_github_down_is_said_not_raised(github: Github, reader: PatrolReader) -> None:
    control(github.url, "api_down")
    with pytest.raises(CannotLook, match="activity of main: GitHub answered 503"):
        reader.lately(SERVICE, LONG_AGO)


# --- rule suites: the sandbox's app may not read them, as few tokens may

SUITES = [
    {"id": 21, "result": "bypass", "after_sha": "a" * 40, "actor_name": "bob", "pushed_at": "2026-11-23T13:00:00Z"},
    {"id": 20, "result": "pass", "after_sha": "b" * 40, "actor_name": "bob", "pushed_at": "2026-11-23T13:00:00Z"},
]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [(200, SUITES, ("a" * 40,)), (403, {"message": "Resource not accessible by integration"}, ())],
)
def test_what_went_past_the_protection(status: int, body: object, expected: tuple[str, ...]) -> None:
    asked: list[dict[str, str]] = []

    def answer(made: Call) -> Response:
        path = made.request.url.path
        if path.endswith("/rulesets/rule-suites"):
            asked.append(dict(made.request.query_params))
            return JSONResponse(body, status)
        if path.endswith("/actions/runs"):
            return JSONResponse({"total_count": 0, "workflow_runs": []})
        if path.endswith("/branches/main"):
            return JSONResponse({"name": "main", "commit": {"sha": "a" * 40}})
        return JSONResponse([])

    server = Server(Starlette(routes=[Route("/{path:path}", sync(answer))])).start()
    try:
        assert reading(server.url).lately(SERVICE, LONG_AGO).bypassed == expected
    finally:
        server.stop()
    assert asked[0]["ref"] == "refs/heads/main" and asked[0]["rule_suite_result"] == "bypass"


def test_jobs_of_finished_runs_are_read_once(github: Github, reader: PatrolReader) -> None:
    call(github, "POST", "/repos/acme/shop/actions/workflows/deploy.yml/dispatches", json={"ref": "main"})
    ran = by_hand(reader)
    before = jobs_read(github, ran.run)
    assert runs(reader)["workflow_dispatch"] == ran
    assert jobs_read(github, ran.run) == before


def jobs_read(github: Github, run: Run) -> int:
    return sum(f"/runs/{run.id}/attempts/" in str(made) for made in github.world.calls)
