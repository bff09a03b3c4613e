"""R1 to R4: the revert, that it is built on the branch as it is, and that production answers as it did then."""

from collections.abc import Iterator

from bot.sop.codes import Code
from bot.sop.facts import Facts, Fleet, Known, Run, Verified
from bot.sop.finding import Evidence
from bot.sop.gates.ci import DONE
from bot.sop.gates.production import SHOWN, as_values, as_words, probes_unready, taken_of
from bot.sop.gates.push import service_of
from bot.sop.gates.stuck import stuck
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Compare, Policy, PushMode, Service
from bot.sop.probes import BROKEN, STATUS, Difference, differences
from bot.sop.records import Release
from bot.sop.stages import Stage

SERVER_ERROR = 500  # a status from here on


def runs_stopped(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """Runs of the branch that have not begun to deploy are cancelled first; what deploys already is let end."""
    seen = facts.runs.known
    if seen is None:
        return unseen("runs", facts.runs)
    stoppable = to_cancel(release, facts, policy)
    if not stoppable:
        return passes(Code.RUNS_STOPPED)
    runs = [{"workflow": r.workflow, "url": r.url} for r in stoppable]
    waited = facts.now - min(max(release.created_at, r.created_at) for r in stoppable)
    if waited > service_of(release, policy).ci.start_within:
        seconds = int(waited.total_seconds())
        late = waits(Code.RUNS_NOT_STOPPING, release.owner, late=True, runs=runs, seconds=seconds)
        return stuck("cancel_run", release, facts) or late
    return stuck("cancel_run", release, facts) or waits(Code.RUNS_STOPPING, runs=runs)


def to_cancel(release: Release, facts: Facts, policy: Policy) -> tuple[Run, ...]:
    """Never the run of the revert itself, which may be there before its push has been seen on the branch."""
    service, seen, asked = service_of(release, policy), facts.runs.known, release.push_asked
    merging = release.stage is Stage.PUSH and service.push is PushMode.WATCH
    if seen is None or merging:
        return ()
    older = (r for r in seen.older_unfinished if asked is None or r.head_sha != asked.says)
    return tuple(r for r in older if not deploys(r, service.ci.deploy_jobs))


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
    """R3: probes answer as they did at the commit returned to."""
    waiting, fleet, service = probes_unready(release, facts, policy), facts.fleet.known, service_of(release, policy)
    if waiting is not None or fleet is None:
        return waiting or unseen("production", facts.fleet)
    return as_before(release, service, fleet, facts.at_target)


def as_before(release: Release, service: Service, fleet: Fleet, then: Verified | None) -> Verdict:
    """Field by field; of an adopted commit by status. As for the patrol, only probes defined as they were then compare;
    of the others no server error is wanted, and where nothing compares no error at all."""
    known = then.still(service.probes) if then else ()
    found = [d for d in _unlike(known, service, fleet, then) if _key(d) not in _taken(release, service, then)]
    target = release.rollback and release.rollback.target
    if found:
        own = service.name == release.service
        shown = [as_values(d, None if own else service.name) for d in found[:SHOWN]]
        return fails(Code.NOT_AS_BEFORE, "approver", release.owner, differences=shown, count=len(found), target=target)
    mine = taken_of(release, service.name if service.name != release.service else None)
    if mine:
        words = as_words(mine)
        return passes(Code.DIFFERENCE_ACCEPTED, Evidence.WORD, differences=words, probes=len(service.probes))
    names = {k.probe.name for k in known}
    if then is None or not known:
        return passes(Code.NO_ERROR, probes=len(service.probes), target=target)
    others = ", ".join(p.name for p in service.probes if p.name not in names) or None
    code = Code.STATUS_AS_BEFORE if then.release is None else Code.AS_BEFORE
    return passes(code, probes=len(known), others=others, target=target)


def _unlike(known: tuple[Known, ...], service: Service, fleet: Fleet, then: Verified | None) -> Iterator[Difference]:
    served = {a.name: a for a in fleet.probes}
    adopted = {"compare": Compare.STATUS} if then is None or then.release is None else {}
    for k in known:
        yield from differences(k.answer, served[k.probe.name], k.probe.model_copy(update=adopted))
    names, bound = {k.probe.name for k in known}, SERVER_ERROR if known else BROKEN
    for probe in (p for p in service.probes if p.name not in names):
        status = served[probe.name].status or SERVER_ERROR
        if status >= bound:
            yield Difference(probe=probe.name, field=STATUS, local=f"below {bound}", production=str(status))


def _taken(release: Release, service: Service, then: Verified | None) -> set[tuple[str, str, str]]:
    """What approvers accepted: now, and for the release returned to."""
    mine = taken_of(release, service.name if service.name != release.service else None)
    return {(d.probe, d.field, d.production) for d in (*(then.accepted if then else ()), *mine)}


def _key(difference: Difference) -> tuple[str, str, str]:
    return difference.probe, difference.field, difference.production


def documented(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """R4: the reason and the outcome stand in the decision log."""
    logged = facts.logged.known
    if logged is None or logged.key != release.name:
        return stuck("write_log", release, facts) or waits(Code.LOG_WAITS, error=facts.logged.error)
    return passes(Code.LOGGED, url=logged.url)
