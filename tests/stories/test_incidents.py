"""H1, H4, H5 without a hotfix: an incident is declared, led, talked about, resolved, written down, and comes back."""

import re

from tests.stories.day import Day
from tests.stories.person import Person, named

NOTE = {
    "happened": "Every cart answered 500 from 14:02 to 14:20.",
    "affected": "Carts",
    "cause": "A disk that was full",
    "fix": "The disk was emptied",
    "follow_ups": "Watch the disk",
}


def own_channel(day: Day, incident: str, user: Person) -> str:
    """Its id, once the card links it; from then on what is said there is written down."""
    day.awaits(incident, "#inc")
    found = re.search(r"<#(\w+)>", str(day.message(incident)["blocks"]))
    assert found
    day.told.own.append(("#inc-…", user.id, found[1]))
    day.told.steady.aliases[found[1].removeprefix("C0").lower()] = "inc-…"
    return found[1]


def test_a_critical_incident_from_declaration_to_its_note(new_day: Day) -> None:
    day = new_day
    day.keeps_sop(incident={"own_channel": "always", "remind_every": "15m"})
    day.happens("production answers carts with an error", day.world.production.break_probe)
    day.frank.types("/incident declare")
    day.frank.reads_form()
    said = {"title": "Carts fail", "kind": "production incident", "severity": "CRITICAL", "seen": "500 on every cart"}
    incident = named("INC", day.frank.fills(**said, affected=["cart", "search"]))
    channel = own_channel(day, incident, day.erin)
    day.until(incident, "failing as described", "passing now")
    day.told.says("· The topic says", day.people.topic(day.erin.id, channel))
    day.told.says("· Pinned is", *(m["text"] for m in day.people.pins(day.erin.id, channel)))
    day.erin.presses(incident, "Take the lead", dm=True)
    day.until(incident, "Lead  Erin")
    day.passes("nothing is said for a quarter of an hour", minutes=16)
    day.until(incident, "Lead  Erin")
    ts = day.people.say(day.erin.id, channel, "The disk is full") or ""
    day.happens("Erin puts a 📌 on her message", day.people.react, day.erin.id, channel, ts, "pushpin")
    day.until(incident, "The disk is full 📌")
    day.happens("Erin takes the 📌 off", day.people.unreact, day.erin.id, channel, ts, "pushpin")
    day.erin.presses(incident, "Change severity")
    day.erin.fills(severity="HIGH", reason="One shop in ten")
    day.until(incident, "HIGH · OPEN")
    day.happens("the disk is emptied", day.world.production.restore)
    day.passes("the patrol's time comes again", minutes=6)
    day.until(incident, "`cart`: passing now")
    day.erin.presses(incident, "Resolve")
    day.until(incident, "HIGH · RESOLVED")
    day.erin.opens_home()
    day.erin.presses(incident, "Write note")
    day.erin.reads_form()
    day.erin.fills(**NOTE)
    day.until(incident, "HIGH · CLOSED", "decision log")
    assert NOTE["cause"] in "\n".join(day.decision_log())
    day.erin.presses(incident, "Reopen")
    day.erin.fills(reason="It is full again")
    day.until(incident, "HIGH · OPEN")
    day.told.says("· The topic says", day.people.topic(day.erin.id, channel))
    day.told_as("incident")


def test_an_issue_taken_over_and_what_can_be_typed(new_day: Day) -> None:
    day = new_day
    issue = day.world.github.open_issue("Search finds nothing")
    day.told.says(f"· issue #{issue} is opened at GitHub")
    bug = {"kind": "critical bug affecting users", "severity": "HIGH", "affected": ["search"]}
    day.alice.types(f"/incident declare #{issue}")
    incident = named("INC", day.alice.fills(title="Search is empty", **bug))
    day.until(incident, "Search finds nothing")
    day.bob.types(f"/incident declare #{issue}")
    day.bob.fills(title="No search", **bug)
    day.bob.fills(title="No search", issue="#9999")
    day.until(day.bot.desk.incident_list(None, 1)[0].name, "GitHub has no issue #9999")
    day.dave.presses(incident, "Take the lead")
    day.dave.presses(incident, "Change severity")
    day.dave.fills(severity="CRITICAL", reason="Nobody finds anything")
    day.until(incident, "CRITICAL · OPEN")
    day.dave.presses(incident, "Open a channel")
    own_channel(day, incident, day.dave)
    day.until(incident, "#inc")
    ts = day.people.say(day.frank.id, "releases", "Search is empty in the app, too") or ""
    day.told.says("Frank writes “Search is empty in the app, too” in #releases")
    day.people.message_shortcut(day.carol.id, "releases", ts, "Add to incident timeline")
    day.told.says("Carol chooses “Add to incident timeline” in the menu of that message")
    day.carol.reads_form()
    day.carol.fills(incident=incident.removeprefix("INC-"))
    day.until(incident, "Search is empty in the app, too 📌")
    day.frank.types("/incident list")
    day.frank.types(f"/incident resolve {incident}")
    day.dave.types(f"/incident note {incident}")
    day.dave.types(f"/incident resolve {incident}")
    day.until(incident, "CRITICAL · RESOLVED")
    day.dave.types(f"/incident note {incident}")
    day.dave.fills(**NOTE)
    day.until(incident, "CRITICAL · CLOSED")
    day.frank.types(f"/incident status {incident}")
    day.told_as("incident_of_an_issue")
