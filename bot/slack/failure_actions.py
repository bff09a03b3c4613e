"""Buttons of failures, rollbacks and second persons' words: a flat table, action id to function."""

from collections.abc import Callable

from bot.slack.answer import ANYTHING, Reply, Room
from bot.slack.cards import failure_forms
from bot.slack.cards.forms import View, placed
from bot.slack.cards.rollback_form import rollback_form
from bot.slack.press import Press
from bot.slack.sent import Sent
from bot.slack.so_now import differences_of, digest_of, digest_of_plan, not_now, stale
from bot.sop.codes import Code
from bot.sop.failure import Cause
from bot.sop.outlook import Button, ReleaseView
from bot.sop.records import Mend
from bot.sop.stages import Intent, Status
from bot.words import say_finding


def cause(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.CAUSE not in view.buttons:
        return stale(room, view, press)
    said = Cause(quote=ANYTHING, cause=ANYTHING, mend=Mend.INFRASTRUCTURE, evidence=ANYTHING)
    form = failure_forms.cause_form(view, room.pen())
    return room.form(form, lambda desk: desk.record_cause(press.user, press.id, said))


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
    form = failure_forms.redeploy_form(view, room.pen())
    return room.form(form, lambda desk: desk.redeploy(press.user, press.id, ANYTHING))


def accept_difference(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    differences = differences_of(view) if view else ()
    if view is None or Button.ACCEPT_DIFFERENCE not in view.buttons or not differences:
        return stale(room, view, press)
    form = failure_forms.difference_form(view, differences, digest_of(differences), room.pen())
    return room.form(form, lambda desk: desk.accept_difference(press.user, press.id, (), ANYTHING))


def roll_back(room: Room, press: Press) -> Reply:
    return roll_back_of(room, press.user, press.id)


def roll_back_of(room: Room, user: str, id: int) -> Reply:
    view, plan = room.desk.release_view(id), room.desk.rollback_plan(id)
    if view is None or plan is None:
        return room.refuse_with(Code.UNKNOWN_THING, what=f"R-{id}")
    running = view.rolled_back_by
    if running is not None and running.status is Status.HELD:
        return roll_back_of(room, user, running.id)  # only an older target can take its place
    if running is not None:
        return room.refuse_with(Code.ROLLBACK_RUNS, release=running.name, owner=running.owner)
    if Button.ROLL_BACK not in view.buttons:
        return not_now(room, view, Intent.ROLL_BACK)
    if plan.target is None and view.release.rollback is not None and not view.release.closed:
        return room.refuse_with(Code.OLDER_TARGET_ONLY, release=f"R-{id}", target=view.release.rollback.target)
    if plan.target is None:
        return room.refuse_with(Code.NO_TARGET, service=view.release.service)
    form, target = rollback_form(view, plan, digest_of_plan(plan), room.pen()), plan.target.sha
    return room.form(form, lambda desk: desk.roll_back(user, id, target, ANYTHING))


def target_chosen(room: Room, sent: Sent) -> View | None:
    """The form anew: its list is that of the target which was chosen."""
    return _rollback_anew(room, sent, False)


def rollback_changed(room: Room, sent: Sent) -> View | None:
    """The form anew, where it would take back something else than it lists; None: it is as it was read."""
    return _rollback_anew(room, sent, True)


def _rollback_anew(room: Room, sent: Sent, sending: bool) -> View | None:
    view, plan = room.desk.release_view(sent.id), room.desk.rollback_plan(sent.id, sent.text("target") or None)
    if view is None or plan is None or plan.target is None:
        return None
    seen = digest_of_plan(plan)
    if sending and seen == sent.kept.get("listed"):
        return None
    anew = rollback_form(view, plan, seen, room.pen(), sent.text("reason"), anew=sending)
    return placed(anew, sent.kept["place"]) if sent.place else anew


def confirm_resolved(room: Room, press: Press) -> Reply:
    return room.answer(room.desk.confirm_resolved(press.user, press.id))


def accept_size(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or view.candidate is None or Button.ACCEPT_SIZE not in view.buttons:
        return stale(room, view, press)
    form = _word_form(room, view, Button.ACCEPT_SIZE, (Code.SIZE_LARGE,), "Accept the size")
    tree = view.candidate.tree
    return room.form(form, lambda desk: desk.accept_size(press.user, press.id, tree, ANYTHING))


def accept_irreversible(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or view.candidate is None or Button.ACCEPT_IRREVERSIBLE not in view.buttons:
        return stale(room, view, press)
    codes, tree = (Code.PATHS_IRREVERSIBLE,), view.candidate.tree
    form = _word_form(room, view, Button.ACCEPT_IRREVERSIBLE, codes, "Irreversible paths")
    return room.form(form, lambda desk: desk.accept_irreversible(press.user, press.id, tree, ANYTHING))


def accept_criticals(room: Room, press: Press) -> Reply:
    view = room.desk.release_view(press.id)
    if view is None or Button.ACCEPT_CRITICALS not in view.buttons:
        return stale(room, view, press)
    form = _word_form(room, view, Button.ACCEPT_CRITICALS, (Code.CRITICALS_WAIT,), "Go on beside others")
    return room.form(form, lambda desk: desk.accept_criticals(press.user, press.id, ANYTHING))


def _word_form(room: Room, view: ReleaseView, asked: Button, codes: tuple[Code, ...], title: str) -> View:
    pen = room.pen()
    says = "\n".join(say_finding(f, pen).seen for f in view.blocking if f.code in codes)
    return failure_forms.word_form(f"release:{asked.value}", title, view, says, pen)


TABLE: dict[str, Callable[[Room, Press], Reply]] = {
    "release:cause": cause,
    "release:rerun": rerun,
    "release:look_again": look_again,
    "release:try_again": try_again,
    "release:redeploy": redeploy,
    "release:accept_difference": accept_difference,
    "release:roll_back": roll_back,
    "release:confirm": confirm_resolved,
    "release:accept_size": accept_size,
    "release:accept_irreversible": accept_irreversible,
    "release:accept_criticals": accept_criticals,
}
