"""Facts for a decision, from what is stored; and the commit of what was decided. Shared by desk and reconciler."""

from datetime import datetime, timedelta

from bot.sop.arrival import in_flight
from bot.sop.baseline import BaselineFacts
from bot.sop.change import ChangeFacts
from bot.sop.decision import Decision, Event
from bot.sop.effects import RefreshHome
from bot.sop.facts import Candidate, Directory, Facts, Fleet, Issue, PushRefusal, Runs, Seen, Served, Tip
from bot.sop.freeze import FreezeFacts
from bot.sop.policy import Policy, Service
from bot.sop.records import Change, FreezeStatus, Release
from storage.unit import Unit

LIVE = (FreezeStatus.SCHEDULED, FreezeStatus.ACTIVE)
HOME_IS_FRESH = timedelta(hours=1)  # who opened the Home since then sees it change
ENOUGH = 50  # attestations of one change; the one a push rests on is loaded by its id


def directory(unit: Unit) -> Directory:
    return unit.seen("slack", "directory", Seen[Directory]).value or Directory()


def policy_of(unit: Unit, release: Release, current: Policy) -> Policy:
    """A running release keeps the policy it was started under."""
    return current if release.policy == current.digest else unit.policy(release.policy) or current


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
    return facts.model_copy(
        update={
            "candidate": unit.seen(me, "candidate", Seen[Candidate]),
            "tip": unit.seen(me, "tip", Seen[Tip]),
            "criticals": unit.seen(me, "criticals", Seen[tuple[Issue, ...]]),
            "runs": unit.seen(me, "runs", Seen[Runs]),
            "fleet": unit.seen(me, "fleet", Seen[Fleet]),
            "push_refusal": unit.seen(me, "push_refusal", Seen[PushRefusal]),
            "pushing": unit.sending(me, "push_branch"),
            "moved": unit.seen(me, "moved", Seen[str]),
        }
    )


def carrier(unit: Unit, change: int) -> Release | None:
    """The open release that carries a change request."""
    return next(iter(unit.releases(open=True, change=change, limit=1)), None)


def change_facts(unit: Unit, change: int | None, now: datetime) -> ChangeFacts:
    carries = carrier(unit, change) if change else None
    return ChangeFacts(
        now=now,
        directory=directory(unit),
        carrier=carries,
        pushing=carries is not None and in_flight(carries, _of_push(unit, carries, now)),
    )


def _of_push(unit: Unit, release: Release, now: datetime) -> Facts:
    """Only what says whether the branch is being moved."""
    me = release.name
    return Facts(
        now=now,
        tip=unit.seen(me, "tip", Seen[Tip]),
        pushing=unit.sending(me, "push_branch"),
        moved=unit.seen(me, "moved", Seen[str]),
    )


def freeze_facts(unit: Unit, now: datetime) -> FreezeFacts:
    return FreezeFacts(now=now, directory=directory(unit), running=unit.releases(open=True, limit=1000))


def baseline_facts(unit: Unit, service: str, now: datetime) -> BaselineFacts:
    return BaselineFacts(
        now=now,
        directory=directory(unit),
        baseline=unit.baseline(service),
        served=unit.seen(f"service:{service}", "served", Seen[Served]),
    )


def commit(unit: Unit, decision: Decision, by: str | None, subject: str, now: datetime) -> None:
    """Stores a decision. A refused intent is an audit event too; Homes that are open follow what changes."""
    if decision.refusal and not decision.events:
        values = {"code": decision.refusal.code, "values": decision.refusal.values}
        refused = Event(kind="refused", subject=subject, actor=by, values=values)
        decision = decision.model_copy(update={"events": (refused,)})
    if decision.records:
        homes = tuple(RefreshHome(to=user) for user in unit.homes_open(now - HOME_IS_FRESH))
        decision = decision + Decision(effects=homes)
    unit.apply(decision, now)
