"""A service: where it lives, how it is built, shipped, probed and mended."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from bot.sop.model import Frozen
from bot.sop.model import digest as digest_of
from bot.sop.policy.keys import Branch, Duration, HttpUrl, Label, Name, SlackChannel, WorkflowFile


class PushMode(StrEnum):
    BOT = "bot"  # the bot fast-forwards the designated branch when every gate is green
    WATCH = "watch"  # people push, the bot watches


class Compare(StrEnum):
    VALUE = "value"  # the same normalised body
    SHAPE = "shape"  # the same keys and types
    STATUS = "status"  # the same HTTP status only


class Probe(Frozen):
    """One request that shows core functionality (rule 5), played locally and in production."""

    name: Name
    path: str = Field(pattern=r"^/")
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, str] = {}  # a value `$NAME` is read from the environment
    body: Any = None  # sent as JSON
    safe: bool = False  # a person's word that a request other than GET and HEAD changes nothing
    ignore: tuple[str, ...] = ()  # dotted paths left out of the comparison: `served_at`, `items.*.id`
    compare: Compare = Compare.VALUE
    feature: Name | None = None

    @model_validator(mode="after")
    def _only_safe_requests(self) -> Self:
        if self.method not in ("GET", "HEAD") and not self.safe:
            raise ValueError(f"probe {self.name} sends {self.method}: say `safe: true` if it changes nothing")
        return self


class VersionSource(Frozen):
    """Where production says which commit it runs: a JSON field, or a header, of one path."""

    path: str = Field(default="/version", pattern=r"^/")
    field: str = "commit"  # dotted path into the JSON answer
    header: str | None = None  # read this header instead of the body
    map: dict[str, str] = {}  # a served name -> the commit it stands for


class Production(Frozen):
    url: HttpUrl
    version: VersionSource = VersionSource()
    samples: int = Field(default=10, ge=1, le=100)  # reads over fresh connections in one round
    update_within: Duration = timedelta(minutes=10)
    timeout: Duration = timedelta(seconds=5)  # of one read


class Local(Frozen):
    """How a developer's checkout is built and run (rules P3 and 1)."""

    build: str = Field(min_length=1)
    run: str = Field(min_length=1)  # `{port}` stands for a free port; PORT is set in the environment too
    url: HttpUrl = "http://127.0.0.1:{port}"
    ready: str = Field(default="/", pattern=r"^/")  # answers below 500 once the app is up
    build_within: Duration = timedelta(minutes=10)
    ready_within: Duration = timedelta(seconds=60)


class Requires(Frozen):
    """What the GitHub environment must have, by name, for a deploy to work (F2)."""

    variables: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class Ci(Frozen):
    workflows: tuple[WorkflowFile, ...] = Field(min_length=1)  # file names under .github/workflows; each must succeed
    start_within: Duration = timedelta(minutes=5)
    complete_within: Duration = timedelta(hours=1)
    deploy_jobs: tuple[str, ...] = ()  # jobs after whose begin a run is no longer cancelled
    environment: str | None = None  # the GitHub environment that is deployed to
    requires: Requires = Requires()


class Hotfix(Frozen):
    """H2: a minimal fix is at most this large, unless a second person accepts it."""

    max_files: int = Field(default=5, ge=1)
    max_lines: int = Field(default=100, ge=1)  # added and removed


class DecisionLog(Frozen):
    """H5, R4: where notes are kept, on a branch of its own."""

    branch: Branch = "decision-log"
    path: str = "decision_log.md"


class Service(Frozen):
    name: Name
    repository: str = Field(pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$")
    branch: Branch = "main"  # the designated branch
    channel: SlackChannel
    push: PushMode = PushMode.BOT
    features: tuple[Name, ...] = ()  # areas of this service; none named: all of them
    critical_label: Label = "critical"
    ci: Ci
    production: Production
    local: Local
    probes: tuple[Probe, ...] = Field(min_length=1)
    baseline: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")
    hotfix: Hotfix = Hotfix()
    irreversible_paths: tuple[str, ...] = ()  # migrations, data: a revert does not undo them
    decision_log: DecisionLog = DecisionLog()

    @property
    def lock(self) -> str:
        """The lock is per repository and branch; GitHub's names of repositories are the same in any case."""
        return f"{self.repository.lower()}@{self.branch}"

    @property
    def proof(self) -> str:
        """Digest of what a preflight must follow: how this service is built, run and probed."""
        plain = self.model_dump(mode="json", include={"name", "local", "probes"})
        return digest_of(plain)

    @model_validator(mode="after")
    def _probe_names_are_unique(self) -> Self:
        names = [p.name for p in self.probes]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"probe names are used twice: {', '.join(double)}")
        return self
