"""Buttons of incidents and violations: a flat table, action id to function."""

from collections.abc import Callable

from bot.desk import Desk, Outcome
from bot.slack.answer import ANYTHING, Reply, Room
from bot.slack.cards import incident_forms
from bot.slack.cards.forms import View
from bot.slack.press import Press
from bot.sop.codes import Code
from bot.sop.incident import IncidentIntent, possible
from bot.sop.outlook import IncidentView
from bot.sop.records import Severity, ViolationStatus
from bot.sop.resolution import NoteText
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
    user, id = press.user, press.id
    return opened(room, id, IncidentIntent.ADD, incident_forms.entry_form, lambda d: d.add_entry(user, id, ANYTHING))


def severity(room: Room, press: Press) -> Reply:
    def act(desk: Desk) -> Outcome:
        return desk.change_severity(press.user, press.id, Severity.LOW, ANYTHING)

    return opened(room, press.id, IncidentIntent.CHANGE_SEVERITY, incident_forms.severity_form, act)


def reopen(room: Room, press: Press) -> Reply:
    def act(desk: Desk) -> Outcome:
        return desk.reopen_incident(press.user, press.id, ANYTHING)

    return opened(room, press.id, IncidentIntent.REOPEN, incident_forms.reopen_form, act)


def note(room: Room, press: Press) -> Reply:
    return note_of(room, press.user, press.id)


def try_again(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.log_note_again(press.user, press.id))


def note_of(room: Room, user: str, id: int) -> Reply:
    said = NoteText(**dict.fromkeys(NoteText.model_fields, ANYTHING))
    return opened(room, id, IncidentIntent.NOTE, incident_forms.note_form, lambda d: d.write_note(user, id, 0, said))


def hotfix(room: Room, press: Press) -> Reply:
    return hotfix_of(room, press.user, press.id)


def hotfix_of(room: Room, user: str, id: int) -> Reply:
    """Prefilled from the last one, whose emergency change it takes again where that can carry a release."""

    def made(view: IncidentView, pen: Pen) -> View:
        return incident_forms.hotfix_form(view, room.desk.lock_left(view.incident.service), pen)

    return opened(room, id, IncidentIntent.HOTFIX, made, lambda d: d.start_hotfix(user, id, ANYTHING, False))


def opened(
    room: Room,
    id: int,
    intent: IncidentIntent,
    make: Callable[[IncidentView, Pen], View],
    act: Callable[[Desk], Outcome],
) -> Reply:
    """A form about an incident; a sentence where its state does not allow it, or the person may not."""
    view = room.desk.incident_view(id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"INC-{id}")
    incident = view.incident
    may = possible(incident.status)
    if intent not in may:
        asked = {"subject": incident.name, "status": incident.status.value, "stage": None, "intent": intent.value}
        return room.refuse_with(Code.NOT_NOW, **asked, possible=[i.value for i in may])
    return room.form(make(view, room.pen()), act)


def explain(room: Room, press: Press) -> Reply:
    view = room.desk.violation_view(press.id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"V-{press.id}")
    if view.act.status is not ViolationStatus.OPEN:
        says = {"subject": view.act.name, "status": view.act.status.value, "stage": None}
        return room.refuse_with(Code.STALE, **says)
    form = incident_forms.explain_form(view.act, room.pen())
    return room.form(form, lambda desk: desk.explain_violation(press.user, press.id, ANYTHING))


TABLE: dict[str, Callable[[Room, Press], Reply]] = {
    "incident:lead": lead,
    "incident:confirm": confirm,
    "incident:channel": channel,
    "incident:resolve": resolve,
    "incident:add": add,
    "incident:severity": severity,
    "incident:reopen": reopen,
    "incident:note": note,
    "incident:try_again": try_again,
    "incident:hotfix": hotfix,
    "violation:explain": explain,
}
