"""Prints the part of requirements.txt that the bot itself needs, with the same pins and hashes: requirements-run.txt.

What is needed is read from the installed packages, beginning with Slipway's own dependencies and setuptools, which
builds its package. Run it in the environment that requirements.txt made.
"""

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).parent.parent / "requirements.txt"


def needed() -> set[str]:
    """Names of everything that Slipway needs at run time, its own excepted."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [("slipway", frozenset[str]()), ("setuptools", frozenset[str]())]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for line in distribution(name).requires or ():
            wanted = Requirement(line)
            asked = [{"extra": extra} for extra in extras or {""}]
            if wanted.marker is None or any(wanted.marker.evaluate(one) for one in asked):
                waiting.append((plain(wanted.name), frozenset(wanted.extras)))
    return {name for name, _ in seen} - {"slipway"}


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entries() -> dict[str, str]:
    """Name -> its lines in the lock, without the comments on who wants it."""
    kept = "".join(line for line in LOCK.read_text(encoding="utf-8").splitlines(keepends=True) if not comment(line))
    return {
        plain(re.split(r"[=\s]", entry, maxsplit=1)[0]): entry
        for entry in re.findall(r"^\S.*(?:\n\s.*)*\n", kept, re.M)
    }


def comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def runtime_lock() -> str:
    """The text of requirements-run.txt."""
    wanted = needed()
    return "".join(entry for name, entry in entries().items() if name in wanted)


if __name__ == "__main__":
    print(runtime_lock(), end="")
