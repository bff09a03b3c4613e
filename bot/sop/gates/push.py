"""Rule 3: the attested tree reaches the designated branch, by the button or watched; the branch then stays still."""

from enum import StrEnum

from bot.sop.codes import Code
from bot.sop.facts import Facts
from bot.sop.gates.local import own_commits
from bot.sop.gates.preconditions import standing
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, PushMode, Service
from bot.sop.records import Release
from bot.sop.stages import Stage


class Arrival(StrEnum):
    """What has newly come to the designated branch of a release that is not recorded as pushed."""

    NOTHING = "nothing"  # of this release
    PUSHED = "pushed"  # the attested tree, when and how it should
    EARLY = "early"  # the candidate, before the gates were green or around the button
    OTHER = "other"  # commits of this release, or a watched push, with another tree


def arrival(release: Release, facts: Facts, policy: Policy) -> Arrival:
    tip, candidate = facts.tip.known, facts.candidate.value
    left = release.taken_over.sha if release.taken_over else release.base
    if tip is None or candidate is None or tip.sha in (release.base, left):
        return Arrival.NOTHING
    attested = standing(release, facts, policy)
    mine = {c.sha for c in own_commits(release, candidate)}
    exact = attested is not None and tip.tree == attested.tree
    ours = tip.sha == candidate.sha or exact or not mine.isdisjoint(c.sha for c in tip.ahead)
    watched = service_of(release, policy).push is PushMode.WATCH
    at_push = release.stage is Stage.PUSH
    if not ours:
        return Arrival.OTHER if watched and at_push else Arrival.NOTHING
    asked = release.push_asked is not None and release.push_asked.says == tip.sha
    if at_push and exact and (watched or asked):
        return Arrival.PUSHED
    return Arrival.EARLY if exact or tip.sha == candidate.sha else Arrival.OTHER


def pushed(release: Release, facts: Facts, policy: Policy) -> Verdict:
    service = service_of(release, policy)
    if release.pushed is not None:
        push = release.pushed
        return passes(Code.PUSHED, branch=service.branch, sha=push.sha, by=push.by, login=push.login)
    if facts.tip.known is None:
        return unseen("branch", facts.tip)
    candidate = facts.candidate.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if service.push is PushMode.WATCH:
        return waits(Code.PUSH_WATCHED, release.owner, owner=release.owner, branch=service.branch, sha=candidate.sha)
    asked, refusal = release.push_asked, facts.push_refusal
    if asked is None or asked.says != candidate.sha:
        return waits(Code.PUSH_WAITS, release.owner, owner=release.owner, branch=service.branch, sha=candidate.sha)
    if refusal.value and refusal.value.sha == asked.says and refusal.at and refusal.at >= asked.at:
        error = refusal.value.error
        return fails(Code.PUSH_REFUSED, release.owner, branch=service.branch, sha=asked.says, error=error)
    late = facts.now - asked.at > service.ci.start_within
    return waits(Code.PUSHING, late=late, by=asked.by, branch=service.branch, sha=asked.says)


def branch_still(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """The branch must not move during CI and PRODUCTION: what runs there would no longer be what was proved."""
    branch = service_of(release, policy).branch
    tip = facts.tip.known
    if tip is None or release.pushed is None:
        return unseen("branch", facts.tip)
    if tip.sha != release.pushed.sha:
        return fails(
            Code.BRANCH_MOVED,
            release.owner,
            branch=branch,
            sha=tip.sha,
            expected=release.pushed.sha,
            login=tip.pushed_by,
        )
    return passes(Code.BRANCH_STILL, branch=branch, sha=tip.sha)


def service_of(release: Release, policy: Policy) -> Service:
    return next(s for s in policy.services if s.name == release.service)
