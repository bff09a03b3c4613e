"""What is so now, for who pressed a button of an older state; and what a form showed, to be compared with it."""

import hashlib
import json
from typing import Any

from bot.slack.answer import Reply, Room
from bot.slack.press import Press
from bot.sop import change as changes
from bot.sop import release as releases
from bot.sop.codes import Code
from bot.sop.gates.production import DIFFER
from bot.sop.outlook import ChangeView, Plan, ReleaseView
from bot.sop.stages import Intent


def stale(room: Room, view: ReleaseView | None, press: Press) -> Reply:
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{press.id}")
    r = view.release
    return room.refuse_with(Code.STALE, subject=r.name, status=r.status.value, stage=r.stage.value)


def stale_change(room: Room, view: ChangeView | None, press: Press) -> Reply:
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"CR-{press.id}")
    change, read = view.change, press.value.get("revision")
    refusal = changes.read_anew(change, read) if isinstance(read, int) else None
    if refusal is not None:
        return room.refuse(refusal)
    return room.refuse_with(Code.STALE, subject=change.name, status=change.status.value, stage=None)


def not_now(room: Room, view: ReleaseView, intent: Intent) -> Reply:
    return room.refuse(releases.not_now(view.release, intent))


def paths_outside(view: ReleaseView) -> tuple[str, ...]:
    """As the card names them now."""
    found = next((f for f in view.blocking if f.code == Code.PATHS_OUTSIDE), None)
    return tuple(str(p) for p in found.values.get("paths", ())) if found else ()


def differences_of(view: ReleaseView) -> tuple[dict[str, Any], ...]:
    """As the card names them now."""
    found = next((f for f in view.blocking if f.code in DIFFER), None)
    return tuple(found.values.get("differences", ())) if found else ()


def digest_of(differences: tuple[dict[str, Any], ...]) -> str:
    return digest(tuple(json.dumps(d, sort_keys=True) for d in differences))


def digest_of_plan(plan: Plan) -> str:
    """Of what a rollback's form lists: the target, what goes off the branch, and whom that stops."""
    gone = [r.name for r in (*plan.reverts, *([plan.aborts] if plan.aborts else []))]
    return digest((plan.target.sha if plan.target else "", *gone, *(c.sha for c in plan.commits)))


def digest(paths: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(paths).encode()).hexdigest()
