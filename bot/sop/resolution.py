"""How an incident ends (H4, H5): resolved by a person or by its hotfix, and closed when its note is logged."""

from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Refusal, Watch
from bot.sop.decision_entry import incident_entry
from bot.sop.effects import Effect, WriteLog
from bot.sop.incident import Ask, S, may, refuse, unknown_service
from bot.sop.model import Frozen
from bot.sop.policy import Policy
from bot.sop.records import Incident, Note, Release, Severity
from bot.sop.stages import Stage, Status
from bot.sop.timeline import REOPENED, IncidentFacts, decided, entered, running, told, woken

NOTED = (Severity.CRITICAL, Severity.HIGH)  # are closed only with a note


class NoteText(Frozen):
    """What the form of the note asks for (H5); follow-ups may be empty."""

    happened: str
    affected: str
    cause: str
    fix: str
    follow_ups: str = ""


def resolve(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """Without a hotfix. A CRITICAL or HIGH one is closed when its note is logged."""
    refusal = refuse(incident, Ask.RESOLVE) or may(incident, by, "resolve it", facts, policy)
    hotfix = running(facts)
    if refusal is None and hotfix is not None:
        values = {"incident": incident.name, "release": hotfix.name, "stage": hotfix.stage.value}
        refusal = Refusal(code=Code.RESOLVES_BY_HOTFIX, values=values)
    if refusal:
        return Decision(refusal=refusal)
    status = S.RESOLVED if incident.severity in NOTED or incident.worst in NOTED else S.CLOSED
    new = incident.model_copy(update={"status": status, "resolved_by": by, "resolved_at": facts.now})
    new = entered(new, by, "Resolved", facts.now)
    wanted = status is S.RESOLVED
    post = told(new, Code.INCIDENT_RESOLVED, f"resolved:{facts.now.isoformat()}", by=by, note_wanted=wanted)
    return decided(new, by, "incident_resolved", facts, policy, status=status.value) + Decision(effects=(post,))


def write_note(
    incident: Incident, by: str, revision: int, said: NoteText, facts: IncidentFacts, policy: Policy
) -> Decision:
    """H5: once it is resolved, or its hotfix verified in production. Written again, the entry replaces itself.

    `revision`: of the note that was read; what somebody else wrote meanwhile is never replaced unread.
    """
    refusal = refuse(incident, Ask.NOTE) or may(incident, by, "write the note", facts, policy)
    hotfix = facts.hotfix
    verified = hotfix is not None and not hotfix.closed and hotfix.stage is Stage.POST_ACTION_NOTE
    if refusal is None and incident.status is S.OPEN and not verified:
        values = {"incident": incident.name, "release": hotfix.name if running(facts) and hotfix else None}
        refusal = Refusal(code=Code.NOTE_TOO_EARLY, values=values)
    refusal = refusal or _meanwhile(incident, revision)
    for field in ("happened", "affected", "cause", "fix"):
        refusal = refusal or empty(getattr(said, field), field)
    service = policy.service(incident.service)
    if refusal or service is None:
        return Decision(refusal=refusal or unknown_service(incident.service, policy))
    note = Note(by=by, at=facts.now, revision=incident.noted + 1, **said.model_dump())
    new = entered(incident.model_copy(update={"note": note, "logged": None}), by, "Writes the note", facts.now)
    done = decided(new, by, "incident_note_written", facts, policy, revision=note.revision, **said.model_dump())
    if hotfix is not None and verified:  # it logs the note itself, and is COMPLETE only then
        return done + Decision(watch=(Watch(subject=hotfix.name, due=facts.now),))
    mended_by = hotfix if hotfix is not None and hotfix.status is Status.COMPLETE else None
    entry = WriteLog(
        subject=new.name,
        repository=service.repository,
        branch=service.decision_log.branch,
        path=service.decision_log.path,
        entry=new.name,
        markdown=incident_entry(new, note, mended_by, facts.directory, policy),
        once=once_of(note),
    )
    return done + Decision(effects=(entry,))


def once_of(note: Note) -> str:
    """Names one writing of the note."""
    return f"note:{note.at.isoformat()}"


def note_awaited(incident: Incident) -> str | None:
    """Key of the act that puts the note into the decision log, while the incident waits for it."""
    note, over = incident.note, incident.status is not S.OPEN and incident.logged is None
    if note is None or not over or (incident.resolved_at and note.at < incident.resolved_at):
        return None  # a note from before the incident was reopened is of another resolution
    return f"log:{incident.name}:{once_of(note)}"


def try_again(incident: Incident, by: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """The note is put into the decision log once more: the caller makes `facts.stuck` due again."""
    refusal = refuse(incident, Ask.TRY_AGAIN) or may(incident, by, "have it tried again", facts, policy)
    if refusal is None and facts.stuck is None:
        said = {"subject": incident.name, "intent": Ask.TRY_AGAIN.value, "status": incident.status.value}
        refusal = Refusal(code=Code.ONLY_HELD, values=said)
    if refusal or facts.stuck is None:
        return Decision(refusal=refusal)
    acts, once = [facts.stuck.kind], f"again:{facts.now.isoformat()}"
    post = told(incident, Code.TRIED_AGAIN, once, by=by, acts=acts)
    done = decided(incident, by, "tried_again", facts, policy, acts=acts, keys=[facts.stuck.key])
    return done + Decision(effects=(post,))


def _meanwhile(incident: Incident, revision: int) -> Refusal | None:
    note = incident.note
    if note is None or note.revision == revision:
        return None
    values = {"incident": incident.name, "by": note.by, "at": note.at.isoformat()}
    said = {"happened": note.happened, "cause": note.cause}
    return Refusal(code=Code.NOTE_MEANWHILE, values=values | said, field="happened")


def logged(incident: Incident, url: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """The entry stands in the decision log: a resolved incident is CLOSED."""
    if incident.note is None or incident.logged == url or refuse(incident, Ask.LOGGED):
        return Decision()
    new = incident.model_copy(update={"logged": url, "status": S.CLOSED})
    post = told(new, Code.INCIDENT_LOGGED, f"logged:{incident.note.at.isoformat()}", url=url)
    done = decided(new, None, "incident_note_logged", facts, policy, url=url)
    return done + Decision(effects=(post,))


def reopen(incident: Incident, by: str, reason: str, facts: IncidentFacts, policy: Policy) -> Decision:
    """What was confirmed, and what was written of its resolution, was of the time before."""
    refusal = refuse(incident, Ask.REOPEN) or may(incident, by, "reopen it", facts, policy)
    refusal = refusal or empty(reason, "reason")
    if refusal:
        return Decision(refusal=refusal)
    before = {"confirmed": None, "resolved_by": None, "resolved_at": None, "logged": None}
    new = incident.model_copy(update={"status": S.OPEN, **before})
    new = entered(new, by, f"{REOPENED} {reason.strip()}", facts.now)
    post = told(new, Code.INCIDENT_REOPENED, f"reopened:{facts.now.isoformat()}", by=by, reason=reason.strip())
    effects: tuple[Effect, ...] = (post,)
    if new.severity is Severity.CRITICAL:
        effects += woken(new, by, facts, policy)
    done = decided(new, by, "incident_reopened", facts, policy, reason=reason.strip())
    return done + Decision(effects=effects, watch=(Watch(subject=new.name, due=facts.now),))


PLACES = {
    Stage.PUSH: "waits for the push",
    Stage.PRODUCTION: "has passed CI; production is looked at",
    Stage.POST_ACTION_NOTE: "is verified in production",
}


def hotfix_moved(
    incident: Incident, before: Release, hotfix: Release, facts: IncidentFacts, policy: Policy
) -> Decision:
    """A line of the timeline about its hotfix, where that went on, came to a stand, or ended."""
    text = _went(before, hotfix)
    if text is None:
        return Decision()
    new = entered(incident, None, f"{hotfix.name} {text}", facts.now)
    return decided(new, None, "incident_hotfix_moved", facts, policy, release=hotfix.name, text=text)


def _went(before: Release, now: Release) -> str | None:
    """None: nothing of it moved, or its end is told by the incident's own end."""
    held = now.status is Status.HELD
    if now.closed:
        return (
            f"is {now.status.value.replace('_', ' ')}" if now.status not in (before.status, Status.COMPLETE) else None
        )
    if held and (before.stage, before.status) != (now.stage, now.status):
        return f"is HELD in {_called(now.stage)}"
    if not held and before.stage is not now.stage:
        return PLACES.get(now.stage, f"is in {_called(now.stage)}")
    return f"goes on in {_called(now.stage)}" if before.status is Status.HELD and not held else None


def _called(stage: Stage) -> str:
    return stage.value if stage is Stage.CI else stage.value.lower().replace("_", " ")


def hotfix_done(incident: Incident, hotfix: Release, url: str | None, facts: IncidentFacts, policy: Policy) -> Decision:
    """Its hotfix is COMPLETE: confirmed as resolved, its note logged at `url`."""
    if refuse(incident, Ask.HOTFIX_DONE) or hotfix.resolved is None:
        return Decision()
    word = hotfix.resolved
    new = incident.model_copy(
        update={"status": S.CLOSED, "resolved_by": word.by, "resolved_at": word.at, "logged": url}
    )
    new = entered(new, word.by, f"Resolved by {hotfix.name}", facts.now)
    post = told(new, Code.RESOLVED_BY_HOTFIX, f"done:{hotfix.name}", by=word.by, release=hotfix.name, url=new.logged)
    return decided(new, None, "incident_closed", facts, policy, release=hotfix.name) + Decision(effects=(post,))
