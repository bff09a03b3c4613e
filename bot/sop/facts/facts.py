"""All that a decision about a release may rest on."""

from pydantic import AwareDatetime

from bot.sop.facts.code import (
    Candidate,
    Diagnosis,
    Issue,
    JobLog,
    Logged,
    PastCause,
    PushRefusal,
    Revert,
    Runs,
    Stuck,
    Target,
    Tip,
)
from bot.sop.facts.production import Fleet, ProbeAnswer, Verified
from bot.sop.facts.seen import Seen
from bot.sop.model import Frozen
from bot.sop.records import (
    Baseline,
    Change,
    Freeze,
    Incident,
    Lock,
    Release,
    Violation,
)


class Directory(Frozen):
    """Slack's people: members of the user groups named in `roles`, and who is deactivated."""

    groups: dict[str, tuple[str, ...]] = {}
    deactivated: frozenset[str] = frozenset()
    names: dict[str, str] = {}
    zones: dict[str, str] = {}  # IANA names of people's time zones
    at: AwareDatetime | None = None  # when they were read
    error: str | None = None  # why they could not be read since


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
