"""C: what it means that a release is complete, a procedure at a time. Only after production verification."""

from typing import Any

from bot.sop import change as changes
from bot.sop import change_fate, resolution
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Facts
from bot.sop.gates.push import service_of
from bot.sop.policy import Policy
from bot.sop.records import Baseline, Release
from bot.sop.stages import Procedure, Status
from bot.sop.timeline import IncidentFacts
from bot.sop.trail import card, event, thread, unlock
from bot.sop.violation import card as violation_card


def complete(release: Release, done: Decision, facts: Facts, policy: Policy) -> tuple[Release, Decision]:
    new = release.model_copy(update={"status": Status.COMPLETE, "ended_at": facts.now})
    pushed = new.pushed
    if pushed is None:
        raise ValueError(f"{release.name} cannot be complete without a push")
    own = service_of(release, policy)
    names = (own.name, *(s.name for s in policy.beside(own)))
    known: dict[str, Any] = {"sha": pushed.sha, "at": facts.now, "by": release.owner, "release": release.id}
    verified = tuple(Baseline(service=name, **known) for name in names)
    entry = event(new, None, "release_complete", sha=pushed.sha, tree=pushed.tree)
    done = done + Decision(records=verified, events=(entry,)) + unlock(new, None, facts, policy)
    how = _rolled_back if release.procedure is Procedure.ROLLBACK else _released
    return new, done + how(new, facts, policy) + violations_shown(facts, policy)


def violations_shown(facts: Facts, policy: Policy) -> Decision:
    """Their cards say what became of what was brought, and what is left to do."""
    shown = {v.card: violation_card(v, policy) for v in facts.violations}
    return Decision(effects=tuple(shown.values()))


def _released(release: Release, facts: Facts, policy: Policy) -> Decision:
    pushed, change = release.pushed, facts.change
    if pushed is None or change is None:
        raise ValueError(f"{release.name} cannot be complete without a push and its change request")
    seconds = (facts.now - release.created_at).total_seconds()
    said: dict[str, Any] = {"change": change.name, "sha": pushed.sha, "owner": release.owner}
    post = thread(release, Code.RELEASE_COMPLETE, "complete", seconds=seconds, **said)
    around = changes.ChangeFacts(now=facts.now, directory=facts.directory)
    done = Decision(effects=(post,))
    for brought in (change, *facts.taken_changes):
        done += change_fate.released(brought, release, around, policy)
    return done + _resolved(release, facts, policy)


def _resolved(release: Release, facts: Facts, policy: Policy) -> Decision:
    """A hotfix that is complete closes its incident: the note stands in the decision log."""
    incident = facts.incident
    if release.procedure is not Procedure.HOTFIX or incident is None:
        return Decision()
    around = IncidentFacts(now=facts.now, directory=facts.directory, hotfix=release)
    url = facts.logged.value.url if facts.logged.value else None
    return resolution.hotfix_done(incident, release, url, around, policy)


def _rolled_back(release: Release, facts: Facts, policy: Policy) -> Decision:
    """Reverted releases become ROLLED_BACK, their change requests reopen as such."""
    back, pushed = release.rollback, release.pushed
    if back is None or pushed is None:
        raise ValueError(f"{release.name} is no rollback")
    reverts = back.names
    url = facts.logged.value.url if facts.logged.value else None
    said: dict[str, Any] = {"target": back.target, "sha": pushed.sha, "reverts": reverts, "was_live": back.was_live}
    done = Decision(effects=(thread(release, Code.ROLLBACK_COMPLETE, "complete", url=url, **said),))
    for reverted in facts.reverted:
        known = {"status": Status.ROLLED_BACK, "superseded_by": release.id, "ended_at": facts.now}
        gone = reverted.model_copy(update=known)
        post = thread(gone, Code.ROLLED_BACK, f"rolled-back:{release.name}", rollback=release.name, sha=pushed.sha)
        entry = event(gone, release.started_by, "rolled_back", rollback=release.name, reason=back.reason)
        done += Decision(records=(gone,), events=(entry,), effects=(card(gone, policy), post))
    around = changes.ChangeFacts(now=facts.now, directory=facts.directory)
    for change in facts.reverted_changes:
        done += change_fate.rolled_back(change, release, around, policy)
    return done
