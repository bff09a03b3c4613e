"""The buttons of a release's card: those that make sense now, the next step first."""

from typing import Any

from bot.slack.cards.kit import Block, button, confirm, link_button
from bot.sop.codes import Code
from bot.sop.outlook import Button, ReleaseView
from bot.words import Pen

LAST = (Button.ROLL_BACK, Button.ABORT)  # shown after all others: they take something back


def row(view: ReleaseView) -> list[Block]:
    """All of them, with the links."""
    made = release_buttons(view)
    shown = [b for kind, b in made.items() if kind not in LAST] + _note(view)
    if view.run_url:
        shown.append(link_button("Open run", view.run_url, "link:run"))
    if view.release.pushed:
        shown.append(link_button("Open production", view.production_url, "link:production"))
    shown.append(button("Details", "release:details", at(view)))
    return shown + [made[kind] for kind in LAST if kind in made]


def at(view: ReleaseView) -> dict[str, Any]:
    """The state that a button is rendered for, so that a late click is recognised."""
    r = view.release
    sha = view.candidate.sha if view.candidate else None
    return {"id": r.id, "stage": r.stage.value, "status": r.status.value, "sha": sha}


def release_buttons(view: ReleaseView) -> dict[Button, Block]:
    """Those that the outlook offers."""
    state, sha = at(view), view.candidate.sha if view.candidate else ""
    push = confirm(
        "Push to production?",
        f"`{sha[:7]}` goes to `{Pen().inside_code(view.branch, 80)}` of {Pen().text(view.repository, 100)}. "
        f"CI starts by itself and deploys it. Whoever presses answers for {view.release.name} from then on, by name.",
        "Push",
    )
    rerun = confirm("Run CI again?", "The root cause is recorded and mended. This attempt is known as ours.", "Run it")
    resolved = confirm("Is it resolved?", "You say by name, as the lead, that the incident is resolved.", "It is")
    taken = confirm(
        "Answer for them by name?",
        f"Commits that came to the branch around every release go out with {view.release.name}. You answer for them.",
        "Take over",
    )
    made = {
        Button.ACKNOWLEDGE: button("Governance check", "release:acknowledge", state, "primary"),
        Button.PUSH: button("Push", "release:push", state, "primary", push),
        Button.TAKE_OVER: button("Take over commits", "release:take_over", state, "primary", taken),
        Button.CAUSE: button("Record root cause", "release:cause", state, "primary"),
        Button.RERUN: button("Re-run CI", "release:rerun", state, "primary", rerun),
        Button.TRY_AGAIN: button("Try again", "release:try_again", state, "primary"),
        Button.LOOK_AGAIN: button("Look again", "release:look_again", state),
        Button.REDEPLOY: button("Redeploy", "release:redeploy", state),
        Button.ACCEPT_DIFFERENCE: button("Accept differences", "release:accept_difference", state),
        Button.CONFIRM: button("Confirm resolved", "release:confirm", state, "primary", resolved),
        Button.ACCEPT_SIZE: button("Accept size", "release:accept_size", state),
        Button.ACCEPT_IRREVERSIBLE: button("Accept irreversible paths", "release:accept_irreversible", state),
        Button.ACCEPT_CRITICALS: button("Go on beside", "release:accept_criticals", state),
        Button.ACCEPT_PATHS: button("Accept paths", "release:accept_paths", state),
        Button.START_AGAIN: button("Start again", "release:start_again", state, "primary"),
        Button.ROLL_BACK: button("Roll back", "release:roll_back", state, "danger"),
        Button.ABORT: button("Abort", "release:abort", state, "danger"),
    }
    return {kind: b for kind, b in made.items() if kind in view.buttons}


def _note(view: ReleaseView) -> list[Block]:
    """H5: of a hotfix that is verified."""
    if view.release.closed or not any(f.code == Code.NOTE_WAITS for f in view.blocking):
        return []
    return [button("Write note", "incident:note", {"id": view.release.incident}, "primary")]
