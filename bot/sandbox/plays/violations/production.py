"""What hands do to production: X1, X2, X4; and what an open violation means for releases."""

from bot.sandbox.people import ALICE, BOB, CAROL, DAVE
from bot.sandbox.plays import steps
from bot.sandbox.plays.reading import shown
from bot.sandbox.plays.violations import table
from bot.sandbox.plays.violations.watching import Scene, seen


def scenes(scene: Scene, change: str) -> None:
    """`change`: an approved request that a release can start with."""
    office, production = scene.office, scene.office.world.production
    production.change_behaviour()
    office.teller.does("somebody", "sets SHOP_DISCOUNT_PERCENT in production")
    violation = scene.found(table.SETTING, "behaves differently", "cart body.discount")
    _blocked(scene, change, violation)
    production.change_behaviour(False)
    office.teller.does("somebody", "takes the setting back")
    scene.gone(violation)
    _back(scene, violation)
    _other_versions(scene)


def _blocked(scene: Scene, change: str, violation: str) -> None:
    """No standard release while it is open; who releases cannot explain it, an approver can."""
    office = scene.office
    release = office.start(ALICE, change, "main")
    office.teller.does(ALICE, f"tries to start {release} with {change}")
    office.until_state(release, "STOPPED")
    card = office.shows(release, "of the SOP is not explained", violation)
    said = [line for line in card.splitlines() if "is not explained" in line or line.startswith("• ")]
    scene.table.saw(table.BLOCKED, " ".join(said).removeprefix("⛔ "))
    no = office.refused(lambda: office.explain(ALICE, violation, "It was me."), "approver")
    office.teller.does(ALICE, f"cannot explain {violation}: {no}")
    scene.table.saw(table.NOT_YOURS, no)
    office.explain(CAROL, violation, "The sale began; it goes back now.")
    office.teller.does(CAROL, f"has explained {violation}")
    release = office.start(ALICE, change, "main")
    office.shows(release, "RUNNING")
    office.teller.does(ALICE, f"can start {release}, and aborts it: there is more to come")
    explained = next(line for line in shown(office.card(violation)).splitlines() if line.startswith("Explained"))
    scene.table.saw(table.EXPLAINED, f"{violation}: {explained}")
    office.abort(ALICE, release, "Others are at production.")


def _back(scene: Scene, violation: str) -> None:
    """What was explained was that time: it is open again, on the same card; another field is something else."""
    office, production = scene.office, scene.office.world.production
    production.change_behaviour()
    office.teller.does("somebody", "sets it once more")
    said = office.says(violation, "is back: seen for the 2nd time")
    scene.table.saw(table.BACK, next(line for line in said.splitlines() if "is back" in line).partition("⚠️ ")[2])
    office.explain(CAROL, violation, "The sale began once more.")
    office.teller.does(CAROL, f"has explained {violation} once more")
    steps.frozen(office, "Nobody deploys on a Friday.")
    production.edit_file()
    office.teller.does("somebody", "edits shop/checkout.py in production: shipping is free from 5 euro")
    office.says(violation, "is back: seen for the 3rd time")
    card = office.shows(violation, "OPEN", "body.shipping")
    scene.table.saw(table.FILE, f"{violation}: {seen(card, table.FILE.rule)}")


def _other_versions(scene: Scene) -> None:
    """A version that nobody knows, then a commit that nobody has built in CI, all of it during a freeze."""
    office, world = scene.office, scene.office.world
    world.production.strange_version()
    office.teller.does("somebody", "lets production say that it runs “emergency-patch”")
    scene.found(table.STRANGE, "emergency-patch", "no commit of the repository")
    sha = world.deploy_past_ci(BOB.login)
    office.teller.does(BOB, f"builds {sha[:7]} on his laptop and deploys it, during the freeze")
    scene.found(table.PAST_CI, sha[:7], "no push started a successful run of deploy.yml")
    scene.found(table.FROZEN, sha[:7], "deployed during FRZ-1")
    office.ask(DAVE, "/freeze end FRZ-1", "freeze:end")
    office.teller.does(DAVE, "has ended the freeze")
