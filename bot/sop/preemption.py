"""A hotfix and the lock: it stops a standard release before its push, and waits for everything else (T2)."""

from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Facts, of_base
from bot.sop.gates.lock import can_take, left_for
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy
from bot.sop.records import Hold, Lock, Release
from bot.sop.stages import Status
from bot.sop.trail import card, event, thread, told


def claim(hotfix: Release, facts: Facts, policy: Policy) -> tuple[Release, Facts, Decision] | None:
    """A hotfix that waited without the lock takes it once it can; what production serves by then is its base."""
    held = facts.lock is not None and facts.lock.release == hotfix.id
    if hotfix.closed or hotfix.pushed is not None or held or facts.baseline is None:
        return None
    if not can_take(facts) or left_for(facts) is not None:
        return None
    new = hotfix.model_copy(update={"base": facts.baseline.sha})
    lock, taken = seize(new, facts, policy)
    post = thread(new, Code.HOTFIX_LOCKED, f"locked:{facts.now.isoformat()}", lock=lock.key, base=new.base)
    entry = event(new, None, "hotfix_locked", lock=lock.key, base=new.base)
    candidate = of_base(facts.candidate, new.base)
    with_lock = facts.model_copy(update={"lock": lock, "holder": None, "candidate": candidate})
    return new, with_lock, taken + Decision(records=(new,), events=(entry,), effects=(post,))


def seize(hotfix: Release, facts: Facts, policy: Policy) -> tuple[Lock, Decision]:
    """The lock, and what its holder leaves behind when it is stopped for it."""
    key = service_of(hotfix, policy).lock
    reason = f"{hotfix.name} for INC-{hotfix.incident}"
    lock = Lock(key=key, release=hotfix.id, reason=reason, since=facts.now)
    holder = facts.holder
    if facts.lock is None or holder is None or holder.closed or holder.id != facts.lock.release:
        return lock, Decision(records=(lock,))
    return lock, Decision(records=(lock,)) + _stop(holder, hotfix, facts, policy)


def _stop(holder: Release, hotfix: Release, facts: Facts, policy: Policy) -> Decision:
    values = {"release": holder.name, "hotfix": hotfix.name, "incident": f"INC-{hotfix.incident}", "by": hotfix.owner}
    found = Finding(
        gate="lock_free", rule="T2", answer=Answer.FAIL, code=Code.PREEMPTED, values=values, whom=(holder.owner,)
    )
    new = holder.model_copy(
        update={"status": Status.STOPPED, "hold": Hold(finding=found, at=facts.now), "ended_at": facts.now}
    )
    said = {k: v for k, v in values.items() if k != "release"}
    post = thread(new, Code.PREEMPTED, f"preempted:{hotfix.name}", mention=(holder.owner,), **said)
    entry = event(new, hotfix.owner, "release_stopped", stage=holder.stage.value, finding=told(found))
    return Decision(records=(new,), events=(entry,), effects=(post, card(new, policy)))
