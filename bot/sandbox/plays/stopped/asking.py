"""Stops that need no laptop: the SOP itself, approvals, issues, requests."""

from bot.sandbox.people import ALICE, BOB, CAROL, DAVE
from bot.sandbox.plays.stopped import table
from bot.sandbox.plays.stopped.watching import NEXT, Stage


def suspended(stage: Stage) -> None:
    """S1: only an ACTIVE SOP lets a release start."""
    office = stage.office
    change = office.file(ALICE, "Anything", service="shop")
    office.policy({"status": "SUSPENDED"})
    stage.refused(table.SUSPENDED, lambda: office.start(ALICE, change, "main"), "The SOP is SUSPENDED")
    office.policy({"status": "ACTIVE"})


def scenes(stage: Stage) -> None:
    """One after the other, on the lock of `shop-next`."""
    office = stage.office
    change = office.file(DAVE, "Nicer pages", service=NEXT)
    release = office.start(BOB, change, "next")
    stage.on_card(table.UNAPPROVED, release, "has 0 of 1 approvals")
    issue = office.world.github.open_critical("Checkout loses orders")
    stage.on_card(table.CRITICAL, release, "labelled critical is open")
    office.world.github.close_criticals()
    office.until(f"issue #{issue} closed", lambda: not office.world.github.open_criticals())
    stage.calm.set()
    release = office.start(BOB, change, "next")
    office.press(CAROL, change, "change:reject", "change:reject", reason="Not before the sale.")
    stage.on_card(table.REJECTED, release, f"{change} is REJECTED")
    stage.free.set()
    own = office.file(DAVE, "My own idea", service=NEXT)
    stage.told(table.OWN_APPROVAL, office.press(DAVE, own, "change:approve"), "who asked for it")
    stage.told(table.NO_REQUEST, office.ask(ALICE, "/release start CR-99"), "There is no CR-99")
    office.ask(DAVE, f"/change withdraw {own}", "change:withdraw")
    stage.refused(table.CLOSED_REQUEST, lambda: office.start(BOB, own, "next"), f"{own} is WITHDRAWN")
