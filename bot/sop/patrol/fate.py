"""What became of what somebody brought around the SOP: whether there is anything left to take back."""

from enum import StrEnum

from bot.sop.codes import Code
from bot.sop.model import Frozen
from bot.sop.patrol import OF_PRODUCTION
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.records import Violation

LISTED = 250  # commits above what was verified last that GitHub lists


class Became(StrEnum):
    TAKEN_BACK = "taken_back"  # by a rollback whose revert stands on the branch
    GONE = "gone"  # it stands there no longer, or production serves it no longer
    VERIFIED = "verified"  # something was verified on top of it


class Fate(Frozen):
    became: Became
    by: str | None = None  # the release that took it back, or that was verified since


def fate(violation: Violation, facts: PatrolFacts) -> Fate | None:
    """None: it is there still, or it is nothing that could be taken back."""
    code, sha = violation.code, violation.values.get("sha")
    in_production = code in OF_PRODUCTION
    if not in_production and code not in (Code.PUSH_WITHOUT_RELEASE, Code.PUSH_WITH_OPEN_GATES):
        return None
    backs = [r for r in facts.releases if r.rollback and r.pushed and sha in r.rollback.commits]
    back = max(backs, key=lambda r: r.id, default=None)
    if back is not None and not (in_production and violation.present and back.closed):
        return Fate(became=Became.TAKEN_BACK, by=back.name)
    if in_production:
        return None if violation.present else Fate(became=Became.GONE)
    if _off_branch(sha, violation, facts):
        return Fate(became=Became.GONE)
    last, verified = violation.values.get("last"), facts.baseline.release if facts.baseline else None
    if last is None or verified is None or last == f"R-{verified}":
        return None
    return Fate(became=Became.VERIFIED, by=f"R-{verified}")


def _off_branch(sha: str | None, violation: Violation, facts: PatrolFacts) -> bool:
    """By a look at the branch since, from the same commit that was verified when it came."""
    above, baseline = facts.above.known, facts.baseline
    if above is None or baseline is None or facts.above.at is None or facts.above.at <= violation.first_at:
        return False
    same = above.after == baseline.sha and baseline.at < violation.first_at
    return same and len(above.tip.ahead) < LISTED and sha not in {c.sha for c in above.tip.ahead}
