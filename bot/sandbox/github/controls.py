"""What tests and the world panel may switch: POST /_control/{name} with a JSON object; GET /_control/{calls,…}."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from bot.sandbox.asgi import Call
from bot.sandbox.github.ci import trigger
from bot.sandbox.github.ci.runs import run_json
from bot.sandbox.github.config import Protection
from bot.sandbox.github.faults import Failing, Faults
from bot.sandbox.github.rest import issues
from bot.sandbox.github.shapes import repository, user
from bot.sandbox.github.state import Environment, Repository
from bot.sandbox.github.world import World

Given = dict[str, Any]


def ci_never_starts(world: World, given: Given) -> Any:
    """on: pushes start no run."""
    world.faults.never_starts = given.get("on", True)


def ci_slow(world: World, given: Given) -> Any:
    """appear: seconds until a run shows up; step: seconds before each step. Nothing given: back to quick, at once."""
    world.faults.appear_after = float(given.get("appear", 0))
    world.faults.step_delay = float(given.get("step", 0))
    if not world.faults.appear_after:
        trigger.appear(world)


def hold_jobs(world: World, given: Given) -> Any:
    """jobs: names that stay queued from now on; all when not given."""
    with world.changed:
        world.faults.held_jobs |= set(given.get("jobs") or ["*"])


def release_jobs(world: World, given: Given) -> Any:
    with world.changed:
        world.faults.held_jobs -= set(given.get("jobs") or world.faults.held_jobs)
        world.changed.notify_all()


def conclude_next(world: World, given: Given) -> Any:
    """conclusion: what the next run to end is said to have ended with (timed_out, action_required, stale …)."""
    world.faults.conclude_next.append(given["conclusion"])


def fail_next(world: World, given: Given) -> Any:
    """times (1), status (502), path (a part of it), method, body: the next such calls are not performed."""
    world.faults.fail.append(_failing(given))


def lose_answer(world: World, given: Given) -> Any:
    """times (1), path, method: the next such calls are performed, then the connection drops."""
    world.faults.lose.append(_failing(given))


def _failing(given: Given) -> Failing:
    return Failing(
        int(given.get("times", 1)),
        int(given.get("status", 502)),
        given.get("path", ""),
        given.get("method", ""),
        given.get("body"),
    )


def rate_limit(world: World, given: Given) -> Any:
    """kind: primary (login, remaining 0, reset_in 60 s) | secondary (retry_after 60 s) | off; status: 403 or 429."""
    world.limits.status = int(given.get("status", 403))
    kind = given.get("kind", "primary")
    if kind == "secondary":
        world.limits.secondary_until = time.time() + float(given.get("retry_after", 60))
    elif kind == "primary":
        login = given.get("login", "slipway[bot]")
        world.limits.exhaust(login, int(given.get("remaining", 0)), int(given.get("reset_in", 60)))
    else:
        world.limits.secondary_until = 0.0
        world.limits.budgets.clear()


def heal(world: World, _given: Given) -> Any:
    """Every fault and rate limit is off; runs that are late show up."""
    trigger.appear(world)
    with world.changed:
        world.faults = Faults()
        world.changed.notify_all()
    world.limits.secondary_until = 0.0
    world.limits.budgets.clear()


def api_down(world: World, given: Given) -> Any:
    world.faults.api_down = given.get("on", True)


def webhooks(world: World, given: Given) -> Any:
    """url, secret: where to; off: none are sent; copies: each is sent so often. A new url is pinged."""
    hooks, config = world.webhooks, world.config
    hooks.off = given.get("off", hooks.off)
    hooks.copies = int(given.get("copies", hooks.copies))
    config.webhook_secret = given.get("secret", config.webhook_secret)
    if "url" in given:
        config.webhook_url = given["url"]
        hooks.ping(repository(_repo(world, given)), user(world.site.url, config.owner))


def redeliver(world: World, given: Given) -> Any:
    """id: a delivery, sent again with the same id."""
    return {"found": world.webhooks.redeliver(given["id"])}


def protect(world: World, given: Given) -> Any:
    """branch (main) and the members of Protection; off: true lifts it."""
    repo, branch = _repo(world, given), given.get("branch", "main")
    names = set(Protection.__dataclass_fields__) & set(given)
    with world.changed:
        repo.protections.pop(branch, None)
        if not given.get("off"):
            repo.protections[branch] = Protection(**{name: given[name] for name in names})


def open_issue(world: World, given: Given) -> Any:
    """title, labels, body, login (alice)."""
    repo, login = _repo(world, given), given.get("login", "alice")
    issue = issues.open_issue(world, repo, login, given["title"], given.get("body"), list(given.get("labels", [])))
    return issues.issue_json(repo, issue)


def close_issue(world: World, given: Given) -> Any:
    """number, login (alice)."""
    repo = _repo(world, given)
    issue = next(one for one in repo.issues if one.number == int(given["number"]))
    issues.set_state(world, repo, issue, given.get("login", "alice"), given.get("state", "closed"))
    return issues.issue_json(repo, issue)


def environment(world: World, given: Given) -> Any:
    """name (production), variables and secrets (replaced when given), reviewers (logins; none: no approval wanted)."""
    repo, name = _repo(world, given), given.get("name", "production")
    with world.changed:
        place = repo.environments.setdefault(name, Environment(name))
        place.variables = given.get("variables", place.variables)
        place.secrets = given.get("secrets", place.secrets)
        place.reviewers = given.get("reviewers", place.reviewers)
        world.changed.notify_all()


def variables(world: World, given: Given) -> Any:
    """variables, secrets: of the repository, added to what is there. job_env: given to every step."""
    repo = _repo(world, given)
    repo.variables |= given.get("variables", {})
    repo.secrets |= given.get("secrets", {})
    world.config.job_env |= given.get("job_env", {})


def approve(world: World, given: Given) -> Any:
    """run, login, state (approved | rejected): lets waiting jobs go on, or not."""
    run = next(one for one in _repo(world, given).runs if one.id == int(given["run"]))
    with world.changed:
        for job in run.latest.jobs:
            if job.status == "waiting":
                job.approved, job.rejected = given.get("state") != "rejected", given.get("state") == "rejected"
        world.changed.notify_all()


def signing_keys(world: World, given: Given) -> Any:
    """login, keys: the person's SSH signing keys, replaced."""
    world.site.signing_keys[given["login"]] = list(given["keys"])


def tokens(world: World, given: Given) -> Any:
    """tokens: token -> login, added; revoke: tokens that open nothing from now on."""
    world.config.tokens |= given.get("tokens", {})
    for token in given.get("revoke", []):
        world.config.tokens.pop(token, None)
        world.issued.pop(token, None)


def permissions(world: World, given: Given) -> Any:
    """people: login -> admin | write | read | none; app: permission -> level of the app's installation."""
    world.config.permissions |= given.get("people", {})
    world.config.app_permissions |= given.get("app", {})


def create_repository(world: World, given: Given) -> Any:
    """owner, name, from_dir (a folder, or nothing for an empty one)."""
    folder = Path(given["from_dir"]) if given.get("from_dir") else None
    return {"full_name": world.create_repository(given["owner"], given["name"], folder).full_name}


CONTROLS: dict[str, Callable[[World, Given], Any]] = {
    control.__name__: control
    for control in (
        ci_never_starts,
        ci_slow,
        hold_jobs,
        release_jobs,
        conclude_next,
        fail_next,
        lose_answer,
        rate_limit,
        heal,
        api_down,
        webhooks,
        redeliver,
        protect,
        open_issue,
        close_issue,
        environment,
        variables,
        approve,
        signing_keys,
        tokens,
        permissions,
        create_repository,
    )
}


def _repo(world: World, given: Given) -> Repository:
    return world.repositories[given.get("repository") or f"{world.config.owner}/{world.config.repo}"]


def _views(world: World) -> dict[str, Callable[[], Any]]:
    return {
        "calls": lambda: list(world.calls),
        "deliveries": lambda: [one | {"body": json.loads(one["body"])} for one in list(world.webhooks.deliveries)],
        "runs": lambda: [run_json(run) for repo in world.repositories.values() for run in repo.runs],
        "state": lambda: {
            "faults": {name: _plain(value) for name, value in vars(world.faults).items() if name != "late"},
            "webhooks_off": world.webhooks.off,
            "limited": world.limits.used_up(),
            "protections": {
                repo.full_name: {branch: vars(rule) for branch, rule in repo.protections.items()}
                for repo in world.repositories.values()
            },
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, set):
        return sorted(value)
    return [vars(one) if isinstance(one, Failing) else one for one in value] if isinstance(value, list) else value


def switch(world: World, call: Call) -> Response:
    control = CONTROLS.get(call.request.path_params["name"])
    if control is None:
        return JSONResponse({"message": f"no such control; there are {', '.join(CONTROLS)}"}, 404)
    try:
        return JSONResponse(control(world, json.loads(call.body or b"{}")) or {"ok": True})
    except (KeyError, ValueError, StopIteration) as problem:
        return JSONResponse({"message": f"{type(problem).__name__}: {problem}"}, 422)


def view(world: World, call: Call) -> Response:
    views = _views(world)
    name = call.request.path_params["name"]
    return (
        JSONResponse(views[name]())
        if name in views
        else JSONResponse({"message": f"there are {', '.join(views)}"}, 404)
    )
