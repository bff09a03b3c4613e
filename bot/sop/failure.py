"""F1 and F2: what people may do once a pushed release is HELD. Nothing is retried blindly."""

from typing import Any

from bot.sop.acts import push_act
from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Decision, Refusal
from bot.sop.effects import RerunRun
from bot.sop.facts import Facts, JobLog, PastCause, Run
from bot.sop.gates.ci import CI_WENT_WRONG, DONE, asked_attempt, counting
from bot.sop.gates.production import DIFFER
from bot.sop.gates.push import refused, service_of
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role, Service
from bot.sop.progress import advance
from bot.sop.quote import quoted
from bot.sop.records import DifferenceAccepted, Mend, Release, Rerun, RootCause, Word
from bot.sop.release import PUSHERS, refuse
from bot.sop.roles import lacks, writers
from bot.sop.stages import Intent, Procedure, Stage, Status
from bot.sop.trail import event, thread

PUSH = "push_branch"  # kind of the effect
AGAIN_AT = {Procedure.STANDARD: Stage.LOCAL_STATE, Procedure.HOTFIX: Stage.MINIMAL_FIX}


class Cause(Frozen):
    """What the form asks for."""

    quote: str
    cause: str
    mend: Mend
    evidence: str


def record_cause(release: Release, by: str, said: Cause, facts: Facts, policy: Policy) -> Decision:
    """F1: logs are inspected (a line of the failed job's log, found there by the bot) and the root cause is named."""
    failed = failed_run(release, facts, policy)
    log = log_of(release, facts, policy)
    refusal = refuse(release, Intent.CAUSE) or lacks(policy, facts.directory, by, "record a root cause", Role.RELEASER)
    refusal = refusal or _held_for(release, CI_WENT_WRONG, Intent.CAUSE)
    if refusal is None and said.mend is Mend.COMMIT and release.procedure not in AGAIN_AT:
        refusal = Refusal(code=Code.NO_COMMIT_HERE, values={"release": release.name}, field="mend")
    refusal = refusal or quoted(said.quote, log, facts.log.error)
    refusal = refusal or empty(said.cause, "cause") or empty(said.evidence, "evidence")
    if refusal or failed is None or log is None:
        return Decision(refusal=refusal or Refusal(code=Code.LOG_UNREAD, values={}, field="quote"))
    cause = RootCause(
        by=by,
        at=facts.now,
        run=failed.id,
        attempt=log.attempt,
        job=log.job,
        quote=said.quote.strip(),
        cause=said.cause.strip(),
        mend=said.mend,
        evidence=said.evidence.strip(),
    )
    new = release.model_copy(update={"causes": (*release.causes, cause)})
    values: dict[str, Any] = {"by": by, "job": cause.job, "cause": cause.cause, "mend": cause.mend.value}
    values |= {"quote": cause.quote, "evidence": cause.evidence}
    told = thread(new, Code.CAUSE_RECORDED, f"cause:{facts.now.isoformat()}", **values)
    done = Decision(events=(event(new, by, "root_cause_recorded", **values, run=cause.run),), effects=(told,))
    done += _told_before(release, cause, facts)
    if cause.mend is Mend.COMMIT:
        new = _begin_again(new)
    return done + advance(new, facts, policy, changed=True)


def _told_before(release: Release, cause: RootCause, facts: Facts) -> Decision:
    """The same cause twice for the same job says so, with the earlier one."""
    mine = tuple(PastCause(release=release.name, cause=c) for c in release.causes)
    before = same_cause(cause, (*reversed(mine), *facts.earlier_causes))
    if before is None:
        return Decision()
    said: dict[str, Any] = {"job": cause.job, "earlier": before.release}
    said |= {"cause": before.cause.cause, "at": before.cause.at.isoformat()}
    return Decision(effects=(thread(release, Code.CAUSE_AGAIN, f"again:{facts.now.isoformat()}", **said),))


def _begin_again(release: Release) -> Release:
    """A fix by commit starts again at the local state, with a new preflight; what was pushed stays known as ours."""
    stage = AGAIN_AT[release.procedure]
    kept = tuple(p for p in release.passed if p.stage in (Stage.PRECONDITIONS, Stage.INCIDENT))
    return release.model_copy(
        update={
            "stage": stage,
            "status": Status.RUNNING,
            "hold": None,
            "passed": kept,
            "pushed": None,
            "earlier": (*release.earlier, release.pushed) if release.pushed else release.earlier,
            "push_asked": None,
            "attestation": None,
        }
    )


def same_cause(cause: RootCause, earlier: tuple[PastCause, ...]) -> PastCause | None:
    """The same cause for the same job before, whatever its case, spaces and full stop."""

    def told(text: str) -> str:
        return " ".join(text.casefold().split()).rstrip(" .!")

    return next((p for p in earlier if p.cause.job == cause.job and told(p.cause.cause) == told(cause.cause)), None)


def rerun(release: Release, by: str, facts: Facts, policy: Policy) -> Decision:
    """F1: the pipeline is re-run intentionally, for a recorded cause that was mended without a commit."""
    failed = failed_run(release, facts, policy)
    refusal = refuse(release, Intent.RERUN) or lacks(policy, facts.directory, by, "re-run CI", Role.RELEASER)
    refusal = refusal or _held_for(release, CI_WENT_WRONG, Intent.RERUN)
    cause = mended(release, failed) if failed else None
    if refusal is None and (failed is None or cause is None):
        refusal = Refusal(code=Code.NO_CAUSE, values={"release": release.name})
    if refusal or failed is None or cause is None:
        return Decision(refusal=refusal)
    return _run_again(release, by, failed, cause.cause, False, facts, policy)


def mended(release: Release, failed: Run) -> RootCause | None:
    """The recorded cause of exactly this failure, mended by configuration or infrastructure."""
    this = (failed.id, attempt_to_read(release, failed))
    causes = (c for c in reversed(release.causes) if c.mend is not Mend.COMMIT)
    return next((c for c in causes if (c.run, c.attempt) == this), None)


def redeploy(release: Release, by: str, reason: str, facts: Facts, policy: Policy) -> Decision:
    """F2: the successful run again, intentionally and with a reason; never a manual fix."""
    refusal = refuse(release, Intent.REDEPLOY) or lacks(policy, facts.directory, by, "redeploy", Role.RELEASER)
    refusal = refusal or _held(release, Intent.REDEPLOY) or empty(reason, "reason")
    run = deploying_run(release, facts, policy)
    if refusal is None and run is None:
        refusal = Refusal(code=Code.NO_RUN, values={"release": release.name})
    if refusal or run is None:
        return Decision(refusal=refusal)
    return _run_again(release, by, run, reason.strip(), True, facts, policy)


def _run_again(
    release: Release, by: str, run: Run, reason: str, redeploys: bool, facts: Facts, policy: Policy
) -> Decision:
    again = Rerun(run=run.id, attempt=run.attempt + 1, by=by, at=facts.now, reason=reason, redeploy=redeploys)
    new = release.model_copy(
        update={
            "stage": Stage.CI,
            "status": Status.RUNNING,
            "hold": None,
            "owner": by,
            "passed": tuple(p for p in release.passed if p.stage not in (Stage.CI, Stage.PRODUCTION)),
            "reruns": (*release.reruns, again),
            "fresh_after": facts.now,
        }
    )
    act = RerunRun(
        release=release.id, repository=service_of(release, policy).repository, run=run.id, attempt=again.attempt
    )
    values: dict[str, Any] = {
        "by": by,
        "reason": reason,
        "url": run.url,
        "attempt": again.attempt,
        "redeploy": redeploys,
    }
    told = thread(new, Code.RUN_AGAIN, f"rerun:{run.id}:{again.attempt}", **values)
    entry = event(new, by, "redeploy_asked" if redeploys else "rerun_asked", run=run.id, **values)
    return Decision(events=(entry,), effects=(told, act)) + advance(new, facts, policy, changed=True)


def rerun_lost(release: Release, asked: RerunRun) -> Decision:
    """Somebody ran it again at GitHub before the bot did: that attempt is not the one that was asked for."""
    mine = tuple(
        r.model_copy(update={"lost": True}) if (r.run, r.attempt) == (asked.run, asked.attempt) else r
        for r in release.reruns
    )
    new = release.model_copy(update={"reruns": mine})
    told = thread(new, Code.RERUN_LOST, f"lost:{asked.run}:{asked.attempt}", attempt=asked.attempt)
    return Decision(records=(new,), effects=(told,))


def look_again(release: Release, by: str, facts: Facts, policy: Policy) -> Decision:
    """What was seen counts no more: everything is looked at anew. Everyone may ask for it."""
    refusal = refuse(release, Intent.LOOK_AGAIN) or _held(release, Intent.LOOK_AGAIN)
    if refusal is None and release.hold and release.hold.finding.code == Code.CI_FAILED:
        refusal = Refusal(code=Code.NO_CAUSE, values={"release": release.name})
    if refusal:
        return Decision(refusal=refusal)
    new = release.model_copy(update={"status": Status.RUNNING, "hold": None, "fresh_after": facts.now})
    entry = event(new, by, "looked_again")
    told = thread(new, Code.LOOKED_AGAIN, f"look:{facts.now.isoformat()}", by=by)
    return Decision(events=(entry,), effects=(told,)) + advance(new, facts, policy, changed=True)


def try_again(release: Release, by: str, facts: Facts, policy: Policy) -> Decision:
    """What GitHub refused, or what was given up, is done once more: the caller makes `facts.stuck` due again."""
    refusal = refuse(release, Intent.TRY_AGAIN)
    if refusal is None and by != release.owner:
        refusal = lacks(policy, facts.directory, by, "have it tried again", *PUSHERS[release.procedure])
    push = refused(release, facts) if release.procedure is Procedure.ROLLBACK else None
    if refusal is None and not facts.stuck and push is None:
        refusal = Refusal(code=Code.ONLY_HELD, values=_said(release, Intent.TRY_AGAIN))
    if refusal:
        return Decision(refusal=refusal)
    asked = Word(by=by, at=facts.now, says=push.sha) if push else release.push_asked
    given_up = asked is not None and any(s.kind == PUSH for s in facts.stuck)
    asked = asked.model_copy(update={"at": facts.now}) if asked and given_up else asked  # the word stays whose it was
    new = release.model_copy(update={"status": Status.RUNNING, "hold": None, "push_asked": asked})
    acts = [s.kind for s in facts.stuck] + ([PUSH] if push else [])
    told = thread(new, Code.TRIED_AGAIN, f"again:{facts.now.isoformat()}", by=by, acts=acts)
    entry = event(new, by, "tried_again", acts=acts, keys=[s.key for s in facts.stuck])
    after = facts.model_copy(update={"stuck": ()})
    tip = facts.tip.value.sha if facts.tip.value else ""
    push_anew = (push_act(new, asked, tip, policy),) if asked and given_up else ()
    return Decision(events=(entry,), effects=(told, *push_anew)) + advance(new, after, policy, changed=True)


def accept_difference(
    release: Release, by: str, chosen: tuple[tuple[str, str], ...], reason: str, facts: Facts, policy: Policy
) -> Decision:
    """Rule 5: (probe, field) pairs of what the card shows, by an approver who neither released nor wrote it."""
    refusal = refuse(release, Intent.ACCEPT_DIFFERENCE) or lacks(
        policy, facts.directory, by, "accept a difference", Role.APPROVER
    )
    refusal = refusal or _held_for(release, DIFFER, Intent.ACCEPT_DIFFERENCE) or empty(reason, "reason")
    candidate, change = facts.candidate.value, facts.change
    authors = writers(policy, candidate.commits)[0] if candidate else frozenset()
    if refusal is None and (by in {release.owner, release.started_by} | authors or (change and by == change.requester)):
        refusal = Refusal(code=Code.SELF_APPROVAL, values={"change": f"CR-{release.change}"})
    shown = release.hold.finding.values.get("differences", []) if release.hold else []
    taken = [d for d in shown if (d["probe"], d["field"]) in chosen]
    if refusal is None and not taken:
        refusal = Refusal(code=Code.EMPTY, values={"field": "differences"}, field="differences")
    if refusal:
        return Decision(refusal=refusal)
    words = tuple(
        DifferenceAccepted(
            by=by,
            at=facts.now,
            probe=d["probe"],
            field=d["field"],
            production=d["production"],
            reason=reason.strip(),
            sha=release.pushed.sha if release.pushed else None,
            service=d.get("service"),
        )
        for d in taken
    )
    new = release.model_copy(
        update={"differences": (*release.differences, *words), "hold": None, "status": Status.RUNNING}
    )
    told = thread(
        new, Code.DIFFERENCE_TAKEN, f"difference:{facts.now.isoformat()}", by=by, differences=taken, reason=reason
    )
    entry = event(new, by, "difference_accepted", differences=taken, reason=reason.strip())
    return Decision(events=(entry,), effects=(told,)) + advance(new, facts, policy, changed=True)


def failed_run(release: Release, facts: Facts, policy: Policy) -> Run | None:
    """The run that did not succeed, or that somebody ran again around the SOP, whatever became of that."""
    runs = counting(release, facts, policy)
    blind = next((r for r in runs if r.attempt > asked_attempt(release, r)), None)
    return blind or next((r for r in runs if r.status == DONE and r.conclusion != "success"), None)


def attempt_to_read(release: Release, failed: Run) -> int:
    """Whose log tells the cause: the latest that failed. One that went well, goes on or was cancelled tells nothing."""
    told = failed.status == DONE and failed.conclusion not in ("success", "cancelled")
    return failed.attempt if told else min(failed.attempt, asked_attempt(release, failed))


def deploying_run(release: Release, facts: Facts, policy: Policy) -> Run | None:
    """The successful run that deploys: the one with a deploy job, else of the last required workflow."""
    ci = held_service(release, policy).ci
    runs = counting(release, facts, policy)
    good = [
        r for r in runs if r.conclusion == "success" or (r.status == DONE and r.attempt > asked_attempt(release, r))
    ]
    deploys = [r for r in good if any(j.name in ci.deploy_jobs for j in r.jobs)]
    last = [r for r in good if r.workflow == ci.workflows[-1]]
    return next(iter(deploys or last), None)


def held_service(release: Release, policy: Policy) -> Service:
    """Whose production it is held for, where several services go out together."""
    named = release.hold.finding.service if release.hold else None
    return (policy.service(named) if named else None) or service_of(release, policy)


def log_of(release: Release, facts: Facts, policy: Policy) -> JobLog | None:
    """The log of the job that failed, once it has been read; that of an earlier failure is not its."""
    log, failed = facts.log.value, failed_run(release, facts, policy)
    if log is None or failed is None or log.run != failed.id:
        return None
    return log if log.attempt == attempt_to_read(release, failed) else None


def _held(release: Release, intent: Intent) -> Refusal | None:
    if release.status is Status.HELD:
        return None
    return Refusal(code=Code.ONLY_HELD, values=_said(release, intent))


def _held_for(release: Release, codes: tuple[Code, ...], intent: Intent) -> Refusal | None:
    if release.hold is not None and release.hold.finding.code in codes:
        return None
    return Refusal(code=Code.ONLY_HELD, values=_said(release, intent))


def _said(release: Release, intent: Intent) -> dict[str, Any]:
    return {"subject": release.name, "intent": intent.value, "status": release.status.value}
