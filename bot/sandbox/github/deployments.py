"""Deployments and their statuses: records, JSON, webhooks."""

from typing import TYPE_CHECKING, Any

from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import node, user
from bot.sandbox.github.state import Deployment, DeploymentStatus, Repository

if TYPE_CHECKING:
    from bot.sandbox.github.world import World


def deployment_json(repo: Repository, one: Deployment) -> dict[str, Any]:
    at = f"{repo.api}/deployments/{one.id}"
    latest = one.statuses[-1].at if one.statuses else one.created_at
    return {
        "url": at,
        "id": one.id,
        "node_id": node("DE", one.id),
        "task": one.task,
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.description,
        "created_at": moment(one.created_at),
        "updated_at": moment(latest),
        "statuses_url": f"{at}/statuses",
        "repository_url": repo.api,
        "creator": user(repo.site.url, one.creator),
        "sha": one.sha,
        "ref": one.ref,
        "payload": one.payload,
        "transient_environment": one.transient,
        "production_environment": one.production,
        "performed_via_github_app": None,
    }


def status_json(repo: Repository, deployment: Deployment, one: DeploymentStatus) -> dict[str, Any]:
    at = f"{repo.api}/deployments/{deployment.id}"
    return {
        "url": f"{at}/statuses/{one.id}",
        "id": one.id,
        "node_id": node("DES", one.id),
        "state": one.state,
        "creator": user(repo.site.url, one.creator),
        "description": one.description,
        "environment": deployment.environment,
        "target_url": one.log_url,
        "created_at": moment(one.at),
        "updated_at": moment(one.at),
        "deployment_url": at,
        "repository_url": repo.api,
        "environment_url": one.environment_url,
        "log_url": one.log_url,
        "performed_via_github_app": None,
    }


def create(world: "World", repo: Repository, deployment: Deployment) -> None:
    with world.changed:
        repo.deployments.insert(0, deployment)
    said = deployment_json(repo, deployment)
    world.announce(repo, "deployment", "created", deployment.creator, deployment=said, workflow=None, workflow_run=None)


def mark(world: "World", repo: Repository, deployment: Deployment, status: DeploymentStatus) -> None:
    """Adds a status; a success makes the older successful deployments of that environment inactive."""
    with world.changed:
        deployment.statuses.append(status)
        older = repo.deployments[repo.deployments.index(deployment) + 1 :] if status.state == "success" else []
        over = [one for one in older if one.environment == deployment.environment and _stands(one)]
        for one in over:
            one.statuses.append(DeploymentStatus("inactive", status.creator))
        world.changed.notify_all()
    for one in [deployment, *over]:
        said = {"deployment": deployment_json(repo, one), "deployment_status": status_json(repo, one, one.statuses[-1])}
        world.announce(repo, "deployment_status", "created", status.creator, **said)


def _stands(one: Deployment) -> bool:
    return bool(one.statuses) and one.statuses[-1].state == "success" and not one.transient and not one.production
