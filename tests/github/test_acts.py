"""Acts at GitHub, against the sandbox's: real git, real PyGithub."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from github import GithubException

from bot.github.acts import Canceller, Rerunner, Reverter, later, refusal
from bot.outbox import Done, Later, Outcome, Refused
from bot.sandbox.github.server import Github
from bot.sop.effects import CancelRun, MakeRevert, RerunRun
from bot.sop.facts import CannotLook
from tests.github.acme import ATTEMPT, REPO, bot, clone, failed, head, held, jobs, posts, run, running
from tests.sandbox.github.town import Clone, call, control, finished, until

MESSAGE = "R-7: roll back R-6 to 1a2b\n\nReason: ask @everyone\n\nReverts:\n- fixes #12\n"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Github]:
    yield from running(tmp_path)


@pytest.fixture
def alice(github: Github, tmp_path: Path) -> Clone:
    return clone(github, tmp_path)


def rerunner(github: Github, allowed: bool = True) -> Rerunner:
    return Rerunner(bot(github), lambda _: allowed)


def again(number: int, attempt: int = 2) -> RerunRun:
    return RerunRun(release=7, repository=REPO, run=number, attempt=attempt)


def cancel(number: int, attempt: int = 1) -> CancelRun:
    return CancelRun(subject="R-7", repository=REPO, run=number, attempt=attempt, deploy_jobs=("deploy",))


def said(outcome: Outcome | None) -> dict[str, Any]:
    assert isinstance(outcome, Done), outcome
    return dict(outcome.result)


# Run again


def test_a_run_is_run_again_once(github: Github, alice: Clone) -> None:
    first = failed(github, alice)
    effect = again(first["id"])
    assert rerunner(github).look(effect, ATTEMPT) is None
    assert said(rerunner(github).perform(effect, ATTEMPT)) == {"attempt": 2}
    assert said(rerunner(github).look(effect, ATTEMPT)) == {"attempt": 2}
    assert finished(github, first["head_sha"], 2)["run_attempt"] == 2
    assert posts(github, "/rerun") == 1


def test_an_attempt_that_somebody_else_began_is_not_ours(github: Github, alice: Clone) -> None:
    first = failed(github, alice)
    assert said(rerunner(github).perform(again(first["id"]), ATTEMPT)) == {"attempt": 2}  # as if by somebody
    assert said(rerunner(github).perform(again(first["id"]), ATTEMPT)) == {"lost": 2}
    assert posts(github, "/rerun") == 1


def test_a_lost_answer_is_looked_for_not_repeated(github: Github, alice: Clone) -> None:
    effect = again(failed(github, alice)["id"])
    control(github.url, "lose_answer", path="/rerun", method="POST")
    with pytest.raises(requests.ConnectionError):
        rerunner(github).perform(effect, ATTEMPT)
    assert said(rerunner(github).look(effect, ATTEMPT)) == {"attempt": 2}
    assert posts(github, "/rerun") == 1


def test_the_sop_is_asked_again_just_before(github: Github, alice: Clone) -> None:
    effect = again(failed(github, alice)["id"])
    assert "dropped" in said(rerunner(github, allowed=False).perform(effect, ATTEMPT))
    assert posts(github, "/rerun") == 0


def test_a_run_that_goes_on_is_waited_for(github: Github, alice: Clone) -> None:
    effect = again(held(github, alice, "deploy")["id"])
    outcome = rerunner(github).perform(effect, ATTEMPT)
    assert isinstance(outcome, Later) and not outcome.unsure
    assert posts(github, "/rerun") == 0


@pytest.mark.parametrize(("act", "path"), [(again, "rerun"), (cancel, "cancel")])
def test_a_refusal_is_told_in_githubs_words(github: Github, alice: Clone, act: Any, path: str) -> None:
    number = failed(github, alice)["id"] if path == "rerun" else held(github, alice, "test")["id"]
    control(github.url, "permissions", app={"actions": "read"})
    performer: Any = rerunner(github) if path == "rerun" else Canceller(bot(github))
    assert performer.perform(act(number), ATTEMPT) == Refused("Resource not accessible by integration")


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_no_refusal_of_the_act(github: Github, alice: Clone, status: int) -> None:
    effect = again(failed(github, alice)["id"])
    control(github.url, "rate_limit", kind="secondary", retry_after=60, status=status)
    with pytest.raises(CannotLook) as limited:
        rerunner(github).perform(effect, ATTEMPT)
    assert limited.value.until is not None
    control(github.url, "rate_limit", kind="off")
    assert posts(github, "/rerun") == 0


def test_a_failure_that_names_a_time_is_waited_out() -> None:
    down = GithubException(503, {"message": "maintenance"}, {"Retry-After": "60"})
    assert refusal(down) is None
    assert (later(down).seconds, later(down).unsure) == (60, True)


def test_githubs_own_failure_is_later_and_unsure(github: Github, alice: Clone) -> None:
    effect = again(failed(github, alice)["id"])
    control(github.url, "fail_next", path="/rerun", method="POST", status=502)
    outcome = rerunner(github).perform(effect, ATTEMPT)
    assert isinstance(outcome, Later) and outcome.unsure and outcome.seconds is None
    assert posts(github, "/rerun") == 1


# Cancel


def test_a_run_is_cancelled_before_its_deploy_begins(github: Github, alice: Clone) -> None:
    number = held(github, alice, "deploy")["id"]
    assert Canceller(bot(github)).look(cancel(number), ATTEMPT) is None
    assert said(Canceller(bot(github)).perform(cancel(number), ATTEMPT)) == {"cancelled": number}
    until(lambda: run(github, number)["status"] == "completed")
    over = {"conclusion": "cancelled"}
    assert said(Canceller(bot(github)).look(cancel(number), ATTEMPT)) == over
    assert said(Canceller(bot(github)).perform(cancel(number), ATTEMPT)) == over
    assert posts(github, "/cancel") == 1


def test_a_run_that_deploys_is_let_end(github: Github, alice: Clone) -> None:
    number = held(github, alice, "deploy")["id"]
    control(github.url, "ci_slow", step=1)
    control(github.url, "release_jobs")
    until(lambda: jobs(github, number)["deploy"] == "in_progress")
    assert "half a release" in said(Canceller(bot(github)).perform(cancel(number), ATTEMPT))["dropped"]
    assert posts(github, "/cancel") == 0


def test_another_attempt_is_not_cancelled(github: Github, alice: Clone) -> None:
    number = failed(github, alice)["id"]
    control(github.url, "hold_jobs", jobs=["test"])
    rerunner(github).perform(again(number), ATTEMPT)
    assert "attempt 2" in said(Canceller(bot(github)).perform(cancel(number), ATTEMPT))["dropped"]
    assert posts(github, "/cancel") == 0


# Revert


def revert(github: Github, target: str, pull: bool = False) -> MakeRevert:
    return MakeRevert(
        release=7,
        repository=REPO,
        branch="main",
        target=target,
        parent=head(github),
        message=MESSAGE,
        pull=pull,
    )


def git_commit(github: Github, sha: str) -> Any:
    return call(github, "GET", f"/repos/{REPO}/git/commits/{sha}").json()


def pulls(github: Github) -> Any:
    return call(github, "GET", f"/repos/{REPO}/pulls?state=all").json()


@pytest.fixture
def target(github: Github, alice: Clone) -> str:
    """A commit that two others came after."""
    control(github.url, "ci_never_starts")
    before = head(github)
    alice.commit("CR-2: a file", "new.txt")
    alice.commit("CR-2: and more")
    alice.push()
    return before


def test_a_revert_has_the_trees_of_then_on_the_branch_of_now(github: Github, target: str) -> None:
    effect = revert(github, target)
    made = said(Reverter(bot(github)).perform(effect, ATTEMPT))
    assert (made["parent"], made["tree"], made["pull"]) == (
        effect.parent,
        git_commit(github, target)["tree"]["sha"],
        None,
    )
    commit = git_commit(github, made["sha"])
    assert commit["message"].rstrip() == MESSAGE.rstrip()
    assert head(github) == effect.parent
    assert Reverter(bot(github)).look(effect, ATTEMPT) is None
    again = said(Reverter(bot(github)).perform(effect, ATTEMPT))  # the answer was lost: another object, the same revert
    assert {**again, "sha": ""} == {**made, "sha": ""}
    assert call(github, "GET", f"/repos/{REPO}/compare/{target}...{made['sha']}").json()["files"] == []


def test_a_revert_is_by_the_bot_so_that_github_can_sign_it(github: Github, target: str) -> None:
    made = said(Reverter(bot(github)).perform(revert(github, target), ATTEMPT))
    commit = git_commit(github, made["sha"])
    assert commit["author"]["name"] == commit["committer"]["name"] == "slipway[bot]"


def test_a_revert_for_people_to_merge(github: Github, target: str) -> None:
    effect = revert(github, target, pull=True)
    assert Reverter(bot(github)).look(effect, ATTEMPT) is None
    made = said(Reverter(bot(github)).perform(effect, ATTEMPT))
    assert said(Reverter(bot(github)).look(effect, ATTEMPT)) == made
    assert said(Reverter(bot(github)).perform(effect, ATTEMPT)) == made
    (pull,) = pulls(github)
    assert (pull["html_url"], pull["head"]["ref"], pull["head"]["sha"]) == (made["pull"], "rollback/R-7", made["sha"])
    assert (pull["title"], pull["base"]["ref"]) == ("R-7: roll back R-6 to 1a2b", "main")
    assert pull["body"] == "    Reason: ask @everyone\n\n    Reverts:\n    - fixes #12"
    assert posts(github, "/git/refs") == posts(github, "/pulls") == 1


@pytest.mark.parametrize("path", ["/git/commits", "/git/refs", "/pulls"])
def test_whatever_answer_is_lost_there_is_one_branch_and_one_pull_request(
    github: Github, target: str, path: str
) -> None:
    effect, reverter = revert(github, target, pull=True), Reverter(bot(github))
    control(github.url, "lose_answer", path=path, method="POST")
    with pytest.raises(requests.ConnectionError):
        reverter.perform(effect, ATTEMPT)
    made = said(reverter.look(effect, ATTEMPT) or reverter.perform(effect, ATTEMPT))
    assert [p["html_url"] for p in pulls(github)] == [made["pull"]]
    assert head(github, "rollback/R-7") == made["sha"]
    assert posts(github, "/pulls") == 1


def test_a_branch_that_moved_gets_a_new_revert_in_the_same_pull_request(
    github: Github, alice: Clone, target: str
) -> None:
    first = said(Reverter(bot(github)).perform(revert(github, target, pull=True), ATTEMPT))
    alice.commit("CR-3: meanwhile")
    alice.push()
    newer = revert(github, target, pull=True).model_copy(update={"message": "R-7: roll back more\n\nReverts: three\n"})
    made = said(Reverter(bot(github)).perform(newer, ATTEMPT))
    assert made["sha"] != first["sha"] and made["tree"] == first["tree"] and made["parent"] == head(github)
    (pull,) = pulls(github)
    assert (pull["head"]["sha"], pull["title"], pull["body"]) == (
        made["sha"],
        "R-7: roll back more",
        "    Reverts: three",
    )


def test_what_people_put_on_the_rollbacks_branch_is_not_overwritten(github: Github, alice: Clone, target: str) -> None:
    alice.push("HEAD:rollback/R-7")
    outcome = Reverter(bot(github)).perform(revert(github, target, pull=True), ATTEMPT)
    assert isinstance(outcome, Refused) and "rollback/R-7" in outcome.error
    assert head(github, "rollback/R-7") == head(github)


def test_a_revert_that_github_refuses_waits_for_a_person(github: Github, target: str) -> None:
    control(github.url, "permissions", app={"contents": "read"})
    outcome = Reverter(bot(github)).perform(revert(github, target), ATTEMPT)
    assert outcome == Refused("Resource not accessible by integration")
    assert isinstance(Reverter(bot(github)).perform(revert(github, "0" * 40), ATTEMPT), Refused)
