"""The panel's switches: everything that can be made to go wrong."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.panel.controls import Control, Line, Section, button, switch
from bot.sandbox.world.world import World


@dataclass
class Switches:
    world: World

    def section(self) -> Section:
        on = self.world.github.switches()
        return Section(
            "switches", "Break things", self._lines(), (*self._ci(on), *self._production(), *self._github(on))
        )

    def _lines(self) -> tuple[Line, ...]:
        try:
            critical = self.world.github.open_criticals()
        except NotPossible as refusal:
            return (Line("CRITICAL", str(refusal), "bad"),)
        titles = ", ".join(f"#{issue['number']} {issue['title']}" for issue in critical)
        return (Line("CRITICAL", titles or "none open", "bad" if critical else "good"),)

    def _ci(self, on: dict[str, bool]) -> tuple[Control, ...]:
        github = self.world.github
        return (
            switch(
                "failing_test",
                "A test fails in CI",
                on["failing_test"],
                github.failing_test,
                "The supplier's service is offline; preflight does not run the tests",
            ),
            switch("never_starts", "CI never starts", on["never_starts"], github.never_starts),
            switch("slow_ci", "CI is slow", on["slow_ci"], github.slow_ci, "Two seconds more a step"),
            switch("hold_deploy", "The deploy job stays queued", on["hold_deploy"], github.hold_deploy),
        )

    def _production(self) -> tuple[Control, ...]:
        production = self.world.production
        try:
            status = production.status()
        except NotPossible:
            return ()
        on = status["switches"]
        behaves = "SHOP_DISCOUNT_PERCENT" in status["environment"]
        return (
            switch(
                "stall",
                "The next deploy stalls",
                on["stall_next_deploy"],
                production.stall_next_deploy,
                "CI is green, production does not change",
            ),
            switch(
                "half_fleet",
                "Deploys reach half of the fleet",
                on["half_fleet"],
                production.half_fleet,
                "Switched off, the other instance catches up",
            ),
            switch(
                "behaviour",
                "Production behaves differently",
                behaves,
                production.change_behaviour,
                "A setting is changed by hand, the version stays",
            ),
            switch("down", "Production is down", on["down"], production.down),
            switch("slow", "Production is slow", on["slow"] > 0, lambda wanted: production.slow(3 if wanted else 0)),
        )

    def _github(self, on: dict[str, bool]) -> tuple[Control, ...]:
        github = self.world.github
        return (
            Control("open_critical", "Open CRITICAL", self._open, "text", "", hint="What is broken"),
            button("close_criticals", "Close every CRITICAL", self._close),
            switch("github_down", "GitHub is down", on["down"], github.down),
            switch("webhooks_off", "GitHub sends no webhooks", on["webhooks_off"], github.webhooks_off),
        )

    def _open(self, value: Any) -> str:
        number = self.world.github.open_critical(str(value or "").strip() or "Checkout is broken")
        return f"Issue #{number} is open"

    def _close(self) -> str:
        return f"{self.world.github.close_criticals()} closed"
