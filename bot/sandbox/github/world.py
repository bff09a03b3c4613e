"""The whole of one sandbox GitHub: repositories, who knocks, switches, and what happens when a branch moves."""

import os
import shutil
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.github import hooks
from bot.sandbox.github.ci.scheduler import Scheduler
from bot.sandbox.github.config import GithubConfig
from bot.sandbox.github.faults import Faults
from bot.sandbox.github.git import ZERO, Git
from bot.sandbox.github.limits import Limits
from bot.sandbox.github.protection import Move, broken
from bot.sandbox.github.shapes import push_event, repository, user
from bot.sandbox.github.state import Activity, Environment, Label, Repository, RuleSuite, Site, now
from bot.sandbox.github.tokens import Issued
from bot.sandbox.github.webhooks import Webhooks

DEFAULT_LABELS = {"bug": "d73a4a", "documentation": "0075ca", "enhancement": "a2eeef", "critical": "b60205"}


@dataclass(frozen=True)
class RefUpdate:
    """kind: what the activity calls it; found out when not given."""

    ref: str
    before: str
    after: str
    kind: str | None = None


@dataclass
class World:
    """Everything behind the endpoints. `changed` guards and announces every change of the records."""

    config: GithubConfig
    site: Site = field(init=False)
    repositories: dict[str, Repository] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=20_000))
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    issued: dict[str, Issued] = field(default_factory=dict)  # by token
    webhooks: Webhooks = field(init=False)
    scheduler: Scheduler = field(init=False)
    side_url: str = ""

    def __post_init__(self) -> None:
        self.config.root = Path(self.config.root).resolve()
        self.config.root.mkdir(parents=True, exist_ok=True)
        self.site = Site(self.config.url.rstrip("/"), self.config.signing_keys)
        self.webhooks = Webhooks(self.config)
        self.scheduler = Scheduler(self)
        self.create_repository(self.config.owner, self.config.repo)

    def create_repository(self, owner: str, name: str, from_dir: Path | None = None) -> Repository:
        """Makes `root/owner/name.git` (or takes it over when it stands); `from_dir`'s files become the first commit."""
        path = self.config.root / owner / f"{name}.git"
        if not path.exists():
            path.mkdir(parents=True)
            Git(path).run("init", "--bare", "--quiet", "--initial-branch=main")
        repo = self.repositories.get(f"{owner}/{name}") or Repository(owner, name, Git(path), self.site)
        for key, value in (("http.receivepack", "true"), ("uploadpack.allowAnySHA1InWant", "true")):
            repo.git.run("config", key, value)
        if self.side_url:
            hooks.install(path, self.side_url, repo.full_name)
        if from_dir is not None and not repo.git.branches():
            _first_commit(repo.git, from_dir)
        config = self.config
        repo.labels = repo.labels or {label: Label(label, color) for label, color in DEFAULT_LABELS.items()}
        repo.variables, repo.secrets = dict(config.variables), dict(config.secrets)
        repo.protections = dict(config.protections)
        repo.environments.setdefault("production", Environment("production"))
        self.repositories[repo.full_name] = repo
        return repo

    def listening(self, side_url: str) -> None:
        """The side door is open: git's hooks can tell us of pushes from now on."""
        self.side_url = side_url
        for repo in self.repositories.values():
            hooks.install(repo.git.path, side_url, repo.full_name)

    def pushed(self, repo: Repository, login: str, updates: list[RefUpdate]) -> None:
        """Called after refs have moved, by a push or by the API: activity, webhooks, workflow runs."""
        for update in updates:
            with self.changed:
                repo.pushed_at = now()
                moved = _activity(repo, login, update)
                repo.activity.insert(0, moved)
                repo.rule_suites[:0] = _judged(repo, moved)
                self.changed.notify_all()
            self.webhooks.send("push", push_event(repo, login, update.ref, update.before, update.after))
            if update.ref.startswith("refs/heads/") and update.after != ZERO:
                self.scheduler.pushed(repo, login, update.ref, update.before, update.after)

    def announce(self, repo: Repository, event: str, action: str, sender: str, **parts: Any) -> None:
        """Sends a webhook with the parts every event has."""
        shared = {"repository": repository(repo), "sender": user(self.site.url, sender)}
        self.webhooks.send(event, {"action": action, **parts, **shared})


def _activity(repo: Repository, login: str, update: RefUpdate) -> Activity:
    if update.kind:
        kind = update.kind
    elif update.before == ZERO:
        kind = "branch_creation"
    elif update.after == ZERO:
        kind = "branch_deletion"
    else:
        kind = "push" if repo.git.is_ancestor(update.before, update.after) else "force_push"
    return Activity(kind, update.ref, update.before, update.after, login)


def _judged(repo: Repository, moved: Activity) -> list[RuleSuite]:
    """It has happened: what a rule would have refused went past it."""
    move = Move(moved.ref, moved.before, moved.after, moved.kind == "force_push")
    why = broken(repo, moved.actor, move)
    if why is None:
        return []
    return [RuleSuite("bypass" if why else "pass", moved.ref, moved.before, moved.after, moved.actor)]


def _first_commit(git: Git, from_dir: Path) -> None:
    index = git.path / "first-index"
    env = {"GIT_DIR": str(git.path), "GIT_WORK_TREE": str(Path(from_dir).resolve()), "GIT_INDEX_FILE": str(index)}
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _FIRST.items()}
    git.run("add", "--all", ".", env=env)
    tree = git.text("write-tree", env=env)
    index.unlink()
    sha = git.text("commit-tree", tree, "-m", "Initial commit", env=who)
    git.run("update-ref", "refs/heads/main", sha, ZERO)


_FIRST = {"NAME": "Alice Ade", "EMAIL": "alice@example.com"}


def remove_workspaces(root: Path) -> None:
    shutil.rmtree(root / "_work", ignore_errors=True)
    os.makedirs(root / "_work", exist_ok=True)
