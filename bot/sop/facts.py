"""Frozen inputs of a decision: what was seen in git, GitHub, CI, production and among people, and when."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.policy import Probe
from bot.sop.records import (
    Baseline,
    Change,
    DifferenceAccepted,
    Freeze,
    Incident,
    Lock,
    Release,
    RootCause,
    Violation,
)

T = TypeVar("T")


class CannotLook(Exception):
    """A reader could not see the world; the message says why, for people. `until`: nor will it before then."""

    def __init__(self, said: str, until: datetime | None = None) -> None:
        super().__init__(said)
        self.until = until


class NotThere(CannotLook):
    """It was looked for, and there is no such thing."""


class Seen(Frozen, Generic[T]):
    """A look at the world. Never looked: all None. A failed look keeps the last value for show, never for a gate."""

    value: T | None = None
    at: AwareDatetime | None = None  # of the look that gave the value
    error: str | None = None  # why the latest look failed
    until: AwareDatetime | None = None  # with an error: a look before then would fail, too
    absent: bool = False  # with an error: the other side answered that there is no such thing

    @property
    def missing(self) -> bool:
        return self.error is not None and self.absent

    @property
    def known(self) -> T | None:
        """What a gate may rest on: nothing while looking fails (law 1)."""
        return self.value if self.error is None else None


class Directory(Frozen):
    """Slack's people: members of the user groups named in `roles`, and who is deactivated."""

    groups: dict[str, tuple[str, ...]] = {}
    deactivated: frozenset[str] = frozenset()
    names: dict[str, str] = {}
    zones: dict[str, str] = {}  # IANA names of people's time zones
    at: AwareDatetime | None = None  # when they were read
    error: str | None = None  # why they could not be read since


class Commit(Frozen):
    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: str  # GitHub login, or the e-mail address where GitHub knows no account
    committer: str
    author_name: str
    url: str
    paths: tuple[str, ...] = ()


class Candidate(Frozen):
    """The commits that a release would bring to the designated branch, as GitHub has them."""

    ref: str  # branch or commit, as asked for
    sha: str
    tree: str
    branch: str | None  # the branch of this repository whose head it is; None: the head of no branch
    tip: str  # commit of the designated branch at the same look
    contains_tip: bool
    base: str
    commits: tuple[Commit, ...]  # base (excluded) to sha, oldest first
    paths: tuple[str, ...]  # changed between base and sha
    lines: int = 0  # added and removed between base and sha
    by_commit: bool = False  # the paths of each commit were asked for too
    truncated: bool = False  # GitHub lists no more: then nothing is known of the rest
    compare_url: str


class Tip(Frozen):
    """The head of the designated branch."""

    sha: str
    tree: str
    ahead: tuple[Commit, ...] = ()  # commits after the base or the pushed commit, oldest first
    pushed_by: str | None = None  # GitHub login, where known
    pushed_at: AwareDatetime | None = None


class Issue(Frozen):
    number: int
    title: str
    url: str


class Job(Frozen):
    id: int
    name: str
    status: str  # queued, in_progress, completed, waiting, …
    conclusion: str | None
    url: str
    failed_step: str | None = None
    log_tail: tuple[str, ...] = ()  # the last lines of a failed job, secrets masked
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None


class Run(Frozen):
    id: int
    workflow: str  # file name under .github/workflows
    name: str
    event: str
    head_sha: str
    head_branch: str
    repository: str
    attempt: int
    status: str
    conclusion: str | None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None  # of its latest attempt
    url: str
    jobs: tuple[Job, ...] = ()


class Runs(Frozen):
    """Workflow runs of the pushed commit, and unfinished older runs of the same branch."""

    of_push: tuple[Run, ...] = ()
    older_unfinished: tuple[Run, ...] = ()
    usual_seconds: float | None = None  # median of past successful runs


class Sample(Frozen):
    version: str | None = None  # as served, after `version.map`
    error: str | None = None


class Round(Frozen):
    """One round of reads of the version, each over a fresh connection."""

    at: AwareDatetime
    samples: tuple[Sample, ...]


class ProbeAnswer(Frozen):
    """A normalised answer: `body` has its ignored fields left out."""

    name: str
    status: int | None = None
    body: Any = None
    error: str | None = None


class Fleet(Frozen):
    """What production served for one expected commit: the last two rounds, and the probes once all were new."""

    expected: str
    rounds: tuple[Round, ...] = ()
    probes: tuple[ProbeAnswer, ...] = ()
    probed_at: AwareDatetime | None = None


class Known(Frozen):
    """A verified answer, and the probe as it was defined then."""

    probe: Probe
    answer: ProbeAnswer


class Verified(Frozen):
    """How a commit behaves: attested by the release that brought it, or seen in production: of a service that went out
    with another one when it was verified, of an adopted commit (`release` None) at the first look."""

    sha: str
    known: tuple[Known, ...]
    release: int | None = None
    accepted: tuple[DifferenceAccepted, ...] = ()

    def still(self, probes: tuple[Probe, ...]) -> tuple[Known, ...]:
        """Of probes that are defined as they were: under another definition the answers do not compare."""
        return tuple(k for k in self.known if k.probe in probes)


class Served(Frozen):
    """What production served when nothing was expected of it: the text, and the commit GitHub knows it as."""

    text: str
    sha: str
    url: str


class JobLog(Frozen):
    """The whole log of a failed job, secrets masked: a root cause quotes it (F1)."""

    run: int
    attempt: int
    job: str
    lines: tuple[str, ...]


class Deployment(Frozen):
    sha: str
    ref: str
    environment: str
    state: str  # of its latest status
    url: str
    created_at: AwareDatetime


class Diagnosis(Frozen):
    """F2: the three questions answered. `missing`: required variables and secrets the environment lacks, by name."""

    deployment: Deployment | None
    environment: str | None
    missing: tuple[str, ...] = ()
    log: tuple[str, ...] = ()  # the last lines of the deploy


class Revert(Frozen):
    """A commit object whose tree is the target's and whose parent was the branch's head; no ref points to it."""

    sha: str
    tree: str
    parent: str
    pull: str | None = None  # `push: watch`: URL of the pull request


class Logged(Frozen):
    """An entry that stands in the decision log."""

    key: str
    url: str
    once: str | None = None  # which writing of it: an older one is not what was said last


class Stuck(Frozen):
    """An outgoing act that the release waits for, refused or given up: it is not tried again unasked."""

    kind: str  # of the effect: make_revert, write_log, rerun_run, cancel_run
    key: str
    error: str  # the other side's words


class Activity(Frozen):
    """What GitHub recorded of a branch."""

    id: int
    kind: str  # push, force_push, branch_deletion, pr_merge, …
    before: str
    after: str
    login: str | None
    at: AwareDatetime


class PastCause(Frozen):
    """A root cause that was recorded for an earlier release of the service."""

    release: str
    cause: RootCause


class Target(Frozen):
    """A commit that a rollback may return to: verified in production once, or adopted."""

    sha: str
    tree: str | None
    release: int | None
    attestation: int | None
    at: AwareDatetime
    rolled_back: bool = False  # the release that brought it was taken back, or what a rollback returned to with it


class PushRefusal(Frozen):
    """The designated branch was not moved to `sha`: GitHub refused it, or the bot made no push (`dropped`)."""

    sha: str
    error: str
    dropped: bool = False


class Check(Frozen):
    """One thing that a preflight looked at."""

    name: str  # clean, branch, commits, build, run, probes
    ok: bool
    seen: str  # one line of what was seen
    detail: tuple[str, ...] = ()


class Attestation(Frozen):
    """A verified, signed statement of what one checkout proved. What the signer says, not that it is so (law 8)."""

    id: int
    service: str
    change: int
    signer: str  # Slack id of the person whose key signed
    key: str  # fingerprint, SHA256:…
    commit: str
    tree: str
    branch: str
    made_at: AwareDatetime
    received_at: AwareDatetime
    checks: tuple[Check, ...]
    probes: tuple[ProbeAnswer, ...]
    digest: str  # SHA-256 of the signed bytes
    proof: str | None = None  # digest of how the service was built, run and probed (`Service.proof`)

    def check(self, name: str) -> Check | None:
        return next((c for c in self.checks if c.name == name), None)


class Beside(Frozen):
    """A service that goes out with the release's own, because they share a repository and branch."""

    service: str
    fleet: Seen[Fleet] = Seen()
    attestations: tuple[Attestation, ...] = ()  # its own preflights for the same change, newest first
    verified: Verified | None = None  # how it behaved when it was verified last; of a rollback at the target


class Facts(Frozen):
    """All that a decision about a release may rest on."""

    now: AwareDatetime
    directory: Directory = Directory()
    change: Change | None = None
    freezes: tuple[Freeze, ...] = ()
    lock: Lock | None = None
    baseline: Baseline | None = None
    attestations: tuple[Attestation, ...] = ()  # of this service and change, newest first
    candidate: Seen[Candidate] = Seen()
    tip: Seen[Tip] = Seen()
    criticals: Seen[tuple[Issue, ...]] = Seen()
    runs: Seen[Runs] = Seen()
    fleet: Seen[Fleet] = Seen()
    beside: tuple[Beside, ...] = ()  # the other services that go out
    push_refusal: Seen[PushRefusal] = Seen()
    incident: Incident | None = None  # that a hotfix resolves
    criticals_open: tuple[Incident, ...] = ()  # open CRITICAL incidents of the service
    patrolled: str | None = None  # head of the branch at the patrol's last look, while others' commits are on it
    violations: tuple[Violation, ...] = ()  # open ones of the service
    taken_changes: tuple[Change, ...] = ()  # whose commits it took over from closed releases
    holder: Release | None = None  # the release that has the lock, when it is another one
    holder_pushing: bool = False  # for it the bot moves the branch, or moved it and nobody has looked since
    log: Seen[JobLog] = Seen()  # of the job that failed
    diagnosis: Seen[Diagnosis] = Seen()
    revert: Seen[Revert] = Seen()
    at_target: Verified | None = None  # how it behaved at the commit that a rollback returns to
    logged: Seen[Logged] = Seen()
    stuck: tuple[Stuck, ...] = ()
    earlier_causes: tuple[PastCause, ...] = ()
    targets: tuple[Target, ...] = ()  # newest first
    reverted: tuple[Release, ...] = ()  # releases that a rollback takes back, newest first
    reverted_changes: tuple[Change, ...] = ()
    strays: tuple[str, ...] = ()  # of the commits that a rollback takes back: those that no release brought
    pushing: bool = False  # the outbox is moving the branch at this moment, or may have without hearing the answer
    put_off: str | None = None  # why the push that was asked for was not made yet; it is tried again by itself
    moved: Seen[str] = Seen()  # the commit that the outbox moved the branch to for this release, and when
