"""`slipway demo` as a process, and every process that it has started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; the machine may be busy


@dataclass
class Demo:
    process: "subprocess.Popen[str]"
    said: str = ""

    def until(self, words: str) -> str:
        """Reads what it prints up to the line that contains these words; what came before is in `said` too."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return line
        raise AssertionError(f"it ended without saying {words!r}:\n{self.said}")

    def ended(self) -> int:
        """Its exit code; whatever it still printed is in `said`."""
        assert self.process.stdout
        self.said += self.process.stdout.read()
        return self.process.wait(PATIENCE)

    def descendants(self) -> dict[int, str]:
        """pid -> command line of all that it has started, and what that has started."""
        table = processes()
        found = {self.process.pid}
        while more := {pid for pid, (parent, _) in table.items() if parent in found} - found:
            found |= more
        return {pid: table[pid][1] for pid in found - {self.process.pid}}


def processes() -> dict[int, tuple[int, str]]:
    """pid -> (pid of the parent, command line) of everything that runs; zombies do not."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = (line.split(None, 3) for line in listed.stdout.splitlines())
    return {int(row[0]): (int(row[1]), row[3]) for row in rows if len(row) == 4 and not row[2].startswith("Z")}


def left_of(before: dict[int, str]) -> dict[int, str]:
    """Those that still run when they have had time to end."""
    until = time.monotonic() + PATIENCE
    while True:
        now = processes()
        left = {pid: args for pid, args in before.items() if pid in now and now[pid][1] == args}
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.1)


@contextmanager
def demo(*arguments: str) -> Iterator[Demo]:
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", *arguments]
    env = os.environ | {"PYTHONPATH": str(ROOT), "GITHUB_TOKEN": "ghp_of_somebody_else"}
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    running = Demo(process)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        running.ended()
