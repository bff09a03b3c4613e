"""A workflow file, read: what starts it, which jobs, which steps."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from bot.sandbox.github.ci.expressions import as_text


class WorkflowError(Exception):
    """The file is not a workflow that can start."""


@dataclass(frozen=True)
class Concurrency:
    group: str
    cancel: bool


@dataclass(frozen=True)
class StepPlan:
    name: str
    run: str | None
    uses: str | None
    given: dict[str, str]
    id: str | None
    condition: str | None
    env: dict[str, str]
    shell: str | None
    folder: str | None
    go_on: bool
    minutes: float | None


@dataclass(frozen=True)
class JobPlan:
    key: str
    name: str
    needs: tuple[str, ...]
    condition: str | None
    environment: str | None
    environment_url: str
    env: dict[str, str]
    steps: tuple[StepPlan, ...]
    concurrency: Concurrency | None
    minutes: float
    outputs: dict[str, str]
    matrix: dict[str, Any]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """triggers: event -> its filters."""

    name: str
    path: str
    title: str | None
    triggers: dict[str, dict[str, Any]]
    env: dict[str, str]
    jobs: tuple[JobPlan, ...]
    concurrency: Concurrency | None

    def runs_on_push(self, ref: str, touched: Iterable[str]) -> bool:
        """Does a push that moves `ref` and changes the paths `touched` start this?"""
        if "push" not in self.triggers:
            return False
        filters = self.triggers["push"]
        branch = ref.removeprefix("refs/heads/")
        if "branches" in filters and not matches(branch, _list(filters["branches"])):
            return False
        if "branches" not in filters and "branches-ignore" not in filters and "tags" in filters:
            return False
        if matches(branch, _list(filters.get("branches-ignore"))):
            return False
        paths = list(touched)
        if "paths" in filters and not any(matches(path, _list(filters["paths"])) for path in paths):
            return False
        ignored = _list(filters.get("paths-ignore"))
        return not (ignored and paths and all(matches(path, ignored) for path in paths))


def matches(name: str, patterns: Iterable[str]) -> bool:
    """GitHub's filter patterns: `*` stops at `/`, `**` does not, `!` takes out again; the last match decides."""
    found = False
    for pattern in patterns:
        wanted, text = (False, pattern[1:]) if pattern.startswith("!") else (True, pattern)
        if re.fullmatch(_regex(text), name):
            found = wanted
    return found


def _regex(pattern: str) -> str:
    parts = re.split(r"(\*\*/?|\*|\?|\+|\[[^\]]*\])", pattern)
    known = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "?", "+": "+"}
    return "".join(known.get(part, part if part.startswith("[") else re.escape(part)) for part in parts)


def read(path: str, text: str) -> Plan:
    """Raises WorkflowError with GitHub's kind of words."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise WorkflowError(f"You have an error in your yaml syntax: {problem}") from None
    if not isinstance(said, dict) or not isinstance(said.get("jobs"), dict) or not said["jobs"]:
        raise WorkflowError("No jobs were defined")
    # YAML 1.1 reads the key `on` as true.
    triggers = _triggers(said.get("on", said.get(True)))
    jobs = tuple(job for key, body in said["jobs"].items() for job in _jobs(str(key), body, said.get("defaults")))
    unknown = {need for job in jobs for need in job.needs} - {job.key for job in jobs}
    if unknown:
        raise WorkflowError(f"Job depends on unknown job '{min(unknown)}'")
    name = as_text(said.get("name")) or path
    title = as_text(said["run-name"]) if "run-name" in said else None
    return Plan(name, path, title, triggers, _texts(said.get("env")), jobs, _concurrency(said.get("concurrency")))


def _triggers(said: Any) -> dict[str, dict[str, Any]]:
    if isinstance(said, str):
        return {said: {}}
    if isinstance(said, list):
        return {str(event): {} for event in said}
    if isinstance(said, dict):
        return {str(event): filters if isinstance(filters, dict) else {} for event, filters in said.items()}
    raise WorkflowError("No event triggers defined in `on`")


def _list(said: Any) -> list[str]:
    return [] if said is None else [as_text(one) for one in said] if isinstance(said, list) else [as_text(said)]


def _texts(said: Any) -> dict[str, str]:
    return {str(name): as_text(value) for name, value in (said or {}).items()}


def _concurrency(said: Any) -> Concurrency | None:
    if said is None:
        return None
    if isinstance(said, dict):
        return Concurrency(as_text(said.get("group")), said.get("cancel-in-progress") in (True, "true"))
    return Concurrency(as_text(said), False)


def _jobs(key: str, body: Any, defaults: Any) -> list[JobPlan]:
    if not isinstance(body, dict) or not isinstance(body.get("steps"), list):
        raise WorkflowError(f"Job '{key}' has no steps")
    matrix = (body.get("strategy") or {}).get("matrix") or {}
    axes = {name: values for name, values in matrix.items() if isinstance(values, list) and name != "include"}
    combinations = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    return [_job(key, body, defaults, combination) for combination in combinations]


def _job(key: str, body: dict[str, Any], defaults: Any, matrix: dict[str, Any]) -> JobPlan:
    environment = body.get("environment")
    named = environment if isinstance(environment, dict) else {"name": environment}
    usual = ((defaults or {}).get("run") or {}) | ((body.get("defaults") or {}).get("run") or {})
    suffix = f" ({', '.join(as_text(value) for value in matrix.values())})" if matrix else ""
    return JobPlan(
        key=key,
        name=(as_text(body.get("name")) or key) + suffix,
        needs=tuple(_list(body.get("needs"))),
        condition=as_text(body["if"]) if "if" in body else None,
        environment=as_text(named.get("name")) or None,
        environment_url=as_text(named.get("url")),
        env=_texts(body.get("env")),
        steps=tuple(_step(key, number, one, usual) for number, one in enumerate(body["steps"])),
        concurrency=_concurrency(body.get("concurrency")),
        minutes=float(body.get("timeout-minutes", 360)),
        outputs=_texts(body.get("outputs")),
        matrix=matrix,
        labels=tuple(_list(body.get("runs-on"))),
    )


def _step(job: str, number: int, body: Any, usual: dict[str, Any]) -> StepPlan:
    if not isinstance(body, dict) or ("run" in body) == ("uses" in body):
        raise WorkflowError(f"Step {number + 1} of job '{job}' needs either run or uses")
    run, uses = body.get("run"), body.get("uses")
    first = as_text(run).strip().split("\n")[0] if run is not None else as_text(uses)
    folder, shell = body.get("working-directory", usual.get("working-directory")), body.get("shell", usual.get("shell"))
    return StepPlan(
        name=as_text(body.get("name")) or f"Run {first}",
        run=as_text(run) if run is not None else None,
        uses=as_text(uses) if uses is not None else None,
        given=_texts(body.get("with")),
        id=as_text(body["id"]) if "id" in body else None,
        condition=as_text(body["if"]) if "if" in body else None,
        env=_texts(body.get("env")),
        shell=as_text(shell) or None,
        folder=as_text(folder) or None,
        go_on=body.get("continue-on-error") in (True, "true"),
        minutes=float(body["timeout-minutes"]) if "timeout-minutes" in body else None,
    )
