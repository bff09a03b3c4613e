"""Buttons: one flat table, action id to function. Each knows the state that it was rendered for."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from bot.slack import incident_actions
from bot.slack.answer import Open, Reply, Room
from bot.slack.cards import failure_forms, forms
from bot.slack.press import Press
from bot.sop import release as releases
from bot.sop.codes import Code
from bot.sop.outlook import Button, ChangeView, ReleaseView
from bot.sop.stages import Intent, Procedure
from bot.words import say_finding

# --- releases


def push(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.push(press.user, press.id, press.text("sha")), "The push is on its way.")


def abort(room: Room, press: Press) -> Reply:
    return abort_of(room, press.id)


def abort_of(room: Room, id: int) -> Reply:
    view = room.desk.release_view(id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{id}")
    if Button.ABORT not in view.buttons:
        return not_now(room, view, Intent.ABORT)
    return Open(forms.abort_form(view, room.pen()))


def acknowledge(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.ACKNOWLEDGE not in view.buttons:
        return stale(room, view, press)
    if press.user != view.release.owner and view.release.procedure is not Procedure.HOTFIX:
        return room.refuse_with(Code.NOT_THE_OWNER, owner=view.release.owner, what="acknowledge the governance check")
    return Open(forms.governance_form(view, room.pen()))


def accept_paths(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or view.candidate is None or Button.ACCEPT_PATHS not in view.buttons:
        return stale(room, view, press)
    paths = paths_outside(view)
    return Open(forms.paths_form(view, view.candidate.tree, paths, digest(paths), room.pen()))


def start_again(room: Room, press: Press) -> Reply:
    """Prefilled: what is still valid of the evidence is kept by service, tree and change."""
    view = room.desk.release_view(press.id)
    if view is None or Button.START_AGAIN not in view.buttons:
        return stale(room, view, press)
    r = view.release
    left = room.desk.lock_left(r.service)
    return Open(forms.release_form(room.policy(), r.service, view.change, r.candidate, left, room.pen()))


def details(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{press.id}")
    return Open(forms.details(view, room.pen()))


def start(room: Room, press: Press) -> Reply:
    """From the card of a change request, or from the Home tab."""
    wanted = press.value.get("change")
    view = room.desk.change_view(wanted) if isinstance(wanted, int) else None
    service = press.text("service") or None
    left = room.desk.lock_left(service) if service else None
    change = view.change if view else None
    return Open(forms.release_form(room.policy(), service, change, "", left, room.pen()))


def take_over(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.take_over_strays(press.user, press.id))


# --- failures, rollbacks, and second persons' words


def cause(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.CAUSE not in view.buttons:
        return stale(room, view, press)
    return Open(failure_forms.cause_form(view, room.pen()))


def rerun(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.rerun(press.user, press.id), "CI runs again.")


def look_again(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.look_again(press.user, press.id), "Everything is looked at anew.")


def try_again(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.try_again(press.user, press.id), "It is tried again.")


def redeploy(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.REDEPLOY not in view.buttons:
        return stale(room, view, press)
    return Open(failure_forms.redeploy_form(view, room.pen()))


def accept_difference(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    differences = differences_of(view) if view else ()
    if view is None or Button.ACCEPT_DIFFERENCE not in view.buttons or not differences:
        return stale(room, view, press)
    return Open(failure_forms.difference_form(view, differences, digest_of(differences), room.pen()))


def roll_back(room: Room, press: Press) -> Reply:
    return roll_back_of(room, press.id)


def roll_back_of(room: Room, id: int) -> Reply:
    view, plan = room.desk.release_view(id), room.desk.rollback_plan(id)
    if view is None or plan is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{id}")
    if Button.ROLL_BACK not in view.buttons:
        return not_now(room, view, Intent.ROLL_BACK)
    if not plan.targets:
        return room.refuse_with(Code.NO_TARGET, service=view.release.service)
    return Open(failure_forms.rollback_form(view, plan, room.pen()))


def confirm_resolved(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.confirm_resolved(press.user, press.id))


def accept_size(room: Room, press: Press) -> Reply:
    return _second_word(room, press, Button.ACCEPT_SIZE, (Code.SIZE_LARGE, Code.PATHS_IRREVERSIBLE), "Accept the size")


def accept_criticals(room: Room, press: Press) -> Reply:
    return _second_word(room, press, Button.ACCEPT_CRITICALS, (Code.CRITICALS_WAIT,), "Go on beside others")


def _second_word(room: Room, press: Press, asked: Button, codes: tuple[Code, ...], title: str) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or asked not in view.buttons:
        return stale(room, view, press)
    pen = room.pen()
    says = "\n".join(say_finding(f, pen).seen for f in view.blocking if f.code in codes)
    return Open(failure_forms.word_form(f"release:{asked.value}", title, view, says, pen))


# --- change requests


def new_change(room: Room, _press: Press) -> Reply:
    return Open(forms.change_form(room.policy(), None))


def approve(room: Room, press: Press) -> Reply:
    revision = press.value.get("revision")
    return room.answer(room.desk.approve(press.user, press.id, revision if isinstance(revision, int) else 0))


def reject(room: Room, press: Press) -> Reply:
    view = room.desk.change_view(press.id)
    if view is None or press.value.get("revision") != view.change.revision:
        return stale_change(room, view, press)
    return Open(forms.reject_form(view.change, room.pen()))


def edit(room: Room, press: Press) -> Reply:
    view = room.desk.change_view(press.id)
    if view is None:
        return stale_change(room, view, press)
    if press.user != view.change.requester:
        return room.refuse_with(Code.NOT_THE_OWNER, owner=view.change.requester, what="edit it")
    return Open(forms.change_form(room.policy(), None, view.change))


def withdraw_approval(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.withdraw_approval(press.user, press.id))


def withdraw(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.withdraw_change(press.user, press.id), f"CR-{press.id} is withdrawn.")


def acknowledge_rollback(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.acknowledge_rollback(press.user, press.id))


# --- freezes and baselines


def end_freeze(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.end_freeze(press.user, press.id))


def cancel_freeze(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.cancel_freeze(press.user, press.id))


def change_freeze(room: Room, press: Press) -> Reply:
    view = room.desk.freeze_view(press.id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"FRZ-{press.id}")
    if view.freeze.status.value not in ("SCHEDULED", "ACTIVE"):
        return room.refuse_with(Code.STALE, subject=view.freeze.name, status=view.freeze.status.value, stage=None)
    return Open(forms.freeze_form(room.policy(), view.freeze))


def adopt(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.adopt(press.user, press.text("service"), press.text("sha")))


TABLE: dict[str, Callable[[Room, Press], Reply]] = {
    "release:push": push,
    "release:abort": abort,
    "release:acknowledge": acknowledge,
    "release:accept_paths": accept_paths,
    "release:start_again": start_again,
    "release:take_over": take_over,
    "release:start": start,
    "release:details": details,
    "release:cause": cause,
    "release:rerun": rerun,
    "release:look_again": look_again,
    "release:try_again": try_again,
    "release:redeploy": redeploy,
    "release:accept_difference": accept_difference,
    "release:roll_back": roll_back,
    "release:confirm": confirm_resolved,
    "release:accept_size": accept_size,
    "release:accept_criticals": accept_criticals,
    "change:approve": approve,
    "change:reject": reject,
    "change:edit": edit,
    "change:withdraw_approval": withdraw_approval,
    "change:withdraw": withdraw,
    "change:acknowledge_rollback": acknowledge_rollback,
    **incident_actions.TABLE,
    "freeze:end": end_freeze,
    "freeze:change": change_freeze,
    "freeze:cancel": cancel_freeze,
    "baseline:adopt": adopt,
    "home:change_new": new_change,
    "home:release_start": start,
}

# --- what is so now


def stale(room: Room, view: ReleaseView | None, press: Press) -> Reply:
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{press.id}")
    r = view.release
    return room.refuse_with(Code.STALE, subject=r.name, status=r.status.value, stage=r.stage.value)


def stale_change(room: Room, view: ChangeView | None, press: Press) -> Reply:
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"CR-{press.id}")
    change = view.change
    return room.refuse_with(Code.STALE, subject=change.name, status=change.status.value, stage=None)


def not_now(room: Room, view: ReleaseView, intent: Intent) -> Reply:
    return room.refuse(releases.not_now(view.release, intent))


def paths_outside(view: ReleaseView) -> tuple[str, ...]:
    """As the card names them now."""
    found = next((f for f in view.blocking if f.code == Code.PATHS_OUTSIDE), None)
    return tuple(str(p) for p in found.values.get("paths", ())) if found else ()


def differences_of(view: ReleaseView) -> tuple[dict[str, Any], ...]:
    """As the card names them now."""
    found = next((f for f in view.blocking if f.code == Code.DIFFERENT), None)
    return tuple(found.values.get("differences", ())) if found else ()


def digest_of(differences: tuple[dict[str, Any], ...]) -> str:
    return digest(tuple(json.dumps(d, sort_keys=True) for d in differences))


def digest(paths: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(paths).encode()).hexdigest()
