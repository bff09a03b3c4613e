"""The panel's CI section: the latest runs at the sandbox's GitHub, and what a person may do to them there."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.controls import Line, Section, Tone, button
from bot.sandbox.world.world import World

RUNS_SHOWN = 4


@dataclass
class Ci:
    """`logs`: of runs that have ended, by run id and attempt; GitHub gives a log only then."""

    world: World
    logs: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def section(self) -> Section:
        github = self.world.github
        try:
            runs = github.runs(RUNS_SHOWN)
        except NotPossible as refusal:
            return Section("ci", "CI", (Line("GitHub", str(refusal), "bad"),), ())
        controls = (button("cancel", "Cancel the last", self._cancel),)
        lines = tuple(run_line(run) for run in runs) or (Line("Runs", "none yet"),)
        return Section("ci", "CI", lines, controls, self._log(runs))

    def _log(self, runs: list[dict[str, Any]]) -> list[str]:
        if not runs or runs[0]["status"] != "completed":
            return []
        key = (runs[0]["id"], runs[0]["run_attempt"])
        if key not in self.logs:
            self.logs = {key: self.world.github.log_lines(runs[0]["id"])}
        return self.logs[key]

    def _last(self) -> dict[str, Any]:
        runs = self.world.github.runs(1)
        if not runs:
            raise NotPossible("There is no run yet")
        return runs[0]

    def _cancel(self) -> str:
        run = self._last()
        self.world.github.cancel(run["id"])
        return f"Run {run['run_number']} is being cancelled"


def run_line(run: dict[str, Any]) -> Line:
    """One run as the panel shows it."""
    state = run["conclusion"] or run["status"]
    tones: dict[str, Tone] = {"success": "good", "in_progress": "busy", "queued": "busy", "waiting": "busy"}
    attempt = f", attempt {run['run_attempt']}" if run["run_attempt"] > 1 else ""
    label = f"{run['name']} #{run['run_number']}"
    value = f"{state.replace('_', ' ')} · {run['head_branch']} {run['head_sha'][:7]}{attempt}"
    return Line(label, value, tones.get(state, "bad"), run["html_url"])
