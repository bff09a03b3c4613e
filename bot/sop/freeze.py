"""Architecture freezes (X4): no deploy while one is in force, except a hotfix."""

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Refusal, Watch
from bot.sop.effects import Effect, Notice, PostChannel, ShowCard
from bot.sop.facts import Directory
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role, Service
from bot.sop.records import Freeze, FreezeStatus, Release
from bot.sop.roles import lacks

S = FreezeStatus
FILLING_IN = timedelta(minutes=1)  # a begin may be this old: times are chosen in minutes, and it takes a while


class FreezeIntent(StrEnum):
    CHANGE = "change"
    END = "end"
    CANCEL = "cancel"
    BEGIN = "begin"  # the clock's
    RUN_OUT = "run out"  # the clock's


TRANSITIONS: dict[tuple[FreezeStatus, FreezeIntent], frozenset[FreezeStatus]] = {
    (S.SCHEDULED, FreezeIntent.CHANGE): frozenset({S.SCHEDULED, S.ACTIVE}),
    (S.SCHEDULED, FreezeIntent.CANCEL): frozenset({S.CANCELLED}),
    (S.SCHEDULED, FreezeIntent.BEGIN): frozenset({S.ACTIVE}),
    (S.SCHEDULED, FreezeIntent.RUN_OUT): frozenset({S.ENDED}),  # the bot was down for the whole window
    (S.ACTIVE, FreezeIntent.CHANGE): frozenset({S.ACTIVE}),
    (S.ACTIVE, FreezeIntent.END): frozenset({S.ENDED}),
    (S.ACTIVE, FreezeIntent.RUN_OUT): frozenset({S.ENDED}),
}
PEOPLES = (FreezeIntent.CHANGE, FreezeIntent.END, FreezeIntent.CANCEL)


class FreezeFacts(Frozen):
    now: AwareDatetime
    directory: Directory = Directory()
    running: tuple[Release, ...] = ()  # open releases, which must look again at once
    freezes: tuple[Freeze, ...] = ()  # scheduled or active


class Window(Frozen):
    """What a person asks for. `starts_at` None: now. `until` None: until someone ends it."""

    services: tuple[str, ...]
    reason: str
    starts_at: AwareDatetime | None
    until: AwareDatetime | None


def possible(status: FreezeStatus) -> tuple[FreezeIntent, ...]:
    return tuple(i for i in PEOPLES if (status, i) in TRANSITIONS)


def start(id: int, by: str, window: Window, facts: FreezeFacts, policy: Policy) -> Decision:
    refusal = lacks(policy, facts.directory, by, "freeze deployments", Role.APPROVER) or _check(window, facts, policy)
    refusal = refusal or _past(window, facts)
    if refusal:
        return Decision(refusal=refusal)
    starts = window.starts_at or facts.now
    freeze = Freeze(
        id=id,
        status=S.SCHEDULED if starts > facts.now else S.ACTIVE,
        services=window.services,
        reason=window.reason.strip(),
        owner=by,
        starts_at=starts,
        until=window.until,
        created_at=facts.now,
    )
    return _decided(freeze, by, says(freeze), facts, policy)


def change(freeze: Freeze, by: str, revision: int, window: Window, facts: FreezeFacts, policy: Policy) -> Decision:
    """A coming window may be moved; of an active one the services, reason and end may change. `revision`: that the
    form was opened with."""
    refusal = (
        _refuse(freeze, FreezeIntent.CHANGE)
        or lacks(policy, facts.directory, by, "change a freeze", Role.APPROVER)
        or _meanwhile(freeze, revision)
        or _check(window, facts, policy)
    )
    begun = freeze.status is S.ACTIVE
    if not begun and window.starts_at != freeze.starts_at:
        refusal = refusal or _past(window, facts)
    if refusal:
        return Decision(refusal=refusal)
    starts = freeze.starts_at if begun else (window.starts_at or facts.now)
    new = freeze.model_copy(
        update={
            "services": window.services,
            "reason": window.reason.strip(),
            "starts_at": starts,
            "until": window.until,
            "status": S.ACTIVE if begun or starts <= facts.now else S.SCHEDULED,
            "revision": freeze.revision + 1,
            "changed_by": by,
            "changed_at": facts.now,
        }
    )
    code = Code.FREEZE_BEGAN if new.status is S.ACTIVE and not begun else Code.FREEZE_CHANGED
    return _decided(new, by, code, facts, policy, f"change:{facts.now.isoformat()}", freeze)


def end(freeze: Freeze, by: str, facts: FreezeFacts, policy: Policy) -> Decision:
    refusal = _refuse(freeze, FreezeIntent.END) or lacks(policy, facts.directory, by, "end a freeze", Role.APPROVER)
    if refusal:
        return Decision(refusal=refusal)
    new = freeze.model_copy(update={"status": S.ENDED, "ended_by": by, "ended_at": facts.now})
    return _decided(new, by, Code.FREEZE_ENDED, facts, policy, "end")


def cancel(freeze: Freeze, by: str, facts: FreezeFacts, policy: Policy) -> Decision:
    refusal = _refuse(freeze, FreezeIntent.CANCEL) or lacks(
        policy, facts.directory, by, "cancel a freeze", Role.APPROVER
    )
    if refusal:
        return Decision(refusal=refusal)
    new = freeze.model_copy(update={"status": S.CANCELLED, "ended_by": by, "ended_at": facts.now})
    return _decided(new, by, Code.FREEZE_CANCELLED, facts, policy, "cancel")


def tick(freeze: Freeze, facts: FreezeFacts, policy: Policy) -> Decision:
    """The clock: begins a scheduled freeze, ends one whose time is up, each announced."""
    over = freeze.until is not None and freeze.until <= facts.now
    if freeze.status is S.SCHEDULED and freeze.starts_at <= facts.now and not over:
        return _decided(freeze.model_copy(update={"status": S.ACTIVE}), None, Code.FREEZE_BEGAN, facts, policy, "begin")
    if freeze.status in (S.SCHEDULED, S.ACTIVE) and over:
        new = freeze.model_copy(update={"status": S.ENDED, "ended_at": freeze.until})
        return _decided(new, None, Code.FREEZE_ENDED, facts, policy, "end")
    return Decision(watch=_clock(freeze, facts))


def _refuse(freeze: Freeze, intent: FreezeIntent) -> Refusal | None:
    if (freeze.status, intent) in TRANSITIONS:
        return None
    values = {
        "subject": freeze.name,
        "status": freeze.status.value,
        "stage": None,
        "intent": intent.value,
        "possible": [i.value for i in possible(freeze.status)],
    }
    return Refusal(code=Code.NOT_NOW, values=values)


def _meanwhile(freeze: Freeze, revision: int) -> Refusal | None:
    """A change that was not read is not undone by one that was begun before it."""
    if revision == freeze.revision or freeze.changed_at is None:
        return None
    values = {"freeze": freeze.name, "by": freeze.changed_by, "at": freeze.changed_at.isoformat()}
    so = freeze.model_dump(mode="json", include={"services", "reason", "starts_at", "until"})
    return Refusal(code=Code.FREEZE_MEANWHILE, values=values | so, field="reason")


def _check(window: Window, facts: FreezeFacts, policy: Policy) -> Refusal | None:
    names = [s.name for s in policy.services]
    for service in window.services:
        if service not in names:
            values = {"service": service, "services": names}
            return Refusal(code=Code.UNKNOWN_SERVICE, values=values, field="services")
    if not window.reason.strip():
        return Refusal(code=Code.EMPTY, values={"field": "reason"}, field="reason")
    starts = window.starts_at or facts.now
    if window.until is not None and (window.until <= starts or window.until <= facts.now):
        values_ = {"starts_at": starts.isoformat(), "until": window.until.isoformat()}
        return Refusal(code=Code.FREEZE_TIMES, values=values_, field="until")
    return None


def _past(window: Window, facts: FreezeFacts) -> Refusal | None:
    """To freeze at once is asked for by name, not by a slip in a date."""
    if window.starts_at is None or window.starts_at >= facts.now - FILLING_IN:
        return None
    return Refusal(code=Code.FREEZE_PAST, values={"starts_at": window.starts_at.isoformat()}, field="starts_at")


def says(freeze: Freeze) -> Code:
    """What its card says of it."""
    return {
        S.SCHEDULED: Code.FREEZE_SCHEDULED,
        S.ACTIVE: Code.FREEZE_BEGAN,
        S.ENDED: Code.FREEZE_OVER,
        S.CANCELLED: Code.FREEZE_CALLED_OFF,
    }[freeze.status]


def _still(freeze: Freeze, facts: FreezeFacts, policy: Policy) -> list[str]:
    """Other freezes that hold releases of its services now."""
    services = [s for s in policy.services if freeze.touches(s.name)]
    others = (f for f in facts.freezes if f.id != freeze.id and f.in_force(facts.now))
    return [f.name for f in others if any(f.touches_any(policy.together(s)) for s in services)]


def notice(freeze: Freeze, by: str | None, code: Code, still: list[str] | None = None) -> Notice:
    """`still`: names of the freezes still in force when it ended; None where it is not said (on its card, which
    stays as it is when others begin and end)."""
    values = {
        "freeze": freeze.name,
        "services": list(freeze.services),
        "reason": freeze.reason,
        "owner": freeze.owner,
        "by": by,
        "starts_at": freeze.starts_at.isoformat(),
        "until": freeze.until.isoformat() if freeze.until else None,
        "ended_at": freeze.ended_at.isoformat() if freeze.ended_at else None,
        "still": still,
    }
    return Notice(code=code, values=values)


def _decided(
    freeze: Freeze,
    by: str | None,
    code: Code,
    facts: FreezeFacts,
    policy: Policy,
    once: str = "",
    before: Freeze | None = None,
) -> Decision:
    """In each channel one card, edited in place; what comes of it later (`once`) is announced besides."""
    said = notice(freeze, by, code, _still(freeze, facts, policy) if code == Code.FREEZE_ENDED else None)
    where = dict.fromkeys(s.channel for s in policy.services if freeze.touches(s.name))
    known = dict.fromkeys(s.channel for s in policy.services if before and before.touches(s.name))
    told: tuple[Effect, ...] = tuple(ShowCard(subject=f"{freeze.name}:{c}", channel=c) for c in {**where, **known})
    if once:
        told += tuple(PostChannel(subject=freeze.name, channel=c, notice=said, once=once) for c in where)
    shown = tuple(ShowCard(subject=r.name, channel=s.channel) for r, s in _touched(freeze, facts, policy))
    looks = tuple(Watch(subject=r.name, due=facts.now) for r, _ in _touched(freeze, facts, policy))
    event = Event(kind=code.value, subject=freeze.name, actor=by, values=said.values)
    return Decision(records=(freeze,), events=(event,), effects=told + shown, watch=looks + _clock(freeze, facts))


def _clock(freeze: Freeze, facts: FreezeFacts) -> tuple[Watch, ...]:
    """When it begins and ends."""
    ahead = (t for t in (freeze.starts_at, freeze.until) if t is not None and t > facts.now)
    return tuple(Watch(subject=freeze.name, due=t) for t in ahead) if freeze.status in (S.SCHEDULED, S.ACTIVE) else ()


def _touched(freeze: Freeze, facts: FreezeFacts, policy: Policy) -> tuple[tuple[Release, Service], ...]:
    services = ((r, policy.service(r.service)) for r in facts.running)
    return tuple((r, s) for r, s in services if s is not None and freeze.touches_any(policy.together(s)))
