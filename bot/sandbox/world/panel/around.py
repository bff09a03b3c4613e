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
            (Line("Who does it", "Bob, in a clone of his own; what is deployed during a freeze breaks X4 too"),),
            (*self._production(), *self._pipeline(), *self._branch()),
        )

    def _production(self) -> tuple[Control, ...]:
        production = self.world.production
        return (
            button(
                "edit",
                "Edit a file",
                told("Shipping is free from 5 euro in production now, and nowhere else", production.edit_file),
                "X1 · in production, by hand; the version stays, the probe of the quote tells",
            ),
            button(
                "configure",
                "Change a setting",
                told("The bulk discount is 25 % in production now", production.change_behaviour),
                "X1 · of the running instances; the version stays, the probe of the cart tells",
            ),
            button(
                "version",
                "Name another version",
                told("Production calls its version emergency-patch now", production.strange_version),
                "X1 · production serves what is no commit of the repository",
            ),
            button(
                "break_probe",
                "Break the cart",
                told("Prices are answered 500 in production now", production.break_probe),
                "X1 · two probes fail; what a person would declare an incident for",
            ),
            button(
                "restore",
                "Put production right",
                told("Files and settings in production are as they were deployed", production.restore),
                "Takes back what hands did in the four above; versions stay",
            ),
        )

    def _pipeline(self) -> tuple[Control, ...]:
        return (
            button(
                "deploy",
                "Deploy past CI",
                lambda: f"{self.world.deploy_past_ci(WHO)[:7]} is in production, past CI",
                "X2 · a commit on a branch is built by hand and handed to production",
            ),
            button(
                "dispatch",
                "Start the workflow",
                lambda: f"Run {self.world.github.dispatch(WHO)} was started by hand",
                "X2 · deploy.yml by hand, with no push (workflow_dispatch)",
            ),
            button("rerun", "Re-run blindly", self._rerun, "F1 · the last run again, with no root cause recorded"),
        )

    def _branch(self) -> tuple[Control, ...]:
        branch = self.world.config.branch
        return (
            button(
                "push",
                "Push without a release",
                lambda: f"{self.world.push_without_release(WHO)[:7]} is on {branch}, past its protection",
                f"S2 · straight to {branch}; X3 once CI has deployed it",
            ),
            button(
                "force_push",
                "Force push",
                lambda: f"{self.world.force_push(WHO)[:7]} has taken the place of the last commit of {branch}",
                f"S2 · the last commit of {branch} is replaced",
            ),
        )

    def _rerun(self) -> str:
        run: dict[str, Any] = self.world.github.last_run()
        self.world.github.rerun(run["id"], WHO)
        return f"Run {run['run_number']} runs again"
