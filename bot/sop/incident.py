"""Incidents (H1): declared by anyone, led by one person, confirmed as CRITICAL for a hotfix; `resolution` ends them."""

from enum import StrEnum
from typing import Any

from bot.sop.codes import Code
from bot.sop.content import empty, features
from bot.sop.decision import Decision, Event, Refusal, Watch
from bot.sop.effects import Effect, Notice, PostThread, SendDirect
from bot.sop.messages import Said
from bot.sop.model import Frozen
from bot.sop.policy import OwnChannel, Policy, Role, Service, SeverityConfirmation
from bot.sop.records import Entry, Incident, IncidentKind, IncidentStatus, Severity, Word
from bot.sop.roles import has, holders, lacks
from bot.sop.timeline import (
    BOT,
    OWN,
    IncidentFacts,
    decided,
    entered,
    last_said,
    own_channel,
    reminded,
    running,
    told,
    woken,
)

S = IncidentStatus
RAISED = "Severity CRITICAL,"  # how the timeline's line of a raised severity begins


class IncidentIntent(StrEnum):
    TAKE_LEAD = "take the lead"
    CHANGE_SEVERITY = "change the severity"
    CONFIRM = "confirm that it is CRITICAL"
    ADD = "add to the timeline"
    OPEN_CHANNEL = "open a channel"
    HOTFIX = "start a hotfix"
    RESOLVE = "resolve"
    NOTE = "write the note"
    TRY_AGAIN = "try again"  # to put its note into the decision log
    REOPEN = "reopen"
    LOGGED = "logged"  # the outbox': the note stands in the decision log
    HOTFIX_DONE = "hotfix complete"  # its hotfix'


Ask = IncidentIntent
TRANSITIONS: dict[tuple[IncidentStatus, IncidentIntent], frozenset[IncidentStatus]] = {
    (S.OPEN, Ask.TAKE_LEAD): frozenset({S.OPEN}),
    (S.OPEN, Ask.CHANGE_SEVERITY): frozenset({S.OPEN}),
    (S.OPEN, Ask.CONFIRM): frozenset({S.OPEN}),
    (S.OPEN, Ask.ADD): frozenset({S.OPEN}),
    (S.OPEN, Ask.OPEN_CHANNEL): frozenset({S.OPEN}),
    (S.OPEN, Ask.HOTFIX): frozenset({S.OPEN}),
    (S.OPEN, Ask.RESOLVE): frozenset({S.RESOLVED, S.CLOSED}),
    (S.OPEN, Ask.NOTE): frozenset({S.OPEN}),  # of a hotfix that is verified; its hotfix logs it
    (S.OPEN, Ask.HOTFIX_DONE): frozenset({S.CLOSED}),
    (S.RESOLVED, Ask.ADD): frozenset({S.RESOLVED}),
    (S.RESOLVED, Ask.NOTE): frozenset({S.RESOLVED}),
    (S.RESOLVED, Ask.TRY_AGAIN): frozenset({S.RESOLVED}),
    (S.RESOLVED, Ask.LOGGED): frozenset({S.CLOSED}),
    (S.RESOLVED, Ask.REOPEN): frozenset({S.OPEN}),
    (S.CLOSED, Ask.ADD): frozenset({S.CLOSED}),
    (S.CLOSED, Ask.NOTE): frozenset({S.CLOSED}),  # corrected: the entry replaces itself
    (S.CLOSED, Ask.TRY_AGAIN): frozenset({S.CLOSED}),
    (S.CLOSED, Ask.LOGGED): frozenset({S.CLOSED}),
    (S.CLOSED, Ask.REOPEN): frozenset({S.OPEN}),
}
PEOPLES = tuple(i for i in IncidentIntent if i not in (Ask.LOGGED, Ask.HOTFIX_DONE))


class Declaration(Frozen):
    """What `/incident declare` asks for."""

    service: str
    title: str
    kind: IncidentKind
    severity: Severity
    affected: tuple[str, ...] = ()  # features and probes of the service
    affected_text: str = ""
    seen: str = ""  # what is seen, as the first thing said
    issue: int | None = None  # the GitHub issue that is taken over


def possible(status: IncidentStatus) -> tuple[IncidentIntent, ...]:
    return tuple(i for i in PEOPLES if (status, i) in TRANSITIONS)


def declare(id: int, by: str, said: Declaration, facts: IncidentFacts, policy: Policy) -> Decision:
    """H1: everyone may. A CRITICAL wakes the people with the incident role."""
    refusal = _check(said, facts, policy)
    if refusal:
        return Decision(refusal=refusal)
    incident = Incident(
        id=id,
        service=said.service,
        title=" ".join(said.title.split()),
        kind=said.kind,
        affected=said.affected,
        affected_text=said.affected_text.strip(),
        severity=said.severity,
        status=S.OPEN,
        declared_by=by,
        issue=said.issue,
        created_at=facts.now,
    )
    incident = entered(incident, by, f"Declared {said.severity.value}", facts.now)
    if said.seen.strip():
        incident = entered(incident, by, said.seen.strip(), facts.now, source="said")
    effects: tuple[Effect, ...] = ()
    if incident.severity is Severity.CRITICAL:
        effects += woken(incident, by, facts, policy)
    if policy.incident.own_channel is OwnChannel.ALWAYS:
        effects += (own_channel(incident, facts, policy),)
    values = said.model_dump(mode="json")
    done = decided(incident, by, "incident_declared", facts, policy, **values)
    return done + Decision(effects=effects, watch=(Watch(subject=incident.name, due=facts.now),))


def take_lead(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """Anyone with a role in the SOP may lead; what only the incident role may do, the lead may too."""
    refusal = refuse(incident, Ask.TAKE_LEAD) or lacks(policy, facts.directory, by, "lead an incident", *Role)
    if refusal is None and incident.lead == by:
        refusal = Refusal(code=Code.ALREADY, values={"subject": incident.name, "what": "led by you"})
    if refusal:
        return Decision(refusal=refusal)
    new = entered(incident.model_copy(update={"lead": by}), by, "Takes the lead", facts.now)
    before = (incident.lead,) if incident.lead else ()
    post = told(new, Code.LEAD_TAKEN, f"lead:{facts.now.isoformat()}", mention=before, by=by, before=incident.lead)
    return decided(new, by, "incident_lead_taken", facts, policy, before=incident.lead) + Decision(effects=(post,))


def change_severity(
    incident: Incident, by: str, severity: Severity, reason: str, facts: IncidentFacts, policy: Policy
) -> Decision:
    """Down from CRITICAL voids the confirmation, and with it a hotfix before its push; up to CRITICAL wakes people."""
    refusal = refuse(incident, Ask.CHANGE_SEVERITY) or may(incident, by, "change the severity", facts, policy)
    if refusal is None and severity is incident.severity:
        refusal = Refusal(
            code=Code.ALREADY, values={"subject": incident.name, "what": severity.value}, field="severity"
        )
    refusal = refusal or empty(reason, "reason")
    if refusal:
        return Decision(refusal=refusal)
    was, why = incident.severity, reason.strip()
    worst = min((was, incident.worst or was), key=list(Severity).index)
    new = incident.model_copy(update={"severity": severity, "worst": worst, "confirmed": None})
    new = entered(new, by, f"Severity {severity.value}, was {was.value}: {why}", facts.now)
    values: dict[str, Any] = {"by": by, "was": was.value, "severity": severity.value, "reason": why}
    mention = (new.lead,) if new.lead and new.lead != by else ()
    post = told(new, Code.SEVERITY_CHANGED, f"severity:{facts.now.isoformat()}", mention=mention, **values)
    effects: tuple[Effect, ...] = (post,)
    if severity is Severity.CRITICAL:
        effects += woken(new, by, facts, policy)
    hotfix = running(facts)
    again = (Watch(subject=hotfix.name, due=facts.now),) if hotfix else ()
    values["voided"] = incident.confirmed.by if incident.confirmed else None
    done = decided(new, by, "incident_severity_changed", facts, policy, **values)
    return done + Decision(effects=effects, watch=again)


def confirm_critical(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """H1. Policy `another_person`: neither who declared it nor who raised it to CRITICAL."""
    refusal = refuse(incident, Ask.CONFIRM) or may(incident, by, "confirm that it is CRITICAL", facts, policy)
    if refusal is None and incident.severity is not Severity.CRITICAL:
        values = {"incident": incident.name, "severity": incident.severity.value}
        refusal = Refusal(code=Code.NOT_CRITICAL, values=values)
    if refusal is None and incident.confirmed is not None:
        refusal = Refusal(code=Code.ALREADY, values={"subject": incident.name, "what": "confirmed"})
    if refusal is None and by in not_by(incident, policy):
        refusal = _of_another(incident, facts, policy)
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=Severity.CRITICAL.value)
    new = entered(incident.model_copy(update={"confirmed": word}), by, "Confirms that it is CRITICAL", facts.now)
    post = told(new, Code.CRITICAL_CONFIRMED, f"confirmed:{facts.now.isoformat()}", by=by)
    return decided(new, by, "incident_critical_confirmed", facts, policy) + Decision(effects=(post,))


def _of_another(incident: Incident, facts: IncidentFacts, policy: Policy) -> Refusal:
    others = not_by(incident, policy)
    able = holders(policy, facts.directory, Role.INCIDENT) | ({incident.lead} if incident.lead else set())
    values = {"incident": incident.name, "not_by": list(others), "holders": sorted(able - set(others))}
    return Refusal(code=Code.CONFIRM_ANOTHER, values=values)


def not_by(incident: Incident, policy: Policy) -> tuple[str, ...]:
    """Who cannot confirm that it is CRITICAL, because they said so first."""
    if policy.incident.severity_confirmation is not SeverityConfirmation.ANOTHER:
        return ()
    return tuple(dict.fromkeys(p for p in (incident.declared_by, _raised_by(incident)) if p))


def _raised_by(incident: Incident) -> str | None:
    lines = (e for e in reversed(incident.timeline) if e.source == BOT and e.text.startswith(RAISED))
    return next((e.by for e in lines), None)


def add_entry(incident: Incident, by: str, text: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """Everyone may."""
    refusal = refuse(incident, Ask.ADD) or empty(text, "text")
    if refusal:
        return Decision(refusal=refusal)
    new = entered(incident, by, text.strip(), facts.now, source="said")
    return decided(new, by, "incident_entry_added", facts, policy, text=text.strip())


def add_message(incident: Incident, by: str, said: Said, facts: IncidentFacts, policy: Policy) -> Decision:
    """Everyone may, once. It stands at the time when it was said, as the word of who said it."""
    refusal = refuse(incident, Ask.ADD) or already_told(incident, said.name)
    if refusal:
        return Decision(refusal=refusal)
    known: dict[str, Any] = {"source": "message", "link": said.link, "message": said.name, "added": facts.now}
    line = Entry(at=said.at, by=said.by, text=said.text, **known)
    lines = sorted((*incident.timeline, line), key=lambda e: e.at)
    new = incident.model_copy(update={"timeline": tuple(lines)})
    values = {"message": said.name, "text": said.text, "said_by": said.by, "link": said.link}
    return decided(new, by, "incident_message_added", facts, policy, **values)


def already_told(incident: Incident, message: str) -> Refusal | None:
    if message not in {e.message for e in incident.timeline}:
        return None
    return Refusal(code=Code.MESSAGE_THERE, values={"incident": incident.name})


def unpinned(incident: Incident, by: str, channel: str, ts: str) -> Decision:
    """A 📌 was taken off a message: the timeline keeps it, and the thread where it stands says so once."""
    line = next((e for e in incident.timeline if e.message == f"{channel}/{ts}"), None)
    if line is None:
        return Decision()
    values = {"incident": incident.name, "by": by, "url": line.link}
    subject = f"{incident.name}{OWN}" if channel == incident.channel else incident.name
    post = PostThread(
        subject=subject, notice=Notice(code=Code.MESSAGE_KEPT, values=values), once=f"kept:{channel}/{ts}"
    )
    event = Event(kind="incident_pin_removed", subject=incident.name, actor=by, values={"message": line.message})
    return Decision(events=(event,), effects=(post,))


def open_channel(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """Where policy says `ask`; everyone may."""
    refusal = refuse(incident, Ask.OPEN_CHANNEL)
    if refusal is None and policy.incident.own_channel is OwnChannel.NEVER:
        refusal = Refusal(code=Code.NO_OWN_CHANNEL, values={"incident": incident.name})
    if refusal is None and incident.channel is not None:
        refusal = Refusal(code=Code.ALREADY, values={"subject": incident.name, "what": "in its own channel"})
    if refusal:
        return Decision(refusal=refusal)
    asked = decided(incident, by, "incident_channel_asked", facts, policy)
    return asked + Decision(effects=(own_channel(incident, facts, policy),))


def channel_opened(incident: Incident, channel: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """The outbox opened its channel: the Slack id."""
    if incident.channel == channel:
        return Decision()
    new = incident.model_copy(update={"channel": channel})
    done = decided(new, None, "incident_channel_opened", facts, policy, channel=channel)
    return done + Decision(effects=(told(new, Code.CHANNEL_OPENED, f"channel:{channel}", channel=channel),))


def remind(incident: Incident, facts: IncidentFacts, policy: Policy) -> Decision:
    """The clock: while a CRITICAL is open and nothing is said, its lead hears of it, or those who could lead."""
    if not reminded(incident):
        return Decision()
    every, since = policy.incident.remind_every, last_said(incident)
    times = int((facts.now - since) / every)
    due = Watch(subject=incident.name, due=since + (times + 1) * every)
    if times < 1:
        return Decision(watch=(due,))
    lead = incident.lead if incident.lead not in facts.directory.deactivated else None
    people = (lead,) if lead else tuple(sorted(holders(policy, facts.directory, Role.INCIDENT)))
    seconds = int((facts.now - since).total_seconds())
    values = {"incident": incident.name, "title": incident.title, "seconds": seconds, "lead": incident.lead}
    notice, once = Notice(code=Code.INCIDENT_QUIET, values=values), f"quiet:{since.isoformat()}:{times}"
    effects = tuple(SendDirect(subject=incident.name, to=p, notice=notice, once=once) for p in people)
    return Decision(effects=effects, watch=(due,))


def refuse(incident: Incident, intent: IncidentIntent) -> Refusal | None:
    if (incident.status, intent) in TRANSITIONS:
        return None
    values = {
        "subject": incident.name,
        "status": incident.status.value,
        "stage": None,
        "intent": intent.value,
        "possible": [i.value for i in possible(incident.status)],
    }
    return Refusal(code=Code.NOT_NOW, values=values)


def may(incident: Incident, by: str, what: str, facts: IncidentFacts, policy: Policy) -> Refusal | None:
    """The incident's lead, while a role in the SOP is theirs; or the incident role."""
    if incident.lead == by and has(policy, facts.directory, by, *Role):
        return None
    refusal = lacks(policy, facts.directory, by, what, Role.INCIDENT)
    if refusal is None or incident.lead is None:
        return refusal
    values = refusal.values
    who = {"roles": [*values["roles"], "lead"], "holders": [incident.lead, *values["holders"]]}
    return refusal.model_copy(update={"values": values | who})


def _check(said: Declaration, facts: IncidentFacts, policy: Policy) -> Refusal | None:
    service = policy.service(said.service)
    if service is None:
        return unknown_service(said.service, policy)
    refusal = empty(said.title, "title")
    if refusal or not (said.affected or said.affected_text.strip()):
        return refusal or Refusal(code=Code.EMPTY, values={"field": "affected"}, field="affected")
    known = [*features(service, policy), *(p.name for p in service.probes)]
    unknown = [a for a in said.affected if a not in known]
    if unknown:
        return Refusal(code=Code.UNKNOWN_AFFECTED, values={"affected": unknown, "known": known}, field="affected")
    taken = next((i for i in facts.open if said.issue and _same_issue(i, service, said.issue, policy)), None)
    if taken is not None:
        values = {"incident": taken.name, "issue": said.issue, "title": taken.title}
        return Refusal(code=Code.ISSUE_TAKEN, values=values, field="issue")
    return None


def _same_issue(incident: Incident, service: Service, issue: int, policy: Policy) -> bool:
    """Services may share a repository, and its issues."""
    other = policy.service(incident.service)
    return incident.issue == issue and other is not None and other.repository == service.repository


def may_have_hotfix(incident: Incident) -> bool:
    """T2, H1: open, CRITICAL, and confirmed to be."""
    return incident.status is S.OPEN and incident.severity is Severity.CRITICAL and incident.confirmed is not None


def unknown_service(service: str, policy: Policy) -> Refusal:
    names = [s.name for s in policy.services]
    return Refusal(code=Code.UNKNOWN_SERVICE, values={"service": service, "services": names}, field="service")
