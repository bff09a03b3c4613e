"""The card of a release: one message, edited in place, that shows the whole SOP with what was seen and is wanted."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.slack.cards.buttons import row
from bot.slack.cards.failure import three_questions
from bot.slack.cards.kit import Block, Message, actions, context, fitted, header, section, texts
from bot.sop.codes import Code
from bot.sop.decision import Answer, Evidence, Finding
from bot.sop.outlook import Button, Mark, ReleaseView, StageView
from bot.sop.records import Acceptance, Release
from bot.sop.stages import Procedure, Stage, Status
from bot.words import Pen, awaited, brief, procedure_name, say_finding, stage_name, status_name
from bot.words.text import count, duration, joined, listed

ICONS = {Mark.PASSED: "✅", Mark.CURRENT: "⏳", Mark.HELD: "⏸️", Mark.FAILED: "⛔", Mark.AHEAD: "◻️"}
STATUS_ICONS = {
    Status.RUNNING: "▶️",
    Status.HELD: "⏸️",
    Status.STOPPED: "⛔",
    Status.ABORTED: "⏹️",
    Status.COMPLETE: "✅",
    Status.ROLLED_BACK: "⏪",
}
ENDED = (Status.COMPLETE, Status.ROLLED_BACK)
BLOCKING_SHOWN = 12
CELLS = 10
CHANGES_SHOWN = 5  # that a rollback takes back
BY_RIGHT = (Code.FREEZE_PASSED, Code.CRITICALS_ACCEPTED)  # what a hotfix passes and others do not is never just counted


def release_card(view: ReleaseView, pen: Pen) -> Message:
    """Within 50 blocks whatever the release holds; buttons only as they make sense now."""
    body = [header(title(view)), section(_summary(view, pen)), *texts(_stage_line(s, view, pen) for s in view.stages)]
    body += [*_blocking(view, pen), *three_questions(view, pen)]
    tail = [context(_trail(view, pen)), *actions(row(view))]
    return Message(fallback(view, pen), fitted(body, tail))


def title(view: ReleaseView) -> str:
    r = view.release
    return f"{r.name} · {r.service} · {procedure_name(r.procedure)}"


def state(release: Release) -> str:
    """`RUNNING · CI`; `STOPPED · rule P5`, however far it had come; a complete release has no stage to name."""
    status = status_name(release.status)
    if release.status is Status.STOPPED and release.hold:
        return f"{status} · rule {release.hold.finding.rule}"
    return status if release.status in ENDED else f"{status} · {stage_name(release.stage)}"


def fallback(view: ReleaseView, pen: Pen) -> str:
    r = view.release
    return f"{r.name} · {r.service} · {state(r)} · {pen.text(view.title, 120)}"


def _summary(view: ReleaseView, pen: Pen) -> str:
    r = view.release
    first = f"{STATUS_ICONS[r.status]} {pen.bold(state(r))}"
    if view.rolled_back_by:
        first += f" · being rolled back by {pen.bold(view.rolled_back_by.name)}"
    if r.procedure is Procedure.ROLLBACK:
        return "\n".join([first, *_changes_back(view, pen), _returns(view, pen)])
    what = f"{pen.bold(view.change.name)} {pen.text(view.title, 150)}"
    said = f"{first}\n{what}\n{_commits(view, pen)} · released by {pen.who(r.owner)}{_beside(view, pen)}"
    return f"{said}\n{_for_incident(view, pen)}" if r.procedure is Procedure.HOTFIX else said


def _changes_back(view: ReleaseView, pen: Pen) -> list[str]:
    """The change requests that a rollback takes back; none where it takes back only what came around the SOP."""
    named = [f"{pen.bold(c.name)} {pen.text(c.content.title, 100)}" for c in view.taken_back]
    return listed([f"takes back {name}" for name in named], CHANGES_SHOWN)


def _returns(view: ReleaseView, pen: Pen) -> str:
    """What a rollback returns to, what it takes back, and why; and what does not stop it."""
    r, back = view.release, view.release.rollback
    if back is None:
        return f"rolled back by {pen.who(r.owner)}"
    source = f"R-{back.target_release}" if back.target_release else "the adopted baseline"
    lines = [
        f"back to {pen.commit(back.target)} ({source}) · takes back {joined(back.names)}, "
        f"{count(len(back.commits), 'commit')} · rolled back by {pen.who(r.owner)}{_beside(view, pen)}",
        f"{pen.bold('Why')}  {pen.text(back.reason)}",
    ]
    if not back.was_live:
        lines.append("Nothing of it had come up in production: nothing new was ever live.")
    return "\n".join([*lines, "A rollback is stopped by no freeze (exception to X4), no approval, no other release."])


def _for_incident(view: ReleaseView, pen: Pen) -> str:
    """Which incident, and how long it lasts: counted from its declaration, by Slack itself while it goes on."""
    incident, r = view.incident, view.release
    if incident is None:
        return f"hotfix for {pen.bold(f'INC-{r.incident}')}"
    said = f"🚨 {pen.bold(incident.name)} {incident.severity.value} {pen.text(incident.title, 100)}"
    if r.ended_at is None:
        return f"{said} · declared {pen.time(incident.created_at, '{ago}')}"
    lasted = duration((r.ended_at - incident.created_at).total_seconds())
    return f"{said} · {status_name(r.status)} {lasted} after it was declared"


def _beside(view: ReleaseView, pen: Pen) -> str:
    """What goes out too: it shares the branch."""
    return f" · goes out with {joined([pen.code(name) for name in view.beside])}" if view.beside else ""


def _commits(view: ReleaseView, pen: Pen) -> str:
    seen = view.candidate
    if seen is None:
        return f"candidate {pen.code(view.release.candidate, 80)}"
    authors = list(dict.fromkeys(pen.text(c.author_name or c.author, 40) for c in seen.commits))
    by = f" by {joined(authors, limit=4)}" if authors else ""
    span = f"compare {seen.base[:7]}…{seen.sha[:7]}"
    more = " or more" if seen.truncated else ""
    return f"{count(len(seen.commits), 'commit')}{more}{by} · {pen.link(seen.compare_url, span)}"


def _stage_line(stage: StageView, view: ReleaseView, pen: Pen) -> str:
    gone = view.release.status in (Status.ABORTED, Status.ROLLED_BACK) and stage.mark in (Mark.FAILED, Mark.CURRENT)
    icon = STATUS_ICONS[view.release.status] if gone else ICONS[stage.mark]
    said = "" if stage.mark is Mark.AHEAD else _stage_words(stage, pen)
    when = f" · {_when(stage.at, view, pen)}" if stage.at and stage.mark is Mark.PASSED else ""
    line = f"{icon} {pen.bold(stage_name(stage.stage))}" + (f"   {said}" if said else "") + when + _attested(stage, pen)
    return "\n".join([line, *_service_lines(stage, pen)])


def _service_lines(stage: StageView, pen: Pen) -> list[str]:
    """A line for each service where several go out together."""
    if stage.mark is Mark.AHEAD:
        return []
    names = dict.fromkeys(f.service for f in stage.findings if f.service)
    of = {name: stage.model_copy(update={"findings": _findings_of(stage, name)}) for name in names}
    return [f"      {pen.code(name)}   {_said_in_stage(one, pen)}" for name, one in of.items()]


def _findings_of(stage: StageView, service: str | None) -> tuple[Finding, ...]:
    return tuple(f for f in stage.findings if f.service == service)


def _when(at: datetime | None, view: ReleaseView, pen: Pen) -> str:
    """The time of day while the day is plain; with the day later on."""
    near = at is not None and abs(view.now - at) < timedelta(hours=12)
    return pen.clock(at) if near else pen.time(at)


def _attested(stage: StageView, pen: Pen) -> str:
    """Whose signed word a passed stage rests on, where the bot did not see for itself."""
    if stage.stage not in (Stage.LOCAL_STATE, Stage.MINIMAL_FIX) or stage.mark is not Mark.PASSED:
        return ""
    signers = [f.values.get("by") for f in stage.findings if f.evidence is Evidence.SIGNED]
    return f" · attested by {pen.who(signers[0])}" if signers and signers[0] else ""


def _stage_words(stage: StageView, pen: Pen) -> str:
    return _said_in_stage(stage.model_copy(update={"findings": _findings_of(stage, None)}), pen)


def _said_in_stage(stage: StageView, pen: Pen) -> str:
    passed = [f for f in stage.findings if f.answer is Answer.PASS]
    blocking = unlike(f for f in stage.findings if f.answer is not Answer.PASS)
    failed = any(f.answer is Answer.FAIL or f.late for f in blocking)
    if stage.stage is Stage.PRECONDITIONS:
        said = [f"{len(passed)} of {len(stage.findings)}"] if len(stage.findings) > 1 else []
        said += [brief(f.code, f.values, pen) for f in passed if f.code in BY_RIGHT]
    else:
        said = [b for f in unlike(passed) if not failed and (b := brief(f.code, f.values, pen))]
    return " · ".join([*said, *blocking_words(blocking, pen)])


def blocking_words(blocking: list[Finding], pen: Pen) -> list[str]:
    """What keeps it from going on, in a few words: failures first, else what it waits for."""
    failed = [f for f in blocking if f.answer is Answer.FAIL or f.late]
    if failed:
        return [brief(failed[0].code, failed[0].values, pen)] + (
            [f"and {len(failed) - 1} more"] if len(failed) > 1 else []
        )
    running = [f for f in blocking if f.code == Code.CI_RUNNING]
    if running:
        return [f"{progress_bar(running[0])} {brief(running[0].code, running[0].values, pen)}"]
    waits = list(dict.fromkeys(awaited(f.code, f.values, pen) for f in blocking))
    return [f"waits for {joined(waits, limit=4)}"] if waits else []


def progress_bar(finding: Finding) -> str:
    """`▓▓▓▓▓▓░░░░` of jobs done; of the usual time while no job is known."""
    done, of = finding.values.get("done") or 0, finding.values.get("of") or 0
    full = min(CELLS, CELLS * int(done) // int(of)) if of else 0
    return "▓" * full + "░" * (CELLS - full)


def unlike(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that say the same are said once."""
    return list({like(f): f for f in findings}.values())


def like(finding: Finding) -> str:
    return f"{finding.service} {finding.code} {finding.values}"


def _blocking(view: ReleaseView, pen: Pen) -> list[Block]:
    """What keeps it from going on: failures in full, and for whom it waits."""
    if view.release.closed and view.release.status is not Status.STOPPED:
        return _ended(view, pen)
    found = unlike(view.blocking)
    bad = [f for f in found if f.answer is Answer.FAIL or f.late]
    asked = [f for f in found if f not in bad and (f.whom or f.code in (Code.LOOK_FAILED, Code.LIMITED))]
    made: list[Block] = []
    for f in bad[:BLOCKING_SHOWN]:
        made += texts(mended(f, view, pen) or failure(f, pen))
    if len(bad) > BLOCKING_SHOWN:
        made.append(context(f"and {len(bad) - BLOCKING_SHOWN} more; see Details"))
    if asked and view.release.status is not Status.STOPPED:
        made += texts([pen.bold("Waiting for"), *(f"• {waiting(f, pen)}" for f in asked)])
    return made


def failure(finding: Finding, pen: Pen) -> list[str]:
    """Seen, wanted, mend: each on its own line, with whose word it is where it is somebody's."""
    said = say_finding(finding, pen)
    icon = "⛔" if finding.answer is Answer.FAIL else "⏸️"
    lines = [f"{icon} {pen.bold('Rule ' + finding.rule)}  {said.seen}{word_of(finding, pen)}"]
    if said.wanted:
        lines.append(f"{pen.bold('Wanted')}  {said.wanted}")
    return [*lines, f"{pen.bold('Mend')}  {said.mend}"] if said.mend else lines


def mended(finding: Finding, view: ReleaseView, pen: Pen) -> list[str]:
    """F1: of a CI failure whose cause is recorded, what is to be done next; nothing where it is not."""
    if finding.code != Code.CI_FAILED or Button.RERUN not in view.buttons or not view.release.causes:
        return []
    cause = view.release.causes[-1]
    said = f"{pen.who(cause.by)} recorded it: {pen.text(cause.cause, 300).rstrip('.')}."
    how = f"By {cause.mend.value}: {pen.text(cause.evidence, 300).rstrip('.')}. Press {pen.button('Re-run CI')}."
    seen = failure(finding, pen)[0]
    return [seen, f"{pen.bold('Root cause')}  {said}", f"{pen.bold('Mended')}  {how}"]


def waiting(finding: Finding, pen: Pen) -> str:
    said = say_finding(finding, pen)
    between = "\n" if "\n" in said.seen else " "  # what is to be done is no part of the last row
    return f"{said.seen}{between}{said.mend}".strip()


def word_of(finding: Finding, pen: Pen) -> str:
    """Whose word a finding is; empty where the bot saw for itself."""
    who = finding.values.get("by")
    if finding.evidence is Evidence.MACHINE or not who:
        return ""
    by = joined([pen.who(w) for w in (who if isinstance(who, list | tuple) else [who])])
    return f" {pen.italic('attested by ' + by if finding.evidence is Evidence.SIGNED else 'the word of ' + by)}"


def _ended(view: ReleaseView, pen: Pen) -> list[Block]:
    r = view.release
    if r.status is Status.ROLLED_BACK:
        by = f"R-{r.superseded_by}" if r.superseded_by else "A rollback"
        out = "out of production" if r.stage is Stage.COMPLETE else f"off {pen.code(view.branch)}"
        return [section(f"⏪ {by} has taken this {out}.")]
    if r.status is Status.COMPLETE and view.rolled_back_by:
        back = view.rolled_back_by
        return [section(f"⏪ {back.name} takes this out of production, started by {pen.who(back.started_by)}.")]
    if r.status is not Status.ABORTED:
        return []
    if r.superseded_by:
        return [section(f"⏪ R-{r.superseded_by} takes this back, started by {pen.who(r.ended_by)}.")]
    why = f": {pen.text(r.ended_why).rstrip('.')}" if r.ended_why else ""
    left = (
        f"\n{pen.code(view.branch)} keeps {pen.commit(r.last_push.sha)}; the lock stays until someone takes it over."
        if r.last_push
        else ""
    )
    return [section(f"Aborted by {pen.who(r.ended_by)}{why}.{left}")]


def _earlier(word: Acceptance, view: ReleaseView) -> str:
    """It was given for one tree, and counts for no other (law 3)."""
    pushed = view.release.last_push
    at_hand = {pushed.tree if pushed else None, view.candidate.tree if view.candidate else word.tree}
    return "" if word.tree in at_hand else " of an earlier tree"


def _trail(view: ReleaseView, pen: Pen) -> str:
    """Who did what when."""
    r = view.release
    steps = [f"started by {pen.who(r.started_by)} {_when(r.created_at, view, pen)}"]
    if r.taken_over and r.procedure is not Procedure.ROLLBACK:
        steps.append(f"took over {count(len(r.taken_over.commits), 'commit')} of R-{r.taken_over.release}")
    strays = [(f"{count(len(s.commits), 'commit')} taken over by {pen.who(s.by)}", s.at) for s in r.strays]
    words = [(f"governance check by {pen.who(r.governance.by)}", r.governance.at)] if r.governance else []
    words += strays
    given = [(count(len(a.paths), "path"), a) for a in r.accepted[-3:]]
    given += [("size", r.size_accepted)] if r.size_accepted else []
    given += [("irreversible paths", r.irreversible_accepted)] if r.irreversible_accepted else []
    words += [(f"{what}{_earlier(a, view)} accepted by {pen.who(a.by)}", a.at) for what, a in given]
    words += [(f"push by {pen.who(r.push_asked.by)}", r.push_asked.at)] if r.push_asked else []
    words += [(f"root cause by {pen.who(c.by)}", c.at) for c in r.causes[-2:]]
    words += [(f"{'redeploy' if a.redeploy else 're-run'} by {pen.who(a.by)}", a.at) for a in r.reruns[-2:]]
    taken = Counter((d.by, d.at) for d in r.differences)
    words += [(f"{count(n, 'difference')} accepted by {pen.who(by)}", at) for (by, at), n in taken.items()]
    words += [(f"resolved, says {pen.who(r.resolved.by)}", r.resolved.at)] if r.resolved else []
    steps += [f"{said} {_when(when, view, pen)}" for said, when in sorted(words, key=lambda word: word[1])]
    if r.ended_at:
        took = duration((r.ended_at - r.created_at).total_seconds())
        steps.append(f"{status_name(r.status)} {_when(r.ended_at, view, pen)} after {took}")
    return " · ".join(steps) + f" · SOP {pen.text(r.sop_stage, 40)}, policy {pen.commit(r.policy)}"
