"""Announcements with buttons: a freeze (X4), and the wish for a baseline."""

from typing import Any

from bot.slack.cards.kit import Block, Message, actions, button, confirm, context, section
from bot.sop import freeze as freezes
from bot.sop.codes import Code
from bot.sop.records import Baseline, Freeze, FreezeStatus
from bot.words import Pen, say
from bot.words.text import joined


def freeze_card(freeze: Freeze, pen: Pen) -> Message:
    """What is so of it now, with what can be done about it."""
    notice = freezes.notice(freeze, freeze.ended_by, freezes.says(freeze))
    said = say(notice.code, notice.values, pen=pen)
    return Message(said, (section(said), *actions(freeze_buttons(freeze))))


def freeze_line(freeze: Freeze, pen: Pen) -> str:
    services = joined([pen.code(s) for s in freeze.services], limit=6) or "all services"
    when = f"from {pen.time(freeze.starts_at)} " if freeze.status is FreezeStatus.SCHEDULED else ""
    until = f"until {pen.time(freeze.until)}" if freeze.until else "until someone ends it"
    why = pen.text(freeze.reason, 150)
    head = f"🧊 {pen.bold(freeze.name)} {freeze.status.value} · {services} · {when}{until}"
    return f"{head}\n{why} · {pen.who(freeze.owner)}"


def freeze_buttons(freeze: Freeze) -> list[Block]:
    at = {"id": freeze.id, "status": freeze.status.value}
    sure = confirm("End this freeze?", "The freeze ends now, for all its services.", "End it")
    never = confirm("Cancel this freeze?", "It will not begin.", "Cancel it", "Keep it")
    change = button("Change", "freeze:change", at)
    return {
        FreezeStatus.ACTIVE: [button("End freeze", "freeze:end", at, "danger", sure), change],
        FreezeStatus.SCHEDULED: [change, button("Cancel freeze", "freeze:cancel", at, "danger", never)],
    }.get(freeze.status, [])


def baseline_notice(values: dict[str, Any], pen: Pen) -> Message:
    """Asks a person to adopt, by name, what production serves."""
    said = say("baseline_wanted", values, pen=pen)
    service, sha = str(values.get("service", "")), str(values.get("sha") or "")
    hint = "Adopting says by name that this commit is what production serves: the base of the next release."
    return Message(said, (section(f"👋 {said}"), context(hint), *actions([adopt_button(service, sha, pen)])))


def adopted_card(baseline: Baseline, pen: Pen) -> Message:
    """In the place of the question."""
    said = say(Code.BASELINE_ADOPTED, {"service": baseline.service, "sha": baseline.sha, "by": baseline.by}, pen=pen)
    return Message(said, (section(f"👋 {said}"), context(pen.time(baseline.at))))


def adopt_button(service: str, sha: str, pen: Pen) -> Block:
    text = f"You say by name that production of {pen.code(service)} serves `{sha[:7]}` and that it is good."
    sure = confirm("Adopt this baseline?", text, "Adopt")
    return button(f"Adopt {sha[:7]}", "baseline:adopt", {"service": service, "sha": sha}, "primary", sure)
