"""Modals. Pure: what is known so far in, a view out. A block's id is the name of the input, as refusals name it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.slack.cards.change import details_blocks as details_of_change
from bot.slack.cards.details import details_blocks
from bot.slack.cards.kit import OPTIONS, Block, context, fitted, option, plain, section, texts
from bot.slack.cards.lists import rules_lines
from bot.sop.outlook import ReleaseView
from bot.sop.policy import Policy
from bot.sop.records import Change, ChangeKind, Content, Freeze, FreezeStatus, Lock, Risk
from bot.sop.release import SENTENCE
from bot.words import Pen, status_name
from bot.words.text import count, cut

View = dict[str, Any]


def form(callback: str, title: str, submit: str, blocks: Sequence[Block], keep: Mapping[str, Any]) -> View:
    """`keep` comes back with the submission: ids and the state that the form was opened for."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps(keep, separators=(",", ":")),
        "blocks": list(blocks),
    }


def withdraw_form(change: Change, pen: Pen) -> View:
    """Asks a person who typed it whether they are sure: it cannot be undone."""
    said = f"{pen.bold(change.name)} {pen.text(change.content.title, 150)} can then not be released any more."
    return form("change:withdraw", f"Withdraw {change.name}?", "Withdraw it", [section(said)], {"id": change.id})


def end_freeze_form(freeze: Freeze, pen: Pen) -> View:
    said = f"{pen.bold(freeze.name)} {pen.text(freeze.reason, 150)} ends now, for all its services."
    return form("freeze:end", f"End {freeze.name}?", "End it", [section(said)], {"id": freeze.id})


def placed(view: View, place: Mapping[str, Any]) -> View:
    """A form that remembers where it was opened: what it leads to is told there."""
    keep = json.loads(view.get("private_metadata") or "{}")
    return {**view, "private_metadata": json.dumps({**keep, "place": place}, separators=(",", ":"))}


def note(title: str, text: str) -> View:
    """A modal that only says something."""
    blocks = list(fitted(texts([text]), limit=100))
    return {"type": "modal", "title": plain(title, 24), "close": plain("Close", 24), "blocks": blocks}


def details(view: ReleaseView, pen: Pen) -> View:
    blocks = list(details_blocks(view, pen))
    return {"type": "modal", "title": plain("Details", 24), "close": plain("Close", 24), "blocks": blocks}


def change_details(change: Change, pen: Pen) -> View:
    blocks = list(details_of_change(change, pen))
    return {"type": "modal", "title": plain(change.name, 24), "close": plain("Close", 24), "blocks": blocks}


def asked(name: str, label: str, element: Block, hint: str = "", optional: bool = False, live: bool = False) -> Block:
    """An input. `live`: the bot hears of it at once."""
    made: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 150),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return made | ({"hint": plain(hint, 150)} if hint else {}) | ({"dispatch_action": True} if live else {})


def line(initial: str = "", placeholder: str = "", longest: int = 250, lines: bool = False) -> Block:
    made: Block = {"type": "plain_text_input", "multiline": lines, "max_length": longest}
    made |= {"initial_value": cut(initial, longest)} if initial else {}
    return made | ({"placeholder": plain(placeholder, 150)} if placeholder else {})


def select(options: Sequence[Block], chosen: str | None = None) -> Block:
    """A menu; with more options than Slack shows at once they are asked for as the person types."""
    found = next((o for o in options if o["value"] == chosen), None)
    first = {"initial_option": found} if found else {}
    if len(options) > OPTIONS:
        return {"type": "external_select", "min_query_length": 0} | first
    return {"type": "static_select", "options": list(options)} | first


def several(options: Sequence[Block], chosen: Sequence[str] = ()) -> Block:
    found = [o for o in options if o["value"] in chosen]
    first = {"initial_options": found} if found else {}
    if len(options) > OPTIONS:
        return {"type": "multi_external_select", "min_query_length": 0} | first
    return {"type": "multi_static_select", "options": list(options)} | first


def service_options(policy: Policy) -> list[Block]:
    return [option(s.name, s.name, f"{s.repository}, branch {s.branch}") for s in policy.services]


def feature_options(policy: Policy) -> list[Block]:
    return [option(name, name, ", ".join(paths)) for name, paths in policy.features.items()]


def change_option(change: Change) -> Block:
    return option(f"{change.name} · {change.content.title}", str(change.id), status_name(change.status))


def change_form(policy: Policy, service: str | None, edited: Change | None = None) -> View:
    said = edited.content if edited else None
    kinds = [option(k.value.capitalize(), k.value) for k in ChangeKind]
    risks = [option(r.value.capitalize(), r.value) for r in Risk]
    blocks = [
        *_which_service(policy, service, edited),
        asked("title", "Title", line(said.title if said else "", "Faster checkout", 150)),
        asked("why", "What and why", line(said.why if said else "", longest=3000, lines=True)),
        asked("kind", "Kind", select(kinds, said.kind.value if said else None)),
        asked("risk", "Risk", select(risks, said.risk.value if said else None)),
        *_areas(policy, said),
        asked("undo", "How it will be undone", line(said.undo if said else "", longest=2000, lines=True)),
    ]
    keep = {"id": edited.id, "revision": edited.revision, "service": edited.content.service} if edited else {}
    if edited is None:
        return form("change:new", "New change request", "File it", blocks, keep)
    voided = len(edited.approvals)
    if voided:
        blocks.insert(0, context(f"Saving voids {count(voided, 'approval')}: what is approved is what was read."))
    return form("change:edit", f"Edit {edited.name}", "Save", blocks, keep)


def _which_service(policy: Policy, service: str | None, edited: Change | None) -> list[Block]:
    if edited:
        return [context(f"Service {edited.content.service}, revision {edited.revision}")]
    return [asked("service", "Service", select(service_options(policy), service or _only(policy)))]


def _only(policy: Policy) -> str | None:
    return policy.services[0].name if len(policy.services) == 1 else None


def _areas(policy: Policy, said: Content | None) -> list[Block]:
    features, given = feature_options(policy), said.areas if said else ()
    paths = "\n".join(a for a in given if a not in policy.features)
    typed = asked(
        "paths" if features else "areas",
        "Paths touched",
        line(paths, "docs/*", longest=2000, lines=True),
        "Patterns, one a line; areas or paths, one of them is wanted. Other changes wait for an approver.",
        optional=bool(features),
    )
    if not features:
        return [typed]
    return [asked("areas", "Areas touched", several(features, given), optional=True), typed]


def release_form(
    policy: Policy, service: str | None, change: Change | None, candidate: str, left: Lock | None, pen: Pen
) -> View:
    service = service or (change.content.service if change else None) or _only(policy)
    picker: Block = {"type": "external_select", "min_query_length": 0}
    picker |= {"initial_option": change_option(change)} if change else {}
    blocks = [
        asked("service", "Service", select(service_options(policy), service), live=True),
        asked("change", "Change request", picker, "Approved ones first. One that waits for approval makes it wait."),
        asked(
            "candidate",
            "Candidate: branch or commit",
            line(candidate, "faster-checkout", 255),
            "The branch that you pushed, or its last commit. It has to contain all that the designated branch has.",
        ),
    ]
    if left and left.left:
        one = len(left.left.commits) == 1
        words = f"{count(len(left.left.commits), 'commit')} of R-{left.about} ({pen.who(left.owner)})"
        words += f" {'stands' if one else 'stand'} on {pen.code(left.key)} unverified."
        box = {"type": "checkboxes", "options": [option("I take them over and answer for them", "yes")]}
        blocks.append(section(f"⚠️ {words} {'It goes' if one else 'They go'} out with this release."))
        blocks.append(asked("take_over", "Commits that were left ahead", box))
    return form("release:start", "Start a release", "Start", blocks, {"service": service})


def governance_form(view: ReleaseView, pen: Pen) -> View:
    r = view.release
    blocks = [
        section(f"{pen.bold(r.name)} · {pen.code(r.service)} · {pen.text(view.title, 150)}"),
        *_acknowledged(pen),
    ]
    return form("release:acknowledge", "Governance check", "Acknowledge", blocks, {"id": r.id})


def push_form(view: ReleaseView, sha: str, pen: Pen) -> View:
    """For a releaser who takes it over by pushing: the governance check was acknowledged by its owner."""
    r = view.release
    said = (
        f"{pen.who(r.owner)} answers for {pen.bold(r.name)}, {pen.text(view.title, 150)}. Pushing "
        f"{pen.commit(sha)} to {pen.code(view.branch)} you take it over by name, and the governance check with it."
    )
    blocks = [section(said), *_acknowledged(pen)]
    return form("release:push", f"Take over {r.name}", "Push", blocks, {"id": r.id, "sha": sha})


def _acknowledged(pen: Pen) -> list[Block]:
    """The rules, and the sentence that acknowledges them (P2)."""
    label, hint = "Acknowledge by name: type the sentence", f"Exactly: {SENTENCE}"
    return [*texts(rules_lines(pen)), asked("sentence", label, line(placeholder=SENTENCE, longest=200), hint)]


def reject_form(change: Change, pen: Pen) -> View:
    blocks = [
        section(f"{pen.bold(change.name)} {pen.text(change.content.title, 150)}"),
        asked("reason", "Reason", line(longest=2000, lines=True), "The requester reads it."),
    ]
    keep = {"id": change.id, "revision": change.revision}
    return form("change:reject", f"Reject {change.name}", "Reject", blocks, keep)


def abort_form(view: ReleaseView, pen: Pen) -> View:
    """After the push it must be said that the commits stay on the branch."""
    r = view.release
    blocks = [
        section(f"{pen.bold(r.name)} · {pen.code(r.service)} · {pen.text(view.title, 150)}"),
        asked("reason", "Reason", line(longest=2000, lines=True)),
    ]
    if r.last_push:
        box = {
            "type": "checkboxes",
            "options": [option("Leave the branch ahead", "yes", "The lock stays until someone takes it over by name")],
        }
        hint = "Or close this and press Roll back: that takes it off the branch."
        blocks.append(asked("leave", f"{r.last_push.sha[:7]} is on {view.branch}", box, hint))
    return form("release:abort", f"Abort {r.name}", "Abort", blocks, {"id": r.id})


def paths_form(view: ReleaseView, tree: str, paths: Sequence[str], seen: str, pen: Pen) -> View:
    """`seen` is a digest of the paths shown: what is accepted is what was read."""
    shown = [f"• {pen.code(p)}" for p in paths]
    blocks = [
        section(f"{pen.bold(view.release.name)}: {count(len(paths), 'path')} outside the declared areas"),
        *fitted(texts(shown), limit=40),
        asked("reason", "Why they belong to this change", line(longest=2000, lines=True)),
    ]
    keep = {"id": view.release.id, "tree": tree, "paths": seen}
    return form("release:accept_paths", "Accept paths", "Accept by name", blocks, keep)


def freeze_form(
    policy: Policy, freeze: Freeze | None = None, later: bool = False, services: tuple[str, ...] = ()
) -> View:
    """Start now, schedule (`later`), or change one that is scheduled or in force."""
    movable = later or (freeze is not None and freeze.status is FreezeStatus.SCHEDULED)
    blocks = [
        asked(
            "services",
            "Services",
            several(service_options(policy), freeze.services if freeze else services),
            "None chosen: all of them.",
            optional=True,
        ),
        asked("reason", "Reason", line(freeze.reason if freeze else "", "Black Friday", 500)),
    ]
    if movable:
        blocks.append(asked("starts_at", "Begins", moment(freeze.starts_at if freeze else None)))
    until = moment(freeze.until if freeze else None)
    blocks.append(asked("until", "Ends", until, "Empty: until someone ends it.", optional=True))
    if freeze:
        keep = {"id": freeze.id, "revision": freeze.revision}
        return form("freeze:change", f"Change {freeze.name}", "Save", blocks, keep)
    title, submit = ("Schedule a freeze", "Schedule") if later else ("Start a freeze", "Freeze")
    return form("freeze:start", title, submit, blocks, {"later": later})


def moment(at: datetime | None) -> Block:
    return {"type": "datetimepicker"} | ({"initial_date_time": int(at.timestamp())} if at else {})
