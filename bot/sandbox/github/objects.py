"""Commits and changed files as git has them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.github.git import Git


@dataclass(frozen=True)
class Stamp:
    """Who and when, as a commit says it."""

    name: str
    email: str
    at: datetime

    def json(self) -> dict[str, str]:
        return {"name": self.name, "email": self.email, "date": moment(self.at)}


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Stamp
    committer: Stamp
    message: str
    signature: str | None
    payload: str


@dataclass(frozen=True)
class FileChange:
    """status: added | removed | modified | renamed | changed; `patch` is None for binary files."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    previous: str | None
    patch: str | None


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp(line: str) -> Stamp:
    who, _, rest = line.rpartition("> ")
    name, _, email = who.rpartition(" <")
    return Stamp(name, email, datetime.fromtimestamp(int(rest.split()[0]), UTC))


def parse_commit(sha: str, raw: bytes) -> Commit:
    text = raw.decode(errors="replace")
    head, _, message = text.partition("\n\n")
    fields: list[tuple[str, str]] = []
    for line in head.split("\n"):
        if line.startswith(" "):
            key, value = fields[-1]
            fields[-1] = (key, f"{value}\n{line[1:]}")
        else:
            key, _, value = line.partition(" ")
            fields.append((key, value))
    first = dict(reversed(fields))
    unsigned = "\n".join(f"{key} {value}".replace("\n", "\n ") for key, value in fields if key != "gpgsig")
    return Commit(
        sha,
        first["tree"],
        tuple(value for key, value in fields if key == "parent"),
        _stamp(first["author"]),
        _stamp(first["committer"]),
        message.removesuffix("\n"),
        first.get("gpgsig"),
        f"{unsigned}\n\n{message}",
    )


def commits(git: Git, shas: Iterable[str]) -> list[Commit]:
    return [parse_commit(sha, raw) for sha, raw in git.objects(shas)]


def commit(git: Git, sha: str) -> Commit:
    return commits(git, [sha])[0]


def _counts(out: bytes) -> dict[str, tuple[int, int]]:
    """path -> (additions, deletions), from `--numstat -z`."""
    parts = iter(out.decode(errors="replace").split("\0"))
    counted: dict[str, tuple[int, int]] = {}
    for part in parts:
        if not part:
            continue
        added, deleted, path = part.split("\t", 2)
        if not path:
            next(parts)
            path = next(parts)
        counted[path] = (0 if added == "-" else int(added), 0 if deleted == "-" else int(deleted))
    return counted


def _patches(out: bytes) -> list[str | None]:
    """The hunks of each file, in the order of `--raw`; content lines never begin with `diff --git`."""
    found: list[str | None] = []
    for piece in ("\n" + out.decode(errors="replace")).split("\ndiff --git ")[1:]:
        _, mark, hunks = piece.partition("\n@@ ")
        found.append(f"@@ {hunks}".removesuffix("\n") if mark else None)
    return found


_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


def changes(git: Git, base: str | None, head: str) -> list[FileChange]:
    """What differs from `base` (None: everything is new) to `head`."""
    span = ["--root", "--no-commit-id", head] if base is None else [base, head]
    raw = git.run("diff-tree", "-r", "-M", "--raw", "-z", "--no-abbrev", *span)
    counted = _counts(git.run("diff-tree", "-r", "-M", "--numstat", "-z", *span))
    patches = iter(_patches(git.run("diff-tree", "-r", "-M", "-p", *span)))
    parts = iter(raw.decode(errors="replace").split("\0"))
    found = []
    for part in parts:
        if not part:
            continue
        _, _, old, new, letter = part.split(" ")
        path, previous = next(parts), None
        if letter[0] in "RC":
            path, previous = next(parts), path
        added, deleted = counted.get(path, (0, 0))
        sha = old if letter[0] == "D" else new
        found.append(FileChange(path, _STATUS[letter[0]], sha, added, deleted, previous, next(patches, None)))
    return found
