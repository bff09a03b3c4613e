"""One repository on disk, driven by the `git` command."""

import functools
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
SHA = re.compile(r"[0-9a-f]{40}")
OF_SHAS = re.compile(rf"{SHA.pattern}(\.\.{SHA.pattern})?(\^{{\w+}})?")
NO_NAME = re.compile(r"^-|\.\.|[\^~:\s]|@\{")
READING = ("cat-file", "diff-tree", "merge-base", "rev-list", "rev-parse")
_CLEAN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def environment(**more: str) -> dict[str, str]:
    """Our own environment without a caller's GIT_* variables and configuration files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | _CLEAN | more


class GitError(Exception):
    """git ended with a failure; the message is what it wrote."""


@dataclass(frozen=True)
class Git:
    path: Path

    def run(self, *args: str, feed: bytes | None = None, env: dict[str, str] | None = None) -> bytes:
        """What a command prints; where it cannot change any more, it is asked once. Raises GitError."""
        if feed is None and env is None and _lasts(args):
            return _remembered(self.path, args)
        return _run(self.path, args, feed, env)

    def text(self, *args: str, feed: bytes | None = None, env: dict[str, str] | None = None) -> str:
        return self.run(*args, feed=feed, env=env).decode(errors="replace").strip()

    def works(self, *args: str) -> bool:
        try:
            self.run(*args)
        except GitError:
            return False
        return True

    def commit_of(self, name: str) -> str | None:
        """The commit a branch, tag, full ref or SHA (also a short one) stands for."""
        if not name or NO_NAME.search(name):
            return None
        if SHA.fullmatch(name):
            try:
                return self.text("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            except GitError:
                return None
        names = (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}", name)
        asked = "".join(f"{one}^{{commit}}\n" for one in names)
        answers = self.text("cat-file", "--batch-check=%(objecttype) %(objectname)", feed=asked.encode())
        found = (line.removeprefix("commit ") for line in answers.splitlines() if line.startswith("commit "))
        return next((sha for sha in found if SHA.fullmatch(sha)), None)

    def ref(self, name: str) -> str | None:
        """The object a full ref name points at, or None."""
        found = dict(self.refs(name))
        return found.get(name)

    def refs(self, prefix: str) -> list[tuple[str, str]]:
        """(name, sha) of the refs that are `prefix` or stand below it."""
        listed = self.text("for-each-ref", "--format=%(refname) %(objectname)", prefix)
        return [(name, sha) for name, _, sha in (line.partition(" ") for line in listed.splitlines())]

    def branches(self) -> dict[str, str]:
        return {name.removeprefix("refs/heads/"): sha for name, sha in self.refs("refs/heads")}

    def type_of(self, sha: str) -> str | None:
        if not sha or sha.startswith("-"):
            return None
        try:
            return self.text("cat-file", "-t", sha)
        except GitError:
            return None

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.works("merge-base", "--is-ancestor", older, newer)

    def merge_base(self, one: str, other: str) -> str | None:
        try:
            return self.text("merge-base", one, other)
        except GitError:
            return None

    def count(self, span: str) -> int:
        return int(self.text("rev-list", "--count", span))

    def shas(self, *span: str) -> list[str]:
        return self.text("rev-list", *span).split()

    def objects(self, shas: Iterable[str]) -> list[tuple[str, bytes]]:
        """(sha, raw content) of each object, in the order asked."""
        wanted = tuple(shas)
        return list(_objects(self.path, wanted)) if wanted else []


def _run(path: Path, args: tuple[str, ...], feed: bytes | None = None, env: dict[str, str] | None = None) -> bytes:
    command = ["git", *args]
    done = subprocess.run(
        command, cwd=path, input=feed, capture_output=True, env=environment(**(env or {})), check=False
    )
    if done.returncode:
        raise GitError(done.stderr.decode(errors="replace").strip() or f"git {args[0]} failed")
    return done.stdout


def _lasts(args: tuple[str, ...]) -> bool:
    """Whether this reads nothing but what full SHAs stand for."""
    command, *rest = args
    named = [one for one in rest if not one.startswith("-")]
    moves = {"--all", "--not"} & {*rest}
    return command in READING and bool(named) and not moves and all(OF_SHAS.fullmatch(one) for one in named)


@functools.lru_cache(maxsize=2000)
def _remembered(path: Path, args: tuple[str, ...]) -> bytes:
    return _run(path, args)


@functools.lru_cache(maxsize=500)
def _objects(path: Path, wanted: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    out = _run(path, ("cat-file", "--batch"), "\n".join(wanted).encode() + b"\n")
    found, at = [], 0
    for _ in wanted:
        end = out.index(b"\n", at)
        sha, _kind, size = out[at:end].decode().split(" ")
        found.append((sha, out[end + 1 : end + 1 + int(size)]))
        at = end + 2 + int(size)
    return tuple(found)
