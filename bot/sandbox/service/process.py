"""Commands that end when the process that started them ends, however that dies."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

KEEPER = Path(__file__).parent / "keeper.py"


class Kept:
    """A running command in its own process group; its output goes to the end of the file `log`."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), *command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """The process that keeps the command; gone when the command is."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """The command's exit code (128 + n when signal n ended it). Raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout)

    def stop(self) -> None:
        """Ends the command's whole process group and waits until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
