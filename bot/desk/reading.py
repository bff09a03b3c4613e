"""What people read: views made from what is stored, without a look outside."""

from datetime import datetime
from statistics import median

from bot import ledger, rollback_ledger
from bot.patrol_ledger import act_of, expected, patrol_facts
from bot.sop.affected import Affected
from bot.sop.buttons import may_press
from bot.sop.facts import Directory, Issue, Seen, Served
from bot.sop.incident import not_by
from bot.sop.outlook import (
    BaselineWanted,
    Button,
    ChangeView,
    FreezeView,
    HomeView,
    IncidentView,
    PatrolView,
    Plan,
    ReleaseView,
    ViolationView,
)
from bot.sop.patrol.act import acts
from bot.sop.patrol.fate import fate
from bot.sop.patrol.standing import standing
from bot.sop.policy import OwnChannel, Policy, Role
from bot.sop.records import Change, ChangeStatus, Incident, IncidentStatus, Release
from bot.sop.release import PUSHERS
from bot.sop.roles import has
from bot.sop.rollback import further, was_live
from bot.sop.stages import Procedure, Status
from bot.sop.views import change_view, release_view
from storage.unit import Unit

USABLE = (ChangeStatus.OPEN, ChangeStatus.APPROVED)
PICKER = 100  # options that one Slack picker shows
LAST = 5  # of one's own releases on the Home
NOT_AWAITED = {Button.ABORT, Button.ROLL_BACK}


def release(unit: Unit, id: int, policy: Policy, now: datetime) -> ReleaseView | None:
    found = unit.release(id)
    return _view(unit, found, policy, now) if found else None


def _view(unit: Unit, found: Release, current: Policy, now: datetime) -> ReleaseView:
    policy = ledger.policy_of(unit, found, current)
    facts = ledger.release_facts(unit, found, policy, now)
    if facts.change is None:
        raise LookupError(f"{found.name} carries CR-{found.change}, which is not stored")
    return release_view(found, facts.change, facts, policy)


def status(unit: Unit, service: str | None, policy: Policy, now: datetime) -> tuple[ReleaseView, ...]:
    """Of a service what goes out with it, too: a release of another one may carry it."""
    known = policy.service(service) if service else None
    together = policy.together(known) if known else None
    shown = unit.releases(open=True, lock_services=together, limit=20) or unit.releases(lock_services=together, limit=1)
    return tuple(_view(unit, r, policy, now) for r in shown)


def change(unit: Unit, id: int, policy: Policy, now: datetime) -> ChangeView | None:
    found = unit.change(id)
    return _change(unit, found, policy, now) if found else None


def _change(unit: Unit, found: Change, policy: Policy, now: datetime) -> ChangeView:
    facts = ledger.change_facts(unit, found.id, now)
    done = unit.release(found.release) if found.release else None
    return change_view(found, facts, facts.carrier or done, policy)


def usable_changes(unit: Unit, service: str | None, text: str) -> tuple[Change, ...]:
    """Approved ones first; those still waiting for approval can be started too, and then wait. No emergency changes."""
    found = unit.changes(status=USABLE, service=service, requester=None, limit=PICKER, text=text or None)
    standard = (c for c in found if c.incident is None)
    return tuple(sorted(standard, key=lambda c: (c.status is not ChangeStatus.APPROVED, -c.id)))


def rollback_plan(unit: Unit, id: int, target: str | None, policy: Policy, now: datetime) -> Plan | None:
    """To `target`, else to the one that is proposed. None for a release that is not there."""
    found = unit.release(id)
    if found is None:
        return None
    service = policy.service(found.service)
    possible = rollback_ledger.rollback_facts(unit, found, policy, now, None).targets
    possible = possible if found.closed or found.rollback is None else further(found, possible)
    chosen = next((t for t in possible if t.sha == target), next(iter(possible), None))
    facts = rollback_ledger.rollback_facts(unit, found, policy, now, chosen.sha if chosen else None)
    holder, tip = facts.holder, facts.tip.value
    changes = (unit.change(n) for n in dict.fromkeys(r.change for r in facts.reverted))
    return Plan(
        release=found,
        targets=possible,
        target=chosen,
        reverts=facts.reverted,
        commits=tip.ahead if tip and chosen else (),
        strays=facts.strays,
        changes=tuple(c for c in changes if c),
        aborts=holder if holder and not holder.closed and holder.id != found.id else None,
        usual_seconds=_usual(unit, found),
        was_live=service is not None and was_live(facts, service, policy),
    )


def _usual(unit: Unit, found: Release) -> float | None:
    """Median time from start to end: of past rollbacks, else of past releases."""
    done = [r for r in unit.releases(open=False, service=found.service, limit=50) if r.status is Status.COMPLETE]
    backs = [r for r in done if r.procedure is Procedure.ROLLBACK]
    lasted = [(r.ended_at - r.created_at).total_seconds() for r in backs or done if r.ended_at]
    return median(lasted) if lasted else None


def incident(unit: Unit, id: int, policy: Policy, now: datetime) -> IncidentView | None:
    found = unit.incident(id)
    return incident_view(unit, found, policy, now) if found else None


def incident_view(unit: Unit, found: Incident, policy: Policy, now: datetime) -> IncidentView:
    me = found.name
    return IncidentView(
        incident=found,
        hotfix=unit.release(found.hotfix) if found.hotfix else None,
        change=unit.change(found.change) if found.change else None,
        stuck=ledger.stuck_note(unit, found),
        issue=unit.seen(me, "issue", Seen[Issue]),
        played=unit.seen(me, "played", Seen[Affected]),
        no_channel=unit.seen(me, "own", Seen[str]).error if found.channel is None else None,
        offers_channel=policy.incident.own_channel is not OwnChannel.NEVER,
        not_by=not_by(found, policy),
        kept=unit.seen(me, "kept", Seen[str]).value,
        now=now,
    )


def _incidents(unit: Unit, user: str, policy: Policy, now: datetime) -> tuple[IncidentView, ...]:
    """Open ones; and those that are resolved and want their note from this person."""
    waiting = (IncidentStatus.OPEN, IncidentStatus.RESOLVED)
    found = unit.incidents(status=waiting, limit=20)
    notes = has(policy, ledger.directory(unit), user, Role.INCIDENT)
    mine = (i for i in found if i.status is IncidentStatus.OPEN or notes or i.lead == user)
    return tuple(incident_view(unit, i, policy, now) for i in mine)


def freeze(unit: Unit, id: int, now: datetime) -> FreezeView | None:
    found = unit.freeze(id)
    return FreezeView(freeze=found, now=now) if found else None


def freezes(unit: Unit, now: datetime) -> tuple[FreezeView, ...]:
    return tuple(FreezeView(freeze=f, now=now) for f in unit.freezes(status=ledger.LIVE))


def home(unit: Unit, user: str, policy: Policy, now: datetime) -> HomeView:
    directory = ledger.directory(unit)
    running = tuple(_view(unit, r, policy, now) for r in unit.releases(open=True, limit=20))
    waiting = tuple(_change(unit, c, policy, now) for c in unit.changes(status=(ChangeStatus.OPEN,), limit=PICKER))
    mine = unit.changes(status=USABLE, requester=user, limit=10)
    return HomeView(
        user=user,
        roles=tuple(r.value for r in Role if has(policy, directory, user, r)),
        sop_stage=policy.stage,
        sop_status=policy.status.value,
        to_approve=tuple(v for v in waiting if user in v.approvers and user not in v.counted),
        to_do=_to_do(user, running, policy, directory),
        running=running,
        freezes=freezes(unit, now),
        mine=unit.releases(owner=user, limit=LAST),
        my_changes=tuple(_change(unit, c, policy, now) for c in mine),
        baselines=_baselines(unit, policy),
        patrol=patrol(unit, policy, now),
        incidents=_incidents(unit, user, policy, now),
        parked=unit.backlog(now).parked,
        now=now,
    )


def _to_do(
    user: str, running: tuple[ReleaseView, ...], policy: Policy, directory: Directory
) -> tuple[ReleaseView, ...]:
    """Those that wait for this person, each with the buttons that they may press. An abort is always possible, and
    nothing that a person is waited for; neither is a look, but for who carries the release on."""
    made = []
    for view in running:
        mine = tuple(b for b in view.buttons if may_press(user, b, view, policy, directory))
        carries = user == view.release.owner or has(policy, directory, user, *PUSHERS[view.release.procedure])
        if set(mine) - NOT_AWAITED - (set() if carries else {Button.LOOK_AGAIN}):
            made.append(view.model_copy(update={"buttons": mine}))
    return tuple(made)


def patrol(unit: Unit, policy: Policy, now: datetime) -> tuple[PatrolView, ...]:
    made = []
    for service in policy.services:
        facts = patrol_facts(unit, service, policy, now)
        held = tuple(a for a in acts(facts.violations) if a.open)
        made.append(PatrolView(service=service.name, standing=standing(facts, policy), acts=held))
    return tuple(made)


def violation(unit: Unit, id: int, policy: Policy, now: datetime) -> ViolationView | None:
    act = act_of(unit, id)
    if act is None:
        return None
    differing = {d["probe"] for v in act.violations for d in v.values.get("differences", ())}
    service = policy.service(act.service)
    known = expected(unit, service) if service and differing else {}
    about = tuple(sorted({known[p] for p in differing & known.keys()}))
    deed = act.deed if act.deed in act.open else next(iter(act.open), None)
    became = fate(deed, patrol_facts(unit, service, policy, now)) if deed and service else None
    return ViolationView(act=act, explainers=policy.roles.approver, incidents=about, fate=became)


def _baselines(unit: Unit, policy: Policy) -> tuple[BaselineWanted, ...]:
    wanted = [s.name for s in policy.services if unit.baseline(s.name) is None]
    seen = {name: unit.seen(f"service:{name}", "served", Seen[Served]) for name in wanted}
    return tuple(
        BaselineWanted(service=name, served=s.known.sha if s.known else None, error=s.error, until=s.until)
        for name, s in seen.items()
    )
