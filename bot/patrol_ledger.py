"""Facts for decisions about violations, from what is stored. Shared by desk and reconciler."""

from datetime import datetime

from bot import ledger
from bot.sop.facts import Seen, Tip
from bot.sop.patrol import LASTING
from bot.sop.patrol.act import Act, acts
from bot.sop.patrol.facts import Above, Lately, Live, PatrolFacts, Played, last_verified
from bot.sop.policy import Policy, Service
from bot.sop.records import FreezeStatus, IncidentStatus, ViolationStatus
from bot.sop.timeline import affected_probes
from bot.verified_ledger import verified_answers
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
    releases = (*open_, *unit.releases(open=False, lock_services=together, limit=CLOSED))
    asked = (r for r in releases if r.push_asked is not None and r.pushed is None)
    moved = {r.id: unit.seen(r.name, "moved", Seen[str]).value for r in asked}
    return PatrolFacts(
        now=now,
        directory=ledger.directory(unit),
        baseline=baseline,
        began=unit.seen(subject, "began", Seen[datetime]).value,
        releases=releases,
        moved={id: sha for id, sha in moved.items() if sha is not None},
        tips={id: tip.sha for id, tip in tips.items() if tip is not None},
        freezes=unit.freezes(status=tuple(FreezeStatus)),
        violations=tuple(v for v in known if v.status is ViolationStatus.OPEN or (v.present and v.code in LASTING)),
        live=unit.seen(subject, "live", Seen[Live]),
        played=unit.seen(subject, "played", Seen[Played]),
        verified=verified_answers(unit, service, policy, baseline) if baseline else None,
        expected=expected(unit, service),
        lately=unit.seen(subject, "lately", Seen[Lately]),
        above=unit.seen(subject, "above", Seen[Above]),
    )


def expected(unit: Unit, service: Service) -> dict[str, str]:
    """Probes that an open incident names as affected, and the incident: that they answer otherwise is known."""
    known = reversed(unit.incidents(service=service.name, status=(IncidentStatus.OPEN,), limit=OPEN))
    return {p.name: i.name for i in known for p in affected_probes(i, service)}


def act_of(unit: Unit, id: int) -> Act | None:
    """All that stands on one card with this violation. None: there is no such violation."""
    found = unit.violation(id)
    if found is None:
        return None
    return next(a for a in acts(unit.violations(service=found.service, open=None)) if a.name == found.card)
