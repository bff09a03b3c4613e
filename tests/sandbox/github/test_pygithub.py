"""The client the product uses, unchanged, against the sandbox."""

from collections.abc import Iterator

import github as pygithub
import pytest

from bot.sandbox.github.server import Github
from tests.sandbox.github.town import Clone, control, finished


@pytest.fixture
def client(github: Github) -> Iterator[pygithub.Github]:
    retry = pygithub.GithubRetry(total=2, backoff_factor=0.01, allowed_methods={"GET", "HEAD"})
    auth = pygithub.Auth.Token("ghs_bot")
    made = pygithub.Github(
        auth=auth, base_url=github.url, retry=retry, seconds_between_requests=0, seconds_between_writes=0, lazy=True
    )
    yield made
    made.close()


def test_reads(github: Github, alice: Clone, client: pygithub.Github) -> None:
    shas = [alice.commit(f"CR-1 {number}") for number in range(3)]
    alice.push()
    repo = client.get_repo("acme/shop")
    assert repo.default_branch == "main"
    assert [one.sha for one in repo.get_commits("main")][:3] == shas[::-1]
    commit = repo.get_commit(shas[-1])
    assert (commit.author.login, [file.filename for file in commit.files]) == ("alice", ["greeting.txt"])
    compared = repo.compare(shas[0], "main")
    assert (compared.status, compared.ahead_by, [one.sha for one in compared.commits]) == ("ahead", 2, shas[1:])
    assert repo.get_git_ref("heads/main").object.sha == shas[-1]
    assert repo.get_branch("main").commit.commit.tree.sha
    assert repo.get_collaborator_permission("alice") == "write"
    file = repo.get_contents("greeting.txt")
    assert not isinstance(file, list) and file.decoded_content.startswith(b"CR-1 2")


def test_runs(github: Github, alice: Clone, client: pygithub.Github) -> None:
    sha = alice.commit("CR-1 go")
    alice.push()
    finished(github, sha)
    repo = client.get_repo("acme/shop")
    (run,) = repo.get_workflow_runs(head_sha=sha, branch=repo.get_branch("main"), event="push")
    assert (run.conclusion, run.run_attempt, run.path) == ("success", 1, ".github/workflows/deploy.yml")
    jobs = list(run.jobs())
    assert [(job.name, job.conclusion, len(job.steps)) for job in jobs] == [
        ("test", "success", 5),
        ("deploy", "success", 5),
    ]
    assert jobs[0].logs_url().startswith("http://localhost:")
    assert run.rerun()
    assert finished(github, sha, 2)["run_attempt"] == 2


def test_writes(github: Github, alice: Clone, client: pygithub.Github) -> None:
    sha = alice.commit("CR-1 go")
    alice.push("HEAD:candidate")
    repo = client.get_repo("acme/shop")
    ref = repo.get_git_ref("heads/main")
    base = ref.object.sha
    ref.edit(sha)
    assert ref.object.sha == sha
    with pytest.raises(pygithub.GithubException) as refused:
        ref.edit(base)
    assert (refused.value.status, refused.value.message) == (422, "Update is not a fast forward")
    tree = repo.get_git_commit(base).tree
    made = repo.create_git_commit("Back", tree, [repo.get_git_commit(sha)])
    ref.edit(made.sha)
    log = repo.create_file("decision_log.md", "Note", "one\n", branch="main")
    repo.update_file("decision_log.md", "More", "two\n", log["content"].sha, branch="main")
    issue = repo.create_issue("Down", labels=["critical"])
    issue.create_comment("Looking")
    assert [one.number for one in repo.get_issues(state="open", labels=["critical"])] == [issue.number]
    issue.edit(state="closed")
    repo.get_commit(sha).create_status("success", context="slipway")
    assert repo.get_commit(sha).get_combined_status().state == "success"
    assert repo.create_deployment("main", environment="staging").create_status("success").state == "success"


def test_a_read_is_repeated_and_a_write_is_not(github: Github, client: pygithub.Github) -> None:
    repo = client.get_repo("acme/shop")
    control(github.url, "fail_next", times=1, status=502)
    assert repo.get_branch("main").name == "main"
    control(github.url, "fail_next", times=1, status=502)
    with pytest.raises(pygithub.GithubException):
        repo.create_issue("once")
    posts = [one for one in github.world.calls if one["method"] == "POST"]
    assert len(posts) == 1


def test_bad_credentials(github: Github) -> None:
    with pytest.raises(pygithub.BadCredentialsException):
        pygithub.Github(auth=pygithub.Auth.Token("ghp_no"), base_url=github.url).get_repo("acme/shop")
