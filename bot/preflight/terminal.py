"""What a preflight shows while it works."""

from rich.console import Console
from rich.status import Status
from rich.text import Text

from bot.sop.facts import Check

DOING = {
    "clean": "looking at the working tree",
    "branch": "looking at the branch",
    "commits": "reading the commits",
    "build": "building",
    "run": "starting the app",
    "probes": "playing the probes",
}


class Terminal:
    """Lines for people. Everything from outside goes out as plain text: no markup, no wrapping of what is copied."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def doing(self, what: str) -> None:
        """Says what is being worked on now, on a line that the result replaces."""
        self.rest()
        self._status = self._console.status(Text(what))
        self._status.start()

    def rest(self) -> None:
        """Takes the line of what is being worked on away (before a prompt, at the end)."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def check(self, check: Check) -> None:
        self.rest()
        mark, style = ("✓", "green") if check.ok else ("✗", "bold red")
        self._line(Text.assemble((f"{mark} {check.name:<8}", style), " ", check.seen))
        for line in check.detail:
            self._line(Text(f"    {line}", "" if check.ok else "dim"))

    def say(self, text: str, style: str = "") -> None:
        self.rest()
        self._line(Text(text, style))

    def _line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
