"""Rules 1 and 2: what the developer's checkout proved, and which commits would go out."""

import re
from typing import Any

from bot.sop import approvals
from bot.sop.codes import Code
from bot.sop.decision import Evidence
from bot.sop.facts import Attestation, Candidate, Check, Commit, Facts
from bot.sop.gates.preconditions import missing_preflight, standing, stopped_before
from bot.sop.gates.push import service_of
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, Role, covers
from bot.sop.records import Release, ViolationStatus
from bot.sop.roles import has, writers

SKIP_CI = re.compile(
    r"\[skip ci\]|\[ci skip\]|\[no ci\]|\[skip actions\]|\[actions skip\]|^skip-checks: ?true$",
    re.IGNORECASE | re.MULTILINE,
)


def clean_tree(release: Release, facts: Facts, policy: Policy) -> Verdict:
    attested = standing(release, facts, policy)
    if attested is None:
        return missing_preflight(release, facts, policy)
    return _signed(release, attested, attested.check("clean"), Code.CLEAN, Code.NOT_CLEAN)


def correct_branch(release: Release, facts: Facts, policy: Policy) -> Verdict:
    candidate, attested = facts.candidate.known, standing(release, facts, policy)
    if candidate is None:
        return unseen("candidate", facts.candidate)
    designated = next(s.branch for s in policy.services if s.name == release.service)
    if candidate.branch is None:
        return fails(Code.NOT_A_BRANCH, release.owner, ref=release.candidate, sha=candidate.sha)
    if not candidate.contains_tip:
        return fails(
            Code.BRANCH_BEHIND, release.owner, branch=candidate.branch, designated=designated, tip=candidate.tip
        )
    said = attested.check("branch") if attested else None
    if attested and (said is None or not said.ok):
        seen = said.seen if said else "the branch was not looked at"
        return fails(Code.BRANCH_CHECK_FAILED, release.owner, evidence=Evidence.SIGNED, seen=seen, by=attested.signer)
    return passes(Code.BRANCH_OK, branch=candidate.branch, sha=candidate.sha)


def tree_attested(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """A different tree is a different change (law 3); and it was proved by the SOP that this release is bound to."""
    attested = standing(release, facts, policy)
    if attested is None:
        return missing_preflight(release, facts, policy)
    service = service_of(release, policy)
    if attested.proof not in (None, service.proof):
        return fails(Code.OTHER_PROOF, release.owner, service=service.name, by=attested.signer)
    candidate = facts.candidate.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if candidate.tree != attested.tree:
        if attested.tree in {p.tree for p in release.earlier}:
            return _fix_waits(release, candidate)  # that is of what CI rejected; the fix wants its own
        return fails(
            Code.TREE_DIFFERS, release.owner, attested=attested.tree, candidate=candidate.tree, ref=release.candidate
        )
    return passes(Code.TREE_ATTESTED, tree=candidate.tree, by=attested.signer)


def fix_is_new(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """F1: a fix by commit is a commit that CI has not rejected yet, with a preflight made since that push."""
    if not release.earlier:
        return passes(Code.FIX_NEW, rejected=[])
    candidate, last = facts.candidate.known, release.earlier[-1]
    if candidate is None:
        return unseen("candidate", facts.candidate)
    rejected = {p.tree for p in release.earlier}
    attested = standing(release, facts, policy)
    old = attested is None or attested.made_at <= last.at
    if old or candidate.tree in rejected:
        return _fix_waits(release, candidate)
    return passes(Code.FIX_NEW, rejected=[p.sha for p in release.earlier])


def _fix_waits(release: Release, candidate: Candidate) -> Verdict:
    return waits(
        Code.FIX_WAITS,
        release.owner,
        rejected=release.earlier[-1].sha,
        sha=candidate.sha,
        ref=release.candidate,
        owner=release.owner,
        change=f"CR-{release.change}",
    )


def app_runs(release: Release, facts: Facts, policy: Policy) -> Verdict:
    attested = standing(release, facts, policy)
    if attested is None:
        return missing_preflight(release, facts, policy)
    wanted = {p.name for s in policy.services if s.name == release.service for p in s.probes}
    answered = {p.name for p in attested.probes if p.error is None} & wanted
    checks = [attested.check(name) for name in ("run", "probes")]
    bad = next((c for c in checks if c and not c.ok), None)
    if bad is None and None in checks:
        return stopped_before(release, attested)
    if bad or answered < wanted:
        seen = bad.seen if bad else f"answered {len(answered)} of {len(wanted)} probes"
        detail = list(bad.detail) if bad else sorted(wanted - answered)
        return fails(
            Code.APP_FAILED, release.owner, evidence=Evidence.SIGNED, seen=seen, detail=detail, by=attested.signer
        )
    return passes(Code.APP_OK, Evidence.SIGNED, answered=len(answered), of=len(wanted), by=attested.signer)


def _signed(release: Release, attested: Attestation, check: Check | None, good: Code, bad: Code) -> Verdict:
    if check is not None and check.ok:
        return passes(good, Evidence.SIGNED, seen=check.seen, by=attested.signer)
    seen, detail = (check.seen, list(check.detail)) if check else ("not looked at", [])
    return fails(bad, release.owner, evidence=Evidence.SIGNED, seen=seen, detail=detail, by=attested.signer)


def commit_values(commit: Commit, **more: object) -> dict[str, object]:
    title = commit.message.splitlines()[0] if commit.message else ""
    return {"sha": commit.sha, "title": title, "author": commit.author, "url": commit.url, **more}


def own_commits(release: Release, candidate: Candidate) -> tuple[Commit, ...]:
    """The commits of this release: without those on the branch that were taken over by name."""
    return tuple(c for c in candidate.commits if c.sha not in release.taken)


def own_paths(release: Release, candidate: Candidate) -> tuple[str, ...]:
    """What this release changes: with strays that it took over, which nobody has looked at; without what an earlier
    release left on the branch."""
    left = release.taken_over.commits if release.taken_over else ()
    if not left:
        return candidate.paths
    return tuple(sorted({p for c in candidate.commits if c.sha not in left for p in c.paths}))


def references_change(release: Release, facts: Facts, policy: Policy) -> Verdict:
    candidate = facts.candidate.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if candidate.truncated:
        return fails(Code.TOO_MANY_COMMITS, release.owner, count=len(candidate.commits))
    mine = own_commits(release, candidate)
    if not mine:
        return _nothing_own(release, candidate, policy)
    change = f"CR-{release.change}"
    around = strays(release, facts, policy)
    if around:
        branch = next(s.branch for s in policy.services if s.name == release.service)
        commits = [commit_values(c) for c in around]
        said: dict[str, Any] = {"owner": release.owner, "commits": commits, "branch": branch}
        return fails(Code.STRAY_COMMITS, release.owner, explained=explained(facts), **said)
    others = [(c, names) for c in mine if (names := set(policy.changes_named(c.message)) - {change})]
    if others:
        commits = [commit_values(c, names=sorted(names)) for c, names in others]
        return fails(Code.REFERENCES_OTHER, release.owner, commits=commits, change=change)
    silent = [c for c in mine if not _merges_own(c, mine) and not policy.names_change(c.message, change)]
    if silent:
        commits = [commit_values(c) for c in silent]
        return fails(Code.UNREFERENCED, release.owner, commits=commits, count=len(mine), change=change)
    if len(mine) == len(candidate.commits):
        return passes(Code.REFERENCED, count=len(mine), change=change)
    taken = _taken(release, candidate)
    return passes(Code.REFERENCED_TAKEN, count=len(mine), of=len(candidate.commits), change=change, taken=taken)


def explained(facts: Facts) -> bool:
    """Silence is no explanation: the patrol must have looked at this very head of the branch."""
    seen = facts.tip.known is not None and facts.patrolled == facts.tip.known.sha
    return seen and all(v.status is not ViolationStatus.OPEN for v in facts.violations)


def _merges_own(commit: Commit, mine: tuple[Commit, ...]) -> bool:
    """A merge of commits that are looked at one by one needs no reference of its own; one that brings none does."""
    return len(commit.parents) > 1 and not {c.sha for c in mine}.isdisjoint(commit.parents)


def _taken(release: Release, candidate: Candidate) -> list[dict[str, object]]:
    """Whose word the commits of others go out on."""
    left = release.taken_over
    words: list[tuple[tuple[str, ...], str, str | None]] = [(s.commits, s.by, None) for s in release.strays]
    words += [(left.commits, release.started_by, f"R-{left.release}")] if left else []
    counted = [(sum(c.sha in commits for c in candidate.commits), by, of) for commits, by, of in words]
    return [{"count": n, "by": by, "release": of} for n, by, of in counted if n]


def _nothing_own(release: Release, candidate: Candidate, policy: Policy) -> Verdict:
    """Either nothing is new at all, or only what was taken over is: it stands on the branch already."""
    if not candidate.commits:
        return fails(Code.NO_COMMITS, release.owner, base=release.base, ref=release.candidate)
    branch = next(s.branch for s in policy.services if s.name == release.service)
    return fails(
        Code.NO_OWN_COMMITS,
        release.owner,
        ref=release.candidate,
        branch=branch,
        tip=candidate.tip,
        change=f"CR-{release.change}",
    )


def strays(release: Release, facts: Facts, policy: Policy) -> tuple[Commit, ...]:
    """Commits of the candidate that came to the branch around every release: nobody can amend them there. While the
    lock is another release's, what is new on the branch is for that one to answer."""
    candidate, tip, lock = facts.candidate.known, facts.tip.known, facts.lock
    if candidate is None or tip is None or (lock is not None and lock.release != release.id):
        return ()
    there = {c.sha for c in tip.ahead} - {p.sha for p in release.earlier}
    mine = (f"CR-{release.change}",)
    own = own_commits(release, candidate)
    return tuple(c for c in own if c.sha in there and policy.changes_named(c.message) != mine)


def no_unrelated_change(release: Release, facts: Facts, policy: Policy) -> Verdict:
    candidate, change = facts.candidate.known, facts.change
    if candidate is None or change is None:
        return unseen("candidate", facts.candidate)
    if release.taken_over and not candidate.by_commit:
        return waits(Code.NOT_LOOKED, what="paths of each commit")
    outside = paths_outside(release, facts, policy)
    if not outside:
        return passes(Code.PATHS_OK, count=len(own_paths(release, candidate)))
    authors, _ = writers(policy, candidate.commits)
    counts = [
        a
        for a in release.accepted
        if a.tree == candidate.tree and a.by not in authors and has(policy, facts.directory, a.by, Role.APPROVER)
    ]
    accepted = {p for a in counts for p in a.paths}
    left = [p for p in outside if p not in accepted]
    if left:
        return fails(Code.PATHS_OUTSIDE, "approver", release.owner, paths=left, areas=list(change.content.areas))
    by = list(dict.fromkeys(a.by for a in counts))
    return passes(Code.PATHS_ACCEPTED, Evidence.WORD, paths=list(outside), by=by, reason=counts[-1].reason)


def paths_outside(release: Release, facts: Facts, policy: Policy) -> tuple[str, ...]:
    """Changed paths outside the areas that the change request declares."""
    candidate, change = facts.candidate.known, facts.change
    if candidate is None or change is None:
        return ()
    patterns = policy.area(change.content.areas)
    return tuple(p for p in own_paths(release, candidate) if not covers(patterns, p))


def independent_approval(release: Release, facts: Facts, policy: Policy) -> Verdict:
    candidate, change = facts.candidate.known, facts.change
    if candidate is None or change is None:
        return unseen("candidate", facts.candidate)
    authors, strangers = writers(policy, candidate.commits)
    if strangers:
        return fails(Code.AUTHOR_UNKNOWN, release.owner, commits=[commit_values(c) for c in strangers])
    counted = approvals.counted(change, facts.directory, policy, facts.now)
    free = [p for p in counted if p not in authors]
    need = approvals.wanted(change, policy)
    if len(free) < need:
        wrote = [p for p in counted if p in authors]
        return fails(Code.NOT_INDEPENDENT, "approver", authors=wrote, have=len(free), need=need)
    return passes(Code.INDEPENDENT, by=free)


def no_skip_ci(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """X2: a marker in a message would make GitHub skip the pipeline."""
    candidate = facts.candidate.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    marked = [(c, m[0]) for c in own_commits(release, candidate) if (m := SKIP_CI.search(c.message))]
    if marked:
        return fails(Code.SKIP_CI, release.owner, commits=[commit_values(c, marker=m) for c, m in marked])
    return passes(Code.NO_SKIP_CI)
