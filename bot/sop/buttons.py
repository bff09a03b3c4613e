"""Which buttons make sense on a release's card now, and who may press them."""

from bot.sop.codes import Code
from bot.sop.facts import Directory
from bot.sop.finding import Answer
from bot.sop.gates.ci import CI_WENT_WRONG
from bot.sop.gates.preconditions import USABLE
from bot.sop.gates.production import DIFFER
from bot.sop.gates.push import service_of
from bot.sop.incident import may_have_hotfix
from bot.sop.outlook import Button, Mark, ReleaseView, StageView
from bot.sop.policy import Policy, PushMode, Role
from bot.sop.records import Change, Incident, Mend, Release
from bot.sop.release import PUSHERS, may_start_again, possible_now
from bot.sop.roles import has, writers
from bot.sop.stages import BEFORE_PUSH, Intent, Procedure, Stage, Status


def buttons(
    release: Release, change: Change, stages: tuple[StageView, ...], incident: Incident | None, policy: Policy
) -> tuple[Button, ...]:
    """`incident`: of a hotfix, as it is now."""
    asked = possible_now(release)
    codes = {f.code for s in stages for f in s.findings if f.answer is not Answer.PASS}
    early = release.pushed is not None and release.stage in BEFORE_PUSH
    shown = (
        (Button.ACKNOWLEDGE, Intent.ACKNOWLEDGE in asked and release.governance is None and not early),
        (Button.ACCEPT_PATHS, Intent.ACCEPT_PATHS in asked and Code.PATHS_OUTSIDE in codes and not early),
        (Button.TAKE_OVER, Intent.TAKE_OVER in asked and Code.STRAY_COMMITS in codes),
        (Button.PUSH, Intent.PUSH in asked and _push_again(stages) and _green(stages)),
        *_of_failure(release, codes, asked),
        (Button.CONFIRM, Intent.CONFIRM in asked and release.resolved is None),
        (Button.ACCEPT_SIZE, Intent.ACCEPT_SIZE in asked and Code.SIZE_LARGE in codes),
        (Button.ACCEPT_IRREVERSIBLE, Intent.ACCEPT_IRREVERSIBLE in asked and Code.PATHS_IRREVERSIBLE in codes),
        (Button.ACCEPT_CRITICALS, Intent.ACCEPT_CRITICALS in asked and Code.CRITICALS_WAIT in codes),
        (Button.ROLL_BACK, Intent.ROLL_BACK in asked),
        (Button.ABORT, Intent.ABORT in asked),
        (Button.START_AGAIN, _begins_again(release, change, incident)),
    )
    bot_pushes = service_of(release, policy).push is PushMode.BOT
    return tuple(b for b, on in shown if on and (b is not Button.PUSH or bot_pushes))


def _begins_again(release: Release, change: Change, incident: Incident | None) -> bool:
    """Of a hotfix: the last one of an incident that may have another; that takes its emergency change, or makes one."""
    if not may_start_again(release):
        return False
    if release.procedure is Procedure.STANDARD:
        return change.status in USABLE
    return incident is not None and incident.hotfix == release.id and may_have_hotfix(incident)


def _of_failure(release: Release, codes: set[str], asked: tuple[Intent, ...]) -> tuple[tuple[Button, bool], ...]:
    """F1 and F2: from HELD only, and a re-run only for a cause that was recorded and mended without a commit."""
    held = release.status is Status.HELD and release.hold is not None
    failed = held and not codes.isdisjoint(CI_WENT_WRONG)
    last = release.causes[-1] if release.causes else None
    mended = last is not None and last.mend is not Mend.COMMIT and last.attempt >= _asked(release, last.run)
    late = release.hold is not None and release.hold.late
    push = release.procedure is Procedure.ROLLBACK and Code.PUSH_REFUSED in codes
    at_production = release.stage is Stage.PRODUCTION
    return (
        (Button.TRY_AGAIN, (Code.ACT_STUCK in codes or push) and Intent.TRY_AGAIN in asked),
        (Button.CAUSE, failed and Intent.CAUSE in asked and (not mended or Code.CI_RERUN in codes)),
        (Button.RERUN, failed and Intent.RERUN in asked and mended),
        (
            Button.LOOK_AGAIN,
            held and Intent.LOOK_AGAIN in asked and (late or Code.BRANCH_MOVED in codes or at_production),
        ),
        (Button.REDEPLOY, held and Intent.REDEPLOY in asked),
        (Button.ACCEPT_DIFFERENCE, held and Intent.ACCEPT_DIFFERENCE in asked and not codes.isdisjoint(DIFFER)),
    )


def _asked(release: Release, run: int) -> int:
    """The attempt of a run that was asked for last."""
    return max((r.attempt for r in release.reruns if r.run == run and not r.lost), default=1)


def _push_again(stages: tuple[StageView, ...]) -> bool:
    """Not asked for yet, refused, or asked for so long ago that it seems lost."""
    findings = [f for s in stages for f in s.findings if s.stage is Stage.PUSH]
    return any(f.code in (Code.PUSH_WAITS, Code.PUSH_REFUSED) or (f.code == Code.PUSHING and f.late) for f in findings)


def _green(stages: tuple[StageView, ...]) -> bool:
    """Every stage before the push stands."""
    return all(s.mark is Mark.PASSED for s in stages if s.stage in BEFORE_PUSH - {Stage.PUSH})


def may_press(user: str, button: Button, view: ReleaseView, policy: Policy, directory: Directory) -> bool:
    """Whether this person's click would be refused for who they are."""
    releaser = has(policy, directory, user, Role.RELEASER)
    approver = has(policy, directory, user, Role.APPROVER)
    incident = has(policy, directory, user, Role.INCIDENT)
    owner = user == view.release.owner
    leads = view.incident is not None and user == view.incident.lead and has(policy, directory, user, *Role)
    authors, _ = writers(policy, view.candidate.commits if view.candidate else ())
    second = user not in {view.release.owner, view.release.started_by, view.change.requester} | authors
    return {
        Button.ACKNOWLEDGE: releaser and (owner or view.release.procedure is Procedure.HOTFIX),
        Button.ACCEPT_PATHS: approver and user != view.change.requester and user not in authors,
        Button.TAKE_OVER: releaser,
        Button.PUSH: releaser,
        Button.ABORT: owner or approver,
        Button.START_AGAIN: incident or leads if view.release.procedure is Procedure.HOTFIX else releaser,
        Button.CAUSE: releaser,
        Button.RERUN: releaser,
        Button.LOOK_AGAIN: True,
        Button.TRY_AGAIN: owner or has(policy, directory, user, *PUSHERS[view.release.procedure]),
        Button.REDEPLOY: releaser,
        Button.ACCEPT_DIFFERENCE: approver and second,
        Button.ACCEPT_SIZE: approver and second,
        Button.ACCEPT_IRREVERSIBLE: approver and second,
        Button.ACCEPT_CRITICALS: (approver or incident) and second,
        Button.CONFIRM: view.incident is not None and user == view.incident.lead,
        Button.ROLL_BACK: releaser or approver or incident,
    }[button]
