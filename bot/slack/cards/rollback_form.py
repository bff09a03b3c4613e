"""R1: the form of a rollback. Pure: its list is that of the target which is chosen in it."""

from collections.abc import Iterable

from bot.slack.cards.failure_forms import head
from bot.slack.cards.forms import View, asked, form, line, select
from bot.slack.cards.kit import OPTIONS, Block, context, fitted, option, section, texts
from bot.slack.cards.release import state
from bot.sop.facts import Commit, Target
from bot.sop.outlook import Plan, ReleaseView
from bot.words import PLAIN, Pen
from bot.words.text import count, duration, joined, listed, short

LISTED = 24  # blocks of what is taken back


def rollback_form(view: ReleaseView, plan: Plan, seen: str, pen: Pen, reason: str = "", anew: bool = False) -> View:
    """What it returns to, what it takes back, whom it stops, how long that usually takes, and why.

    `seen` is a digest of what is listed: what is rolled back is what was read. `anew`: that has changed meanwhile.
    """
    targets = [_target(t, view.release.id) for t in plan.targets[:OPTIONS]]
    sure = {"type": "checkboxes", "options": [option("Take this out of production", "yes")]}
    blocks = [
        head(view, pen),
        *([section("⚠️ What would be taken back has changed since. Read it, and send it again.")] if anew else []),
        asked("target", "Return to", select(targets, plan.target.sha if plan.target else None), live=True),
        *fitted(texts(_taken_back(plan, pen)), limit=LISTED),
        *_aborted(plan, pen),
        context(_time(plan, pen)),
        asked("reason", "Why", line(reason, longest=2000, lines=True), "It stands in the decision log."),
        asked("sure", "Are you sure?", sure),
    ]
    keep = {"id": view.release.id, "listed": seen}
    return form("release:roll_back", f"Roll back {view.release.name}", "Roll back", blocks, keep)


def _target(target: Target, of: int) -> Block:
    source = f"R-{target.release}" if target.release else "adopted baseline"
    if target.release == of:
        return option(f"{short(target.sha)} · {source} itself", target.sha, "It stays; only what came after it goes")
    return option(f"{short(target.sha)} · {source}", target.sha, f"verified in production {PLAIN.time(target.at)}")


def _taken_back(plan: Plan, pen: Pen) -> list[str]:
    releases = joined([f"{r.name} by {pen.who(r.owner)}" for r in plan.reverts])
    itself = plan.target is not None and plan.target.release == plan.release.id
    stays = f" {plan.release.name} itself stays." if itself else ""
    lines = [f"{pen.bold('Will be taken back')}  {releases or 'no release'}{'.' if stays else ''}{stays}"]
    lines += listed([f"• {pen.bold(c.name)} {pen.text(c.content.title, 100)}" for c in plan.changes])
    strays = [c for c in plan.commits if c.sha in plan.strays]
    lines += _commits("{}:", [c for c in plan.commits if c not in strays], pen)
    lines += _commits("⚠️ {} that came to the branch around every release:", strays, pen)
    return lines if plan.was_live else [*lines, "Nothing of it has come up in production: nothing new was ever live."]


def _commits(said: str, commits: list[Commit], pen: Pen) -> Iterable[str]:
    if not commits:
        return ()
    rows = [f"• {pen.commit(c.sha, c.url)} {_title(c.message, pen)} by {pen.text(c.author_name, 40)}" for c in commits]
    return (said.format(count(len(commits), "commit")), *listed(rows))


def _title(message: str, pen: Pen) -> str:
    first = message.splitlines()[0] if message.strip() else "no message"
    return pen.text(first, 80)


def _aborted(plan: Plan, pen: Pen) -> list[Block]:
    """An open release of that lock gives way, whatever it waits for."""
    other = plan.aborts
    if other is None:
        return []
    of = f"{pen.bold(other.name)} of {pen.who(other.owner)} ({state(other)})"
    return [section(f"⏹️ {of} will be aborted: a rollback takes the lock of {pen.code(other.service)}.")]


def _time(plan: Plan, pen: Pen) -> str:
    usual = f"about {duration(plan.usual_seconds)}, as past ones took" if plan.usual_seconds else "not known yet"
    above = (
        f" Whatever stands above {pen.commit(plan.target.sha)} when the revert is built goes." if plan.target else ""
    )
    return f"Time until production is verified: {usual}.{above}"
