"""Rules 5 and C: production reflects the new version, and behaves as what was proved locally."""

from collections import Counter
from datetime import datetime

from bot.sop.codes import Code
from bot.sop.facts import Facts, ProbeAnswer, Round
from bot.sop.gates.preconditions import standing
from bot.sop.gates.push import service_of
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.policy import Policy, VersionSource
from bot.sop.probes import differences, is_version
from bot.sop.records import Release
from bot.sop.stages import Stage

ROUNDS = 2  # all samples new, twice in a row


def version_reflected(release: Release, facts: Facts, policy: Policy) -> Verdict:
    fleet, push, service = facts.fleet.known, release.pushed, service_of(release, policy)
    if fleet is None or push is None or fleet.expected != push.sha or not fleet.rounds:
        return unseen("production", facts.fleet)
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
    fleet, attested, service = facts.fleet.known, standing(release, facts, policy), service_of(release, policy)
    if fleet is None or attested is None or not fleet.rounds:
        return unseen("production", facts.fleet)
    if fleet.probed_at is None or fleet.probed_at < fleet.rounds[-1].at:
        return waits(Code.PROBES_WAIT)
    served = {a.name: a for a in fleet.probes}
    unreached = [
        {"name": p.name, "error": a.error if (a := served.get(p.name)) else "not played"}
        for p in service.probes
        if p.name not in served or served[p.name].error
    ]
    if unreached:
        late = facts.now - since(release, facts) > service.production.update_within
        return waits(Code.PROBES_UNREACHED, release.owner, late=late, probes=unreached)
    local = {a.name: a for a in attested.probes}
    unknown = ProbeAnswer(name="", error="not attested")
    found = [d for p in service.probes for d in differences(local.get(p.name, unknown), served[p.name], p)]
    if found:
        shown = [{"probe": d.probe, "field": d.field, "local": d.local, "production": d.production} for d in found[:20]]
        return fails(Code.DIFFERENT, "approver", release.owner, differences=shown, count=len(found))
    return passes(Code.IDENTICAL, probes=len(service.probes), by=attested.signer)


def since(release: Release, facts: Facts) -> datetime:
    """When production began to be awaited: the end of CI."""
    return next((p.at for p in release.passed if p.stage is Stage.CI), facts.now)
