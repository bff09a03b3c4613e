"""Stops at the push and after it: Alice's releases to main, none of which becomes COMPLETE."""

from bot.sandbox.github.config import BOT_LOGIN
from bot.sandbox.people import ALICE, CAROL
from bot.sandbox.plays import steps
from bot.sandbox.plays.office import Stuck
from bot.sandbox.plays.stopped import table
from bot.sandbox.plays.stopped.watching import Stage
from bot.sandbox.world.changes import NotPossible

LEFT = {"leave": ["yes"]}
TAKEN_OVER = {"take_over": ["yes"]}


def scenes(stage: Stage) -> None:
    """Two releases. What the first leaves on main, the second takes over by name."""
    change = _prepared(stage, "Faster checkout", "faster_checkout")
    stage.wait(stage.calm, "no open CRITICAL")
    release = stage.office.start(ALICE, change, stage.office.laptop(ALICE).on)
    stage.green(ALICE, release)
    _around_the_bot(stage)
    _ci_never_starts(stage, release)
    _main_moves(stage, release)
    stage.office.abort(ALICE, release, "Others are on main.", **LEFT)
    _ci_fails(stage)


def _prepared(stage: Stage, title: str, edit: str) -> str:
    """An approved request, its branch at GitHub, and a preflight; the request's id."""
    office, laptop = stage.office, stage.office.laptop(ALICE)
    change = office.file(ALICE, title, service="shop")
    office.press(CAROL, change, "change:approve")
    laptop.new_branch(f"{change.lower()}-{edit.replace('_', '-')}")
    laptop.commit(laptop.edit(edit), change)
    laptop.push()
    done = laptop.preflight("--service", "shop", "--change", change)
    if done.code:
        raise Stuck(f"preflight ended with {done.code}:\n{done.output}")
    return change


def _around_the_bot(stage: Stage) -> None:
    try:
        stage.office.laptop(ALICE).push_main()
    except NotPossible as words:
        said = " ".join(line.removeprefix("remote: ") for line in str(words).splitlines() if "remote:" in line)
        stage.told(table.AROUND, said, "not authorized")
        return
    raise Stuck("a push around the bot went through")


def _ci_never_starts(stage: Stage, release: str) -> None:
    """Rule 4; and X2: that somebody deploys it past CI does not make it go on."""
    office, world = stage.office, stage.office.world
    world.github.never_starts()
    office.press(ALICE, release, "release:push")
    sha = world.deploy_without_ci(ALICE.login)
    stage.on_card(table.NO_START, release, "CI did not start within")
    if set(world.production.versions(4)) != {sha}:
        raise Stuck("the deploy past CI has not reached production")
    stage.on_card(table.PAST_CI, release, "CI did not start within")


def _main_moves(stage: Stage, release: str) -> None:
    """Somebody lifts the protection of main, and somebody pushes."""
    laptop, github = stage.office.laptop(ALICE), stage.office.world.github
    github.protect(off=True)
    laptop.new_branch("straight-to-main")
    laptop.commit(laptop.edit("unrelated_file"))
    laptop.push_main()
    github.protect(pushers=[BOT_LOGIN])
    stage.on_card(table.MOVED, release, "moved main to")
    github.never_starts(False)
    for rule in ("X2", "S2"):  # the patrol has seen both; no release starts before they are explained
        stage.office.explain(CAROL, stage.office.violation(rule), "We broke that rule on purpose.")


def _ci_fails(stage: Stage) -> None:
    """It is run again for a cause that is recorded; what it deploys then does not come up."""
    office, github = stage.office, stage.office.world.github
    change = _prepared(stage, "Bigger discount", "bigger_discount")
    release = office.start(ALICE, change, office.laptop(ALICE).on, **TAKEN_OVER)
    stage.green(ALICE, release)
    github.failing_test()
    office.press(ALICE, release, "release:push")
    stage.on_card(table.CI_FAILS, release, "in job test", 30)
    github.failing_test(False)
    said = {"cause": "The supplier was offline.", "mend": "infrastructure", "evidence": "It answers again."}
    steps.record_cause(office, ALICE, release, "the supplier's stock service does not answer", **said)
    office.world.production.stall_next_deploy()
    office.press(ALICE, release, "release:rerun")
    _production(stage, release)


def _production(stage: Stage, release: str) -> None:
    """Rule 5 three times over in one release, and C: it serves the commit at last, and is not complete."""
    office, world = stage.office, stage.office.world
    stage.on_card(table.OLD_VERSION, release, "Production did not update", 40)
    world.production.half_fleet()
    sha = world.deploy_without_ci(ALICE.login)
    stage.on_card(table.HALF_FLEET, release, "of 6 reads")
    world.production.change_behaviour()
    world.production.half_fleet(False)
    stage.on_card(table.DIFFERENT, release, "locally", 30)
    if set(world.production.versions(4)) != {sha}:
        raise Stuck("production does not serve the commit on every instance")
    said = [message["text"] for message in office.messages() if "COMPLETE" in message["text"]]
    if said:
        raise Stuck(f"something says COMPLETE: {said[0]}")
    stage.table.saw(table.NOT_COMPLETE, f"{release} · {office.state(release)}; no card says COMPLETE")
