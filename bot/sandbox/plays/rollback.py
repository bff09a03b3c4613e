"""R1 to R4: a COMPLETE release is taken back, during a freeze, by two people who press at once."""

import re
import threading
from typing import Any

from bot.sandbox.people import ALICE, CAROL, ERIN, Person
from bot.sandbox.plays import steps
from bot.sandbox.plays.ending import TROUBLES, ended, must
from bot.sandbox.plays.office import Office, named

BACK = "release:roll_back"
CART = "/cart/total?items=1,1,2"
REASON = "The discount was not meant for everybody."


def play(office: Office) -> int:
    return ended(office, _day)


def _day(office: Office) -> str:
    steps.begin(office, "everything looks often, and nothing else is special", {})
    _, _, base = steps.released(office, ALICE, "Faster checkout", "faster_checkout")
    before = office.world.production.ask(CART)
    release, change, sha = steps.released(office, ALICE, "Bigger discount", "bigger_discount")
    must(office.world.production.ask(CART) != before, "the release has not changed what a cart costs")
    steps.frozen(office, "Nobody deploys on a Friday.")
    rollback = _both(office, release)
    office.shows(rollback, "A rollback is stopped by no freeze", REASON)
    steps.complete(office, rollback)
    _as_before(office, base, before)
    office.until(f"{release} ROLLED BACK", lambda: "ROLLED" in office.state(release), 10, release)
    office.shows(change, "rolled back")
    entry = steps.decision_log(office)
    for words in (rollback, release, REASON):
        must(words in entry, f"decision_log.md says nothing of {words}:\n{entry}")
    office.teller.does("git", f"show origin/decision-log:decision_log.md\n{entry}")
    _acknowledged(office, change)
    return f"{rollback} took {release} ({sha[:7]}) out of production again, and says so in git."


def _both(office: Office, release: str) -> str:
    """Alice and Erin fill in the same form and send it at once: one of them starts the rollback; its id."""
    told: dict[str, str] = {}

    def press(who: Person) -> None:
        form: dict[str, Any] = {"reason": REASON, "sure": ["yes"]}
        try:
            told[who.name] = office.press(who, release, BACK, BACK, **form)
        except TROUBLES as why:
            told[who.name] = f"✋ {why}"

    known = _releases(office)
    office.teller.does("Alice+Erin", f"press Roll back on the card of {release} at the same time")
    hands = [threading.Thread(target=press, args=[who]) for who in (ALICE, ERIN)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    for name, said in told.items():
        office.teller.does(name.split()[0], f"is told: {said}")
    late = [said for said in told.values() if said.startswith("✋")]
    must(len(late) == 1, f"not one of two was told that it is under way: {told}")
    rollback = named(r"(?<=with )R-\d+", next(said for said in told.values() if not said.startswith("✋")))
    office.until_state(rollback, "RUNNING")
    started = _releases(office) - known
    must(started == {rollback}, f"it was started twice: {started}")
    return rollback


def _releases(office: Office) -> set[str]:
    """Every release that has a card."""
    heads = (message["text"].partition(" · ")[0] for message in office.messages())
    return {head for head in heads if re.fullmatch(r"R-\d+", head)}


def _as_before(office: Office, base: str, before: tuple[int, Any]) -> None:
    """The head of main is a new commit with the tree of the one returned to, and production answers as it did then."""
    world, laptop = office.world, office.laptop(ALICE)
    head = world.github.head_of(world.config.branch)
    must(head != base, "main was forced back instead of reverted")
    must(laptop.tree(head) == laptop.tree(base), f"{head} has not the tree of {base}")
    steps.in_production(office, head)
    must(world.production.ask(CART) == before, f"a cart is answered with {world.production.ask(CART)}, not {before}")
    office.teller.does("production", f"serves {head[:7]}, whose tree is that of {base[:7]}, and answers as it did then")


def _acknowledged(office: Office, change: str) -> None:
    """The change request carries no release until somebody has acknowledged that it was rolled back."""
    office.press(CAROL, change, "change:acknowledge_rollback")
    office.teller.does(CAROL, f"has acknowledged on the card of {change} that it was rolled back")
