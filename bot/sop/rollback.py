"""R1 to R4: returns production to a verified commit. Never stopped by a freeze, by approvals, by the SOP's status or by
another release of its lock."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Event, Refusal
from bot.sop.facts import Facts, Target
from bot.sop.gates.push import service_of
from bot.sop.gates.rollback import deploys
from bot.sop.policy import Policy, Role, Service
from bot.sop.probes import is_version
from bot.sop.records import LeftAhead, Lock, Release, Rollback
from bot.sop.release import not_now, possible_now
from bot.sop.roles import lacks
from bot.sop.stages import OPEN, Intent, Procedure, Stage, Status
from bot.sop.trail import card, event, left_ahead, thread

# What no look and no re-run mends of the revert that was pushed.
ANEW = (Code.BRANCH_MOVED, Code.CI_RERUN, Code.CI_DID_NOT_START)


def start(id: int, by: str, release: Release, target: str, reason: str, facts: Facts, policy: Policy) -> Decision:
    """Rolls back `release` and what came after it, to the verified commit `target`. The lock passes to the rollback."""
    refusal = lacks(policy, facts.directory, by, "roll back", Role.RELEASER, Role.INCIDENT, Role.APPROVER)
    chosen = next((t for t in facts.targets if t.sha == target), None)
    refusal = refusal or _refuse(release, chosen, target, facts) or empty(reason, "reason")
    if refusal or chosen is None:
        return Decision(refusal=refusal)
    service = service_of(release, policy)
    back = _planned(chosen, reason, facts, service, policy)
    new = Release(
        id=id,
        service=service.name,
        procedure=Procedure.ROLLBACK,
        stage=Stage.REVERT,
        status=Status.RUNNING,
        owner=by,
        started_by=by,
        change=release.change,
        change_digest=release.change_digest,
        title=release.title,
        candidate=chosen.sha,
        base=chosen.sha,
        policy=policy.digest,
        sop_stage=policy.stage,
        sop_status=policy.status.value,
        created_at=facts.now,
        rollback=back,
        incident=release.incident,
        taken_over=_left(facts),
    )
    lock = Lock(key=service.lock, release=id, reason=f"{new.name} rolls back {release.name}", since=facts.now)
    said: dict[str, Any] = {"reason": back.reason, "target": back.target, "was_live": back.was_live}
    said["reverts"] = back.names
    told = thread(new, Code.ROLLBACK_STARTED, "started", by=by, **said)
    begun = Decision(
        records=(new, lock),
        events=(event(new, by, "rollback_started", **said),),
        effects=(card(new, policy), told),
    )
    gone = facts.holder.id if facts.holder else 0
    shown = tuple(card(r, policy) for r in facts.reverted if r.id != gone)
    return begun + Decision(effects=shown) + _aborted(new, facts, policy)


def _planned(chosen: Target, reason: str, facts: Facts, service: Service, policy: Policy) -> Rollback:
    tip = facts.tip.value
    return Rollback(
        target=chosen.sha,
        target_tree=chosen.tree,
        target_release=chosen.release,
        target_attestation=chosen.attestation,
        reverts=tuple(r.id for r in facts.reverted),
        commits=tuple(c.sha for c in tip.ahead) if tip else (),
        strays=facts.strays,
        reason=reason.strip(),
        was_live=was_live(facts, service, policy),
    )


def _refuse(release: Release, chosen: Target | None, target: str, facts: Facts) -> Refusal | None:
    running = facts.holder if facts.holder and facts.holder.procedure is Procedure.ROLLBACK else None
    if running is not None and running.status in OPEN:
        if running.status is not Status.HELD:
            return Refusal(code=Code.ROLLBACK_RUNS, values={"release": running.name, "owner": running.owner})
        if target not in [t.sha for t in further(running, facts.targets)]:
            goal = running.rollback.target if running.rollback else ""
            return Refusal(
                code=Code.OLDER_TARGET_ONLY, values={"release": running.name, "target": goal}, field="target"
            )
    if facts.holder and facts.holder.status in OPEN and facts.holder_pushing:
        return Refusal(code=Code.PUSH_UNDER_WAY, values={"release": facts.holder.name})
    if Intent.ROLL_BACK not in possible_now(release):
        nothing = Refusal(code=Code.NOTHING_TO_ROLL_BACK, values={"release": release.name})
        return not_now(release, Intent.ROLL_BACK) if release.last_push else nothing
    if not facts.targets:
        return Refusal(code=Code.NO_TARGET, values={"service": release.service})
    if chosen is None:
        return Refusal(code=Code.BAD_TARGET, values={"sha": target}, field="target")
    return None


def _left(facts: Facts) -> LeftAhead | None:
    """What stands unverified on the branch: the rollback answers for it until its revert is there."""
    if facts.lock is not None and facts.lock.left is not None:
        return facts.lock.left
    return left_ahead(facts.holder, facts) if facts.holder is not None and not facts.holder.closed else None


def sound(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Not what was itself rolled back, while anything else was ever verified."""
    return tuple(t for t in targets if not t.rolled_back) or targets


def further(running: Release, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Where a rollback may lead that takes the place of this one, which is HELD: back to an older commit, or to the
    same one where only another revert, on top of the branch as it is now, leads on."""
    goal = next((t for t in targets if running.rollback and t.sha == running.rollback.target), None)
    if goal is None:
        return targets
    anew = running.hold is not None and running.hold.finding.code in ANEW
    return tuple(t for t in targets if t.at < goal.at or (anew and t.sha == goal.sha))


def was_live(facts: Facts, service: Service, policy: Policy) -> bool:
    """Whether any of what is reverted was seen in production; while nobody has looked, whether its deploy began."""
    if not facts.reverted:
        return True  # a push that went around the SOP may have been deployed
    for release in facts.reverted:
        if release.status is Status.COMPLETE or release.has_passed(Stage.PRODUCTION):
            return True
    pushed = {r.last_push.sha for r in facts.reverted if r.last_push}
    fleets = [(facts.fleet.value, service), *((b.fleet.value, policy.service(b.service)) for b in facts.beside)]
    looked = [(f, s.production.version) for f, s in fleets if f and s and f.expected in pushed and f.rounds]
    served = [is_version(s.version, f.expected, src) for f, src in looked for r in f.rounds for s in r.samples]
    if looked:
        return any(served)
    runs, jobs = facts.runs.value, policy.as_released(service).ci.deploy_jobs
    return any(deploys(r, jobs) for r in runs.of_push if r.head_sha in pushed) if runs else False


def _aborted(rollback: Release, facts: Facts, policy: Policy) -> Decision:
    """The open release of the lock gives way."""
    other = facts.holder
    if other is None or other.closed:
        return Decision()
    why = f"{rollback.name} rolls it back"
    new = other.model_copy(
        update={
            "status": Status.ABORTED,
            "hold": None,
            "ended_by": rollback.started_by,
            "ended_at": facts.now,
            "ended_why": why,
            "superseded_by": rollback.id,
        }
    )
    told = thread(new, Code.SUPERSEDED, f"superseded:{rollback.name}", mention=(other.owner,), rollback=rollback.name,
                  by=rollback.started_by)  # fmt: skip
    entry = Event(
        kind="release_superseded", subject=new.name, actor=rollback.started_by, values={"rollback": rollback.name}
    )
    return Decision(records=(new,), events=(entry,), effects=(told, card(new, policy)))
