"""The panel's prohibited acts: everything that people can do around the SOP, a button each."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.world.panel.controls import Control, Line, Section, button, told
from bot.sandbox.world.world import World

WHO = "bob"  # Alice, whose laptop is shown first, releases


@dataclass
class Around:
    world: World

    def section(self) -> Section:
        return Section(
            "around",
            "Go around the SOP",
            (Line("Who does it", "Bob, in a clone of his own. Deployed during a freeze it breaks X4 too"),),
            (*self._production(), *self._pipeline(), *self._branch()),
        )

    def _production(self) -> tuple[Control, ...]:
        production = self.world.production
        return (
            button(
                "edit",
                "Edit a file",
                told("Shipping is free from 5 euro in production now, and nowhere else", production.edit_file),
                "X1 · Shipping becomes free from 5 euro, in production only",
            ),
            button(
                "configure",
                "Change a setting",
                told("The bulk discount is 25 % in production now", production.change_behaviour),
                "X1 · The bulk discount becomes 25 %, in production only",
            ),
            button(
                "version",
                "Name another version",
                told("Production calls its version emergency-patch now", production.strange_version),
                "X1 · Production names a version that is no commit",
            ),
            button(
                "break_probe",
                "Break the cart",
                told("Prices are answered 500 in production now", production.break_probe),
                "X1 · Prices are answered with an error: worth an incident",
            ),
            button(
                "restore",
                "Put production right",
                told("Files and settings in production are as they were deployed", production.restore),
                "Takes back the four above; what is deployed stays",
            ),
        )

    def _pipeline(self) -> tuple[Control, ...]:
        return (
            button(
                "deploy",
                "Deploy past CI",
                lambda: f"{self.world.deploy_past_ci(WHO)[:7]} is in production, past CI",
                "X2 · A commit of a branch is built and handed to production",
            ),
            button(
                "dispatch",
                "Start the workflow",
                lambda: f"Run {self.world.github.dispatch(WHO)} was started by hand",
                "X2 · A person runs deploy.yml, with no push",
            ),
            button("rerun", "Re-run blindly", self._rerun, "F1 · The last run again, with no root cause recorded"),
        )

    def _branch(self) -> tuple[Control, ...]:
        branch = self.world.config.branch
        return (
            button(
                "push",
                "Push without a release",
                lambda: f"{self.world.push_without_release(WHO)[:7]} is on {branch}, past its protection",
                f"S2 · A commit goes past the protection of {branch}; X3 once CI has deployed it",
            ),
            button(
                "force_push",
                "Force push",
                lambda: f"{self.world.force_push(WHO)[:7]} has taken the place of the last commit of {branch}",
                f"S2 · Another commit takes the place of the last one of {branch}",
            ),
        )

    def _rerun(self) -> str:
        run: dict[str, Any] = self.world.github.last_run()
        self.world.github.rerun(run["id"], WHO)
        return f"Run {run['run_number']} runs again"
