"""Incidents on the App Home of one person: what is open, and what that person may do about it."""

from collections.abc import Sequence

from bot.slack.cards.incident import incident_buttons, incident_line
from bot.slack.cards.kit import Block, actions, context, divider, section
from bot.sop.outlook import HomeView, IncidentView
from bot.sop.policy import Role
from bot.words import Pen

SHOWN = 8
EVERYBODYS = ("incident:add",)
WITH_A_ROLE = ("incident:lead", *EVERYBODYS)


def waiting(view: HomeView, pen: Pen) -> list[Block]:
    """Those that this person leads, or answers for by the incident role."""
    return _shown([i for i in view.incidents if _mine(i, view)], view, pen)


def others(view: HomeView, pen: Pen) -> list[Block]:
    left = [i for i in view.incidents if not _mine(i, view)]
    return [divider(), section(pen.bold("Incidents")), *_shown(left, view, pen)] if left else []


def _shown(incidents: Sequence[IncidentView], view: HomeView, pen: Pen) -> list[Block]:
    made: list[Block] = []
    for incident in incidents[:SHOWN]:
        made.append(section(incident_line(incident.incident, view.now, pen)))
        made += actions(_buttons(incident, view))
    left = len(incidents) - SHOWN
    return [*made, context(f"and {left} more")] if left > 0 else made


def _mine(incident: IncidentView, view: HomeView) -> bool:
    return Role.INCIDENT.value in view.roles or (incident.incident.lead == view.user and bool(view.roles))


def _buttons(incident: IncidentView, view: HomeView) -> list[Block]:
    """Those that this person may press."""
    buttons = incident_buttons(incident)
    if _mine(incident, view):
        return buttons
    may = WITH_A_ROLE if view.roles else EVERYBODYS
    return [b for b in buttons if b["action_id"] in may]
