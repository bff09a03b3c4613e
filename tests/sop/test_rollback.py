"""R1 to R4: who may start a rollback and to where, what gives way to it, what it does at each look, and its end."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.sop import change as changes
from bot.sop import change_fate, failure, revert, rollback
from bot.sop import release as releases
from bot.sop import start as starts
from bot.sop.change import ChangeFacts
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import CancelRun, MakeRevert, PushBranch, WriteLog
from bot.sop.facts import Facts, Job, PushRefusal, Runs, Seen, Tip
from bot.sop.gates.local import SKIP_CI
from bot.sop.gates.preconditions import USABLE
from bot.sop.outlook import Button
from bot.sop.policy import Ci, Policy, SopStatus
from bot.sop.progress import advance
from bot.sop.records import Baseline, Change, ChangeStatus, Freeze, FreezeStatus, LeftAhead, Release
from bot.sop.stages import OPEN, Procedure, Stage, Status
from bot.sop.start import Wanted
from bot.sop.views import release_view
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop import undone as u
from tests.sop.decided import directs, kinds, lock_of, posts, pushes, refused, release_of, said

REV, PUSH, CI, PROD, DOC = Stage.REVERT, Stage.PUSH, Stage.CI, Stage.PRODUCTION, Stage.DOCUMENT
SERVICE = g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",)))
POLICY = g.policy(services=(SERVICE,))
WANTED = Wanted(service="shop", candidate="faster")
HOLDER = g.release(CI, id=8, owner=g.BOB)


def start(
    by: str = g.BOB,
    target: str = g.BASE,
    reason: str = "Orders fail",
    release: Release | None = None,
    policy: Policy | None = None,
    **facts: Any,
) -> Decision:
    return rollback.start(9, by, release or u.done(), target, reason, u.facts(**facts), policy or g.policy())


def named(decision: Decision, id: int) -> Release:
    (found,) = (r for r in decision.records if isinstance(r, Release) and r.id == id)
    return found


def moved(release: Release, facts: Facts) -> Release:
    return release_of(advance(release, facts, g.policy()))


def running(target: str = g.BASE, **changes: Any) -> Release:
    return u.rollback(CI, id=8, rollback=u.back(target=target), **changes)


def held(code: Code, target: str = g.BASE) -> Release:
    return u.held(running(target), code)


# --- the start


@pytest.mark.parametrize("by", [g.ALICE, g.CAROL, g.DAVE])
def test_a_rollback_names_what_it_returns_to_and_what_it_takes_back(by: str) -> None:
    decision = start(by)
    new = named(decision, 9)
    assert (new.procedure, new.stage, new.status, new.owner) == (Procedure.ROLLBACK, REV, Status.RUNNING, by)
    back = new.rollback
    assert back is not None
    assert (back.target, back.target_tree, back.target_release, back.target_attestation) == (g.BASE, g.BASE_TREE, 5, 1)
    assert (back.reverts, back.commits, back.reason, back.was_live) == ((6,), (g.SHA,), "Orders fail", True)
    assert kinds(decision) == ["rollback_started"]
    assert said(decision) == [Code.ROLLBACK_STARTED]


def test_an_older_target_may_be_chosen_and_an_adopted_one_has_no_attestation() -> None:
    back = named(start(target=u.OLDER), 9).rollback
    assert back is not None
    assert (back.target, back.target_tree, back.target_attestation) == (u.OLDER, None, None)


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.EMPTY, {"reason": " "}),
        (Code.BAD_TARGET, {"target": g.SHA}),
        (Code.NO_TARGET, {"targets": ()}),
        (Code.NOTHING_TO_ROLL_BACK, {"release": g.release(Stage.COMMITS), "reverted": ()}),
        (Code.NOTHING_TO_ROLL_BACK, {"release": g.release(Stage.COMMITS)}),
        (Code.NOT_NOW, {"release": u.done().model_copy(update={"status": Status.ROLLED_BACK})}),
        (Code.ROLLBACK_RUNS, {"holder": running()}),
        (Code.OLDER_TARGET_ONLY, {"holder": running(status=Status.HELD)}),
        (Code.OLDER_TARGET_ONLY, {"holder": running(u.OLDER, status=Status.HELD), "target": u.OLDER}),
        (Code.OLDER_TARGET_ONLY, {"holder": held(Code.CI_FAILED)}),
        (Code.OLDER_TARGET_ONLY, {"holder": held(Code.BRANCH_MOVED, u.OLDER)}),
        (Code.PUSH_UNDER_WAY, {"holder": HOLDER, "holder_pushing": True}),
    ],
)
def test_a_start_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(start(**given)) == code


FREEZE = Freeze(
    id=2, status=FreezeStatus.ACTIVE, services=(), reason="peak", owner=g.CAROL, starts_at=g.ago(hours=1),
    until=None, created_at=g.ago(hours=1),
)  # fmt: skip


def test_nothing_that_stops_a_release_stops_a_rollback() -> None:
    change = g.change(approvals=(), status=ChangeStatus.EXPIRED)
    decision = start(policy=g.policy(status=SopStatus.SUSPENDED), freezes=(FREEZE,), change=change, attestations=())
    assert decision.refusal is None


def test_the_lock_passes_to_it_and_the_open_release_gives_way_and_is_told() -> None:
    decision = start(holder=HOLDER, lock=u.lock(8))
    lock, gone = lock_of(decision), named(decision, 8)
    assert (lock.key, lock.release) == ("acme/shop@main", 9)
    assert (gone.status, gone.superseded_by, gone.ended_by) == (Status.ABORTED, 9, g.BOB)
    (told,) = (p for p in posts(decision) if p.notice.code == Code.SUPERSEDED)
    assert (told.subject, told.mention) == ("R-8", (g.BOB,))
    assert "release_superseded" in kinds(decision)
    assert decision.freed == ()


def test_a_rollback_that_is_held_gives_way_to_one_that_goes_further_back() -> None:
    decision = start(target=u.OLDER, holder=running(status=Status.HELD))
    assert named(decision, 8).superseded_by == 9


@pytest.mark.parametrize("code", [Code.BRANCH_MOVED, Code.CI_RERUN, Code.CI_DID_NOT_START])
@pytest.mark.parametrize("target", [g.BASE, u.OLDER])
def test_where_only_another_revert_leads_on_it_may_be_to_the_same_commit(code: Code, target: str) -> None:
    """Be it the oldest: otherwise nothing would ever take its place."""
    anew = held(code, target)
    decision = start(target=target, release=anew, holder=anew, lock=u.lock(8))
    assert (named(decision, 8).status, named(decision, 8).superseded_by) == (Status.ABORTED, 9)
    assert lock_of(decision).release == 9
    assert rollback.further(anew, u.TARGETS)[0].sha == target


def test_what_was_rolled_back_is_returned_to_only_where_nothing_else_was_verified() -> None:
    bad = u.TARGETS[0].model_copy(update={"rolled_back": True})
    assert rollback.sound((bad, u.TARGETS[1])) == (u.TARGETS[1],)
    assert rollback.sound((bad,)) == (bad,)


def test_what_a_superseded_rollback_took_the_place_of_can_be_rolled_back_when_the_next_is_given_up() -> None:
    gone = HOLDER.model_copy(update={"status": Status.ABORTED, "superseded_by": 8})
    ended = releases.abort(
        u.rollback(id=9), g.ALICE, "no", False, u.facts(reverted=(gone,), lock=u.lock(9)), g.policy()
    )
    assert named(ended, 8).superseded_by is None


REJECTED = {"earlier": (g.PUSHED,)}
PUSHED_STATES = [
    *(g.release(s, id=8) for s in (CI, PROD)),
    *(e.hotfix(s, id=8) for s in (CI, PROD, Stage.POST_ACTION_NOTE)),
    *(r.model_copy(update={"pushed": g.PUSHED}) for r in (g.release(id=8), g.release(Stage.COMMITS, id=8))),
    *(g.release(s, id=8, **REJECTED) for s in (Stage.PRECONDITIONS, Stage.LOCAL_STATE, PUSH)),
    e.hotfix(Stage.MINIMAL_FIX, id=8, **REJECTED),
]
ENDED = [Status.RUNNING, Status.HELD, Status.STOPPED, Status.ABORTED, Status.COMPLETE]


@pytest.mark.parametrize("release", PUSHED_STATES, ids=lambda r: f"{r.procedure}-{r.stage}")
@pytest.mark.parametrize("status", ENDED)
def test_it_is_reachable_from_every_state_with_commits_on_the_branch(release: Release, status: Status) -> None:
    asked = release.model_copy(update={"status": status})
    policy = e.policy() if asked.procedure is Procedure.HOTFIX else g.policy()
    assert Button.ROLL_BACK in release_view(asked, g.change(), e.facts(), policy).buttons
    left = None if asked.status in OPEN else LeftAhead(release=8, sha=g.SHA, commits=(g.SHA,))
    held = u.lock(8).model_copy(update={"left": left})
    assert start(release=asked, holder=asked, lock=held, reverted=(asked,), policy=policy).refusal is None


def test_an_aborted_rollback_leaves_what_it_found_on_the_branch_owned_and_to_be_rolled_back_anew() -> None:
    begun = start(release=HOLDER, holder=HOLDER, lock=u.lock(8), reverted=(HOLDER,))
    new, gone = named(begun, 9), named(begun, 8)
    assert Button.ROLL_BACK not in release_view(gone, g.change(), u.facts(), g.policy()).buttons
    facts = u.facts(lock=lock_of(begun), reverted=(gone,))
    ended = releases.abort(new, g.BOB, "it was no fault of it", False, facts, g.policy())
    left = lock_of(ended).left
    assert left is not None and (left.release, left.commits) == (8, (g.SHA,)), "they are named by who brought them"
    again = named(ended, 8)
    assert (again.status, again.superseded_by) == (Status.ABORTED, None)
    assert Button.ROLL_BACK in release_view(again, g.change(), u.facts(), g.policy()).buttons
    assert ended.freed == ()


@pytest.mark.parametrize(
    "reverted, fleet, live",
    [
        (u.done(), Seen(), True),
        (g.release(CI, id=6), Seen(), False),
        (g.release(CI, id=6), g.seen(g.fleet()), True),
        (g.release(CI, id=6), g.seen(g.fleet(rounds=g.rounds((g.BASE, g.BASE)))), False),
        (g.release(CI, id=6), g.seen(g.fleet(rounds=g.rounds((g.BASE, g.SHA)))), True),
        (g.release(CI, id=6), g.seen(g.fleet(expected=u.REVERT)), False),
    ],
)
def test_whether_it_was_live_is_what_was_seen(reverted: Release, fleet: Seen[Any], live: bool) -> None:
    assert rollback.was_live(u.facts(reverted=(reverted,), fleet=fleet, runs=Seen()), SERVICE, POLICY) is live


@pytest.mark.parametrize("status, live", [("queued", False), ("in_progress", True), ("completed", True)])
def test_while_nobody_has_looked_a_deploy_that_began_may_have_been_live(status: str, live: bool) -> None:
    run = g.run(jobs=(Job(id=1, name="deploy", status=status, conclusion=None, url=""),))
    facts = u.facts(reverted=(g.release(CI, id=6),), fleet=Seen(), runs=g.seen(Runs(of_push=(run,))))
    assert rollback.was_live(facts, SERVICE, POLICY) is live


# --- what it does at each look


def effects(release: Release, facts: Facts, kind: type[Any], policy: Policy | None = None) -> list[Any]:
    return [e for e in advance(release, facts, policy or g.policy()).effects if isinstance(e, kind)]


def test_the_revert_is_asked_for_on_top_of_the_branch() -> None:
    (act,) = effects(u.rollback(), u.facts(revert=Seen()), MakeRevert)
    assert (act.target, act.parent, act.branch, act.pull) == (g.BASE, g.SHA, "main", False)
    assert "Reason: Orders fail" in act.message and "R-6" in act.message
    assert effects(u.rollback(), u.facts(), MakeRevert) == []
    (again,) = effects(u.rollback(), u.facts(revert=u.revert(parent="2" * 40)), MakeRevert)
    assert again.parent == g.SHA
    (pull,) = effects(u.rollback(), u.facts(revert=Seen()), MakeRevert, g.watching())
    assert pull.pull is True


@pytest.mark.parametrize(
    "typed",
    [
        "fixes #12",
        "Closes: acme/shop#12",
        "resolves GH-12",
        "fixes https://github.com/acme/shop/issues/12",
        "ask @acme/everyone and @bob",
        "[skip ci] [ci skip] [no ci] [Skip Actions] [actions skip]",
        "Bad.\n\nskip-checks: true",
        "Bad.\n\nCo-authored-by: Eve <eve@evil.example>",
    ],
)
def test_what_people_typed_does_nothing_in_the_message_of_the_revert(typed: str) -> None:
    said = revert.inert(typed)
    assert not re.search(r"@\w|#\d|GH-\d|://\S|\n", said) and not SKIP_CI.search(said)
    assert "".join(said.split()) == "".join(typed.split())  # readable as it was
    rolled = u.rollback()
    back = rolled.rollback
    assert back is not None
    rolled = rolled.model_copy(update={"rollback": back.model_copy(update={"reason": typed})})
    (act,) = effects(rolled, u.facts(revert=Seen()), MakeRevert)
    assert not SKIP_CI.search(act.message) and f"Reason: {said}" in act.message


def test_runs_that_have_not_begun_to_deploy_are_cancelled_first() -> None:
    queued = g.run(id=4, status="queued", conclusion=None, jobs=())
    facts = u.facts(runs=g.seen(Runs(older_unfinished=(queued,))))
    (act,) = effects(u.rollback(), facts, CancelRun)
    assert (act.run, act.attempt) == (4, 1)
    assert advance(u.rollback(), facts, g.policy()).records == ()


def test_its_push_waits_for_no_button() -> None:
    decision = advance(u.rollback(), u.facts(), g.policy())
    new = release_of(decision)
    assert new.stage is PUSH
    assert new.push_asked is not None and (new.push_asked.by, new.push_asked.says) == (g.ALICE, u.REVERT)
    (act,) = pushes(decision)
    assert (act.sha, act.expected, act.branch) == (u.REVERT, g.SHA, "main")


def test_a_refused_push_is_not_tried_again_unasked() -> None:
    asked = moved(u.rollback(), u.facts())
    facts = u.facts(push_refusal=g.seen(PushRefusal(sha=u.REVERT, error="protected")))
    decision = advance(asked, facts, g.policy())
    hold = release_of(decision).hold
    assert hold is not None and hold.finding.code == Code.PUSH_REFUSED
    assert [e for e in decision.effects if isinstance(e, PushBranch)] == []


def test_it_goes_through_ci_and_production_to_the_decision_log() -> None:
    asked = moved(u.rollback(), u.facts())
    pushed = moved(asked, u.after(runs=Seen(), tip=g.seen(Tip(sha=u.REVERT, tree=g.BASE_TREE))))
    assert pushed.stage is CI and pushed.pushed is not None and pushed.pushed.sha == u.REVERT
    ran = g.seen(Runs(of_push=(g.run(head_sha=u.REVERT, created_at=g.NOW),)))
    documenting = moved(pushed, u.after(logged=Seen(), runs=ran))
    assert (documenting.stage, documenting.status) == (DOC, Status.RUNNING)
    (act,) = effects(documenting, u.after(logged=Seen()), WriteLog)
    assert (act.entry, act.branch, act.path) == ("R-7", "decision-log", "decision_log.md")
    assert "Orders fail" in act.markdown and "R-6" in act.markdown


# --- the branch moves

STRAY, REVERT_2 = "9" * 40, "b" * 40
STRAY_TIP = g.seen(
    Tip(sha=STRAY, tree="9" * 40, pushed_by="bob", ahead=(g.commit(), g.commit(sha=STRAY, parents=(g.SHA,))))
)


def asked(**changes: Any) -> Release:
    return moved(u.rollback(), u.facts()).model_copy(update=changes)


@pytest.mark.parametrize("dropped", [True, False])
def test_a_push_before_the_revert_is_pushed_is_taken_back_too(dropped: bool) -> None:
    """By a revert built anew, that nobody has to ask for."""
    refusal = g.seen(PushRefusal(sha=u.REVERT, error="main had moved", dropped=True)) if dropped else Seen()
    decision = advance(asked(), u.facts(tip=STRAY_TIP, push_refusal=refusal), g.policy())
    new = release_of(decision)
    assert (new.stage, new.status, new.push_asked, new.earlier) == (REV, Status.RUNNING, None, ())
    assert new.rollback and new.rollback.commits == (g.SHA, STRAY) and new.rollback.strays == (STRAY,)
    assert said(decision) == [Code.REVERT_ANEW] and pushes(decision) == []
    (act,) = (e for e in decision.effects if isinstance(e, MakeRevert))
    assert (act.parent, act.after) == (STRAY, u.REVERT)
    facts = u.facts(tip=STRAY_TIP, push_refusal=refusal, revert=u.revert(sha=REVERT_2, parent=STRAY))
    (push,) = pushes(advance(new, facts, g.policy()))
    assert (push.sha, push.expected) == (REVERT_2, STRAY)


def test_a_revert_that_landed_under_the_push_of_another_stays_known_as_ours() -> None:
    facts = u.facts(tip=STRAY_TIP, moved=Seen(value=u.REVERT, at=g.ago(seconds=5)))
    new = moved(asked(), facts)
    assert new.stage is REV and [p.sha for p in new.earlier] == [u.REVERT]


def test_try_again_never_pushes_a_revert_of_another_head() -> None:
    refusal = g.seen(PushRefusal(sha=u.REVERT, error="protected"))
    refused_ = moved(asked(), u.facts(push_refusal=refusal))
    assert refused_.status is Status.HELD
    decision = failure.try_again(refused_, g.ALICE, u.facts(tip=STRAY_TIP, push_refusal=refusal), g.policy())
    assert decision.refusal is None and pushes(decision) == [] and release_of(decision).stage is REV


def test_the_branch_comes_back_to_an_earlier_head_and_gets_another_revert() -> None:
    back = u.facts(revert=u.revert(sha=REVERT_2, parent=STRAY))
    first = effects(u.rollback(), u.facts(revert=Seen()), MakeRevert)[0]
    (again,) = effects(asked(), back, MakeRevert)
    assert again.parent == first.parent and again.key != first.key


@pytest.mark.parametrize("stage", [CI, PROD])
def test_a_branch_that_was_set_back_is_looked_at_again(stage: Stage) -> None:
    held = u.held(u.rollback(stage), Code.BRANCH_MOVED)
    facts = u.after(tip=STRAY_TIP)
    assert Button.LOOK_AGAIN in release_view(held, g.change(), facts, g.policy()).buttons
    looked = release_of(failure.look_again(held, g.FRANK, facts, g.policy()))
    assert looked.status is Status.HELD  # it has not been set back
    early = u.after(tip=Seen(value=STRAY_TIP.value, at=g.ago(seconds=3)))
    looked = release_of(failure.look_again(held, g.FRANK, early, g.policy()))
    assert looked.status is Status.RUNNING  # what was seen before counts no more
    assert stage is PROD or moved(looked, u.after()).has_passed(CI)


# --- the end


def ended() -> Decision:
    return advance(u.rollback(DOC), u.after(), g.policy())


def test_what_was_taken_back_is_rolled_back_and_its_change_barred() -> None:
    decision = ended()
    assert (named(decision, 7).status, named(decision, 6).status) == (Status.COMPLETE, Status.ROLLED_BACK)
    (change,) = (r for r in decision.records if isinstance(r, Change))
    assert (change.status, change.approvals) == (ChangeStatus.ROLLED_BACK, ())
    assert (g.ALICE, Code.CHANGE_ROLLED_BACK) in directs(decision)
    assert {Code.ROLLBACK_COMPLETE, Code.ROLLED_BACK} <= set(said(decision))
    assert {"release_complete", "rolled_back", "change_rolled_back"} <= set(kinds(decision))


def test_the_commit_of_the_revert_is_what_is_verified_now_and_the_lock_is_free() -> None:
    decision = ended()
    (verified,) = (r for r in decision.records if isinstance(r, Baseline))
    assert (verified.service, verified.sha, verified.release) == ("shop", u.REVERT, 7)
    assert [f.key for f in decision.freed] == ["acme/shop@main"]


def test_it_is_not_complete_before_it_is_documented() -> None:
    assert advance(u.rollback(DOC), u.after(logged=u.logged("R-6")), g.policy()).records == ()


# --- what was rolled back stays out until somebody acknowledges that

BARRED = g.change(status=ChangeStatus.ROLLED_BACK, approvals=(), release=6)
AROUND = ChangeFacts(now=g.NOW)


def a_start() -> str | None:
    return refused(starts.start(9, g.ALICE, WANTED, g.facts(lock=None, change=BARRED), g.policy()))


def an_approval() -> str | None:
    return refused(changes.approve(BARRED, g.CAROL, BARRED.revision, AROUND, g.policy()))


def an_edit() -> str | None:
    content = g.CONTENT.model_copy(update={"title": "The same, once more"})
    return refused(changes.edit(BARRED, g.ALICE, BARRED.revision, content, AROUND, g.policy()))


def a_rejection_to_be_edited_away() -> str | None:
    return refused(changes.reject(BARRED, g.CAROL, "no", AROUND, g.policy()))


def a_release_that_runs() -> str | None:
    found = release_of(advance(g.release(PUSH), g.facts(change=BARRED), g.policy()))
    assert found.status is Status.STOPPED and found.hold
    return found.hold.finding.code


def a_hotfix_anew() -> str | None:
    """It makes an emergency change of its own; the one that was rolled back is not taken again."""
    emergency = BARRED.model_copy(update={"incident": 3})
    taken = change_fate.taken_again(emergency, "INC-3", AROUND, g.policy())
    return Code.CHANGE_NOT_USABLE if not taken.records and emergency.status not in USABLE else None


def the_clock() -> str | None:
    moved = change_fate.expire(BARRED, AROUND, g.policy()) + change_fate.lapse(BARRED, AROUND, g.policy())
    return None if moved.records else Code.NOT_NOW


@pytest.mark.parametrize(
    "door, code",
    [
        (a_start, Code.CHANGE_NOT_USABLE),
        (an_approval, Code.NOT_NOW),
        (an_edit, Code.NOT_NOW),
        (a_rejection_to_be_edited_away, Code.NOT_NOW),
        (a_release_that_runs, Code.CHANGE_CLOSED),
        (a_hotfix_anew, Code.CHANGE_NOT_USABLE),
        (the_clock, Code.NOT_NOW),
    ],
)
def test_a_change_that_was_rolled_back_goes_out_through_no_door(door: Callable[[], str | None], code: Code) -> None:
    assert door() == code


@pytest.mark.parametrize("status", [s for s in ChangeStatus if s not in (ChangeStatus.WITHDRAWN, BARRED.status)])
def test_whatever_became_of_a_change_meanwhile_its_rollback_bars_it(status: ChangeStatus) -> None:
    """Of one that was rejected while its commits stood on the branch an edit would have asked anew."""
    facts = u.after(reverted_changes=(g.change(status=status, release=6),))
    (change,) = (r for r in advance(u.rollback(DOC), facts, g.policy()).records if isinstance(r, Change))
    assert change.status is ChangeStatus.ROLLED_BACK
    known = changes.acknowledge_rollback(change, g.ALICE, AROUND, g.policy())
    (open_,) = (r for r in known.records if isinstance(r, Change))
    assert (open_.status, open_.approvals, open_.rejection) == (ChangeStatus.OPEN, (), None)


@pytest.mark.parametrize("exception", ["a freeze", "a suspended SOP", "a change that expired"])
def test_nothing_that_stops_a_release_stops_a_rollback_on_its_way(exception: str) -> None:
    """Carried from its start to COMPLETE, a look at a time."""
    around: dict[str, Any] = {"freezes": (FREEZE,)} if exception == "a freeze" else {}
    around |= {"change": g.change(approvals=(), status=ChangeStatus.EXPIRED)} if "change" in exception else {}
    policy = g.policy(status=SopStatus.SUSPENDED) if "SOP" in exception else g.policy()
    release = named(start(policy=policy, **around), 9)
    ran = g.seen(Runs(of_push=(g.run(head_sha=u.REVERT, created_at=g.NOW),)))
    stages = [release.stage]
    for facts in (u.facts(), u.after(runs=ran), u.after(runs=ran, logged=u.logged("R-9"))):
        decision = advance(release, facts.model_copy(update=around), policy)
        release = next(r for r in decision.records if isinstance(r, Release) and r.id == 9)
        stages.append(release.stage)
    assert (release.status, stages) == (Status.COMPLETE, [REV, PUSH, DOC, Stage.COMPLETE])
