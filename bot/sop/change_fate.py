"""What becomes of a change request without its people: by the clock, and by the release that carries it."""

from bot.sop.approvals import wanted
from bot.sop.change import (
    TRANSITIONS,
    ChangeFacts,
    ChangeIntent,
    S,
    clock,
    decided,
    on_its_way,
    restated,
    tell_requester,
    young,
)
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import Notice, SendDirect
from bot.sop.policy import Policy
from bot.sop.records import Change, Release


def expire(change: Change, facts: ChangeFacts, policy: Policy) -> Decision:
    """The clock: an approved request whose approvals no longer suffice by age is EXPIRED, unless it is pushed."""
    if (change.status, ChangeIntent.EXPIRE) not in TRANSITIONS:
        return Decision()
    if len(young(change, facts, policy)) >= wanted(change, policy) or on_its_way(facts):
        return Decision(watch=clock(change, facts, policy))
    new = change.model_copy(update={"status": S.EXPIRED})
    told = tell_requester(new, None, f"expired:{new.revision}:{facts.now.isoformat()}")
    return decided(new, None, "change_expired", facts, policy, {}) + Decision(effects=(told,))


def lapse(change: Change, facts: ChangeFacts, policy: Policy) -> Decision:
    """The clock: an approved request is OPEN again where too many of its approvers have left, unless it is pushed."""
    if (change.status, ChangeIntent.LAPSE) not in TRANSITIONS or on_its_way(facts):
        return Decision()
    new = restated(change, facts, policy)
    if new.status is change.status:
        return Decision()
    values = {"change": new.name, "title": new.content.title}
    told = SendDirect(
        subject=new.name,
        to=new.requester,
        notice=Notice(code=Code.CHANGE_LAPSED, values=values),
        once=f"lapsed:{new.revision}:{facts.now.isoformat()}",
    )
    return decided(new, None, "change_lapsed", facts, policy, {}) + Decision(effects=(told,))


def taken_again(change: Change, incident: str, facts: ChangeFacts, policy: Policy) -> Decision:
    """A hotfix starts anew with an emergency change whose approvals ran out: it is open, and asked for again."""
    if (change.status, ChangeIntent.TAKE_AGAIN) not in TRANSITIONS:
        return Decision()
    return decided(restated(change, facts, policy), None, "change_taken_again", facts, policy, {"incident": incident})


def released(change: Change, release: Release, facts: ChangeFacts, policy: Policy) -> Decision:
    if (change.status, ChangeIntent.RELEASE) not in TRANSITIONS:
        return Decision()
    new = change.model_copy(update={"status": S.RELEASED, "release": release.id, "closed_at": facts.now})
    told = SendDirect(
        subject=new.name,
        to=new.requester,
        notice=Notice(code=Code.CHANGE_RELEASED, values={"change": new.name, "release": release.name}),
        once=f"released:{release.name}",
    )
    return decided(new, None, "change_released", facts, policy, {"release": release.name}) + Decision(effects=(told,))


def rolled_back(change: Change, rollback: Release, facts: ChangeFacts, policy: Policy) -> Decision:
    """Its commits were taken out of production: it is barred until somebody acknowledges that."""
    if (change.status, ChangeIntent.ROLL_BACK) not in TRANSITIONS or rollback.rollback is None:
        return Decision()
    released_by = f"R-{change.release}" if change.release else None
    known = {"status": S.ROLLED_BACK, "approvals": (), "rejection": None, "closed_at": facts.now}
    new = change.model_copy(update=known)
    values = {"change": new.name, "title": new.content.title, "release": released_by}
    values |= {"rollback": rollback.name, "reason": rollback.rollback.reason}
    told = SendDirect(
        subject=new.name,
        to=new.requester,
        notice=Notice(code=Code.CHANGE_ROLLED_BACK, values=values),
        once=f"rolled-back:{rollback.name}",
    )
    return decided(new, None, "change_rolled_back", facts, policy, values) + Decision(effects=(told,))
