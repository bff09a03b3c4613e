"""Forms of failures: root cause, redeploy, accepted differences, second persons' words. Pure."""

from collections.abc import Sequence
from typing import Any

from bot.slack.cards.forms import View, asked, form, line
from bot.slack.cards.kit import Block, context, fitted, option, section, texts
from bot.sop.outlook import ReleaseView
from bot.sop.records import Mend
from bot.words import Pen

LOG_SHOWN = 20
BOXES = 10  # options of one group of checkboxes
QUOTE = 500
MENDS = {
    Mend.COMMIT: ("A new commit", "It references the change request; a new preflight is wanted"),
    Mend.CONFIGURATION: ("Configuration", "Then CI is run again, as it is"),
    Mend.INFRASTRUCTURE: ("Infrastructure", "Then CI is run again, with the evidence"),
}


def head(view: ReleaseView, pen: Pen) -> Block:
    r = view.release
    return section(f"{pen.bold(r.name)} · {pen.code(r.service)} · {pen.text(view.title, 150)}")


def cause_form(view: ReleaseView, pen: Pen) -> View:
    """F1: the log is before the eyes of whoever names the cause."""
    mends = [option(label, mend.value, says) for mend, (label, says) in MENDS.items()]
    blocks = [
        head(view, pen),
        *_log(view, pen),
        asked(
            "quote", "A line of that log", line(longest=QUOTE), "As it stands there, or a part of it; it is looked up."
        ),
        asked("cause", "Root cause", line(longest=2000, lines=True)),
        asked("mend", "Mended by", {"type": "radio_buttons", "options": mends}),
        asked(
            "evidence",
            "What was changed where",
            line(longest=2000, lines=True),
            "For a commit: what the commit will do.",
        ),
    ]
    return form("release:cause", "Root cause", "Record it", blocks, {"id": view.release.id})


def _log(view: ReleaseView, pen: Pen) -> list[Block]:
    """The last lines of the failed job's log; where it is not read yet, those of the failure."""
    if view.log:
        shown, job = list(view.log.lines), view.log.job
    else:
        values = next((f.values for f in view.blocking if f.values.get("log")), {})
        shown, job = [str(n) for n in values.get("log", ())], str(values.get("job") or "the job")
    if not shown:
        return [context("The log of the failed job has not been read yet.")]
    where = f" · {pen.link(view.run_url, 'the whole log')}" if view.run_url else ""
    return [section(f"Last lines of {pen.code(job, 80)}{where}:{pen.block(shown, LOG_SHOWN)}")]


def redeploy_form(view: ReleaseView, pen: Pen) -> View:
    blocks = [
        head(view, pen),
        context("The successful run is run again, and known as ours. No manual fix in production."),
        asked("reason", "Why a redeploy helps", line(longest=2000, lines=True)),
    ]
    return form("release:redeploy", "Redeploy", "Redeploy", blocks, {"id": view.release.id})


def difference_form(view: ReleaseView, differences: Sequence[dict[str, Any]], seen: str, pen: Pen) -> View:
    """By field. `seen` is a digest of what is shown: what is accepted is what was read."""
    boxes = [_box(n, d) for n, d in enumerate(differences)]
    groups = [boxes[n : n + BOXES] for n in range(0, len(boxes), BOXES)]
    blocks = [
        head(view, pen),
        context("Kept as your word, by name. Whoever asked for it, releases it or wrote it cannot accept."),
        *(
            asked(
                f"differences_{n}" if n else "differences",
                "Production may differ here",
                {"type": "checkboxes", "options": group},
                optional=len(groups) > 1,
            )
            for n, group in enumerate(groups)
        ),
        asked("reason", "Why", line(longest=2000, lines=True)),
    ]
    keep = {"id": view.release.id, "differences": seen}
    return form("release:accept_difference", "Accept differences", "Accept by name", blocks, keep)


def _box(n: int, difference: dict[str, Any]) -> Block:
    basis = "verified" if "verified" in difference else "local"
    was, now = (_shown(difference.get(k)) for k in (basis, "production"))
    named = [difference.get("service"), difference.get("probe"), difference.get("field") or "the whole answer"]
    said = "verified" if basis == "verified" else "attested"
    return option(" ".join(str(n) for n in named if n), str(n), f"{said} {was}, in production {now}")


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)[:24]


def word_form(callback: str, title: str, view: ReleaseView, says: str, pen: Pen) -> View:
    """A second person's word on a hotfix, with its reason."""
    tree = view.candidate.tree if view.candidate else None
    blocks = [head(view, pen), *fitted(texts([says]), limit=40), asked("reason", "Why", line(longest=2000, lines=True))]
    return form(callback, title, "Accept by name", blocks, {"id": view.release.id, "tree": tree})
