"""What is known from an outgoing act that was done: recorded as facts, in the transaction that marks it done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot import ledger
from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import (
    CancelRun,
    Effect,
    KeepChannel,
    MakeRevert,
    OpenChannel,
    PinCard,
    PostChannel,
    PushBranch,
    RerunRun,
    SendDirect,
    ShowCard,
    UpdateDirect,
    WriteLog,
)
from bot.sop.facts import Logged, PushRefusal, Revert, Seen
from bot.sop.failure import rerun_lost
from bot.sop.violation import Cancelling
from storage.unit import Unit

Result = Mapping[str, Any]
ASKED = 40  # direct messages about one change request that are kept up to date


def record(now: Callable[[], datetime]) -> Callable[[Unit, Effect, Result], None]:
    """The outbox's `on_done`. What a push did to the branch is seen by looking, not believed from its answer."""

    def on_done(unit: Unit, effect: Effect, result: Result) -> None:
        match effect:
            case ShowCard():
                _shown(unit, effect, result, now())
            case PostChannel() if effect.notice.code == Code.BASELINE_WANTED and "ts" in result:
                _wanted(unit, effect, result, now())
            case SendDirect() if effect.notice.code in (Code.APPROVAL_WANTED, Code.EMERGENCY_WANTED):
                _asked(unit, effect, result, now())
            case UpdateDirect() if "ts" in result:
                unit.place_card(effect.subject, result["channel"], result["ts"], result.get("rendering"))
            case OpenChannel():
                _opened(unit, effect, result, now())
            case KeepChannel():
                unit.saw(effect.subject, "kept", Seen[str](value=str(result["kept"]), at=now()))
            case PushBranch():
                _pushed(unit, effect, result, now())
            case MakeRevert():
                _built(unit, effect, result, now())
            case RerunRun() | CancelRun():
                _handled(unit, effect, result, now())
            case WriteLog() if "url" in result:
                logged = Logged(key=effect.entry, url=str(result["url"]), once=effect.once)
                unit.saw(effect.subject, "logged", Seen[Logged](value=logged, at=now()))
                unit.apply(Decision(watch=(Watch(subject=effect.subject, due=now()),)), now())

    return on_done


def _shown(unit: Unit, effect: ShowCard, result: Result, now: datetime) -> None:
    unit.place_card(effect.subject, result["channel"], result["ts"], result.get("rendering"))
    if effect.pin:
        pin = PinCard(subject=effect.subject, channel=result["channel"], ts=result["ts"])
        unit.apply(Decision(effects=(pin,)), now)


def _wanted(unit: Unit, effect: PostChannel, result: Result, now: datetime) -> None:
    """The answer is shown in its place, and at once where it was given meanwhile."""
    unit.place_card(effect.subject, result["channel"], result["ts"])
    if unit.baseline(effect.subject.removeprefix("service:")) is not None:
        unit.apply(Decision(effects=(ShowCard(subject=effect.subject, channel=effect.channel),)), now)


def _asked(unit: Unit, effect: SendDirect, result: Result, now: datetime) -> None:
    """It follows what becomes of the request; what was decided while it was on its way is shown at once."""
    unit.place_card(effect.key, result["channel"], result["ts"], result.get("rendering"))
    known = ledger.asked_of(unit, effect.subject)
    unit.saw(effect.subject, "asked", Seen[tuple[SendDirect, ...]](value=(*known, effect)[-ASKED:], at=now))
    unit.apply(Decision(effects=(UpdateDirect(subject=effect.key, message=effect),)), now)


def _opened(unit: Unit, effect: OpenChannel, result: Result, now: datetime) -> None:
    """Which incident a channel belongs to is known from its id alone."""
    id, refused = result.get("channel"), result.get("refused")
    unit.saw(effect.subject, "own", Seen[str](value=id, at=now, error=refused))
    if id is not None:
        incident = int(effect.subject.removeprefix("INC-"))
        unit.saw(f"channel:{id}", "incident", Seen[int](value=incident, at=now))
    _tell(unit, "open_channel", effect.subject, dict(result), now)


def _built(unit: Unit, effect: MakeRevert, result: Result, now: datetime) -> None:
    release = f"R-{effect.release}"
    known = {k: result[k] for k in ("sha", "tree", "parent")}
    built = Revert(**known, pull=result.get("pull"), target=effect.target)
    unit.saw(release, "revert", Seen[Revert](value=built, at=now))
    _tell(unit, "revert_built", release, dict(result), now)


def _handled(unit: Unit, effect: RerunRun | CancelRun, result: Result, now: datetime) -> None:
    subject = f"R-{effect.release}" if isinstance(effect, RerunRun) else effect.subject
    if isinstance(effect, CancelRun) and subject.startswith("V-"):
        unit.saw(subject, "cancelling", Seen[Cancelling](value=_became(result), at=now))
    _tell(unit, effect.kind, subject, {"run": effect.run, "attempt": effect.attempt, **result}, now)
    if isinstance(effect, RerunRun) and "lost" in result:
        release = unit.release(effect.release)
        unit.apply(rerun_lost(release, effect) if release else Decision(), now)


def _pushed(unit: Unit, effect: PushBranch, result: Result, now: datetime) -> None:
    release = f"R-{effect.release}"
    happened = next((k for k in ("refused", "dropped") if k in result), "moved")
    if happened != "moved":
        refusal = PushRefusal(sha=effect.sha, error=str(result[happened]), dropped=happened == "dropped")
        unit.saw(release, "push_refusal", Seen[PushRefusal](value=refusal, at=now))
    else:
        unit.saw(release, "moved", Seen[str](value=effect.sha, at=now))
    _tell(unit, f"branch_{happened}", release, {"sha": effect.sha, **result}, now)


def _tell(unit: Unit, kind: str, subject: str, values: dict[str, Any], now: datetime) -> None:
    """The audit; and the next look at the subject comes now."""
    event = Event(kind=kind, subject=subject, actor=None, values=values)
    unit.apply(Decision(events=(event,), watch=(Watch(subject=subject, due=now),)), now)


def given_up(now: Callable[[], datetime]) -> Callable[[Unit, Effect, str], None]:
    """The outbox's `on_parked`: what waits for the act looks again, and shows why it was not done."""

    def on_parked(unit: Unit, effect: Effect, error: str) -> None:
        if not isinstance(effect, CancelRun | MakeRevert | PushBranch | RerunRun | WriteLog):
            return
        subject = effect.subject if isinstance(effect, CancelRun | WriteLog) else f"R-{effect.release}"
        if subject.startswith("V-"):
            refused = Cancelling(act="refused", said=error)
            unit.saw(subject, "cancelling", Seen[Cancelling](value=refused, at=now()))
        unit.apply(Decision(watch=(Watch(subject=subject, due=now()),)), now())

    return on_parked


def _became(result: Result) -> Cancelling:
    if "dropped" in result:
        return Cancelling(act="watch")
    ended = result.get("conclusion", "cancelled")
    return Cancelling(act="cancelled" if ended == "cancelled" else "over")
