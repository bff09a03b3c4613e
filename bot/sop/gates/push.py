"""Rule 3: the attested tree reaches the designated branch, by the button or watched; the branch then stays still."""

from bot.sop.codes import Code
from bot.sop.facts import Facts, PushRefusal
from bot.sop.gates.stuck import stuck
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, PushMode, Service
from bot.sop.records import Release
from bot.sop.roles import releaser
from bot.sop.stages import Procedure


def pushed(release: Release, facts: Facts, policy: Policy) -> Verdict:
    service = service_of(release, policy)
    if release.pushed is not None:
        push = release.pushed
        return passes(Code.PUSHED, branch=service.branch, sha=push.sha, by=push.by, login=push.login)
    if facts.tip.known is None:
        return unseen("branch", facts.tip)
    sha = head_to_push(release, facts)
    if sha is None:
        return unseen("candidate", facts.candidate)
    if service.push is PushMode.WATCH:
        return _watched(release, facts, service, sha, releaser(policy, facts.directory, release.owner))
    asked, refusal = release.push_asked, refused(release, facts)
    if asked is None or asked.says != sha:
        who = releaser(policy, facts.directory, release.owner)
        return waits(Code.PUSH_WAITS, who, owner=who, branch=service.branch, sha=sha)
    if refusal:
        why = refusal.model_dump()
        return fails(Code.PUSH_REFUSED, release.owner, branch=service.branch, **why)
    given_up = stuck("push_branch", release, facts)
    if given_up is not None:
        return given_up
    late = facts.now - asked.at > service.ci.start_within
    return waits(Code.PUSHING, late=late, by=asked.by, error=facts.put_off, branch=service.branch, sha=asked.says)


def head_to_push(release: Release, facts: Facts) -> str | None:
    """The commit that the designated branch is to be moved to: the candidate, or a rollback's revert."""
    seen = facts.revert if release.procedure is Procedure.ROLLBACK else facts.candidate
    return seen.known.sha if seen.known else None


def _watched(release: Release, facts: Facts, service: Service, sha: str, who: str) -> Verdict:
    if release.procedure is Procedure.ROLLBACK:
        pull = facts.revert.known.pull if facts.revert.known else None
        return waits(Code.PULL_WAITS, release.owner, url=pull)
    return waits(Code.PUSH_WATCHED, who, owner=who, branch=service.branch, sha=sha)


def refused(release: Release, facts: Facts) -> PushRefusal | None:
    """What became of the push that was asked for last, if the branch was not moved."""
    asked, refusal = release.push_asked, facts.push_refusal
    if asked is None or refusal.value is None or refusal.value.sha != asked.says:
        return None
    return refusal.value if refusal.at is not None and refusal.at >= asked.at else None


def branch_still(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """The branch must not move during CI and PRODUCTION: what runs there would no longer be what was proved."""
    branch = service_of(release, policy).branch
    tip, at, fresh = facts.tip.known, facts.tip.at, release.fresh_after
    if tip is None or release.pushed is None:
        return unseen("branch", facts.tip)
    if at is not None and fresh is not None and at < fresh:
        return waits(Code.NOT_LOOKED, what="branch")
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
    """The service of a release, with the CI of all that goes out with it."""
    return policy.as_released(next(s for s in policy.services if s.name == release.service))
