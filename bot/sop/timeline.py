"""What the decisions about an incident leave behind: lines of its timeline, its card, posts, audit events."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from bot.sop.affected import Affected
from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import Effect, KeepChannel, Notice, OpenChannel, PostThread, SendDirect, ShowCard
from bot.sop.facts import Directory, Issue, Logged, Seen, Stuck
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Probe, Role, Service
from bot.sop.records import Entry, Incident, IncidentStatus, Release, Severity
from bot.sop.roles import holders

REOPENED = "Reopened:"  # how the timeline's line of a reopening begins
BOT = "bot"  # an entry's source: the bot writes what was done, `by` says who did it
OWN = ":own"  # after an incident's name: its card in its own channel
NAME = 80  # characters that Slack allows in the name of a channel


class IncidentFacts(Frozen):
    now: AwareDatetime
    directory: Directory = Directory()
    hotfix: Release | None = None  # its latest
    open: tuple[Incident, ...] = ()  # for a declaration: incidents that are not closed, of any service
    running: tuple[Release, ...] = ()  # open releases of the service and of its lock: they look again at once
    logged: Seen[Logged] = Seen()  # its note in the decision log
    own: Seen[str] = Seen()  # the channel that was opened for it, or why none could be
    stuck: Stuck | None = None  # why its note could not be put there: it is not tried again unasked
    issue: Seen[Issue] = Seen()  # that it was taken over from; seen without a value: there is no such issue
    played: Seen[Affected] = Seen()  # its affected probes, on production
    played_before: Affected | None = None


def running(facts: IncidentFacts) -> Release | None:
    """Its hotfix, while that is open."""
    return facts.hotfix if facts.hotfix is not None and not facts.hotfix.closed else None


def entered(incident: Incident, by: str | None, text: str, now: datetime, **more: Any) -> Incident:
    """With one more line on the timeline; the bot's own unless `source` says otherwise."""
    line = Entry(at=now, by=by, text=text, **{"source": BOT, **more})
    return incident.model_copy(update={"timeline": (*incident.timeline, line)})


def decided(
    incident: Incident, by: str | None, kind: str, facts: IncidentFacts, policy: Policy, /, **values: Any
) -> Decision:
    """The record, its audit event, its card, and the looks it causes."""
    service = policy.service(incident.service)
    shown = tuple(ShowCard(subject=r.name, channel=service.channel) for r in facts.running if service)
    again = tuple(Watch(subject=r.name, due=facts.now) for r in facts.running)
    event = Event(kind=kind, subject=incident.name, actor=by, values=values)
    clock = quiet_watch(incident, policy)
    return Decision(records=(incident,), events=(event,), effects=cards(incident, policy) + shown, watch=again + clock)


def cards(incident: Incident, policy: Policy) -> tuple[Effect, ...]:
    """Its card, and the one in its own channel, which is pinned there and whose topic follows."""
    channel, own = channel_of(incident, policy), incident.channel
    show: tuple[Effect, ...] = (ShowCard(subject=incident.name, channel=channel),) if channel else ()
    if own is not None:
        pinned = ShowCard(subject=f"{incident.name}{OWN}", channel=own, pin=True)
        show += (pinned, KeepChannel(subject=incident.name, channel=own))
    return show


def quiet_watch(incident: Incident, policy: Policy) -> tuple[Watch, ...]:
    """When its lead is to be reminded, if nothing is said until then."""
    if not reminded(incident):
        return ()
    return (Watch(subject=incident.name, due=last_said(incident) + policy.incident.remind_every),)


def reminded(incident: Incident) -> bool:
    return incident.status is IncidentStatus.OPEN and incident.severity is Severity.CRITICAL


def last_said(incident: Incident) -> datetime:
    """By a person: what the bot sees by itself tells nobody how it stands."""
    return max((e.added or e.at for e in incident.timeline if e.by or e.added), default=incident.created_at)


def told(incident: Incident, code: Code, once: str, /, *, mention: tuple[str, ...] = (), **values: Any) -> PostThread:
    """A post in the thread of its card."""
    notice = Notice(code=code, values={"incident": incident.name, **values})
    return PostThread(subject=incident.name, notice=notice, mention=mention, once=once)


def woken(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> tuple[SendDirect, ...]:
    """A CRITICAL wakes everybody with the incident role, but not the one who says so."""
    values = {"incident": incident.name, "title": incident.title, "service": incident.service}
    who = {"by": by, "lead": incident.lead}
    notice, once = Notice(code=Code.INCIDENT_WAKES, values=values | who), f"wake:{facts.now.isoformat()}"
    people = sorted(holders(policy, facts.directory, Role.INCIDENT) - {by})
    return tuple(SendDirect(subject=incident.name, to=p, notice=notice, once=once) for p in people)


def channel_of(incident: Incident, policy: Policy) -> str | None:
    """Where its card stands."""
    service = policy.service(incident.service)
    return policy.incident.channel or (service.channel if service else None)


def own_channel(incident: Incident, facts: IncidentFacts, policy: Policy) -> OpenChannel:
    """`#inc-3-checkout-fails`, with everybody whom it concerns."""
    plain = unicodedata.normalize("NFKD", incident.title).encode("ascii", "ignore").decode()  # é is e
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    people = holders(policy, facts.directory, Role.INCIDENT) | {incident.declared_by}
    people |= {incident.lead} if incident.lead else set()
    return OpenChannel(
        subject=incident.name,
        name=f"{incident.name.lower()}-{words}"[:NAME].strip("-"),
        people=tuple(sorted(people - facts.directory.deactivated)),
        asked=facts.now.isoformat(),
    )


def affected_probes(incident: Incident, service: Service) -> tuple[Probe, ...]:
    """The probes named as affected, and those of the features named."""
    return tuple(p for p in service.probes if p.name in incident.affected or p.feature in incident.affected)


def affected_areas(incident: Incident, service: Service, policy: Policy) -> tuple[str, ...]:
    """The features named as affected, and those of the probes named: where the fix may be (H2)."""
    of_probes = {p.feature for p in service.probes if p.name in incident.affected and p.feature}
    known = service.features or tuple(policy.features)
    return tuple(f for f in known if f in incident.affected or f in of_probes)
