"""Where a demo lives: a folder, and the ports of its parts, which a kept demo finds again."""

import fcntl
import json
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

MARK = "slipway-demo.json"
LOCK = "slipway-demo.lock"  # held by the demo that runs there, whose process it names
ANY = range(20_000, 32_000)  # below those that systems give to clients, who would take one between look and use


class CannotStart(Exception):
    """The demo cannot start as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Ports:
    page: int
    github: int
    production: int
    world: int
    bot: int


@dataclass(frozen=True)
class Place:
    """`root` holds everything of one demo."""

    root: Path
    ports: Ports
    kept: bool = False

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


@contextmanager
def place(keep: Path | None, fresh: bool, page: int | None) -> Iterator[Place]:
    """A kept folder, or one that is gone afterwards. `page`: the port of the page, None for any. Raises CannotStart."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="slipway-demo-", ignore_cleanup_errors=True) as folder:
            yield Place(Path(folder), _ports({}, page))
        return
    root = keep.expanduser().resolve()
    known = _known(root)
    _made(root)
    with _held(root):
        if fresh:
            _empty(root)
        ports = _ports({} if fresh else known, page)
        (root / MARK).write_text(json.dumps(asdict(ports)) + "\n", encoding="utf-8")
        yield Place(root, ports, kept=True)


def _made(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        writable = os.access(root, os.W_OK | os.X_OK)
    except OSError as error:
        raise CannotStart(f"{root} cannot be made ({error.strerror}): name another folder with --keep") from None
    if not writable:
        raise CannotStart(f"{root} cannot be written to: name another folder with --keep")


@contextmanager
def _held(root: Path) -> Iterator[None]:
    """The folder is this process's, until it ends in whatever way. Raises CannotStart when it is another demo's."""
    with (root / LOCK).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            by = lock.read().strip()
            holder = f"process {by}" if by else "another demo"
            raise CannotStart(f"{root} is in use by {holder}: stop it, or choose another folder") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _empty(root: Path) -> None:
    for found in root.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        elif found.name != LOCK:
            found.unlink()


def _known(root: Path) -> dict[str, int]:
    """The ports of the demo kept in a folder. Raises CannotStart when the folder holds something else."""
    if not root.exists() or (root.is_dir() and {found.name for found in root.iterdir()} <= {LOCK}):
        return {}
    try:
        known: dict[str, int] = json.loads((root / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CannotStart(f"{root} is not empty and holds no demo: name another folder with --keep") from None
    return known


def _ports(known: dict[str, int], page: int | None) -> Ports:
    """What is running under its old address keeps it: production's is in the policy of releases under way."""
    wanted = {name: known.get(name, 0) for name in Ports.__dataclass_fields__} | {"page": page or 0}
    held: list[socket.socket] = []
    try:
        return Ports(**{name: _port(name, number, held) for name, number in wanted.items()})
    finally:
        for listener in held:
            listener.close()


def _port(name: str, wanted: int, held: list[socket.socket]) -> int:
    """A port that is free, kept so until the caller lets go of `held`. Raises CannotStart."""
    for number in [wanted] if wanted else random.sample(ANY, 50):
        listener = socket.socket()
        held.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            return number
        except OSError as error:
            why = error.strerror
    mend = (
        "choose another one with --port"
        if name == "page"
        else "end what uses it, or throw this world away with --fresh"
    )
    raise CannotStart(f"port {number} cannot be used for {_NAMES[name]} ({why}): {mend}")


_NAMES = {"page": "the page", "github": "GitHub", "production": "production", "world": "the world", "bot": "the bot"}
