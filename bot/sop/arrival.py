"""What has newly come to the designated branch of a release that is not recorded as pushed."""

from datetime import datetime
from enum import StrEnum

from bot.sop.decision import Answer
from bot.sop.facts import Attestation, Facts, Tip
from bot.sop.gates import look
from bot.sop.gates.local import own_commits
from bot.sop.gates.preconditions import valid
from bot.sop.gates.push import refused, service_of
from bot.sop.policy import Policy, PushMode
from bot.sop.records import Pushed, Release
from bot.sop.stages import STOPPING, Procedure, Stage

UNTIL_PUSHED = ("correct_branch", "tree_attested", "reversible")  # a merge moves the branch that these compare with


class Arrival(StrEnum):
    NOTHING = "nothing"  # of this release
    PUSHED = "pushed"  # the attested tree, when and how it should
    UNSURE = "unsure"  # a watched push, and not every gate before it can be answered now
    EARLY = "early"  # the candidate, before the gates were green or around the button
    OTHER = "other"  # commits of this release, or a watched push, with another tree


def arrival(release: Release, facts: Facts, policy: Policy) -> Arrival:
    if release.procedure is Procedure.ROLLBACK:
        return _revert_arrived(release, facts, policy)
    tip, candidate, before = facts.tip.known, facts.candidate.value, there_before(release)
    if release.pushed or tip is None or candidate is None or tip.sha in before or _of_holder(tip, facts):
        return Arrival.NOTHING
    attested = rested_on(release, tip, facts, policy)
    # Commits of others that the candidate was rebased on are no arrival of this release: rule 2 names them.
    change = f"CR-{release.change}"
    mine = {c.sha for c in own_commits(release, candidate) if policy.names_change(c.message, change)} - before
    ours = tip.sha == candidate.sha or attested or not mine.isdisjoint(c.sha for c in tip.ahead)
    watched = service_of(release, policy).push is PushMode.WATCH
    at_push = release.stage is Stage.PUSH
    if not ours and not _asked(release, tip):
        return Arrival.OTHER if watched and at_push else Arrival.NOTHING
    if attested is None:
        return Arrival.EARLY if tip.sha == candidate.sha else Arrival.OTHER
    if at_push and watched:
        return _watched(release, tip, attested, facts, policy)
    around = refused(release, facts) is not None and facts.moved.value != tip.sha
    return Arrival.PUSHED if at_push and _asked(release, tip) and not around else Arrival.EARLY


def _of_holder(tip: Tip, facts: Facts) -> bool:
    """What the release that holds the lock has pushed: a hotfix may be branched off it, with nothing of its own yet."""
    holder = facts.holder
    if holder is None:
        return False
    return tip.sha in {holder.last_push and holder.last_push.sha, holder.push_asked and holder.push_asked.says}


def there_before(release: Release) -> frozenset[str]:
    """Commits that stood on the branch before: verified, taken over by name, or pushed by this release and failed."""
    left = {release.taken_over.sha} if release.taken_over else set()
    strays = {sha for s in release.strays for sha in s.commits}
    return frozenset({release.base, *left, *strays, *(p.sha for p in release.earlier)})


def _revert_arrived(release: Release, facts: Facts, policy: Policy) -> Arrival:
    """The revert itself, or with `push: watch` its tree, however people merged it."""
    tip, revert = facts.tip.known, facts.revert.value
    if release.pushed or tip is None or revert is None or tip.sha == revert.parent:
        return Arrival.NOTHING
    merged = service_of(release, policy).push is PushMode.WATCH and tip.tree == revert.tree
    return Arrival.PUSHED if tip.sha == revert.sha or merged else Arrival.NOTHING


def landed(release: Release, tip: Tip, facts: Facts, policy: Policy) -> Release:
    """The release with what has come to the branch, and the attestation that it rests on."""
    asked, attested = release.push_asked, rested_on(release, tip, facts, policy)
    person = policy.by_login(tip.pushed_by) if tip.pushed_by else None
    by = asked.by if asked and _asked(release, tip) else (person.slack if person else None)
    at = tip.pushed_at or (asked.at if asked and _asked(release, tip) else release.created_at)
    push = Pushed(sha=tip.sha, tree=tip.tree, at=at, by=by, login=tip.pushed_by, seen_at=tip.pushed_at or facts.tip.at)
    return release.model_copy(update={"pushed": push, "attestation": attested.id if attested else None})


def pusher_known(release: Release, tip: Tip | None, policy: Policy) -> Release:
    """GitHub may tell of a push before it tells who made it, and when: filled in once that is known."""
    push = release.pushed
    if push is None or push.by or push.login or tip is None or tip.sha != push.sha or tip.pushed_by is None:
        return release
    person = policy.by_login(tip.pushed_by)
    known = {"login": tip.pushed_by, "by": person.slack if person else None, "at": tip.pushed_at or push.at}
    return release.model_copy(update={"pushed": push.model_copy(update=known)})


def in_flight(release: Release, facts: Facts) -> bool:
    """The bot moves the branch, or moved it and nobody has looked since: nothing can be decided meanwhile."""
    moved, looked = facts.moved.at, facts.tip.at
    unseen = moved is not None and (looked is None or looked <= moved)
    return release.pushed is None and (facts.pushing or unseen)


def rested_on(release: Release, tip: Tip, facts: Facts, policy: Policy) -> Attestation | None:
    """The attestation of the pushed tree, valid when it was pushed: after that its age no longer matters."""
    then = facts.model_copy(update={"now": _moment(release, tip, facts)})
    return next((a for a in valid(then, policy) if a.tree == tip.tree), None)


def _asked(release: Release, tip: Tip) -> bool:
    return release.push_asked is not None and release.push_asked.says == tip.sha


def _moment(release: Release, tip: Tip, facts: Facts) -> datetime:
    """When the branch moved, as well as it is known. The bot moves it only while every gate passes."""
    if release.push_asked and _asked(release, tip):
        return release.push_asked.at
    return tip.pushed_at or facts.now


def _watched(release: Release, tip: Tip, attested: Attestation, facts: Facts, policy: Policy) -> Arrival:
    """People push when they like: what the gates say of that moment. A candidate's branch may be gone by then, or have
    gone on, so it counts as last seen, and not at all when it went on. What ends with a push does not count."""
    pinned = release.model_copy(update={"attestation": attested.id})
    candidate = facts.candidate.value
    known = facts.candidate.model_copy(update={"error": None})
    then = facts.model_copy(update={"now": _moment(release, tip, facts), "candidate": known})
    same = candidate is not None and candidate.tree == tip.tree
    proved = (Stage.COMMITS, Stage.MINIMAL_FIX) if same else ()
    stages = (*STOPPING, *proved)
    answers = {(s, f.answer) for s in stages for f in look(s, pinned, then, policy) if f.gate not in UNTIL_PUSHED}
    if any(answer is Answer.FAIL for _, answer in answers):
        return Arrival.EARLY
    return Arrival.UNSURE if any((s, Answer.WAIT) in answers for s in STOPPING) else Arrival.PUSHED
