"""What a sighting is, and what runs tell."""

import re
from typing import Any

from bot.sop.codes import Code
from bot.sop.facts import Job, Run
from bot.sop.model import Frozen
from bot.sop.policy import Service

DONE = "completed"
NOT_RUN = ("skipped", "cancelled")


class Sighting(Frozen):
    """One thing that went around the SOP, as it was seen at one look."""

    key: str  # the same for the same thing seen again
    service: str
    rule: str
    code: Code
    values: dict[str, Any]
    who: str | None = None  # GitHub login
    once: bool = False  # it happened once and cannot come back: a push, a run; else it lasts, and may come back


def by_push(run: Run, service: Service) -> bool:
    return run.event == "push" and run.head_branch == service.branch


def deploys(run: Run, service: Service) -> bool:
    """Whether a deploy job began. One that was cancelled may not have: then it is unknown, and no violation."""
    return any(began(j) for j in deploy_jobs(run, service))


def began(job: Job) -> bool:
    return job.status == "in_progress" or (job.status == DONE and job.conclusion not in NOT_RUN)


def deploy_jobs(run: Run, service: Service) -> tuple[Job, ...]:
    """By name; a matrix adds ` (eu)` to it, a called workflow ` / run`."""
    names = service.ci.deploy_jobs
    return tuple(j for j in run.jobs if j.name in names or re.split(r" \(| / ", j.name)[0] in names)
