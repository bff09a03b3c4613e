"""Forms of incidents and violations. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.slack.cards.forms import View, asked, form, line, select, service_options, several
from bot.slack.cards.incident import affected
from bot.slack.cards.kit import OPTIONS, Block, context, option, section
from bot.sop.messages import Said
from bot.sop.outlook import IncidentView
from bot.sop.patrol.act import Act
from bot.sop.policy import Policy, Service
from bot.sop.records import ChangeStatus, Entry, Incident, IncidentKind, Lock, Severity
from bot.sop.stages import Status
from bot.words import PLAIN, Pen, Style, status_name
from bot.words.text import count

MEANS = {
    Severity.CRITICAL: "People cannot do what the service is for, or data is at risk",
    Severity.HIGH: "An important part fails, or fails for many",
    Severity.MEDIUM: "Something fails, and there is a way around it",
    Severity.LOW: "A blemish",
}
NOTE = 2900
NEAR = timedelta(hours=12)  # in which the time of day says enough
AGAIN = (Status.STOPPED, Status.ABORTED)  # after these the same candidate is likely


def head(incident: Incident, pen: Pen) -> Block:
    return section(f"{pen.bold(incident.name)} · {pen.code(incident.service)} · {pen.text(incident.title, 150)}")


def declare_form(policy: Policy, service: str | None, issue: int | None) -> View:
    """H1. What is affected is offered by feature and probe; free text says what they do not."""
    named = affected_options(policy, service)
    kinds = [option(k.value.capitalize(), k.value) for k in IncidentKind]
    blocks = [
        asked("title", "What is wrong", line("", "Checkout answers with an error", 150)),
        asked("service", "Service", select(service_options(policy), service or _only(policy))),
        asked("kind", "Kind", select(kinds)),
        asked("severity", "Severity", select(severity_options())),
        *([asked("affected", "Affected functionality", several(named), optional=True)] if named else []),
        asked(
            "affected_text",
            "Affected, in other words",
            line(longest=500),
            "Where no feature or probe names it.",
            optional=bool(named),
        ),
        asked("seen", "What is seen", line(longest=2000, lines=True), optional=True),
        asked("issue", "GitHub issue that is taken over", line(str(issue or ""), "123", 10), optional=True),
    ]
    return form("incident:declare", "Declare an incident", "Declare", blocks, {})


def _only(policy: Policy) -> str | None:
    return policy.services[0].name if len(policy.services) == 1 else None


def severity_options() -> list[Block]:
    return [option(s.value, s.value, MEANS[s]) for s in Severity]


def affected_options(policy: Policy, service: str | None) -> list[Block]:
    """Features and probes of the service, or of all of them."""
    chosen = [s for s in policy.services if service in (None, s.name)]
    names = dict.fromkeys(n for s in chosen for n in _named(s, policy))
    return [option(what, name) for name, what in {n: n for n in names}.items()][:OPTIONS]


def _named(service: Service, policy: Policy) -> list[str]:
    return [*(service.features or tuple(policy.features)), *(p.name for p in service.probes)]


def severity_form(view: IncidentView, pen: Pen) -> View:
    incident = view.incident
    others = [o for o in severity_options() if o["value"] != incident.severity.value]
    blocks = [
        head(incident, pen),
        context(f"It is {incident.severity.value}. Down from CRITICAL stops a hotfix before its push."),
        asked("severity", "Severity", select(others)),
        asked("reason", "Why", line(longest=1000, lines=True)),
    ]
    return form("incident:severity", "Change severity", "Change", blocks, {"id": incident.id})


def entry_form(view: IncidentView, pen: Pen) -> View:
    incident = view.incident
    blocks = [head(incident, pen), asked("text", "What happened, or what was done", line(longest=2000, lines=True))]
    return form("incident:add", "Add to timeline", "Add", blocks, {"id": incident.id})


def message_form(said: Said, incidents: Sequence[Incident], pen: Pen) -> View:
    """Of a message that stands in no incident's place: which one is it of? Newest first."""
    choices = [option(f"{i.name} · {i.severity.value} · {PLAIN.text(i.title)}", str(i.id)) for i in incidents]
    first = str(incidents[0].id) if len(incidents) == 1 else None
    blocks = [
        section(f"{pen.who(said.by)}: {pen.lines(said.text, 500)}"),
        asked("incident", "Incident", select(choices[:OPTIONS], first)),
    ]
    return form("incident:message", "Add to timeline", "Add", blocks, {"channel": said.channel, "ts": said.ts})


def reopen_form(view: IncidentView, pen: Pen) -> View:
    incident = view.incident
    blocks = [head(incident, pen), asked("reason", "Why", line(longest=1000, lines=True))]
    return form("incident:reopen", f"Reopen {incident.name}", "Reopen", blocks, {"id": incident.id})


def hotfix_form(view: IncidentView, left: Lock | None, pen: Pen) -> View:
    """With the incident's emergency change, or one that is made from it; prefilled from the last hotfix."""
    incident, last = view.incident, view.hotfix
    again = last.candidate if last is not None and last.status in AGAIN else ""
    blocks = [
        head(incident, pen),
        context(f"{_carried(view, pen)} Minimal and reversible."),
        asked("candidate", "Candidate: branch or commit", line(again, "fix-checkout", 255)),
    ]
    if left and left.left:
        words = f"{count(len(left.left.commits), 'commit')} of R-{left.about} ({pen.who(left.owner)})"
        box = {"type": "checkboxes", "options": [option("I take them over and answer for them", "yes")]}
        blocks.append(section(f"⚠️ {words} on {pen.code(left.key)}, unverified, would go out with the hotfix."))
        blocks.append(asked("take_over", "Commits that were left ahead", box, optional=True))
    return form("incident:hotfix", "Start a hotfix", "Start", blocks, {"id": incident.id})


def _carried(view: IncidentView, pen: Pen) -> str:
    """Which emergency change it goes with, and what that means for what was done before."""
    change, new = view.change, "the emergency change request; one approver's click approves it."
    if change is None:
        return f"Makes {new}"
    kept = f"Goes on with {pen.bold(change.name)}: commits that reference it and preflights made for it still count."
    if change.status is ChangeStatus.APPROVED:
        return f"{kept} Its approval stands."
    if change.status is ChangeStatus.OPEN:
        return f"{kept} It waits for an approver's click."
    if change.status is ChangeStatus.EXPIRED:
        return f"{kept} Its approval ran out: an approver is asked anew."
    became = status_name(change.status)
    if change.status is ChangeStatus.REJECTED and change.rejection:
        became += f" by {pen.who(change.rejection.by)}: {pen.text(change.rejection.reason, 200).rstrip('.')}"
    return f"{pen.bold(change.name)} is {became}. Makes anew {new} Commits have to reference the new one."


def note_form(view: IncidentView, pen: Pen) -> View:
    """H5, prefilled from the timeline, or with the note as it was written."""
    incident = view.incident
    note = incident.note
    told = "\n".join(_said(e, incident.created_at, Pen(style=Style.FORM, names=pen.names)) for e in incident.timeline)
    fix = f"R-{incident.hotfix} with CR-{incident.change}" if incident.hotfix else ""
    blocks = [
        head(incident, pen),
        asked("happened", "What happened", line(note.happened if note else told, longest=NOTE, lines=True)),
        asked("affected", "What was affected", line(note.affected if note else affected(incident), longest=NOTE)),
        asked("cause", "Cause", line(note.cause if note else "", longest=NOTE, lines=True)),
        asked("fix", "Fix", line(note.fix if note else fix, longest=NOTE, lines=True)),
        asked(
            "follow_ups", "Follow-ups", line(note.follow_ups if note else "", longest=NOTE, lines=True), optional=True
        ),
    ]
    keep = {"id": incident.id, "revision": incident.noted}
    return form("incident:note", f"Note of {incident.name}", "Write it", blocks, keep)


def _said(entry: Entry, since: datetime, pen: Pen) -> str:
    """Who said or did what, when; with the day where that is another one than the incident's."""
    when = pen.clock(entry.at) if abs(entry.at - since) < NEAR else pen.time(entry.at)
    return f"{when} {pen.who(entry.by)}: {entry.text}" if entry.by else f"{when} {entry.text}"


def explain_form(act: Act, pen: Pen) -> View:
    of = ", ".join(v.rule for v in act.open)
    blocks = [
        section(f"{pen.bold(act.name)} · {pen.code(act.service)} · {'rules' if len(act.open) > 1 else 'rule'} {of}"),
        context("Kept as your word, by name. What it blocked goes on; if it comes back it is open again."),
        asked("reason", "How it came about, and what is done about it", line(longest=2000, lines=True)),
    ]
    keep = {"id": act.id, "count": act.count}
    return form("violation:explain", f"Explain {act.name}", "Explain", blocks, keep)
