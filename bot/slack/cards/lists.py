"""Answers to commands: lists, the SOP in force, help. All are seen by one person only."""

from collections.abc import Sequence

from bot.slack.cards.change import ICONS as CHANGE_ICONS
from bot.slack.cards.freeze import freeze_buttons, freeze_line
from bot.slack.cards.kit import Message, actions, context, fitted, header, section, texts
from bot.slack.cards.patrol import standing_line
from bot.slack.cards.release import STATUS_ICONS, blocking_words, state, unlike
from bot.sop.outlook import FreezeView, PatrolView, ReleaseView
from bot.sop.policy import Policy, PushMode, Role, Service
from bot.sop.records import Change, Release
from bot.words import RULES, Pen, role_name, status_name
from bot.words.rules import SECTIONS
from bot.words.text import joined


def release_line(release: Release, pen: Pen) -> str:
    standing = pen.bold(state(release))
    said = f"{STATUS_ICONS[release.status]} {pen.bold(release.name)} · {release.service} · {standing}"
    what = f"takes back {joined(release.rollback.names)}" if release.rollback else f"CR-{release.change}"
    return f"{said} · {what} · {pen.who(release.owner)} · {pen.time(release.created_at)}"


def releases_list(releases: Sequence[Release], pen: Pen) -> Message:
    if not releases:
        return sentence(f"No release yet. {pen.command('release start')} starts one.", pen)
    lines = [release_line(r, pen) for r in releases]
    return Message(f"{len(releases)} releases", fitted(texts([pen.bold("Last releases"), *lines])))


def status_list(views: Sequence[ReleaseView], pen: Pen) -> Message:
    """The open releases (or the last one), each with what it waits for."""
    if not views:
        return sentence(f"No release is running. {pen.command('release start')} starts one.", pen)
    lines = [f"{release_line(v.release, pen)}{waits_for(v, pen)}" for v in views]
    return Message(f"{len(views)} releases", fitted(texts(lines)))


def waits_for(view: ReleaseView, pen: Pen) -> str:
    """What keeps an open release from going on, in a few words on its own line."""
    if view.release.closed:
        return ""
    words = blocking_words(unlike(view.blocking), pen)
    return f"\n↳ {' '.join(words)}" if words else ""


def change_line(change: Change, pen: Pen) -> str:
    content = change.content
    said = f"{CHANGE_ICONS[change.status]} {pen.bold(change.name)} · {content.service} · {status_name(change.status)}"
    return f"{said} · {pen.text(content.title, 100)} · {pen.who(change.requester)}"


def changes_list(changes: Sequence[Change], pen: Pen) -> Message:
    if not changes:
        return sentence(f"No change request yet. {pen.command('change new')} files one.", pen)
    lines = [change_line(c, pen) for c in changes]
    return Message(f"{len(changes)} change requests", fitted(texts([pen.bold("Change requests"), *lines])))


def freezes_list(views: Sequence[FreezeView], pen: Pen) -> Message:
    if not views:
        return sentence("No freeze is in force or scheduled.", pen)
    body = [b for v in views for b in (section(freeze_line(v.freeze, pen)), *actions(freeze_buttons(v.freeze)))]
    return Message(f"{len(views)} freezes", fitted(body))


def sentence(text: str, pen: Pen) -> Message:
    """An answer of one sentence."""
    return Message(text, tuple(texts([text]))) if pen.slack else Message(text, ())


def sop_card(policy: Policy, pen: Pen, patrol: Sequence[PatrolView] = ()) -> Message:
    """Stage, status, rules, services and how they stand, who may do what."""
    body = [
        header(f"Release & Deploy SOP · {policy.stage} · {policy.status.value}"),
        context(f"policy {pen.commit(policy.digest)} · mandatory for every release"),
        *texts(rules_lines(pen)),
        *texts([pen.bold("Services"), *(_service_line(s, pen) for s in policy.services)]),
        *texts([pen.bold("Patrol"), *(standing_line(p, pen) for p in patrol)] if patrol else []),
        *texts([pen.bold("Who may do what"), *(_role_line(r, policy, pen) for r in Role if policy.roles.of(r))]),
    ]
    return Message(f"SOP: stage {policy.stage}, status {policy.status.value}", fitted(body))


def rules_lines(pen: Pen) -> list[str]:
    lines: list[str] = []
    for name, numbers in SECTIONS.items():
        lines += [("\n" if lines else "") + pen.bold(name), *(f"`{n}` {RULES[n]}" for n in numbers)]
    return lines


def _service_line(service: Service, pen: Pen) -> str:
    pushes = "Slipway pushes" if service.push is PushMode.BOT else "people push"
    url = service.production.url
    where = f"<#{service.channel}>" if pen.slack else service.channel
    return (
        f"{pen.code(service.name)} · {pen.code(service.repository)} branch {pen.code(service.branch)} · {where} · "
        f"{pen.link(url, 'production')} · {pushes}"
    )


ROLE_DOES = {
    Role.RELEASER: "request a change, start, preflight, acknowledge governance, push, record a root "
    "cause, re-run, redeploy, roll back",
    Role.APPROVER: "approve or reject, accept paths, differences or a large hotfix, abort, roll back, freeze, "
    "explain a violation, adopt a baseline; never one's own",
    Role.INCIDENT: "change a severity, confirm CRITICAL, start a hotfix, resolve, write the note, roll back",
}


def _role_line(role: Role, policy: Policy, pen: Pen) -> str:
    who = joined([pen.who(m) for m in policy.roles.of(role)])
    return f"{pen.bold(role_name(role.value))}: {who} · {ROLE_DOES[role]}"
