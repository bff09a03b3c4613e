"""What stands on a commit: statuses and check runs."""

from typing import Any

from bot.sandbox.github.ci.runs import Job, Run, find_job
from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing, paged, paging
from bot.sandbox.github.objects import moment
from bot.sandbox.github.rest.commits import found
from bot.sandbox.github.rest.repos import app
from bot.sandbox.github.shapes import ACTIONS_LOGIN, minimal_repository, node, user
from bot.sandbox.github.state import Repository, Status

STATES = ("error", "failure", "pending", "success")


def status_json(repo: Repository, one: Status) -> dict[str, Any]:
    creator = user(repo.site.url, one.creator)
    return {
        "url": f"{repo.api}/statuses/{one.sha}",
        "avatar_url": creator["avatar_url"],
        "id": one.id,
        "node_id": node("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": moment(one.at),
        "updated_at": moment(one.at),
        "creator": creator,
    }


def create_status(ask: Ask) -> Answer:
    repo, sha, state = ask.repo, ask.params["sha"], ask.body.get("state")
    if repo.git.type_of(sha) != "commit":
        raise Refusal(422, f"No commit found for SHA: {sha}")
    if state not in STATES:
        raise invalid("Status", "state")
    context = str(ask.body.get("context") or "default")
    made = Status(sha, context, state, ask.who.login, ask.body.get("description"), ask.body.get("target_url"))
    with ask.world.changed:
        repo.statuses.append(made)
        ask.world.changed.notify_all()
    return Answer(status_json(repo, made), 201)


def statuses(ask: Ask) -> Answer:
    repo = ask.repo
    sha = found(repo, ask.params["ref"])
    kept = [one for one in reversed(repo.statuses) if one.sha == sha]
    return paged(ask, kept, lambda one: status_json(repo, one))


def combined(ask: Ask) -> Answer:
    repo = ask.repo
    sha = found(repo, ask.params["ref"])
    newest = {one.context: one for one in repo.statuses if one.sha == sha}
    states = {one.state for one in newest.values()}
    failed, unfinished = states & {"error", "failure"}, not states or "pending" in states
    page, per_page = paging(ask)
    shown = list(newest.values())[(page - 1) * per_page : page * per_page]
    return Answer(
        {
            "state": "failure" if failed else "pending" if unfinished else "success",
            "statuses": [
                {key: value for key, value in status_json(repo, one).items() if key != "creator"} for one in shown
            ],
            "sha": sha,
            "total_count": len(newest),
            "repository": minimal_repository(repo),
            "commit_url": f"{repo.api}/commits/{sha}",
            "url": f"{repo.api}/commits/{sha}/status",
        }
    )


def check_json(ask: Ask, run: Run, job: Job) -> dict[str, Any]:
    at = f"{ask.repo.api}/check-runs/{job.id}"
    page = f"{run.html}/job/{job.id}"
    return {
        "id": job.id,
        "name": job.name,
        "node_id": node("CR", job.id),
        "head_sha": run.sha,
        "external_id": str(job.id),
        "url": at,
        "html_url": page,
        "details_url": page,
        "status": job.status,
        "conclusion": job.conclusion,
        "started_at": moment(job.started_at or job.created_at),
        "completed_at": moment(job.completed_at) if job.completed_at else None,
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": len(job.annotations),
            "annotations_url": f"{at}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": app(ask, ACTIONS_LOGIN),
        "pull_requests": [],
    }


def check_runs(ask: Ask) -> Answer:
    repo, query = ask.repo, ask.query
    sha = found(repo, ask.params["ref"])
    kept = [(run, job) for run in repo.runs if run.sha == sha for job in run.latest.jobs]
    if query.get("check_name"):
        kept = [(run, job) for run, job in kept if job.name == query["check_name"]]
    if query.get("status"):
        kept = [(run, job) for run, job in kept if job.status == query["status"]]
    return paged(ask, kept, lambda one: check_json(ask, *one), "check_runs")


def check_run(ask: Ask) -> Answer:
    held = find_job(ask.repo, ask.number("check"))
    if held is None:
        raise missing()
    return Answer(check_json(ask, *held))


def annotations(ask: Ask) -> Answer:
    held = find_job(ask.repo, ask.number("check"))
    if held is None:
        raise missing()
    run, job = held
    return paged(ask, job.annotations, lambda one: _annotation(ask.repo, run, one))


def _annotation(repo: Repository, run: Run, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": one["path"],
        "start_line": one["line"],
        "end_line": one["line"],
        "start_column": None,
        "end_column": None,
        "annotation_level": one["level"],
        "title": one["title"],
        "message": one["message"],
        "raw_details": None,
        "blob_href": f"{repo.html}/blob/{run.sha}/{one['path']}",
    }
