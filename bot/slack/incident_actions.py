"""Buttons of incidents and violations: a flat table, action id to function."""

from collections.abc import Callable

from bot.slack.answer import Open, Reply, Room
from bot.slack.cards import incident_forms
from bot.slack.cards.forms import View
from bot.slack.press import Press
from bot.sop.codes import Code
from bot.sop.incident import IncidentIntent, possible
from bot.sop.records import Incident, ViolationStatus
from bot.words import Pen


def lead(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.take_lead(press.user, press.id), "You lead it now.")


def confirm(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.confirm_critical(press.user, press.id))


def channel(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.open_incident_channel(press.user, press.id), "Its channel is on the way.")


def resolve(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.resolve_incident(press.user, press.id), f"INC-{press.id} is resolved.")


def add(room: Room, press: Press) -> Reply:
    return opened(room, press.id, IncidentIntent.ADD, incident_forms.entry_form)


def severity(room: Room, press: Press) -> Reply:
    return opened(room, press.id, IncidentIntent.CHANGE_SEVERITY, incident_forms.severity_form)


def reopen(room: Room, press: Press) -> Reply:
    return opened(room, press.id, IncidentIntent.REOPEN, incident_forms.reopen_form)


def note(room: Room, press: Press) -> Reply:
    return note_of(room, press.id)


def note_of(room: Room, id: int) -> Reply:
    return opened(room, id, IncidentIntent.NOTE, incident_forms.note_form)


def hotfix(room: Room, press: Press) -> Reply:
    return hotfix_of(room, press.id)


def hotfix_of(room: Room, id: int) -> Reply:
    def made(incident: Incident, pen: Pen) -> View:
        return incident_forms.hotfix_form(incident, room.desk.lock_left(incident.service), pen)

    return opened(room, id, IncidentIntent.HOTFIX, made)


def opened(room: Room, id: int, intent: IncidentIntent, make: Callable[[Incident, Pen], View]) -> Reply:
    """A form about an incident; a sentence where its state does not allow it."""
    view = room.desk.incident_view(id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"INC-{id}")
    incident = view.incident
    may = possible(incident.status)
    if intent not in may:
        asked = {"subject": incident.name, "status": incident.status.value, "stage": None, "intent": intent.value}
        return room.refuse_with(Code.NOT_NOW, **asked, possible=[i.value for i in may])
    return Open(make(incident, room.pen()))


def explain(room: Room, press: Press) -> Reply:
    view = room.desk.violation_view(press.id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"V-{press.id}")
    violation = view.violation
    if violation.status is not ViolationStatus.OPEN:
        says = {"subject": violation.name, "status": violation.status.value, "stage": None}
        return room.refuse_with(Code.STALE, **says)
    return Open(incident_forms.explain_form(violation, room.pen()))


TABLE: dict[str, Callable[[Room, Press], Reply]] = {
    "incident:lead": lead,
    "incident:confirm": confirm,
    "incident:channel": channel,
    "incident:resolve": resolve,
    "incident:add": add,
    "incident:severity": severity,
    "incident:reopen": reopen,
    "incident:note": note,
    "incident:hotfix": hotfix,
    "violation:explain": explain,
}
