"""The card of a violation: what was seen, which rule, who where known, what to do."""

from bot.slack.cards.kit import Block, Message, actions, button, context, fitted, header, section, texts
from bot.sop.patrol import LASTING, OF_PRODUCTION
from bot.sop.records import Violation, ViolationStatus
from bot.words import Pen, brief, parts, rule

ICONS = {ViolationStatus.OPEN: "🚫", ViolationStatus.EXPLAINED: "✅"}


def violation_card(violation: Violation, pen: Pen) -> Message:
    said = parts(violation.code, violation.values, pen)
    body = [
        header(f"{violation.name} · {violation.service} · violation of {violation.rule}"),
        section(f"{ICONS[violation.status]} {pen.bold(violation.status.value)}\n{pen.italic(rule(violation.rule))}"),
        *texts(line for line in said.seen.split("\n")),
        section(f"{pen.bold('By')}  {_who(violation, pen)}"),
    ]
    if violation.status is ViolationStatus.OPEN and said.wanted:
        body += texts([f"{pen.bold('Wanted')}  {said.wanted}", f"{pen.bold('Mend')}  {said.mend}"])
        body.append(context("While it is open no standard release of this service starts."))
    if violation.explained:
        word = violation.explained
        body.append(section(f"Explained by {pen.who(word.by)}, {pen.time(word.at)}: {pen.lines(word.says, 2000)}"))
    tail = [context(_trail(violation, pen)), *actions(_buttons(violation))]
    return Message(fallback(violation, pen), fitted(body, tail))


def fallback(violation: Violation, pen: Pen) -> str:
    what = brief(violation.code, violation.values, pen)
    return f"{violation.name} · {violation.service} · {violation.rule} · {violation.status.value} · {what}"


def _who(violation: Violation, pen: Pen) -> str:
    """Of a version in production it is known who pushed it, not who put it there."""
    if violation.who is None:
        return "not known"
    login = pen.text(violation.who, 60)
    return f"not known; {login} pushed it (at GitHub)" if violation.code in OF_PRODUCTION else f"{login} (at GitHub)"


def _trail(violation: Violation, pen: Pen) -> str:
    if violation.code not in LASTING:
        return f"seen {pen.time(violation.first_at)}"
    times = f" · {violation.count} times" if violation.count > 1 else ""
    now = "seen still" if violation.present else "not seen any more"
    return f"first seen {pen.time(violation.first_at)} · last seen {pen.time(violation.last_at)}{times} · {now}"


def explain_button(violation: Violation) -> Block:
    at = {"id": violation.id, "status": violation.status.value, "count": violation.count}
    return button("Explain", "violation:explain", at, "primary")


def _buttons(violation: Violation) -> list[Block]:
    explain = explain_button(violation)
    url = violation.values.get("url")
    run = {"type": "button", "text": explain["text"] | {"text": "Open run"}, "action_id": "link:run", "url": url}
    shown = [explain] if violation.status is ViolationStatus.OPEN else []
    return [*shown, run] if isinstance(url, str) and url.startswith("https://") else shown
