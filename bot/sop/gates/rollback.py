"""R1 to R4: the revert, that it is built on the branch as it is, and that production answers as it did then."""

from bot.sop.codes import Code
from bot.sop.facts import Facts, Fleet, Run
from bot.sop.gates.ci import DONE
from bot.sop.gates.compared import as_verified
from bot.sop.gates.production import answers_differ, probes_unready
from bot.sop.gates.push import service_of
from bot.sop.gates.stuck import stuck
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy
from bot.sop.records import Release


def runs_stopped(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """Runs of the branch that have not begun to deploy are cancelled first; what deploys already is let end."""
    seen = facts.runs.known
    if seen is None:
        return unseen("runs", facts.runs)
    stoppable = to_cancel(release, facts, policy)
    if stoppable:
        return stuck("cancel_run", release, facts) or waits(
            Code.RUNS_STOPPING, runs=[{"workflow": r.workflow, "url": r.url} for r in stoppable]
        )
    return passes(Code.RUNS_STOPPED)


def to_cancel(release: Release, facts: Facts, policy: Policy) -> tuple[Run, ...]:
    jobs = service_of(release, policy).ci.deploy_jobs
    seen = facts.runs.known
    return tuple(r for r in seen.older_unfinished if not deploys(r, jobs)) if seen else ()


def deploys(run: Run, deploy_jobs: tuple[str, ...]) -> bool:
    """Whether cancelling it could leave half a release: a deploy job has begun, or nobody knows which job deploys."""
    begun = [j for j in run.jobs if j.status in ("in_progress", DONE) and j.conclusion != "skipped"]
    return any(not deploy_jobs or j.name in deploy_jobs for j in begun)


def revert_built(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """R1: its parent is the head of the branch and its tree is the target's."""
    revert, tip, back = facts.revert.known, facts.tip.known, release.rollback
    if tip is None or back is None:
        return unseen("branch", facts.tip)
    if release.pushed is None and (revert is None or revert.parent != tip.sha):
        return stuck("make_revert", release, facts) or waits(
            Code.REVERT_WAITS, target=back.target, parent=tip.sha, error=facts.revert.error
        )
    if revert is None:
        return unseen("revert", facts.revert)
    if back.target_tree is not None and revert.tree != back.target_tree:
        return fails(Code.REVERT_WRONG, release.owner, tree=revert.tree, wanted=back.target_tree)
    commits = len(back.commits)
    return passes(Code.REVERT_BUILT, sha=revert.sha, target=back.target, count=commits, pull=revert.pull)


def answers_as_before(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """R3: probes answer as they did at the release returned to; of an adopted baseline only the status is known."""
    waiting = probes_unready(release, facts, policy)
    if waiting is not None:
        return waiting
    fleet, service, target = facts.fleet.known, service_of(release, policy), facts.target
    if fleet is None:
        return unseen("production", facts.fleet)
    if target is None and facts.at_target is not None:
        return as_verified(release, service, fleet, facts.at_target)
    if target is None:
        return no_error(release, fleet)
    found = answers_differ(release, {a.name: a for a in target.probes}, fleet, service.probes)
    if found:
        return fails(Code.DIFFERENT, "approver", release.owner, differences=found[:20], count=len(found))
    return passes(Code.AS_BEFORE, probes=len(service.probes), target=release.rollback and release.rollback.target)


def no_error(release: Release, fleet: Fleet) -> Verdict:
    """Of an adopted baseline only the status is known."""
    broken = [{"name": a.name, "status": a.status} for a in fleet.probes if (a.status or 500) >= 500]
    if broken:
        return fails(Code.STILL_BROKEN, release.owner, probes=broken)
    return passes(Code.STATUS_AS_BEFORE, probes=len(fleet.probes))


def documented(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """R4: the reason and the outcome stand in the decision log."""
    logged = facts.logged.known
    if logged is None or logged.key != release.name:
        return stuck("write_log", release, facts) or waits(Code.LOG_WAITS, error=facts.logged.error)
    return passes(Code.LOGGED, url=logged.url)
