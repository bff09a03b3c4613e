"""The card of a violation: what was seen, which rules, who where known, what to do, and what was seen before."""

from bot.slack.cards.kit import Block, Message, actions, button, context, fitted, header, section, texts
from bot.sop.outlook import ViolationView
from bot.sop.patrol import LASTING, OF_PRODUCTION
from bot.sop.patrol.act import Act
from bot.sop.patrol.fate import Became
from bot.sop.records import Occurrence, Violation, ViolationStatus
from bot.words import Pen, brief, parts, rule
from bot.words.text import count, joined

ICONS = {ViolationStatus.OPEN: "🚫", ViolationStatus.EXPLAINED: "✅"}
BEFORE = 5  # earlier occurrences on the card
DIFFERENCES = 3  # of each


def violation_card(view: ViolationView, pen: Pen) -> Message:
    act = view.act
    body = [
        header(f"{act.name} · {act.service} · violation of {joined(act.rules)}"),
        section(f"{ICONS[act.status]} {pen.bold(act.status.value)}\n{_rules(act, pen)}"),
        *texts(line for v in act.violations for line in _seen(v, act, pen)),
        section(f"{pen.bold('By')}  {_who(act, pen)}"),
        *(_wanted(view, pen) if act.open else []),
        *texts(_explained(act, pen)),
        *texts(_history(act, pen)),
    ]
    tail = [context(_trail(act, pen)), *actions(_buttons(act))]
    return Message(fallback(act, pen), fitted(body, tail))


def fallback(act: Act, pen: Pen) -> str:
    what = brief(act.deed.code, act.deed.values, pen)
    return f"{act.name} · {act.service} · {', '.join(act.rules)} · {act.status.value} · {what}"


def explain_button(act: Act) -> Block:
    at = {"id": act.id, "status": act.status.value, "count": act.count}
    return button("Explain", "violation:explain", at, "primary")


def _rules(act: Act, pen: Pen) -> str:
    if len(act.rules) == 1:
        return pen.italic(rule(act.rules[0]))
    return "\n".join(f"{r}  {pen.italic(rule(r))}" for r in act.rules)


def _seen(violation: Violation, act: Act, pen: Pen) -> list[str]:
    """What was seen; where more rules than one are broken, of which."""
    lines = parts(violation.code, violation.values, pen).seen.split("\n")
    return lines if len(act.violations) == 1 else [f"{pen.bold(violation.rule)}  {lines[0]}", *lines[1:]]


def _wanted(view: ViolationView, pen: Pen) -> list[Block]:
    """What should be, of each that is open, and the way there from what was done first."""
    act = view.act
    said = [parts(v.code, v.values, pen) for v in act.open]
    deed = act.deed if act.deed in act.open else act.open[0]
    lines = [
        f"{pen.bold('Wanted')}  {'; '.join(dict.fromkeys(s.wanted for s in said))}",
        f"{pen.bold('Mend')}  {_mend(view, deed, pen)}",
    ]
    if view.incidents:
        lines.append(f"{joined(view.incidents)} {'is' if len(view.incidents) == 1 else 'are'} open about what differs.")
    who = joined([pen.mention(p) for p in view.explainers], "or")
    lines.append(f"{pen.bold('To explain it')}  {who or 'an approver'}")
    return [*texts(lines), context("While it is open no standard release of this service starts.")]


def _mend(view: ViolationView, deed: Violation, pen: Pen) -> str:
    """Where there is nothing left to take back, nobody is led to take back anything else."""
    if view.fate is None:
        return parts(deed.code, deed.values, pen).mend
    by, explain = view.fate.by, f"an approver presses {pen.button('Explain')} and says how it came about."
    match view.fate.became:
        case Became.TAKEN_BACK:
            return f"Taken back by {by}; {explain}"
        case Became.GONE:
            return f"It is gone{' from production' if deed.code in OF_PRODUCTION else ' from the branch'}; {explain}"
        case Became.VERIFIED:
            return f"{by} was verified since: only another release takes out what came before it; {explain}"


def _who(act: Act, pen: Pen) -> str:
    """Of a version in production it is known who pushed it, not who put it there."""
    known = next((v for v in (act.deed, *act.violations) if v.who is not None), None)
    if known is None:
        return "not known"
    login = pen.text(known.who, 60)
    return f"not known; {login} pushed it (at GitHub)" if known.code in OF_PRODUCTION else f"{login} (at GitHub)"


def _explained(act: Act, pen: Pen) -> list[str]:
    words = dict.fromkeys(v.explained for v in act.violations if v.explained)
    return [f"Explained by {pen.who(w.by)}, {pen.time(w.at)}: {pen.lines(w.says, 2000)}" for w in words]


def _history(act: Act, pen: Pen) -> list[str]:
    """What was seen before it changed or came back, newest first."""
    every = sorted(((o, v) for v in act.violations for o in v.history), key=lambda known: known[0].last_at)
    if not every:
        return []
    lines = [line for was, v in reversed(every[-BEFORE:]) for line in _before(was, v, act, pen)]
    left = len(every) - BEFORE
    return [pen.bold("Before"), *lines, *([f"and {left} earlier; the audit has all of them"] if left > 0 else [])]


def _before(was: Occurrence, violation: Violation, act: Act, pen: Pen) -> list[str]:
    of = f"{violation.rule} " if len(act.violations) > 1 else ""
    when = f"{pen.time(was.first_at)} to {pen.time(was.last_at)}"
    by = f", by {pen.text(was.who, 60)} (at GitHub)" if was.who else ""
    word = was.explained
    explained = f". Explained by {pen.who(word.by)}: {pen.text(word.says, 300)}" if word else "; not explained then"
    rows = [
        f"    {pen.code(d['probe'], 60)} {pen.code(d['field'], 80)}: {pen.code(d['production'], 80)}, verified was "
        f"{pen.code(d['verified'], 80)}"
        for d in (was.values.get("differences") or ())[:DIFFERENCES]
    ]
    return [f"• {of}{when}: {_evidence(violation.code, was, pen)}{by}{explained}", *rows]


def _evidence(code: str, was: Occurrence, pen: Pen) -> str:
    values = was.values
    if values.get("differences"):
        return count(int(values.get("count", len(values["differences"]))), "difference")
    if "seen" in values and "of" in values:
        shown = pen.commit(values["sha"]) if values.get("sha") else pen.code(values.get("version") or "?")
        return f"{values['seen']} of {count(int(values['of']), 'read')} showed {shown}"
    return brief(code, values, pen)


def _trail(act: Act, pen: Pen) -> str:
    numbers = [f"{v.name} is its {v.rule}" for v in act.violations if v.name != act.name]
    return " · ".join([_times(act, pen), *numbers])


def _times(act: Act, pen: Pen) -> str:
    first = min(v.first_at for v in act.violations)
    lasting = [v for v in act.violations if v.code in LASTING]
    if not lasting:
        return f"seen {pen.time(first)}"
    most = max(v.count for v in lasting)
    times = f" · {most} times" if most > 1 else ""
    last = max(v.last_at for v in lasting)
    return f"first seen {pen.time(first)} · last seen {pen.time(last)}{times} · {_now(lasting, pen)}"


def _now(lasting: list[Violation], pen: Pen) -> str:
    """Whether it is there still. While production cannot be compared that is not known, whatever was seen before."""
    present = [v for v in lasting if v.present]
    unseen = [v.unseen_at for v in present if v.unseen_at is not None]
    if not present:
        return "no longer seen"
    if len(unseen) == len(present):
        return f"not known whether it still is so: nothing could be compared since {pen.time(min(unseen))}"
    return "seen still"


def _buttons(act: Act) -> list[Block]:
    explain = explain_button(act)
    url = next((v.values["url"] for v in act.violations if v.values.get("url")), None)
    run = {"type": "button", "text": explain["text"] | {"text": "Open run"}, "action_id": "link:run", "url": url}
    shown = [explain] if act.open else []
    return [*shown, run] if isinstance(url, str) and url.startswith("https://") else shown
