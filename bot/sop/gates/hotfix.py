"""A hotfix is ONLY for a confirmed CRITICAL, minimal and reversible (T2, H1, H2), verified and noted (H4, H5)."""

from typing import Any, TypeGuard

from bot.sop.codes import Code
from bot.sop.decision import Evidence
from bot.sop.effects import MakeRevert
from bot.sop.facts import Candidate, Facts, Revert
from bot.sop.gates.production import probes_unready, since
from bot.sop.gates.push import service_of
from bot.sop.gates.stuck import stuck
from bot.sop.gates.verdict import Verdict, fails, passes, unseen, waits
from bot.sop.incident import not_by
from bot.sop.policy import Policy, Role, covers
from bot.sop.probes import BROKEN
from bot.sop.records import Acceptance, IncidentStatus, Note, Release, Severity
from bot.sop.roles import has, writers
from bot.sop.timeline import affected_probes


def incident_critical(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """H1: open, CRITICAL, and confirmed to be."""
    incident = facts.incident
    if incident is None:
        return waits(Code.NOT_LOOKED, what=f"INC-{release.incident}")
    if incident.status is not IncidentStatus.OPEN:
        return fails(Code.INCIDENT_NOT_OPEN, incident=incident.name, status=incident.status.value)
    if incident.severity is not Severity.CRITICAL:
        return fails(Code.SEVERITY_LOWERED, incident=incident.name, severity=incident.severity.value)
    word = incident.confirmed
    if word is None:
        others = not_by(incident, policy)
        lead = None if incident.lead in others else incident.lead
        said: dict[str, Any] = {"incident": incident.name, "lead": lead, "not_by": list(others)}
        return waits(Code.SEVERITY_UNCONFIRMED, Role.INCIDENT.value, **said)
    return passes(Code.INCIDENT_CONFIRMED, Evidence.WORD, incident=incident.name, by=word.by, at=word.at.isoformat())


def freeze_passed(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """X4 does not hold for a hotfix; what it passes, and by which incident's right, is said."""
    out = policy.together(service_of(release, policy))
    freezes = [
        {
            "freeze": f.name,
            "reason": f.reason,
            "until": f.until.isoformat() if f.until else None,
            "owner": f.owner,
        }
        for f in facts.freezes
        if f.touches_any(out) and f.in_force(facts.now)
    ]
    if not freezes:
        return passes(Code.NOT_FROZEN)
    return passes(Code.FREEZE_PASSED, freezes=freezes, incident=f"INC-{release.incident}")


def criticals_beside(facts: Facts) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Open CRITICAL incidents and issues of the service, without the incident being fixed and the issues taken over."""
    mine = facts.incident
    taken = {i.issue for i in facts.criticals_open} | ({mine.issue} if mine else set())
    incidents = [{"incident": i.name, "title": i.title} for i in facts.criticals_open if not mine or i.id != mine.id]
    issues = [i.model_dump() for i in facts.criticals.value or () if i.number not in taken]
    return incidents, issues


def no_critical(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """P4 of a standard release: no labelled issue, no CRITICAL incident; an issue taken over as one counts once."""
    label = service_of(release, policy).critical_label
    incidents, issues = criticals_beside(facts)
    if incidents:
        return fails(Code.CRITICAL_INCIDENTS, label=label, incidents=incidents, issues=issues)
    if facts.criticals.known is None:
        return unseen("issues", facts.criticals)
    if issues:
        return fails(Code.CRITICAL_OPEN, label=label, issues=issues)
    return passes(Code.NO_CRITICAL, label=label)


def other_criticals(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """P4 of a hotfix: beside other open CRITICALs a second person says that it goes on."""
    label = service_of(release, policy).critical_label
    if facts.criticals.known is None:
        return unseen("issues", facts.criticals)
    incidents, issues = criticals_beside(facts)
    names = names_of(incidents, issues)
    if not names:
        return passes(Code.NO_CRITICAL, label=label)
    word = release.criticals_accepted
    if word is not None and has(policy, facts.directory, word.by, Role.APPROVER, Role.INCIDENT):
        spoken_for, _, reason = word.says.partition(": ")
        if set(names) <= set(spoken_for.split(", ")):
            return passes(Code.CRITICALS_ACCEPTED, Evidence.WORD, criticals=names, by=word.by, reason=reason)
    return waits(Code.CRITICALS_WAIT, "approver", "incident", label=label, incidents=incidents, issues=issues)


def names_of(incidents: list[dict[str, Any]], issues: list[dict[str, Any]]) -> list[str]:
    """INC-4 and #12: what a second person's word is bound to."""
    return [*(i["incident"] for i in incidents), *(f"#{i['number']}" for i in issues)]


def minimal_size(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """H2: change only what resolves the incident."""
    candidate, limits = facts.candidate.known, service_of(release, policy).hotfix
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if candidate.truncated:
        return fails(Code.TOO_MANY_COMMITS, release.owner, count=len(candidate.commits))
    values: dict[str, Any] = {"files": len(candidate.paths), "lines": candidate.lines}
    values |= {"max_files": limits.max_files, "max_lines": limits.max_lines}
    if not is_large(candidate, release, policy):
        return passes(Code.SIZE_OK, **values)
    word = _counting(release.size_accepted, candidate, facts, policy)
    if word is None:
        return fails(Code.SIZE_LARGE, "approver", release.owner, **values)
    return passes(Code.SIZE_ACCEPTED, Evidence.WORD, by=word.by, reason=word.reason, **values)


def is_large(candidate: Candidate, release: Release, policy: Policy) -> bool:
    limits = service_of(release, policy).hotfix
    return len(candidate.paths) > limits.max_files or candidate.lines > limits.max_lines


def reversible_paths(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """T2: no path whose change a revert would not undo."""
    candidate = facts.candidate.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if candidate.truncated:
        return fails(Code.TOO_MANY_COMMITS, release.owner, count=len(candidate.commits))
    paths = irreversible(candidate, release, policy)
    if not paths:
        return passes(Code.PATHS_REVERSIBLE, count=len(candidate.paths))
    word = _counting(release.irreversible_accepted, candidate, facts, policy)
    if word is None or not set(paths) <= set(word.paths):
        return fails(Code.PATHS_IRREVERSIBLE, "approver", release.owner, paths=list(paths))
    return passes(Code.IRREVERSIBLE_ACCEPTED, Evidence.WORD, paths=list(paths), by=word.by, reason=word.reason)


def irreversible(candidate: Candidate, release: Release, policy: Policy) -> tuple[str, ...]:
    patterns = service_of(release, policy).irreversible_paths
    return tuple(p for p in candidate.paths if covers(patterns, p))


def _counting(word: Acceptance | None, candidate: Candidate, facts: Facts, policy: Policy) -> Acceptance | None:
    """A second person's acceptance that counts now: of this tree, by an approver who did not write it."""
    authors, _ = writers(policy, candidate.commits)
    if word is None or word.tree != candidate.tree or word.by in authors:
        return None
    return word if has(policy, facts.directory, word.by, Role.APPROVER) else None


def reversible(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """T2: the commit that takes the fix back to what production serves now is there before the fix is pushed.

    Paths that it does not undo have a gate of their own; here they are only never called reversible.
    """
    candidate, baseline, revert = facts.candidate.known, facts.baseline, facts.revert.known
    if candidate is None:
        return unseen("candidate", facts.candidate)
    if candidate.base != release.base:
        return waits(Code.NOT_LOOKED, what="candidate")  # the base moved while it waited for the lock
    if baseline is None or candidate.base != baseline.sha:
        production = baseline.sha if baseline else None
        return fails(Code.NOT_REVERSIBLE, release.owner, base=candidate.base, production=production)
    if not _built_for(revert, candidate):
        error = facts.revert.error
        return stuck("make_revert", release, facts) or waits(
            Code.REVERSIBLE_WAITS, base=candidate.base, parent=candidate.sha, error=error
        )
    wanted = tree_of(candidate.base, facts)
    if wanted is None:
        return waits(Code.NOT_LOOKED, what="the tree of production's commit")
    if revert.tree != wanted:
        return fails(Code.REVERT_WRONG, release.owner, tree=revert.tree, wanted=wanted)
    paths = irreversible(candidate, release, policy)
    if paths:
        return passes(Code.REVERSIBLE_BUT, base=candidate.base, revert=revert.sha, paths=list(paths))
    return passes(Code.REVERSIBLE, base=candidate.base, revert=revert.sha)


def tree_of(base: str, facts: Facts) -> str | None:
    """The tree of production's commit: of the branch while that stands there, or of a verified release."""
    tip = facts.tip.known
    if tip is not None and tip.sha == base:
        return tip.tree
    return next((t.tree for t in facts.targets if t.sha == base), None)


def revert_wanted(release: Release, facts: Facts, policy: Policy) -> MakeRevert | None:
    """The revert that is to be built beforehand, for this candidate; no ref is made, since a ref could start CI."""
    candidate, revert, service = facts.candidate.known, facts.revert.value, service_of(release, policy)
    if release.closed or release.pushed is not None or candidate is None:
        return None
    if candidate.base != release.base or candidate.sha == candidate.base or _built_for(revert, candidate):
        return None
    return MakeRevert(
        release=release.id,
        repository=service.repository,
        branch=service.branch,
        target=candidate.base,
        parent=candidate.sha,
        message=f"{release.name}: take back CR-{release.change} to {candidate.base[:12]}\n",
        pull=False,
        after=revert.sha if revert else None,
    )


def _built_for(revert: Revert | None, candidate: Candidate) -> TypeGuard[Revert]:
    """One that takes back to an earlier base is of no use: the base moves when the hotfix gets the lock."""
    return revert is not None and (revert.parent, revert.target) == (candidate.sha, candidate.base)


def affected_pass(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """H4: what was named as affected works in production."""
    incident, service = facts.incident, service_of(release, policy)
    if incident is None:
        return waits(Code.NOT_LOOKED, what=f"INC-{release.incident}")
    wanted = [p.name for p in affected_probes(incident, service)]
    if not wanted:
        affected = [a for a in (*incident.affected, incident.affected_text) if a]
        return passes(Code.AFFECTED_UNPROBED, affected=affected)
    fleet, push = facts.fleet.known, release.pushed
    if fleet is None or push is None or fleet.expected != push.sha:
        return unseen("production", facts.fleet)
    unready = probes_unready(release, facts, policy)
    if unready is not None and unready.code != Code.PROBES_UNREACHED:
        return unready
    served = {a.name: a for a in fleet.probes}
    silent = [n for n in wanted if n not in served or served[n].error or served[n].status is None]
    if silent:
        late = facts.now - since(release, facts) > service.production.update_within
        errors = [{"name": n, "error": (served[n].error if n in served else None) or "not played"} for n in silent]
        return waits(Code.AFFECTED_UNREACHED, release.owner, late=late, probes=errors)
    failing = [{"name": n, "status": served[n].status} for n in wanted if (served[n].status or BROKEN) >= BROKEN]
    if failing:
        return fails(Code.AFFECTED_FAILING, release.owner, probes=failing)
    return passes(Code.AFFECTED_OK, probes=wanted)


def note_once(note: Note, release: Release) -> str:
    """Names one writing of the note: as it was said, and whether the resolution was confirmed by then."""
    resolved = release.resolved.at.isoformat() if release.resolved else ""
    return f"{note.at.isoformat()}:{resolved}"


def resolution_confirmed(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """H4: the incident's lead says that it is resolved."""
    word, lead = release.resolved, facts.incident.lead if facts.incident else None
    if word is None:
        whom = lead or Role.INCIDENT.value
        return waits(Code.RESOLUTION_WAITS, whom, incident=f"INC-{release.incident}", lead=lead)
    name = f"INC-{release.incident}"
    return passes(Code.RESOLUTION_CONFIRMED, Evidence.WORD, incident=name, by=word.by, at=word.at.isoformat())


def note_written(release: Release, facts: Facts, _policy: Policy) -> Verdict:
    """H5. A note from before this hotfix was pushed is of another resolution."""
    incident, push = facts.incident, release.pushed
    note = incident.note if incident else None
    if incident is None or push is None:
        return waits(Code.NOT_LOOKED, what=f"INC-{release.incident}")
    if note is None or note.at < push.at:
        whom = incident.lead or Role.INCIDENT.value
        return waits(Code.NOTE_WAITS, whom, incident=incident.name, lead=incident.lead)
    return passes(Code.NOTE_WRITTEN, Evidence.WORD, incident=incident.name, by=note.by, at=note.at.isoformat())


def note_logged(release: Release, facts: Facts, policy: Policy) -> Verdict:
    """H5: the entry stands in the decision log, as the note was written last."""
    incident, logged, at = facts.incident, facts.logged.known, facts.logged.at
    if facts.logged.error is not None:
        return unseen("decision log", facts.logged)
    note = incident.note if incident else None
    told = max(note.at, release.resolved.at) if note and release.resolved else note.at if note else None
    ours = incident is not None and logged is not None and logged.key == incident.name
    last = logged is not None and note is not None and logged.once in (None, note_once(note, release))
    if told is None or logged is None or at is None or not (ours and last) or at < told:
        late = told is not None and facts.now - told > service_of(release, policy).ci.start_within
        return stuck("write_log", release, facts) or waits(Code.LOG_WAITS, late=late, error=None)
    return passes(Code.LOGGED, url=logged.url)
