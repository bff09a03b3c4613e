"""Acts that a release needs in its present state. Asked for at each look: their keys make the second asking nothing."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.decision_entry import incident_entry, rollback_entry
from bot.sop.effects import CancelRun, Effect, PushBranch, WriteLog
from bot.sop.facts import Deployment, Facts
from bot.sop.gates.ci import counting
from bot.sop.gates.hotfix import note_once, revert_wanted
from bot.sop.gates.production import DIFFER
from bot.sop.gates.push import head_to_push, refused, service_of
from bot.sop.gates.rollback import to_cancel
from bot.sop.policy import Policy, PushMode
from bot.sop.records import Pushed, Release, Word
from bot.sop.revert import make_revert
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.trail import event, thread

UNWELL = (Code.VERSION_OLD, Code.VERSION_MIXED, Code.VERSION_UNKNOWN, *DIFFER)


def acts(release: Release, facts: Facts, policy: Policy) -> tuple[Effect, ...]:
    if release.closed:
        return ()
    told = _diagnosed(release, facts, policy)
    if release.procedure is Procedure.STANDARD:
        return told
    of = _of_rollback if release.procedure is Procedure.ROLLBACK else _of_hotfix
    return (*told, *(a for a in of(release, facts, policy) if a is not None))


def _diagnosed(release: Release, facts: Facts, policy: Policy) -> tuple[Effect, ...]:
    """F2: the three questions, answered in the thread once for each deploy that did not come through."""
    hold, push, found, at = release.hold, release.pushed, facts.diagnosis.known, facts.diagnosis.at
    if hold is None or push is None or found is None or at is None or hold.finding.code not in UNWELL:
        return ()
    since = max(release.attempted_at or push.at, release.fresh_after or push.at)
    if release.stage is not Stage.PRODUCTION or at < since:
        return ()
    deployed = found.deployment.model_dump(mode="json") if found.deployment else None
    if deployed and of_earlier(found.deployment, release, facts, policy):
        deployed["earlier"] = True
    run = next((r.url for r in counting(release, facts, policy) if r.conclusion == "success"), None)
    said: dict[str, Any] = {
        "deployed": deployed,
        "branch": service_of(release, policy).branch,
        "sha": push.sha,
        "ci": run,
        "environment": found.environment,
        "missing": list(found.missing),
    }
    return (thread(release, Code.DIAGNOSIS, f"diagnosis:{since.isoformat()}", **said),)


def of_earlier(deployment: Deployment | None, release: Release, facts: Facts, policy: Policy) -> bool:
    """Whether what was deployed last came of the attempt before a redeploy; by GitHub's own clock."""
    if deployment is None or not release.reruns:
        return False
    again = (r for r in counting(release, facts, policy) if r.id == release.reruns[-1].run)
    return any(r.started_at is not None and deployment.created_at < r.started_at for r in again)


def awaited(release: Release, facts: Facts, policy: Policy) -> frozenset[str]:
    """Keys of the acts that it still waits for, so that an old one that was given up holds nothing up."""
    again = (f"rerun:{service_of(release, policy).repository}:{r.run}:{r.attempt}" for r in release.reruns[-1:])
    asked = release.push_asked if release.stage is Stage.PUSH and release.pushed is None else None
    push = (push_act(release, asked, "", policy),) if asked else ()
    return frozenset(a.key for a in (*acts(release, facts, policy), *push)) | frozenset(again)


def push_act(release: Release, asked: Word, expected: str, policy: Policy) -> PushBranch:
    """Rule 3, R2: moves the branch from `expected` to the commit that was asked for."""
    service = service_of(release, policy)
    return PushBranch(
        release=release.id,
        repository=service.repository,
        branch=service.branch,
        sha=asked.says,
        expected=expected,
        asked=asked.at.isoformat(),
    )


def _of_hotfix(release: Release, facts: Facts, policy: Policy) -> tuple[Effect | None, ...]:
    """T2: its revert is built beforehand; H5: its note goes to the decision log."""
    incident = facts.incident
    if release.stage is Stage.POST_ACTION_NOTE and incident and incident.note:
        markdown = incident_entry(incident, incident.note, release, facts.directory, policy)
        return (_log(release, incident.name, markdown, note_once(incident.note, release), policy),)
    return (revert_wanted(release, facts, policy),) if release.pushed is None else ()


def _of_rollback(release: Release, facts: Facts, policy: Policy) -> tuple[Effect | None, ...]:
    if release.stage is Stage.DOCUMENT:
        return (_log(release, release.name, rollback_entry(release, facts, policy), "rollback", policy),)
    if release.pushed is not None:
        return ()
    return (*_cancelled(release, facts, policy), make_revert(release, facts, policy), _push(release, facts, policy))


def _cancelled(release: Release, facts: Facts, policy: Policy) -> tuple[Effect, ...]:
    service = service_of(release, policy)
    return tuple(
        CancelRun(
            subject=release.name,
            repository=service.repository,
            run=r.id,
            attempt=r.attempt,
            deploy_jobs=service.ci.deploy_jobs,
        )
        for r in to_cancel(release, facts, policy)
    )


def _push(release: Release, facts: Facts, policy: Policy) -> PushBranch | None:
    """R2: the person asked for it when the rollback was started; GitHub's refusal is not tried again unasked."""
    service, asked, revert = service_of(release, policy), release.push_asked, facts.revert.known
    if release.stage is not Stage.PUSH or service.push is PushMode.WATCH or asked is None or revert is None:
        return None
    if asked.says != revert.sha or refused(release, facts):
        return None
    return push_act(release, asked, revert.parent, policy)


def built_anew(release: Release, facts: Facts, policy: Policy) -> tuple[Release, Decision] | None:
    """The branch moved before a revert was pushed: back to REVERT, for one on top of the branch as it is now, be it on
    a revert that the bot pushed just before."""
    tip, revert, asked = facts.tip.known, facts.revert.value, release.push_asked
    if release.stage is not Stage.PUSH or release.rollback is None or release.pushed or tip is None:
        return None
    if revert is None or revert.parent == tip.sha:
        return None
    own = facts.moved.value == revert.sha and asked is not None and asked.says == revert.sha
    at = facts.moved.at or facts.now
    landed = (Pushed(sha=revert.sha, tree=revert.tree, at=at, by=asked.by if asked else None),) if own else ()
    new = release.model_copy(
        update={
            "stage": Stage.REVERT,
            "status": Status.RUNNING,
            "hold": None,
            "push_asked": None,
            "earlier": (*release.earlier, *landed),
            "passed": tuple(p for p in release.passed if p.stage is not Stage.REVERT),
        }
    )
    said: dict[str, Any] = {"branch": service_of(release, policy).branch, "sha": tip.sha, "login": tip.pushed_by}
    told = thread(new, Code.REVERT_ANEW, f"anew:{tip.sha}:{facts.now.isoformat()}", **said)
    return new, Decision(events=(event(new, None, "revert_anew", **said, was=revert.sha),), effects=(told,))


def asked_by_itself(release: Release, facts: Facts) -> Release:
    """A rollback's push waits for no button: starting it was the word."""
    sha = head_to_push(release, facts)
    word = Word(by=release.started_by, at=facts.now, says=sha) if sha else None
    return release.model_copy(update={"push_asked": word})


def _log(release: Release, entry: str, markdown: str, once: str, policy: Policy) -> WriteLog:
    service = service_of(release, policy)
    log = service.decision_log
    return WriteLog(
        subject=release.name,
        repository=service.repository,
        branch=log.branch,
        path=log.path,
        entry=entry,
        markdown=markdown,
        once=once,
    )
