"""The panel's production section: what runs, and what a hand can do to it."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.controls import Line, Section, Tone, button
from bot.sandbox.world.world import World


@dataclass
class ProductionSection:
    world: World

    def section(self) -> Section:
        try:
            status = self.world.production.status()
        except NotPossible as refusal:
            return Section("production", "Production", (Line("Platform", str(refusal), "bad"),), ())
        controls = (
            button("finish", "Finish the last deploy", self._finish),
            button("restart", "Restart", self._restart),
        )
        return Section("production", "Production", self._lines(status), controls)

    def _lines(self, status: dict[str, Any]) -> tuple[Line, ...]:
        down = status["switches"]["down"]
        url = self.world.production.url
        address = Line("Address", f"{url} (down)" if down else url, "bad" if down else "plain", url)
        changed = [f"{name}={value}" for name, value in status["environment"].items()]
        settings = Line("By hand", ", ".join(changed) or "none", "bad" if changed else "plain")
        instances = (instance_line(one) for one in status["instances"])
        return (address, *instances, *(deploy_line(one) for one in status["deploys"][-1:]), settings)

    def _finish(self) -> str:
        self.world.production.finish()
        return "Every instance has what was handed over last"

    def _restart(self) -> str:
        self.world.production.restart()
        return "Both instances have been restarted"


def instance_line(one: dict[str, Any]) -> Line:
    edited = f", edited by hand: {', '.join(one['edited'])}" if one["edited"] else ""
    if not one["ready"]:
        return Line(f"Instance {one['name']}", f"not running ({one['commit'][:7]})", "bad")
    return Line(f"Instance {one['name']}", f"{one['commit'][:7]}{edited}", "bad" if edited else "good")


def deploy_line(deploy: dict[str, Any]) -> Line:
    tones: dict[str, Tone] = {"rolling": "busy", "failed": "bad"}
    what = f"#{deploy['id']} {deploy['commit'][:7]}: {deploy['message']}"
    return Line("Last deploy", what, tones.get(deploy["state"], "plain"))
