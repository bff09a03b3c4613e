"""Deployments and environments with their variables and the names of their secrets."""

from typing import Any

from bot.sandbox.github import deployments
from bot.sandbox.github.deployments import deployment_json, status_json
from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing, paged
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import node, user
from bot.sandbox.github.state import Deployment, DeploymentStatus, Environment, Repository

STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def listed(ask: Ask) -> Answer:
    repo, kept = ask.repo, list(ask.repo.deployments)
    for name in ("sha", "ref", "task", "environment"):
        if ask.query.get(name):
            kept = [one for one in kept if getattr(one, name) == ask.query[name]]
    return paged(ask, kept, lambda one: deployment_json(repo, one))


def _deployment(ask: Ask) -> Deployment:
    number = ask.number("deployment")
    one = next((one for one in ask.repo.deployments if one.id == number), None)
    if one is None:
        raise missing()
    return one


def get(ask: Ask) -> Answer:
    return Answer(deployment_json(ask.repo, _deployment(ask)))


def create(ask: Ask) -> Answer:
    repo, ref, body = ask.repo, ask.text("ref"), ask.body
    sha = repo.git.commit_of(ref)
    if sha is None:
        raise Refusal(422, f"No ref found for: {ref}")
    environment = str(body.get("environment") or "production")
    made = Deployment(
        sha,
        ref,
        environment,
        ask.who.login,
        str(body.get("task") or "deploy"),
        body.get("description"),
        body.get("payload") or {},
        body.get("production_environment", environment == "production") is True,
        body.get("transient_environment") is True,
    )
    repo.environments.setdefault(environment, Environment(environment))
    deployments.create(ask.world, repo, made)
    return Answer(deployment_json(repo, made), 201)


def statuses(ask: Ask) -> Answer:
    repo, one = ask.repo, _deployment(ask)
    return paged(ask, list(reversed(one.statuses)), lambda status: status_json(repo, one, status))


def create_status(ask: Ask) -> Answer:
    repo, one, body = ask.repo, _deployment(ask), ask.body
    if body.get("state") not in STATES:
        raise invalid("DeploymentStatus", "state")
    log_url, url = str(body.get("log_url") or body.get("target_url") or ""), str(body.get("environment_url") or "")
    made = DeploymentStatus(body["state"], ask.who.login, str(body.get("description") or ""), log_url, url)
    deployments.mark(ask.world, repo, one, made)
    return Answer(status_json(repo, one, made), 201)


def environment_json(repo: Repository, one: Environment) -> dict[str, Any]:
    at = f"{repo.api}/environments/{one.name}"
    rules = []
    if one.reviewers:
        reviewers = [{"type": "User", "reviewer": user(repo.site.url, login)} for login in one.reviewers]
        rules = [
            {
                "id": one.id + 1,
                "node_id": node("GA", one.id),
                "type": "required_reviewers",
                "prevent_self_review": False,
                "reviewers": reviewers,
            }
        ]
    return {
        "id": one.id,
        "node_id": node("EN", one.id),
        "name": one.name,
        "url": at,
        "html_url": f"{repo.html}/deployments/activity_log?environments_filter={one.name}",
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "protection_rules": rules,
        "deployment_branch_policy": None,
    }


def environments(ask: Ask) -> Answer:
    repo = ask.repo
    return paged(ask, list(repo.environments.values()), lambda one: environment_json(repo, one), "environments")


def _environment(ask: Ask) -> Environment:
    one = ask.repo.environments.get(ask.params["environment"])
    if one is None:
        raise missing()
    return one


def environment(ask: Ask) -> Answer:
    return Answer(environment_json(ask.repo, _environment(ask)))


def _variables(ask: Ask, held: dict[str, str]) -> Answer:
    at = moment(ask.repo.created_at)

    def shape(one: tuple[str, str]) -> dict[str, str]:
        return {"name": one[0], "value": one[1], "created_at": at, "updated_at": at}

    return paged(ask, sorted(held.items()), shape, "variables", default=10)


def _secrets(ask: Ask, held: dict[str, str]) -> Answer:
    at = moment(ask.repo.created_at)
    return paged(ask, sorted(held), lambda name: {"name": name, "created_at": at, "updated_at": at}, "secrets")


def environment_variables(ask: Ask) -> Answer:
    return _variables(ask, _environment(ask).variables)


def environment_secrets(ask: Ask) -> Answer:
    return _secrets(ask, _environment(ask).secrets)


def repository_variables(ask: Ask) -> Answer:
    return _variables(ask, ask.repo.variables)


def repository_secrets(ask: Ask) -> Answer:
    return _secrets(ask, ask.repo.secrets)
