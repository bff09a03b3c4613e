"""Facts for the start of a rollback: where it may return to, and what that takes back."""

from datetime import datetime

from bot.ledger import SINCE, commits_of, release_facts, targets
from bot.sop.facts import (
    Facts,
    Fleet,
    Runs,
    Seen,
    Target,
    Tip,
)
from bot.sop.policy import Policy
from bot.sop.records import (
    Release,
)
from bot.sop.stages import Procedure, Status
from storage.unit import Unit


def rollback_facts(unit: Unit, release: Release, policy: Policy, now: datetime, target: str | None) -> Facts:
    """For the start of a rollback: where it may return to, and which releases that takes back."""
    facts = release_facts(unit, release, policy, now)
    all_targets = targets(unit, release.service)
    open_ = unit.releases(open=True, service=release.service)
    done = unit.releases(open=False, service=release.service, limit=SINCE)
    goal = next((t for t in all_targets if t.sha == target), None)
    since = tuple(r for r in (*open_, *done) if _takes_back(r, goal))
    holder = unit.release(facts.lock.release) if facts.lock else None
    possible = _possible_targets(all_targets, release, bool(facts.violations))
    back = {"targets": possible, "reverted": since, "holder": holder}
    return facts.model_copy(update={**back, "tip": _with_brought(unit, facts.tip, since)})


def _with_brought(unit: Unit, tip: Seen[Tip], releases: tuple[Release, ...]) -> Seen[Tip]:
    """The branch as it was seen, with what these releases brought to it before."""
    if tip.value is None:
        return tip
    brought = (c for r in sorted(releases, key=lambda r: r.id) for c in commits_of(unit, r))
    ahead = {c.sha: c for c in (*brought, *tip.value.ahead)}
    return tip.model_copy(update={"value": tip.value.model_copy(update={"ahead": tuple(ahead.values())})})


def _takes_back(release: Release, goal: Target | None) -> bool:
    """Pushed after the target was verified, and still on the branch."""
    gone = release.status is Status.ROLLED_BACK or release.procedure is Procedure.ROLLBACK
    pushed = release.last_push
    return not gone and pushed is not None and goal is not None and pushed.at > goal.at


def _possible_targets(found: tuple[Target, ...], release: Release, violated: bool) -> tuple[Target, ...]:
    """What was verified before this release; last, while a violation is open, itself: then what came after goes."""
    push = release.last_push
    before = tuple(t for t in found if push is None or (t.at < push.at and t.sha != push.sha))
    return (*before, *(t for t in found if violated and t.release == release.id))


def hand_over(unit: Unit, release: Release, rollback: str) -> None:
    """What was last seen of the branch, its runs and production is known to the rollback from its start."""
    for kind, of in (("tip", Seen[Tip]), ("runs", Seen[Runs]), ("fleet", Seen[Fleet])):
        unit.saw(rollback, kind, unit.seen(release.name, kind, of))
