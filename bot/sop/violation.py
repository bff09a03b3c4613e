"""Violations: found by the patrol, one card each, open until explained, and the same again when they come back."""

from enum import StrEnum
from typing import Any

from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Event, Refusal, Watch
from bot.sop.effects import CancelRun, Effect, Notice, PostChannel, PostThread, ShowCard
from bot.sop.model import Frozen
from bot.sop.patrol import visible
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.patrol.sighting import Sighting
from bot.sop.patrol.standing import Standing
from bot.sop.policy import Policy, Role, Service
from bot.sop.records import Violation, ViolationStatus, Word
from bot.sop.roles import lacks

S = ViolationStatus


class Cancelling(Frozen):
    """What became of cancelling a run that went around the SOP."""

    act: str  # cancelled; over: it had ended; watch: it had begun to deploy; refused
    said: str | None = None  # why it was not cancelled


class ViolationIntent(StrEnum):
    EXPLAIN = "explain"
    SEE = "see"  # the patrol's: a look showed it
    MISS = "miss"  # the patrol's: a look that would have shown it did not


TRANSITIONS: dict[tuple[ViolationStatus, ViolationIntent], frozenset[ViolationStatus]] = {
    (S.OPEN, ViolationIntent.EXPLAIN): frozenset({S.EXPLAINED}),
    (S.OPEN, ViolationIntent.SEE): frozenset({S.OPEN}),
    (S.OPEN, ViolationIntent.MISS): frozenset({S.OPEN}),
    (S.EXPLAINED, ViolationIntent.SEE): frozenset({S.EXPLAINED, S.OPEN}),  # the same still, or back again
    (S.EXPLAINED, ViolationIntent.MISS): frozenset({S.EXPLAINED}),
}
PEOPLES = (ViolationIntent.EXPLAIN,)


def possible(status: ViolationStatus) -> tuple[ViolationIntent, ...]:
    return tuple(i for i in PEOPLES if (status, i) in TRANSITIONS)


def found(sighting: Sighting, existing: Violation | None, id: int, facts: PatrolFacts, policy: Policy) -> Decision:
    """A sighting of something new opens a violation with this `id`; of something known it changes that one."""
    if existing is None:
        return _opened(sighting, id, facts, policy)
    if sighting.once:
        return Decision()
    if not existing.present or (existing.status is S.EXPLAINED and _more(sighting, existing)):
        return _recurred(sighting, existing, facts, policy)
    return _still(sighting, existing, facts, policy)


def gone(violation: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    """What a look would have shown and did not; nothing where nobody could look. It stays open until explained."""
    if not violation.present or not visible(violation.code, facts):
        return Decision()
    new = violation.model_copy(update={"present": False})
    event = Event(kind="violation_gone", subject=new.name, actor=None, values={"key": new.key})
    return Decision(records=(new,), events=(event,), effects=(card(new, policy),))


def explain(violation: Violation, by: str, reason: str, facts: PatrolFacts, policy: Policy) -> Decision:
    """An approver says how it came about; what it blocked goes on."""
    refusal = (
        _refuse(violation, ViolationIntent.EXPLAIN)
        or lacks(policy, facts.directory, by, "explain a violation", Role.APPROVER)
        or empty(reason, "reason")
    )
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=reason.strip())
    new = violation.model_copy(update={"status": S.EXPLAINED, "explained": word})
    told = _thread(new, Code.VIOLATION_EXPLAINED, f"explained:{new.count}", by=by, reason=word.says)
    event = Event(kind="violation_explained", subject=new.name, actor=by, values={"reason": word.says})
    return Decision(records=(new,), events=(event,), effects=(card(new, policy), told), watch=_affected(facts))


def acted(violation: Violation, cancelling: Cancelling, policy: Policy) -> Decision:
    """Its card says what became of the run."""
    values = violation.values | cancelling.model_dump()
    if values == violation.values:
        return Decision()
    new = violation.model_copy(update={"values": values})
    said = {"run": values.get("run"), "attempt": values.get("attempt"), **cancelling.model_dump()}
    event = Event(kind="violation_run_handled", subject=new.name, actor=None, values=said)
    return Decision(records=(new,), events=(event,), effects=(card(new, policy),))


def told(service: Service, before: Standing, after: Standing, policy: Policy) -> Decision:
    """Says once that the patrol cannot see, for as long as that lasts, and when it sees again."""
    blind, was = after.blind, before.blind
    if blind is not None and blind.since is not None:
        code, since, what, error = Code.PATROL_UNKNOWN, blind.since, blind.what, blind.error
    elif was is not None and blind is None and was.since is not None and was.error is not None:
        code, since, what, error = Code.PATROL_KNOWN, was.since, was.what, None
    else:
        return Decision()
    values = {"service": service.name, "what": what, "since": since.isoformat(), "error": error}
    values |= {"until": blind.until.isoformat()} if blind is not None and blind.until else {}
    subject = f"patrol:{service.name}"
    post = PostChannel(
        subject=subject,
        channel=channel(service, policy),
        notice=Notice(code=code, values=values),
        once=f"{code}:{since.isoformat()}",
    )
    return Decision(effects=(post,))


def channel(service: Service, policy: Policy) -> str:
    return policy.patrol.channel or service.channel


def card(violation: Violation, policy: Policy) -> ShowCard:
    service = policy.service(violation.service) or policy.services[0]
    return ShowCard(subject=violation.name, channel=channel(service, policy))


def _opened(sighting: Sighting, id: int, facts: PatrolFacts, policy: Policy) -> Decision:
    new = Violation(
        id=id,
        service=sighting.service,
        key=sighting.key,
        rule=sighting.rule,
        code=sighting.code,
        values=sighting.values,
        who=sighting.who,
        status=S.OPEN,
        first_at=facts.now,
        last_at=facts.now,
    )
    effects: tuple[Effect, ...] = (card(new, policy),)
    if sighting.values.get("act") == "cancel":
        effects += (_cancel(new, policy),)
    return Decision(
        records=(new,),
        events=(_seen(new, "violation_found"),),
        effects=effects,
        watch=_affected(facts),
    )


def _recurred(sighting: Sighting, before: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    new = before.model_copy(
        update={
            "status": S.OPEN,
            "count": before.count + 1,
            "present": True,
            "values": sighting.values,
            "who": sighting.who or before.who,
            "last_at": facts.now,
            "explained": None,
        }
    )
    word = before.explained
    said = {"count": new.count, "by": word.by if word else None, "reason": word.says if word else None}
    post = _thread(new, Code.VIOLATION_RECURRED, f"recurred:{new.count}", mention=policy.roles.approver, **said)
    return Decision(
        records=(new,),
        events=(_seen(new, "violation_recurred"),),
        effects=(card(new, policy), post),
        watch=_affected(facts),
    )


def _still(sighting: Sighting, before: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    """Seen again: nothing is posted. While it is open the card shows what is seen now."""
    values = sighting.values if before.status is S.OPEN else before.values
    new = before.model_copy(update={"last_at": facts.now, "values": values})
    shown = (card(new, policy),) if new.values != before.values else ()
    return Decision(records=(new,), effects=shown)


def _more(sighting: Sighting, explained: Violation) -> bool:
    """Whether there is something that the explanation cannot have been about: another field that differs."""
    return not _fields(sighting.values) <= _fields(explained.values)


def _fields(values: dict[str, Any]) -> set[tuple[str, str]]:
    return {(d["probe"], d["field"]) for d in values.get("differences", ())}


def _cancel(violation: Violation, policy: Policy) -> CancelRun:
    service = policy.service(violation.service) or policy.services[0]
    return CancelRun(
        subject=violation.name,
        repository=service.repository,
        run=violation.values["run"],
        attempt=violation.values["attempt"],
        deploy_jobs=service.ci.deploy_jobs,
    )


def _affected(facts: PatrolFacts) -> tuple[Watch, ...]:
    """Releases of its lock, which an open violation holds up, or no longer does."""
    return tuple(Watch(subject=r.name, due=facts.now) for r in facts.open)


def _seen(violation: Violation, kind: str) -> Event:
    values = {
        "service": violation.service,
        "key": violation.key,
        "rule": violation.rule,
        "code": violation.code,
        "values": violation.values,
        "who": violation.who,
        "count": violation.count,
    }
    return Event(kind=kind, subject=violation.name, actor=None, values=values)


def _refuse(violation: Violation, intent: ViolationIntent) -> Refusal | None:
    if (violation.status, intent) in TRANSITIONS:
        return None
    values = {
        "subject": violation.name,
        "status": violation.status.value,
        "stage": None,
        "intent": intent.value,
        "possible": [i.value for i in possible(violation.status)],
    }
    return Refusal(code=Code.NOT_NOW, values=values)


def _thread(violation: Violation, code: Code, once: str, *, mention: tuple[str, ...] = (), **values: Any) -> PostThread:
    notice = Notice(code=code, values={"violation": violation.name, **values})
    return PostThread(subject=violation.name, notice=notice, mention=mention, once=once)
