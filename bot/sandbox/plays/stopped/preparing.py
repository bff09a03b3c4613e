"""Stops before the push: what the checkout, the commits and the approvals must be. Bob works on the branch `next`."""

import re

from bot.sandbox.people import BOB, CAROL, DAVE
from bot.sandbox.plays.office import Refused, Stuck
from bot.sandbox.plays.stopped import table
from bot.sandbox.plays.stopped.watching import NEXT, Stage


def scenes(stage: Stage) -> None:
    """One after the other; most need no new preflight, since what is attested is the tree."""
    office, laptop = stage.office, stage.office.laptop(BOB)
    change = office.file(DAVE, "More search results", service=NEXT, areas=["search", "checkout"])
    office.press(CAROL, change, "change:approve")
    laptop.new_branch("more-results")
    laptop.commit(laptop.edit("more_results"), change)
    laptop.push()
    _preflight(stage, change)
    stage.wait(stage.free, "the lock of shop-next")
    release = office.start(BOB, change, "more-results")
    _governance(stage, release)
    _commits(stage, release, change)
    office.press(CAROL, change, "change:withdraw_approval")
    stage.on_card(table.WITHDRAWN, release, "0 of 1 approvals left")
    _approved_by_its_author(stage, change)
    office.press(CAROL, change, "change:approve")
    _no_branch(stage, change)
    _unrelated_path(stage, change)
    _no_app(stage, change)
    _dirty(stage, change)
    _no_build(stage, change)


def _governance(stage: Stage, release: str) -> None:
    """P2: everything else is there, and another sentence does not count."""
    stage.on_card(table.UNACKNOWLEDGED, release, "governance check is not acknowledged")
    try:
        stage.office.acknowledge(BOB, release, "ok")
    except Refused:
        stage.green(BOB, release)
        return
    raise Stuck("the governance check took another sentence")


def _commits(stage: Stage, release: str, change: str) -> None:
    """Rule 2: the same tree under other messages. What a preflight says of commits, the bot reads again at GitHub."""
    laptop = stage.office.laptop(BOB)
    for row, message, wanted in (
        (table.UNREFERENCED, "Show one more search result", "references no change request"),
        (table.OTHER_CHANGE, "CR-77 Show one more search result", "names another change request"),
        (table.SKIP_MARKER, f"{change} Show one more search result [skip ci]", "asks to skip CI"),
    ):
        laptop.reword(message)
        laptop.push(force=True)
        stage.on_card(row, release, wanted)
    laptop.reword(f"{change} Show one more search result")
    laptop.push(force=True)
    stage.office.until_state(release, "RUNNING · Push")


def _approved_by_its_author(stage: Stage, change: str) -> None:
    """Bob wrote it, so that he approved it does not count. Then a freeze stops the release, and the next start."""
    office = stage.office
    office.press(BOB, change, "change:approve")
    release = office.start(BOB, change, "more-results")
    office.acknowledge(BOB, release)
    stage.on_card(table.AUTHOR, release, "approved and wrote commits of it")
    office.ask(DAVE, "/freeze start", "freeze:start", services=[NEXT], reason="Stocktaking")
    stage.on_card(table.FREEZE_BEGINS, release, "is in force")
    start = lambda: office.start(BOB, change, "more-results")  # noqa: E731
    stage.refused(table.FROZEN_START, start, "is in force")
    freeze = re.search(r"FRZ-\d+", office.ask(DAVE, "/freeze status"))
    office.ask(DAVE, f"/freeze end {freeze[0] if freeze else 'FRZ-1'}", "freeze:end")


def _no_branch(stage: Stage, change: str) -> None:
    """Rule 1: the branch has gone on, so that the commit asked for is the head of none."""
    office, laptop = stage.office, stage.office.laptop(BOB)
    release = office.start(BOB, change, laptop.head)
    stage.green(BOB, release)
    laptop.commit(laptop.edit("more_results"), change)
    laptop.push()
    stage.on_card(table.WRONG_BRANCH, release, "is the head of no branch")
    office.abort(BOB, release, "The branch has gone on.")


def _unrelated_path(stage: Stage, change: str) -> None:
    office, laptop = stage.office, stage.office.laptop(BOB)
    laptop.new_branch("and-a-note")
    laptop.commit(laptop.edit("unrelated_file"), change)
    laptop.push()
    _preflight(stage, change)
    release = office.start(BOB, change, "and-a-note")
    office.acknowledge(BOB, release)
    stage.on_card(table.UNRELATED, release, "outside the declared areas")
    office.abort(BOB, release, "The note goes elsewhere.")


def _no_app(stage: Stage, change: str) -> None:
    office, laptop = stage.office, stage.office.laptop(BOB)
    laptop.new_branch("payment-key")
    laptop.commit(laptop.edit("break_start"), change)
    laptop.push()
    _preflight(stage, change, fails=True)
    release = office.start(BOB, change, "payment-key")
    office.acknowledge(BOB, release)
    stage.on_card(table.APP_FAILS, release, "did not run as expected")
    office.abort(BOB, release, "It needs a key.")


def _dirty(stage: Stage, change: str) -> None:
    """Preflight sends nothing of a checkout that is not clean; told to report it, that stops the release (P5)."""
    office, laptop = stage.office, stage.office.laptop(BOB)
    laptop.switch("more-results")
    laptop.leave_dirty()
    said = laptop.preflight("--service", NEXT, "--change", change)
    if said.code == 0:
        raise Stuck("preflight passed a checkout that is not clean")
    crosses = "; ".join(line.removeprefix("✗ ") for line in said.output.splitlines() if line.startswith("✗"))
    stage.told(table.NOT_CLEAN, f"slipway preflight: {crosses}", "nothing was sent")
    _preflight(stage, change, fails=True)
    release = office.start(BOB, change, "more-results")
    stage.on_card(table.UNCOMMITTED, release, "Not everything is committed")
    laptop.discard()


def _no_build(stage: Stage, change: str) -> None:
    office, laptop = stage.office, stage.office.laptop(BOB)
    laptop.new_branch("shipping")
    laptop.commit(laptop.edit("break_build"), change)
    laptop.push()
    _preflight(stage, change, fails=True)
    release = office.start(BOB, change, "shipping")
    stage.on_card(table.BUILD_FAILS, release, "The local build failed")


def _preflight(stage: Stage, change: str, fails: bool = False) -> None:
    """Raises Stuck when it goes otherwise."""
    done = stage.office.laptop(BOB).preflight("--service", NEXT, "--change", change, *["--report"] * fails)
    if (done.code != 0) is not fails or (fails and "failure reported" not in done.output):
        raise Stuck(f"preflight ended with {done.code}:\n{done.output}")
