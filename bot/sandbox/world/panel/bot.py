"""The panel's section of the bot itself: it can be killed, to see what that loses."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.controls import Line, Section, button


@dataclass
class BotSection:
    """`pid_file`: where whoever runs the bot writes its process id, and takes it away when it has ended."""

    pid_file: Path
    killed: int = 0

    def section(self) -> Section:
        pid = self._pid()
        stands = (
            Line("Process", f"{pid}, running", "good") if pid else Line("Process", "ended; it is started again", "busy")
        )
        often = Line("Killed", f"{self.killed} time{'' if self.killed == 1 else 's'}")
        kill = button(
            "kill",
            "Kill the bot (kill -9)",
            self._kill,
            "As a power cut would. It is started again; a release under way goes on, nothing is posted twice",
        )
        return Section("bot", "Slipway", (stands, often) if self.killed else (stands,), (kill,))

    def _kill(self) -> str:
        pid = self._pid()
        if not pid:
            raise NotPossible("The bot is not running")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.killed += 1
        return "The bot is killed; what it had not finished, the next one goes on with"

    def _pid(self) -> int:
        """0 while none runs."""
        try:
            return int(self.pid_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0
