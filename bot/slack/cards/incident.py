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
from bot.sop.affected import ProbeSeen, Standing
from bot.sop.incident import IncidentIntent, may_have_hotfix, possible
from bot.sop.outlook import IncidentView
from bot.sop.records import Entry, Incident, IncidentStatus, Severity
from bot.sop.resolution import note_awaited
from bot.sop.stages import Stage, Status
from bot.words import Pen, status_name
from bot.words.text import duration, joined

ICONS = {Severity.CRITICAL: "🚨", Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🟡"}
STANDS = {Standing.FAILING: "❌", Standing.PASSING: "✅", Standing.UNKNOWN: "❔"}
ENDED = (Status.STOPPED, Status.ABORTED, Status.ROLLED_BACK)  # of a hotfix that mended nothing
SAID = 10  # lines of the timeline on the card


def incident_card(view: IncidentView, pen: Pen) -> Message:
    incident = view.incident
    body = [
        header(f"{incident.name} · {incident.service} · {incident.kind.value}"),
        section(_summary(view, pen)),
        *texts(_probes(view, pen)),
        *texts(_timeline(incident.timeline, pen)),
    ]
    tail = [context(_trail(incident, pen)), *actions(incident_buttons(view))]
    return Message(fallback(incident, pen), fitted(body, tail))


def fallback(incident: Incident, pen: Pen) -> str:
    standing = f"{incident.severity.value} · {incident.status.value}"
    return f"{incident.name} · {incident.service} · {standing} · {pen.text(incident.title, 150)}"


def incident_line(incident: Incident, now: datetime, pen: Pen) -> str:
    icon = _icon(incident)
    standing = pen.bold(f"{incident.severity.value} · {incident.status.value}")
    lead = f"led by {pen.who(incident.lead)}" if incident.lead else "nobody leads it"
    said = f"{icon} {pen.bold(incident.name)} · {incident.service} · {standing} · {pen.text(incident.title, 100)}"
    wanted = " · its note is to be written" if incident.status is IncidentStatus.RESOLVED else ""
    return f"{said} · {_age(incident, now)} · {lead}{wanted}"


def incidents_list(incidents: Sequence[Incident], now: datetime, pen: Pen) -> Message:
    if not incidents:
        said = f"No incident yet. {pen.command('incident declare')} declares one."
        return Message(said, tuple(texts([said])))
    lines = [incident_line(i, now, pen) for i in incidents]
    return Message(f"{len(incidents)} incidents", fitted(texts([pen.bold("Incidents"), *lines])))


def affected(incident: Incident) -> str:
    return ", ".join(a for a in (*incident.affected, incident.affected_text) if a)


def _icon(incident: Incident) -> str:
    return ICONS[incident.severity] if incident.status is IncidentStatus.OPEN else "✅"


def _declared(incident: Incident, pen: Pen) -> str:
    """The age as Slack counts it: a card is not redrawn because time passes. Of one that is over, how long it took."""
    if incident.status is IncidentStatus.OPEN:
        return f"declared {pen.time(incident.created_at, '{ago}')}"
    return f"{_age(incident, incident.resolved_at or incident.created_at)} from declaration to resolution"


def _age(incident: Incident, now: datetime) -> str:
    return duration(((incident.resolved_at or now) - incident.created_at).total_seconds())


def _summary(view: IncidentView, pen: Pen) -> str:
    incident = view.incident
    standing = pen.bold(f"{incident.severity.value} · {incident.status.value}")
    lines = [
        f"{_icon(incident)} {standing} · {_declared(incident, pen)}",
        pen.bold(pen.text(incident.title, 200)),
        f"{pen.bold('Affected')}  {pen.text(affected(incident), 500)}",
        f"{pen.bold('Lead')}  {pen.who(incident.lead) if incident.lead else 'nobody yet'}",
    ]
    if incident.severity is Severity.CRITICAL:
        word = incident.confirmed
        unsaid = "never confirmed"
        if incident.status is IncidentStatus.OPEN:
            others = f": that is for another person than {joined([pen.who(p) for p in view.not_by], 'or')}"
            unsaid = f"not confirmed as CRITICAL yet{others if view.not_by else ''}"
        lines.append(f"confirmed as CRITICAL by {pen.who(word.by)}" if word else unsaid)
    return "\n".join([*lines, *_places(view, pen)])


def _places(view: IncidentView, pen: Pen) -> list[str]:
    """Where it is dealt with: its issue, its channel, its hotfix, its note."""
    incident = view.incident
    where = [f"<#{incident.channel}>"] if incident.channel and pen.slack else []
    where += [_hotfix(view, pen)] if incident.hotfix else []
    where += [said] if (said := _note(view, pen)) else []
    lines = [f"{pen.bold('Issue')}  {_issue(view, pen)}"] if incident.issue else []
    lines += [" · ".join(where)] if where else []
    if view.no_channel:
        lines.append(f"⚠️ Its own channel could not be opened: {pen.code(view.no_channel)}")
    if view.stuck:
        why = f": {pen.text(view.stuck.error, 300).rstrip('.')}" if view.stuck.error else ""
        lines.append(f"⚠️ {pen.bold('Its note could not be put into the decision log')}{why}.")
        lines.append(f"Mend what stands in its way at GitHub, then press {pen.button('Try again')}.")
    return lines


def _note(view: IncidentView, pen: Pen) -> str:
    """Where its note stands, or what keeps it open still."""
    incident = view.incident
    if incident.logged:
        return f"note in the {pen.link(incident.logged, 'decision log')}"
    if incident.status is IncidentStatus.OPEN or view.stuck:
        return ""
    if note_awaited(incident):
        return "its note is on the way to the decision log"
    return "its note is to be written" if incident.status is IncidentStatus.RESOLVED else ""


def _hotfix(view: IncidentView, pen: Pen) -> str:
    """Its last hotfix; of one that came to nothing, what became of it and how it goes on."""
    incident, last = view.incident, view.hotfix
    said = f"hotfix R-{incident.hotfix} with CR-{incident.change}"
    if last is None or last.status not in ENDED:
        return said
    ended = f"hotfix {last.name} {'is' if last.status is Status.STOPPED else 'was'} {status_name(last.status)}"
    if incident.status is not IncidentStatus.OPEN:
        return ended
    if not may_have_hotfix(incident):
        return f"{ended}: only a confirmed CRITICAL may have another"
    anew = "begins another" if last.status is Status.ROLLED_BACK else "begins anew, and keeps what still counts"
    return f"⚠️ {pen.bold(ended)}: {pen.button('Start hotfix')} {anew}"


def _issue(view: IncidentView, pen: Pen) -> str:
    issue, number = view.issue, f"#{view.incident.issue}"
    if issue.value is not None:
        return f"{pen.link(issue.value.url, number)} {pen.text(issue.value.title, 150)}"
    if issue.error is not None:
        return f"{number}, which could not be read: {pen.text(issue.error, 150)}{pen.until(issue.until)}"
    return f"{number}, which the repository does not have" if issue.at else f"{number}, not read yet"


def _probes(view: IncidentView, pen: Pen) -> list[str]:
    """What was named as affected, played on production."""
    seen = view.played
    if seen.value is None:
        return []
    head = f"{pen.bold('On production')}, {pen.time(seen.at)}"
    rows = [_probe(p, pen) for p in seen.value.probes]
    return [head, *rows, *_expected(view, pen)]


def _expected(view: IncidentView, pen: Pen) -> list[str]:
    """X1: what the patrol makes of their answers while this is open."""
    probes = view.played.value.probes if view.played.value else ()
    failing = [pen.code(p.name) for p in probes if p.standing is Standing.FAILING]
    if not failing or view.incident.status is not IncidentStatus.OPEN:
        return []
    return [
        f"The patrol expects that of {joined(failing)} while {view.incident.name} is open: no violation of X1. "
        "Any other probe that answers otherwise is one."
    ]


def _probe(probe: ProbeSeen, pen: Pen) -> str:
    return f"{STANDS[probe.standing]} {pen.code(probe.name)}: {probe.standing.value} · {pen.text(probe.said, 250)}"


def _timeline(entries: Sequence[Entry], pen: Pen) -> list[str]:
    shown, left = entries[-SAID:], len(entries) - SAID
    head = pen.bold("Timeline") + (f", the last {SAID} of {len(entries)}" if left > 0 else "")
    return [head, *(_entry(e, pen) for e in shown)] if shown else []


def _entry(entry: Entry, pen: Pen) -> str:
    by = f"{pen.who(entry.by)}: " if entry.by else ""
    pin = f" {pen.link(entry.link, '📌')}" if entry.source == "message" else ""
    return f"• {pen.clock(entry.at)} {by}{pen.text(entry.text, 250)}{pin}"


def _trail(incident: Incident, pen: Pen) -> str:
    steps = [f"declared by {pen.who(incident.declared_by)} {pen.time(incident.created_at)}"]
    if incident.resolved_by:
        steps.append(f"resolved by {pen.who(incident.resolved_by)} {pen.time(incident.resolved_at)}")
    if incident.note:
        steps.append(f"note by {pen.who(incident.note.by)} {pen.time(incident.note.at)}")
    return joined(steps, "·") if len(steps) == 1 else " · ".join(steps)


def _runs(view: IncidentView) -> bool:
    return view.hotfix is not None and not view.hotfix.closed


def _noting(view: IncidentView) -> bool:
    """It is over, or its hotfix is verified and waits for the note."""
    waits = view.hotfix is not None and view.hotfix.stage is Stage.POST_ACTION_NOTE
    return view.incident.status is not IncidentStatus.OPEN or (_runs(view) and waits)


def incident_buttons(view: IncidentView) -> list[Block]:
    """Those that its state allows; what only some people may do is refused with who may."""
    incident = view.incident
    offers_channel = view.offers_channel and not incident.channel
    may, at = possible(incident.status), {"id": incident.id, "status": incident.status.value}
    critical = incident.severity is Severity.CRITICAL
    sure = confirm("Is it CRITICAL?", "You say by name that it is; a hotfix may then start.", "It is CRITICAL")
    done = confirm("Is it resolved?", "CRITICAL and HIGH ones want a note then.", "Resolve")
    ask = IncidentIntent
    shown = (
        (ask.CONFIRM, critical and not incident.confirmed, "Confirm CRITICAL", "incident:confirm", "primary", sure),
        (ask.HOTFIX, may_have_hotfix(incident) and not _runs(view), "Start hotfix", "incident:hotfix", "primary", None),
        (ask.TAKE_LEAD, True, "Take the lead", "incident:lead", None, None),
        (ask.ADD, True, "Add to timeline", "incident:add", None, None),
        (ask.CHANGE_SEVERITY, True, "Change severity", "incident:severity", None, None),
        (ask.OPEN_CHANNEL, offers_channel, "Open a channel", "incident:channel", None, None),
        (ask.TRY_AGAIN, view.stuck, "Try again", "incident:try_again", "primary", None),
        (ask.NOTE, _noting(view), "Write note", "incident:note", None, None),
        (ask.RESOLVE, not _runs(view), "Resolve", "incident:resolve", None, done),
        (ask.REOPEN, True, "Reopen", "incident:reopen", "danger", None),
    )
    return [button(label, action, at, style, sure_) for i, on, label, action, style, sure_ in shown if on and i in may]
