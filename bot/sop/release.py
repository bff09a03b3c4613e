"""A release (T1, standard): what people may ask of it. `progress` takes it on from there."""

from typing import Any

from bot.sop.acts import push_act
from bot.sop.arrival import Arrival, arrival, in_flight, landed
from bot.sop.codes import Code
from bot.sop.content import empty
from bot.sop.decision import Answer, Decision, Refusal
from bot.sop.facts import Attestation, Facts
from bot.sop.gates import look
from bot.sop.gates.local import paths_outside
from bot.sop.gates.push import head_to_push, service_of
from bot.sop.policy import Policy, PushMode, Role
from bot.sop.progress import advance
from bot.sop.records import Acceptance, Release, Word
from bot.sop.roles import has, lacks, writers
from bot.sop.stages import BEFORE_PUSH, STAGES, Intent, Procedure, Stage, Status, possible
from bot.sop.trail import card, event, left_ahead, thread, unlock

PUSHERS = {
    Procedure.STANDARD: (Role.RELEASER,),
    Procedure.HOTFIX: (Role.RELEASER,),
    Procedure.ROLLBACK: (Role.RELEASER, Role.INCIDENT, Role.APPROVER),
}
AGAIN = "start again"  # with a new release, prefilled
SENTENCE = "Pre-Action Governance Check: OK"


def acknowledge(release: Release, by: str, sentence: str, facts: Facts, policy: Policy) -> Decision:
    """P2: the exact sentence, by the releaser of this release, by name. A hotfix may be started by somebody who is no
    releaser: the releaser who acknowledges it answers for it from then on."""
    refusal = refuse(release, Intent.ACKNOWLEDGE)
    if release.procedure is not Procedure.HOTFIX:
        refusal = refusal or _not_owner(release, by, "acknowledge the governance check")
    refusal = refusal or lacks(policy, facts.directory, by, "acknowledge the governance check", Role.RELEASER)
    if refusal is None and sentence.strip() != SENTENCE:
        refusal = _not_the_sentence(sentence)
    if refusal is None and release.governance is not None:
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "acknowledged"})
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=sentence.strip())
    new = release.model_copy(update={"governance": word, "owner": by})
    done = Decision(
        events=(event(new, by, "governance_acknowledged", sentence=sentence.strip()),),
        effects=(thread(new, Code.ACKNOWLEDGED, "acknowledged", by=by),),
    )
    return done + advance(new, facts, policy, changed=True)


def accept_paths(
    release: Release, by: str, tree: str, paths: tuple[str, ...], reason: str, facts: Facts, policy: Policy
) -> Decision:
    """Rule 2: paths outside the declared areas, accepted by an approver who neither asked for it nor wrote it."""
    candidate, change = facts.candidate.known, facts.change
    refusal = refuse(release, Intent.ACCEPT_PATHS) or lacks(
        policy, facts.directory, by, "accept paths outside the declared areas", Role.APPROVER
    )
    if refusal is None and candidate and change:
        authors, _ = writers(policy, candidate.commits)
        if by == change.requester or by in authors:
            refusal = Refusal(code=Code.SELF_APPROVAL, values={"change": change.name})
    refusal = refusal or empty(reason, "reason")
    outside = paths_outside(release, facts, policy)
    taken = tuple(p for p in outside if p in paths)
    if refusal is None and (candidate is None or candidate.tree != tree or not taken):
        refusal = Refusal(code=Code.PATHS_CHANGED, values={"tree": tree})
    mine = {p for a in release.accepted if a.by == by and a.tree == tree for p in a.paths}
    if refusal is None and mine.issuperset(taken):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "accepted"})
    if refusal:
        return Decision(refusal=refusal)
    word = Acceptance(by=by, at=facts.now, paths=taken, tree=tree, reason=reason.strip())
    new = release.model_copy(update={"accepted": (*release.accepted, word)})
    post = thread(
        new,
        Code.PATHS_TAKEN,
        f"paths:{tree}:{by}:{facts.now.isoformat()}",
        by=by,
        paths=list(taken),
        reason=word.reason,
    )
    entry = event(new, by, "paths_accepted", paths=list(taken), tree=tree, reason=word.reason)
    return Decision(events=(entry,), effects=(post,)) + advance(new, facts, policy, changed=True)


def push(release: Release, by: str, sha: str, facts: Facts, policy: Policy, sentence: str = "") -> Decision:
    """Rule 3: the button. Another releaser who presses it takes the release over by name, and with it P2: the word on
    governance was its owner's, so they give their own."""
    candidate, service = facts.candidate.known, service_of(release, policy)
    refusal = refuse(release, Intent.PUSH) or lacks(policy, facts.directory, by, "push", Role.RELEASER)
    if refusal is None and service.push is PushMode.WATCH:
        refusal = not_now(release, Intent.PUSH)
    if refusal is None and candidate is not None and candidate.sha != sha:
        refusal = _stale(release)
    asked = any(f.code == Code.PUSHING and not f.late for f in look(Stage.PUSH, release, facts, policy))
    if refusal is None and (asked or in_flight(release, facts)):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "pushing"})
    if refusal:
        return Decision(refusal=refusal)
    word = Word(by=by, at=facts.now, says=SENTENCE) if by != release.owner else release.governance
    asking = Word(by=by, at=facts.now, says=sha)
    new = release.model_copy(update={"push_asked": asking, "owner": by, "governance": word})
    green = arrival(release, facts, policy) is Arrival.NOTHING and may_push(new, facts, policy, sha)
    if candidate is None or not green:
        return _not_green(release, facts, policy)
    if by != release.owner and sentence.strip() != SENTENCE:
        return Decision(refusal=_not_the_sentence(sentence))
    gone_on = advance(new, facts, policy, changed=True)
    done = Decision(events=(event(new, by, "push_asked", sha=sha, tree=candidate.tree),))
    if by != release.owner:
        done += _taken_over(release.owner, new, facts)
    post = thread(new, Code.PUSH_PRESSED, f"push:{facts.now.isoformat()}", by=by, branch=service.branch, sha=sha)
    act = push_act(new, asking, candidate.tip, policy)
    return done + Decision(effects=(post, act)) + gone_on


def _taken_over(owner: str, release: Release, facts: Facts) -> Decision:
    """Whoever answered for it hears it, and P2 is acknowledged by who answers for it now."""
    by, once = release.owner, f"taken:{release.owner}:{facts.now.isoformat()}"
    entries = (
        event(release, by, "release_taken_over", owner=owner),
        event(release, by, "governance_acknowledged", sentence=SENTENCE),
    )
    told = thread(release, Code.RELEASE_TAKEN_OVER, once, mention=(owner,), by=by, owner=owner)
    return Decision(events=entries, effects=(told,))


def _not_green(release: Release, facts: Facts, policy: Policy) -> Decision:
    """The button opens nothing now: the release goes where the gates send it, or says what it waits for."""
    gone_on = advance(release, facts, policy)
    if gone_on.records:
        return gone_on
    before = STAGES[release.procedure][: STAGES[release.procedure].index(Stage.PUSH)]
    found = next((f for s in before for f in look(s, release, facts, policy) if f.answer is not Answer.PASS), None)
    return Decision(refusal=Refusal(code=found.code, values=found.values) if found else _stale(release))


def proved(release: Release, attestation: Attestation, policy: Policy) -> Decision:
    """A new preflight replaces the candidate: the owner's sound one, made on another branch, before a push is asked."""
    sound = all(c.ok for c in attestation.checks) and attestation.signer == release.owner
    early = not release.closed and release.pushed is None and release.push_asked is None
    moved = attestation.branch not in ("", "HEAD", release.candidate)
    if not (sound and early and moved) or release.procedure is Procedure.ROLLBACK:
        return Decision()
    new = release.model_copy(update={"candidate": attestation.branch})
    said: dict[str, Any] = {"was": release.candidate, "candidate": attestation.branch}
    entry = event(new, release.owner, "candidate_replaced", **said)
    post = thread(new, Code.CANDIDATE_REPLACED, f"candidate:{attestation.id}", by=attestation.signer, **said)
    return Decision(records=(new,), events=(entry,), effects=(post, card(new, policy)))


def may_push(release: Release, facts: Facts, policy: Policy, sha: str | None = None) -> bool:
    """Asked again just before the irreversible act: every gate up to the push passes, for the commit asked for last.

    `sha` is the commit that is about to be pushed: an older push that was put off is not the one asked for last.
    """
    head, asked = head_to_push(release, facts), release.push_asked
    if release.closed or release.stage is not Stage.PUSH or release.pushed or head is None or asked is None:
        return False
    order = STAGES[release.procedure]
    green = all(
        f.answer is Answer.PASS for s in order[: order.index(Stage.PUSH)] for f in look(s, release, facts, policy)
    )
    bound = asked.says == head and sha in (None, asked.says)
    return green and bound and has(policy, facts.directory, asked.by, *PUSHERS[release.procedure])


def abort(release: Release, by: str, reason: str, leave: bool, facts: Facts, policy: Policy) -> Decision:
    """Its releaser or an approver. Past the push the commits stay on the branch, owned: the lock stays with them."""
    refusal = refuse(release, Intent.ABORT)
    if refusal is None and by != release.owner:
        refusal = lacks(policy, facts.directory, by, f"abort a release of <@{release.owner}>", Role.APPROVER)
    refusal = refusal or empty(reason, "reason")
    service = service_of(release, policy)
    come, tip = arrival(release, facts, policy), facts.tip.known
    ending = landed(release, tip, facts, policy) if tip and come is not Arrival.NOTHING else release
    if refusal is None and ending.last_push is not None and not leave:
        values = {"release": release.name, "branch": service.branch}
        refusal = Refusal(code=Code.LEAVE_UNSAID, values=values, field="leave")
    if refusal is None and in_flight(ending, facts):
        refusal = Refusal(code=Code.ALREADY, values={"subject": release.name, "what": "pushing"})
    if refusal:
        return Decision(refusal=refusal)
    new = ending.model_copy(
        update={
            "status": Status.ABORTED,
            "hold": None,
            "ended_by": by,
            "ended_at": facts.now,
            "ended_why": reason.strip(),
        }
    )
    left = left_ahead(new, facts)
    post = thread(
        new,
        Code.RELEASE_ABORTED,
        "aborted",
        by=by,
        reason=reason.strip(),
        left=left.sha if left else None,
        branch=service.branch,
    )
    entry = event(new, by, "release_aborted", reason=reason.strip(), left=left.model_dump() if left else None)
    ended = Decision(records=(new,), events=(entry,), effects=(post, card(new, policy)))
    return ended + unlock(new, left, facts, policy) + _given_up(facts, policy)


def _given_up(facts: Facts, policy: Policy) -> Decision:
    """What an aborted rollback took the place of can be rolled back anew; so can what another one took the place of
    before that."""
    superseded = (r for r in facts.reverted if r.superseded_by is not None)
    again = tuple(r.model_copy(update={"superseded_by": None}) for r in superseded)
    return Decision(records=again, effects=tuple(card(r, policy) for r in facts.reverted))


def refuse(release: Release, intent: Intent) -> Refusal | None:
    """By the transition table; the refusal says what is possible instead."""
    return None if intent in possible_now(release) else not_now(release, intent)


def possible_now(release: Release) -> tuple[Intent, ...]:
    """Of one whose commits came to the branch too early nothing is asked but what becomes of them."""
    asked = possible(release.procedure, release.stage, release.status)
    early = release.pushed is not None and release.stage in BEFORE_PUSH
    rest = tuple(i for i in asked if i in (Intent.ABORT, Intent.ROLL_BACK) or not early)
    return rest if _can_roll_back(release) else tuple(i for i in rest if i is not Intent.ROLL_BACK)


def _can_roll_back(release: Release) -> bool:
    """What has commits on the branch; a rollback only while it is HELD, by one to an older target."""
    if release.procedure is Procedure.ROLLBACK:
        return release.status is Status.HELD
    something = release.last_push is not None or release.taken_over is not None
    return something and (release.superseded_by is None or not release.closed)


def may_start_again(release: Release) -> bool:
    """While a rollback takes a release back there is nothing to start."""
    ended = release.status in (Status.STOPPED, Status.ABORTED) and release.superseded_by is None
    return ended and release.procedure is not Procedure.ROLLBACK


def not_now(release: Release, intent: Intent) -> Refusal:
    values = {
        "subject": release.name,
        "status": release.status.value,
        "stage": _where(release),
        "intent": intent.value,
        "possible": [i.value for i in possible_now(release)] + ([AGAIN] if may_start_again(release) else []),
    }
    return Refusal(code=Code.NOT_NOW, values=values)


def _not_the_sentence(typed: str) -> Refusal:
    return Refusal(code=Code.SENTENCE_WRONG, values={"wanted": SENTENCE, "got": typed}, field="sentence")


def _stale(release: Release) -> Refusal:
    values = {"subject": release.name, "status": release.status.value, "stage": _where(release)}
    return Refusal(code=Code.STALE, values=values)


def _where(release: Release) -> str | None:
    """A precondition stops a release wherever it is: the stage says nothing of it then."""
    return None if release.status is Status.STOPPED else release.stage.value


def _not_owner(release: Release, by: str, what: str) -> Refusal | None:
    if by == release.owner:
        return None
    return Refusal(code=Code.NOT_THE_OWNER, values={"owner": release.owner, "what": what})
