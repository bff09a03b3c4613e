"""What the sandbox GitHub remembers besides git: plain records."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.github.config import Protection
from bot.sandbox.github.git import Git

if TYPE_CHECKING:
    from bot.sandbox.github.ci.runs import Run

# Begins at the clock, so that ids of an earlier start of the sandbox are not given out again.
_ids = itertools.count(int(time.time()) * 1000)


def new_id() -> int:
    return next(_ids)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Site:
    """Where the server is reached (known once it listens), and whose signing keys it knows (login -> public keys)."""

    url: str = ""
    signing_keys: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Comment:
    user: str
    body: str
    id: int = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass
class Issue:
    number: int
    title: str
    user: str
    body: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    id: int = field(default_factory=new_id)
    comments: list[Comment] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None
    closed_by: str | None = None
    is_pull: bool = False


@dataclass
class Pull:
    """A pull request. base_sha: the base's tip when it was merged."""

    issue: Issue
    head: str
    base: str
    head_sha: str
    id: int = field(default_factory=new_id)
    base_sha: str | None = None
    merge_sha: str | None = None
    merged_at: datetime | None = None
    merged_by: str | None = None


@dataclass
class Label:
    name: str
    color: str = "ededed"
    description: str | None = None
    id: int = field(default_factory=new_id)


@dataclass
class Status:
    """A commit status; state: error | failure | pending | success."""

    sha: str
    context: str
    state: str
    creator: str
    description: str | None = None
    target_url: str | None = None
    id: int = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass
class DeploymentStatus:
    state: str
    creator: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""
    id: int = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass
class Deployment:
    sha: str
    ref: str
    environment: str
    creator: str
    task: str = "deploy"
    description: str | None = None
    payload: Any = field(default_factory=dict)
    production: bool = False
    transient: bool = False
    id: int = field(default_factory=new_id)
    statuses: list[DeploymentStatus] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)


@dataclass
class Environment:
    """reviewers: the logins of whom one has to approve before a job may use it."""

    name: str
    reviewers: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    id: int = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)


@dataclass
class Activity:
    """kind: push | force_push | branch_creation | branch_deletion | pr_merge."""

    kind: str
    ref: str
    before: str
    after: str
    actor: str
    id: int = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass
class RuleSuite:
    """What the rules of a branch said of a move that happened; result: pass | bypass."""

    result: str
    ref: str
    before: str
    after: str
    actor: str
    id: int = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass
class Workflow:
    path: str
    name: str
    id: int = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)


@dataclass
class Repository:
    owner: str
    name: str
    git: Git
    site: Site
    id: int = field(default_factory=new_id)
    default_branch: str = "main"
    created_at: datetime = field(default_factory=now)
    pushed_at: datetime = field(default_factory=now)
    issues: list[Issue] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    environments: dict[str, Environment] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    activity: list[Activity] = field(default_factory=list)
    rule_suites: list[RuleSuite] = field(default_factory=list)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    runs: list["Run"] = field(default_factory=list)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def next_number(self) -> int:
        return 1 + max((one.number for one in self.issues), default=0)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def api(self) -> str:
        return f"{self.site.url}/repos/{self.full_name}"

    @property
    def html(self) -> str:
        return f"{self.site.url}/{self.full_name}"
