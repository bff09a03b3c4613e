"""From state, facts and policy to what a person sees (`outlook`), and which buttons make sense now."""

from bot.sop import approvals
from bot.sop import change as changes
from bot.sop.acts import of_earlier
from bot.sop.buttons import buttons
from bot.sop.decision import Answer, Finding
from bot.sop.facts import Deployment, Diagnosis, Facts, Run
from bot.sop.failure import held_service, log_of
from bot.sop.gates import GATES, look
from bot.sop.gates.ci import counting
from bot.sop.gates.preconditions import standing
from bot.sop.gates.push import service_of
from bot.sop.outlook import Button, ChangeView, Mark, ReleaseView, StageView
from bot.sop.policy import Policy, Role
from bot.sop.records import Change, Passage, Release
from bot.sop.roles import holders
from bot.sop.stages import BEFORE_PUSH, STAGES, STOPPING, Stage, Status


def release_view(release: Release, change: Change, facts: Facts, policy: Policy) -> ReleaseView:
    service = service_of(release, policy)
    runs = counting(release, facts, policy)
    attested = standing(release, facts, policy)
    stages = tuple(_stage(s, release, facts, policy) for s in STAGES[release.procedure] if s is not Stage.COMPLETE)
    back = _rolls_back(release, facts)
    shown = buttons(release, change, stages, facts.incident, policy)
    return ReleaseView(
        release=release,
        change=change,
        repository=service.repository,
        branch=service.branch,
        beside=tuple(s.name for s in policy.beside(service)),
        stages=stages,
        candidate=facts.candidate.value,
        attestation=attested,
        buttons=tuple(b for b in shown if back is None or b is not Button.ROLL_BACK),
        run_url=_run_to_look_at(runs),
        production_url=held_service(release, policy).production.url,
        diagnosis=_diagnosis(release, facts),
        deployed_before=of_earlier(_deployment(facts), release, facts, policy),
        log=log_of(release, facts, policy),
        incident=facts.incident,
        taken_back=facts.reverted_changes,
        rolled_back_by=back,
        now=facts.now,
    )


def _diagnosis(release: Release, facts: Facts) -> Diagnosis | None:
    """Of the deploy that was set going last; an earlier one's answers are no answers of it."""
    at, since = facts.diagnosis.at, release.attempted_at
    return facts.diagnosis.value if at and since and at >= since else None


def _deployment(facts: Facts) -> Deployment | None:
    return facts.diagnosis.value.deployment if facts.diagnosis.value else None


def _rolls_back(release: Release, facts: Facts) -> Release | None:
    """The rollback that takes this release back now."""
    holder = facts.holder
    if holder is None or holder.closed or holder.rollback is None:
        return None
    return holder if release.id in holder.rollback.reverts else None


def _run_to_look_at(runs: tuple[Run, ...]) -> str | None:
    """The first that is not a success; otherwise the first."""
    wanted = sorted(runs, key=lambda r: r.conclusion == "success")
    return wanted[0].url if wanted else None


def _stage(stage: Stage, release: Release, facts: Facts, policy: Policy) -> StageView:
    order = STAGES[release.procedure]
    passed = next((p for p in release.passed if p.stage is stage), None)
    if release.status is Status.STOPPED:
        return _stopped(stage, release, passed)
    place, here = order.index(stage), order.index(release.stage)
    if place > here:
        return StageView(stage=stage, mark=Mark.AHEAD)
    live = not release.closed and (place == here or (release.pushed is None and stage in BEFORE_PUSH))
    findings = look(stage, release, facts, policy) if live else passed.findings if passed else ()
    if place < here:
        waits = any(f.answer is not Answer.PASS for f in findings)
        return StageView(
            stage=stage,
            mark=Mark.CURRENT if waits else Mark.PASSED,
            findings=findings,
            at=passed.at if passed else None,
        )
    return StageView(stage=stage, mark=_mark(release), findings=_with_hold(findings, release))


def _stopped(stage: Stage, release: Release, passed: Passage | None) -> StageView:
    """Only a precondition stops a release, however far it had come."""
    findings = passed.findings if passed else ()
    if stage is _stopping(release):
        then = release.hold.beside if release.hold else findings
        return StageView(stage=stage, mark=Mark.FAILED, findings=_with_hold(then, release))
    if passed and stage is not release.stage:
        return StageView(stage=stage, mark=Mark.PASSED, findings=findings, at=passed.at)
    return StageView(stage=stage, mark=Mark.AHEAD)


def _stopping(release: Release) -> Stage:
    """The stage of the gate that stopped it."""
    gate = release.hold.finding.gate if release.hold else ""
    rows = GATES[release.procedure]
    return next((s for s in STOPPING if gate in {g.__name__ for _, g in rows.get(s, ())}), Stage.PRECONDITIONS)


def _mark(release: Release) -> Mark:
    if release.status is Status.ABORTED or (release.hold and not release.hold.late):
        return Mark.FAILED
    return Mark.HELD if release.hold else Mark.CURRENT


def _with_hold(findings: tuple[Finding, ...], release: Release) -> tuple[Finding, ...]:
    """What it was held or stopped for stays on the card, whatever the gate would answer now."""
    if release.hold is None:
        return findings
    held = release.hold.finding
    if release.pushed is not None and release.stage in BEFORE_PUSH:
        return (held,)  # pushed early: what was awaited before the push is asked of nobody any more
    others = tuple(f for f in findings if f.gate != held.gate)
    return (*(f for f in others if f.answer is Answer.PASS), held, *(f for f in others if f.answer is not Answer.PASS))


def change_view(change: Change, facts: changes.ChangeFacts, release: Release | None, policy: Policy) -> ChangeView:
    able = holders(policy, facts.directory, Role.APPROVER) - {change.requester}
    return ChangeView(
        change=change,
        counted=approvals.counted(change, facts.directory, policy, facts.now),
        need=approvals.wanted(change, policy),
        approvers=tuple(sorted(able)),
        release=release,
        incident=facts.incident,
        now=facts.now,
    )
