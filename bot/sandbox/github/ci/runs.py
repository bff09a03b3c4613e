"""Workflow runs, attempts, jobs and steps as records, and their JSON."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.github.ci.workflow import JobPlan, Plan
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import minimal_repository, node, user
from bot.sandbox.github.state import Deployment, Repository, Workflow, new_id, now
from bot.sandbox.kept import FLEETING


@dataclass
class Step:
    number: int
    name: str
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass
class Job:
    """status: queued | waiting | in_progress | completed. cancel: "" | soft | force. log: lines, masked, stamped."""

    plan: JobPlan
    attempt: int
    name: str
    id: int = field(default_factory=new_id)
    status: str = "queued"
    conclusion: str | None = None
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    deployment: Deployment | None = None
    approved: bool = False
    rejected: bool = False
    runner: int | None = None
    cancel: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event, metadata=FLEETING)
    process: subprocess.Popen[bytes] | None = field(default=None, metadata=FLEETING)

    def kill(self, number: signal.Signals) -> None:
        """Signals the whole process group of the step that runs now, if one does."""
        process = self.process
        if process is not None and process.poll() is None:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                return


@dataclass
class Attempt:
    """status: queued | pending | waiting | in_progress | completed; `pending` waits for its concurrency group."""

    number: int
    actor: str
    jobs: list[Job] = field(default_factory=list)
    status: str = "queued"
    conclusion: str | None = None
    cancel: str = ""
    started_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass
class Run:
    repo: Repository
    workflow: Workflow
    plan: Plan
    number: int
    event: str
    sha: str
    branch: str
    actor: str
    title: str
    head_commit: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    id: int = field(default_factory=new_id)
    suite: int = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def latest(self) -> Attempt:
        return self.attempts[-1]

    @property
    def api(self) -> str:
        return f"{self.repo.api}/actions/runs/{self.id}"

    @property
    def html(self) -> str:
        return f"{self.repo.html}/actions/runs/{self.id}"


def jobs_of(repo: Repository) -> Iterator[tuple[Run, Job]]:
    for run in repo.runs:
        for attempt in run.attempts:
            for job in attempt.jobs:
                if job.attempt == attempt.number:
                    yield run, job


def find_job(repo: Repository, job_id: int) -> tuple[Run, Job] | None:
    return next(((run, job) for run, job in jobs_of(repo) if job.id == job_id), None)


def latest_check_runs(repo: Repository, sha: str) -> list[Job]:
    return [job for run in repo.runs if run.sha == sha for job in run.latest.jobs]


def run_json(run: Run, attempt: Attempt | None = None) -> dict[str, Any]:
    """A run as its latest attempt stands, or as the attempt given."""
    shown = attempt or run.latest
    site, repository = run.repo.site.url, minimal_repository(run.repo)
    return {
        "id": run.id,
        "name": run.plan.name,
        "node_id": node("WFR", run.id),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "path": run.workflow.path,
        "display_title": run.title,
        "run_number": run.number,
        "run_attempt": shown.number,
        "event": run.event,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "workflow_id": run.workflow.id,
        "check_suite_id": run.suite,
        "check_suite_node_id": node("CS", run.suite),
        "url": run.api,
        "html_url": run.html if attempt is None else f"{run.html}/attempts/{shown.number}",
        "pull_requests": [],
        "created_at": moment(run.created_at),
        "updated_at": moment(shown.updated_at),
        "run_started_at": moment(shown.started_at),
        "actor": user(site, run.actor),
        "triggering_actor": user(site, shown.actor),
        "referenced_workflows": [],
        **{f"{what}_url": f"{run.api}/{what}" for what in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{run.repo.api}/check-suites/{run.suite}",
        "previous_attempt_url": f"{run.api}/attempts/{shown.number - 1}" if shown.number > 1 else None,
        "workflow_url": f"{run.repo.api}/actions/workflows/{run.workflow.id}",
        "head_commit": run.head_commit,
        "repository": repository,
        "head_repository": repository,
        "head_repository_id": run.repo.id,
    }


def _at(moment_or_none: datetime | None) -> str | None:
    return moment(moment_or_none) if moment_or_none else None


def step_json(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": step.number,
        "started_at": _at(step.started_at),
        "completed_at": _at(step.completed_at),
    }


def job_json(run: Run, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "run_id": run.id,
        "workflow_name": run.plan.name,
        "head_branch": run.branch,
        "run_url": run.api,
        "run_attempt": job.attempt,
        "node_id": node("CR", job.id),
        "head_sha": run.sha,
        "url": f"{run.repo.api}/actions/jobs/{job.id}",
        "html_url": f"{run.html}/job/{job.id}",
        "status": job.status,
        "conclusion": job.conclusion,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at or job.created_at),
        "completed_at": _at(job.completed_at),
        "name": job.name,
        "steps": [step_json(step) for step in job.steps],
        "check_run_url": f"{run.repo.api}/check-runs/{job.id}",
        "labels": list(job.plan.labels),
        "runner_id": job.runner,
        "runner_name": f"GitHub Actions {job.runner}" if job.runner else None,
        "runner_group_id": 0 if job.runner else None,
        "runner_group_name": "GitHub Actions" if job.runner else None,
    }


def workflow_json(repo: Repository, workflow: Workflow) -> dict[str, Any]:
    name = workflow.path.rpartition("/")[2]
    return {
        "id": workflow.id,
        "node_id": node("W", workflow.id),
        "name": workflow.name,
        "path": workflow.path,
        "state": "active",
        "created_at": moment(workflow.created_at),
        "updated_at": moment(workflow.created_at),
        "url": f"{repo.api}/actions/workflows/{workflow.id}",
        "html_url": f"{repo.html}/blob/{repo.default_branch}/{workflow.path}",
        "badge_url": f"{repo.html}/workflows/{name}/badge.svg",
    }
