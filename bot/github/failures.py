"""What GitHub tells of a failure (F1, F2) and before a rollback (R1): logs, deployments, configuration, runs."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
from github import Github, UnknownObjectException
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.Secret import Secret
from github.Variable import Variable
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.github.client import looking
from bot.github.logs import BOM, COLOUR, GONE, STAMP, end_of, log_url, masked, unlogged
from bot.github.runs import UNFINISHED, file_of, is_here, jobs_of, run_fact, utc
from bot.sop.facts import CannotLook, Deployment, Diagnosis, JobLog, Run
from bot.sop.gates.ci import failed_job
from bot.sop.policy import Service
from bot.sop.records import Pushed
from bot.sop.unreached import why

LINES = 20_000  # of a log, its last ones
LONGEST = 2_000  # characters of a line
SETTLES = timedelta(minutes=2)  # until the log of a job that has begun is kept where it can be read
Held = Callable[[], Iterable[Any]]  # variables or secrets of one place
# As GitHub's own page shows them: what people copy from there is found.
SHOWN = {"##[error]": "Error: ", "##[warning]": "Warning: ", "##[notice]": "Notice: ", "##[group]": ""}


class FailureReader:
    """Every method raises CannotLook."""

    def __init__(self, github: Github) -> None:
        self._github = github

    def job_log(self, service: Service, run_id: int, attempt: int | None = None) -> JobLog:
        """The whole log of the job that failed in that attempt, the latest when none is given. A run that never came to
        a job (a workflow file that GitHub cannot read) has none, nor has a job that never began or whose log is kept no
        more: what GitHub says of the run or the job stands for it, to be quoted."""
        with looking(f"log of run {run_id}"):
            run = self._repo(service).get_workflow_run(run_id)
            number = attempt or run.run_attempt
            jobs = _jobs(run, number)
            job = failed_job(jobs)
            if job is None and not jobs and run.status == "completed":
                return JobLog(run=run_id, attempt=number, job=file_of(run), lines=(_unstarted(run),))
            if job is None and number < run.run_attempt:
                return JobLog(run=run_id, attempt=number, job=file_of(run), lines=(_outdone(run, number),))
            if job is None:
                raise CannotLook(f"no job of run {run_id}, attempt {number}, has failed")
            if job.status != "completed":
                raise CannotLook(f"{job.name} is {job.status}: its log can be read once it is over")
            return JobLog(run=run_id, attempt=number, job=job.name, lines=_lines(job, file_of(run)))

    def diagnosis(self, service: Service, push: Pushed) -> Diagnosis:
        """F2: what was deployed last, what the environment lacks, how the deploy of this push ended.

        `environment` is None when none is configured or GitHub has none of that name."""
        name = service.ci.environment
        with looking("deployments"):
            repo = self._repo(service)
            deployment = _latest(repo, name) if name else None
        with looking(f"environment {name}"):
            there = name is not None and _exists(repo, name)
            missing = _missing(repo, service, name if there else None)
        with looking(f"deploy of {push.sha[:7]}"):
            job = _deploy_job(repo, service, push)
            log = _end_of(job) if job else ()
        return Diagnosis(deployment=deployment, environment=name if there else None, missing=missing, log=log)

    def tree_of(self, service: Service, sha: str) -> str:
        with looking(f"commit {sha[:7]}"):
            return self._repo(service).get_git_commit(sha).tree.sha

    def unfinished(self, service: Service) -> tuple[Run, ...]:
        """Runs of the branch that are not over, with their jobs, newest first; runs of forks are not of the branch."""
        with looking(f"runs of {service.branch}"):
            repo = self._repo(service)
            branch = repo.get_branch(service.branch)
            listed = (r for status in UNFINISHED for r in repo.get_workflow_runs(branch=branch, status=status))
            found = {r.id: r for r in listed if is_here(r, service)}
            return tuple(run_fact(found[i], jobs_of(found[i])) for i in sorted(found, reverse=True))

    def _repo(self, service: Service) -> Repository:
        return self._github.get_repo(service.repository)


def _jobs(run: WorkflowRun, attempt: int) -> list[WorkflowJob]:
    url = f"{run.url}/attempts/{attempt}/jobs"
    return list(PaginatedList(WorkflowJob, run.requester, url, None, list_item="jobs"))


def _unstarted(run: WorkflowRun) -> str:
    return f"{run.path} ended as {run.conclusion} before any job began"


def _outdone(run: WorkflowRun, attempt: int) -> str:
    return f"{run.path}: no job of attempt {attempt} failed; attempt {run.run_attempt} was begun all the same"


def _lines(job: WorkflowJob, workflow: str) -> tuple[str, ...]:
    """Raises CannotLook, too, while the log of a job that did begin may still come."""
    url = log_url(job)
    lines = _whole(url) if url else ()
    over = job.completed_at
    if not lines and job.steps and over and datetime.now(UTC) - utc(over) < SETTLES:
        raise CannotLook(f"GitHub has no log of {job.name} yet")
    return lines or (unlogged(workflow, job.name, job.conclusion),)


def _whole(url: str) -> tuple[str, ...]:
    """The last LINES lines, without times and colours; none where there is no log. Raises CannotLook.

    The storage host must not get the token."""
    kept: deque[str] = deque(maxlen=LINES)
    try:
        with httpx.stream("GET", url, timeout=10, follow_redirects=True) as answer:
            answer.raise_for_status()
            kept.extend(line for raw in answer.iter_lines() if (line := _shown(raw)))
    except httpx.HTTPStatusError as e:
        if e.response.status_code not in GONE:
            raise CannotLook(f"the log could not be read ({e.response.status_code})") from e
    except httpx.HTTPError as e:
        raise CannotLook(f"the log could not be read: {why(e)}") from e
    return tuple(kept)


def _shown(raw: str) -> str:
    line = masked(COLOUR.sub("", STAMP.sub("", raw.removeprefix(BOM)))).rstrip()
    if line.startswith(("##[endgroup]", "##[section]")):
        return ""
    mark = next((m for m in SHOWN if line.startswith(m)), "")
    return (SHOWN.get(mark, "") + line.removeprefix(mark))[:LONGEST]


def _latest(repo: Repository, environment: str) -> Deployment | None:
    found = next(islice(repo.get_deployments(environment=environment), 1), None)
    if found is None:
        return None
    status = next(islice(found.get_statuses(), 1), None)
    return Deployment(
        sha=found.sha,
        ref=found.ref,
        environment=found.environment,
        state=status.state if status else "pending",
        url=(status and status.log_url) or f"{repo.html_url}/deployments",
        created_at=utc(found.created_at),
    )


def _exists(repo: Repository, environment: str) -> bool:
    try:
        return bool(repo.get_environment(environment).id)
    except UnknownObjectException:
        return False


def _missing(repo: Repository, service: Service, environment: str | None) -> tuple[str, ...]:
    """Required names that neither environment, repository nor organization has."""
    place = repo.get_environment(environment) if environment else None
    variables: list[Held] = [repo.get_variables, lambda: _of_organization(repo, Variable, "variables")]
    secrets: list[Held] = [repo.get_secrets, lambda: _of_organization(repo, Secret, "secrets")]
    if place is not None:
        variables, secrets = [place.get_variables, *variables], [place.get_secrets, *secrets]
    requires = service.ci.requires
    return (*_lacking(requires.variables, variables), *_lacking(requires.secrets, secrets))


def _lacking(wanted: tuple[str, ...], places: list[Held]) -> tuple[str, ...]:
    """Asks place after place while a name is wanted. GitHub ignores their case."""
    for held in places:
        names = {one.name.upper() for one in held()} if wanted else set()
        wanted = tuple(w for w in wanted if w.upper() not in names)
    return wanted


def _of_organization(repo: Repository, kind: type[Any], what: str) -> list[Any]:
    """Those that its organization shares with the repository; a person's repository has none."""
    try:
        return list(
            PaginatedList(kind, repo.requester, f"{repo.url}/actions/organization-{what}", None, list_item=what)
        )
    except UnknownObjectException:
        return []


def _deploy_job(repo: Repository, service: Service, push: Pushed) -> WorkflowJob | None:
    """The job that deployed this push: one of `deploy_jobs`, else the last job of the last required workflow."""
    ci = service.ci
    runs = [r for r in repo.get_workflow_runs(head_sha=push.sha) if r.event == "push" and is_here(r, service)]
    wanted = runs if ci.deploy_jobs else [r for r in runs if file_of(r) == ci.workflows[-1]]
    jobs = [j for r in wanted for j in r.jobs()]
    return next((j for j in reversed(jobs) if not ci.deploy_jobs or j.name in ci.deploy_jobs), None)


def _end_of(job: WorkflowJob) -> tuple[str, ...]:
    if job.status != "completed" or job.conclusion == "skipped":
        return ()
    return end_of(job) or ("(GitHub has no log of this job)",)
