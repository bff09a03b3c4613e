"""Which job goes next: needs, conditions, approvals, concurrency groups, free runners."""

import signal
import threading
from typing import TYPE_CHECKING, Any

from bot.sandbox.github import deployments
from bot.sandbox.github.ci import trigger
from bot.sandbox.github.ci.contexts import job_scope
from bot.sandbox.github.ci.execute import JobRun
from bot.sandbox.github.ci.expressions import ExpressionError, fill, holds
from bot.sandbox.github.ci.runs import Attempt, Job, Run, job_json, run_json, workflow_json
from bot.sandbox.github.ci.workflow import Concurrency
from bot.sandbox.github.shapes import ACTIONS_LOGIN
from bot.sandbox.github.state import Deployment, DeploymentStatus, Environment, Repository, now

if TYPE_CHECKING:
    from bot.sandbox.github.world import World


class Scheduler:
    """One thread that looks at every unfinished run whenever something has changed."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.active: list[Run] = []
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._running: list[Job] = []
        self._moved = False

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self.world.changed:
            self._stopping = True
            for job in self._running:
                job.cancel = "force"
                job.cancelled.set()
                job.kill(signal.SIGKILL)
            self.world.changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=3)

    def pushed(self, repo: Repository, login: str, ref: str, before: str, after: str) -> None:
        trigger.on_push(self.world, repo, login, ref, before, after)

    def cancel(self, run: Run, force: bool = False) -> None:
        """Asks running steps to end; jobs that have not begun never do, unless they say `always()`."""
        with self.world.changed:
            run.latest.cancel = "force" if force else "soft"
            for job in run.latest.jobs:
                if job.status == "in_progress" and job in self._running:
                    job.cancel = run.latest.cancel
                    job.cancelled.set()
                    job.kill(signal.SIGKILL if force else signal.SIGINT)
            self._changed()

    def _loop(self) -> None:
        with self.world.changed:
            while not self._stopping:
                self._moved = False
                for run in list(self.active):
                    self._tend(run)
                if not self._moved:
                    self.world.changed.wait(5)

    def _tend(self, run: Run) -> None:
        last = run.latest
        if last.status == "completed":
            self.active.remove(run)
            return
        if last.cancel != "" or self._admitted(run, last):
            for job in last.jobs:
                if job.status in ("queued", "waiting"):
                    self._advance(run, last, job)
        if all(job.status == "completed" for job in last.jobs):
            trigger.finish(self.world, run)
            self.active.remove(run)
            self.announce_run(run, "completed")
            self._changed()
        else:
            self._restate(run, last)

    def _restate(self, run: Run, last: Attempt) -> None:
        """The attempt's status is what its jobs say."""
        statuses = {job.status for job in last.jobs}
        if last.status != "pending" or "in_progress" in statuses:
            if "in_progress" in statuses or ("completed" in statuses and "queued" in statuses):
                stands = "in_progress"
            else:
                stands = "waiting" if "waiting" in statuses else "queued"
            if stands != last.status:
                last.status, last.updated_at = stands, now()
                if stands == "in_progress":
                    self.announce_run(run, "in_progress")
                self._changed()

    def _changed(self) -> None:
        self._moved = True
        self.world.changed.notify_all()

    def _admitted(self, run: Run, last: Attempt) -> bool:
        """May this run go on, as far as its concurrency group is concerned?"""
        if run.plan.concurrency is None or any(job.started_at for job in last.jobs if job.attempt == last.number):
            return True
        wanted = self._group(run, None, run.plan.concurrency)
        same = [
            one
            for one in self.active
            if one is not run and one.latest.status != "completed"
            if self._group(one, None, one.plan.concurrency) == wanted
        ]
        for one in same:
            replaced = one.latest.status == "pending" or run.plan.concurrency.cancel
            if one.id < run.id and replaced and not one.latest.cancel:
                self.cancel(one)
        holds = [one for one in same if one.latest.status == "in_progress" or one.id < run.id]
        last.status = "pending" if holds else "queued" if last.status == "pending" else last.status
        return not holds

    def _group(self, run: Run, job: Job | None, asked: Concurrency | None) -> str:
        return fill(asked.group, job_scope(run, job)) if asked else ""

    def _advance(self, run: Run, last: Attempt, job: Job) -> None:
        needed = [other for other in last.jobs if other.plan.key in job.plan.needs]
        if any(other.status != "completed" for other in needed):
            return
        try:
            goes = last.cancel != "force" and holds(job.plan.condition, job_scope(run, job))
        except ExpressionError as problem:
            job.annotations.append({"annotation_level": "failure", "message": str(problem)})
            self._end(run, job, "failure")
            return
        if not goes:
            self._end(run, job, "cancelled" if last.cancel else "skipped")
        elif job.rejected:
            self._end(run, job, "failure")
        elif self._environment_open(run, job) and not self._held(run, job):
            self._begin(run, job)

    def _end(self, run: Run, job: Job, conclusion: str) -> None:
        job.status, job.conclusion = "completed", conclusion
        job.started_at = job.started_at or now()
        job.completed_at = now()
        if job.deployment is not None:
            self._deployed(run, job, conclusion if conclusion in ("success", "failure") else "error")
        self.announce_job(run, job, "completed")
        self._changed()

    def _environment_open(self, run: Run, job: Job) -> bool:
        name = job.plan.environment
        if name is None:
            return True
        name = fill(name, job_scope(run, job))
        place = run.repo.environments.setdefault(name, Environment(name))
        if not place.reviewers or job.approved:
            return True
        if job.status != "waiting":
            job.status = "waiting"
            self._deploy(run, job, name, "pending")
            self.announce_job(run, job, "waiting")
            self._changed()
        return False

    def _held(self, run: Run, job: Job) -> bool:
        """Kept back by a switch, by its concurrency group or because no runner is free."""
        held = self.world.faults.held_jobs
        if "*" in held or job.plan.key in held or job.name in held:
            return True
        if len(self._running) >= self.world.config.slots:
            return True
        if job.plan.concurrency is None:
            return False
        wanted = self._group(run, job, job.plan.concurrency)
        return any(
            self._group(other_run, other, other.plan.concurrency) == wanted
            for other_run in self.active
            for other in other_run.latest.jobs
            if other in self._running and other.plan.concurrency is not None
        )

    def _begin(self, run: Run, job: Job) -> None:
        job.status, job.started_at = "in_progress", now()
        taken = {other.runner for other in self._running}
        job.runner = next(number for number in range(1, self.world.config.slots + 1) if number not in taken)
        self._running.append(job)
        if job.plan.environment is not None:
            self._deploy(run, job, fill(job.plan.environment, job_scope(run, job)), "in_progress")
        self.announce_job(run, job, "in_progress")
        threading.Thread(target=self._work, args=(run, job), name=f"job {job.id}", daemon=True).start()
        self._changed()

    def _work(self, run: Run, job: Job) -> None:
        conclusion = "failure"
        try:
            conclusion = JobRun(self.world, run, job).run()
        finally:
            with self.world.changed:
                self._running.remove(job)
                self._end(run, job, conclusion)

    def _deploy(self, run: Run, job: Job, environment: str, state: str) -> None:
        if job.deployment is None:
            job.deployment = Deployment(run.sha, run.branch, environment, ACTIONS_LOGIN)
            deployments.create(self.world, run.repo, job.deployment)
        self._deployed(run, job, state)

    def _deployed(self, run: Run, job: Job, state: str) -> None:
        if job.deployment is not None:
            url = fill(job.plan.environment_url, job_scope(run, job))
            status = DeploymentStatus(state, ACTIONS_LOGIN, log_url=f"{run.html}/job/{job.id}", environment_url=url)
            deployments.mark(self.world, run.repo, job.deployment, status)

    def announce_run(self, run: Run, action: str) -> None:
        said: dict[str, Any] = {"workflow": workflow_json(run.repo, run.workflow), "workflow_run": run_json(run)}
        self.world.announce(run.repo, "workflow_run", action, run.latest.actor, **said)

    def announce_job(self, run: Run, job: Job, action: str) -> None:
        self.world.announce(run.repo, "workflow_job", action, run.latest.actor, workflow_job=job_json(run, job))
