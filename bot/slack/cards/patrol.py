"""How a service stands by the patrol, in a line; and what of it waits for an approver. Unknown is never clean."""

from bot.slack.cards.kit import Block, actions, context, divider, section
from bot.slack.cards.violation import explain_button, fallback
from bot.sop.outlook import HomeView, PatrolView
from bot.sop.patrol.standing import State
from bot.words import Pen
from bot.words.fill import THINGS

SHOWN = 8


def to_explain(view: HomeView, pen: Pen) -> list[Block]:
    """Open violations, which wait for an approver."""
    return _open(view, pen, buttons=True) if "approver" in view.roles else []


def patrol(view: HomeView, pen: Pen) -> list[Block]:
    """On the App Home: a line a service, and its open violations where they do not wait for this person."""
    shown = [] if "approver" in view.roles else _open(view, pen, buttons=False)
    lines = (context(standing_line(p, pen)) for p in view.patrol[:SHOWN])
    return [divider(), section(pen.bold("Patrol")), *shown, *lines]


def _open(view: HomeView, pen: Pen, buttons: bool) -> list[Block]:
    made: list[Block] = []
    found = [a for p in view.patrol for a in p.acts]
    for act in found[:SHOWN]:
        made.append(section(f"🚫 {pen.bold(act.name)}{fallback(act, pen).removeprefix(act.name)}"))
        made += actions([explain_button(act)]) if buttons else []
    return [*made, context(f"and {len(found) - SHOWN} more")] if len(found) > SHOWN else made


def standing_line(view: PatrolView, pen: Pen) -> str:
    """`shop`: clean as of 14:02; or violated; or what cannot be seen, and since when."""
    stands, name = view.standing, pen.code(view.service)
    parts = []
    if view.acts:
        parts.append(f"🚫 {name}: {len(view.acts)} open, so no standard release starts")
    if stands.blind:
        parts.append(f"❔ {name}: {_blind(view, pen)}")
    elif stands.state is State.CLEAN:
        parts.append(f"✅ {name}: nothing went around the SOP, as of {pen.time(stands.since)}")
    if stands.explained:
        parts.append(f"explained and still so: {', '.join(stands.explained)}")
    return " · ".join(parts)


def _blind(view: PatrolView, pen: Pen) -> str:
    blind = view.standing.blind
    if blind is None or (blind.what == "baseline" and blind.since is None):
        return "nothing is known to compare production with: nobody has adopted a baseline"
    if blind.since is None and blind.error is None:
        return "the patrol has not looked yet: unknown"
    since = f" since {pen.time(blind.since)}" if blind.since else ""
    why = f": {pen.text(blind.error, 200).rstrip('.')}{pen.until(blind.until)}" if blind.error else ""
    return f"{THINGS.get(blind.what, blind.what)} could not be seen{since}{why}. Unknown: neither clean nor a violation"
