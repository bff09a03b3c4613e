"""A hotfix (T2): what people may ask of one, beside what they may ask of every release. `progress` takes it on."""

from typing import Any

from bot.sop import approvals, change_fate
from bot.sop import change as changes
from bot.sop import incident as incidents
from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Event, Refusal
from bot.sop.effects import Effect, Notice, PostThread, SendDirect, ShowCard
from bot.sop.facts import Facts
from bot.sop.gates.hotfix import criticals_beside, irreversible, is_large, names_of, other_criticals
from bot.sop.gates.lock import can_take, left_for
from bot.sop.gates.preconditions import USABLE
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role, Service, SopStatus
from bot.sop.preemption import seize
from bot.sop.progress import advance
from bot.sop.records import (
    Acceptance,
    Change,
    ChangeKind,
    ChangeStatus,
    Content,
    Incident,
    LeftAhead,
    Release,
    Risk,
    Severity,
    Word,
)
from bot.sop.release import possible_now, refuse
from bot.sop.roles import holders, lacks, writers
from bot.sop.stages import Intent, Procedure, Stage, Status
from bot.sop.timeline import IncidentFacts, affected_areas, decided, entered
from bot.sop.timeline import told as told_incident
from bot.sop.trail import event, thread

UNDO = "Revert the commits of the hotfix: the revert is built before the push"


class Wanted(Frozen):
    """What `/incident hotfix` asks for."""

    candidate: str  # branch or commit
    take_over: bool = False  # of the commits that an earlier release left on the branch


def start(
    id: int,
    change_id: int,
    by: str,
    incident: Incident,
    wanted: Wanted,
    around: IncidentFacts,
    facts: Facts,
    policy: Policy,
) -> Decision:
    """H1: makes the emergency change request and the release, and takes the lock unless something is pushed already.

    `facts.change`: the incident's emergency change, taken again as it stands while a release may carry it.
    """
    service = policy.service(incident.service)
    refusal = (
        incidents.refuse(incident, incidents.Ask.HOTFIX)
        or incidents.may(incident, by, "start a hotfix", around, policy)
        or _unfit(incident)
        or _may_start(incident.service, wanted, around, facts, policy)
    )
    if refusal or service is None or facts.baseline is None:
        refused = refusal or incidents.unknown_service(incident.service, policy)
        values = {"candidate": wanted.candidate, "code": refused.code, "values": refused.values}
        entry = Event(kind="release_refused", subject=incident.name, actor=by, values=values)
        return Decision(refusal=refused, events=(entry,))
    change, filed = _change(change_id, by, incident, service, facts, policy)
    locked = _lockable(facts)
    known = {"base": facts.baseline.sha, "created_at": facts.now, "taken_over": left_for(facts) if locked else None}
    release = _release(id, by, incident, wanted, change, policy, known)
    noted, new = _noted(incident, release, around, policy)
    begun = filed + noted + _begun(release, change, facts, policy)
    with_all: dict[str, Any] = {"change": change, "incident": new}
    if locked:
        lock, taken = seize(release, facts, policy)
        begun += taken
        with_all |= {"lock": lock, "holder": None}
    return begun + advance(release, facts.model_copy(update=with_all), policy, changed=True)


def _release(
    id: int, by: str, incident: Incident, wanted: Wanted, change: Change, policy: Policy, known: dict[str, Any]
) -> Release:
    return Release(
        id=id,
        service=incident.service,
        procedure=Procedure.HOTFIX,
        stage=Stage.INCIDENT,
        status=Status.RUNNING,
        owner=by,
        started_by=by,
        change=change.id,
        change_digest=change.content.digest,
        title=change.content.title,
        candidate=wanted.candidate.strip(),
        policy=policy.digest,
        sop_stage=policy.stage,
        sop_status=policy.status.value,
        incident=incident.id,
        **known,
    )


def _lockable(facts: Facts) -> bool:
    """Whether it starts with the lock; commits left on the branch are then taken over by name."""
    return can_take(facts) or (facts.lock is not None and facts.lock.left is not None)


def _unfit(incident: Incident) -> Refusal | None:
    if incident.severity is not Severity.CRITICAL:
        values = {"incident": incident.name, "severity": incident.severity.value}
        return Refusal(code=Code.NOT_CRITICAL, values=values)
    return None if incident.confirmed else Refusal(code=Code.NOT_CONFIRMED, values={"incident": incident.name})


def _may_start(service: str, wanted: Wanted, around: IncidentFacts, facts: Facts, policy: Policy) -> Refusal | None:
    if policy.status is not SopStatus.ACTIVE:
        return Refusal(code=Code.SOP_NOT_ACTIVE, values={"stage": policy.stage, "status": policy.status.value})
    if not wanted.candidate.strip():
        return Refusal(code=Code.EMPTY, values={"field": "candidate"}, field="candidate")
    if facts.baseline is None:
        return Refusal(code=Code.NO_BASELINE, values={"service": service})
    running = (r for r in (*around.running, facts.holder) if r is not None and not r.closed)
    other = next((r for r in running if r.procedure is not Procedure.STANDARD), None)
    if other is not None:
        values: dict[str, Any] = {"release": other.name, "procedure": other.procedure.value, "owner": other.owner}
        values |= {"incident": f"INC-{other.incident}" if other.incident else None}
        values["abort"] = Intent.ABORT in possible_now(other)
        return Refusal(code=Code.EMERGENCY_RUNS, values=values)
    left = left_for(facts) if _lockable(facts) else None
    return _left_refusal(left, facts) if left is not None and not wanted.take_over else None


def _left_refusal(left: LeftAhead, facts: Facts) -> Refusal:
    lock = facts.lock
    held = {"lock": lock.key, "release": f"R-{lock.about}", "owner": lock.owner} if lock else {}
    values: dict[str, Any] = {"lock": None, "release": f"R-{left.release}", "owner": None, **held}
    return Refusal(code=Code.LOCK_LEFT, values={**values, "count": len(left.commits)}, field="take_over")


def _change(
    id: int, by: str, incident: Incident, service: Service, facts: Facts, policy: Policy
) -> tuple[Change, Decision]:
    """The emergency change request. The incident's own is taken again as it stands, with its approvals and preflights;
    one whose approvals ran out is asked for anew. What was rejected, withdrawn, released or rolled back stays so."""
    earlier = facts.change
    if earlier and earlier.incident == incident.id and earlier.status in USABLE:
        return earlier, Decision()
    if earlier and earlier.incident == incident.id and earlier.status is ChangeStatus.EXPIRED:
        around = changes.ChangeFacts(now=facts.now, directory=facts.directory)
        again = change_fate.taken_again(earlier, incident.name, around, policy)
        return next(r for r in again.records if isinstance(r, Change)), again
    content = _content(incident, service, policy)
    change = Change(
        id=id,
        requester=by,
        status=ChangeStatus.OPEN,
        content=content,
        incident=incident.id,
        created_at=facts.now,
    )
    values = {"revision": change.revision, "incident": incident.name, **content.model_dump(mode="json")}
    entry = Event(kind="change_filed", subject=change.name, actor=by, values=values)
    card = ShowCard(subject=change.name, channel=service.channel)
    return change, Decision(records=(change,), events=(entry,), effects=(card,))


def _content(incident: Incident, service: Service, policy: Policy) -> Content:
    affected = ", ".join(a for a in (*incident.affected, incident.affected_text) if a)
    return Content(
        service=service.name,
        title=f"Fix {incident.name}: {incident.title}",
        why=f"{incident.name} ({incident.kind.value}) affects {affected}",
        kind=ChangeKind.NON_BREAKING,
        risk=Risk.HIGH,
        areas=affected_areas(incident, service, policy),
        undo=UNDO,
    )


def _begun(release: Release, change: Change, facts: Facts, policy: Policy) -> Decision:
    values: dict[str, Any] = {"service": release.service, "change": change.name, "incident": f"INC-{release.incident}"}
    left = release.taken_over.model_dump() if release.taken_over else None
    said = {**values, "candidate": release.candidate, "base": release.base, "policy": release.policy}
    entry = event(release, release.owner, "hotfix_started", **said, taken_over=left)
    post = thread(release, Code.HOTFIX_STARTED, "started", owner=release.owner, **values)
    asked = _ask_approvers(release, change, facts, policy)
    return Decision(events=(entry,), effects=(post, *asked))


def _ask_approvers(release: Release, change: Change, facts: Facts, policy: Policy) -> tuple[Effect, ...]:
    """Everybody whose one click would do: people by direct message, user groups in the thread of the request's card."""
    if approvals.counted(change, facts.directory, policy, facts.now):
        return ()
    named = policy.roles.of(Role.APPROVER)
    able = holders(policy, facts.directory, Role.APPROVER) - {change.requester}
    values: dict[str, Any] = {"change": change.name, "title": change.content.title, "requester": change.requester}
    values |= {"service": release.service, "incident": f"INC-{release.incident}", "release": release.name}
    values |= {"revision": change.revision}
    notice, once = Notice(code=Code.EMERGENCY_WANTED, values=values), f"wanted:{release.name}"
    single = tuple(SendDirect(subject=change.name, to=n, notice=notice, once=once) for n in named if n in able)
    groups = tuple(n for n in named if n.startswith("S"))
    return (*single, PostThread(subject=change.name, notice=notice, mention=groups, once=once)) if groups else single


def _noted(incident: Incident, release: Release, around: IncidentFacts, policy: Policy) -> tuple[Decision, Incident]:
    change = f"CR-{release.change}"
    new = incident.model_copy(update={"hotfix": release.id, "change": release.change})
    new = entered(new, release.owner, f"Hotfix {release.name} started for {change}", around.now)
    post = told_incident(
        new, Code.INCIDENT_HOTFIX, f"hotfix:{release.name}", release=release.name, change=change, by=release.owner
    )
    values: dict[str, Any] = {"release": release.name, "change": change}
    done = decided(new, release.owner, "incident_hotfix_started", around, policy, **values)
    return done + Decision(effects=(post,)), new


def accept_size(release: Release, by: str, tree: str, reason: str, facts: Facts, policy: Policy) -> Decision:
    """H2: a large fix, accepted by a second person for exactly this tree. It says nothing of what cannot be undone."""
    candidate, what = facts.candidate.value, "accept a large hotfix"
    refusal = _word_refused(release, by, Intent.ACCEPT_SIZE, what, tree, reason, facts, policy)
    if refusal is None and candidate and not is_large(candidate, release, policy):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "small"})
    if refusal is None and _twice(release.size_accepted, by, tree, ()):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "accepted by you"})
    if refusal or candidate is None:
        return Decision(refusal=refusal)
    word = Acceptance(by=by, at=facts.now, paths=(), tree=tree, reason=reason.strip())
    new = release.model_copy(update={"size_accepted": word})
    values: dict[str, Any] = {"files": len(candidate.paths), "lines": candidate.lines, "reason": word.reason}
    post = thread(new, Code.SIZE_TAKEN, f"size:{tree}:{by}", by=by, **values)
    entry = event(new, by, "hotfix_size_accepted", tree=tree, **values)
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)


def accept_irreversible(release: Release, by: str, tree: str, reason: str, facts: Facts, policy: Policy) -> Decision:
    """T2: paths that a revert does not undo, accepted by a second person for exactly this tree, whatever its size."""
    candidate, what = facts.candidate.value, "accept irreversible paths"
    refusal = _word_refused(release, by, Intent.ACCEPT_IRREVERSIBLE, what, tree, reason, facts, policy)
    paths = irreversible(candidate, release, policy) if candidate else ()
    if refusal is None and not paths:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "reversible"})
    if refusal is None and _twice(release.irreversible_accepted, by, tree, paths):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "accepted by you"})
    if refusal:
        return Decision(refusal=refusal)
    word = Acceptance(by=by, at=facts.now, paths=paths, tree=tree, reason=reason.strip())
    new = release.model_copy(update={"irreversible_accepted": word})
    values: dict[str, Any] = {"paths": list(paths), "reason": word.reason}
    post = thread(new, Code.IRREVERSIBLE_TAKEN, f"irreversible:{tree}:{by}", by=by, **values)
    entry = event(new, by, "hotfix_irreversible_accepted", tree=tree, **values)
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)


def _word_refused(
    release: Release, by: str, intent: Intent, what: str, tree: str, reason: str, facts: Facts, policy: Policy
) -> Refusal | None:
    """A second approver's word, with its reason, on what was read."""
    candidate = facts.candidate.value
    refusal = refuse(release, intent) or lacks(policy, facts.directory, by, what, Role.APPROVER)
    if refusal is None and (candidate is None or candidate.tree != tree):
        refusal = Refusal(code=Code.PATHS_CHANGED, values={"tree": tree})
    return refusal or _second(release, by, what, facts, policy) or empty(reason, "reason")


def _twice(word: Acceptance | None, by: str, tree: str, paths: tuple[str, ...]) -> bool:
    """Nobody counts twice."""
    return word is not None and (word.by, word.tree) == (by, tree) and set(paths) <= set(word.paths)


def accept_criticals(release: Release, by: str, reason: str, facts: Facts, policy: Policy) -> Decision:
    """P4: a second person says that it goes on beside the other CRITICALs that are open now, and no others."""
    refusal = refuse(release, Intent.ACCEPT_CRITICALS) or lacks(
        policy, facts.directory, by, "go on beside other open CRITICALs", Role.APPROVER, Role.INCIDENT
    )
    refusal = refusal or _second(release, by, "go on beside other CRITICALs", facts, policy)
    refusal = refusal or empty(reason, "reason")
    names = names_of(*criticals_beside(facts))
    if refusal is None and not names:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "alone"})
    if refusal is None and other_criticals(release, facts, policy).code == Code.CRITICALS_ACCEPTED:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "accepted beside them"})
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=f"{', '.join(names)}: {reason.strip()}")
    new = release.model_copy(update={"criticals_accepted": word})
    values: dict[str, Any] = {"criticals": names, "reason": reason.strip()}
    post = thread(new, Code.CRITICALS_TAKEN, f"criticals:{facts.now.isoformat()}", by=by, **values)
    entry = event(new, by, "hotfix_criticals_accepted", **values)
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)


def _second(release: Release, by: str, what: str, facts: Facts, policy: Policy) -> Refusal | None:
    """Not who asked for it, started it or answers for it, nor who wrote it."""
    candidate, change = facts.candidate.value, facts.change
    mine = {release.started_by, release.owner} | ({change.requester} if change else set())
    authors, _ = writers(policy, candidate.commits) if candidate else (frozenset[str](), ())
    if by not in mine | authors:
        return None
    return Refusal(code=Code.SECOND_PERSON, values={"release": release.name, "what": what})


def confirm_resolved(release: Release, by: str, facts: Facts, policy: Policy) -> Decision:
    """H4: the incident's lead, by name, once production is verified."""
    incident = facts.incident
    refusal = refuse(release, Intent.CONFIRM)
    if refusal is None and (incident is None or incident.lead != by):
        values = {"incident": f"INC-{release.incident}", "lead": incident.lead if incident else None}
        refusal = Refusal(code=Code.NOT_THE_LEAD, values=values)
    refusal = refusal or lacks(policy, facts.directory, by, "confirm that it is resolved", *Role)
    if refusal is None and release.resolved is not None:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "confirmed"})
    if refusal or incident is None:
        return Decision(refusal=refusal)
    new = release.model_copy(update={"resolved": Word(by=by, at=facts.now, says=f"{incident.name} is resolved")})
    post = thread(new, Code.RESOLUTION_TAKEN, "resolved", by=by, incident=incident.name)
    entry = event(new, by, "resolution_confirmed", incident=incident.name)
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)
