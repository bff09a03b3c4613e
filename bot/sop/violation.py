"""Violations: found by the patrol, one card each, open until explained, and the same again when they come back."""

from enum import StrEnum
from typing import Any

from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Event, Refusal, Watch
from bot.sop.effects import CancelRun, Effect, Notice, PostChannel, PostThread, ShowCard
from bot.sop.model import Frozen
from bot.sop.patrol import LASTING, visible
from bot.sop.patrol.act import Act, same_act
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.patrol.sighting import Sighting
from bot.sop.patrol.standing import Standing
from bot.sop.policy import Policy, Role, Service
from bot.sop.records import Occurrence, Violation, ViolationStatus, Word
from bot.sop.roles import lacks

S = ViolationStatus
KEPT = 10  # occurrences in its history


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
    """What a look would have shown and did not. It stays open until explained. Where nobody could look, its card says
    that it is not known."""
    if not violation.present or violation.code not in LASTING:
        return Decision()
    if not visible(violation.code, facts):
        return _unseen(violation, facts, policy)
    new = violation.model_copy(update={"present": False, "unseen_at": None})
    event = Event(kind="violation_gone", subject=new.name, actor=None, values={"key": new.key})
    return Decision(records=(new,), events=(event,), effects=(card(new, policy),))


def explain(act: Act, by: str, reason: str, facts: PatrolFacts, policy: Policy) -> Decision:
    """An approver says how it came about, once for all that is open of it; what it blocked goes on."""
    refusal = (
        _refuse(act, ViolationIntent.EXPLAIN)
        or lacks(policy, facts.directory, by, "explain a violation", Role.APPROVER)
        or empty(reason, "reason")
    )
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=reason.strip())
    new = tuple(v.model_copy(update={"status": S.EXPLAINED, "explained": word}) for v in act.open)
    told = _thread(act.name, Code.VIOLATION_EXPLAINED, f"explained:{act.count}", by=by, reason=word.says)
    said = {"reason": word.says}
    events = tuple(Event(kind="violation_explained", subject=v.name, actor=by, values=said) for v in new)
    return Decision(records=new, events=events, effects=(card(new[0], policy), told), watch=_affected(facts))


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
    return ShowCard(subject=violation.card, channel=channel(service, policy))


def _opened(sighting: Sighting, id: int, facts: PatrolFacts, policy: Policy) -> Decision:
    act = same_act(sighting, facts.violations)
    new = Violation(
        id=id,
        service=sighting.service,
        key=sighting.key,
        rule=sighting.rule,
        code=sighting.code,
        values=sighting.values,
        who=sighting.who,
        status=S.OPEN,
        part_of=act.id if act else None,
        first_at=facts.now,
        last_at=facts.now,
    )
    effects: tuple[Effect, ...] = (card(new, policy),)
    if act is not None and act.violations[0].first_at < facts.now:  # its card stands in the channel already
        effects += (_thread(act.name, Code.VIOLATION_JOINED, f"joined:{new.id}", rule=new.rule),)
    if sighting.values.get("act") == "cancel":
        effects += (_cancel(new, policy),)
    return Decision(
        records=(new,),
        events=(_seen(new, "violation_found"),),
        effects=effects,
        watch=_affected(facts),
    )


def _recurred(sighting: Sighting, before: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    changed = {"status": S.OPEN, "count": before.count + 1, "present": True, "unseen_at": None, "explained": None}
    new = _anew(sighting, before, facts).model_copy(update=changed)
    word = before.explained
    said = {"count": new.count, "by": word.by if word else None, "reason": word.says if word else None}
    once = f"recurred:{new.count}" if new.part_of is None else f"recurred:{new.id}:{new.count}"
    post = _thread(
        new.card, Code.VIOLATION_RECURRED, once, mention=policy.roles.approver, **(said | {"violation": new.name})
    )
    return Decision(
        records=(new,),
        events=(_seen(new, "violation_recurred"),),
        effects=(card(new, policy), post),
        watch=_affected(facts),
    )


def _still(sighting: Sighting, before: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    """Seen again: nothing is posted. While it is open the card shows what is seen now, and keeps what was."""
    seen = {"last_at": facts.now, "unseen_at": None}
    if before.status is S.OPEN and _fields(sighting.values) != _fields(before.values):
        new = _anew(sighting, before, facts).model_copy(update=seen)
        return Decision(records=(new,), events=(_seen(new, "violation_changed"),), effects=(card(new, policy),))
    values = sighting.values if before.status is S.OPEN else before.values
    new = before.model_copy(update={**seen, "values": values})
    told_otherwise = new.values != before.values or before.unseen_at is not None
    return Decision(records=(new,), effects=(card(new, policy),) if told_otherwise else ())


def _anew(sighting: Sighting, before: Violation, facts: PatrolFacts) -> Violation:
    """As it is seen now; what was seen before is kept as it stood."""
    was = Occurrence(
        first_at=before.began_at or before.first_at,
        last_at=before.last_at,
        values=before.values,
        who=before.who,
        explained=before.explained,
    )
    now = {"values": sighting.values, "who": sighting.who or before.who, "began_at": facts.now, "last_at": facts.now}
    return before.model_copy(update={**now, "history": (*before.history, was)[-KEPT:]})


def _unseen(violation: Violation, facts: PatrolFacts, policy: Policy) -> Decision:
    """Once: since when nobody can say whether it is there still (law 17)."""
    if violation.unseen_at is not None:
        return Decision()
    new = violation.model_copy(update={"unseen_at": facts.now})
    return Decision(records=(new,), effects=(card(new, policy),))


def _more(sighting: Sighting, explained: Violation) -> bool:
    """Whether there is something that the explanation cannot have been about: another field, or another value of it."""
    return not _fields(sighting.values) <= _fields(explained.values)


def _fields(values: dict[str, Any]) -> set[tuple[str, str, str | None]]:
    return {(d["probe"], d["field"], d.get("production")) for d in values.get("differences", ())}


def _cancel(violation: Violation, policy: Policy) -> CancelRun:
    service = policy.service(violation.service) or policy.services[0]
    return CancelRun(
        subject=violation.name,
        repository=service.repository,
        run=violation.values["run"],
        attempt=violation.values["attempt"],
        deploy_jobs=policy.as_released(service).ci.deploy_jobs,
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


def _refuse(act: Act, intent: ViolationIntent) -> Refusal | None:
    if (act.status, intent) in TRANSITIONS:
        return None
    values = {
        "subject": act.name,
        "status": act.status.value,
        "stage": None,
        "intent": intent.value,
        "possible": [i.value for i in possible(act.status)],
    }
    return Refusal(code=Code.NOT_NOW, values=values)


def _thread(name: str, code: Code, once: str, *, mention: tuple[str, ...] = (), **values: Any) -> PostThread:
    notice = Notice(code=code, values={"violation": name, **values})
    return PostThread(subject=name, notice=notice, mention=mention, once=once)
