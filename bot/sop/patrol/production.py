"""What production serves and how it answers, against what was last verified (X1 to X4, S2)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.sop.codes import Code
from bot.sop.facts import Known, ProbeAnswer, Run, Verified
from bot.sop.gates.ci import DONE
from bot.sop.gates.deploys import by_push, deploys
from bot.sop.patrol.facts import (
    Live,
    PatrolFacts,
    Played,
    Version,
    answered,
    comparable,
    moves,
    ours,
    pushes,
    superseded,
)
from bot.sop.patrol.sighting import Sighting
from bot.sop.policy import Policy, Service
from bot.sop.probes import Difference, differences
from bot.sop.records import Baseline, Freeze, FreezeStatus, Release
from bot.sop.stages import Procedure

SHOWN = 20  # differing fields


def of_version(facts: PatrolFacts, policy: Policy, service: Service, baseline: Baseline) -> Iterator[Sighting]:
    live = facts.live.known
    if live is None or live.round.at < baseline.at:  # seen before what was verified since then
        return
    for version in live.versions:
        if version.origin.sha == baseline.sha:
            continue
        said = _said(version, live, facts, service, baseline)
        who = next((a.login for a in moves(facts) if a.after == version.origin.sha), None)
        broken = _broken(version, facts, service, baseline)
        name = version.origin.sha or version.text
        if broken is not None:
            rule, code = broken
            key = f"{service.name}:{rule}:{name}"
            yield Sighting(key=key, service=service.name, rule=rule, code=code, values=said, who=who)
        freeze = _freeze_passed(version, facts, policy, service, baseline)
        if freeze is not None:
            said = {**said, "freeze": freeze.name, "reason": freeze.reason, "owner": freeze.owner}
            key, code = f"{service.name}:X4:{name}:{freeze.name}", Code.DEPLOYED_IN_FREEZE
            yield Sighting(key=key, service=service.name, rule="X4", code=code, values=said, who=who)


def _said(version: Version, live: Live, facts: PatrolFacts, service: Service, baseline: Baseline) -> dict[str, Any]:
    sha = version.origin.sha
    release = ours(sha, facts) if sha else None
    return {
        "service": service.name,
        "version": version.text,
        "sha": sha,
        "seen": Counter(s.version for s in live.round.samples)[version.text],
        "of": len(live.round.samples),
        "verified": baseline.sha,
        "release": release.name if release else None,
        "last": f"R-{baseline.release}" if baseline.release else None,
        "workflows": list(service.ci.workflows),
    }


def _broken(version: Version, facts: PatrolFacts, service: Service, baseline: Baseline) -> tuple[str, Code] | None:
    """The gravest rule that this version breaks by being there."""
    sha = version.origin.sha
    if sha is None:
        return "X1", Code.VERSION_STRANGE
    if superseded(sha, facts, baseline):
        return "S2", Code.VERSION_RETURNED
    release = ours(sha, facts)
    if not all(_came_by(w, version.origin.runs, release, service) for w in service.ci.workflows):
        return "X2", Code.DEPLOYED_WITHOUT_CI
    return ("X3", Code.DEPLOYED_WITHOUT_RELEASE) if release is None else None


def _came_by(workflow: str, runs: tuple[Run, ...], release: Release | None, service: Service) -> bool:
    """Whether this workflow, started by a push, can have let the version through.

    A run that is not over yet can still; of a release's own commit one that failed after its deploy began did.
    """
    mine = [r for r in runs if r.workflow == workflow and by_push(r, service)]
    return any(r.status != DONE or r.conclusion == "success" or (release and deploys(r, service)) for r in mine)


def _freeze_passed(
    version: Version, facts: PatrolFacts, policy: Policy, service: Service, baseline: Baseline
) -> Freeze | None:
    """The freeze during which this version was surely deployed, other than by a hotfix or a rollback.

    What was pushed before the freeze began was released before it: preconditions hold until the push.
    """
    sha = version.origin.sha
    release = ours(sha, facts) if sha and not superseded(sha, facts, baseline) else None
    if release is not None and release.procedure is not Procedure.STANDARD:
        return None
    if release is not None:
        earliest = latest = next((p.at for p in pushes(release) if p.sha == sha), None)
    else:
        begun = [r.created_at for r in version.origin.runs if by_push(r, service)]
        bounds = [at for at in (version.absent_at, min(begun, default=None)) if at is not None]
        earliest, latest = max(bounds, default=None), version.first_at
    if earliest is None or latest is None:
        return None
    together = policy.together(service)
    return next((f for f in facts.freezes if f.touches_any(together) and _held(f, earliest, latest)), None)


def _held(freeze: Freeze, earliest: datetime, latest: datetime) -> bool:
    """Whether a freeze was in force the whole time between."""
    end = freeze.ended_at or freeze.until
    real = freeze.status is not FreezeStatus.CANCELLED
    return real and freeze.starts_at <= earliest and (end is None or latest < end)


# --- production's behaviour


def fresh_play(facts: PatrolFacts, baseline: Baseline) -> Played | None:
    """The probes as they were answered at this look, by nothing but what was verified."""
    live, played, at = facts.live.known, facts.played.known, facts.played.at
    if live is None or played is None or at is None or not comparable(live, facts, baseline):
        return None
    return played if played.sha == baseline.sha and at >= live.round.at >= baseline.at else None


def of_behaviour(facts: PatrolFacts, service: Service, baseline: Baseline) -> Iterator[Sighting]:
    played, verified = fresh_play(facts, baseline), facts.verified
    if played is None or verified is None:
        return
    key = f"{service.name}:X1:{baseline.sha}:behaviour"
    found = _unexpected(differing(played, verified, service), key, facts)
    if not found:
        return
    shown = [{"probe": d.probe, "field": d.field, "verified": d.local, "production": d.production} for d in found]
    values = {
        "service": service.name,
        "sha": baseline.sha,
        "release": f"R-{verified.release}" if verified.release else None,
        "differences": shown[:SHOWN],
        "count": len(found),
    }
    yield Sighting(key=key, service=service.name, rule="X1", code=Code.BEHAVIOUR_CHANGED, values=values)


def _unexpected(found: tuple[Difference, ...], key: str, facts: PatrolFacts) -> tuple[Difference, ...]:
    """Without those of probes that an open incident names as affected; what had been found before it stays found."""
    before = next((v for v in facts.violations if v.key == key and v.present), None)
    known = {(d["probe"], d["field"]) for d in before.values["differences"]} if before else set()
    return tuple(d for d in found if d.probe not in facts.expected or (d.probe, d.field) in known)


def differing(played: Played, verified: Verified, service: Service) -> tuple[Difference, ...]:
    """Fields that every play answered otherwise than verified, without those that an approver accepted."""
    if verified.sha != played.sha or not played.plays:
        return ()
    accepted = {(a.probe, a.field, a.production) for a in verified.accepted}
    each = [_differences(play, verified.still(service.probes)) for play in played.plays]
    same = (d for d in each[0] if all(d in others for others in each[1:]))
    return tuple(d for d in same if (d.probe, d.field, d.production) not in accepted)


def _differences(play: tuple[ProbeAnswer, ...], known: tuple[Known, ...]) -> tuple[Difference, ...]:
    served = {a.name: a for a in play if answered(a)}
    same = [k for k in known if k.answer.name in served and answered(k.answer)]
    return tuple(d for k in same for d in differences(k.answer, served[k.answer.name], k.probe))
