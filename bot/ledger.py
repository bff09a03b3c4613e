"""Facts for a decision, from what is stored. Shared by desk and reconciler."""

from collections.abc import Collection
from datetime import datetime

from bot.sop.acts import awaited
from bot.sop.affected import Affected
from bot.sop.arrival import in_flight
from bot.sop.baseline import BaselineFacts
from bot.sop.change import ChangeFacts
from bot.sop.effects import SendDirect
from bot.sop.facts import (
    Candidate,
    Commit,
    Diagnosis,
    Directory,
    Facts,
    Fleet,
    Issue,
    JobLog,
    Logged,
    PastCause,
    PushRefusal,
    Revert,
    Runs,
    Seen,
    Served,
    Stuck,
    Tip,
    of_base,
)
from bot.sop.freeze import FreezeFacts
from bot.sop.patrol.facts import Lately
from bot.sop.policy import Policy, Service
from bot.sop.records import (
    Change,
    FreezeStatus,
    Incident,
    IncidentStatus,
    LeftAhead,
    Release,
    Severity,
    Violation,
)
from bot.sop.resolution import note_awaited
from bot.sop.stages import Procedure
from bot.sop.timeline import IncidentFacts
from bot.verified_ledger import behaved_at, others, targets
from bot.verified_ledger import policy_of as policy_of
from storage.unit import Unit

RECENT = 5  # releases of one change request
SINCE = 50  # releases that are looked through for what a rollback takes back, and for the same root cause
LIVE = (FreezeStatus.SCHEDULED, FreezeStatus.ACTIVE)
ENOUGH = 50  # attestations of one change; the one a push rests on is loaded by its id


def directory(unit: Unit) -> Directory:
    seen = unit.seen("slack", "directory", Seen[Directory])
    error = seen.error if seen.at else seen.error or "they were not read yet"
    return (seen.value or Directory()).model_copy(update={"at": seen.at, "error": error})


def start_facts(unit: Unit, service: Service | None, change: Change | None, now: datetime) -> Facts:
    return Facts(
        now=now,
        directory=directory(unit),
        change=change,
        freezes=unit.freezes(status=LIVE),
        lock=unit.lock(service.lock) if service else None,
        baseline=unit.baseline(service.name) if service else None,
        attestations=unit.attestations(service.name, change.id, ENOUGH) if service and change else (),
    )


def release_facts(unit: Unit, release: Release, policy: Policy, now: datetime) -> Facts:
    me, service = release.name, policy.service(release.service)
    facts = start_facts(unit, service, unit.change(release.change), now)
    rested_on = unit.attestation(release.attestation) if release.attestation else None
    if rested_on and rested_on not in facts.attestations:
        facts = facts.model_copy(update={"attestations": (*facts.attestations, rested_on)})
    if release.procedure is Procedure.ROLLBACK:
        facts = facts.model_copy(update=_rollback_facts(unit, release, policy))
    if release.incident is not None or release.procedure is Procedure.HOTFIX:
        facts = facts.model_copy(update=_hotfix_facts(unit, release))
    lock, taken = facts.lock, (unit.change(r.change) for r in brought(unit, release.taken_over))
    facts = facts.model_copy(
        update={
            "taken_changes": tuple(c for c in taken if c and c.id != release.change),
            "holder": unit.release(lock.release) if lock and lock.release != release.id else None,
            "criticals_open": _criticals(unit, service, policy),
            "violations": _violations(unit, service, policy),
            "patrolled": _patrol_saw(unit, release),
            "log": unit.seen(me, "log", Seen[JobLog]),
            "diagnosis": unit.seen(me, "diagnosis", Seen[Diagnosis]),
            "revert": unit.seen(me, "revert", Seen[Revert]),
            "logged": unit.seen(me, "logged", Seen[Logged]),
            "candidate": of_base(unit.seen(me, "candidate", Seen[Candidate]), release.base),
            "tip": unit.seen(me, "tip", Seen[Tip]),
            "criticals": unit.seen(me, "criticals", Seen[tuple[Issue, ...]]),
            "runs": unit.seen(me, "runs", Seen[Runs]),
            "fleet": unit.seen(me, "fleet", Seen[Fleet]),
            "beside": others(unit, release, service, policy) if service else (),
            "push_refusal": unit.seen(me, "push_refusal", Seen[PushRefusal]),
            "pushing": unit.sending(me, "push_branch"),
            "put_off": unit.put_off(me, "push_branch"),
            "moved": unit.seen(me, "moved", Seen[str]),
        }
    )
    return facts.model_copy(update={"stuck": _stuck(unit, release, facts, policy)})


def _stuck(unit: Unit, release: Release, facts: Facts, policy: Policy) -> tuple[Stuck, ...]:
    """What was given up of that which it waits for."""
    parked = unit.parked(subject=release.name)
    wanted = awaited(release, facts, policy) if parked else frozenset()
    return tuple(Stuck(kind=p.kind, key=p.key, error=p.error) for p in parked if p.key in wanted)


def _violations(unit: Unit, service: Service | None, policy: Policy) -> tuple[Violation, ...]:
    """Open ones of every service that goes out together with this one."""
    together = policy.together(service) if service else ()
    return tuple(v for name in together for v in unit.violations(name, open=True))


def _criticals(unit: Unit, service: Service | None, policy: Policy) -> tuple[Incident, ...]:
    """Open ones of every service that goes out together with this one."""
    names, status = policy.together(service) if service else (), (IncidentStatus.OPEN,)
    each = (unit.incidents(service=name, status=status, severity=Severity.CRITICAL) for name in names)
    return tuple(i for found in each for i in found)


def _patrol_saw(unit: Unit, release: Release) -> str | None:
    """Of interest while commits of others stand between what is verified and the candidate."""
    tip = unit.seen(release.name, "tip", Seen[Tip]).known
    if release.pushed is not None or tip is None or not tip.ahead:
        return None
    lately = unit.seen(f"patrol:{release.service}", "lately", Seen[Lately]).known
    return lately.tip if lately else None


def _hotfix_facts(unit: Unit, release: Release) -> dict[str, object]:
    return {
        "incident": unit.incident(release.incident) if release.incident else None,
        "targets": targets(unit, release.service),
    }


def _rollback_facts(unit: Unit, release: Release, policy: Policy) -> dict[str, object]:
    """What it takes back, and what production answered at the release that it returns to."""
    back, service = release.rollback, policy.service(release.service)
    if back is None or service is None:
        return {}
    reverted = tuple(r for r in (unit.release(n) for n in back.reverts) if r)
    changes = (unit.change(n) for n in dict.fromkeys(r.change for r in reverted))
    return {
        "reverted": reverted,
        "reverted_changes": tuple(c for c in changes if c),
        "at_target": behaved_at(unit, service, policy, back.target),
    }


def commits_of(unit: Unit, release: Release) -> tuple[Commit, ...]:
    """The commits that a release brought, as last seen."""
    candidate = unit.seen(release.name, "candidate", Seen[Candidate]).value
    return candidate.commits if candidate else ()


def incident_facts(unit: Unit, incident: Incident | None, service: str, now: datetime) -> IncidentFacts:
    around = IncidentFacts(
        now=now,
        directory=directory(unit),
        hotfix=unit.release(incident.hotfix) if incident and incident.hotfix else None,
        running=unit.releases(open=True, service=service, limit=100),
    )
    if incident is None:
        unfinished = unit.incidents(status=(IncidentStatus.OPEN, IncidentStatus.RESOLVED), limit=1000)
        return around.model_copy(update={"open": unfinished})
    seen = {
        "logged": unit.seen(incident.name, "logged", Seen[Logged]),
        "stuck": stuck_note(unit, incident),
        "own": unit.seen(incident.name, "own", Seen[str]),
        "issue": unit.seen(incident.name, "issue", Seen[Issue]),
        "played": unit.seen(incident.name, "played", Seen[Affected]),
    }
    return around.model_copy(update=seen)


def stuck_note(unit: Unit, incident: Incident) -> Stuck | None:
    """Why the note of an incident could not be put into the decision log."""
    key = note_awaited(incident)
    parked = (p for p in unit.parked(subject=incident.name) if p.key == key) if key else ()
    return next((Stuck(kind=p.kind, key=p.key, error=p.error) for p in parked), None)


def incident_of(unit: Unit, channel: str, messages: Collection[str | None]) -> int | None:
    """The incident whose own channel this is, or whose card is one of these messages."""
    own = unit.seen(f"channel:{channel}", "incident", Seen[int]).value
    if own is not None:
        return own
    cards = (unit.card_at(channel, ts) for ts in messages if ts)
    found = next((c for c in cards if c and c.startswith("INC-")), None)
    return int(found.removeprefix("INC-").partition(":")[0]) if found else None


def hotfix_facts(unit: Unit, incident: Incident, policy: Policy, now: datetime) -> Facts:
    """For the start of a hotfix: its incident's earlier emergency change, and who holds the lock."""
    change = unit.change(incident.change) if incident.change else None
    facts = start_facts(unit, policy.service(incident.service), change, now)
    holder = unit.release(facts.lock.release) if facts.lock else None
    return facts.model_copy(update={"incident": incident, "holder": holder})


def earlier_causes(unit: Unit, release: Release) -> tuple[PastCause, ...]:
    """Root causes of the last releases of the service."""
    others = unit.releases(service=release.service, limit=SINCE)
    return tuple(PastCause(release=r.name, cause=c) for r in others if r.id != release.id for c in r.causes)


def change_facts(unit: Unit, change: int | None, now: datetime) -> ChangeFacts:
    recent = unit.releases(change=change, limit=RECENT) if change else ()
    carries = next((r for r in recent if not r.closed), None)
    ended = next(iter(recent), None)
    found = unit.change(change) if change else None
    return ChangeFacts(
        now=now,
        directory=directory(unit),
        incident=unit.incident(found.incident) if found and found.incident else None,
        asked=asked_of(unit, f"CR-{change}") if change else (),
        carrier=carries,
        ended=ended if ended and ended.closed else None,
        left_with=_left_with(unit, tuple(r for r in recent if r.closed and r.last_push)),
        pushing=carries is not None and is_pushing(unit, carries, now),
    )


def asked_of(unit: Unit, change: str) -> tuple[SendDirect, ...]:
    """The direct messages that asked for the approval of a change request, and arrived."""
    return unit.seen(change, "asked", Seen[tuple[SendDirect, ...]]).value or ()


def _left_with(unit: Unit, pushed: tuple[Release, ...]) -> Release | None:
    """Who answers for what one of these left on the branch: itself, or the open release that took it over by name."""
    for lock in unit.locks() if pushed else ():
        holder = unit.release(lock.release)
        left = lock.left or (holder.taken_over if holder else None)
        if any(r in pushed for r in brought(unit, left)):
            return holder
    return None


def brought(unit: Unit, left: LeftAhead | None) -> tuple[Release, ...]:
    """The closed releases whose commits were left on the branch, one taken over by the next; newest first."""
    found: list[Release] = []
    while left is not None:
        release = unit.release(left.release)
        if release and release.last_push and release.procedure is not Procedure.ROLLBACK:
            found.append(release)
        left = release.taken_over if release else None
    return tuple(found)


def is_pushing(unit: Unit, release: Release, now: datetime) -> bool:
    """Whether the bot moves the branch for it at this moment, or did and nobody has looked since."""
    me = release.name
    known = Facts(
        now=now,
        tip=unit.seen(me, "tip", Seen[Tip]),
        pushing=unit.sending(me, "push_branch"),
        moved=unit.seen(me, "moved", Seen[str]),
    )
    return in_flight(release, known)


def freeze_facts(unit: Unit, now: datetime) -> FreezeFacts:
    return FreezeFacts(
        now=now,
        directory=directory(unit),
        running=unit.releases(open=True, limit=1000),
        freezes=unit.freezes(status=LIVE),
    )


def baseline_facts(unit: Unit, service: str, now: datetime) -> BaselineFacts:
    return BaselineFacts(
        now=now,
        directory=directory(unit),
        baseline=unit.baseline(service),
        served=unit.seen(f"service:{service}", "served", Seen[Served]),
    )
