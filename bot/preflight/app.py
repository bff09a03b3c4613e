"""Building the checkout and running its app."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.preflight.processes import running, tail
from bot.production import play
from bot.sop.facts import Check
from bot.sop.policy import Compare, Local, Probe

LAST_WORDS: Final = 2.0  # seconds that an app which answers no more is given to end
POLL: Final = 0.05  # seconds between two questions whether the app is up
ONE_QUESTION: Final = timedelta(seconds=2)


class NotRunning(Exception):
    """The app does not run: one line of what was seen, and its last lines."""

    def __init__(self, seen: str, detail: tuple[str, ...] = ()) -> None:
        super().__init__(seen)
        self.seen, self.detail = seen, detail


@dataclass(frozen=True)
class App:
    """An app that has become ready."""

    url: str
    seconds: float  # until it was ready
    process: subprocess.Popen[bytes]
    log: Path

    def ended(self, env: Mapping[str, str], within: float = 0) -> NotRunning | None:
        """Why it runs no more; None: it does. `within`: seconds that an app which answers no more is given to end."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(within)
        return NotRunning(f"the app {_how(self.process)}", tail(self.log, env)) if _is_over(self.process) else None


def build(local: Local, root: Path, env: Mapping[str, str], scratch: Path) -> Check:
    """Runs the build command, for at most `build_within` (P3)."""
    begun = time.monotonic()
    log = scratch / "build.log"
    with running(local.build, root, env, log) as process:
        try:
            code = process.wait(local.build_within.total_seconds())
        except subprocess.TimeoutExpired:
            seen = f"`{local.build}` did not finish within {spoken(local.build_within.total_seconds())}"
            return Check(name="build", ok=False, seen=seen, detail=tail(log, env))
    if code:
        return Check(name="build", ok=False, seen=f"`{local.build}` {_how(process)}", detail=tail(log, env))
    return Check(name="build", ok=True, seen=f"built in {spoken(time.monotonic() - begun)}")


@contextmanager
def running_app(local: Local, root: Path, env: Mapping[str, str], scratch: Path) -> Iterator[App]:
    """The app, ready, for as long as the block lasts. Raises NotRunning when it does not become so."""
    begun = time.monotonic()
    port = _port(local)
    url = local.url.replace("{port}", str(port))
    log = scratch / "run.log"
    command = local.run.replace("{port}", str(port))
    with running(command, root, {**env, "PORT": str(port)}, log) as process:
        while not _is_up(url, local.ready):
            waited = time.monotonic() - begun
            if _is_over(process):
                raise NotRunning(f"the app {_how(process)} after {spoken(waited)}", tail(log, env))
            if waited > local.ready_within.total_seconds():
                within = spoken(local.ready_within.total_seconds())
                raise NotRunning(f"the app did not answer at {local.ready} within {within}", tail(log, env))
            time.sleep(POLL)
        app = App(url, time.monotonic() - begun, process, log)
        over = app.ended(env)  # then somebody else answered
        if over:
            raise over
        yield app


def _port(local: Local) -> int:
    """A free port; or the one that sop.yaml names, which must be free. Raises NotRunning."""
    if "{port}" in local.url:
        with socket.create_server(("127.0.0.1", 0)) as free:
            return int(free.getsockname()[1])
    address = urlsplit(local.url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", port), timeout=1).close()
    except OSError:
        return port
    raise NotRunning(f"port {port} is in use: stop what listens there, or write {{port}} into local.url and local.run")


def _is_up(url: str, path: str) -> bool:
    (found,) = play((Probe(name="ready", path=path, compare=Compare.STATUS),), url, {}, ONE_QUESTION)
    return found.status is not None and found.status < 500


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"was ended by signal {-code}" if code < 0 else f"exited with {code}"


def spoken(seconds: float) -> str:
    """`0.3 s`, `4 s`, `2 min`."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
