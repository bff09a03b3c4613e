"""The panel's switches: everything that can be made to go wrong."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.changes import ROOM, NotPossible
from bot.sandbox.world.panel.controls import Control, Line, Section, button, switch
from bot.sandbox.world.world import World


@dataclass
class Switches:
    world: World

    def section(self) -> Section:
        controls = (
            *self._ci_and_github(),
            *self._production(),
            button("heal", "Switch everything off", self._heal, "And take back what hands did to production"),
        )
        return Section("switches", "Break things", self._lines(), controls)

    def _lines(self) -> tuple[Line, ...]:
        try:
            critical = self.world.github.open_criticals()
        except NotPossible as refusal:
            return (Line("CRITICAL", str(refusal), "bad"),)
        titles = ", ".join(f"#{issue['number']} {issue['title']}" for issue in critical)
        return (Line("CRITICAL", titles or "none open", "bad" if critical else "good"),)

    def _ci_and_github(self) -> tuple[Control, ...]:
        try:
            on = self.world.github.switches()
        except NotPossible:
            return ()
        return (*self._ci(on), *self._github(on))

    def _ci(self, on: dict[str, bool]) -> tuple[Control, ...]:
        github = self.world.github
        return (
            switch(
                "failing_test",
                "A test fails in CI",
                on["failing_test"],
                github.failing_test,
                "Rule 4, F1 · The supplier is offline, which no commit mends: off, then re-run with the cause",
            ),
            switch(
                "never_starts",
                "CI never starts",
                on["never_starts"],
                github.never_starts,
                "Rule 4 · A push starts no run",
            ),
            switch("slow_ci", "CI is slow", on["slow_ci"], github.slow_ci, "Two seconds more a step"),
            switch(
                "hold_deploy",
                "The deploy job stays queued",
                on["hold_deploy"],
                github.hold_deploy,
                "For the time to re-run blindly, to cancel, to roll back",
            ),
            self._variable(),
        )

    def _variable(self) -> Control:
        github = self.world.github
        try:
            gone = "DEPLOY_URL" in github.missing()
        except NotPossible:
            gone = False

        def flip(wanted: bool) -> None:
            if wanted:
                github.remove_variable("DEPLOY_URL")
            else:
                github.restore_environment()

        hint = "Rule 4, F2 · A variable of the environment is gone, its deploy fails"
        return switch("variable", "DEPLOY_URL is missing", gone, flip, hint)

    def _production(self) -> tuple[Control, ...]:
        production = self.world.production
        try:
            status = production.status()
        except NotPossible:
            return ()
        on = status["switches"]
        stall, half, slow = production.stall_next_deploy, production.half_fleet, production.slow
        said = "Rule 5, F2 · CI is green, production does not change"
        caught = "Rule 5 · Switched off, the other instance catches up"
        hidden = "What was prepared with a hidden bug, and released, fails now"
        return (
            switch("stall", "The next deploy stalls", on["stall_next_deploy"], stall, said),
            switch("half_fleet", "Deploys reach half of the fleet", on["half_fleet"], half, caught),
            switch(
                "down",
                "Production is down",
                on["down"],
                production.down,
                "Rule 5 · It answers 503; the patrol says unknown",
            ),
            switch(
                "slow",
                "Production is slow",
                on["slow"] > 0,
                lambda wanted: slow(3 if wanted else 0),
                "Three seconds more an answer",
            ),
            button("load", "Put production under load", self._load, hidden),
        )

    def _github(self, on: dict[str, bool]) -> tuple[Control, ...]:
        github = self.world.github
        return (
            switch(
                "github_down",
                "GitHub is down",
                on["down"],
                github.down,
                "Everything waits: what is unknown is never clean",
            ),
            switch(
                "rate_limit",
                "GitHub's rate limit is used up",
                on["rate_limit"],
                github.rate_limited,
                "For two minutes the bot asks nothing; then it goes on by itself",
            ),
            switch(
                "webhooks_off",
                "GitHub sends no webhooks",
                on["webhooks_off"],
                github.webhooks_off,
                "Everything is seen a little later, nothing is lost",
            ),
            Control("open_critical", "Open CRITICAL", self._open, "text", "", hint="What is broken"),
            button("close_criticals", "Close every CRITICAL", self._close),
        )

    def _load(self) -> str:
        most = 2 * (ROOM + 2)
        asked = self.world.production.under_load(most)
        return (
            f"The price request number {asked} failed"
            if asked < most
            else f"{asked} requests for a price were answered"
        )

    def _heal(self) -> str:
        self.world.heal()
        return "Every switch is off; what hands did to production is taken back"

    def _open(self, value: Any) -> str:
        number = self.world.github.open_critical(str(value or "").strip() or "Checkout is broken")
        return f"Issue #{number} is open"

    def _close(self) -> str:
        return f"{self.world.github.close_criticals()} closed"
