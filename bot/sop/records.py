"""The things people handle, as they are stored. Ids are positive; people are Slack ids; times are UTC."""

from datetime import datetime
from enum import StrEnum

from bot.sop.finding import Answer, Finding
from bot.sop.model import Frozen
from bot.sop.model import digest as digest_of
from bot.sop.stages import CLOSED, Procedure, Stage, Status


class ChangeKind(StrEnum):
    """T1: what a standard release may carry."""

    EXTENSION = "extension"
    NON_BREAKING = "non-breaking change"
    ROUTINE = "routine update"
    BREAKING = "breaking change"  # offered so that it can be refused with what to do


class Risk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ChangeStatus(StrEnum):
    OPEN = "OPEN"  # waits for approvals
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"  # its approvals ran out before a release pushed it
    RELEASED = "RELEASED"


class Content(Frozen):
    """What a change request says; approvals are bound to its digest (law 3)."""

    service: str
    title: str
    why: str
    kind: ChangeKind
    risk: Risk
    areas: tuple[str, ...]  # features of sop.yaml, or path patterns
    undo: str

    @property
    def digest(self) -> str:
        return digest_of(self)


class Approval(Frozen):
    by: str
    at: datetime
    digest: str  # of the content that was approved


class Rejection(Frozen):
    by: str
    at: datetime
    reason: str


class Change(Frozen):
    id: int
    requester: str
    status: ChangeStatus
    content: Content
    revision: int = 1
    approvals: tuple[Approval, ...] = ()
    rejection: Rejection | None = None
    release: int | None = None  # the release that brought it to production
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"CR-{self.id}"


class Word(Frozen):
    """A person's word, kept as such (law 8)."""

    by: str
    at: datetime
    says: str


class Acceptance(Frozen):
    """An approver accepts paths outside the declared areas, for exactly one tree."""

    by: str
    at: datetime
    paths: tuple[str, ...]
    tree: str
    reason: str


class Pushed(Frozen):
    sha: str
    tree: str
    at: datetime  # when the bot saw it on the designated branch
    by: str | None  # Slack id of the releaser who pressed the button, or who pushed (None: not known)
    login: str | None = None  # GitHub login of the pusher under `push: watch`, where known


class Hold(Frozen):
    """Why a release is HELD or STOPPED: a gate's finding. A late one heals; a failed one waits for a person."""

    finding: Finding
    at: datetime
    beside: tuple[Finding, ...] = ()  # of a STOPPED one: what the other preconditions answered then

    @property
    def late(self) -> bool:
        return self.finding.answer is Answer.WAIT


class Passage(Frozen):
    """When a stage was passed, and what its gates answered then."""

    stage: Stage
    at: datetime
    findings: tuple[Finding, ...] = ()


class LeftAhead(Frozen):
    """Commits on the designated branch that a closed release left there unverified."""

    release: int
    sha: str
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
    candidate: str  # branch or commit, as asked for
    base: str  # commit last verified in production when it started
    policy: str  # digest of the policy in force for it
    sop_stage: str
    sop_status: str
    created_at: datetime
    governance: Word | None = None
    accepted: tuple[Acceptance, ...] = ()
    taken_over: LeftAhead | None = None  # commits of an earlier release that the starter answers for by name
    push_asked: Word | None = None  # who pressed Push; `says` is the commit to be pushed
    pushed: Pushed | None = None
    attestation: int | None = None  # the attestation that stood at the push
    hold: Hold | None = None
    passed: tuple[Passage, ...] = ()
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended_why: str | None = None

    @property
    def name(self) -> str:
        return f"R-{self.id}"

    @property
    def closed(self) -> bool:
        return self.status in CLOSED

    def has_passed(self, stage: Stage) -> bool:
        return any(p.stage is stage for p in self.passed)


class FreezeStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class Freeze(Frozen):
    """X4. `services` empty: all of them. `until` None: until someone ends it."""

    id: int
    status: FreezeStatus
    services: tuple[str, ...]
    reason: str
    owner: str
    starts_at: datetime
    until: datetime | None
    created_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"FRZ-{self.id}"

    def in_force(self, now: datetime) -> bool:
        """By its window, so that a freeze holds from its first second, whenever the clock ticks; one that began holds
        for a replica whose clock is behind, too."""
        begun = self.status is FreezeStatus.ACTIVE or (self.status is FreezeStatus.SCHEDULED and self.starts_at <= now)
        return begun and (self.until is None or now < self.until)

    def touches(self, service: str) -> bool:
        return not self.services or service in self.services

    def touches_any(self, services: tuple[str, ...]) -> bool:
        return any(self.touches(s) for s in services)


class Lock(Frozen):
    """One row a repository and branch. `left` is set when its release closed with its commits still on the branch."""

    key: str  # owner/name@branch
    release: int
    owner: str
    reason: str
    since: datetime
    left: LeftAhead | None = None


class Baseline(Frozen):
    """The commit last verified in production: by a release, or adopted by a person by name."""

    service: str
    sha: str
    at: datetime
    by: str
    release: int | None = None
