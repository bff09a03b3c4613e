"""Buttons: one flat table, action id to function. Each knows the state that it was rendered for."""

from collections.abc import Callable

from bot.slack import failure_actions, incident_actions
from bot.slack.answer import ANYTHING, Open, Reply, Room
from bot.slack.cards import forms
from bot.slack.cards.forms import View
from bot.slack.press import Press
from bot.slack.so_now import digest, not_now, paths_outside, stale, stale_change
from bot.sop.codes import Code
from bot.sop.outlook import Button
from bot.sop.records import Change, ChangeKind, Content, Risk
from bot.sop.release import may_start_again
from bot.sop.stages import Intent

# --- releases


def push(room: Room, press: Press) -> Reply:
    """Who would take the release over by it gives their own word on governance first."""
    view, sha = room.desk.release_view(press.id), press.text("sha")
    if view is not None and press.user != view.release.owner:
        outcome = room.desk.rehearsed(lambda desk: desk.push(press.user, press.id, sha))
        if outcome.refusal and outcome.refusal.code == Code.SENTENCE_WRONG:
            return Open(forms.push_form(view, sha, room.pen()))
    return room.answer(room.desk.push(press.user, press.id, sha), "The push is on its way.")


def abort(room: Room, press: Press) -> Reply:
    return abort_of(room, press.user, press.id)


def abort_of(room: Room, user: str, id: int) -> Reply:
    view = room.desk.release_view(id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{id}")
    if Button.ABORT not in view.buttons:
        return not_now(room, view, Intent.ABORT)
    return room.form(forms.abort_form(view, room.pen()), lambda desk: desk.abort(user, id, ANYTHING, leave=True))


def acknowledge(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.ACKNOWLEDGE not in view.buttons:
        return stale(room, view, press)
    form = forms.governance_form(view, room.pen())
    return room.form(form, lambda desk: desk.acknowledge(press.user, press.id, ANYTHING))


def accept_paths(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or view.candidate is None or Button.ACCEPT_PATHS not in view.buttons:
        return stale(room, view, press)
    paths, tree = paths_outside(view), view.candidate.tree
    form = forms.paths_form(view, tree, paths, digest(paths), room.pen())
    return room.form(form, lambda desk: desk.accept_paths(press.user, press.id, tree, paths, ANYTHING))


def start_again(room: Room, press: Press) -> Reply:
    """Prefilled: what is still valid of the evidence is kept by service, tree and change."""
    view = room.desk.release_view(press.id)
    if view is None or not may_start_again(view.release):
        return stale(room, view, press)
    r = view.release
    if r.incident is not None:
        return incident_actions.hotfix_of(room, press.user, r.incident)
    left = room.desk.lock_left(r.service)
    form = forms.release_form(room.policy(), r.service, view.change, r.candidate, left, room.pen())
    return start_form(room, press.user, form, view.change)


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
    form = forms.release_form(room.policy(), service, change, "", left, room.pen())
    return start_form(room, press.user, form, change)


def start_form(room: Room, user: str, form: View, change: Change | None) -> Reply:
    """`change`: the one it is prefilled with; what can carry no release is told before anything is filled in."""
    service, id = (change.content.service, change.id) if change else (ANYTHING, 0)
    return room.form(form, lambda desk: desk.start_release(user, service, id, ANYTHING))


def take_over(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.take_over_strays(press.user, press.id))


# --- change requests


def new_change(room: Room, press: Press) -> Reply:
    return change_form(room, press.user, None)


def change_form(room: Room, user: str, service: str | None) -> Reply:
    said = {"service": ANYTHING, "title": ANYTHING, "why": ANYTHING, "undo": ANYTHING}
    some = Content(**said, kind=ChangeKind.ROUTINE, risk=Risk.LOW, areas=())
    return room.form(forms.change_form(room.policy(), service), lambda desk: desk.new_change(user, some))


def approve(room: Room, press: Press) -> Reply:
    revision = press.value.get("revision")
    return room.answer(room.desk.approve(press.user, press.id, revision if isinstance(revision, int) else 0))


def reject(room: Room, press: Press) -> Reply:
    view = room.desk.change_view(press.id)
    if view is None or press.value.get("revision") != view.change.revision:
        return stale_change(room, view, press)
    form = forms.reject_form(view.change, room.pen())
    return room.form(form, lambda desk: desk.reject(press.user, press.id, ANYTHING))


def edit(room: Room, press: Press) -> Reply:
    view = room.desk.change_view(press.id)
    if view is None:
        return stale_change(room, view, press)
    if press.user != view.change.requester:
        return room.refuse_with(Code.NOT_THE_OWNER, owner=view.change.requester, what="edit it")
    return Open(forms.change_form(room.policy(), None, view.change))


def change_details(room: Room, press: Press) -> Reply:
    view = room.desk.change_view(press.id)
    return Open(forms.change_details(view.change, room.pen())) if view else stale_change(room, view, press)


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


def freeze_form(room: Room, user: str, services: tuple[str, ...], *, later: bool) -> Reply:
    form = forms.freeze_form(room.policy(), services=services, later=later)
    return room.form(form, lambda desk: desk.start_freeze(user, (), ANYTHING, None, None))


def change_freeze(room: Room, press: Press) -> Reply:
    view = room.desk.freeze_view(press.id)
    if view is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"FRZ-{press.id}")
    if view.freeze.status.value not in ("SCHEDULED", "ACTIVE"):
        return room.refuse_with(Code.STALE, subject=view.freeze.name, status=view.freeze.status.value, stage=None)
    form, read = forms.freeze_form(room.policy(), view.freeze), view.freeze.revision
    return room.form(form, lambda desk: desk.change_freeze(press.user, press.id, read, (), ANYTHING, None, None))


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
    **failure_actions.TABLE,
    "change:approve": approve,
    "change:reject": reject,
    "change:edit": edit,
    "change:details": change_details,
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
