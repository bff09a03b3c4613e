"""What GitHub says of a candidate, the designated branch, its issues and its runs, as the SOP's facts."""

import json
from datetime import datetime
from itertools import islice
from statistics import median
from typing import Any

from github import Github, GithubException, UnknownObjectException
from github.Commit import Commit as GithubCommit
from github.Repository import Repository
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.github.client import looking
from bot.github.logs import end_of, unlogged
from bot.github.runs import UNFINISHED, file_of, is_here, job_fact, listed, run_fact, utc
from bot.sop.facts import Candidate, CannotLook, Commit, Issue, Job, NotThere, Runs, Served, Tip
from bot.sop.gates.ci import FAILED
from bot.sop.policy import Service
from bot.sop.records import Pushed

FILES = 300  # GitHub lists no more changed files of a comparison
COMMITS = 250  # more in one release is nobody's release
RECENT = 100  # runs of the branch that are looked at for older ones and for the usual time: a page
KEPT = 200  # ends of logs in memory


class Reader:
    """Implements readers.CodeHost."""

    def __init__(self, github: Github) -> None:
        self._github = github
        self._tails: dict[int, tuple[str, ...]] = {}  # job id -> the end of its log, which changes no more
        self._tips: dict[
            tuple[str, str, str], Tip
        ] = {}  # lock, after, head: once its pusher is known it stays as it is
        self._done: dict[tuple[int, int], tuple[Job, ...]] = {}  # run and attempt that are over -> jobs

    def candidate(self, service: Service, ref: str, base: str, *, with_paths: bool) -> Candidate:
        with looking(f"candidate {ref}"):
            repo = self._repo(service)
            sha, branch = _resolve(repo, ref)
            head, tip = repo.get_commit(sha), repo.get_branch(service.branch).commit.sha
            comparison = repo.compare(base, sha)
            these = list(comparison.commits)[:COMMITS]
            paths = _paths(comparison.files)
            whole = comparison.total_commits == len(these)
            if len(comparison.files) >= FILES:
                paths, all_listed = _tree_difference(repo, base, sha)
                whole = whole and all_listed
            contains = comparison.merge_base_commit.sha == base if tip == base else _contains(repo, tip, sha)
            return Candidate(
                ref=ref,
                sha=sha,
                tree=head.commit.tree.sha,
                branch=branch,
                tip=tip,
                contains_tip=contains,
                base=base,
                commits=tuple(_commit(c, with_paths) for c in these),
                paths=paths,
                lines=sum(f.changes for f in comparison.files),
                by_commit=with_paths,
                truncated=not whole,
                compare_url=comparison.html_url,
            )

    def tip(self, service: Service, after: str) -> Tip:
        with looking(f"branch {service.branch}"):
            repo = self._repo(service)
            head = repo.get_branch(service.branch).commit
            if head.sha == after:
                return Tip(sha=head.sha, tree=head.commit.tree.sha)
            known = self._tips.get((service.lock, after, head.sha))
            if known is not None:
                return known
            ahead = _since(repo, after, head.sha)
            by, at = _pusher(repo, service.branch, head.sha)
            tip = Tip(sha=head.sha, tree=head.commit.tree.sha, ahead=ahead, pushed_by=by, pushed_at=at)
            if by is not None:
                self._tips = {**dict(list(self._tips.items())[-KEPT:]), (service.lock, after, head.sha): tip}
            return tip

    def criticals(self, service: Service) -> tuple[Issue, ...]:
        with looking("issues"):
            found = self._repo(service).get_issues(state="open", labels=[service.critical_label])
            return tuple(Issue(number=i.number, title=i.title, url=i.html_url) for i in found if i.pull_request is None)

    def issue(self, service: Service, number: int) -> Issue | None:
        """None where there is no issue of that number, or where it was deleted; a pull request is none."""
        try:
            with looking(f"issue #{number}"):
                found = self._repo(service).get_issue(number)
                return None if found.pull_request else Issue(number=number, title=found.title, url=found.html_url)
        except CannotLook as e:
            if isinstance(e.__cause__, GithubException) and e.__cause__.status in (404, 410):
                return None
            raise

    def runs(self, service: Service, push: Pushed) -> Runs:
        with looking("workflow runs"):
            repo = self._repo(service)
            of_push = [r for r in repo.get_workflow_runs(head_sha=push.sha) if r.head_sha == push.sha]
            # PyGithub's own slices raise IndexError where there is nothing.
            recent = list(islice(listed(repo, branch=service.branch), RECENT))
            # Only when all else is done it matters whether one still waits that is older than these.
            more = len(recent) == RECENT and all(r.status == "completed" for r in of_push)
            waiting = [r for s in UNFINISHED for r in listed(repo, branch=service.branch, status=s)] if more else []
            older = {r.id: r for r in (*recent, *waiting) if _older(r, service, push)}
            return Runs(
                of_push=tuple(run_fact(r, self._jobs(r) if _telling(r, service) else ()) for r in of_push),
                older_unfinished=tuple(run_fact(r, ()) for r in older.values()),
                usual_seconds=_usual(recent, service),
            )

    def served(self, service: Service, version: str) -> Served:
        try:
            with looking(f"commit {version}"):
                found = self._repo(service).get_commit(version).complete()
                return Served(text=version, sha=found.sha, url=found.html_url)
        except CannotLook as e:
            if isinstance(e.__cause__, GithubException) and e.__cause__.status in (404, 422):
                raise CannotLook(f"production serves {version}, which is no commit of {service.repository}") from e
            raise

    def _jobs(self, run: WorkflowRun) -> tuple[Job, ...]:
        key = (run.id, run.run_attempt)
        if key in self._done:
            return self._done[key]
        jobs = tuple(self._job(j, file_of(run)) for j in run.jobs())
        if run.status == "completed" and all(j.conclusion not in FAILED or j.id in self._tails for j in jobs):
            self._done = {**dict(list(self._done.items())[-KEPT:]), key: jobs}
        return jobs

    def _job(self, job: WorkflowJob, workflow: str) -> Job:
        bad = job.status == "completed" and job.conclusion in FAILED
        if bad and job.id not in self._tails and (end := end_of(job)):
            self._tails = {**dict(list(self._tails.items())[-KEPT:]), job.id: end}
        tail = self._tails.get(job.id, (unlogged(workflow, job.name, job.conclusion),)) if bad else ()
        return job_fact(job).model_copy(update={"log_tail": tail})

    def _repo(self, service: Service) -> Repository:
        return self._github.get_repo(service.repository)


def _since(repo: Repository, after: str, head: str) -> tuple[Commit, ...]:
    """The commits of the branch since then; none of a history that was replaced, which shares nothing with it."""
    try:
        return tuple(_commit(c, False) for c in list(repo.compare(after, head).commits)[:COMMITS])
    except UnknownObjectException:
        return ()


def _resolve(repo: Repository, ref: str) -> tuple[str, str | None]:
    """Commit and branch of a candidate: a branch's name, or a commit that may be the head of a branch."""
    try:
        return repo.get_branch(ref).commit.sha, ref
    except UnknownObjectException:
        sha = _commit_named(repo, ref)
        return sha, next((b.name for b in repo.get_branches() if b.commit.sha == sha), None)


def _commit_named(repo: Repository, ref: str) -> str:
    try:
        return repo.get_commit(ref).complete().sha
    except GithubException as e:
        if e.status not in (404, 422):
            raise
        raise NotThere(f"{repo.full_name} has no branch or commit {ref}") from e


def _contains(repo: Repository, tip: str, sha: str) -> bool:
    return repo.compare(tip, sha).merge_base_commit.sha == tip


def _commit(commit: GithubCommit, with_paths: bool) -> Commit:
    written = commit.commit
    return Commit(
        sha=commit.sha,
        tree=written.tree.sha,
        parents=tuple(p.sha for p in commit.parents),
        message=written.message,
        author=commit.author.login if commit.author else written.author.email,
        committer=commit.committer.login if commit.committer else written.committer.email,
        author_name=written.author.name,
        url=commit.html_url,
        paths=_paths(list(commit.files)) if with_paths else (),
    )


def _paths(files: list[Any]) -> tuple[str, ...]:
    """Both names of a renamed file: it left one area and came to another."""
    named = {f.filename for f in files} | {f.previous_filename for f in files if f.previous_filename}
    return tuple(sorted(named))


def _tree_difference(repo: Repository, base: str, sha: str) -> tuple[tuple[str, ...], bool]:
    """Changed paths by the two trees, for changes too large for a comparison; and whether GitHub listed all."""
    before, after = repo.get_git_tree(base, recursive=True), repo.get_git_tree(sha, recursive=True)
    whole = not before.raw_data.get("truncated") and not after.raw_data.get("truncated")
    old = {(e.path, e.sha, e.mode) for e in before.tree if e.type != "tree"}
    new = {(e.path, e.sha, e.mode) for e in after.tree if e.type != "tree"}
    return tuple(sorted({path for path, _, _ in old ^ new})), whole


def _pusher(repo: Repository, branch: str, sha: str) -> tuple[str | None, datetime | None]:
    """Who brought this head to the branch, and when, by the repository's activity; not every token may read it."""
    url = f"{repo.url}/activity"
    status, _, body = repo.requester.requestJson("GET", url, parameters={"ref": f"refs/heads/{branch}", "per_page": 30})
    if status != 200:
        return None, None
    found = next((a for a in _json(body) if a.get("after") == sha), None)
    if found is None:
        return None, None
    return (found.get("actor") or {}).get("login"), datetime.fromisoformat(found["timestamp"])


def _json(body: str) -> list[dict[str, Any]]:
    read = json.loads(body)
    return read if isinstance(read, list) else []


def _older(run: WorkflowRun, service: Service, push: Pushed) -> bool:
    """A run of the branch itself that could still deploy something else: not of a fork's branch of that name."""
    return is_here(run, service) and run.status != "completed" and run.head_sha != push.sha


def _telling(run: WorkflowRun, service: Service) -> bool:
    return file_of(run) in service.ci.workflows or run.event == "workflow_dispatch"


def _usual(recent: list[WorkflowRun], service: Service) -> float | None:
    """Median seconds of the successful runs of the required workflows on this branch."""
    good = [r for r in recent if r.conclusion == "success" and file_of(r) in service.ci.workflows]
    lasted = [(utc(r.updated_at) - utc(r.run_started_at or r.created_at)).total_seconds() for r in good]
    return median(lasted) if lasted else None
