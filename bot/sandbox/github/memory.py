"""What a GitHub remembers besides git, kept in a file: issues, pull requests, runs with their logs, activity."""

from pathlib import Path
from typing import Any

from bot.sandbox.github.ci.runs import Attempt, Job
from bot.sandbox.github.state import Repository
from bot.sandbox.github.world import World
from bot.sandbox.kept import Keeper, dump, load

# Not what the world sets up anew each time it starts: variables, secrets, protections.
KEPT = (
    *("id", "created_at", "pushed_at", "issues", "pulls", "labels", "statuses", "deployments", "environments"),
    *("activity", "rule_suites", "workflows", "runs"),
)


def keeper(world: World, file: Path) -> Keeper:
    """Keeps the world in `file`; what stands there already is remembered first. Start it, and stop it at the end."""
    if file.exists():
        _remember(world, file.read_text(encoding="utf-8"))
    return Keeper(file, lambda: _told(world))


def _told(world: World) -> str:
    with world.changed:
        everything = {name: {one: getattr(repo, one) for one in KEPT} for name, repo in world.repositories.items()}
        return dump(everything, world.repositories)


def _remember(world: World, text: str) -> None:
    known: dict[str, dict[str, Any]] = load(text, world.repositories)
    with world.changed:
        for name, members in known.items():
            repo = world.repositories[name]
            for one, value in members.items():
                setattr(repo, one, value)
            _go_on(world, repo)
        world.changed.notify_all()


def _go_on(world: World, repo: Repository) -> None:
    """Runs that had not ended: jobs that were under way begin again."""
    for run in reversed(repo.runs):
        if run.latest.status != "completed":
            _requeue(run.latest)
            world.scheduler.active.append(run)


def _requeue(last: Attempt) -> None:
    last.jobs = [_anew(job) if job.status == "in_progress" else job for job in last.jobs]
    last.status = "queued"


def _anew(job: Job) -> Job:
    return Job(job.plan, job.attempt, job.name, id=job.id, deployment=job.deployment, approved=job.approved)
