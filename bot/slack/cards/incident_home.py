"""Incidents on the App Home of one person: what is open, and what that person may do about it."""

from bot.slack.cards.incident import incident_buttons, incident_line
from bot.slack.cards.kit import Block, actions, context, divider, section
from bot.sop.outlook import HomeView, IncidentView
from bot.sop.policy import Role
from bot.words import Pen

SHOWN = 8
EVERYBODYS = ("incident:add",)
WITH_A_ROLE = ("incident:lead", *EVERYBODYS)


def incidents(view: HomeView, pen: Pen) -> list[Block]:
    if not view.incidents:
        return []
    made = [divider(), section(pen.bold("Incidents"))]
    for incident in view.incidents[:SHOWN]:
        made.append(section(incident_line(incident.incident, view.now, pen)))
        made += actions(_buttons(incident, view))
    left = len(view.incidents) - SHOWN
    return [*made, context(f"and {left} more")] if left > 0 else made


def _buttons(incident: IncidentView, view: HomeView) -> list[Block]:
    """Those that this person may press."""
    buttons = incident_buttons(incident)
    if Role.INCIDENT.value in view.roles or (incident.incident.lead == view.user and view.roles):
        return buttons
    may = WITH_A_ROLE if view.roles else EVERYBODYS
    return [b for b in buttons if b["action_id"] in may]
