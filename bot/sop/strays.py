"""Commits that came to the branch around every release: a releaser takes them over by name, once they are explained."""

from bot.sop.codes import Code
from bot.sop.decision import Decision, Refusal
from bot.sop.facts import Facts
from bot.sop.gates.local import commit_values, strays
from bot.sop.gates.push import service_of
from bot.sop.gates.violations import as_values
from bot.sop.policy import Policy, Role
from bot.sop.progress import advance
from bot.sop.records import Release, StraysTaken, ViolationStatus
from bot.sop.release import refuse
from bot.sop.roles import lacks
from bot.sop.stages import Intent
from bot.sop.trail import event, thread


def take_over(release: Release, by: str, facts: Facts, policy: Policy) -> Decision:
    """The way out of a push that nobody can amend. Every violation is explained, by an approver, before."""
    found = strays(release, facts, policy)
    refusal = refuse(release, Intent.TAKE_OVER)
    refusal = refusal or lacks(policy, facts.directory, by, "take over commits on the branch", Role.RELEASER)
    if refusal is None and not found:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "without commits of others"})
    refusal = refusal or _unexplained(release, facts, policy)
    if refusal:
        return Decision(refusal=refusal)
    word = StraysTaken(by=by, at=facts.now, commits=tuple(c.sha for c in found))
    new = release.model_copy(update={"strays": (*release.strays, word)})
    commits, branch = [commit_values(c) for c in found], service_of(release, policy).branch
    post = thread(new, Code.STRAYS_TAKEN, f"strays:{word.commits[-1]}", by=by, commits=commits, branch=branch)
    entry = event(new, by, "strays_taken_over", commits=list(word.commits))
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)


def _unexplained(release: Release, facts: Facts, policy: Policy) -> Refusal | None:
    """Silence is no explanation: the patrol must have looked at this very head of the branch."""
    found = [v for v in facts.violations if v.status is ViolationStatus.OPEN]
    if found:
        return Refusal(code=Code.VIOLATION_OPEN, values={"violations": as_values(found)})
    if facts.tip.known is None or facts.patrolled != facts.tip.known.sha:
        return Refusal(code=Code.STRAYS_UNSEEN, values={"branch": service_of(release, policy).branch})
    return None
