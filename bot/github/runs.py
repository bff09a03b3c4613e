"""Workflow runs and their jobs as the SOP's facts."""

from datetime import UTC, datetime

from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.sop.facts import Job, Run
from bot.sop.gates.ci import FAILED
from bot.sop.policy import Service

# In the order a run goes through them: one that moves on while they are asked for is met all the same.
UNFINISHED = ("waiting", "requested", "pending", "queued", "in_progress")


def run_fact(run: WorkflowRun, jobs: tuple[Job, ...]) -> Run:
    """`repository`: whose branch it is of, a fork's where it is a fork's."""
    file = file_of(run)
    return Run(
        id=run.id,
        workflow=file,
        name=run.name or file,
        event=run.event,
        head_sha=run.head_sha,
        head_branch=run.head_branch or "",
        repository=run.head_repository.full_name if run.head_repository else "",
        attempt=run.run_attempt,
        status=run.status,
        conclusion=run.conclusion,
        created_at=utc(run.created_at),
        started_at=utc(run.run_started_at) if run.run_started_at else None,
        url=run.html_url,
        jobs=jobs,
    )


def job_fact(job: WorkflowJob) -> Job:
    """Without the end of its log."""
    return Job(
        id=job.id,
        name=job.name,
        status=job.status,
        conclusion=job.conclusion,
        url=job.html_url,
        failed_step=next((s.name for s in job.steps if s.conclusion in FAILED), None),
        started_at=utc(job.started_at) if job.started_at else None,
        completed_at=utc(job.completed_at) if job.completed_at else None,
    )


def jobs_of(run: WorkflowRun) -> tuple[Job, ...]:
    """Of its latest attempt."""
    return tuple(job_fact(j) for j in run.jobs())


def listed(repo: Repository, **query: str) -> PaginatedList[WorkflowRun]:
    """By a branch's name: PyGithub's own method wants the branch, which may be gone."""
    return PaginatedList(WorkflowRun, repo.requester, f"{repo.url}/actions/runs", query, list_item="workflow_runs")


def is_here(run: WorkflowRun, service: Service) -> bool:
    """Of the designated branch itself: not of a fork's branch of that name."""
    head = run.head_repository
    ours = head is not None and head.full_name.lower() == service.repository.lower()
    return ours and run.head_branch == service.branch


def file_of(run: WorkflowRun) -> str:
    """The workflow's file name under .github/workflows."""
    return str(run.path).split("@")[0].rsplit("/", 1)[-1]


def utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
