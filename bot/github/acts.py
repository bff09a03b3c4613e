"""Runs CI again, cancels a run, makes a revert. Each looks first; a write whose answer was lost is looked for, never
repeated blindly (law 15)."""

from collections.abc import Callable
from typing import Any

from github import Github, GithubException, UnknownObjectException
from github.GitCommit import GitCommit
from github.PullRequest import PullRequest
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.github.client import words
from bot.github.limits import PATIENCE
from bot.github.runs import jobs_of, run_fact
from bot.outbox import Attempt, Done, Later, Outcome, Refused
from bot.sop.effects import CancelRun, MakeRevert, RerunRun
from bot.sop.gates.rollback import deploys

REFUSALS = (401, 403, 404, 409, 422)
TITLE = 256  # characters of a pull request's title


class Rerunner:
    """Performs RerunRun. `allowed` asks the SOP again whether this run may still be run again."""

    def __init__(self, github: Github, allowed: Callable[[RerunRun], bool]) -> None:
        self._github = github
        self._allowed = allowed

    def perform(self, effect: RerunRun, attempt: Attempt) -> Outcome:
        """Done: {"attempt"}, {"lost": the attempt that is there, somebody else's: ours is looked for before this}, or
        {"dropped": why}. What GitHub refuses is parked for a person to mend."""
        if not self._allowed(effect):
            return Done({"dropped": "the run was no longer to be run again when the bot looked just before"})
        try:
            run = _run(self._github, effect)
            if run.run_attempt >= effect.attempt:
                return Done({"lost": run.run_attempt})
            if run.status != "completed":
                return Later(None, f"attempt {run.run_attempt} of the run still goes on", unsure=False)
            run.requester.requestJsonAndCheck("POST", run.rerun_url)
        except GithubException as e:
            said = refusal(e)
            return later(e) if said is None else self.look(effect, attempt) or Refused(said)
        return Done({"attempt": effect.attempt})

    def look(self, effect: RerunRun, _attempt: Attempt) -> Done | None:
        """Whether the run has this attempt. Raises what PyGithub raises when that cannot be known."""
        reached = _run(self._github, effect).run_attempt
        return Done({"attempt": reached}) if reached >= effect.attempt else None


class Canceller:
    """Performs CancelRun, unless a deploy job has begun: a cancelled deploy is a partial release."""

    def __init__(self, github: Github) -> None:
        self._github = github

    def perform(self, effect: CancelRun, attempt: Attempt) -> Outcome:
        """Done: {"conclusion"} of a run that was over, {"cancelled": run} or {"dropped": why}."""
        try:
            run = _run(self._github, effect)
            over = _over(run, effect)
            if over is not None:
                return over
            if deploys(run_fact(run, jobs_of(run)), effect.deploy_jobs):
                return Done({"dropped": "it had begun to deploy: cancelled now it would leave half a release"})
            run.requester.requestJsonAndCheck("POST", run.cancel_url)
        except GithubException as e:
            said = refusal(e)
            return later(e) if said is None else self.look(effect, attempt) or Refused(said)
        return Done({"cancelled": effect.run})

    def look(self, effect: CancelRun, _attempt: Attempt) -> Done | None:
        """Whether that attempt is over. Raises what PyGithub raises when that cannot be known."""
        return _over(_run(self._github, effect), effect)


class Reverter:
    """Performs MakeRevert. Without a pull request nothing points to the commit: one whose answer was lost is left to
    GitHub's clearing away."""

    def __init__(self, github: Github) -> None:
        self._github = github

    def perform(self, effect: MakeRevert, attempt: Attempt) -> Outcome:
        """Done: {"sha", "tree", "parent", "pull": URL or None}. What GitHub refuses is parked for a person to mend."""
        try:
            repo = self._github.get_repo(effect.repository)
            tree = _tree(repo, effect)
            if not effect.pull:
                return _made(_commit(repo, effect), None)
            head = head_of(repo, _branch(effect))
            revert = repo.get_git_commit(head) if head else None
            if revert is not None and revert.tree.sha != tree:
                return Refused(f"{_branch(effect)} was moved to {revert.sha[:7]}, which is not this revert")
            if revert is None or not _is_revert(revert, tree, effect):
                revert = _move(repo, effect, _commit(repo, effect), there=head is not None)
            pull = _pull(repo, effect, revert.sha)
            return _made(revert, _told(pull, effect) if pull else _propose(repo, effect))
        except GithubException as e:
            said = refusal(e)
            return later(e) if said is None else self.look(effect, attempt) or Refused(said)

    def look(self, effect: MakeRevert, _attempt: Attempt) -> Done | None:
        """Whether branch and pull request stand. Raises what PyGithub raises when that cannot be known."""
        repo = self._github.get_repo(effect.repository)
        head = head_of(repo, _branch(effect)) if effect.pull else None
        if head is None:
            return None
        revert, pull = repo.get_git_commit(head), _pull(repo, effect, head)
        whole = pull is not None and _is_revert(revert, _tree(repo, effect), effect)
        return _made(revert, pull.html_url) if pull is not None and whole else None


def refusal(e: GithubException) -> str | None:
    """GitHub's words where it has refused for good; None where it may be asked again later."""
    return words(e) if e.status in REFUSALS else None


def later(e: GithubException) -> Later:
    """An answer that is no refusal: a failure of GitHub's own. A long pause is asked about again meanwhile."""
    after = {k.lower(): v for k, v in (e.headers or {}).items()}.get("retry-after", "")
    return Later(
        min(float(after), PATIENCE.total_seconds()) if after.isdigit() else None,
        f"GitHub answered {e.status} {words(e)}",
    )


def head_of(repo: Repository, branch: str) -> str | None:
    """The commit of a branch; None when there is no such branch, or no repository to be seen."""
    try:
        return repo.get_git_ref(f"heads/{branch}").object.sha
    except UnknownObjectException:
        return None


def _run(github: Github, effect: RerunRun | CancelRun) -> WorkflowRun:
    return github.get_repo(effect.repository).get_workflow_run(effect.run)


def _over(run: WorkflowRun, effect: CancelRun) -> Done | None:
    if run.run_attempt > effect.attempt:
        return Done({"dropped": f"attempt {run.run_attempt} goes on by now, which is another one"})
    return Done({"conclusion": run.conclusion}) if run.status == "completed" else None


def _branch(effect: MakeRevert) -> str:
    return f"rollback/R-{effect.release}"


def _tree(repo: Repository, effect: MakeRevert) -> str:
    return repo.get_git_commit(effect.target).tree.sha


def _commit(repo: Repository, effect: MakeRevert) -> GitCommit:
    """By the bot itself: GitHub signs a commit of an app only where neither author nor committer is named."""
    target, parent = repo.get_git_commit(effect.target), repo.get_git_commit(effect.parent)
    return repo.create_git_commit(effect.message, target.tree, [parent])


def _is_revert(commit: GitCommit, tree: str, effect: MakeRevert) -> bool:
    return commit.tree.sha == tree and [p.sha for p in commit.parents] == [effect.parent]


def _move(repo: Repository, effect: MakeRevert, commit: GitCommit, *, there: bool) -> GitCommit:
    """Forced where the branch is there: a revert on an older head of the designated branch is replaced."""
    if there:
        ref = repo.get_git_ref(f"heads/{_branch(effect)}")
        if ref.object.sha != commit.sha:  # read first: PyGithub does not know where to write a ref it has not read
            ref.edit(commit.sha, force=True)
    else:
        repo.create_git_ref(f"refs/heads/{_branch(effect)}", commit.sha)
    return commit


def _pull(repo: Repository, effect: MakeRevert, sha: str) -> PullRequest | None:
    """The one that is open, or that brought this very commit."""
    owner = effect.repository.split("/")[0]
    listed = repo.get_pulls(state="all", head=f"{owner}:{_branch(effect)}", base=effect.branch)
    return next((p for p in listed if p.state == "open" or p.head.sha == sha), None)


def _propose(repo: Repository, effect: MakeRevert) -> str:
    title, body = _text(effect)
    return repo.create_pull(base=effect.branch, head=_branch(effect), title=title, body=body).html_url


def _told(pull: PullRequest, effect: MakeRevert) -> str:
    """An open one that is reused says what it reverts now."""
    title, body = _text(effect)
    if pull.state == "open" and (pull.body or "").split() != body.split():
        pull.edit(title=title, body=body)
    return pull.html_url


def _text(effect: MakeRevert) -> tuple[str, str]:
    """Title and body. Indented, people's words are shown as they are: they ping nobody and close no issue."""
    title, _, rest = effect.message.partition("\n")
    return title[:TITLE], "\n".join(f"    {line}" if line else "" for line in rest.strip("\n").split("\n"))


def _made(commit: GitCommit, pull: str | None) -> Done:
    result: dict[str, Any] = {"sha": commit.sha, "tree": commit.tree.sha, "parent": commit.parents[0].sha}
    return Done({**result, "pull": pull})
