"""What is known from an outgoing act that was done: recorded as facts, in the transaction that marks it done."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.sop.decision import Decision, Event, Watch
from bot.sop.effects import Effect, PushBranch, ShowCard
from bot.sop.facts import PushRefusal, Seen
from storage.unit import Unit


def record(now: Callable[[], datetime]) -> Callable[[Unit, Effect, Mapping[str, Any]], None]:
    """The outbox's `on_done`. What a push did to the branch is seen by looking, not believed from its answer."""

    def on_done(unit: Unit, effect: Effect, result: Mapping[str, Any]) -> None:
        if isinstance(effect, ShowCard):
            unit.place_card(effect.subject, result["channel"], result["ts"], result.get("rendering"))
        if isinstance(effect, PushBranch):
            _pushed(unit, effect, result)

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
