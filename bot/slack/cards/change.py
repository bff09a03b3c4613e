"""The card of a change request (P1)."""

from bot.slack.cards.kit import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    fields,
    fitted,
    header,
    section,
    texts,
)
from bot.sop.incident import may_have_hotfix
from bot.sop.outlook import ChangeView
from bot.sop.records import Change, ChangeStatus, Content
from bot.words import Pen, status_name
from bot.words.text import count, joined

ICONS = {
    ChangeStatus.OPEN: "📝",
    ChangeStatus.APPROVED: "✅",
    ChangeStatus.REJECTED: "⛔",
    ChangeStatus.WITHDRAWN: "↩️",
    ChangeStatus.EXPIRED: "⌛",
    ChangeStatus.RELEASED: "🚀",
    ChangeStatus.ROLLED_BACK: "⏪",
}
SHOWN, UNDO, AREAS = 600, 300, 8  # characters, characters, names: the rest is behind Details
UNDECIDED = (ChangeStatus.OPEN, ChangeStatus.APPROVED, ChangeStatus.EXPIRED)


def change_card(view: ChangeView, pen: Pen) -> Message:
    change, content = view.change, view.change.content
    body = [
        header(f"{change.name} · {content.service} · {_kind(change)}"),
        section(f"{ICONS[change.status]} {pen.bold(status_name(change.status))}\n{pen.bold(pen.text(content.title))}"),
        section(pen.lines(content.why, SHOWN)),
        fields(
            f"{pen.bold('Kind')}\n{pen.text(content.kind.value)}",
            f"{pen.bold('Risk')}\n{pen.text(content.risk.value)}",
            f"{pen.bold('Areas')}\n{joined([pen.code(a, 60) for a in content.areas], limit=AREAS)}",
            f"{pen.bold('Undo')}\n{pen.lines(content.undo, UNDO)}",
        ),
        section(standing(view, pen)),
    ]
    whole = [button("Details", "change:details", {"id": change.id})] if _is_long(content) else []
    tail = [context(_trail(view, pen)), *actions([*_buttons(view), *whole])]
    return Message(fallback(change, pen), fitted(body, tail))


def details_blocks(change: Change, pen: Pen) -> tuple[Block, ...]:
    """All that the request says, however long."""
    said = change.content
    areas = joined([pen.code(a, 200) for a in said.areas], limit=100)
    lines = (*pen.lines(said.why, 3000).splitlines(), "", f"{pen.bold('Areas')}  {areas}", "")
    undo = (pen.bold("Undo"), *pen.lines(said.undo, 2000).splitlines())
    return fitted(texts([pen.bold(pen.text(said.title)), *lines, *undo]), limit=100)


def _is_long(content: Content) -> bool:
    """Whether the card cannot show it whole."""
    return len(content.why) > SHOWN or len(content.undo) > UNDO or len(content.areas) > AREAS


def _kind(change: Change) -> str:
    return f"emergency change for INC-{change.incident}" if change.incident else "change request"


def fallback(change: Change, pen: Pen) -> str:
    service, title = change.content.service, pen.text(change.content.title, 150)
    return f"{change.name} · {service} · {status_name(change.status)} · {title}"


def standing(view: ChangeView, pen: Pen) -> str:
    """How it stands, and who is waited for."""
    change = view.change
    if change.rejection and change.status is ChangeStatus.REJECTED:
        return f"Rejected by {pen.who(change.rejection.by)}: {pen.text(change.rejection.reason)}"
    if change.status is ChangeStatus.RELEASED:
        return f"In production, brought by R-{change.release}."
    if change.status is ChangeStatus.ROLLED_BACK:
        brought = f"R-{change.release} had brought it" if change.release else "it was never verified in production"
        return f"Rolled back: {brought}, and the branch has it no more. It is barred until somebody acknowledges that."
    if change.status is ChangeStatus.WITHDRAWN:
        return "Withdrawn by its requester."
    have = approved(view, pen)
    if change.status is ChangeStatus.EXPIRED:
        return "Its approvals ran out before a release pushed it. Approve it again, or edit it."
    if change.status is ChangeStatus.APPROVED:
        return f"{have}.{_carried(view)}"
    others = [pen.who(p) for p in view.approvers if p not in view.counted]
    who = joined(others, "or", 6) or "nobody: too few approvers are named in `sop.yaml`"
    return f"{have}. Waits for {who}."


def _carried(view: ChangeView) -> str:
    if view.release is None:
        return ""
    return f" {view.release.name} {'takes it back' if view.release.rollback else 'carries it'}."


def approved(view: ChangeView, pen: Pen) -> str:
    """`1 of 2 approvals by Carol`; one more than is wanted may be asked for, when an approver wrote it."""
    have, by = len(view.counted), joined([pen.who(p) for p in view.counted])
    if have > view.need:
        return f"{count(have, 'approval')} by {by}, {view.need} wanted"
    return f"{have} of {view.need} approvals" + (f" by {by}" if by else "")


def _trail(view: ChangeView, pen: Pen) -> str:
    change = view.change
    steps = [f"asked for by {pen.who(change.requester)}, {pen.time(change.created_at)}"]
    if change.revision > 1:
        steps.append(f"revision {change.revision}")
    steps += [f"approved by {pen.who(a.by)}, {pen.time(a.at)}" for a in change.approvals[-4:]]
    if change.closed_at and change.status not in UNDECIDED:
        steps.append(f"{status_name(change.status).lower()}, {pen.time(change.closed_at)}")
    return " · ".join(steps)


def _buttons(view: ChangeView) -> list[Block]:
    change = view.change
    at = {"id": change.id, "revision": change.revision, "status": change.status.value}
    approve = button("Approve", "change:approve", at, "primary")
    reject = button("Reject", "change:reject", at, "danger")
    edit = button("Edit", "change:edit", at)
    approve_too = button("Approve", "change:approve", at)  # who wrote it does not count: another approval may be wanted
    back = button("Withdraw my approval", "change:withdraw_approval", at)
    sure = confirm("Withdraw it?", f"{change.name} can then not be released any more.", "Withdraw")
    withdraw = button("Withdraw", "change:withdraw", at, confirm=sure)
    if view.release and view.release.pushed and not view.release.closed:
        return []
    return {
        ChangeStatus.OPEN: [
            approve,
            reject,
            edit,
            *([back] if view.counted else []),
            *(_start(view) if change.incident else []),
            withdraw,
        ],
        ChangeStatus.APPROVED: [*_start(view), approve_too, edit, back, reject, withdraw],
        ChangeStatus.EXPIRED: [approve, edit, withdraw],
        ChangeStatus.REJECTED: [edit, withdraw],
        ChangeStatus.ROLLED_BACK: [
            button("Acknowledge the rollback", "change:acknowledge_rollback", at, "primary"),
            withdraw,
        ],
    }.get(change.status, [])


def _start(view: ChangeView) -> list[Block]:
    """Of an emergency change: the hotfix of its incident, which may begin before the approval and then waits for it."""
    change, incident = view.change, view.incident
    if view.release is not None:
        return []
    if change.incident is None:
        at = {"change": change.id, "service": change.content.service}
        return [button("Start release", "release:start", at, "primary")]
    if incident is None or incident.change != change.id or not may_have_hotfix(incident):
        return []
    style = "primary" if change.status is ChangeStatus.APPROVED else None
    return [button(f"Start hotfix of {incident.name}", "incident:hotfix", {"id": incident.id}, style)]
