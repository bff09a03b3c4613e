"""Runs one job: its steps as real processes in a fresh workspace."""

import json
import os
import platform
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.github.ci import uses
from bot.sandbox.github.ci.contexts import github_context, job_scope, secrets_of
from bot.sandbox.github.ci.expressions import ExpressionError, Scope, fill, holds
from bot.sandbox.github.ci.log import JobLog
from bot.sandbox.github.ci.runs import Job, Run, Step
from bot.sandbox.github.ci.workflow import StepPlan
from bot.sandbox.github.shapes import user_id
from bot.sandbox.github.state import now

if TYPE_CHECKING:
    from bot.sandbox.github.world import World

GRACE = 1.5  # seconds a cancelled or late step gets between SIGINT and SIGKILL
_OURS = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


class JobRun:
    """One job from set up to clean up; `run` answers its conclusion."""

    def __init__(self, world: "World", run: Run, job: Job) -> None:
        self.world, self.of, self.job = world, run, job
        self.home = world.config.root / "_work" / str(job.id)
        self.workspace = self.home / run.repo.name
        self.files = {name: self.home / "_commands" / name for name in ("env", "output", "path", "step_summary")}
        self.log = JobLog(job.log.append, secrets_of(run, job.plan.environment).values())
        self.env: dict[str, str] = {}
        self.paths: list[str] = []
        self.steps: dict[str, dict[str, object]] = {}
        self.state = "success"
        self.deadline = time.monotonic() + job.plan.minutes * 60

    def run(self) -> str:
        try:
            self._set_up()
            for plan, step in zip(self.job.plan.steps, self.job.steps[1:], strict=False):
                self._step(plan, step)
            self._finish()
        finally:
            self.job.annotations += self.log.annotations
            shutil.rmtree(self.home, ignore_errors=True)
        return "cancelled" if self.job.cancel else self.state

    def _set_up(self) -> None:
        names = ["Set up job", *(plan.name for plan in self.job.plan.steps), "Complete job"]
        scope = self._scope()
        self.job.steps = [Step(number, _named(name, scope)) for number, name in enumerate(names, 1)]
        first = self.job.steps[0]
        first.status, first.started_at = "in_progress", now()
        self.workspace.mkdir(parents=True)
        next(iter(self.files.values())).parent.mkdir()
        self.log.write("Current runner version: '2.330.0'")
        self.log.write("##[group]Operating System")
        self.log.write(platform.platform())
        self.log.write("##[endgroup]")
        self.log.write(f"Complete job name: {self.job.name}")
        self._done(first, "success")

    def _finish(self) -> None:
        last = self.job.steps[-1]
        last.started_at = now()
        self.log.write("Cleaning up orphan processes")
        self.job.outputs = {name: fill(text, self._scope()) for name, text in self.job.plan.outputs.items()}
        self._done(last, "success")

    def _done(self, step: Step, conclusion: str) -> None:
        with self.world.changed:
            step.started_at = step.started_at or now()
            step.status, step.conclusion, step.completed_at = "completed", conclusion, now()
            self.world.changed.notify_all()

    def _scope(self) -> Scope:
        given = job_scope(self.of, self.job)
        contexts = dict(given.contexts) | {
            "env": {**given.contexts["env"], **self.env},
            "steps": self.steps,
            "job": {"status": self.state},
            "runner": {"os": "Linux", "temp": str(self.home), "name": f"GitHub Actions {self.job.runner}"},
        }
        contexts["github"] = {**contexts["github"], "workspace": str(self.workspace), "job": self.job.plan.key}
        return Scope(contexts, "cancelled" if self.job.cancel else self.state)

    def _step(self, plan: StepPlan, step: Step) -> None:
        self.job.cancelled.clear()
        try:
            goes = self.job.cancel != "force" and holds(plan.condition, self._scope())
        except ExpressionError as problem:
            goes = False
            self.state = "failure"
            self.log.failed(f"The template is not valid. {problem}")
        if not goes:
            self._done(step, "cancelled" if self.job.cancel else "skipped")
            return
        with self.world.changed:
            step.status, step.started_at = "in_progress", now()
            self.world.changed.notify_all()
        for file in self.files.values():
            file.write_text("")
        ended = self._perform(plan)
        outputs = _pairs(self.files["output"])
        self.env |= _pairs(self.files["env"])
        self.paths = [*reversed(self.files["path"].read_text().split("\n")[:-1]), *self.paths]
        conclusion = "success" if ended == "failure" and plan.go_on else ended
        if plan.id:
            self.steps[plan.id] = {"outputs": outputs, "outcome": ended, "conclusion": conclusion}
        if conclusion == "failure":
            self.state = "failure"
        self._done(step, conclusion)

    def _perform(self, plan: StepPlan) -> str:
        if self.world.faults.step_delay:
            self.job.cancelled.wait(self.world.faults.step_delay)
        scope = self._scope()
        try:
            if plan.uses is not None:
                given = {name: fill(value, scope) for name, value in plan.given.items()}
                return uses.perform(self.world, self.of, self.log, self.workspace, plan.uses, given)
            return self._shell(plan, scope)
        except ExpressionError as problem:
            self.log.failed(f"The template is not valid. {problem}")
            return "failure"

    def _shell(self, plan: StepPlan, scope: Scope) -> str:
        text = fill(plan.run or "", scope)
        env = {name: fill(value, scope) for name, value in {**self._declared(), **plan.env}.items()}
        shell = {"bash": "bash --noprofile --norc -eo pipefail {0}", "sh": "sh -e {0}"}.get(
            plan.shell or "", plan.shell if plan.shell and "{0}" in plan.shell else "bash -e {0}"
        )
        self._announce(text, shell, env)
        script = self.home / "_commands" / "step.sh"
        script.write_text(text if text.endswith("\n") else f"{text}\n")
        folder = self.workspace / fill(plan.folder or ".", scope)
        if not folder.is_dir():
            self.log.failed(f"An error occurred trying to start process with working directory '{folder}'.")
            return "failure"
        command = [part.replace("{0}", str(script)) for part in shell.split()]
        return self._process(command, folder, self._environment() | env, plan.minutes)

    def _declared(self) -> dict[str, str]:
        return {**self.of.plan.env, **self.job.plan.env, **self.env}

    def _announce(self, text: str, shell: str, env: dict[str, str]) -> None:
        lines = text.rstrip("\n").split("\n")
        self.log.write(f"##[group]Run {lines[0]}")
        for line in lines:
            self.log.write(f"\x1b[36;1m{line}\x1b[0m")
        self.log.write(f"shell: {shell}")
        if env:
            self.log.write("env:")
        for name, value in env.items():
            self.log.write(f"  {name}: {value}")
        self.log.write("##[endgroup]")

    def _environment(self) -> dict[str, str]:
        said = github_context(self.of)
        event = self.home / "_commands" / "event.json"
        event.write_text(json.dumps(said["event"]))
        env = {name: os.environ[name] for name in _OURS if name in os.environ}
        env |= {f"GITHUB_{name.upper()}": str(value) for name, value in said.items() if name != "event"}
        env |= {f"GITHUB_{name.upper()}": str(path) for name, path in self.files.items()}
        env |= {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR_ID": str(user_id(self.of.actor)),
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_JOB": self.job.plan.key,
            "GITHUB_WORKSPACE": str(self.workspace),
            "HOME": str(self.home),
            "RUNNER_NAME": f"GitHub Actions {self.job.runner}",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.home),
        }
        env["PATH"] = os.pathsep.join([*self.paths, env.get("PATH", os.defpath)])
        return env | self.world.config.job_env

    def _process(self, command: list[str], folder: Path, env: dict[str, str], minutes: float | None) -> str:
        deadline = min(self.deadline, time.monotonic() + minutes * 60) if minutes else self.deadline
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        self.job.process = process
        if self.job.cancelled.is_set():
            self.job.kill(signal.SIGKILL)
        late = self._await(process, deadline)
        # What the step left running in the background would hold the pipe open.
        _end_group(process.pid)
        reader.join(2)
        self.job.process = None
        if self.job.cancelled.is_set():
            self.job.cancelled.clear()  # steps with always() still run
            self.log.failed("The operation was canceled.")
            return "cancelled"
        if late:
            self.log.failed("The action has timed out.")
            return "failure"
        if process.returncode:
            self.log.failed(f"Process completed with exit code {process.returncode}.")
        return "failure" if process.returncode else "success"

    def _await(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        """Waits for the end; True when it came too late. A cancelled step that does not listen is killed."""
        while process.poll() is None:
            try:
                process.wait(max(0.01, min(0.3, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                if time.monotonic() >= deadline:
                    self.job.kill(signal.SIGKILL)
                    process.wait()
                    return True
                if self.job.cancelled.is_set():
                    deadline = min(deadline, time.monotonic() + GRACE)
        return False

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            for line in process.stdout:
                self.log.printed(line.decode(errors="replace").rstrip("\r\n"))


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _named(name: str, scope: Scope) -> str:
    try:
        return fill(name, scope)
    except ExpressionError:
        return name


def _pairs(file: Path) -> dict[str, str]:
    """name=value lines, and name<<END blocks."""
    found: dict[str, str] = {}
    lines = iter(file.read_text(errors="replace").split("\n"))
    for line in lines:
        name, equals, value = line.partition("=")
        block, arrows, end = line.partition("<<")
        if arrows and (not equals or len(block) < len(name)):
            taken = []
            for inner in lines:
                if inner == end:
                    break
                taken.append(inner)
            found[block] = "\n".join(taken)
        elif equals:
            found[name] = value
    return found
