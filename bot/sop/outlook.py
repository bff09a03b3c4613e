"""What a person sees of a thing: derived from state, facts and policy, never stored."""

from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.affected import Affected
from bot.sop.decision import Finding
from bot.sop.facts import Attestation, Candidate, Commit, Diagnosis, Issue, JobLog, Seen, Stuck, Target
from bot.sop.model import Frozen
from bot.sop.patrol.act import Act
from bot.sop.patrol.fate import Fate
from bot.sop.patrol.standing import Standing
from bot.sop.records import Change, Freeze, Incident, Release
from bot.sop.stages import Stage


class Mark(StrEnum):
    """How a stage stands."""

    PASSED = "passed"
    CURRENT = "current"  # being worked on; waits for something
    HELD = "held"  # late
    FAILED = "failed"
    AHEAD = "ahead"


class Button(StrEnum):
    """What may be pressed on a release's card now. Links and details are always there."""

    ACKNOWLEDGE = "acknowledge"  # P2, its releaser
    ACCEPT_PATHS = "accept_paths"  # an approver
    TAKE_OVER = "take_over"  # commits that came to the branch around every release
    PUSH = "push"
    ABORT = "abort"
    START_AGAIN = "start_again"
    CAUSE = "cause"  # F1: record the root cause
    RERUN = "rerun"  # F1: once it is recorded and mended without a commit
    LOOK_AGAIN = "look_again"
    REDEPLOY = "redeploy"
    ACCEPT_DIFFERENCE = "accept_difference"
    ACCEPT_SIZE = "accept_size"
    ACCEPT_IRREVERSIBLE = "accept_irreversible"  # paths that a revert does not undo
    ACCEPT_CRITICALS = "accept_criticals"
    CONFIRM = "confirm"  # H4: the incident is resolved
    ROLL_BACK = "roll_back"
    TRY_AGAIN = "try_again"  # an act that GitHub refused, or that was given up


class StageView(Frozen):
    stage: Stage
    mark: Mark
    findings: tuple[Finding, ...] = ()  # every gate of the stage; empty for a stage that is still ahead
    at: AwareDatetime | None = None  # when it was passed


class ReleaseView(Frozen):
    """Everything that the card of a release shows."""

    release: Release
    change: Change
    repository: str  # owner/name
    branch: str  # designated
    beside: tuple[str, ...] = ()  # the other services that go out with it
    stages: tuple[StageView, ...]
    candidate: Candidate | None
    attestation: Attestation | None
    buttons: tuple[Button, ...]
    run_url: str | None  # the run to look at now
    production_url: str
    diagnosis: Diagnosis | None = None  # F2, while production does not update
    deployed_before: bool = False  # what it says was deployed came of the attempt before a redeploy
    log: JobLog | None = None  # F1, of the job that failed
    incident: Incident | None = None  # of a hotfix
    taken_back: tuple[Change, ...] = ()  # change requests that a rollback takes back
    rolled_back_by: Release | None = None  # the rollback that takes it back now
    now: AwareDatetime

    @property
    def title(self) -> str:
        """Of the change request as it was released; it may have been edited since."""
        if self.release.rollback:
            return f"Roll back {', '.join(self.release.rollback.names)}"
        return self.release.title or self.change.content.title

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that keep it from going on."""
        return tuple(f for s in self.stages for f in s.findings if f.answer != "PASS")


class ChangeView(Frozen):
    change: Change
    counted: tuple[str, ...]  # approvers whose approval counts now
    need: int
    approvers: tuple[str, ...]  # people who could approve it now
    release: Release | None  # the open or completed release that carries it
    incident: Incident | None = None  # of an emergency change
    now: AwareDatetime


class Plan(Frozen):
    """What a rollback would do, before it is asked for."""

    release: Release
    targets: tuple[Target, ...]  # newest first but for one that is meant; the first is proposed
    target: Target | None  # that it would return to; None: there is none
    reverts: tuple[Release, ...]
    commits: tuple[Commit, ...]  # that go off the branch, oldest first
    strays: tuple[str, ...]  # of these, those that no release brought
    changes: tuple[Change, ...]
    aborts: Release | None  # another open release of the lock
    usual_seconds: float | None  # median of past rollbacks, else of past releases, from start to end
    was_live: bool


class FreezeView(Frozen):
    freeze: Freeze
    now: AwareDatetime


class IncidentView(Frozen):
    """Everything that the card of an incident shows."""

    incident: Incident
    hotfix: Release | None = None  # its latest
    change: Change | None = None  # its emergency change request
    stuck: Stuck | None = None  # why its note does not stand in the decision log
    issue: Seen[Issue] = Seen()  # that it was taken over from; seen without a value: there is none
    played: Seen[Affected] = Seen()  # its affected probes, on production
    no_channel: str | None = None  # why its own channel could not be opened
    offers_channel: bool = False
    not_by: tuple[str, ...] = ()  # who cannot confirm that it is CRITICAL: they said so first
    kept: str | None = None  # what its own channel was brought up to date with last
    now: AwareDatetime


class ViolationView(Frozen):
    """Everything that the card of an act shows."""

    act: Act
    explainers: tuple[str, ...] = ()  # people and user groups who may explain it
    incidents: tuple[str, ...] = ()  # open ones that name a probe of it as affected
    fate: Fate | None = None  # what became of what was done


class PatrolView(Frozen):
    """How a service stands by the patrol (S2)."""

    service: str
    standing: Standing
    acts: tuple[Act, ...] = ()  # open ones, oldest first


class BaselineWanted(Frozen):
    """A service whose production nobody has adopted yet."""

    service: str
    served: str | None
    error: str | None
    until: AwareDatetime | None = None  # with an error: before then nothing can be seen


class HomeView(Frozen):
    """The App Home of one person."""

    user: str
    roles: tuple[str, ...]
    sop_stage: str
    sop_status: str
    to_approve: tuple[ChangeView, ...]  # changes that wait for this person
    to_do: tuple[ReleaseView, ...]  # releases that wait for this person, with the buttons they may press
    running: tuple[ReleaseView, ...]
    freezes: tuple[FreezeView, ...]  # active and scheduled
    mine: tuple[Release, ...]  # last releases of this person
    my_changes: tuple[ChangeView, ...]  # open ones this person asked for
    baselines: tuple[BaselineWanted, ...]
    patrol: tuple[PatrolView, ...] = ()  # of every service
    incidents: tuple[IncidentView, ...] = ()  # open ones, and those whose note this person may write
    parked: int  # outgoing acts that could not be delivered
    now: AwareDatetime
