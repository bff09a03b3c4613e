"""How services behaved when they were verified, from what is stored; and what is seen of those that go out together."""

from bot.sop.facts import Beside, Fleet, Known, ProbeAnswer, Seen, Target, Verified
from bot.sop.patrol.facts import last_verified
from bot.sop.policy import Policy, Service
from bot.sop.records import Baseline, Release
from bot.sop.stages import Status
from storage.unit import Unit

ENOUGH = 50  # attestations of one change
OPEN = 100


def policy_of(unit: Unit, release: Release, current: Policy) -> Policy:
    """A running release keeps the policy it was started under."""
    return current if release.policy == current.digest else unit.policy(release.policy) or current


def others(unit: Unit, release: Release, service: Service, policy: Policy) -> tuple[Beside, ...]:
    """The services that go out with the release's own, and what they are compared with."""
    found = []
    for other in policy.beside(service):
        back = release.rollback
        last = behaved_at(unit, other, policy, back.target) if back else _behaved_last(unit, other, policy)
        beside = Beside(
            service=other.name,
            fleet=unit.seen(release.name, fleet_of(other.name), Seen[Fleet]),
            attestations=() if back else unit.attestations(other.name, release.change, ENOUGH),
            verified=last,
        )
        found.append(beside)
    return tuple(found)


def fleet_of(service: str) -> str:
    """Under which kind a release keeps what it saw of a service beside its own."""
    return f"fleet:{service}"


def _behaved_last(unit: Unit, service: Service, policy: Policy) -> Verified | None:
    open_ = unit.releases(open=True, lock_services=policy.together(service), limit=OPEN)
    baseline = last_verified(unit.baseline(service.name), open_)
    return verified_answers(unit, service, policy, baseline) if baseline else None


def behaved_at(unit: Unit, service: Service, policy: Policy, sha: str) -> Verified | None:
    """How it behaved when this commit was verified, or what that returned to; None where that is not known."""
    baseline = next((b for b in unit.baselines(service.name) if b.sha == sha), None)
    if baseline is None:
        return None
    release = unit.release(baseline.release) if baseline.release else None
    known = verified_answers(unit, service, policy, baseline)
    if known is None and release is not None and release.rollback is not None:
        return behaved_at(unit, service, policy, release.rollback.target)
    return known


def targets(unit: Unit, service: str) -> tuple[Target, ...]:
    """Commits that production was verified to serve, newest first, each once."""
    found: dict[str, Target] = {}
    for baseline in unit.baselines(service):
        by = unit.release(baseline.release) if baseline.release else None
        target = Target(
            sha=baseline.sha,
            tree=by.pushed.tree if by and by.pushed else None,
            release=baseline.release,
            attestation=rested_on(by) if by and by.service == service else None,  # another's is of another app
            at=baseline.at,
            rolled_back=by is not None and was_taken_back(unit, by),
        )
        found.setdefault(baseline.sha, target)
    return tuple(found.values())


def was_taken_back(unit: Unit, release: Release) -> bool:
    """Whether it was rolled back; of a rollback: whether what it returned to was."""
    back = release.rollback
    before = unit.release(back.target_release) if back and back.target_release else None
    return release.status is Status.ROLLED_BACK or (before is not None and was_taken_back(unit, before))


def verified_answers(unit: Unit, service: Service, policy: Policy, baseline: Baseline) -> Verified | None:
    """What the release that brought the baseline had attested; of one that another service's release brought what
    production answered then; of an adopted one what it answered at first."""
    release = unit.release(baseline.release) if baseline.release else None
    if release is not None and release.service != service.name:
        return _seen_beside(unit, release, service, policy, baseline.sha)
    attested = unit.attestation(rested_on(release) or 0) if release else None
    if release is None or attested is None:
        return unit.seen(f"patrol:{service.name}", first_answers(baseline.sha), Seen[Verified]).value
    brought = _brought(unit, release)
    known = _known(attested.probes, policy_of(unit, brought, policy), service.name)
    words = release.differences if brought is release else (*brought.differences, *release.differences)
    accepted = tuple(d for d in words if d.service is None)
    return Verified(sha=baseline.sha, known=known, release=release.id, accepted=accepted)


def first_answers(sha: str) -> str:
    """Under which kind the patrol keeps what a commit answered at its first look, of which nothing was attested."""
    return f"reference:{sha}"


def rested_on(release: Release) -> int | None:
    """The attestation that it stands on; a rollback stands on that of what it returned to."""
    return release.attestation or (release.rollback.target_attestation if release.rollback else None)


def _brought(unit: Unit, release: Release) -> Release:
    """The release whose preflight it was."""
    while release.attestation is None and release.rollback is not None and release.rollback.target_release is not None:
        before = unit.release(release.rollback.target_release)
        if before is None:
            break
        release = before
    return release


def _seen_beside(unit: Unit, release: Release, service: Service, policy: Policy, sha: str) -> Verified | None:
    """What was accepted then is among its answers."""
    fleet = unit.seen(release.name, fleet_of(service.name), Seen[Fleet]).value
    if fleet is None or fleet.expected != sha or fleet.probed_at is None:
        return None
    known = _known(fleet.probes, policy_of(unit, release, policy), service.name)
    return Verified(sha=sha, known=known, release=release.id)


def _known(answers: tuple[ProbeAnswer, ...], policy: Policy, name: str) -> tuple[Known, ...]:
    """With the probes as they were defined then."""
    service, by_name = policy.service(name), {a.name: a for a in answers}
    return tuple(Known(probe=p, answer=by_name[p.name]) for p in service.probes if p.name in by_name) if service else ()
