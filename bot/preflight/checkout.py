"""Reading a developer's git checkout. Nothing here changes it, but for the remote's branch as last fetched."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WAIT: Final = 60.0  # seconds for a git command on this machine
WAIT_REMOTE: Final = 120.0  # seconds for one that talks to the remote


class Trouble(Exception):
    """Preflight cannot be done at all; the text says why and what to do."""


class GitFailed(Exception):
    """A git command failed; the text is what git said."""


@dataclass(frozen=True)
class Head:
    commit: str
    tree: str
    branch: str | None  # None: detached


@dataclass(frozen=True)
class LocalCommit:
    sha: str
    parents: tuple[str, ...]
    message: str

    @property
    def title(self) -> str:
        return f"{self.sha[:7]} {self.message.strip().splitlines()[0] if self.message.strip() else '(no message)'}"


@dataclass(frozen=True)
class Untidy:
    """One path that keeps the tree from being clean."""

    kind: str  # changed, untracked, conflicted, hidden, submodule
    path: str


@dataclass(frozen=True)
class Checkout:
    """A git checkout; `env` is what git runs in. Methods raise GitFailed with git's words."""

    root: Path
    env: Mapping[str, str]

    def git(self, *arguments: str, wait: float = WAIT) -> str:
        return run_git(self.root, self.env, *arguments, wait=wait)

    def head(self) -> Head:
        commit, tree = self.git("rev-parse", "HEAD^{commit}", "HEAD^{tree}").split()
        try:
            branch = self.git("symbolic-ref", "--quiet", "--short", "HEAD").strip()
        except GitFailed:
            branch = ""
        return Head(commit, tree, branch or None)

    def untidy(self) -> tuple[Untidy, ...]:
        """Everything uncommitted: changed, untracked unless ignored, conflicted, in submodules, or hidden from git."""
        status = ["status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none"]
        return *_read_status(self.git(*status)), *self._hidden(), *self._missing_submodules()

    def _hidden(self) -> list[Untidy]:
        """Files that git was told not to look at (assume-unchanged; skip-worktree and yet there)."""
        listed = [(line[:1], line[2:]) for line in self.git("ls-files", "-v", "-z").split("\0") if line]
        return [
            Untidy("hidden", path)
            for tag, path in listed
            if (tag.islower() and tag != "s") or (tag in "Ss" and (self.root / path).exists())
        ]

    def _missing_submodules(self) -> list[Untidy]:
        if not (self.root / ".gitmodules").exists():
            return []
        lines = self.git("submodule", "status").splitlines()
        return [Untidy("submodule", f"{line.split()[1]} (not checked out)") for line in lines if line.startswith("-")]

    def remote(self, repository: str) -> str:
        """The remote that is `owner/name`, else origin. Raises Trouble when there is neither."""
        names = self.git("remote").split()
        found = self._remotes_of(repository, names) + [name for name in names if name == "origin"]
        if not found:
            raise Trouble(f"this checkout has no remote for {repository}: git remote add origin …")
        return found[0]

    def is_of(self, repository: str) -> bool:
        return bool(self._remotes_of(repository, self.git("remote").split()))

    def _remotes_of(self, repository: str, names: list[str]) -> list[str]:
        addresses = {name: self.git("remote", "get-url", name).strip().rstrip("/").lower() for name in names}
        ending = re.compile(rf"[/:]{re.escape(repository.lower())}(\.git)?$")
        return [name for name, address in addresses.items() if ending.search(address)]

    def fetch(self, remote: str, branch: str) -> str:
        """Fetches a branch and says its tip."""
        tracking = f"refs/remotes/{remote}/{branch}"
        refspec = f"+refs/heads/{branch}:{tracking}"
        self.git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, refspec, wait=WAIT_REMOTE)
        return self.git("rev-parse", f"{tracking}^{{commit}}").strip()

    def tip_at(self, remote: str, branch: str) -> str | None:
        """The tip of a branch at the remote now; None: it is not there."""
        listed = self.git("ls-remote", remote, f"refs/heads/{branch}", wait=WAIT_REMOTE).split()
        return listed[0] if listed else None

    def contains(self, commit: str) -> bool:
        """Whether HEAD contains a commit."""
        return self.git("rev-list", "--count", "-1", commit, "--not", "HEAD").strip() == "0"

    def count(self, commits: str) -> int:
        return int(self.git("rev-list", "--count", commits))

    def commits(self, commits: str) -> tuple[LocalCommit, ...]:
        """Commits of a range, newest first."""
        listed = self.git("log", "-z", "--no-show-signature", "--format=%H%x1f%P%x1f%B", commits)
        found = (record.split("\x1f", 2) for record in listed.split("\0") if record)
        return tuple(LocalCommit(sha, tuple(parents.split()), message) for sha, parents, message in found)


def open_checkout(folder: Path, env: Mapping[str, str]) -> Checkout:
    """The checkout that a folder is in. Raises Trouble: no folder, no git, no checkout, no commit, a shallow clone."""
    if not folder.is_dir():
        raise Trouble(f"there is no folder {folder}")
    try:
        root = run_git(folder, env, "rev-parse", "--show-toplevel").rstrip("\n")
        shallow = run_git(folder, env, "rev-parse", "--is-shallow-repository").strip() == "true"
    except FileNotFoundError as e:
        raise Trouble("git is not installed") from e
    except GitFailed as said:
        raise Trouble(f"{folder.resolve()} is no git checkout: {said}") from said
    if shallow:
        raise Trouble("this is a shallow clone: its history is cut off. Run: git fetch --unshallow")
    try:
        run_git(folder, env, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitFailed as said:
        raise Trouble("this checkout has no commit yet") from said
    return Checkout(Path(root), env)


def run_git(folder: Path, env: Mapping[str, str], *arguments: str, wait: float = WAIT) -> str:
    """What a git command wrote. Raises GitFailed with what git said, FileNotFoundError when there is no git."""
    quiet = {**env, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, timeout=wait
        )
    except subprocess.TimeoutExpired as e:
        raise GitFailed(f"git {arguments[0]} did not finish within {wait:g} s") from e
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GitFailed(said or f"git {arguments[0]} ended with {done.returncode}")
    return done.stdout.decode(errors="replace")


def _read_status(porcelain: str) -> list[Untidy]:
    """Entries of `git status --porcelain=v2 -z`."""
    found = []
    entries = iter(porcelain.split("\0"))
    for entry in entries:
        kind, _, rest = entry.partition(" ")
        if kind == "?":
            found.append(Untidy("untracked", rest))
        elif kind in ("1", "2", "u"):
            fields = rest.split(" ", {"1": 7, "2": 8, "u": 9}[kind])
            plain = "conflicted" if kind == "u" else "changed"
            found.append(Untidy("submodule" if fields[1].startswith("S") else plain, fields[-1]))
        if kind == "2":
            next(entries)  # the path it was renamed from
    return found
