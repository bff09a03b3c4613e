"""The commit of what was decided; what follows a decision in the same transaction. Shared by desk and reconciler."""

from datetime import datetime, timedelta

from bot.ledger import directory
from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import RefreshHome, ShowCard
from bot.sop.incident import may_have_hotfix
from bot.sop.records import (
    Baseline,
    Incident,
    Release,
)
from bot.sop.resolution import hotfix_moved
from bot.sop.stages import Procedure
from bot.sop.timeline import IncidentFacts
from storage.unit import Unit

HOME_IS_FRESH = timedelta(hours=1)  # who opened the Home since then sees it change


def commit(unit: Unit, decision: Decision, by: str | None, subject: str, now: datetime) -> None:
    """Stores a decision. A refused intent is an audit event too; Homes that are open follow what changes."""
    if decision.refusal and not decision.events:
        values = {"code": decision.refusal.code, "values": decision.refusal.values}
        refused = Event(kind="refused", subject=subject, actor=by, values=values)
        decision = decision.model_copy(update={"events": (refused,)})
    if decision.records:
        homes = tuple(RefreshHome(to=user) for user in unit.homes_open(now - HOME_IS_FRESH))
        decision = decision + Decision(effects=homes)
    decision += _followed(unit, decision, now)
    unit.apply(decision + _patrolled(decision, now) + _shown_too(unit, decision), now)


def _followed(unit: Unit, decision: Decision, now: datetime) -> Decision:
    """The timeline of an incident follows its hotfix, whoever moved that."""
    done, told = Decision(), {r.id for r in decision.records if isinstance(r, Incident)}
    last = {r.id: r for r in decision.records if isinstance(r, Release) and r.procedure is Procedure.HOTFIX}
    for hotfix in last.values():
        incident = unit.incident(hotfix.incident) if hotfix.incident else None
        before, policy = unit.release(hotfix.id), unit.policy(hotfix.policy)
        if incident and before and policy and incident.hotfix == hotfix.id and incident.id not in told:
            around = IncidentFacts(now=now, directory=directory(unit), hotfix=hotfix)
            done += hotfix_moved(incident, before, hotfix, around, policy)
    return done


def _shown_too(unit: Unit, decision: Decision) -> Decision:
    """Cards of what may be begun anew, or no more: of a change request whose release begins, pushes or ends, and of an
    emergency change and its last hotfix where their incident moves."""
    shown: list[tuple[str, Release]] = []
    for record in decision.records:
        if isinstance(record, Release):
            before = unit.release(record.id)
            shown += [(f"CR-{record.change}", record)] if before is None or _carries(before) != _carries(record) else []
        if isinstance(record, Incident):
            was = unit.incident(record.id)
            last = unit.release(was.hotfix) if was and was.hotfix and _moved(was, record) else None
            shown += [(f"CR-{last.change}", last), (last.name, last)] if last else []
    made = {name: _channel(unit, release) for name, release in shown}
    return Decision(effects=tuple(ShowCard(subject=name, channel=to) for name, to in made.items() if to))


def _carries(release: Release) -> tuple[bool, bool]:
    """Whether it has its change request in hand, and whether that has gone out: then nothing is asked of it."""
    return release.closed, release.pushed is None


def _moved(was: Incident, now: Incident) -> bool:
    """Whether a hotfix of it may begin now and could not before, or the other way about."""
    return may_have_hotfix(was) != may_have_hotfix(now) or was.hotfix != now.hotfix


def _channel(unit: Unit, release: Release) -> str | None:
    policy = unit.policy(release.policy)
    service = policy.service(release.service) if policy else None
    return service.channel if service else None


def _patrolled(decision: Decision, now: datetime) -> Decision:
    """What the patrol compares with has changed: a baseline, or whose commits are ours. It looks at once."""
    ended = (r for r in decision.records if isinstance(r, Baseline) or (isinstance(r, Release) and r.closed))
    services = dict.fromkeys(r.service for r in ended)
    return Decision(watch=tuple(Watch(subject=f"patrol:{s}", due=now) for s in services))
