"""What is known from an outgoing act that was done: recorded as facts, in the transaction that marks it done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import CancelRun, Effect, MakeRevert, PushBranch, RerunRun, ShowCard, WriteLog
from bot.sop.facts import Logged, PushRefusal, Revert, Seen
from storage.unit import Unit


def record(now: Callable[[], datetime]) -> Callable[[Unit, Effect, Mapping[str, Any]], None]:
    """The outbox's `on_done`. What a push did to the branch is seen by looking, not believed from its answer."""

    def on_done(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
        if isinstance(effect, ShowCard):
            unit.place_card(effect.subject, result["channel"], result["ts"], result.get("rendering"))
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

    def _built(unit: Unit, effect: MakeRevert, result: Mapping[str, Any]) -> None:
        release = f"R-{effect.release}"
        if "refused" in result:
            before = unit.seen(release, "revert", Seen[Revert])
            unit.saw(release, "revert", before.model_copy(update={"error": str(result["refused"])}))
        else:
            built = Revert(sha=result["sha"], tree=result["tree"], parent=result["parent"], pull=result.get("pull"))
            unit.saw(release, "revert", Seen[Revert](value=built, at=now()))
        event = Event(kind="revert_built", subject=release, actor=None, values=dict(result))
        unit.apply(Decision(events=(event,), watch=(Watch(subject=release, due=now()),)), now())

    def _looked_at(unit: Unit, effect: RerunRun | CancelRun, result: Mapping[str, Any]) -> None:
        subject = f"R-{effect.release}" if isinstance(effect, RerunRun) else effect.subject
        values = {"run": effect.run, "attempt": effect.attempt, **result}
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
