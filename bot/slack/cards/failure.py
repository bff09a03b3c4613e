"""F2 on a release's card: the three questions with the bot's own answers."""

from bot.slack.cards.kit import Block, section, texts
from bot.sop.facts import Diagnosis
from bot.sop.outlook import ReleaseView
from bot.sop.stages import Stage, Status
from bot.words import Pen
from bot.words.text import joined

NO_MANUAL_FIX = "Manual fixes in production are prohibited."
LOG_LINES = 8


def three_questions(view: ReleaseView, pen: Pen) -> list[Block]:
    """While it is HELD in PRODUCTION; an answer that is not known is shown as unknown."""
    r = view.release
    if r.stage is not Stage.PRODUCTION or r.status is not Status.HELD:
        return []
    found = view.diagnosis
    lines = [
        pen.bold("Why production is not as it should be"),
        f"1. Right branch deployed?  {_deployed(view, found, pen)}",
        f"2. CI completed?  {_completed(view, pen)}",
        f"3. Environment configured?  {_configured(found, pen)}",
    ]
    made = texts(lines)
    if found and found.log:
        made.append(section(f"Last lines of the deploy:{pen.block(list(found.log), LOG_LINES)}"))
    return [*made, section(f"🚫 {pen.bold(NO_MANUAL_FIX)}")]


def _deployed(view: ReleaseView, found: Diagnosis | None, pen: Pen) -> str:
    if found is None:
        return "❔ not looked at yet"
    seen, wanted = found.deployment, view.release.pushed
    if seen is None:
        return "❔ GitHub knows of no deployment"
    right = wanted is not None and seen.sha == wanted.sha
    said = f"{pen.commit(seen.sha)} of {pen.code(seen.ref, 80)} to {pen.code(seen.environment, 60)}: "
    said += f"{pen.link(seen.url, pen.text(seen.state, 40))}, {pen.time(seen.created_at)}"
    if right and view.deployed_before:
        return f"⛔ {said}; that is of the attempt before: the redeploy has deployed nothing"
    if right:
        return f"{'✅' if seen.state == 'success' else '⛔'} {said}"
    wish = f"; wanted {pen.commit(wanted.sha)} of {pen.code(view.branch, 80)}" if wanted else ""
    return f"⛔ {said}{wish}"


def _completed(view: ReleaseView, pen: Pen) -> str:
    passed, again = view.release.has_passed(Stage.CI), view.release.reruns
    which = f"attempt {again[-1].attempt} of " if again else ""
    run = pen.link(view.run_url, "the run")
    return f"{'✅' if passed else '⛔'} {which}{run} {'succeeded' if passed else 'did not'}"


def _configured(found: Diagnosis | None, pen: Pen) -> str:
    if found is None:
        return "❔ not looked at yet"
    if found.missing:
        missing = joined([pen.code(m, 80) for m in found.missing])
        place = pen.code(found.environment or "production", 60)
        return f"⛔ the GitHub environment {place} lacks {missing}: set it there, then redeploy"
    if found.environment is None:
        return "❔ `sop.yaml` names no GitHub environment"
    return f"✅ {pen.code(found.environment, 60)} has every required variable and secret"
