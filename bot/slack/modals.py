"""Forms that were sent. Each is validated by the SOP; a refusal stands at its input and nothing typed is lost."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.desk import Outcome, SentAlready
from bot.slack import failure_actions, incident_modals
from bot.slack.answer import Room
from bot.slack.cards.forms import (
    View,
    change_option,
    feature_options,
    note,
    placed,
    release_form,
    service_options,
)
from bot.slack.cards.kit import OPTIONS, Block
from bot.slack.sent import Sent, missing, read
from bot.slack.so_now import differences_of, digest, digest_of, paths_outside
from bot.sop.change import read_anew
from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.failure import Cause
from bot.sop.records import ChangeKind, Content, Mend, Risk
from bot.words import say

ERROR = 300  # characters of an error under an input
SENT_ALREADY = "This form was sent already, and is carried out once. See the card."


# --- what each does


def new_change(room: Room, sent: Sent) -> Outcome:
    return _content(sent, sent.text("service"), lambda said: room.desk.new_change(sent.user, said))


def edit_change(room: Room, sent: Sent) -> Outcome:
    revision = int(sent.kept.get("revision") or 0)
    service = str(sent.kept.get("service") or "")
    return _content(sent, service, lambda said: room.desk.edit_change(sent.user, sent.id, revision, said))


def _content(sent: Sent, service: str, then: Callable[[Content], Outcome]) -> Outcome:
    for name in ("service", "kind", "risk"):
        if not (service if name == "service" else sent.text(name)):
            return missing(name)
    typed = sent.text("areas") or sent.text("paths")
    paths = (p.strip() for line in typed.splitlines() for p in line.split(","))
    areas = tuple(dict.fromkeys(a for a in (*sent.many("areas"), *paths) if a))
    return then(
        Content(
            service=service,
            title=sent.text("title").strip(),
            why=sent.text("why").strip(),
            kind=ChangeKind(sent.text("kind")),
            risk=Risk(sent.text("risk")),
            areas=areas,
            undo=sent.text("undo").strip(),
        )
    )


def reject(room: Room, sent: Sent) -> Outcome:
    """What is rejected is what was read."""
    view, read = room.desk.change_view(sent.id), sent.kept.get("revision")
    refusal = read_anew(view.change, read) if view and isinstance(read, int) else None
    if refusal is not None:
        return Outcome(refusal=refusal)
    return room.desk.reject(sent.user, sent.id, sent.text("reason"))


def withdraw_change(room: Room, sent: Sent) -> Outcome:
    return room.desk.withdraw_change(sent.user, sent.id)


def end_freeze(room: Room, sent: Sent) -> Outcome:
    return room.desk.end_freeze(sent.user, sent.id)


def start_release(room: Room, sent: Sent) -> Outcome:
    for name in ("service", "change"):
        if not sent.text(name):
            return missing(name)
    chosen, taken = sent.text("change"), "yes" in sent.many("take_over")
    change = int(chosen) if chosen.isdigit() else 0
    return room.desk.start_release(sent.user, sent.text("service"), change, sent.text("candidate"), taken)


def acknowledge(room: Room, sent: Sent) -> Outcome:
    return room.desk.acknowledge(sent.user, sent.id, sent.text("sentence"))


def push(room: Room, sent: Sent) -> Outcome:
    return room.desk.push(sent.user, sent.id, str(sent.kept.get("sha")), sent.text("sentence"))


def accept_paths(room: Room, sent: Sent) -> Outcome:
    view = room.desk.release_view(sent.id)
    paths = paths_outside(view) if view else ()
    if digest(paths) != sent.kept.get("paths"):
        return Outcome(refusal=Refusal(code=Code.PATHS_CHANGED, values={"tree": sent.kept.get("tree")}))
    return room.desk.accept_paths(sent.user, sent.id, str(sent.kept.get("tree")), paths, sent.text("reason"))


def abort(room: Room, sent: Sent) -> Outcome:
    return room.desk.abort(sent.user, sent.id, sent.text("reason"), "yes" in sent.many("leave"))


def cause(room: Room, sent: Sent) -> Outcome:
    if not sent.text("mend"):
        return missing("mend")
    said = Cause(
        quote=sent.text("quote"),
        cause=sent.text("cause"),
        mend=Mend(sent.text("mend")),
        evidence=sent.text("evidence"),
    )
    return room.desk.record_cause(sent.user, sent.id, said)


def redeploy(room: Room, sent: Sent) -> Outcome:
    return room.desk.redeploy(sent.user, sent.id, sent.text("reason"))


def accept_difference(room: Room, sent: Sent) -> Outcome:
    """What is accepted is what was read."""
    view = room.desk.release_view(sent.id)
    shown = differences_of(view) if view else ()
    if digest_of(shown) != sent.kept.get("differences"):
        return Outcome(refusal=Refusal(code=Code.CHANGED_MEANWHILE, values={"subject": f"R-{sent.id}"}))
    chosen = [int(n) for name in sent.inputs if name.startswith("differences") for n in sent.many(name)]
    fields = tuple((str(shown[n]["probe"]), str(shown[n]["field"])) for n in chosen)
    return room.desk.accept_difference(sent.user, sent.id, fields, sent.text("reason"))


def roll_back(room: Room, sent: Sent) -> Outcome:
    if not sent.text("target"):
        return missing("target")
    if "yes" not in sent.many("sure"):
        return missing("sure")
    return room.desk.roll_back(sent.user, sent.id, sent.text("target"), sent.text("reason"))


def accept_size(room: Room, sent: Sent) -> Outcome:
    return room.desk.accept_size(sent.user, sent.id, str(sent.kept.get("tree")), sent.text("reason"))


def accept_irreversible(room: Room, sent: Sent) -> Outcome:
    return room.desk.accept_irreversible(sent.user, sent.id, str(sent.kept.get("tree")), sent.text("reason"))


def accept_criticals(room: Room, sent: Sent) -> Outcome:
    return room.desk.accept_criticals(sent.user, sent.id, sent.text("reason"))


def start_freeze(room: Room, sent: Sent) -> Outcome:
    starts = sent.time("starts_at")
    if sent.kept.get("later") and starts is None:
        return missing("starts_at")
    return room.desk.start_freeze(sent.user, sent.many("services"), sent.text("reason"), starts, sent.time("until"))


def change_freeze(room: Room, sent: Sent) -> Outcome:
    services, reason = sent.many("services"), sent.text("reason")
    starts, until = sent.time("starts_at"), sent.time("until")
    revision = int(sent.kept.get("revision") or 0)
    return room.desk.change_freeze(sent.user, sent.id, revision, services, reason, starts, until)


TABLE: dict[str, Callable[[Room, Sent], Outcome]] = {
    "change:new": new_change,
    "change:edit": edit_change,
    "change:reject": reject,
    "change:withdraw": withdraw_change,
    "release:start": start_release,
    "release:acknowledge": acknowledge,
    "release:push": push,
    "release:accept_paths": accept_paths,
    "release:abort": abort,
    "release:cause": cause,
    "release:redeploy": redeploy,
    "release:accept_difference": accept_difference,
    "release:roll_back": roll_back,
    "release:accept_size": accept_size,
    "release:accept_irreversible": accept_irreversible,
    "release:accept_criticals": accept_criticals,
    **incident_modals.TABLE,
    "freeze:start": start_freeze,
    "freeze:change": change_freeze,
    "freeze:end": end_freeze,
}

# Forms that list what they would do: shown anew, not carried out, where that has changed since they were read.
ANEW: dict[str, Callable[[Room, Sent], View | None]] = {"release:roll_back": failure_actions.rollback_changed}

# --- how all of them are answered


@dataclass(frozen=True)
class Submissions:
    """Carries out a form once: a retry of the same request, or the same form sent twice, does nothing twice.

    That it was sent is stored with what it did, or not at all: one that was refused, or that failed, may be sent again
    as it is. It closes, and the person is told what became of it where it was opened.
    """

    room: Room

    def take(self, user: str, view: View) -> dict[str, Any]:
        """The answer to Slack: errors at their inputs, or that the form closes."""
        callback, sent = str(view.get("callback_id")), read(user, view)
        key = self._key(user, view)
        room = replace(self.room, desk=self.room.desk.carrying(key))
        if room.desk.sent_already():
            return self._closed(sent, "Sent already", SENT_ALREADY)
        anew = ANEW[callback](room, sent) if callback in ANEW else None
        if anew is not None and not self._refused(callback, sent):
            return {"response_action": "update", "view": anew}
        try:
            outcome = TABLE[callback](room, sent)
        except SentAlready:
            return self._closed(sent, "Sent already", SENT_ALREADY)
        if outcome.refusal is None:
            said = "{} is withdrawn." if callback == "change:withdraw" else "Done."
            if sent.place and sent.place.channel in outcome.told:
                return {"response_action": "clear"}
            return self._closed(sent, "Done", self.room.done(outcome, said.format(outcome.subject)))
        if not any(block.get("type") == "input" for block in view.get("blocks", ())):
            return self._closed(sent, "Not possible", self.room.refuse(outcome.refusal).message.text)
        return {"response_action": "errors", "errors": self.errors(user, outcome.refusal, view)}

    def _refused(self, callback: str, sent: Sent) -> bool:
        """Whether it would be refused in any case: then that is said, and nothing is asked anew."""
        act = TABLE[callback]
        return self.room.desk.rehearsed(lambda desk: act(replace(self.room, desk=desk), sent)).refusal is not None

    def _closed(self, sent: Sent, title: str, text: str) -> dict[str, Any]:
        """On the Home tab nothing could be told but in the form's place."""
        if sent.place is None:
            return {"response_action": "update", "view": note(title, text)}
        self.room.whisper(sent.place, self.room.tell(text).message)
        return {"response_action": "clear"}

    def errors(self, user: str, refusal: Refusal, view: View) -> dict[str, str]:
        text = say(refusal.code, refusal.values, pen=self.room.plain(user))
        return {input_for(refusal.field, view): text[:ERROR]}

    def _key(self, user: str, view: View) -> str:
        state = json.dumps(view.get("state", {}), sort_keys=True)
        said = "\n".join((user, str(view.get("id")), str(view.get("hash")), state))
        return hashlib.sha256(said.encode()).hexdigest()


def input_for(name: str | None, view: View) -> str:
    """The block that an error stands under: its own input, or the first one."""
    inputs = [str(b["block_id"]) for b in view.get("blocks", ()) if b.get("type") == "input"]
    wanted = name if name in inputs else "areas" if name == "paths" and "areas" in inputs else None
    return wanted or (inputs[0] if inputs else "form")


# --- menus that ask as the person types


def options(room: Room, name: str, typed: str, view: View) -> list[Block]:
    """At most 100, the text looked for in what they show."""
    if name == "change":
        service = read("", view).kept.get("service")
        found = room.desk.usable_changes(service if isinstance(service, str) else None, typed.strip())
        return [change_option(c) for c in found[:OPTIONS]]
    every = feature_options(room.policy()) if name == "areas" else service_options(room.policy())
    wanted = typed.strip().lower()
    return [o for o in every if wanted in o["text"]["text"].lower()][:OPTIONS]


def service_chosen(room: Room, sent: Sent) -> View:
    """The start form anew: the change requests and the lock are those of the service that was chosen."""
    service = sent.text("service") or None
    chosen = sent.text("change")
    known = room.desk.change_view(int(chosen)) if chosen.isdigit() else None
    left = room.desk.lock_left(service) if service else None
    change = known.change if known else None
    anew = release_form(room.policy(), service, change, sent.text("candidate"), left, room.pen())
    return placed(anew, sent.kept["place"]) if sent.place else anew


# Forms that follow what is chosen in them: by callback, and the name of the input.
CHOSEN: dict[tuple[str, str], Callable[[Room, Sent], View | None]] = {
    ("release:start", "service"): service_chosen,
    ("release:roll_back", "target"): failure_actions.target_chosen,
}


def chosen(room: Room, user: str, name: str, view: View) -> View | None:
    """The form anew, once one of its inputs has a new value; None: it stays as it is."""
    anew = CHOSEN.get((str(view.get("callback_id")), name))
    return anew(room, read(user, view)) if anew else None
