"""What an outgoing act says, rendered at the moment it is sent from what is stored then."""

from bot.desk import Desk
from bot.slack.answer import pen_of
from bot.slack.cards.change import ICONS, change_card, standing
from bot.slack.cards.freeze import adopted_card, baseline_notice, freeze_card
from bot.slack.cards.home import home_blocks
from bot.slack.cards.incident import incident_card
from bot.slack.cards.kit import FALLBACK, Block, Message, actions, button, context, texts
from bot.slack.cards.release import release_card
from bot.slack.cards.violation import violation_card
from bot.sop.codes import Code
from bot.sop.effects import Notice, PostChannel, PostThread, SendDirect
from bot.sop.outlook import ChangeView
from bot.sop.records import ChangeStatus
from bot.sop.timeline import OWN
from bot.words import Pen, say, status_name
from bot.words.text import cut_mrkdwn

TO_APPROVE = (Code.APPROVAL_WANTED, Code.EMERGENCY_WANTED)


def number(subject: str, prefix: str) -> int | None:
    """`R-7` with `R` is 7; None where it is something else."""
    head, _, tail = subject.rpartition("-")
    return int(tail) if head == prefix and tail.isdigit() else None


def card(desk: Desk, subject: str) -> Message | None:
    """The live message of a thing; None where there is no such thing."""
    pen = pen_of(desk.policy())
    release, change = number(subject, "R"), number(subject, "CR")
    incident, violation = number(subject.removesuffix(OWN), "INC"), number(subject, "V")
    freeze = number(subject.partition(":")[0], "FRZ")  # one card in each channel
    if release is not None:
        seen = desk.release_view(release)
        return release_card(seen, pen) if seen else None
    if freeze is not None:
        frozen = desk.freeze_view(freeze)
        return freeze_card(frozen.freeze, pen) if frozen else None
    if change is not None:
        filed = desk.change_view(change)
        return change_card(filed, pen) if filed else None
    if incident is not None:
        declared = desk.incident_view(incident)
        return incident_card(declared, pen) if declared else None
    if violation is not None:
        found = desk.violation_view(violation)
        return violation_card(found, pen) if found else None
    if subject.startswith("service:"):
        baseline = desk.adopted(subject.removeprefix("service:"))
        return adopted_card(baseline, pen) if baseline else None
    return None


def owner(desk: Desk, subject: str) -> str | None:
    """Who answers for a thing."""
    release, change, freeze = (number(subject.partition(":")[0], p) for p in ("R", "CR", "FRZ"))
    if release is not None:
        seen = desk.release_view(release)
        return seen.release.owner if seen else None
    if change is not None:
        filed = desk.change_view(change)
        return filed.change.requester if filed else None
    incident = number(subject.removesuffix(OWN), "INC")
    if incident is not None:
        declared = desk.incident_view(incident)
        return declared.incident.lead or declared.incident.declared_by if declared else None
    found = desk.freeze_view(freeze) if freeze is not None else None
    return found.freeze.owner if found else None


def thread(desk: Desk, effect: PostThread) -> Message:
    return _sentence(effect.notice, effect.mention, pen_of(desk.policy()))


def channel(desk: Desk, effect: PostChannel) -> Message:
    """A missing baseline with its button; any other announcement is a sentence."""
    pen, notice = pen_of(desk.policy()), effect.notice
    if notice.code != Code.BASELINE_WANTED:
        return _sentence(notice, effect.mention, pen)
    made = baseline_notice(notice.values, pen)
    called = _mentions(effect.mention, pen)
    return Message(f"{called} {made.text}".strip(), (*texts([called] if called else []), *made.blocks))


def direct(desk: Desk, effect: SendDirect) -> Message:
    """A sentence; with the request itself and its buttons where an approval is wanted."""
    pen = pen_of(desk.policy())
    change = number(effect.subject, "CR")
    view = desk.change_view(change) if change is not None and effect.notice.code in TO_APPROVE else None
    made = _sentence(effect.notice, (), pen)
    incident = number(effect.subject, "INC")
    if incident is not None and effect.notice.code == Code.INCIDENT_WAKES:
        return Message(
            made.text, (*made.blocks, *actions([button("Take the lead", "incident:lead", {"id": incident})]))
        )
    if view is None:
        return made
    return Message(made.text, (*made.blocks, *_asked(view, effect, pen)))


def _asked(view: ChangeView, effect: SendDirect, pen: Pen) -> list[Block]:
    """The request with its buttons while it waits for this person; then what became of it."""
    change = view.change
    if effect.notice.values.get("revision", change.revision) != change.revision:
        return [context(f"✏️ {change.name} is asked for anew since, by {pen.who(change.revised_by)}: this one is void.")]
    if change.status is ChangeStatus.OPEN and effect.to not in view.counted:
        return _to_approve(view, pen)
    return [context(f"{ICONS[change.status]} {pen.bold(status_name(change.status))} · {standing(view, pen)}")]


def home(desk: Desk, user: str) -> list[Block]:
    return list(home_blocks(desk.home_view(user), pen_of(desk.policy())))


def _to_approve(view: ChangeView, pen: Pen) -> list[Block]:
    change, said = view.change, view.change.content
    at = {"id": change.id, "revision": change.revision, "status": change.status.value}
    approve = button("Approve", "change:approve", at, "primary")
    return [
        *texts([pen.lines(said.why)]),
        context(f"{said.kind.value} · {said.risk.value} risk · undo: {pen.text(said.undo, 200)}"),
        *actions([approve, button("Reject", "change:reject", at, "danger")]),
    ]


def _sentence(notice: Notice, mention: tuple[str, ...], pen: Pen) -> Message:
    said = f"{_mentions(mention, pen)} {say(notice.code, notice.values, pen=pen)}".strip()
    return Message(cut_mrkdwn(said, FALLBACK), tuple(texts([said])))


def _mentions(who: tuple[str, ...], pen: Pen) -> str:
    return " ".join(pen.mention(w) for w in who)
