"""T2, H1 to H5: a released bug shows under load; the hotfix goes through a freeze that stops everything else."""

from bot.sandbox.people import ALICE, BOB, CAROL, DAVE, ERIN
from bot.sandbox.plays import steps
from bot.sandbox.plays.ending import ended, must
from bot.sandbox.plays.office import Office, named
from bot.sandbox.plays.reading import shown

POLICY = {
    "patrol": {"every": "3s"},
    "approvals": {"required": 2},
    "incident": {"severity_confirmation": "another_person"},
    "roles": {
        "releaser": [ALICE.slack_id, BOB.slack_id],
        "approver": [CAROL.slack_id, DAVE.slack_id],
        "incident": [ERIN.slack_id, DAVE.slack_id],
    },
}
MOST = 400  # carts: more than production bears with the bug in it
CART = "/cart/total?items=1,1,2"
NOTE = {
    "happened": "Carts failed under the load of the sale.",
    "cause": "R-1 remembered every price and never forgot one.",
    "fix": "Prices are not remembered any more.",
    "follow_ups": "A load test before each release.",
}


def play(office: Office) -> int:
    return ended(office, _day)


def _day(office: Office) -> str:
    told = "two approvals for a change request, and another person confirms that an incident is CRITICAL"
    steps.begin(office, told, POLICY)
    steps.released(office, ALICE, "Remember prices", "leak", approvers=(CAROL, DAVE))
    steps.frozen(office, "The sale has begun.")
    _standard_is_stopped(office)
    _broken(office)
    incident = _declared(office)
    _patrolled(office, incident)
    hotfix, change = _started(office, incident)
    sha = _fixed(office, incident, hotfix, change)
    _resolved(office, hotfix, incident, sha)
    return f"{hotfix} brought {change} to production as {sha[:7]}, {incident} is CLOSED, and its note stands in git."


def _standard_is_stopped(office: Office) -> None:
    """X4."""
    change = office.file(BOB, "Nicer search", areas=["search"])
    said = office.refused(lambda: office.start(BOB, change, "main"), "is in force")
    office.teller.does(BOB, f"cannot start a standard release of {change}: {said}")


def _broken(office: Office) -> None:
    production = office.world.production
    carts = production.under_load()
    in_a_row = 0  # the instances answer by turns, and each of them bears as much
    while in_a_row < 4 and carts < MOST:
        in_a_row = in_a_row + 1 if production.ask(CART)[0] >= 500 else 0
        carts += 1
    must(in_a_row == 4, "production bore the load with the bug in it")
    office.teller.does("customers", f"fill {carts} carts; the last ones get an error, as does every one from now on")


def _declared(office: Office) -> str:
    """H1: everyone may declare; who has declared it does not confirm it."""
    form = {
        "title": "Carts fail",
        "service": "shop",
        "kind": "production incident",
        "severity": "CRITICAL",
        "affected": ["cart"],
        "seen": "Every cart answers with an error since the sale began.",
    }
    incident = named(r"\bINC-\d+", office.ask(ERIN, "/incident declare", "incident:declare", **form))
    office.teller.does(ERIN, f"has declared {incident} by the form of /incident declare: CRITICAL, affected: cart")
    office.until_state(incident, "CRITICAL · OPEN")
    office.press(ERIN, incident, "incident:lead")
    office.teller.does(ERIN, f"has pressed Take the lead on the card of {incident}")
    said = office.refused(lambda: office.press(ERIN, incident, "incident:confirm"), "Another person")
    office.teller.does(ERIN, f"cannot confirm it: {said}")
    office.press(DAVE, incident, "incident:confirm")
    office.teller.does(DAVE, "has pressed Confirm CRITICAL")
    return incident


def _patrolled(office: Office, incident: str) -> None:
    """S2: the patrol sees for itself that production does not behave as it was verified."""
    violation = office.violation("X1")
    office.explain(CAROL, violation, f"Nobody has touched production: this is {incident}.")
    office.teller.does(CAROL, f"has explained {violation}, which the patrol has found: this is {incident}")


def _started(office: Office, incident: str) -> tuple[str, str]:
    """T2: the emergency change request, and one approver's click where a standard change wants two."""
    said = office.press(ERIN, incident, "incident:hotfix", "incident:hotfix", candidate="fix-carts")
    hotfix = named(r"\bR-\d+", said)
    change = named(r"\bCR-\d+", shown(office.card(incident)) if "CR-" not in said else said)
    office.teller.does(ERIN, f"has started the hotfix {hotfix} with the emergency change request {change}")
    office.press(CAROL, change, "change:approve")
    office.teller.does(CAROL, f"has pressed Approve on the card of {change}; that is enough for a hotfix")
    return hotfix, change


def _fixed(office: Office, incident: str, hotfix: str, change: str) -> str:
    """H2, H3: minimal and reversible, by preflight, push and CI; the freeze is passed by right of the incident."""
    sha = steps.branch(office, ALICE, "fix-carts", change, "mend")
    office.acknowledge(ALICE, hotfix)
    office.teller.does(ALICE, f"has acknowledged the governance check of {hotfix}, and answers for it from now on")
    steps.preflight(office, ALICE, change)
    office.until_state(hotfix, "RUNNING · Push", 20)
    office.shows(hotfix, f"passed by right of {incident}", "reversible")
    steps.push(office, ALICE, hotfix)
    return sha


def _resolved(office: Office, hotfix: str, incident: str, sha: str) -> None:
    """H4, H5: production first, then the lead's word, then the note; COMPLETE only with the entry in git."""
    office.press(ERIN, hotfix, "release:confirm")
    office.teller.does(ERIN, "as the lead has pressed Confirm resolved")
    steps.in_production(office, sha)
    carts = office.world.production.under_load()
    must(office.world.production.ask(CART)[0] == 200, f"cart {carts} failed again")
    office.teller.does("customers", f"fill {carts} carts again, and none fails")
    must("COMPLETE" not in office.state(hotfix), f"{hotfix} is COMPLETE without its note")
    office.press(ERIN, hotfix, "incident:note", "incident:note", **NOTE)
    office.teller.does(ERIN, "has written the post-action note")
    steps.complete(office, hotfix)
    office.until_state(incident, "CRITICAL · CLOSED")
    entry = steps.decision_log(office)
    for words in (incident, hotfix, NOTE["cause"]):
        must(words in entry, f"decision_log.md says nothing of {words}:\n{entry}")
    office.teller.does("git", f"show origin/decision-log:decision_log.md\n{entry}")
