"""Rule 4: the pipeline starts by itself, is monitored until it completes, and every required workflow succeeds."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol, TypeVar

from bot.sop.codes import Code
from bot.sop.facts import Facts, Run
from bot.sop.gates.production import since
from bot.sop.gates.push import service_of
from bot.sop.gates.stuck import stuck
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, Service
from bot.sop.records import Release, Rerun
from bot.sop.stages import Procedure

SKEW = timedelta(seconds=60)  # the most that clocks may differ; doctor checks it
DONE = "completed"
CI_WENT_WRONG = (Code.CI_FAILED, Code.CI_RERUN)
FAILED = ("failure", "timed_out", "startup_failure")
WELL = (None, "success", "skipped", "neutral")


class Concluded(Protocol):
    """A job, ours or GitHub's."""

    @property
    def conclusion(self) -> str | None: ...


J = TypeVar("J", bound=Concluded)


def counting(release: Release, facts: Facts, policy: Policy) -> tuple[Run, ...]:
    """Runs that this push started: its commit, its branch, event `push`, this repository, and after the push."""
    service, push, runs = service_of(release, policy), release.pushed, facts.runs.known
    if push is None or runs is None:
        return ()
    return tuple(
        r
        for r in runs.of_push
        if r.head_sha == push.sha
        and r.head_branch == service.branch
        and r.event == "push"
        and r.repository.lower() == service.repository.lower()
        and r.created_at >= push.at - SKEW
        and r.workflow in service.ci.workflows
    )


def ci_started(release: Release, facts: Facts, policy: Policy) -> Verdict:
    service, push, seen = service_of(release, policy), release.pushed, facts.runs.known
    if seen is None or push is None:
        return unseen("runs", facts.runs)
    runs = counting(release, facts, policy)
    missing = [w for w in service.ci.workflows if w not in {r.workflow for r in runs}]
    if not missing:
        return passes(Code.CI_STARTED, runs=_links(runs))
    waited, within = facts.now - (push.seen_at or push.at), service.ci.start_within
    if waited <= within:
        return waits(Code.CI_NOT_YET, seconds=waited.total_seconds(), within=within.total_seconds(), missing=missing)
    others = [{"event": r.event, "url": r.url, "branch": r.head_branch} for r in seen.of_push if r not in runs]
    return waits(
        Code.CI_DID_NOT_START,
        release.owner,
        late=True,
        within=within.total_seconds(),
        missing=missing,
        branch=service.branch,
        sha=push.sha,
        others=others,
    )


def ci_success(release: Release, facts: Facts, policy: Policy) -> Verdict:
    service, push = service_of(release, policy), release.pushed
    runs = counting(release, facts, policy)
    if push is None or facts.runs.known is None or not runs:
        return unseen("runs", facts.runs)
    wrong = _not_as_asked(release, runs, facts, service)
    if wrong is not None:
        return wrong
    bad = next((r for r in runs if r.status == DONE and r.conclusion != "success"), None)
    if bad:
        return _failed(release, bad)
    missing = set(service.ci.workflows) - {r.workflow for r in runs}
    busy = [r for r in runs if r.status != DONE]
    seconds = (facts.now - (release.attempted_at or push.seen_at or push.at)).total_seconds()
    if not busy and not missing:
        return passes(Code.CI_OK, runs=_links(runs), seconds=_lasted(release, runs))
    held = [r for r in busy if r.status == "waiting"]
    if held:
        jobs = [j.name for r in held for j in r.jobs if j.status == "waiting"]
        return waits(Code.CI_WAITING, release.owner, url=held[0].url, jobs=jobs)
    within = service.ci.complete_within.total_seconds()
    if seconds > within:
        return waits(Code.CI_LATE, release.owner, late=True, seconds=seconds, within=within, url=runs[0].url)
    jobs_all = [j for r in runs for j in r.jobs]
    return waits(
        Code.CI_RUNNING,
        done=sum(j.status == DONE for j in jobs_all),
        of=len(jobs_all),
        seconds=seconds,
        usual=facts.runs.known.usual_seconds,
        jobs=[j.name for j in jobs_all if j.status == "in_progress"],
        url=(busy or list(runs))[0].url,
    )


def _not_as_asked(release: Release, runs: tuple[Run, ...], facts: Facts, service: Service) -> Verdict | None:
    """FAIL for an attempt that nobody asked for, WAIT for one that was asked for and is not there yet."""
    blind = next((r for r in runs if r.attempt > asked_attempt(release, r)), None)
    if blind:
        return fails(Code.CI_RERUN, release.owner, workflow=blind.workflow, attempt=blind.attempt, url=blind.url)
    coming = next((r for r in runs if r.attempt < asked_attempt(release, r)), None)
    if coming is None:
        return None
    late = facts.now - release.reruns[-1].at > service.ci.start_within
    asked = asked_attempt(release, coming)
    return stuck("rerun_run", release, facts) or waits(
        Code.CI_RERUN_ASKED, late=late, workflow=coming.workflow, attempt=asked, url=coming.url
    )


def asked_attempt(release: Release, run: Run) -> int:
    """The attempt that was asked for last: the first, or one recorded with its cause or reason (F1, F2)."""
    return max((r.attempt for r in release.reruns if is_ours(r, run)), default=1)


def is_ours(asked: Rerun, run: Run) -> bool:
    """Whether the bot asked for this attempt. One of the same number that began before is somebody else's."""
    early = run.attempt == asked.attempt and run.started_at is not None and run.started_at < asked.at - SKEW
    return asked.run == run.id and not asked.lost and not early


def no_older_run(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """An older run of the branch that is unfinished could deploy over what is verified."""
    seen = facts.runs.known
    if seen is None:
        return unseen("runs", facts.runs)
    if seen.older_unfinished:
        runs = [{"workflow": r.workflow, "url": r.url, "sha": r.head_sha} for r in seen.older_unfinished]
        late = facts.now - since(release, facts) > service_of(release, policy).production.update_within
        return waits(Code.OLDER_RUN, release.owner, late=late, runs=runs)
    return passes(Code.NO_OLDER_RUN)


def _failed(release: Release, run: Run) -> Verdict:
    job = failed_job(run.jobs)
    return fails(
        Code.CI_FAILED,
        release.owner,
        workflow=run.workflow,
        conclusion=run.conclusion,
        job=job.name if job else None,
        step=job.failed_step if job else None,
        url=job.url if job else run.url,
        log=list(job.log_tail) if job else [],
        rollback=release.procedure is Procedure.ROLLBACK,
    )


def failed_job(jobs: Iterable[J]) -> J | None:
    """The first that failed: others may have been cancelled for it. A root cause quotes the log of the same one."""
    bad = [j for j in jobs if j.conclusion not in WELL]
    return next((j for j in bad if j.conclusion in FAILED), next(iter(bad), None))


def _links(runs: tuple[Run, ...]) -> list[dict[str, str]]:
    return [{"workflow": r.workflow, "url": r.url} for r in runs]


def _lasted(release: Release, runs: tuple[Run, ...]) -> float | None:
    """Of what was set going last: the runs of the push, or the one that was run again."""
    again = release.reruns[-1].run if release.reruns else None
    last = [r for r in runs if r.id == again] or runs
    ends = [j.completed_at for r in last for j in r.jobs if j.completed_at]
    return (max(ends) - min(r.started_at or r.created_at for r in last)).total_seconds() if ends else None
