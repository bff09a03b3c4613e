"""What came to the designated branch, and which runs deploy (S2, X2, F1)."""

from collections.abc import Iterator
from typing import Any

from bot.sop.codes import Code
from bot.sop.facts import Activity, Run
from bot.sop.gates.ci import DONE, is_ours
from bot.sop.gates.deploys import began, by_hand_deploy, by_push, deploy_jobs
from bot.sop.patrol.facts import Lately, PatrolFacts, Ran, ours
from bot.sop.patrol.sighting import Sighting
from bot.sop.patrol.standing import patience
from bot.sop.policy import Policy, PushMode, Service
from bot.sop.records import Release
from bot.sop.stages import Stage


def of_branch(facts: PatrolFacts, policy: Policy, service: Service) -> Iterator[Sighting]:
    lately, last = facts.lately.known, facts.baseline.release if facts.baseline else None
    if lately is None:
        return
    for activity in lately.activity:
        code = _moved(activity, lately, facts, policy, service)
        if code is None:
            continue
        release = ours(activity.after, facts)
        values = {
            "branch": service.branch,
            "before": activity.before,
            "sha": activity.after,
            "at": activity.at.isoformat(),
            "release": release.name if release else None,
            "bypass": activity.after in lately.bypassed,
            "last": f"R-{last}" if last else None,
        }
        key = f"{service.lock}:activity:{activity.id}"
        yield Sighting(
            key=key, service=service.name, rule="S2", code=code, values=values, who=activity.login, once=True
        )


def _moved(activity: Activity, lately: Lately, facts: PatrolFacts, policy: Policy, service: Service) -> Code | None:
    """What was wrong with one move of the branch."""
    if activity.kind == "force_push":
        return Code.BRANCH_FORCED
    if activity.kind == "branch_deletion":
        return Code.BRANCH_DELETED
    if activity.kind == "branch_creation" and facts.baseline and activity.after == facts.baseline.sha:
        return None  # how a designated branch begins
    release = ours(activity.after, facts)
    if release is not None and release.pushed is not None and not release.has_passed(Stage.PUSH):
        return Code.PUSH_WITH_OPEN_GATES if release.pushed.sha == activity.after else None
    if release is not None:
        # With `push: bot` the bot's own pushes are bypasses where it alone may push.
        around = service.push is PushMode.WATCH and activity.after in lately.bypassed
        return Code.PROTECTION_BYPASSED if around else None
    return None if _unjudged(activity, lately, facts, policy) else Code.PUSH_WITHOUT_RELEASE


def _unjudged(activity: Activity, lately: Lately, facts: PatrolFacts, policy: Policy) -> bool:
    """An open release may be about to recognise this push as its own: it looks at the branch by itself, and soon."""
    waiting = [r for r in facts.open if r.pushed is None and facts.tips.get(r.id) != lately.tip]
    return bool(waiting) and facts.now - activity.at <= patience(policy)


def unjudged(facts: PatrolFacts, policy: Policy) -> tuple[Release, ...]:
    """Open releases that have to look at the branch before pushes to it can be judged."""
    lately = facts.lately.known
    if lately is None:
        return ()
    unknown = [a for a in lately.activity if ours(a.after, facts) is None]
    if not any(_unjudged(a, lately, facts, policy) for a in unknown):
        return ()
    return tuple(r for r in facts.open if r.pushed is None and facts.tips.get(r.id) != lately.tip)


# --- workflow runs


def of_runs(facts: PatrolFacts, policy: Policy, service: Service) -> Iterator[Sighting]:
    others = [s for s in policy.services if s.repository == service.repository and s.branch != service.branch]
    for ran in facts.lately.known.runs if facts.lately.known else ():
        if ran.run.workflow in service.ci.workflows and by_push(ran.run, service):
            yield from _blind(ran, facts, service)
        elif by_hand_deploy(ran.run, service) and not any(by_push(ran.run, s) for s in others):
            run = ran.run
            values = _run_said(run, run.attempt) | {"event": run.event}
            key = f"{service.repository}:run:{run.id}:{run.attempt}:deploy"
            yield Sighting(
                key=key, service=service.name, rule="X2", code=Code.RUN_BY_HAND, values=values, who=ran.login, once=True
            )


def _blind(ran: Ran, facts: PatrolFacts, service: Service) -> Iterator[Sighting]:
    """F1: attempts with no cause recorded. Of a run older than the patrol only the latest is surely younger."""
    run = ran.run
    recorded = {a.attempt for r in facts.releases for a in r.reruns if is_ours(a, run)}
    young = facts.began is not None and run.created_at >= facts.began
    for attempt in range(2 if young else max(2, run.attempt), run.attempt + 1):
        if attempt in recorded:
            continue
        latest = attempt == run.attempt
        over = not latest or run.status == DONE
        act = "over" if over else "cancel" if _cancellable(run, service) else "watch"
        key = f"{service.repository}:run:{run.id}:{attempt}:rerun"
        yield Sighting(
            key=key,
            service=service.name,
            rule="F1",
            code=Code.RERUN_BLINDLY,
            values=_run_said(run, attempt) | {"act": act},
            who=ran.login if latest else None,
            once=True,
        )


def _run_said(run: Run, attempt: int) -> dict[str, Any]:
    return {
        "workflow": run.workflow,
        "run": run.id,
        "attempt": attempt,
        "branch": run.head_branch,
        "sha": run.head_sha,
        "url": run.url,
    }


def _cancellable(run: Run, service: Service) -> bool:
    """A cancelled deploy is a partial release: only when it is known that none has begun."""
    jobs = deploy_jobs(run, service)
    safe = not any(began(j) or j.conclusion == "cancelled" for j in jobs)
    return bool(service.ci.deploy_jobs) and run.status != DONE and safe
