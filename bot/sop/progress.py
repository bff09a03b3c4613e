"""How a release goes on when the world is looked at: as far as the gates allow, and no further."""

from datetime import datetime, timedelta
from typing import Any

from bot.sop import approvals
from bot.sop.acts import acts, asked_by_itself, built_anew
from bot.sop.arrival import Arrival, arrival, in_flight, landed, pusher_known
from bot.sop.codes import Code
from bot.sop.completion import complete, violations_shown
from bot.sop.decision import Answer, Decision, Finding, Watch
from bot.sop.effects import Notice, SendDirect
from bot.sop.facts import Facts, Tip
from bot.sop.gates import look
from bot.sop.gates.preconditions import standing
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy
from bot.sop.preemption import claim
from bot.sop.records import Hold, Passage, Release
from bot.sop.revert import takes_off
from bot.sop.stages import BEFORE_PUSH, STAGES, STOPPING, Procedure, Stage, Status, next_stage
from bot.sop.trail import card, event, left_ahead, thread, told, unlock

UNSURE = (Code.NOT_LOOKED, Code.LOOK_FAILED, Code.LIMITED, Code.VERSION_ONCE)


def advance(release: Release, facts: Facts, policy: Policy, changed: bool = False) -> Decision:
    """Goes on as far as the gates allow. `changed`: store and show it even when it does not move."""
    if release.closed:
        return Decision()
    claimed = claim(release, facts, policy) if release.procedure is Procedure.HOTFIX else None
    if claimed is not None:
        taken, with_lock, done = claimed
        return done + advance(taken, with_lock, policy, changed=True)
    done, now = Decision(), release
    kind, tip = arrival(release, facts, policy), facts.tip.known
    if kind is Arrival.UNSURE or (kind is Arrival.NOTHING and in_flight(release, facts)):
        return _stored(release, now, facts, policy, changed)
    if kind is not Arrival.NOTHING and tip is not None:
        now, done = arrived(release, kind, tip, facts, policy)
    now, again = built_anew(now, facts, policy) or (now, Decision())
    done += again
    now = takes_off(now, facts)
    now = pusher_known(now, tip, policy)
    if now.hold is not None and not now.hold.late and now.pushed is not None:
        return done + _stored(release, now, facts, policy, changed)
    for _ in STAGES[now.procedure]:
        step = _step(now, facts, policy)
        if step is None:
            break
        moved, now = now.stage is not step[0].stage, step[0]
        done += step[1]
        if now.closed or not moved:
            break
    return done + _stored(release, now, facts, policy, changed)


def _stored(before: Release, now: Release, facts: Facts, policy: Policy, changed: bool) -> Decision:
    again = () if now.closed else (Watch(subject=now.name, due=facts.now + pace(now, policy)),)
    wanted = acts(now, facts, policy)
    if now == before and not changed:
        return Decision(effects=wanted, watch=again)
    return Decision(records=(now,), effects=(card(now, policy), *wanted), watch=again)


def pace(release: Release, policy: Policy) -> timedelta:
    """How soon to look again when nothing tells the bot to look sooner. What is HELD waits for somebody, or for what
    is late already: GitHub's budget is spared for what moves."""
    quick = release.procedure is not Procedure.STANDARD  # H3: immediate, and monitored closely
    if release.status is Status.HELD:
        return policy.pace.waiting
    busy = quick or release.stage not in BEFORE_PUSH or release.push_asked is not None
    return policy.pace.working if busy else policy.pace.waiting


def arrived(release: Release, kind: Arrival, tip: Tip, facts: Facts, policy: Policy) -> tuple[Release, Decision]:
    """What has come to the branch is recorded; what should not have come so is held."""
    new, service = landed(release, tip, facts, policy), service_of(release, policy)
    by = new.pushed.by if new.pushed else None
    if kind is Arrival.PUSHED:
        said: dict[str, Any] = {"branch": service.branch, "sha": tip.sha, "by": by}
        post = thread(new, Code.RELEASE_PUSHED, f"pushed:{tip.sha}", **said)
        entry = event(new, by, "pushed", **said, login=tip.pushed_by, tree=tip.tree)
        done = Decision(events=(entry,), effects=(post,))
        return new, done + violations_shown(facts, policy) if new.rollback else done
    code = Code.PUSHED_OTHER if kind is Arrival.OTHER else Code.PUSHED_EARLY
    attested = standing(release, facts, policy)
    values = {"branch": service.branch, "sha": tip.sha, "login": tip.pushed_by, "stage": release.stage.value}
    values |= {"tree": tip.tree, "attested": attested.tree if attested else None}
    found = Finding(gate="pushed", rule="3", answer=Answer.FAIL, code=code, values=values, whom=(release.owner,))
    held = _hold(new, found, facts)
    return held, _told_hold(held, found, facts)


def _step(release: Release, facts: Facts, policy: Policy) -> tuple[Release, Decision] | None:
    """One step: stopped, held, healed, on to the next stage, or None where nothing moves."""
    order = STAGES[release.procedure]
    upto = order[: order.index(release.stage) + 1] if release.pushed is None else (release.stage,)
    seen = {s: look(s, release, facts, policy) for s in upto}
    for stage, findings in seen.items():
        failed = next((f for f in findings if f.answer is Answer.FAIL), None)
        if failed and stage in STOPPING:
            return _stop(release, failed, tuple(f for f in findings if f is not failed), facts, policy)
        if failed:
            return _fail(release, stage, failed, facts)
    waiting = [f for findings in seen.values() for f in findings if f.answer is Answer.WAIT]
    late = next((f for f in waiting if f.late), None)
    if late:
        return _fail(release, release.stage, late, facts)
    if release.hold is not None:
        if any(f.gate == release.hold.finding.gate and f.code in UNSURE for f in waiting):
            return None  # nobody can say that it is well again
        healed = release.model_copy(update={"status": Status.RUNNING, "hold": None})
        post = thread(healed, Code.RELEASE_HEALED, f"healed:{release.hold.at.isoformat()}", stage=release.stage.value)
        entry = event(healed, None, "release_healed", stage=release.stage.value, was=release.hold.finding.code)
        done = Decision(events=(entry,), effects=(post,))
        onward = None if waiting else _pass(healed, seen[release.stage], facts, policy)
        return (onward[0], done + onward[1]) if onward else (healed, done)
    return None if waiting else _pass(release, seen[release.stage], facts, policy)


def _pass(
    release: Release, findings: tuple[Finding, ...], facts: Facts, policy: Policy
) -> tuple[Release, Decision] | None:
    following = next_stage(release.procedure, release.stage)
    passage = Passage(stage=release.stage, at=facts.now, findings=findings)
    kept = tuple(p for p in release.passed if p.stage is not release.stage)
    new = release.model_copy(update={"stage": following, "passed": (*kept, passage)})
    events = (event(new, None, "stage_passed", stage=release.stage.value, gates={f.gate: f.code for f in findings}),)
    if following is Stage.COMPLETE:
        return complete(new, Decision(events=events), facts, policy)
    if release.procedure is Procedure.ROLLBACK and following is Stage.PUSH:
        new = asked_by_itself(new, facts)
    post = thread(
        new,
        Code.STAGE_PASSED,
        f"passed:{release.stage}:{facts.now.isoformat()}",
        stage=release.stage.value,
        next=following.value,
        owner=release.owner,
    )
    return new, Decision(events=events, effects=(post,))


def _stop(
    release: Release, found: Finding, beside: tuple[Finding, ...], facts: Facts, policy: Policy
) -> tuple[Release, Decision]:
    """A precondition is false: STOP, do not release."""
    hold = Hold(finding=found, at=facts.now, beside=beside)
    new = release.model_copy(update={"status": Status.STOPPED, "hold": hold, "ended_at": facts.now})
    said = told(found)
    post = thread(
        new,
        Code.RELEASE_STOPPED,
        "stopped",
        mention=(release.owner,),
        stage=release.stage.value,
        rule=found.rule,
        finding=said,
        owner=release.owner,
    )
    entry = event(new, None, "release_stopped", stage=release.stage.value, finding=said)
    return new, Decision(events=(entry,), effects=(post,)) + unlock(new, left_ahead(new, facts), facts, policy)


def _fail(release: Release, stage: Stage, found: Finding, facts: Facts) -> tuple[Release, Decision] | None:
    hold = release.hold
    if hold is not None and release.stage is stage and hold.finding == found:
        return None
    asked = release.push_asked if release.pushed or found.gate == "pushed" else None
    new = _hold(release.model_copy(update={"stage": stage, "push_asked": asked}), found, facts)
    same = hold is not None and (hold.finding.gate, hold.finding.code) == (found.gate, found.code)
    if same and release.stage is stage:
        return new, Decision()  # the same trouble with newer values: the card shows it, nobody is told again
    return new, _told_hold(new, found, facts)


def _hold(release: Release, found: Finding, facts: Facts) -> Release:
    return release.model_copy(update={"status": Status.HELD, "hold": Hold(finding=found, at=facts.now)})


def _told_hold(release: Release, found: Finding, facts: Facts) -> Decision:
    said, once = told(found), f"held:{found.gate}:{found.code}:{facts.now.isoformat()}"
    post = thread(
        release,
        Code.RELEASE_HELD,
        once,
        mention=(release.owner,),
        stage=release.stage.value,
        finding=said,
        owner=release.owner,
    )
    entry = event(release, None, "release_held", stage=release.stage.value, finding=said)
    return Decision(events=(entry,), effects=(post,))


def remind(release: Release, facts: Facts, policy: Policy) -> Decision:
    """The owner is warned a day before the preflight or the approvals that a release rests on expire."""
    if release.closed or release.pushed is not None:
        return Decision()
    attested, change, done = standing(release, facts, policy), facts.change, Decision()
    if attested is not None:
        life = policy.attestation.max_age
        said = {"release": release.name}
        done += _warned(release, Code.EXPIRY_NEAR, said, attested.made_at + life, life, f"expiry:{attested.id}", facts)
    last = approvals.enough_until(change, facts.directory, policy, facts.now) if change else None
    if change is not None and last is not None:
        life, said = policy.approvals.expire_after, {"release": release.name, "change": change.name}
        once = f"approvals:{change.name}:{last.isoformat()}"
        done += _warned(release, Code.APPROVALS_END, said, last, life, once, facts)
    return done


def _warned(
    release: Release, code: Code, said: dict[str, Any], ends: datetime, life: timedelta, once: str, facts: Facts
) -> Decision:
    ahead = min(timedelta(days=1), life / 4)
    if facts.now < ends - ahead:
        return Decision(watch=(Watch(subject=release.name, due=ends - ahead),))
    notice = Notice(code=code, values={**said, "at": ends.isoformat()})
    return Decision(effects=(SendDirect(subject=release.name, to=release.owner, notice=notice, once=once),))
