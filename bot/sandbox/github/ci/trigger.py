"""What starts a run: a push, a dispatch, a re-run."""

import re
import threading
from typing import TYPE_CHECKING, Any

from bot.sandbox.github.ci import workflow as files
from bot.sandbox.github.ci.expressions import ExpressionError, Scope, fill
from bot.sandbox.github.ci.runs import Attempt, Job, Run
from bot.sandbox.github.git import ZERO
from bot.sandbox.github.objects import commit
from bot.sandbox.github.shapes import simple_commit
from bot.sandbox.github.state import Repository, Workflow, now

if TYPE_CHECKING:
    from bot.sandbox.github.world import World

FOLDER = ".github/workflows"
_MARKERS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
_TRAILER = re.compile(r"\n\nskip-checks: ?true\s*$", re.IGNORECASE)


def skips(message: str) -> bool:
    """Does this commit message keep a push from starting workflows?"""
    return any(marker in message for marker in _MARKERS) or bool(_TRAILER.search(message))


def workflow_files(repo: Repository, sha: str) -> dict[str, str]:
    """path -> text of the workflow files in that commit."""
    listed = repo.git.text("ls-tree", "-r", "-z", "--name-only", sha, "--", FOLDER).split("\0")
    paths = [path for path in listed if path.endswith((".yml", ".yaml")) and path.count("/") == 2]
    return {path: repo.git.run("show", f"{sha}:{path}").decode(errors="replace") for path in paths}


def known(repo: Repository, path: str, name: str) -> Workflow:
    held = repo.workflows.setdefault(path, Workflow(path, name))
    held.name = name
    return held


def discover(repo: Repository) -> list[Workflow]:
    """The workflows of the default branch and those that have run."""
    head = repo.git.commit_of(repo.default_branch)
    for path, text in (workflow_files(repo, head) if head else {}).items():
        try:
            name = files.read(path, text).name
        except files.WorkflowError:
            name = path
        known(repo, path, name)
    return list(repo.workflows.values())


def on_push(world: "World", repo: Repository, login: str, ref: str, before: str, after: str) -> None:
    if world.faults.never_starts or skips(commit(repo.git, after).message):
        return
    if world.faults.appear_after:
        timer = threading.Timer(world.faults.appear_after, _start_all, (world, repo, login, ref, before, after))
        timer.daemon = True
        timer.start()
        world.faults.late.append(timer)
        return
    _start_all(world, repo, login, ref, before, after)


def appear(world: "World") -> None:
    """Runs that are late show up now."""
    late, world.faults.late = world.faults.late, []
    for timer in late:
        if not timer.finished.is_set():
            timer.cancel()
            timer.function(*timer.args)


def _start_all(world: "World", repo: Repository, login: str, ref: str, before: str, after: str) -> None:
    span = [before, after] if before != ZERO else ["--root", "--no-commit-id", after]
    listed = repo.git.text("diff-tree", "-r", "--no-renames", "--name-only", "-z", *span)
    touched = [path for path in listed.split("\0") if path]
    for path, text in workflow_files(repo, after).items():
        try:
            plan = files.read(path, text)
        except files.WorkflowError as problem:
            _unreadable(world, repo, path, login, ref, after, str(problem))
            continue
        if plan.runs_on_push(ref, touched):
            start(world, repo, plan, "push", ref, after, login)


def start(
    world: "World",
    repo: Repository,
    plan: files.Plan,
    event: str,
    ref: str,
    sha: str,
    login: str,
    inputs: dict[str, Any] | None = None,
) -> Run:
    workflow, branch = known(repo, plan.path, plan.name), ref.removeprefix("refs/heads/")
    head = simple_commit(repo, sha)
    title = head["message"].split("\n")[0] if event == "push" else plan.name
    with world.changed:
        number = 1 + sum(run.workflow is workflow for run in repo.runs)
        run = Run(repo, workflow, plan, number, event, sha, branch, login, title, head, inputs or {})
        if plan.title:
            run.title = _titled(plan.title, run)
        repo.runs.insert(0, run)
        attempt(world, run, login, [Job(job, 1, job.name) for job in plan.jobs])
    return run


def _titled(title: str, run: Run) -> str:
    github = {"sha": run.sha, "ref_name": run.branch, "actor": run.actor, "event_name": run.event}
    try:
        return fill(title, Scope({"github": github, "inputs": run.inputs}))
    except ExpressionError:
        return title


def _unreadable(world: "World", repo: Repository, path: str, login: str, ref: str, sha: str, why: str) -> None:
    """GitHub shows a file it cannot read as a run that failed at once, named after its path."""
    with world.changed:
        plan = files.Plan(path, path, None, {}, {}, (), None)
        run = start(world, repo, plan, "push", ref, sha, login)
        run.latest.status, run.latest.conclusion = "completed", "failure"
        run.title = f"{path}: {why}"
        world.changed.notify_all()


def attempt(world: "World", run: Run, login: str, jobs: list[Job]) -> None:
    """Begins the next attempt of a run with these jobs."""
    with world.changed:
        run.attempts.append(Attempt(len(run.attempts) + 1, login, jobs))
        world.scheduler.announce_run(run, "requested")
        for job in jobs:
            if job.status == "queued":
                world.scheduler.announce_job(run, job, "queued")
        world.scheduler.active.append(run)
        world.changed.notify_all()


def rerun(world: "World", run: Run, login: str, only: set[str] | None = None) -> None:
    """A new attempt: every job, or those whose keys are in `only` and all that need them; others stay as they are."""
    with world.changed:
        number = len(run.attempts) + 1
        again = {job.key for job in run.plan.jobs} if only is None else _with_dependents(run, only)
        jobs = [Job(job.plan, number, job.plan.name) if job.plan.key in again else job for job in run.latest.jobs]
        attempt(world, run, login, jobs)


def _with_dependents(run: Run, keys: set[str]) -> set[str]:
    found = set(keys)
    while more := {job.key for job in run.plan.jobs if found & set(job.needs)} - found:
        found |= more
    return found


def failed_keys(run: Run) -> set[str]:
    return {job.plan.key for job in run.latest.jobs if job.conclusion not in ("success", "skipped", "neutral")}


def finish(world: "World", run: Run) -> None:
    """Concludes the latest attempt when all its jobs are completed."""
    last = run.latest
    conclusions = {job.conclusion for job in last.jobs}
    if world.faults.conclude_next:
        last.conclusion = world.faults.conclude_next.pop(0)
    elif "failure" in conclusions:
        last.conclusion = "failure"
    elif last.cancel or "cancelled" in conclusions:
        last.conclusion = "cancelled"
    else:
        last.conclusion = "skipped" if conclusions == {"skipped"} else "success"
    last.status, last.updated_at = "completed", now()
