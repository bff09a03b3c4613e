"""The App Home of one person: what waits for them first, then what is going on."""

from bot.slack.cards import incident_home
from bot.slack.cards.buttons import LAST, at, release_buttons
from bot.slack.cards.freeze import adopt_button, freeze_buttons, freeze_line
from bot.slack.cards.kit import VIEW_BLOCKS, Block, actions, button, context, divider, fitted, header, section, texts
from bot.slack.cards.lists import release_line, waits_for
from bot.slack.cards.patrol import patrol, to_explain
from bot.slack.cards.release import STATUS_ICONS, state
from bot.sop.outlook import BaselineWanted, ChangeView, HomeView, ReleaseView
from bot.words import Pen, status_name
from bot.words.text import count, joined

SHOWN = 8


def home_blocks(view: HomeView, pen: Pen) -> tuple[Block, ...]:
    """Within a view's 100 blocks; every part says so when there is nothing in it."""
    body = [*_head(view, pen), *_waits_for_me(view, pen), *incident_home.others(view, pen), *patrol(view, pen)]
    body += [*([] if "approver" in view.roles else _baselines(view, pen)), *_running(view, pen)]
    body += [*_freezes(view, pen), *_mine(view, pen)]
    return fitted(body, [context(_footer(view, pen))], VIEW_BLOCKS)


def _head(view: HomeView, pen: Pen) -> list[Block]:
    are = joined([pen.mention(r) for r in view.roles])
    you = f"you are {are}" if are else "you have no role in `sop.yaml`"
    buttons = [button("New change request", "home:change_new", {}), button("Start release", "home:release_start", {})]
    return [
        header("Slipway"),
        context(f"SOP {pen.bold(view.sop_status)} · stage {pen.text(view.sop_stage, 40)} · {you}"),
        *(actions(buttons) if "releaser" in view.roles else []),
    ]


def _waits_for_me(view: HomeView, pen: Pen) -> list[Block]:
    made = [divider(), section(pen.bold("Waits for you"))]
    first = [*incident_home.waiting(view, pen), *to_explain(view, pen)]
    first += _baselines(view, pen) if "approver" in view.roles else []
    if not view.to_approve and not view.to_do and not first:
        return [*made, context("Nothing waits for you.")]
    made += first
    for release in view.to_do[:SHOWN]:
        made += _to_do(release, pen)
    for change in view.to_approve[:SHOWN]:
        made += _to_approve(change, pen)
    return made + _more(len(view.to_approve) + len(view.to_do), 2 * SHOWN)


def _to_do(view: ReleaseView, pen: Pen) -> list[Block]:
    r = view.release
    buttons = [b for kind, b in release_buttons(view).items() if kind not in LAST]
    head = f"{STATUS_ICONS[r.status]} {pen.bold(r.name)} · {r.service} · {pen.text(view.title, 100)}"
    text = f"{head}\n{state(r)}{waits_for(view, pen)}"
    return [section(text), *actions([*buttons, button("Details", "release:details", at(view))])]


def _to_approve(view: ChangeView, pen: Pen) -> list[Block]:
    change, content = view.change, view.change.content
    at = {"id": change.id, "revision": change.revision, "status": change.status.value}
    text = (
        f"📝 {pen.bold(change.name)} · {content.service} · {pen.text(content.title, 100)}\n"
        f"{pen.text(content.why, 200)}\n{content.kind.value}, {content.risk.value} risk · "
        f"asked for by {pen.who(change.requester)}"
    )
    approve = button("Approve", "change:approve", at, "primary")
    return [section(text), *actions([approve, button("Reject", "change:reject", at, "danger")])]


def _baselines(view: HomeView, pen: Pen) -> list[Block]:
    made: list[Block] = []
    for wanted in view.baselines[:SHOWN]:
        made.append(section(f"👋 {_baseline(wanted, pen)}"))
        if wanted.served and "approver" in view.roles:
            made += actions([adopt_button(wanted.service, wanted.served, pen)])
    return made


def _baseline(wanted: BaselineWanted, pen: Pen) -> str:
    name = pen.code(wanted.service)
    if wanted.served:
        return (
            f"Nobody has adopted what production of {name} serves: {pen.commit(wanted.served)}. No release can start."
        )
    error = f": {pen.text(wanted.error)}{pen.until(wanted.until)}" if wanted.error else "."
    return f"{name} has no baseline, and its production's version is unknown{error}"


def _running(view: HomeView, pen: Pen) -> list[Block]:
    made = [divider(), section(pen.bold("Running releases"))]
    if not view.running:
        return [*made, context("No release is running.")]
    lines = [f"{release_line(v.release, pen)}{waits_for(v, pen)}" for v in view.running[:SHOWN]]
    return [*made, *texts(lines), *_more(len(view.running), SHOWN)]


def _freezes(view: HomeView, pen: Pen) -> list[Block]:
    if not view.freezes:
        return [divider(), context("🧊 No freeze is in force or scheduled.")]
    made = [divider(), section(pen.bold("Freezes"))]
    for freeze in view.freezes[:SHOWN]:
        made.append(section(freeze_line(freeze.freeze, pen)))
        made += actions(freeze_buttons(freeze.freeze)) if "approver" in view.roles else []
    return made + _more(len(view.freezes), SHOWN)


def _mine(view: HomeView, pen: Pen) -> list[Block]:
    made = [divider(), section(pen.bold("Yours"))]
    lines = [_my_change(v, pen) for v in view.my_changes[:SHOWN]] + [release_line(r, pen) for r in view.mine[:SHOWN]]
    nothing = f"Nothing of yours is open. {pen.command('change list')} shows the last change requests."
    return [*made, *texts(lines)] if lines else [*made, context(nothing)]


def _my_change(view: ChangeView, pen: Pen) -> str:
    change = view.change
    have = f"{min(len(view.counted), view.need)} of {view.need} approvals"
    return f"📝 {pen.bold(change.name)} · {status_name(change.status)} · {pen.text(change.content.title, 100)} · {have}"


def _footer(view: HomeView, pen: Pen) -> str:
    parked = f"⚠️ {count(view.parked, 'message')} could not be delivered; see `slipway doctor` · " if view.parked else ""
    return f"{parked}as of {pen.time(view.now)}"


def _more(of: int, shown: int) -> list[Block]:
    return [context(f"and {of - shown} more")] if of > shown else []
