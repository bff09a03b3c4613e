"""Facts for decisions about violations, from what is stored. Shared by desk and reconciler."""

from datetime import datetime

from bot import ledger
from bot.sop.facts import Seen, Tip
from bot.sop.patrol import LASTING
from bot.sop.patrol.facts import Above, Known, Lately, Live, PatrolFacts, Played, Verified, last_verified
from bot.sop.policy import Policy, Service
from bot.sop.records import Baseline, FreezeStatus, ViolationStatus
from storage.unit import Unit

CLOSED = 50  # releases whose commits are known as ours
OPEN = 100


def patrol_facts(unit: Unit, service: Service, policy: Policy, now: datetime) -> PatrolFacts:
    """From what is stored."""
    subject, together = f"patrol:{service.name}", policy.together(service)
    open_ = unit.releases(open=True, lock_services=together, limit=OPEN)
    baseline = last_verified(unit.baseline(service.name), open_)
    tips = {r.id: unit.seen(r.name, "tip", Seen[Tip]).value for r in open_}
    known = unit.violations(service=service.name, open=None)
    return PatrolFacts(
        now=now,
        directory=ledger.directory(unit),
        baseline=baseline,
        began=unit.seen(subject, "began", Seen[datetime]).value,
        releases=(*open_, *unit.releases(open=False, lock_services=together, limit=CLOSED)),
        tips={id: tip.sha for id, tip in tips.items() if tip is not None},
        freezes=unit.freezes(status=tuple(FreezeStatus)),
        violations=tuple(v for v in known if v.status is ViolationStatus.OPEN or (v.present and v.code in LASTING)),
        live=unit.seen(subject, "live", Seen[Live]),
        played=unit.seen(subject, "played", Seen[Played]),
        verified=verified_answers(unit, service, policy, baseline) if baseline else None,
        lately=unit.seen(subject, "lately", Seen[Lately]),
        above=unit.seen(subject, "above", Seen[Above]),
    )


def verified_answers(unit: Unit, service: Service, policy: Policy, baseline: Baseline) -> Verified | None:
    """What the release that brought the baseline had attested; of an adopted one what it answered at first."""
    release = unit.release(baseline.release) if baseline.release else None
    rested = release and (release.attestation or (release.rollback and release.rollback.target_attestation))
    attested = unit.attestation(rested) if rested else None
    if release is None or attested is None:
        found = unit.seen(f"patrol:{service.name}", "reference", Seen[Verified]).value
        return found if found and found.sha == baseline.sha else None
    then = ledger.policy_of(unit, release, policy).service(service.name)
    answers = {a.name: a for a in attested.probes}
    known = tuple(Known(probe=p, answer=answers[p.name]) for p in then.probes if p.name in answers) if then else ()
    return Verified(sha=baseline.sha, known=known, release=release.id, accepted=release.differences)
