"""One instance of the deployed service: a directory of its own, a process, an address."""

import http.client
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.service.process import Kept

ANNOUNCEMENT = "listening on http://127.0.0.1:"
START_WITHIN = 10.0  # seconds


class NotStarted(Exception):
    """The deployed service did not become healthy; the message says what was seen, `log` holds its last lines."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


@dataclass
class Instance:
    """A deployed copy and, once `start` has returned, its running process."""

    name: str
    directory: Path
    commit: str
    port: int = 0  # 0 until it is healthy
    edited: list[str] = field(default_factory=list)  # paths changed by hand since the deploy
    process: Kept | None = None

    @property
    def log(self) -> Path:
        return self.directory.with_name(self.directory.name + ".log")

    @property
    def originals(self) -> Path:
        """The files edited by hand as they were deployed."""
        return self.directory.with_name(self.directory.name + ".deployed")

    @property
    def ready(self) -> bool:
        return self.port != 0 and self.process is not None and self.process.alive

    def start(self, environment: Mapping[str, str]) -> None:
        """Starts the process and waits until it is healthy. Raises NotStarted, with nothing left running."""
        self.log.unlink(missing_ok=True)
        env = {**os.environ, **environment, "PORT": "0", "PYTHONUNBUFFERED": "1"}
        self.process = Kept([str(self.directory / "bin/run")], self.directory, env, self.log)
        until = time.monotonic() + START_WITHIN
        while not self._healthy():
            if not self.process.alive or time.monotonic() > until:
                seen = "ended at its start" if not self.process.alive else f"was not healthy in {START_WITHIN:.0f} s"
                self.stop()
                raise NotStarted(f"instance {self.name} {seen}", self.tail())
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.port = 0
            self.process.stop()
            self.process = None

    def tail(self, lines: int = 20) -> str:
        """The last lines that the process has written."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _healthy(self) -> bool:
        announced = self.log.read_text(encoding="utf-8", errors="replace").partition(ANNOUNCEMENT)[2]
        if "\n" not in announced:
            return False
        port = int(announced.split()[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            healthy = connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.port = port if healthy else 0
        return healthy
