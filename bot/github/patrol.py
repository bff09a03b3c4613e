"""What GitHub tells the patrol: who moved the designated branch, which runs deployed, where a version comes from."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from github import Github, GithubException, UnknownObjectException
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.github.client import looking
from bot.github.reader import Reader
from bot.github.runs import file_of, job_fact, listed, run_fact, utc
from bot.sop.facts import Activity, Job, Run, Tip
from bot.sop.patrol.facts import Lately, Origin, Ran
from bot.sop.policy import Service

PAGE = 100
KEPT = 500  # jobs of finished runs in memory
OFF = "0" * 40


class PatrolReader:
    """Implements patrol.Watched. Every method raises CannotLook."""

    def __init__(self, github: Github) -> None:
        self._github = github
        self._jobs: dict[tuple[int, int], tuple[Job, ...]] = {}  # (run, attempt) that is over: changes no more

    def lately(self, service: Service, since: datetime) -> Lately:
        """What happened since then. The head is read last: the activity may be behind it, never before it."""
        since = since.replace(microsecond=0)  # GitHub tells whole seconds, cut off
        with looking(f"activity of {service.branch}"):
            repo = self._github.get_repo(service.repository)
            activity = tuple(_activity(repo, service.branch, since))
            runs = tuple(self._ran(r, service) for r in _runs(repo, service, since))
            bypassed = _bypassed(repo, service.branch)
            return Lately(since=since, tip=_head(repo, service.branch), activity=activity, bypassed=bypassed, runs=runs)

    def origin(self, service: Service, version: str) -> Origin:
        """The commit that a served version (a SHA or a prefix of at least 7) stands for, and its runs."""
        if not re.fullmatch(r"[0-9a-f]{7,40}", version.lower()):
            return Origin(sha=None)
        with looking(f"commit {version}"):
            repo = self._github.get_repo(service.repository)
            sha = _commit(repo, version, service.branch)
            if sha is None:
                return Origin(sha=None)
            runs = [r for r in repo.get_workflow_runs(head_sha=sha) if r.head_sha == sha]
            latest = tuple(self._run(r, service) for r in runs)
            return Origin(sha=sha, runs=(*latest, *(e for r in runs for e in self._earlier(r, service))))

    def tip(self, service: Service, after: str) -> Tip:
        """The head of the branch, with the commits since `after`."""
        return Reader(self._github).tip(service, after)

    def _ran(self, run: WorkflowRun, service: Service) -> Ran:
        actor = run.triggering_actor or run.actor
        return Ran(run=self._run(run, service), login=actor.login if actor else None)

    def _run(self, run: WorkflowRun, service: Service) -> Run:
        return run_fact(run, self._jobs_of(run) if _telling(run, service) else ())

    def _earlier(self, run: WorkflowRun, service: Service) -> Iterator[Run]:
        """Attempts before the latest, newest first, as far as one that went well: a re-run that was cancelled takes
        nothing back of what the one before it brought."""
        if run.conclusion == "success":
            return
        for number in range(run.run_attempt - 1, 0, -1):
            headers, body = run.requester.requestJsonAndCheck("GET", f"{run.url}/attempts/{number}")
            before = WorkflowRun(run.requester, headers, body)
            yield self._run(before, service)
            if before.conclusion == "success":
                return

    def _jobs_of(self, run: WorkflowRun) -> tuple[Job, ...]:
        key = (run.id, run.run_attempt)
        if key in self._jobs:
            return self._jobs[key]
        url = f"{run.url}/attempts/{run.run_attempt}/jobs"
        jobs = tuple(job_fact(j) for j in PaginatedList(WorkflowJob, run.requester, url, None, list_item="jobs"))
        if run.status == "completed":
            self._jobs = {**dict(list(self._jobs.items())[-KEPT:]), key: jobs}
        return jobs


def _telling(run: WorkflowRun, service: Service) -> bool:
    """Whether its jobs matter: not of a first attempt, by push, that went well or still goes on."""
    required = file_of(run) in service.ci.workflows
    if not service.ci.deploy_jobs:
        return False
    if required and run.event == "push" and run.head_branch == service.branch:
        return run.run_attempt > 1 or (run.status == "completed" and run.conclusion != "success")
    return required or run.event == "workflow_dispatch"


def _head(repo: Repository, branch: str) -> str | None:
    """None: there is no such branch. That the repository itself can be read is known from its activity."""
    try:
        return repo.get_branch(branch).commit.sha
    except UnknownObjectException:
        return None


def _commit(repo: Repository, version: str, branch: str) -> str | None:
    """None only when GitHub knows the repository and not the commit; a repository out of reach answers 404 too."""
    try:
        return repo.get_commit(version).complete().sha
    except GithubException as e:
        if e.status not in (404, 422):
            raise
        repo.get_branch(branch)
        return None


def _activity(repo: Repository, branch: str, since: datetime) -> Iterator[Activity]:
    """Newest first; pages by cursor."""
    query: dict[str, Any] = {"ref": f"refs/heads/{branch}", "per_page": PAGE}
    while True:
        headers, listed = _get(repo, "activity", query)
        for one in listed:
            at = datetime.fromisoformat(one["timestamp"])
            if at < since:
                return
            yield Activity(
                id=one["id"],
                kind=one["activity_type"],
                before=one["before"] or OFF,
                after=one["after"] or OFF,
                login=(one.get("actor") or {}).get("login"),
                at=at,
            )
        following = re.search(r'<([^>]+)>;\s*rel="next"', headers.get("link", ""))
        if following is None:
            return
        query["after"] = parse_qs(urlsplit(following[1]).query)["after"][0]


def _bypassed(repo: Repository, branch: str) -> tuple[str, ...]:
    """Commits pushed past the rules of the branch in the last day. Not every token may know; then nothing is known."""
    query = {"ref": f"refs/heads/{branch}", "time_period": "day", "rule_suite_result": "bypass", "per_page": PAGE}
    try:
        _, listed = _get(repo, "rulesets/rule-suites", query)
    except GithubException as e:
        if e.status not in (403, 404):
            raise
        return ()
    return tuple(one["after_sha"] for one in listed if one.get("result") == "bypass")


def _get(repo: Repository, path: str, query: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    headers, body = repo.requester.requestJsonAndCheck("GET", f"{repo.url}/{path}", parameters=query)
    return headers, body if isinstance(body, list) else []


def _runs(repo: Repository, service: Service, since: datetime) -> Iterable[WorkflowRun]:
    """Runs created or begun again since then: of the branch, started by hand, or going on now.

    GitHub lists by creation only. An older run that is run again is met while it goes on, or among the last of its
    list.
    """
    lists = (
        _recent(listed(repo, branch=service.branch), since),
        _recent(listed(repo, event="workflow_dispatch"), since),
        listed(repo, status="in_progress"),
        listed(repo, status="queued"),
    )
    found = {r.id: r for listed in lists for r in listed}
    return (r for r in found.values() if utc(r.run_started_at or r.created_at) >= since)


def _recent(listed: Iterable[WorkflowRun], since: datetime) -> Iterator[WorkflowRun]:
    """The first page, and as many more as were created since."""
    for n, run in enumerate(listed):
        if n >= PAGE and utc(run.created_at) < since:
            return
        yield run
