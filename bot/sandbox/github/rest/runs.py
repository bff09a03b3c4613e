"""Workflows, runs, attempts, jobs, logs; re-run, cancel, dispatch, approve."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.github.ci import trigger
from bot.sandbox.github.ci import workflow as files
from bot.sandbox.github.ci.runs import Attempt, Job, Run, find_job, job_json, run_json, workflow_json
from bot.sandbox.github.deployments import deployment_json
from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing, paged
from bot.sandbox.github.logs import signed_url
from bot.sandbox.github.shapes import node, user
from bot.sandbox.github.state import Workflow, now

MONTH = timedelta(days=30)  # GitHub runs nothing older again


def workflows(ask: Ask) -> Answer:
    repo = ask.repo
    return paged(ask, trigger.discover(repo), lambda one: workflow_json(repo, one), "workflows")


def _workflow(ask: Ask) -> Workflow:
    wanted = ask.params["workflow"]
    known = trigger.discover(ask.repo)
    found = next((one for one in known if wanted in (str(one.id), one.path, one.path.rpartition("/")[2])), None)
    if found is None:
        raise missing()
    return found


def workflow(ask: Ask) -> Answer:
    return Answer(workflow_json(ask.repo, _workflow(ask)))


def _created(text: str) -> tuple[datetime, datetime]:
    """GitHub's date filters: `>=T`, `>T`, `<=T`, `<T`, `A..B`, or a day."""
    low, high = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    try:
        if ".." in text:
            first, _, second = text.partition("..")
            return (low if first == "*" else _at(first)), (high if second == "*" else _at(second))
        if text.startswith(">"):
            return _at(text.lstrip(">=")), high
        if text.startswith("<"):
            return low, _at(text.lstrip("<="))
        day = _at(text)
        return day, day.replace(hour=23, minute=59, second=59)
    except ValueError:
        raise invalid("WorkflowRun", "created") from None


def _at(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _filtered(ask: Ask, runs: list[Run]) -> list[Run]:
    query = ask.query
    wanted = {"branch": "branch", "event": "event", "head_sha": "sha", "actor": "actor"}
    for name, attribute in wanted.items():
        if query.get(name):
            runs = [run for run in runs if getattr(run, attribute) == query[name]]
    if query.get("status"):
        runs = [run for run in runs if query["status"] in (run.latest.status, run.latest.conclusion)]
    if query.get("created"):
        low, high = _created(query["created"])
        runs = [run for run in runs if low <= run.created_at.replace(microsecond=0) <= high]
    if query.get("check_suite_id"):
        runs = [run for run in runs if str(run.suite) == query["check_suite_id"]]
    return runs


def listed(ask: Ask) -> Answer:
    return paged(ask, _filtered(ask, list(ask.repo.runs)), run_json, "workflow_runs")


def of_workflow(ask: Ask) -> Answer:
    wanted = _workflow(ask)
    return paged(
        ask, _filtered(ask, [run for run in ask.repo.runs if run.workflow is wanted]), run_json, "workflow_runs"
    )


def found(ask: Ask) -> Run:
    number = ask.number("run")
    run = next((one for one in ask.repo.runs if one.id == number), None)
    if run is None:
        raise missing()
    return run


def _attempt(ask: Ask, run: Run) -> Attempt:
    number = ask.number("attempt")
    if not 1 <= number <= len(run.attempts):
        raise missing()
    return run.attempts[number - 1]


def get(ask: Ask) -> Answer:
    return Answer(run_json(found(ask)))


def attempt(ask: Ask) -> Answer:
    run = found(ask)
    return Answer(run_json(run, _attempt(ask, run)))


def jobs(ask: Ask) -> Answer:
    run = found(ask)
    kept = run.latest.jobs
    if ask.query.get("filter") == "all":
        kept = [job for one in reversed(run.attempts) for job in one.jobs if job.attempt == one.number]
    return paged(ask, kept, lambda job: job_json(run, job), "jobs")


def attempt_jobs(ask: Ask) -> Answer:
    run = found(ask)
    return paged(ask, _attempt(ask, run).jobs, lambda job: job_json(run, job), "jobs")


def _job(ask: Ask) -> tuple[Run, Job]:
    held = find_job(ask.repo, ask.number("job"))
    if held is None:
        raise missing()
    return held


def job(ask: Ask) -> Answer:
    return Answer(job_json(*_job(ask)))


def logs(ask: Ask) -> Answer:
    """A redirect to the storage host, valid for a minute. Before the job has ended there is nothing."""
    _, one = _job(ask)
    if one.status != "completed":
        raise missing()
    return Answer(status=302, headers={"Location": signed_url(ask.world, f"/logs/{ask.repo.full_name}/{one.id}.txt")})


def _again(ask: Ask, run: Run, only: set[str] | None) -> Answer:
    with ask.world.changed:
        if run.latest.status != "completed":
            raise Refusal(403, "This workflow is already running")
        if now() - run.created_at > MONTH:
            raise Refusal(403, "Unable to retry this workflow run because it was created over a month ago")
        if only is not None and not only:
            raise Refusal(403, "This workflow run cannot be retried: no jobs have failed")
        trigger.rerun(ask.world, run, ask.who.login, only)
    return Answer({}, 201)


def rerun(ask: Ask) -> Answer:
    return _again(ask, found(ask), None)


def rerun_failed(ask: Ask) -> Answer:
    run = found(ask)
    return _again(ask, run, trigger.failed_keys(run))


def rerun_job(ask: Ask) -> Answer:
    run, one = _job(ask)
    return _again(ask, run, {one.plan.key})


def cancel(ask: Ask) -> Answer:
    return _cancelled(ask, force=False)


def force_cancel(ask: Ask) -> Answer:
    return _cancelled(ask, force=True)


def _cancelled(ask: Ask, force: bool) -> Answer:
    run = found(ask)
    with ask.world.changed:
        if run.latest.status == "completed":
            raise Refusal(409, "Cannot cancel a workflow run that is completed.")
        ask.world.scheduler.cancel(run, force)
    return Answer({}, 202)


def dispatch(ask: Ask) -> Answer:
    repo, wanted, ref = ask.repo, _workflow(ask), ask.text("ref").removeprefix("refs/heads/")
    sha = repo.git.branches().get(ref)
    if sha is None:
        raise Refusal(422, f"No ref found for: {ref}")
    text = trigger.workflow_files(repo, sha).get(wanted.path)
    if text is None:
        raise missing()
    plan = files.read(wanted.path, text)
    if "workflow_dispatch" not in plan.triggers:
        raise Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    declared = plan.triggers["workflow_dispatch"].get("inputs") or {}
    given = ask.body.get("inputs") or {}
    if set(given) - set(declared):
        raise Refusal(422, f"Unexpected inputs provided: {sorted(set(given) - set(declared))}")
    inputs = {name: str((body or {}).get("default", "")) for name, body in declared.items()} | given
    run = trigger.start(
        ask.world, repo, plan, "workflow_dispatch", f"refs/heads/{ref}", sha, ask.who.login, inputs=inputs
    )
    # The dated API versions differ: the older one tells nothing unless asked to.
    if ask.body.get("return_run_details") is True or ask.headers.get("x-github-api-version", "") >= "2026-03-10":
        return Answer({"workflow_run_id": run.id, "run_url": run.api, "html_url": run.html})
    return Answer(status=204)


def pending(ask: Ask) -> Answer:
    run, listed_places = found(ask), []
    for one in run.latest.jobs:
        if one.status == "waiting" and one.deployment is not None:
            place = ask.repo.environments[one.deployment.environment]
            listed_places.append(
                {
                    "environment": {
                        "id": place.id,
                        "node_id": node("EN", place.id),
                        "name": place.name,
                        "url": f"{ask.repo.api}/environments/{place.name}",
                        "html_url": f"{ask.repo.html}/deployments/activity_log?environments_filter={place.name}",
                    },
                    "wait_timer": 0,
                    "wait_timer_started_at": None,
                    "current_user_can_approve": ask.who.login in place.reviewers,
                    "reviewers": [{"type": "User", "reviewer": user(ask.site, login)} for login in place.reviewers],
                }
            )
    return Answer(listed_places)


def review(ask: Ask) -> Answer:
    """Approves or rejects waiting jobs: environment_ids, state approved | rejected, comment."""
    run, wanted, state = found(ask), ask.body.get("environment_ids") or [], ask.body.get("state")
    if state not in ("approved", "rejected"):
        raise invalid("WorkflowRun", "state")
    touched = []
    with ask.world.changed:
        for one in run.latest.jobs:
            if one.deployment is None:
                continue
            place = ask.repo.environments.get(one.deployment.environment)
            if place is not None and one.status == "waiting" and place.id in wanted:
                if ask.who.login not in place.reviewers:
                    raise Refusal(422, "There were one or more errors approving the request")
                one.approved, one.rejected = state == "approved", state == "rejected"
                touched.append(one.deployment)
        ask.world.changed.notify_all()
    if not touched:
        raise Refusal(422, "No pending deployment requests to approve or reject")
    return Answer([deployment_json(ask.repo, one) for one in touched])
