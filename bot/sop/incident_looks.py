"""What the looks at an incident lead to: its channel, its issue, its affected probes, its note in the log."""

import hashlib
from datetime import datetime

from bot.sop.affected import moved
from bot.sop.affected import told as line_of
from bot.sop.codes import Code
from bot.sop.decision import Decision, Watch
from bot.sop.incident import channel_opened, remind
from bot.sop.policy import Policy, Probe
from bot.sop.records import Incident, IncidentStatus
from bot.sop.resolution import logged, once_of
from bot.sop.timeline import BOT, REOPENED, IncidentFacts, affected_probes, cards, decided, entered, told

ISSUE = "Taken over from issue #"  # how the timeline's line about the issue begins


def probes_due(incident: Incident, facts: IncidentFacts, policy: Policy) -> tuple[Probe, ...]:
    """The affected probes, when they are to be played now: at once, and then as often as the patrol looks."""
    due = _play_at(incident, facts, policy)
    service = policy.service(incident.service)
    return affected_probes(incident, service) if service and due and due <= facts.now else ()


def issue_due(incident: Incident, facts: IncidentFacts) -> bool:
    """Whether the issue that it was taken over from is still to be read."""
    return incident.issue is not None and (facts.issue.at is None or facts.issue.error is not None)


def advance(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """Everything that was seen and not told yet; and when to look again."""
    decision = Decision()
    for step in (_logged, _stuck, _opened, _issue_read, _played):
        done = step(incident, facts, policy)
        incident = next((r for r in reversed(done.records) if isinstance(r, Incident)), incident)
        decision += done
    return decision + remind(incident, facts, policy) + _again(incident, facts, policy)


def _logged(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """Of a closed incident whose note was corrected, the entry that was written since."""
    entry, at, note = facts.logged.known, facts.logged.at, incident.note
    waits = incident.status is not IncidentStatus.OPEN and incident.logged is None
    if entry is None or at is None or note is None or not waits or at < note.at:
        return Decision()
    if entry.once not in (None, once_of(note)) or (incident.resolved_at and note.at < incident.resolved_at):
        return Decision()  # an older writing, or of a resolution that did not last
    return logged(incident, entry.url, facts, policy)


def _stuck(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """GitHub refused its note, or it was given up: its card says so, and whoever wrote it hears."""
    if facts.stuck is None or incident.note is None:
        return Decision()
    once = f"log-refused:{incident.note.at.isoformat()}:{_digest(facts.stuck.error)}"
    post = told(incident, Code.LOG_REFUSED, once, mention=(incident.note.by,), error=facts.stuck.error)
    return Decision(effects=(*cards(incident, policy), post))


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _opened(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    if facts.own.error is not None and incident.channel is None:
        post = told(incident, Code.CHANNEL_REFUSED, f"no-channel:{_digest(facts.own.error)}", error=facts.own.error)
        return Decision(effects=(*cards(incident, policy), post))
    channel = facts.own.known
    return channel_opened(incident, channel, facts, policy) if channel and incident.channel is None else Decision()


def _issue_read(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """It stands on the timeline once. One that is not there is said to who named it; the incident stands without it."""
    service, issue = policy.service(incident.service), facts.issue.known
    told_already = any(e.source == BOT and e.by is None and e.text.startswith(ISSUE) for e in incident.timeline)
    if service is None or incident.issue is None or issue_due(incident, facts) or told_already:
        return Decision()
    begins = f"{ISSUE}{incident.issue}"
    if issue is not None:
        new = entered(incident, None, f"{begins}: {issue.title}", facts.now)
        return decided(new, None, "incident_issue_read", facts, policy, issue=issue.number, title=issue.title)
    line = f"GitHub has no issue #{incident.issue} in {service.repository}: {incident.name} stands without it"
    new = entered(incident.model_copy(update={"issue": None}), None, line, facts.now)
    values = {"issue": incident.issue, "repository": service.repository}
    post = told(new, Code.ISSUE_MISSING, f"issue:{incident.issue}", mention=(incident.declared_by,), **values)
    return decided(new, None, "incident_issue_missing", facts, policy, **values) + Decision(effects=(post,))


def _played(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """A line of the timeline when a probe stands otherwise than it did; the card is fresh in any case."""
    now = facts.played.known
    if now is None or now == facts.played_before:
        return Decision()
    if not moved(facts.played_before, now):
        return Decision(effects=cards(incident, policy))
    new = entered(incident, None, line_of(now), facts.now)
    probes = [p.model_dump(mode="json") for p in now.probes]
    return decided(new, None, "incident_probes_played", facts, policy, probes=probes)


def _again(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    due = [at for at in (_play_at(incident, facts, policy), _read_at(incident, facts, policy)) if at is not None]
    return Decision(watch=(Watch(subject=incident.name, due=min(due)),)) if due else Decision()


def _play_at(incident: Incident, facts: IncidentFacts, policy: Policy) -> datetime | None:
    service = policy.service(incident.service)
    if incident.status is not IncidentStatus.OPEN or service is None or not affected_probes(incident, service):
        return None
    again = max((e.at for e in incident.timeline if e.source == BOT and e.text.startswith(REOPENED)), default=None)
    if facts.played.at is None or (again is not None and facts.played.at < again):
        return facts.now
    return facts.played.at + policy.patrol.every


def _read_at(incident: Incident, facts: IncidentFacts, policy: Policy) -> datetime | None:
    """An issue that could not be read is read again."""
    return facts.now + policy.pace.waiting if issue_due(incident, facts) else None
