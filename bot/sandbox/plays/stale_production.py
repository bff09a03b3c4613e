"""F2: production does not update, and then behaves differently. Nobody mends it by hand."""

from bot.sandbox.people import ALICE, CAROL
from bot.sandbox.plays import steps
from bot.sandbox.plays.ending import ended, must
from bot.sandbox.plays.office import Office

QUESTIONS = ("1. Right branch deployed?  ✅", "2. CI completed?  ✅", "3. Environment configured?")
ACCEPT = "release:accept_difference"
REQUIRES = {"variables": ["DEPLOY_URL"], "secrets": ["DEPLOY_TOKEN"]}


def play(office: Office) -> int:
    return ended(office, _day)


def _day(office: Office) -> str:
    told = "production has 3 s to update; a deploy needs DEPLOY_URL and DEPLOY_TOKEN"
    steps.begin(office, told, {}, production={"update_within": "3s"}, ci={"requires": REQUIRES})
    change = steps.approved(office, ALICE, "Faster checkout")
    name = f"{change.lower()}-faster-checkout"
    sha = steps.branch(office, ALICE, name, change, "faster_checkout")
    steps.preflight(office, ALICE, change)
    release = steps.started(office, ALICE, change, name)
    office.world.production.stall_next_deploy()
    steps.push(office, ALICE, release)
    _asked(office, release, sha)
    _redeployed(office, release)
    _accepted(office, release, sha)
    steps.complete(office, release)
    steps.in_production(office, sha)
    office.shows(release, "COMPLETE")
    return f"{release} is COMPLETE: redeployed on purpose, and every difference has an approver's name on it."


def _asked(office: Office, release: str, sha: str) -> None:
    """The three questions, answered by the bot, and no way out by hand."""
    office.until_state(release, "HELD · Production", 40)
    card = office.shows(release, "Production did not update", *QUESTIONS, "Manual fixes in production are prohibited.")
    said = [line for line in card.splitlines() if line[:2] in ("1.", "2.", "3.") or "prohibited" in line]
    office.teller.does("the card", "answers:\n" + "\n".join(said))
    must(sha not in office.world.production.versions(4), "the deploy has not stalled")
    for button in ("release:look_again", "release:redeploy", "release:roll_back"):
        must(button in office.offered(release), f"the card does not offer {button}")


def _redeployed(office: Office, release: str) -> None:
    """Meanwhile somebody has changed the discount in production: the version will be right, its behaviour not."""
    office.world.production.change_behaviour()
    office.teller.does("somebody", "sets SHOP_DISCOUNT_PERCENT in production")
    reason = "The platform said done and did nothing; it is well again."
    office.press(ALICE, release, "release:redeploy", "release:redeploy", reason=reason)
    office.teller.does(ALICE, f"has pressed Redeploy: {reason}")
    office.says(release, "redeploys, intentionally", reason)


def _accepted(office: Office, release: str, sha: str) -> None:
    """By field, by an approver, with a reason; the releaser cannot. What is not accepted keeps it HELD."""
    card = office.shows(release, "differences between local and production", "locally", within=40)
    must(set(office.world.production.versions(4)) == {sha}, "the redeploy has not reached production")
    fields = [line.removeprefix("• ").partition(":")[0] for line in card.splitlines() if ": locally " in line]
    office.teller.does("the card", f"names what differs: {', '.join(fields)}")
    carts = [field for field in fields if field.startswith("cart ")]
    others = [field for field in fields if field not in carts]
    must(bool(carts and others), f"other fields differ than were expected: {fields}")
    reason = "The autumn sale: 25 % are right."
    mine = lambda: office.press(ALICE, release, ACCEPT, ACCEPT, differences=carts, reason=reason)  # noqa: E731
    said = office.refused(mine, "approver")
    office.teller.does(ALICE, f"cannot accept that: {said}")
    for chosen in (carts, others):
        must("COMPLETE" not in office.state(release), f"{release} is COMPLETE with differences that nobody accepted")
        office.press(CAROL, release, ACCEPT, ACCEPT, differences=chosen, reason=reason)
        office.teller.does(CAROL, f"has accepted {', '.join(chosen)}: {reason}")
        office.says(release, f"accepted {len(chosen)} difference", reason)
