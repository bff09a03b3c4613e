"""Forms of incidents and violations that were sent: a flat table, callback id to function."""

from collections.abc import Callable

from bot.desk import Outcome
from bot.slack.answer import Room
from bot.slack.sent import Sent, missing
from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.incident import Declaration
from bot.sop.records import IncidentKind, Severity
from bot.sop.resolution import NoteText


def declare(room: Room, sent: Sent) -> Outcome:
    for name in ("service", "kind", "severity"):
        if not sent.text(name):
            return missing(name)
    issue = sent.text("issue").strip().removeprefix("#")
    if issue and not issue.isdecimal():
        return missing("issue")
    said = Declaration(
        service=sent.text("service"),
        title=sent.text("title"),
        kind=IncidentKind(sent.text("kind")),
        severity=Severity(sent.text("severity")),
        affected=sent.many("affected"),
        affected_text=sent.text("affected_text"),
        seen=sent.text("seen"),
        issue=int(issue) if issue else None,
    )
    return room.desk.declare_incident(sent.user, said)


def severity(room: Room, sent: Sent) -> Outcome:
    if not sent.text("severity"):
        return missing("severity")
    return room.desk.change_severity(sent.user, sent.id, Severity(sent.text("severity")), sent.text("reason"))


def add(room: Room, sent: Sent) -> Outcome:
    return room.desk.add_entry(sent.user, sent.id, sent.text("text"))


def message(room: Room, sent: Sent) -> Outcome:
    """Of the shortcut: which incident it is."""
    if not sent.text("incident").isdecimal():
        return missing("incident")
    channel, ts = str(sent.kept.get("channel")), str(sent.kept.get("ts"))
    return room.desk.put_message(sent.user, int(sent.text("incident")), channel, ts)


def reopen(room: Room, sent: Sent) -> Outcome:
    return room.desk.reopen_incident(sent.user, sent.id, sent.text("reason"))


def hotfix(room: Room, sent: Sent) -> Outcome:
    return room.desk.start_hotfix(sent.user, sent.id, sent.text("candidate"), "yes" in sent.many("take_over"))


def note(room: Room, sent: Sent) -> Outcome:
    said = {name: sent.text(name) for name in NoteText.model_fields}
    revision = sent.kept.get("revision")
    return room.desk.write_note(sent.user, sent.id, revision if isinstance(revision, int) else 0, NoteText(**said))


def explain(room: Room, sent: Sent) -> Outcome:
    """What is explained is what was read."""
    view = room.desk.violation_view(sent.id)
    if view and view.act.count != sent.kept.get("count"):
        return Outcome(refusal=Refusal(code=Code.CHANGED_MEANWHILE, values={"subject": view.act.name}))
    return room.desk.explain_violation(sent.user, sent.id, sent.text("reason"))


TABLE: dict[str, Callable[[Room, Sent], Outcome]] = {
    "incident:declare": declare,
    "incident:severity": severity,
    "incident:add": add,
    "incident:message": message,
    "incident:reopen": reopen,
    "incident:hotfix": hotfix,
    "incident:note": note,
    "violation:explain": explain,
}
