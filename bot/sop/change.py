"""Change requests (P1): filed, approved by others, edited, withdrawn, expired, released."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime

from bot.sop.approvals import counted, wanted
from bot.sop.codes import Code
from bot.sop.content import check, empty
from bot.sop.decision import Decision, Event, Refusal, Watch
from bot.sop.effects import Effect, Notice, PostThread, SendDirect, ShowCard, UpdateDirect
from bot.sop.facts import Directory
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role
from bot.sop.records import Approval, Change, ChangeStatus, Content, Incident, Rejection, Release
from bot.sop.roles import holders, lacks

S = ChangeStatus
LATER = timedelta(hours=1)  # until an expired request that is on its way is looked at again


class ChangeIntent(StrEnum):
    EDIT = "edit"
    APPROVE = "approve"
    WITHDRAW_APPROVAL = "withdraw an approval"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"  # the clock's
    TAKE_AGAIN = "take again"  # a hotfix': its incident has another one
    LAPSE = "lapse"  # the clock's: who approved it has left, or may approve no more
    RELEASE = "release"  # its release is complete
    ROLL_BACK = "roll back"  # its release was reverted
    REOPEN = "acknowledge the rollback"


TRANSITIONS: dict[tuple[ChangeStatus, ChangeIntent], frozenset[ChangeStatus]] = {
    (S.OPEN, ChangeIntent.EDIT): frozenset({S.OPEN}),
    (S.OPEN, ChangeIntent.APPROVE): frozenset({S.OPEN, S.APPROVED}),
    # who counts may have changed meanwhile (roles, approvals wanted), so each act states anew what the approvals are
    (S.OPEN, ChangeIntent.WITHDRAW_APPROVAL): frozenset({S.OPEN, S.APPROVED}),
    (S.OPEN, ChangeIntent.REJECT): frozenset({S.REJECTED}),
    (S.OPEN, ChangeIntent.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.OPEN, ChangeIntent.RELEASE): frozenset({S.RELEASED}),  # an approval may lapse after the push
    (S.APPROVED, ChangeIntent.EDIT): frozenset({S.OPEN}),
    (S.APPROVED, ChangeIntent.APPROVE): frozenset({S.OPEN, S.APPROVED}),
    (S.APPROVED, ChangeIntent.WITHDRAW_APPROVAL): frozenset({S.OPEN, S.APPROVED}),
    (S.APPROVED, ChangeIntent.REJECT): frozenset({S.REJECTED}),
    (S.APPROVED, ChangeIntent.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.APPROVED, ChangeIntent.EXPIRE): frozenset({S.EXPIRED}),
    (S.APPROVED, ChangeIntent.LAPSE): frozenset({S.OPEN}),
    (S.APPROVED, ChangeIntent.RELEASE): frozenset({S.RELEASED}),
    (S.EXPIRED, ChangeIntent.EDIT): frozenset({S.OPEN}),
    (S.EXPIRED, ChangeIntent.APPROVE): frozenset({S.OPEN, S.APPROVED}),
    (S.EXPIRED, ChangeIntent.TAKE_AGAIN): frozenset({S.OPEN, S.APPROVED}),
    (S.EXPIRED, ChangeIntent.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.EXPIRED, ChangeIntent.RELEASE): frozenset({S.RELEASED}),
    (S.REJECTED, ChangeIntent.EDIT): frozenset({S.OPEN}),
    (S.REJECTED, ChangeIntent.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.OPEN, ChangeIntent.ROLL_BACK): frozenset({S.ROLLED_BACK}),
    (S.APPROVED, ChangeIntent.ROLL_BACK): frozenset({S.ROLLED_BACK}),
    (S.EXPIRED, ChangeIntent.ROLL_BACK): frozenset({S.ROLLED_BACK}),
    (S.RELEASED, ChangeIntent.ROLL_BACK): frozenset({S.ROLLED_BACK}),
    (S.REJECTED, ChangeIntent.ROLL_BACK): frozenset({S.ROLLED_BACK}),  # rejected while its commits stood on the branch
    (S.ROLLED_BACK, ChangeIntent.REOPEN): frozenset({S.OPEN}),
    (S.ROLLED_BACK, ChangeIntent.WITHDRAW): frozenset({S.WITHDRAWN}),
    # said in the second of the push: production has it, whatever was said
    (S.REJECTED, ChangeIntent.RELEASE): frozenset({S.RELEASED}),
    (S.WITHDRAWN, ChangeIntent.RELEASE): frozenset({S.RELEASED}),
}
PEOPLES = (
    ChangeIntent.EDIT,
    ChangeIntent.APPROVE,
    ChangeIntent.WITHDRAW_APPROVAL,
    ChangeIntent.REJECT,
    ChangeIntent.WITHDRAW,
    ChangeIntent.REOPEN,
)


class ChangeFacts(Frozen):
    now: AwareDatetime
    directory: Directory = Directory()
    carrier: Release | None = None  # the open release that carries it
    ended: Release | None = None  # the last release that carried it, when it is closed
    left_with: Release | None = None  # who answers for commits of it that a closed release left on the branch
    incident: Incident | None = None  # of an emergency change
    asked: tuple[SendDirect, ...] = ()  # direct messages that asked for its approval
    pushing: bool = False  # what it brings is on its way to the branch at this moment (`arrival.in_flight`)


def possible(status: ChangeStatus) -> tuple[ChangeIntent, ...]:
    return tuple(i for i in PEOPLES if (status, i) in TRANSITIONS)


def file(id: int, by: str, content: Content, facts: ChangeFacts, policy: Policy) -> Decision:
    """X3: nothing is deployed without one. Refuses a breaking change, unknown services and areas, empty fields."""
    refusal = lacks(policy, facts.directory, by, "request a change", Role.RELEASER) or check(content, policy)
    if refusal:
        return Decision(refusal=refusal)
    change = Change(id=id, requester=by, status=S.OPEN, content=content, created_at=facts.now)
    asked = ask_approvers(change, facts, policy)
    return decided(change, by, "change_filed", facts, policy, content.model_dump(mode="json")) + Decision(effects=asked)


def edit(change: Change, by: str, revision: int, content: Content, facts: ChangeFacts, policy: Policy) -> Decision:
    """Voids every approval (law 3)."""
    refusal = refuse(change, ChangeIntent.EDIT, facts) or _not_requester(change, by, "edit it")
    if refusal is None and revision != change.revision:
        refusal = Refusal(code=Code.CHANGED_MEANWHILE, values={"subject": change.name})
    refusal = refusal or check(content, policy)
    if refusal is None and content.service != change.content.service:
        other = {"change": change.name, "service": content.service, "wanted": change.content.service}
        refusal = Refusal(code=Code.CHANGE_OF_OTHER, values=other, field="service")
    if refusal is None and content == change.content:
        refusal = Refusal(code=Code.NOTHING_NEW, values={"subject": change.name}, field="title")
    if refusal:
        return Decision(refusal=refusal)
    voided = len(change.approvals)
    new = change.model_copy(
        update={
            "content": content,
            **_revised(change, by, facts),
            "status": S.OPEN,
            "approvals": (),
            "rejection": None,
            "closed_at": None,
        }
    )
    was = None if change.status is S.OPEN else change.status.value
    told = thread(new, Code.CHANGE_VOIDED, f"edit:{new.revision}", by=by, count=voided, was=was)
    values: dict[str, Any] = {"voided": [a.by for a in change.approvals], "content": content.model_dump(mode="json")}
    return decided(new, by, "change_edited", facts, policy, values) + Decision(
        effects=(told, *ask_approvers(new, facts, policy))
    )


def approve(change: Change, by: str, revision: int, facts: ChangeFacts, policy: Policy) -> Decision:
    refusal = (
        refuse(change, ChangeIntent.APPROVE, facts)
        or lacks(policy, facts.directory, by, "approve a change request", Role.APPROVER)
        or _own(change, by)
        or read_anew(change, revision)
        or _twice(change, by, facts, policy)
    )
    if refusal:
        return Decision(refusal=refusal)
    given = Approval(by=by, at=facts.now, digest=change.content.digest)
    kept = tuple(a for a in change.approvals if a.by != by)
    new = restated(change.model_copy(update={"approvals": (*kept, given)}), facts, policy)
    once = f"approved:{new.revision}:{by}:{facts.now.isoformat()}"
    have, need = len(counted(new, facts.directory, policy, facts.now)), wanted(new, policy)
    code = Code.CHANGE_APPROVAL_GIVEN if have <= need else Code.CHANGE_APPROVAL_MORE
    effects: tuple[Effect, ...] = (thread(new, code, once, by=by, have=have, need=need),)
    if new.status is S.APPROVED and change.status is not S.APPROVED:
        effects += (tell_requester(new, by, once),)
    return decided(new, by, "change_approved", facts, policy, {"digest": given.digest}) + Decision(effects=effects)


def withdraw_approval(change: Change, by: str, facts: ChangeFacts, policy: Policy) -> Decision:
    refusal = refuse(change, ChangeIntent.WITHDRAW_APPROVAL, facts)
    if refusal is None and by not in {a.by for a in change.approvals}:
        refusal = Refusal(code=Code.NO_APPROVAL, values={"change": change.name})
    if refusal:
        return Decision(refusal=refusal)
    left = tuple(a for a in change.approvals if a.by != by)
    new = restated(change.model_copy(update={"approvals": left}), facts, policy)
    have, need = len(counted(new, facts.directory, policy, facts.now)), wanted(new, policy)
    once = f"unapproved:{new.revision}:{by}:{facts.now.isoformat()}"
    told = thread(new, Code.CHANGE_APPROVAL_TAKEN, once, by=by, have=have, need=need)
    return decided(new, by, "approval_withdrawn", facts, policy, {}) + Decision(effects=(told,))


def reject(change: Change, by: str, reason: str, facts: ChangeFacts, policy: Policy) -> Decision:
    """One rejection rejects."""
    refusal = (
        refuse(change, ChangeIntent.REJECT, facts)
        or lacks(policy, facts.directory, by, "reject a change request", Role.APPROVER)
        or _own(change, by)
        or empty(reason, "reason")
    )
    if refusal:
        return Decision(refusal=refusal)
    why = Rejection(by=by, at=facts.now, reason=reason.strip())
    new = change.model_copy(update={"status": S.REJECTED, "rejection": why, "closed_at": facts.now})
    once = f"rejected:{new.revision}:{facts.now.isoformat()}"
    told = (thread(new, Code.CHANGE_REJECTED, once, by=by, reason=why.reason), tell_requester(new, by, once))
    return decided(new, by, "change_rejected", facts, policy, {"reason": why.reason}) + Decision(effects=told)


def withdraw(change: Change, by: str, facts: ChangeFacts, policy: Policy) -> Decision:
    refusal = refuse(change, ChangeIntent.WITHDRAW, facts) or _not_requester(change, by, "withdraw it")
    if refusal is None and facts.left_with is not None:
        values = {"change": change.name, "release": facts.left_with.name}
        refusal = Refusal(code=Code.CHANGE_ON_BRANCH, values=values)
    if refusal:
        return Decision(refusal=refusal)
    new = change.model_copy(update={"status": S.WITHDRAWN, "closed_at": facts.now})
    return decided(new, by, "change_withdrawn", facts, policy, {})


def acknowledge_rollback(change: Change, by: str, facts: ChangeFacts, policy: Policy) -> Decision:
    """Its requester or an approver says that the rollback is understood: it may be approved and released anew."""
    refusal = refuse(change, ChangeIntent.REOPEN, facts)
    if refusal is None and by != change.requester:
        refusal = lacks(policy, facts.directory, by, "acknowledge the rollback of a change request", Role.APPROVER)
    if refusal:
        return Decision(refusal=refusal)
    new = change.model_copy(
        update={"status": S.OPEN, **_revised(change, by, facts), "release": None, "closed_at": None}
    )
    told = thread(new, Code.ROLLBACK_KNOWN, f"known:{new.revision}", by=by)
    asked = ask_approvers(new, facts, policy)
    return decided(new, by, "rollback_acknowledged", facts, policy, {}) + Decision(effects=(told, *asked))


def refuse(change: Change, intent: ChangeIntent, facts: ChangeFacts) -> Refusal | None:
    if (change.status, intent) not in TRANSITIONS:
        values = {
            "subject": change.name,
            "status": change.status.value,
            "stage": None,
            "intent": intent.value,
            "possible": [i.value for i in possible(change.status)],
        }
        return Refusal(code=Code.NOT_NOW, values=values)
    if facts.carrier is not None and on_its_way(facts):
        return Refusal(code=Code.CHANGE_IN_USE, values={"change": change.name, "release": facts.carrier.name})
    return None


def on_its_way(facts: ChangeFacts) -> bool:
    """Pushed, or being pushed: what was approved is what goes out."""
    return facts.carrier is not None and (facts.carrier.pushed is not None or facts.pushing)


def _own(change: Change, by: str) -> Refusal | None:
    return Refusal(code=Code.SELF_APPROVAL, values={"change": change.name}) if by == change.requester else None


def read_anew(change: Change, revision: int) -> Refusal | None:
    """What is approved or rejected is what was read."""
    if revision == change.revision:
        return None
    at = change.revised_at.isoformat() if change.revised_at else None
    return Refusal(code=Code.CHANGE_REVISED, values={"change": change.name, "by": change.revised_by, "at": at})


def _revised(change: Change, by: str, facts: ChangeFacts) -> dict[str, Any]:
    return {"revision": change.revision + 1, "revised_by": by, "revised_at": facts.now}


def _twice(change: Change, by: str, facts: ChangeFacts, policy: Policy) -> Refusal | None:
    if by not in counted(change, facts.directory, policy, facts.now):
        return None
    at = next(a.at for a in change.approvals if a.by == by)
    return Refusal(code=Code.APPROVED_TWICE, values={"change": change.name, "at": at.isoformat()})


def _not_requester(change: Change, by: str, what: str) -> Refusal | None:
    if by == change.requester:
        return None
    return Refusal(code=Code.NOT_THE_OWNER, values={"owner": change.requester, "what": what})


def restated(change: Change, facts: ChangeFacts, policy: Policy) -> Change:
    enough = len(counted(change, facts.directory, policy, facts.now)) >= wanted(change, policy)
    return change.model_copy(update={"status": S.APPROVED if enough else S.OPEN})


def decided(
    change: Change, by: str | None, kind: str, facts: ChangeFacts, policy: Policy, values: dict[str, Any]
) -> Decision:
    service = policy.service(change.content.service)
    names = (change.name, facts.ended.name) if facts.ended else (change.name,)  # what it may do now stands there too
    show: tuple[Effect, ...] = tuple(ShowCard(subject=name, channel=service.channel) for name in names if service)
    show += tuple(UpdateDirect(subject=message.key, message=message) for message in facts.asked)
    again: tuple[Watch, ...] = (Watch(subject=facts.carrier.name, due=facts.now),) if facts.carrier else ()
    again += clock(change, facts, policy)
    event = Event(kind=kind, subject=change.name, actor=by, values={"revision": change.revision, **values})
    return Decision(records=(change,), events=(event,), effects=show, watch=again)


def young(change: Change, facts: ChangeFacts, policy: Policy) -> tuple[Approval, ...]:
    return tuple(a for a in change.approvals if a.at > facts.now - policy.approvals.expire_after)


def clock(change: Change, facts: ChangeFacts, policy: Policy) -> tuple[Watch, ...]:
    """When the next of its approvals expires; of one that is on its way, when it will have arrived."""
    if change.status is not S.APPROVED:
        return ()
    ends = min((a.at + policy.approvals.expire_after for a in young(change, facts, policy)), default=facts.now + LATER)
    return (Watch(subject=change.name, due=ends),)


def ask_approvers(change: Change, facts: ChangeFacts, policy: Policy) -> tuple[Effect, ...]:
    """Single people by direct message, once; user groups in the channel, in the card's thread."""
    named = policy.roles.of(Role.APPROVER)
    able = holders(policy, facts.directory, Role.APPROVER) - {change.requester}
    values = {
        "change": change.name,
        "title": change.content.title,
        "requester": change.requester,
        "service": change.content.service,
        "revision": change.revision,
    }
    notice, once = Notice(code=Code.APPROVAL_WANTED, values=values), f"wanted:{change.revision}"
    single = tuple(SendDirect(subject=change.name, to=n, notice=notice, once=once) for n in named if n in able)
    groups = tuple(n for n in named if n.startswith("S"))
    if not groups:
        return single
    return (*single, PostThread(subject=change.name, notice=notice, mention=groups, once=once))


def thread(change: Change, code: Code, once: str, **values: object) -> PostThread:
    return PostThread(
        subject=change.name, notice=Notice(code=code, values={"change": change.name, **values}), once=once
    )


def tell_requester(change: Change, by: str | None, once: str) -> SendDirect:
    values = {
        "change": change.name,
        "title": change.content.title,
        "status": change.status.value,
        "by": by,
        "reason": change.rejection.reason if change.rejection else None,
    }
    return SendDirect(
        subject=change.name,
        to=change.requester,
        notice=Notice(code=Code.CHANGE_DECIDED, values=values),
        once=once,
    )
