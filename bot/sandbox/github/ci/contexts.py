"""What the expressions of a workflow see."""

from typing import Any

from bot.sandbox.github.ci.expressions import Scope
from bot.sandbox.github.ci.runs import Job, Run


def github_context(run: Run) -> dict[str, Any]:
    return {
        "sha": run.sha,
        "ref": f"refs/heads/{run.branch}",
        "ref_name": run.branch,
        "ref_type": "branch",
        "repository": run.repo.full_name,
        "repository_owner": run.repo.owner,
        "run_id": run.id,
        "run_number": run.number,
        "run_attempt": run.latest.number,
        "actor": run.actor,
        "triggering_actor": run.latest.actor,
        "event_name": run.event,
        "workflow": run.plan.name,
        "server_url": run.repo.site.url,
        "api_url": run.repo.site.url,
        "event": {"head_commit": run.head_commit, "inputs": run.inputs, "after": run.sha},
    }


def secrets_of(run: Run, environment: str | None) -> dict[str, str]:
    place = run.repo.environments.get(environment or "")
    return run.repo.secrets | (place.secrets if place else {})


def variables_of(run: Run, environment: str | None) -> dict[str, str]:
    place = run.repo.environments.get(environment or "")
    return run.repo.variables | (place.variables if place else {})


def job_state(run: Run, job: Job | None) -> str:
    """success | failure | cancelled, as the jobs this one needs (and those they need) have ended."""
    if run.latest.cancel:
        return "cancelled"
    if job is None:
        return "success"
    wanted, todo = set(job.plan.needs), list(job.plan.needs)
    while todo:
        key = todo.pop()
        more = {need for other in run.plan.jobs if other.key == key for need in other.needs} - wanted
        wanted |= more
        todo += more
    ends = {other.conclusion for other in run.latest.jobs if other.plan.key in wanted}
    if ends & {"failure", "timed_out"}:
        return "failure"
    direct = {other.conclusion for other in run.latest.jobs if other.plan.key in job.plan.needs}
    return "success" if direct <= {"success"} else "skipped"


def job_scope(run: Run, job: Job | None) -> Scope:
    """Contexts before a job's steps: for its `if`, its environment, its concurrency group."""
    needs = {}
    for other in run.latest.jobs:
        if job is not None and other.plan.key in job.plan.needs:
            needs[other.plan.key] = {"result": other.conclusion or "", "outputs": other.outputs}
    environment = job.plan.environment if job else None
    contexts = {
        "github": github_context(run),
        "env": run.plan.env | (job.plan.env if job else {}),
        "vars": variables_of(run, environment),
        "secrets": secrets_of(run, environment),
        "inputs": run.inputs,
        "needs": needs,
        "matrix": job.plan.matrix if job else {},
    }
    return Scope(contexts, job_state(run, job))
