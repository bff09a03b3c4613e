"""All true BEFORE a release (P1 to P5, S1, X4); any one false stops it. Looked at again at every step to the push."""

from datetime import timedelta
from typing import Any

from bot.sop import approvals
from bot.sop.codes import Code
from bot.sop.decision import Evidence
from bot.sop.facts import Attestation, Facts
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, Role, SopStatus
from bot.sop.records import ChangeStatus, Release
from bot.sop.roles import holders, releaser
from bot.sop.stages import Procedure, Stage

USABLE = (ChangeStatus.OPEN, ChangeStatus.APPROVED)

PEOPLE_GOOD_FOR = timedelta(hours=1)  # who may approve, while Slack does not say


def sop_active(_release: Release, _facts: Facts, policy: Policy) -> Verdict:
    stage, status = policy.stage, policy.status
    if status is SopStatus.ACTIVE:
        return passes(Code.SOP_ACTIVE, stage=stage, status=status.value)
    return fails(Code.SOP_NOT_ACTIVE, stage=stage, status=status.value)


def change_approved(release: Release, facts: Facts, policy: Policy) -> Verdict:
    change = facts.change
    if change is None:
        return waits(Code.NOT_LOOKED, what=f"CR-{release.change}")
    if change.content.digest != release.change_digest:
        return fails(Code.CHANGE_EDITED, release.owner, change=change.name, revision=change.revision)
    if change.status not in USABLE:
        why = change.rejection
        return fails(
            Code.CHANGE_CLOSED,
            change=change.name,
            status=change.status.value,
            by=why.by if why else None,
            reason=why.reason if why else None,
        )
    people = facts.directory
    if people.error and (people.at is None or facts.now - people.at > PEOPLE_GOOD_FOR):
        return waits(Code.LOOK_FAILED, what="Slack's people", error=people.error)
    counted = approvals.counted(change, people, policy, facts.now)
    need = approvals.wanted(change, policy)
    if len(counted) >= need:
        return passes(Code.CHANGE_APPROVED, Evidence.WORD, change=change.name, by=list(counted))
    if release.has_passed(Stage.PRECONDITIONS):
        return fails(Code.APPROVAL_LOST, "approver", change=change.name, have=len(counted), need=need)
    whom = list(policy.roles.approver)
    return waits(Code.CHANGE_WAITS, "approver", change=change.name, have=len(counted), need=need, whom=whom)


def governance(release: Release, facts: Facts, policy: Policy) -> Verdict:
    word = release.governance
    if word is None:
        who = releaser(policy, facts.directory, release.owner)
        return waits(Code.GOVERNANCE_WAITS, who, owner=who)
    return passes(Code.GOVERNANCE_OK, Evidence.WORD, by=word.by, at=word.at.isoformat())


def standing(release: Release, facts: Facts, policy: Policy) -> Attestation | None:
    """The attestation that counts: the newest valid one, of the candidate's tree if any; pinned by the push."""
    if release.attestation is not None:
        return next((a for a in facts.attestations if a.id == release.attestation), None)
    found = valid(facts, policy)
    tree = facts.candidate.value.tree if facts.candidate.value else None
    return next((a for a in found if a.tree == tree), found[0] if found else None)


def valid(facts: Facts, policy: Policy) -> tuple[Attestation, ...]:
    """Attestations young enough, of people who are releasers now; newest first."""
    able = holders(policy, facts.directory, Role.RELEASER)
    young = facts.now - policy.attestation.max_age
    return tuple(a for a in facts.attestations if a.made_at > young and a.signer in able)


def missing_preflight(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """No valid attestation: wanted at first; one that ran out under a release that rested on it stops the release."""
    old = facts.attestations[0] if facts.attestations else None
    if old is not None and release.has_passed(Stage.PRECONDITIONS):
        age = policy.attestation.max_age.total_seconds()
        return fails(Code.PREFLIGHT_EXPIRED, release.owner, made_at=old.made_at.isoformat(), max_age=age, by=old.signer)
    change, who = f"CR-{release.change}", releaser(policy, facts.directory, release.owner)
    said: dict[str, Any] = {"service": release.service, "change": change, "owner": who}
    own = policy.service(release.service)
    beside = [s.name for s in policy.beside(own)] if own else []
    said |= {"beside": beside} if beside else {}
    return waits(Code.PREFLIGHT_WAITS, who, **said)


def stopped_before(release: Release, attested: Attestation) -> Verdict:
    """A check that was not made because an earlier one failed: unknown, and what failed has a gate of its own."""
    bad = next((c for c in attested.checks if not c.ok), None)
    seen, detail = (bad.seen, list(bad.detail)) if bad else ("it says nothing of this", [])
    return waits(
        Code.PREFLIGHT_STOPPED,
        release.owner,
        evidence=Evidence.SIGNED,
        seen=seen,
        detail=detail,
        by=attested.signer,
    )


def local_build(release: Release, facts: Facts, policy: Policy) -> Verdict:
    attested = standing(release, facts, policy)
    if attested is None:
        return missing_preflight(release, facts, policy)
    build = attested.check("build")
    if build is None:
        return stopped_before(release, attested)
    if not build.ok:
        return fails(
            Code.BUILD_FAILED,
            release.owner,
            evidence=Evidence.SIGNED,
            seen=build.seen,
            detail=list(build.detail),
            by=attested.signer,
        )
    return passes(Code.BUILD_OK, Evidence.SIGNED, seen=build.seen, by=attested.signer)


def all_committed(release: Release, facts: Facts, policy: Policy) -> Verdict:
    attested = standing(release, facts, policy)
    clean = attested.check("clean") if attested else None
    if attested and (clean is None or not clean.ok):
        seen, detail = (clean.seen, clean.detail) if clean else ("the working tree was not looked at", ())
        return fails(
            Code.UNCOMMITTED,
            release.owner,
            evidence=Evidence.SIGNED,
            seen=seen,
            detail=list(detail),
            by=attested.signer,
        )
    nothing = _nothing_there(release, facts, policy)
    if nothing is not None:
        return nothing
    candidate = facts.candidate.known
    if attested is None and facts.candidate.error is None:
        return missing_preflight(release, facts, policy)
    if candidate is None or attested is None:
        return unseen("candidate", facts.candidate)
    if candidate.tree != attested.tree and not release.has_passed(Stage.PRECONDITIONS):
        return waits(
            Code.CANDIDATE_ELSEWHERE,
            release.owner,
            attested=attested.commit,
            candidate=candidate.sha,
            ref=release.candidate,
        )
    return passes(Code.COMMITTED, sha=attested.commit, tree=attested.tree)


def _nothing_there(release: Release, facts: Facts, policy: Policy) -> Verdict | None:
    """A candidate that GitHub has not, or that brings nothing: HELD at once, and healed by a push or by a preflight of
    another branch. The branch of a hotfix is often made only after its start: that is waited for."""
    late = release.procedure is not Procedure.HOTFIX
    if facts.candidate.missing:
        repository = next(s.repository for s in policy.services if s.name == release.service)
        ref, owner = release.candidate, release.owner
        return waits(Code.NO_CANDIDATE, owner, late=late, ref=ref, repository=repository, owner=owner)
    candidate = facts.candidate.known
    if candidate is not None and not candidate.commits and not candidate.truncated:
        return waits(Code.NO_COMMITS, release.owner, late=late, ref=release.candidate, base=candidate.base)
    return None


def not_frozen(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """X4, for every service that goes out with this one."""
    out = policy.together(next(s for s in policy.services if s.name == release.service))
    for freeze in facts.freezes:
        if freeze.touches_any(out) and freeze.in_force(facts.now):
            until = freeze.until.isoformat() if freeze.until else None
            return fails(Code.FROZEN, freeze=freeze.name, reason=freeze.reason, until=until, owner=freeze.owner)
    return passes(Code.NOT_FROZEN)


def lock_free(release: Release, facts: Facts, policy: Policy) -> Verdict:
    key = next(s.lock for s in policy.services if s.name == release.service)
    lock = facts.lock
    if lock is None:
        return fails(Code.LOCK_LOST, lock=key)
    if lock.release != release.id:
        return fails(
            Code.LOCK_BUSY, lock=key, release=f"R-{lock.release}", owner=lock.owner, since=lock.since.isoformat()
        )
    return passes(Code.LOCK_OURS, lock=key)
