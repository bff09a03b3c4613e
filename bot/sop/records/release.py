"""A release of any procedure, with what people said and asked on its way."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.finding import Answer, Finding
from bot.sop.model import Frozen
from bot.sop.stages import CLOSED, Procedure, Stage, Status


class Word(Frozen):
    """A person's word, kept as such (law 8)."""

    by: str
    at: AwareDatetime
    says: str


class Acceptance(Frozen):
    """An approver accepts paths, or the size of a hotfix, for exactly one tree."""

    by: str
    at: AwareDatetime
    paths: tuple[str, ...]
    tree: str
    reason: str


class Pushed(Frozen):
    sha: str
    tree: str
    at: AwareDatetime  # when it came to the designated branch; not later, where that is not known
    by: str | None  # Slack id of the releaser who pressed the button, or who pushed (None: not known)
    login: str | None = None  # GitHub login of the pusher under `push: watch`, where known
    seen_at: AwareDatetime | None = None  # when the bot saw it there: what is awaited of it is awaited from then on


class Hold(Frozen):
    """Why a release is HELD or STOPPED: a gate's finding. A late one heals; a failed one waits for a person."""

    finding: Finding
    at: AwareDatetime
    beside: tuple[Finding, ...] = ()  # of a STOPPED one: what the other preconditions answered then

    @property
    def late(self) -> bool:
        return self.finding.answer is Answer.WAIT


class Passage(Frozen):
    """When a stage was passed, and what its gates answered then."""

    stage: Stage
    at: AwareDatetime
    findings: tuple[Finding, ...] = ()


class LeftAhead(Frozen):
    """Commits on the designated branch that a closed release left there unverified."""

    release: int  # that brought them, or the last of them; who took them over and pushed nothing brought none
    sha: str
    commits: tuple[str, ...]


class Mend(StrEnum):
    """What was fixed before CI is run again (F1)."""

    COMMIT = "commit"  # starts again at LOCAL_STATE
    CONFIGURATION = "configuration"
    INFRASTRUCTURE = "infrastructure"


class RootCause(Frozen):
    """F1: why CI failed, with a line quoted from the log of the failed job."""

    by: str
    at: AwareDatetime
    run: int
    attempt: int
    job: str
    quote: str
    cause: str
    mend: Mend
    evidence: str  # what was changed where; for a commit what the commit will do


class Rerun(Frozen):
    """A run attempt that was asked for intentionally: recorded first, so that it is known as ours."""

    run: int
    attempt: int  # the one that will come
    by: str
    at: AwareDatetime
    reason: str
    redeploy: bool = False  # F2: the run had succeeded
    lost: bool = False  # somebody else's attempt took its number before the bot asked for it


class DifferenceAccepted(Frozen):
    """An approver's word that production may differ here (rule 5)."""

    by: str
    at: AwareDatetime
    probe: str
    field: str
    production: str  # the value accepted, as it was shown
    reason: str
    sha: str | None = None  # the commit that answered so; for no other is it accepted
    service: str | None = None  # another one that goes out with the release's own


class Rollback(Frozen):
    """R1: what a rollback returns to, and what it reverts. `target_attestation` None: an adopted baseline."""

    target: str  # commit
    target_tree: str | None  # where it is known; the revert's tree is read from the target
    target_release: int | None
    target_attestation: int | None
    reverts: tuple[int, ...]  # releases, newest first
    commits: tuple[str, ...]  # on the branch since the target, oldest first
    reason: str
    was_live: bool  # False: nothing of it had come up in production
    strays: tuple[str, ...] = ()  # of the commits: those that no release brought

    @property
    def names(self) -> list[str]:
        """What is taken back, as people call it."""
        around = ["what was pushed around every release"] if self.strays else []
        return [f"R-{r}" for r in self.reverts] + around or ["what was pushed since"]


class StraysTaken(Frozen):
    """Commits that came to the branch around every release, and that a releaser answers for by name."""

    by: str
    at: AwareDatetime
    commits: tuple[str, ...]


class Release(Frozen):
    id: int
    service: str
    procedure: Procedure = Procedure.STANDARD
    stage: Stage
    status: Status
    owner: str  # the releaser who answers for it now
    started_by: str
    change: int
    change_digest: str  # of the content this release was started for
    title: str | None = None  # of that content
    candidate: str  # branch or commit, as asked for
    base: str  # commit last verified in production when it started
    policy: str  # digest of the policy in force for it
    sop_stage: str
    sop_status: str
    created_at: AwareDatetime
    governance: Word | None = None
    accepted: tuple[Acceptance, ...] = ()
    taken_over: LeftAhead | None = None  # commits of an earlier release that the starter answers for by name
    strays: tuple[StraysTaken, ...] = ()
    push_asked: Word | None = None  # who pressed Push; `says` is the commit to be pushed
    pushed: Pushed | None = None
    earlier: tuple[Pushed, ...] = ()  # pushes of this release that CI rejected, before a fix by commit
    incident: int | None = None  # of a hotfix
    size_accepted: Acceptance | None = None  # H2: a large hotfix, by a second person
    irreversible_accepted: Acceptance | None = None  # T2: paths that a revert does not undo, by a second person
    criticals_accepted: Word | None = None  # other open CRITICALs, by a second person
    resolved: Word | None = None  # H4: the incident's lead confirms
    rollback: Rollback | None = None
    superseded_by: int | None = None  # the rollback that took over
    fresh_after: AwareDatetime | None = None  # what production answered before this counts no more
    causes: tuple[RootCause, ...] = ()
    reruns: tuple[Rerun, ...] = ()
    differences: tuple[DifferenceAccepted, ...] = ()
    attestation: int | None = None  # the attestation that stood at the push
    hold: Hold | None = None
    passed: tuple[Passage, ...] = ()
    ended_by: str | None = None
    ended_at: AwareDatetime | None = None
    ended_why: str | None = None

    @property
    def name(self) -> str:
        return f"R-{self.id}"

    @property
    def closed(self) -> bool:
        return self.status in CLOSED

    @property
    def last_push(self) -> Pushed | None:
        """What it brought to the branch last, be it rejected by CI before a fix by commit."""
        return self.pushed or (self.earlier[-1] if self.earlier else None)

    @property
    def attempted_at(self) -> datetime | None:
        """When CI was set going last: by the push, a re-run or a redeploy."""
        push = self.last_push
        return max([push.seen_at or push.at, *(r.at for r in self.reruns)]) if push else None

    @property
    def taken(self) -> frozenset[str]:
        """Commits of others that it brings along, taken over by name."""
        left = self.taken_over.commits if self.taken_over else ()
        return frozenset(left).union(*(s.commits for s in self.strays))

    def has_passed(self, stage: Stage) -> bool:
        return any(p.stage is stage for p in self.passed)
