"""What is done to the designated branch and in CI: S2, X2, X3, F1."""

from bot.sandbox.people import BOB
from bot.sandbox.plays.violations import table
from bot.sandbox.plays.violations.watching import Scene


def scenes(scene: Scene) -> None:
    """Bob pushes, runs again, starts by hand, and forces: the patrol names him each time."""
    office, world = scene.office, scene.office.world
    sha = world.push_without_release(BOB.login)
    office.teller.does(BOB, f"pushes {sha[:7]} straight to main, past its protection")
    scene.found(table.PUSHED, sha[:7], "no release pushed that", "bob")
    run = world.github.run_of(sha)
    office.teller.does("CI", f"deploys it: {run['conclusion']}")
    scene.found(table.DEPLOYED, sha[:7], "which no release brought")
    world.github.dispatch(BOB.login)
    office.teller.does(BOB, "starts the workflow by hand")
    scene.found(table.BY_HAND, "started by workflow_dispatch and by no push", "bob")
    world.github.never_starts()
    forced = world.force_push(BOB.login)
    office.teller.does(BOB, f"forces main to {forced[:7]}")
    scene.found(table.FORCED, "was forced from", forced[:7], "bob")
    world.github.rerun(run["id"], BOB.login)
    office.teller.does(BOB, "presses Re-run at GitHub")
    scene.found(table.RERUN, "was run again (attempt 2) at GitHub, not by Slipway", "bob")
