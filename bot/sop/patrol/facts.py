"""What the patrol looks at (S2, X1 to X4, F1), and which of it is ours."""

from collections.abc import Iterator

from pydantic import AwareDatetime

from bot.sop.facts import Activity, Directory, ProbeAnswer, Round, Run, Seen, Tip, Verified
from bot.sop.model import Frozen
from bot.sop.records import Baseline, Freeze, Pushed, Release, Violation
from bot.sop.stages import Stage, Status

GATEWAY = (502, 503, 504)  # said by what stands before production: it did not answer


class Ran(Frozen):
    """A workflow run that was created, or begun again, lately."""

    run: Run  # as its latest attempt stands
    login: str | None  # who began that attempt


class Lately(Frozen):
    """What GitHub tells of a repository since a time."""

    since: AwareDatetime
    tip: str | None  # head of the designated branch; None: there is no such branch now
    activity: tuple[Activity, ...] = ()  # of the designated branch, newest first
    bypassed: tuple[str, ...] = ()  # commits pushed past the branch's protection, where GitHub tells
    runs: tuple[Ran, ...] = ()


class Above(Frozen):
    """The designated branch, with the commits that came to it after what was verified last."""

    after: str  # the commit that was verified last at that look
    tip: Tip


class Origin(Frozen):
    """What GitHub knows of a version that production serves."""

    sha: str | None  # None: no commit of the repository
    runs: tuple[Run, ...] = ()  # of that commit


class Version(Frozen):
    """A version that production serves."""

    text: str
    origin: Origin
    first_at: AwareDatetime  # when the patrol first saw it served without a pause
    absent_at: AwareDatetime | None = None  # a look at all samples just before that, without it


class Live(Frozen):
    """What production served at the latest look, and the last time that every sample answered."""

    round: Round
    versions: tuple[Version, ...]
    whole_at: AwareDatetime | None = None

    @property
    def whole(self) -> bool:
        return self.whole_at == self.round.at


class Played(Frozen):
    """The probes played on production while it served `sha`; twice when the first answers were not as verified."""

    sha: str
    plays: tuple[tuple[ProbeAnswer, ...], ...]


class PatrolFacts(Frozen):
    """All that a decision about violations of a service may rest on."""

    now: AwareDatetime
    directory: Directory = Directory()
    baseline: Baseline | None = None  # last verified: see last_verified
    began: AwareDatetime | None = None  # since when this service is patrolled
    releases: tuple[Release, ...] = ()  # of its lock: the open ones, and the last closed ones
    tips: dict[int, str] = {}  # open release -> head of the branch at its own last look
    moved: dict[int, str] = {}  # release -> commit that the bot moved the branch to for it, not recorded as pushed yet
    freezes: tuple[Freeze, ...] = ()  # past ones too
    violations: tuple[Violation, ...] = ()  # of the service: open, or explained and still present
    live: Seen[Live] = Seen()
    played: Seen[Played] = Seen()
    verified: Verified | None = None  # of the baseline
    expected: dict[str, str] = {}  # probes that an open incident names as affected -> the incident
    lately: Seen[Lately] = Seen()
    above: Seen[Above] = Seen()

    @property
    def open(self) -> tuple[Release, ...]:
        return tuple(r for r in self.releases if not r.closed)

    @property
    def deploying(self) -> bool:
        """Whether a release may be changing production now."""
        return any((r.pushed or r.earlier) and not r.has_passed(Stage.PRODUCTION) for r in self.open)


def last_verified(baseline: Baseline | None, releases: tuple[Release, ...]) -> Baseline | None:
    """A release that waits only for its note or its entry in the log has been verified in production already."""
    for release in releases:
        passed = next((p for p in release.passed if p.stage is Stage.PRODUCTION), None)
        if passed and release.pushed and not release.closed and baseline and passed.at > baseline.at:
            own = {"sha": release.pushed.sha, "at": passed.at, "by": release.owner, "release": release.id}
            return baseline.model_copy(update=own)
    return baseline


def comparable(live: Live, facts: PatrolFacts, baseline: Baseline) -> bool:
    """Whether answers of production now are answers of what was verified: nothing else runs, nothing is on its way."""
    return live.whole and not facts.deploying and all(v.origin.sha == baseline.sha for v in live.versions)


def silence(answer: ProbeAnswer) -> str | None:
    """Why this is no answer of production."""
    return answer.error or (f"HTTP {answer.status}" if answer.status in GATEWAY else None)


def answered(answer: ProbeAnswer) -> bool:
    return silence(answer) is None


# --- what is ours: the SHAs that releases recorded, whoever pushed them


def pushes(release: Release) -> Iterator[Pushed]:
    yield from release.earlier
    if release.pushed is not None:
        yield release.pushed


def ours(sha: str, facts: PatrolFacts) -> Release | None:
    """The release that brought this commit to the branch, asks for it now, or for which the bot brought it there, be it
    that the release was over by the time this was heard."""
    for release in facts.releases:
        if any(p.sha == sha for p in pushes(release)):
            return release
    asking = (r for r in facts.open if r.push_asked is not None and r.push_asked.says == sha)
    return next(asking, None) or next((r for r in facts.releases if facts.moved.get(r.id) == sha), None)


def superseded(sha: str, facts: PatrolFacts, baseline: Baseline) -> bool:
    """Whether this commit was in production before what was last verified, and no open release has to do with it."""
    rolled = {id for r in facts.open if r.rollback for id in r.rollback.reverts}
    if any(p.sha == sha for r in facts.releases if not r.closed or r.id in rolled for p in pushes(r)):
        return False
    over = (Status.COMPLETE, Status.ROLLED_BACK)
    before = {r.base for r in facts.releases if r.status in over or r.has_passed(Stage.PRODUCTION)}
    earlier = {p.sha for r in facts.releases for p in pushes(r) if p.at < baseline.at}
    return sha in (before | earlier) - {baseline.sha}


def moves(facts: PatrolFacts) -> tuple[Activity, ...]:
    return facts.lately.known.activity if facts.lately.known else ()
