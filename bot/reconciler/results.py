"""What is known from an outgoing act that was done: recorded as facts, in the transaction that marks it done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import (
    CancelRun,
    Effect,
    KeepChannel,
    MakeRevert,
    OpenChannel,
    PinCard,
    PushBranch,
    RerunRun,
    ShowCard,
    WriteLog,
)
from bot.sop.facts import Logged, PushRefusal, Revert, Seen
from bot.sop.violation import Cancelling
from storage.unit import Unit


def record(now: Callable[[], datetime]) -> Callable[[Unit, Effect, Mapping[str, Any]], None]:
    """The outbox's `on_done`. What a push did to the branch is seen by looking, not believed from its answer."""

    def on_done(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
        if isinstance(effect, ShowCard):
            unit.place_card(effect.subject, result["channel"], result["ts"], result.get("rendering"))
            if effect.pin:
                pin = PinCard(subject=effect.subject, channel=result["channel"], ts=result["ts"])
                unit.apply(Decision(effects=(pin,)), now())
        if isinstance(effect, OpenChannel):
            _opened(unit, effect, result)
        if isinstance(effect, KeepChannel):
            unit.saw(effect.subject, "kept", Seen[str](value=str(result["kept"]), at=now()))
        if isinstance(effect, PushBranch):
            _pushed(unit, effect, result)
        if isinstance(effect, MakeRevert):
            _built(unit, effect, result)
        if isinstance(effect, RerunRun | CancelRun):
            _looked_at(unit, effect, result)
        if isinstance(effect, WriteLog) and "url" in result:
            logged = Logged(key=effect.entry, url=str(result["url"]))
            unit.saw(effect.subject, "logged", Seen[Logged](value=logged, at=now()))
            unit.apply(Decision(watch=(Watch(subject=effect.subject, due=now()),)), now())

    def _opened(unit: Unit, effect: OpenChannel, result: Mapping[str, Any]) -> None:
        """Which incident a channel belongs to is known from its id alone."""
        id, refused = result.get("channel"), result.get("refused")
        unit.saw(effect.subject, "own", Seen[str](value=id, at=now(), error=refused))
        if id is not None:
            incident = int(effect.subject.removeprefix("INC-"))
            unit.saw(f"channel:{id}", "incident", Seen[int](value=incident, at=now()))
        event = Event(kind="open_channel", subject=effect.subject, actor=None, values=dict(result))
        unit.apply(Decision(events=(event,), watch=(Watch(subject=effect.subject, due=now()),)), now())

    def _built(unit: Unit, effect: MakeRevert, result: Mapping[str, Any]) -> None:
        release = f"R-{effect.release}"
        built = Revert(sha=result["sha"], tree=result["tree"], parent=result["parent"], pull=result.get("pull"))
        unit.saw(release, "revert", Seen[Revert](value=built, at=now()))
        event = Event(kind="revert_built", subject=release, actor=None, values=dict(result))
        unit.apply(Decision(events=(event,), watch=(Watch(subject=release, due=now()),)), now())

    def _looked_at(unit: Unit, effect: RerunRun | CancelRun, result: Mapping[str, Any]) -> None:
        subject = f"R-{effect.release}" if isinstance(effect, RerunRun) else effect.subject
        values = {"run": effect.run, "attempt": effect.attempt, **result}
        if isinstance(effect, CancelRun) and subject.startswith("V-"):
            unit.saw(subject, "cancelling", Seen[Cancelling](value=_became(result), at=now()))
        event = Event(kind=effect.kind, subject=subject, actor=None, values=values)
        unit.apply(Decision(events=(event,), watch=(Watch(subject=subject, due=now()),)), now())

    def _pushed(unit: Unit, effect: PushBranch, result: Mapping[str, Any]) -> None:
        release = f"R-{effect.release}"
        happened = next((k for k in ("refused", "dropped") if k in result), "moved")
        if happened != "moved":
            refusal = PushRefusal(sha=effect.sha, error=str(result[happened]))
            unit.saw(release, "push_refusal", Seen[PushRefusal](value=refusal, at=now()))
        else:
            unit.saw(release, "moved", Seen[str](value=effect.sha, at=now()))
        event = Event(kind=f"branch_{happened}", subject=release, actor=None, values={"sha": effect.sha, **result})
        unit.apply(Decision(events=(event,), watch=(Watch(subject=release, due=now()),)), now())

    return on_done


def given_up(now: Callable[[], datetime]) -> Callable[[Unit, Effect, str], None]:
    """The outbox's `on_parked`: what waits for the act looks again, and shows why it was not done."""

    def on_parked(unit: Unit, effect: Effect, error: str) -> None:
        if not isinstance(effect, CancelRun | MakeRevert | RerunRun | WriteLog):
            return
        subject = effect.subject if isinstance(effect, CancelRun | WriteLog) else f"R-{effect.release}"
        if subject.startswith("V-"):
            refused = Cancelling(act="refused", said=error)
            unit.saw(subject, "cancelling", Seen[Cancelling](value=refused, at=now()))
        unit.apply(Decision(watch=(Watch(subject=subject, due=now()),)), now())

    return on_parked


def _became(result: Mapping[str, Any]) -> Cancelling:
    if "dropped" in result:
        return Cancelling(act="watch")
    ended = result.get("conclusion", "cancelled")
    return Cancelling(act="cancelled" if ended == "cancelled" else "over")
