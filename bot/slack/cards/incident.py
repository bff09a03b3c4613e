"""The card of an incident: severity, age, lead, timeline, and what can be done now."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.cards.kit import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    fitted,
    header,
    section,
    texts,
)
from bot.sop.incident import IncidentIntent, possible
from bot.sop.records import Entry, Incident, IncidentStatus, Severity
from bot.words import Pen
from bot.words.text import duration, joined

ICONS = {Severity.CRITICAL: "🚨", Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🟡"}
SAID = 10  # lines of the timeline on the card


def incident_card(incident: Incident, now: datetime, offers_channel: bool, pen: Pen) -> Message:
    """`offers_channel`: the SOP lets people ask for a channel of its own."""
    body = [
        header(f"{incident.name} · {incident.service} · {incident.kind.value}"),
        section(_summary(incident, now, pen)),
        *texts(_timeline(incident.timeline, pen)),
    ]
    tail = [context(_trail(incident, pen)), *actions(_buttons(incident, offers_channel))]
    return Message(fallback(incident, pen), fitted(body, tail))


def fallback(incident: Incident, pen: Pen) -> str:
    standing = f"{incident.severity.value} · {incident.status.value}"
    return f"{incident.name} · {incident.service} · {standing} · {pen.text(incident.title, 150)}"


def incident_line(incident: Incident, now: datetime, pen: Pen) -> str:
    icon = ICONS[incident.severity] if incident.status is IncidentStatus.OPEN else "✅"
    standing = pen.bold(f"{incident.severity.value} · {incident.status.value}")
    lead = f"led by {pen.who(incident.lead)}" if incident.lead else "nobody leads it"
    said = f"{icon} {pen.bold(incident.name)} · {incident.service} · {standing} · {pen.text(incident.title, 100)}"
    return f"{said} · {_age(incident, now)} · {lead}"


def incidents_list(incidents: Sequence[Incident], now: datetime, pen: Pen) -> Message:
    if not incidents:
        said = f"No incident yet. {pen.command('incident declare')} declares one."
        return Message(said, tuple(texts([said])))
    lines = [incident_line(i, now, pen) for i in incidents]
    return Message(f"{len(incidents)} incidents", fitted(texts([pen.bold("Incidents"), *lines])))


def affected(incident: Incident) -> str:
    return ", ".join(a for a in (*incident.affected, incident.affected_text) if a)


def _age(incident: Incident, now: datetime) -> str:
    return duration(((incident.resolved_at or now) - incident.created_at).total_seconds())


def _summary(incident: Incident, now: datetime, pen: Pen) -> str:
    standing = pen.bold(f"{incident.severity.value} · {incident.status.value}")
    lines = [
        f"{ICONS[incident.severity]} {standing} · {_age(incident, now)} since it was declared",
        pen.bold(pen.text(incident.title, 200)),
        f"{pen.bold('Affected')}  {pen.text(affected(incident), 500)}",
        f"{pen.bold('Lead')}  {pen.who(incident.lead) if incident.lead else 'nobody yet'}",
    ]
    if incident.severity is Severity.CRITICAL:
        word = incident.confirmed
        lines.append(f"confirmed as CRITICAL by {pen.who(word.by)}" if word else "not confirmed as CRITICAL yet")
    where = [f"issue #{incident.issue}"] if incident.issue else []
    where += [f"<#{incident.channel}>"] if incident.channel and pen.slack else []
    where += [f"hotfix R-{incident.hotfix} with CR-{incident.change}"] if incident.hotfix else []
    where += [f"note in the {pen.link(incident.logged, 'decision log')}"] if incident.logged else []
    return "\n".join([*lines, *([" · ".join(where)] if where else [])])


def _timeline(entries: Sequence[Entry], pen: Pen) -> list[str]:
    shown, left = entries[-SAID:], len(entries) - SAID
    head = pen.bold("Timeline") + (f", the last {SAID} of {len(entries)}" if left > 0 else "")
    return [head, *(_entry(e, pen) for e in shown)] if shown else []


def _entry(entry: Entry, pen: Pen) -> str:
    by = f"{pen.who(entry.by)}: " if entry.by else ""
    pin = f" {pen.link(entry.link, '📌')}" if entry.link else ""
    return f"• {pen.clock(entry.at)} {by}{pen.text(entry.text, 250)}{pin}"


def _trail(incident: Incident, pen: Pen) -> str:
    steps = [f"declared by {pen.who(incident.declared_by)} {pen.time(incident.created_at)}"]
    if incident.resolved_by:
        steps.append(f"resolved by {pen.who(incident.resolved_by)} {pen.time(incident.resolved_at)}")
    if incident.note:
        steps.append(f"note by {pen.who(incident.note.by)} {pen.time(incident.note.at)}")
    return joined(steps, "·") if len(steps) == 1 else " · ".join(steps)


def _buttons(incident: Incident, offers_channel: bool) -> list[Block]:
    """Those that its state allows; what only some people may do is refused with who may."""
    may, at = possible(incident.status), {"id": incident.id, "status": incident.status.value}
    critical = incident.severity is Severity.CRITICAL
    sure = confirm("Is it CRITICAL?", "You say by name that it is; a hotfix may then start.", "It is CRITICAL")
    done = confirm("Is it resolved?", "CRITICAL and HIGH ones want a note then.", "Resolve")
    ask = IncidentIntent
    shown = (
        (ask.CONFIRM, critical and not incident.confirmed, "Confirm CRITICAL", "incident:confirm", "primary", sure),
        (ask.HOTFIX, critical and incident.confirmed, "Start hotfix", "incident:hotfix", "primary", None),
        (ask.TAKE_LEAD, True, "Take the lead", "incident:lead", None, None),
        (ask.ADD, True, "Add to timeline", "incident:add", None, None),
        (ask.CHANGE_SEVERITY, True, "Change severity", "incident:severity", None, None),
        (ask.OPEN_CHANNEL, offers_channel and not incident.channel, "Open a channel", "incident:channel", None, None),
        (ask.NOTE, incident.status is not IncidentStatus.OPEN, "Write note", "incident:note", None, None),
        (ask.RESOLVE, True, "Resolve", "incident:resolve", None, done),
        (ask.REOPEN, True, "Reopen", "incident:reopen", "danger", None),
    )
    return [button(label, action, at, style, sure_) for i, on, label, action, style, sure_ in shown if on and i in may]
