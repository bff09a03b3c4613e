"""X2, F1: which runs deploy, which of them the push started or a person asked for, and which went around the SOP."""

import re
from datetime import datetime

from bot.sop.codes import Code
from bot.sop.facts import Facts, Job, Run
from bot.sop.gates.ci import DONE, SKEW, asked_attempt, counting
from bot.sop.gates.push import service_of
from bot.sop.gates.verdict import Verdict, fails, passes, unseen
from bot.sop.policy import Policy, Service
from bot.sop.records import Release

NOT_RUN = ("skipped", "cancelled")
NOT_BEGUN = ("queued", "pending", "requested", "waiting")


def deployed_by_push(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """X2: the last deploy of this commit is that of the push, or one that was asked for with its reason. What somebody
    else deployed is no proof of it, until **Redeploy** has deployed after it."""
    seen, push, service = facts.runs.known, release.pushed, service_of(release, policy)
    if seen is None or push is None:
        return unseen("runs", facts.runs)
    runs = counting(release, facts, policy)
    proper = [begun_at(r) for r in runs if r.attempt <= asked_attempt(release, r)]
    last = max(proper, default=push.at)
    blind = [r for r in runs if r.attempt > asked_attempt(release, r) and _may_deploy(r, service)]
    by_hand = [r for r in seen.of_push if by_hand_deploy(r, service) and begun_at(r) >= push.at - SKEW]
    around = next((r for r in (*blind, *by_hand) if r.status != DONE or _ended(r) >= last), None)
    if around is None:
        return passes(Code.DEPLOYED_BY_PUSH)
    return fails(
        Code.DEPLOYED_AROUND,
        release.owner,
        workflow=around.workflow,
        event=around.event,
        attempt=around.attempt,
        url=around.url,
    )


def by_hand_deploy(run: Run, service: Service) -> bool:
    """A run that deploys and was not started by a push to the designated branch."""
    if by_push(run, service) and run.workflow in service.ci.workflows:
        return False
    if service.ci.deploy_jobs:
        return deploys(run, service)
    begun = run.status not in NOT_BEGUN and run.conclusion not in NOT_RUN
    return run.event == "workflow_dispatch" and run.workflow in service.ci.workflows and begun


def _may_deploy(run: Run, service: Service) -> bool:
    return run.status != DONE or not service.ci.deploy_jobs or deploys(run, service)


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


def begun_at(run: Run) -> datetime:
    """When its latest attempt began."""
    return run.started_at or run.created_at


def _ended(run: Run) -> datetime:
    return max((j.completed_at for j in run.jobs if j.completed_at), default=begun_at(run))
