"""Rules 5 and C: production reflects the new version, and behaves as what was proved locally."""

from collections import Counter
from datetime import datetime

from bot.sop.codes import Code
from bot.sop.facts import Facts, Fleet, ProbeAnswer, Round, Seen
from bot.sop.finding import Evidence
from bot.sop.gates.preconditions import standing
from bot.sop.gates.push import service_of
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, Probe, Service, VersionSource
from bot.sop.probes import Difference, differences, is_version
from bot.sop.records import DifferenceAccepted, Release
from bot.sop.stages import Stage

SHOWN = 20  # differing fields
DIFFER = (Code.DIFFERENT, Code.DIFFERENT_FROM_VERIFIED, Code.NOT_AS_BEFORE)  # an approver may accept it by field
ROUNDS = 2  # all samples new, twice in a row


def version_reflected(release: Release, facts: Facts, policy: Policy) -> Verdict:
    return reflected(release, facts, service_of(release, policy), facts.fleet)


def reflected(release: Release, facts: Facts, service: Service, seen: Seen[Fleet]) -> Verdict:
    """Whether this service's production serves what was pushed, everywhere and twice in a row."""
    fleet, push = seen.known, release.pushed
    if fleet is None or push is None or fleet.expected != push.sha or not fleet.rounds:
        return unseen("production", seen)
    if _old(release, fleet.rounds[0].at):
        return waits(Code.NOT_LOOKED, what="production")
    source, last = service.production.version, fleet.rounds[-1]
    of = len(last.samples)
    if all_new_twice(fleet.rounds, push.sha, source):
        return passes(Code.VERSION_OK, sha=push.sha, samples=of)
    fresh = sum(is_version(s.version, push.sha, source) for s in last.samples if s.version is not None)
    waited = (facts.now - since(release, facts)).total_seconds()
    within = service.production.update_within.total_seconds()
    errors = [s.error for s in last.samples if s.error]
    late = waited > within
    if errors:
        return waits(Code.VERSION_UNKNOWN, release.owner, late=late, error=errors[0], of=of)
    if late and fresh == of > 0:
        return waits(Code.VERSION_ONCE, of=of)
    if not late:
        return waits(Code.VERSION_SOON, new=fresh, of=of, seconds=waited, within=within)
    counts = Counter(s.version for s in last.samples if s.version and not is_version(s.version, push.sha, source))
    others = [v for v, _ in counts.most_common(5)]
    if fresh:
        return waits(Code.VERSION_MIXED, release.owner, late=True, new=fresh, of=of, within=within, others=others)
    return waits(Code.VERSION_OLD, release.owner, late=True, of=of, within=within, others=others, sha=push.sha)


def all_new_twice(rounds: tuple[Round, ...], sha: str, source: VersionSource) -> bool:
    """A half-updated fleet answers by turns: every sample of the last two rounds must be new."""
    last = rounds[-ROUNDS:]
    return len(last) == ROUNDS and all(
        r.samples and all(s.version is not None and is_version(s.version, sha, source) for s in r.samples) for r in last
    )


def behaves_identically(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """Core functionality behaves identically to local: the same probes, compared field by field."""
    waiting = probes_unready(release, facts, policy)
    fleet, attested, service = facts.fleet.known, standing(release, facts, policy), service_of(release, policy)
    if waiting is not None or fleet is None or attested is None:
        return waiting or unseen("production", facts.fleet)
    found = answers_differ(release, {a.name: a for a in attested.probes}, fleet, service.probes)
    if found:
        return fails(Code.DIFFERENT, "approver", release.owner, differences=found[:SHOWN], count=len(found))
    taken = taken_of(release, None)
    if taken:
        return passes(Code.DIFFERENCE_ACCEPTED, Evidence.WORD, differences=as_words(taken), probes=len(service.probes))
    return passes(Code.IDENTICAL, probes=len(service.probes), by=attested.signer)


def probes_unready(release: Release, facts: Facts, policy: Policy) -> Verdict | None:
    """WAIT while production has not answered every probe since its version was seen; None when it has."""
    return unready(release, facts, service_of(release, policy), facts.fleet)


def unready(release: Release, facts: Facts, service: Service, seen: Seen[Fleet]) -> Verdict | None:
    """The same of one service's production."""
    fleet, push = seen.known, release.pushed
    if fleet is None or not fleet.rounds:
        return unseen("production", seen)
    if (
        push is None
        or fleet.expected != push.sha  # what a rollback was handed over was seen of what it takes back
        or fleet.probed_at is None
        or fleet.probed_at < fleet.rounds[0].at  # of the last two: the version was new before them, and after
        or _old(release, fleet.probed_at)
    ):
        return waits(Code.PROBES_WAIT)
    served = {a.name: a for a in fleet.probes}
    unreached = [
        {"name": p.name, "error": a.error if (a := served.get(p.name)) else "not played"}
        for p in service.probes
        if p.name not in served or served[p.name].error
    ]
    if not unreached:
        return None
    late = facts.now - since(release, facts) > service.production.update_within
    return waits(Code.PROBES_UNREACHED, release.owner, late=late, probes=unreached)


def answers_differ(
    release: Release, wanted: dict[str, ProbeAnswer], fleet: Fleet, probes: tuple[Probe, ...]
) -> list[dict[str, str | None]]:
    """Fields that differ and that no approver has accepted, as values of a finding."""
    found = differing(wanted, fleet, probes, "not attested")
    taken = {(d.probe, d.field, d.production) for d in taken_of(release, None)}
    return [
        {"probe": d.probe, "field": d.field, "local": d.local, "production": d.production}
        for d in found
        if (d.probe, d.field, d.production) not in taken
    ]


def differing(
    wanted: dict[str, ProbeAnswer], fleet: Fleet, probes: tuple[Probe, ...], nothing: str
) -> list[Difference]:
    """`nothing`: what is said of a probe of which no answer is known; it never equals anything."""
    unknown = ProbeAnswer(name="", error=nothing)
    served = {a.name: a for a in fleet.probes}
    return [d for p in probes for d in differences(wanted.get(p.name, unknown), served[p.name], p)]


def taken_of(release: Release, service: str | None) -> tuple[DifferenceAccepted, ...]:
    """What an approver accepted of a service (None: the release's own) for what is pushed now."""
    sha = release.pushed.sha if release.pushed else None
    return tuple(d for d in release.differences if d.service == service and d.sha in (None, sha))


def as_words(accepted: tuple[DifferenceAccepted, ...]) -> list[dict[str, str]]:
    return [{"probe": d.probe, "field": d.field, "by": d.by, "reason": d.reason} for d in accepted]


def as_values(difference: Difference, service: str | None) -> dict[str, str | None]:
    """Of a difference from what was verified; `service` None: of the release's own."""
    return {
        "service": service,
        "probe": difference.probe,
        "field": difference.field,
        "verified": difference.local,
        "production": difference.production,
    }


def _old(release: Release, at: datetime) -> bool:
    return release.fresh_after is not None and at < release.fresh_after


def since(release: Release, facts: Facts) -> datetime:
    """When production began to be awaited: the end of CI."""
    return next((p.at for p in release.passed if p.stage is Stage.CI), facts.now)
