"""The start of a standard release: refused where it could only stop at once."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Refusal
from bot.sop.facts import Facts
from bot.sop.gates.preconditions import USABLE
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role, SopStatus
from bot.sop.progress import advance
from bot.sop.records import Lock, Release
from bot.sop.roles import lacks
from bot.sop.stages import Stage, Status
from bot.sop.trail import event, thread


class Wanted(Frozen):
    """What `/release start` asks for."""

    service: str
    candidate: str  # branch or commit
    take_over: bool = False  # of the commits that an earlier release left on the branch


def start(id: int, by: str, wanted: Wanted, facts: Facts, policy: Policy) -> Decision:
    """Takes the lock and begins at PRECONDITIONS. Refused where it could only stop at once."""
    refusal = lacks(policy, facts.directory, by, "start a release", Role.RELEASER) or _may_start(wanted, facts, policy)
    service, change = policy.service(wanted.service), facts.change
    if refusal or service is None or change is None or facts.baseline is None:
        refused = refusal or Refusal(code=Code.UNKNOWN_THING, values={"what": wanted.service})
        return Decision(refusal=refused, events=(_start_refused(by, wanted, refused),))
    left = facts.lock.left if facts.lock else None
    release = Release(
        id=id,
        service=service.name,
        stage=Stage.PRECONDITIONS,
        status=Status.RUNNING,
        owner=by,
        started_by=by,
        change=change.id,
        change_digest=change.content.digest,
        title=change.content.title,
        candidate=wanted.candidate,
        base=facts.baseline.sha,
        policy=policy.digest,
        sop_stage=policy.stage,
        sop_status=policy.status.value,
        created_at=facts.now,
        taken_over=left,
    )
    lock = Lock(key=service.lock, release=id, reason=f"{release.name} for {change.name}", since=facts.now)
    values: dict[str, Any] = {
        "service": service.name,
        "change": change.name,
        "candidate": wanted.candidate,
        "base": release.base,
    }
    values |= {"policy": release.policy, "taken_over": left.model_dump() if left else None}
    post = thread(release, Code.RELEASE_STARTED, "started", service=service.name, change=change.name, owner=by)
    gone_on = advance(release, facts.model_copy(update={"lock": lock}), policy, changed=True)
    taken = () if gone_on.freed else (lock,)  # what stops at once never takes it
    begun = Decision(records=taken, events=(event(release, by, "release_started", **values),), effects=(post,))
    return begun + gone_on


def _may_start(wanted: Wanted, facts: Facts, policy: Policy) -> Refusal | None:
    service, change, lock = policy.service(wanted.service), facts.change, facts.lock
    if policy.status is not SopStatus.ACTIVE:
        return Refusal(code=Code.SOP_NOT_ACTIVE, values={"stage": policy.stage, "status": policy.status.value})
    if service is None:
        names = [s.name for s in policy.services]
        return Refusal(
            code=Code.UNKNOWN_SERVICE, values={"service": wanted.service, "services": names}, field="service"
        )
    if change is None:
        return Refusal(code=Code.UNKNOWN_THING, values={"what": "that change request"}, field="change")
    if change.content.service != service.name:
        values = {"change": change.name, "service": change.content.service, "wanted": service.name}
        return Refusal(code=Code.CHANGE_OF_OTHER, values=values, field="change")
    if change.incident is not None:
        values = {"change": change.name, "incident": f"INC-{change.incident}"}
        return Refusal(code=Code.EMERGENCY_CHANGE, values=values, field="change")
    if change.status not in USABLE:
        used = f"R-{change.release}" if change.release else None
        values_: dict[str, Any] = {"change": change.name, "status": change.status.value, "release": used}
        return Refusal(code=Code.CHANGE_NOT_USABLE, values=values_, field="change")
    if not wanted.candidate.strip():
        return Refusal(code=Code.EMPTY, values={"field": "candidate"}, field="candidate")
    if facts.baseline is None:
        return Refusal(code=Code.NO_BASELINE, values={"service": service.name}, field="service")
    out = policy.together(service)
    frozen = next((f for f in facts.freezes if f.touches_any(out) and f.in_force(facts.now)), None)
    if frozen:
        until = frozen.until.isoformat() if frozen.until else None
        says: dict[str, Any] = {"freeze": frozen.name, "reason": frozen.reason, "until": until, "owner": frozen.owner}
        return Refusal(code=Code.FROZEN, values=says, field="service")
    return _lock_refusal(lock, wanted) if lock else None


def _lock_refusal(lock: Lock, wanted: Wanted) -> Refusal | None:
    held: dict[str, Any] = {"lock": lock.key, "release": f"R-{lock.about}", "owner": lock.owner}
    if lock.left is None:
        return Refusal(code=Code.LOCK_BUSY, values={**held, "since": lock.since.isoformat()}, field="service")
    if not wanted.take_over:
        return Refusal(code=Code.LOCK_LEFT, values={**held, "count": len(lock.left.commits)}, field="take_over")
    return None


def _start_refused(by: str, wanted: Wanted, refusal: Refusal) -> Event:
    values = {"candidate": wanted.candidate, "code": refusal.code, "values": refusal.values}
    return Event(kind="release_refused", subject=f"service:{wanted.service}", actor=by, values=values)
