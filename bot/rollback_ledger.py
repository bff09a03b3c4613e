"""Facts for the start of a rollback: where it may return to, and what that takes back."""

from collections.abc import Iterable
from datetime import datetime

from bot.ledger import SINCE, commits_of, is_pushing, release_facts
from bot.sop.facts import Commit, Facts, Fleet, Runs, Seen, Target, Tip
from bot.sop.patrol import OF_PRODUCTION
from bot.sop.patrol.facts import Above, last_verified, pushes
from bot.sop.policy import Policy
from bot.sop.records import Release, Violation
from bot.sop.rollback import sound
from bot.sop.stages import Procedure, Status
from bot.verified_ledger import fleet_of, targets
from storage.unit import Unit

OPEN = 100


def rollback_facts(unit: Unit, release: Release, policy: Policy, now: datetime, target: str | None) -> Facts:
    """For the start of a rollback: where it may return to, and what that takes off the branch.

    `target` None: to the one that is proposed.
    """
    facts = release_facts(unit, release, policy, now)
    service = policy.service(release.service)
    together = policy.together(service) if service else (release.service,)  # they share the branch
    open_ = unit.releases(open=True, lock_services=together, limit=OPEN)
    done = unit.releases(open=False, lock_services=together, limit=SINCE)
    above = _above(unit, release, facts, open_)
    around = _strays(unit, above.ahead if above else (), (*open_, *done))
    possible = _possible_targets(targets(unit, release.service), release, bool(around), facts.violations)
    wanted = target or (possible[0].sha if possible else None)
    goal = next((t for t in possible if t.sha == wanted), None)
    since = tuple(r for r in (*open_, *done) if _takes_back(r, goal))
    holder = unit.release(facts.lock.release) if facts.lock else None
    busy = holder is not None and is_pushing(unit, holder, now)
    back = {"targets": possible, "reverted": since, "strays": around, "holder": holder, "holder_pushing": busy}
    return facts.model_copy(update={**back, "tip": _taken_off(unit, facts.tip, above, since)})


def _above(unit: Unit, release: Release, facts: Facts, open_: tuple[Release, ...]) -> Tip | None:
    """The branch with what stands on it above what was verified last, by the latest look of release or patrol."""
    verified = last_verified(facts.baseline, open_)
    patrol = unit.seen(f"patrol:{release.service}", "above", Seen[Above])
    looks = []
    if patrol.value and patrol.at and verified and patrol.value.after == verified.sha:
        looks.append((patrol.at, patrol.value.tip))
    over = release.status in (Status.COMPLETE, Status.ROLLED_BACK)  # it saw what was verified since
    if facts.tip.value and facts.tip.at and not over and verified and release.base == verified.sha:
        looks.append((facts.tip.at, facts.tip.value))
    return max(looks, key=lambda look: look[0])[1] if looks else None


def _strays(unit: Unit, ahead: tuple[Commit, ...], releases: tuple[Release, ...]) -> tuple[str, ...]:
    """Of these commits those that came to the branch around every release."""
    brought = {p.sha for r in releases for p in pushes(r)}
    brought |= {c.sha for r in releases for c in _pushed(unit, r)}
    return tuple(c.sha for c in ahead if c.sha not in brought)


def _pushed(unit: Unit, release: Release) -> tuple[Commit, ...]:
    """What it brought to the branch: not what was only prepared after its last push, to mend what failed."""
    commits, pushed = commits_of(unit, release), {p.sha for p in pushes(release)}
    last = max((i for i, c in enumerate(commits) if c.sha in pushed), default=None)
    if last is not None:
        return commits[: last + 1]
    return commits if release.pushed is not None else ()  # merged at GitHub as another commit


def _taken_off(unit: Unit, tip: Seen[Tip], above: Tip | None, reverted: Iterable[Release]) -> Seen[Tip]:
    """The branch as it was seen last, with all that goes off it: what these releases brought, and what came since."""
    latest = above or tip.value
    if latest is None:
        return tip
    brought = (c for r in sorted(reverted, key=lambda r: r.id) for c in _pushed(unit, r))
    ahead = {c.sha: c for c in (*brought, *(above.ahead if above else ()))}
    return tip.model_copy(update={"value": latest.model_copy(update={"ahead": tuple(ahead.values())})})


def _takes_back(release: Release, goal: Target | None) -> bool:
    """Pushed after the target was verified, and still on the branch."""
    gone = release.status is Status.ROLLED_BACK or release.procedure is Procedure.ROLLBACK
    pushed = release.last_push
    return not gone and pushed is not None and goal is not None and pushed.at > goal.at


def _possible_targets(
    found: tuple[Target, ...], release: Release, strays: bool, violations: tuple[Violation, ...]
) -> tuple[Target, ...]:
    """What was verified before this release. While something came around the SOP also itself: then only what came
    after it goes. That is proposed where it is the release verified last."""
    push = release.last_push
    before = sound(tuple(t for t in found if push is None or (t.at < push.at and t.sha != push.sha)))
    itself = tuple(t for t in found if t.release == release.id) if strays or violations else ()
    meant = strays or any(v.code in OF_PRODUCTION for v in violations)
    return (*itself, *before) if meant and itself and itself[0] == found[0] else (*before, *itself)


def hand_over(unit: Unit, release: Release, rollback: str, policy: Policy) -> None:
    """What was last seen of the branch, its runs and production is known to the rollback from its start."""
    service = policy.service(release.service)
    unit.saw(rollback, "tip", unit.seen(release.name, "tip", Seen[Tip]))
    unit.saw(rollback, "runs", unit.seen(release.name, "runs", Seen[Runs]))
    for kind in ("fleet", *(fleet_of(s.name) for s in (policy.beside(service) if service else ()))):
        unit.saw(rollback, kind, unit.seen(release.name, kind, Seen[Fleet]))
