"""T2 and H1 to H5: only from a confirmed CRITICAL, minimal, reversible, at once, and written down."""

from tests.stories.day import Day

NIGHT = {"severity_confirmation": "another_person"}


def test_from_the_declaration_to_the_decision_log(day: Day) -> None:
    """During a freeze; two approvals are wanted of a standard change, one of an emergency."""
    day.keeps_sop(incident=NIGHT, approvals={"required": 2})
    with day.told.quietly():
        day.carol.types("/freeze start shop")
        freeze = day.carol.fills(reason="Black Friday")[0].split()[1]
        day.until(freeze, "Black Friday")
    day.told.says(f"· {freeze} is in force, declared by Carol")
    bob, erin = day.bob, day.erin
    incident = bob.declares("Quotes promise *yesterday*", affected=["quote"])
    day.until(incident, "OPEN")
    bob.presses(incident, "Take the lead")
    bob.presses(incident, "Confirm CRITICAL")
    bob.types(f"/incident hotfix {incident}")
    bob.fills(candidate=day.branch("fix"))
    bob.closes_form()
    erin.presses(incident, "Confirm CRITICAL")
    day.until(incident, "[ Start hotfix ]")
    bob.presses(incident, "Start hotfix")
    bob.reads_form()
    hotfix, change = "R-1", "CR-1"
    bob.fills(candidate=day.branch("fix"))
    day.until(hotfix, "preflight")
    bob.presses(change, "Approve")
    day.carol.presses(change, "Approve")
    bob.commits(change, "fix", "faster_checkout")
    bob.acknowledges(hotfix)
    assert bob.preflights(change) == 0
    day.until(hotfix, "Every gate is green")
    bob.presses(hotfix, "Push")
    day.until(hotfix, "[ Confirm resolved ]")
    erin.presses(hotfix, "Confirm resolved")
    bob.presses(hotfix, "Confirm resolved")
    day.until(hotfix, "[ Write note ]")
    bob.presses(hotfix, "Write note")
    bob.reads_form()
    bob.fills(
        happened="# Quotes\n- promised <yesterday>\n```",
        cause="`PACKING_MINUTES` was | too large",
        follow_ups="[a probe](https://shop.example) for dates",
    )
    day.until(hotfix, "COMPLETE")
    day.until(incident, "CLOSED")
    day.decision_log()
    day.told_as("hotfix")
