"""Everything that a release rests on, gate by gate, for a modal."""

from collections.abc import Sequence

from bot.slack.cards.kit import VIEW_BLOCKS, Block, context, divider, fitted, section, texts
from bot.slack.cards.release import ICONS, like, state, title, unlike, word_of
from bot.sop.decision import Answer, Finding
from bot.sop.facts import Commit
from bot.sop.outlook import Mark, ReleaseView
from bot.words import Pen, say_finding, stage_name
from bot.words.text import count, listed

ANSWERS = {Answer.PASS: "✅", Answer.WAIT: "⏳", Answer.FAIL: "⛔"}
COMMITS = 40


def details_blocks(view: ReleaseView, pen: Pen) -> tuple[Block, ...]:
    """Within a view's 100 blocks."""
    body = [
        section(f"{pen.bold(title(view))}\n{state(view.release)}"),
        context("Slipway saw for itself what no person is named for."),
    ]
    for stage in view.stages:
        if stage.mark is not Mark.AHEAD:
            when = f" · {pen.time(stage.at)}" if stage.at else ""
            head = f"{ICONS[stage.mark]} {pen.bold(stage_name(stage.stage))}{when}"
            body += [divider(), *texts([head, *_gate_lines(stage.findings, pen)])]
    ahead = [pen.bold(stage_name(s.stage)) for s in view.stages if s.mark is Mark.AHEAD]
    if ahead:
        body += [divider(), section(f"{ICONS[Mark.AHEAD]} {' · '.join(ahead)}")]
    body += [divider(), *_commits(view, pen), *_basis(view, pen)]
    return fitted(body, limit=VIEW_BLOCKS)


def _gate_lines(findings: Sequence[Finding], pen: Pen) -> list[str]:
    """What several rules say alike stands there once, with all of them."""
    return [_gate_line(f, [o.rule for o in findings if like(o) == like(f)], pen) for f in unlike(findings)]


def _gate_line(finding: Finding, rules: Sequence[str], pen: Pen) -> str:
    said = say_finding(finding, pen)
    named = " ".join(f"`{rule}`" for rule in dict.fromkeys(rules))
    more = f"\n{pen.bold('Wanted')} {said.wanted}\n{pen.bold('Mend')} {said.mend}" if said.wanted else ""
    return f"{ANSWERS[finding.answer]} {named} {said.seen}{word_of(finding, pen)}{more}"


def _commits(view: ReleaseView, pen: Pen) -> list[Block]:
    seen = view.candidate
    if seen is None:
        return [section(f"Candidate {pen.code(view.release.candidate)} has not been looked at yet.")]
    lines = [_commit_line(c, pen) for c in seen.commits]
    head = f"{pen.bold(count(len(seen.commits), 'commit'))}, {count(len(seen.paths), 'path')} changed"
    return texts([head, *listed(lines, COMMITS)])


def _commit_line(commit: Commit, pen: Pen) -> str:
    first = commit.message.splitlines()[0] if commit.message.strip() else "no message"
    return f"{pen.commit(commit.sha, commit.url)} {pen.text(first, 80)} by {pen.text(commit.author_name, 40)}"


def _basis(view: ReleaseView, pen: Pen) -> list[Block]:
    """The commits and documents it rests on."""
    r, held = view.release, view.attestation
    lines = [f"base {pen.commit(r.base)} · candidate {pen.code(r.candidate, 80)} · policy {pen.commit(r.policy)}"]
    if held:
        lines.append(
            f"preflight by {pen.who(held.signer)} {pen.time(held.made_at)} · tree {pen.commit(held.tree)} · "
            f"key {pen.code(held.key, 60)}"
        )
    return [context("\n".join(lines))]
