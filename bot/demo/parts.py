"""Processes of the demo: started, awaited, and ended together, whatever ends first."""

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 30.0  # seconds until a part that is not ready counts as failed
GRACE = 6.0  # seconds between asking a part to end and killing it
SHOWN = 15  # lines of the log of a part that failed


class PartFailed(Exception):
    """A part has ended, or was never ready; the message says which, with the last lines of its log."""


@dataclass(frozen=True)
class Part:
    """One process with its log. It ends when its standard input closes, so also when this process is killed."""

    name: str  # as it is shown: `GitHub`
    log: Path
    process: "subprocess.Popen[bytes]"
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def killed(self) -> bool:
        """Ended by a signal, not by itself."""
        return (self.process.poll() or 0) < 0

    def go(self) -> None:
        """Lets a part begin that has been waiting for a line on its standard input; nothing when it has ended."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.write(b"go\n")

    def tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
        return "\n".join(f"  {line}" for line in lines[-SHOWN:]) or "  (it wrote nothing)"


@dataclass
class Parts:
    """Everything that has been started. Leaving the `with` ends all of it."""

    logs: Path
    started: list[Part] = field(default_factory=list)
    _ended: "queue.Queue[Part]" = field(default_factory=queue.Queue)

    def __enter__(self) -> "Parts":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str], *, shown: bool = False) -> Part:
        """`shown`: it writes to this terminal, not to a log."""
        log = self.logs / f"{name.lower()}.log"
        log.unlink(missing_ok=True)
        return self._start(name, tuple(command), env, log, shown=shown)

    def again(self, part: Part) -> Part:
        """The same once more; its log goes on."""
        return self._start(part.name, part.command, part.env, part.log)

    def _start(
        self, name: str, command: tuple[str, ...], env: Mapping[str, str], log: Path, shown: bool = False
    ) -> Part:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                bufsize=0,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=None if shown else output,
                stderr=None if shown else subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this process only, which ends the others in order
            )
        part = Part(name, log, process, command, env)
        self.started.append(part)
        threading.Thread(target=self._watch, args=[part], daemon=True).start()
        return part

    def until_ready(self, part: Part, ready: Callable[[Part], bool]) -> None:
        """Raises PartFailed when the part ends first, or takes too long."""
        until = time.monotonic() + PATIENCE
        while not ready(part):
            if part.process.poll() is not None:
                raise PartFailed(
                    f"{part.name} ended while starting (exit code {part.process.returncode}):\n{part.tail()}"
                )
            if time.monotonic() > until:
                raise PartFailed(f"{part.name} was not ready after {PATIENCE:.0f} s:\n{part.tail()}")
            time.sleep(0.02)

    def until_ended(self, wanted: Part | None = None) -> int:
        """The exit code of `wanted`, once it has ended. Raises PartFailed when another part ends first."""
        ended = self.next_ended()
        if ended is wanted:
            return ended.process.returncode
        raise failed(ended)

    def next_ended(self) -> Part:
        """Waits for it."""
        return self._ended.get()

    def end(self) -> None:
        """Asks every part to end, and kills what does not."""
        for part in self.started:
            if part.process.stdin is not None:
                part.process.stdin.close()
        until = time.monotonic() + GRACE
        for part in self.started:
            try:
                part.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(part.process.pid, signal.SIGKILL)
                part.process.wait()

    def _watch(self, part: Part) -> None:
        part.process.wait()
        self._ended.put(part)


def failed(part: Part) -> PartFailed:
    """What to raise for a part that has ended and should not have."""
    return PartFailed(f"{part.name} has ended (exit code {part.process.returncode}):\n{part.tail()}")


def said_ready(part: Part) -> bool:
    """The sandbox's parts say `ready http://…` on a line of their own."""
    return any(
        line.startswith("ready ") for line in part.log.read_text(encoding="utf-8", errors="replace").splitlines()
    )
