"""A hotfix: who may start one and when, what it preempts, what a second person accepts, and who says it is resolved."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from bot.sop import hotfix as hotfixes
from bot.sop.buttons import may_press
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import MakeRevert, PostThread, PushBranch, SendDirect
from bot.sop.facts import Facts, Issue, ProbeAnswer, Seen
from bot.sop.hotfix import Wanted
from bot.sop.outlook import Button
from bot.sop.policy import Approvals, Policy, SopStatus
from bot.sop.preemption import claim
from bot.sop.progress import advance
from bot.sop.records import (
    Approval,
    Baseline,
    Change,
    ChangeStatus,
    Incident,
    IncidentStatus,
    LeftAhead,
    Lock,
    Release,
    Severity,
    Word,
)
from bot.sop.stages import Procedure, Stage, Status
from bot.sop.views import release_view
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.test_gates_hotfix import frozen

T = TypeVar("T")
POLICY = e.policy()
LEFT = LeftAhead(release=6, sha="2" * 40, commits=("2" * 40,))
FRESH: dict[str, Any] = {
    "change": None, "attestations": (), "candidate": Seen(), "revert": Seen(), "lock": None, "fleet": Seen(),
}  # fmt: skip


def world(**changes: Any) -> Facts:
    """What is known when a hotfix is asked for."""
    return e.facts(**{**FRESH, **changes})


def started(
    by: str = g.DAVE, wanted: Wanted | None = None, around: Any = None, policy: Policy = POLICY,
    incident: Incident | None = None, **facts: Any,
) -> Decision:  # fmt: skip
    asked = wanted or Wanted(candidate="fix")
    return hotfixes.start(
        7, 13, by, incident or e.incident(), asked, around or e.around(), world(**facts), policy
    )  # fmt: skip


def refused(decision: Decision) -> Code:
    assert decision.refusal is not None
    assert not decision.records and not decision.effects
    return Code(decision.refusal.code)


def record(kind: type[T], decision: Decision, id: int | None = None) -> T:
    """What a decision says last of one."""
    assert decision.refusal is None
    found = [r for r in decision.records if isinstance(r, kind) and id in (None, getattr(r, "id", None))]
    return found[-1]


def sent(decision: Decision, code: Code) -> list[str]:
    return [x.to for x in decision.effects if isinstance(x, SendDirect) and x.notice.code == code]


def posts(decision: Decision) -> dict[str, PostThread]:
    return {x.notice.code: x for x in decision.effects if isinstance(x, PostThread)}


# --- started


def test_it_makes_the_emergency_change_the_release_and_takes_the_lock() -> None:
    decision = started()
    release, change = record(Release, decision), record(Change, decision)
    assert (release.procedure, release.stage, release.incident) == (Procedure.HOTFIX, Stage.PRECONDITIONS, 3)
    assert (release.owner, release.candidate, release.base) == (g.DAVE, "fix", g.BASE)
    assert (change.incident, change.requester, change.status) == (3, g.DAVE, ChangeStatus.OPEN)
    assert (change.content.areas, change.content.title) == (("checkout",), "Fix INC-3: Checkout fails")
    assert record(Lock, decision).release == 7
    incident = record(Incident, decision)
    assert (incident.hotfix, incident.change) == (7, 13)
    assert incident.timeline[-1].text == "Hotfix R-7 started for CR-13"
    assert {"change_filed", "hotfix_started", "incident_hotfix_started"} <= {x.kind for x in decision.events}


def test_every_approver_is_asked_for_the_one_click_but_not_who_asks() -> None:
    decision = started()
    assert sent(decision, Code.EMERGENCY_WANTED) == [g.CAROL]
    assert posts(decision)[Code.EMERGENCY_WANTED].mention == ("S0LEADS",)
    by_carol = started(by=g.CAROL, incident=e.incident(lead=g.CAROL))
    assert sent(by_carol, Code.EMERGENCY_WANTED) == []


def test_the_lead_may_start_one_too_and_nobody_else() -> None:
    led = e.incident(lead=g.ALICE)
    assert record(Release, started(by=g.ALICE, incident=led)).owner == g.ALICE
    assert refused_start(by=g.ALICE) is Code.NO_ROLE
    assert refused_start(by=g.CAROL) is Code.NO_ROLE


def refused_start(**changes: Any) -> Code:
    decision = started(**changes)
    assert [x.kind for x in decision.events] == ["release_refused"]
    return refused(decision)


SUSPENDED = e.policy(status=SopStatus.SUSPENDED)
ROLLBACK = e.standard(Stage.CI, id=5, procedure=Procedure.ROLLBACK)


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"incident": e.incident(status=IncidentStatus.RESOLVED)}, Code.NOT_NOW),
        ({"incident": e.incident(status=IncidentStatus.CLOSED)}, Code.NOT_NOW),
        ({"incident": e.incident(severity=Severity.HIGH)}, Code.NOT_CRITICAL),
        ({"incident": e.incident(confirmed=None)}, Code.NOT_CONFIRMED),
        ({"policy": SUSPENDED}, Code.SOP_NOT_ACTIVE),
        ({"wanted": Wanted(candidate=" ")}, Code.EMPTY),
        ({"baseline": None}, Code.NO_BASELINE),
        ({"around": e.around(running=(e.hotfix(Stage.CI, id=5),))}, Code.EMERGENCY_RUNS),
        ({"around": e.around(running=(ROLLBACK,))}, Code.EMERGENCY_RUNS),
        ({"lock": e.lock(5), "holder": ROLLBACK}, Code.EMERGENCY_RUNS),
        ({"lock": e.lock(6, left=LEFT)}, Code.LOCK_LEFT),
        ({"lock": e.lock(6), "holder": e.standard(Stage.PUSH, taken_over=LEFT)}, Code.LOCK_LEFT),
    ],
)
def test_it_starts_only_from_a_confirmed_critical_and_beside_no_other_emergency(
    changes: dict[str, Any], code: Code
) -> None:
    assert refused_start(**changes) is code


def test_a_freeze_does_not_refuse_it() -> None:
    assert started(freezes=frozen()).refusal is None


def test_left_commits_are_taken_over_by_name() -> None:
    decision = started(wanted=Wanted(candidate="fix", take_over=True), lock=e.lock(6, left=LEFT))
    assert record(Release, decision).taken_over == LEFT
    lock = record(Lock, decision)
    assert (lock.release, lock.left) == (7, None)


def test_a_new_attempt_uses_the_emergency_change_again_with_its_approvals() -> None:
    made = record(Change, started())
    approved = Approval(by=g.CAROL, at=g.ago(minutes=1), digest=made.content.digest)
    kept = made.model_copy(update={"approvals": (approved,), "status": ChangeStatus.APPROVED})
    decision = started(change=kept)
    assert not [r for r in decision.records if isinstance(r, Change)]
    assert record(Release, decision).change == kept.id
    assert sent(decision, Code.EMERGENCY_WANTED) == []
    edited = kept.content.model_copy(update={"areas": ("checkout", "search")})
    wider = started(change=kept.model_copy(update={"content": edited}))
    assert record(Release, wider).change_digest == edited.digest
    assert not [r for r in wider.records if isinstance(r, Change)]
    assert record(Change, started(change=g.change(id=11))).id == 13  # no change of this incident


@pytest.mark.parametrize("status", ChangeStatus)
def test_which_emergency_change_a_new_attempt_takes(status: ChangeStatus) -> None:
    """Its own while a release may carry it; its own, asked for anew, when the approvals ran out; else a new one."""
    gone = {"status": status, "id": 12, "approvals": ()}
    decision = started(change=record(Change, started()).model_copy(update=gone))
    filed = [(r.id, r.status) for r in decision.records if isinstance(r, Change)]
    if status in (ChangeStatus.OPEN, ChangeStatus.APPROVED):
        assert (filed, record(Release, decision).change) == ([], 12)
    elif status is ChangeStatus.EXPIRED:
        assert (filed, record(Release, decision).change) == ([(12, ChangeStatus.OPEN)], 12)
        assert sent(decision, Code.EMERGENCY_WANTED) == [g.CAROL]
    else:
        assert (filed, record(Release, decision).change) == ([(13, ChangeStatus.OPEN)], 13)


# --- preemption


@pytest.mark.parametrize("stage", [Stage.PRECONDITIONS, Stage.LOCAL_STATE, Stage.COMMITS, Stage.PUSH])
def test_a_standard_release_before_its_push_is_stopped_by_name(stage: Stage) -> None:
    decision = started(lock=e.lock(6), holder=e.standard(stage))
    stopped = record(Release, decision, 6)
    assert (stopped.status, stopped.stage) == (Status.STOPPED, stage)
    assert stopped.hold and stopped.hold.finding.code == Code.PREEMPTED
    assert stopped.hold.finding.values["hotfix"] == "R-7"
    told = posts(decision)[Code.PREEMPTED]
    assert (told.subject, told.mention) == ("R-6", (g.BOB,))
    assert record(Lock, decision).release == 7
    assert "release_stopped" in {x.kind for x in decision.events if x.subject == "R-6"}


@pytest.mark.parametrize(
    "holder", [e.standard(Stage.CI), e.standard(Stage.PRODUCTION), e.standard(Stage.PUSH, **e.ASKED)]
)
def test_after_its_push_the_hotfix_waits_without_the_lock(holder: Release) -> None:
    decision = started(lock=e.lock(6), holder=holder)
    release = record(Release, decision)
    assert (release.id, release.stage, release.status) == (7, Stage.PRECONDITIONS, Status.RUNNING)
    assert not [r for r in decision.records if isinstance(r, Lock)]
    assert release.taken_over is None


def test_it_takes_the_lock_when_that_is_free_and_starts_from_what_production_serves_then() -> None:
    verified = Baseline(service="shop", sha="8" * 40, at=g.NOW, by=g.BOB, release=6)
    waiting = e.hotfix(Stage.PRECONDITIONS)
    taken = claim(waiting, e.facts(lock=None, baseline=verified), POLICY)
    assert taken is not None
    release, facts, decision = taken
    assert (release.base, facts.lock and facts.lock.release) == ("8" * 40, 7)
    assert record(Lock, decision) == facts.lock
    assert Code.HOTFIX_LOCKED in posts(decision)
    assert facts.candidate == Seen()  # it was compared with the base of before


def test_who_took_the_lock_meanwhile_and_pushed_nothing_is_stopped_for_it() -> None:
    taken = claim(e.hotfix(Stage.PRECONDITIONS), e.facts(lock=e.lock(6), holder=e.standard(Stage.COMMITS)), POLICY)
    assert taken is not None
    assert record(Release, taken[2], 6).status is Status.STOPPED


@pytest.mark.parametrize(
    "release, facts",
    [
        (e.hotfix(Stage.PRECONDITIONS), {"lock": e.lock(6), "holder": e.standard(Stage.CI)}),
        (e.hotfix(Stage.PRECONDITIONS), {"lock": e.lock(6), "holder": ROLLBACK}),
        (e.hotfix(Stage.PRECONDITIONS), {"lock": e.lock(6, left=LEFT)}),
        (e.hotfix(Stage.PRECONDITIONS), {"lock": e.lock(6), "holder": e.standard(Stage.PUSH, taken_over=LEFT)}),
        (e.hotfix(Stage.PRECONDITIONS), {}),
        (e.hotfix(Stage.CI), {"lock": None}),
        (e.closed(e.hotfix(Stage.PRECONDITIONS)), {"lock": None}),
    ],
)
def test_it_takes_no_lock_that_is_not_free(release: Release, facts: dict[str, Any]) -> None:
    assert claim(release, e.facts(**facts), POLICY) is None


# --- accepted by a second person


LARGE = g.seen(g.candidate(lines=400, paths=("migrations/7.sql", "shop/checkout.py")))


def sized(by: str, tree: str = g.TREE, reason: str = "one idea", **facts: Any) -> Decision:
    known = e.facts(**{"candidate": LARGE, **facts})
    return hotfixes.accept_size(e.hotfix(Stage.MINIMAL_FIX), by, tree, reason, known, POLICY)


def lasting(by: str, tree: str = g.TREE, reason: str = "it only adds", **facts: Any) -> Decision:
    known = e.facts(**{"candidate": LARGE, **facts})
    return hotfixes.accept_irreversible(e.hotfix(Stage.MINIMAL_FIX), by, tree, reason, known, POLICY)


def test_an_approver_accepts_size_or_what_cannot_be_undone_for_this_tree_each_by_its_own_word() -> None:
    large = record(Release, sized(g.CAROL))
    assert large.size_accepted and not large.irreversible_accepted
    word = large.size_accepted
    assert (word.by, word.tree, word.paths, word.reason) == (g.CAROL, g.TREE, (), "one idea")
    moves = record(Release, lasting(g.CAROL))
    assert moves.irreversible_accepted and not moves.size_accepted
    word = moves.irreversible_accepted
    assert (word.by, word.tree, word.paths, word.reason) == (g.CAROL, g.TREE, ("migrations/7.sql",), "it only adds")


def test_what_cannot_be_undone_is_held_until_a_second_person_says_so_and_never_called_reversible() -> None:
    path = g.seen(g.candidate(lines=7, paths=("shop/checkout.py/7.sql",)))
    service = POLICY.services[0].model_copy(update={"irreversible_paths": ("**/*.sql",)})
    policy = POLICY.model_copy(update={"services": (service,)})
    facts = e.facts(candidate=path)
    held, _ = moved(e.hotfix(Stage.MINIMAL_FIX), facts, policy)
    assert (held.status, held.hold and held.hold.finding.code) == (Status.HELD, Code.PATHS_IRREVERSIBLE)
    shown = release_view(held, e.change(), facts, policy)
    assert Button.ACCEPT_IRREVERSIBLE in shown.buttons and Button.ACCEPT_SIZE not in shown.buttons
    who = {by for by in PEOPLE if may_press(by, Button.ACCEPT_IRREVERSIBLE, shown, policy, facts.directory)}
    assert who == {g.CAROL}
    assert refused(hotfixes.accept_size(held, g.CAROL, g.TREE, "one idea", facts, policy)) is Code.ALREADY
    gone = record(Release, hotfixes.accept_irreversible(held, g.CAROL, g.TREE, "it only adds", facts, policy))
    assert (gone.stage, gone.status) == (Stage.PUSH, Status.RUNNING)
    codes = {f.code for p in gone.passed if p.stage is Stage.MINIMAL_FIX for f in p.findings}
    assert {Code.IRREVERSIBLE_ACCEPTED, Code.REVERSIBLE_BUT} <= codes
    assert not codes & {Code.REVERSIBLE, Code.PATHS_REVERSIBLE}
    assert refused(hotfixes.accept_irreversible(gone, g.CAROL, g.TREE, "yes", facts, policy)) is Code.ALREADY


@pytest.mark.parametrize(
    "by, changes, code",
    [
        (g.ALICE, {}, Code.NO_ROLE),
        (g.DAVE, {}, Code.SECOND_PERSON),  # approver by the group, and who started it
        (g.CAROL, {"candidate": g.seen(g.candidate(lines=400, commits=(g.commit(author="carol"),)))},
         Code.SECOND_PERSON),
        (g.CAROL, {"change": e.change(requester=g.CAROL)}, Code.SECOND_PERSON),
        (g.CAROL, {"tree": "9" * 40}, Code.PATHS_CHANGED),
        (g.CAROL, {"candidate": Seen()}, Code.PATHS_CHANGED),
        (g.CAROL, {"reason": " "}, Code.EMPTY),
        (g.CAROL, {"candidate": g.seen(g.candidate(lines=3))}, Code.ALREADY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("accepted", [sized, lasting])
def test_both_are_accepted_by_a_second_person_only(
    accepted: Callable[..., Decision], by: str, changes: dict[str, Any], code: Code
) -> None:
    assert refused(accepted(by, **changes)) is code


PEOPLE = (g.ALICE, g.BOB, g.CAROL, g.DAVE, e.ERIN)
BESIDE = {
    "criticals_open": (e.incident(), e.incident(id=4, title="Search")),
    "criticals": g.seen((Issue(number=9, title="t", url="u"),)),
}


def beside(by: str, reason: str = "unrelated", **facts: Any) -> Decision:
    known = e.facts(**{**BESIDE, **facts})
    return hotfixes.accept_criticals(e.hotfix(Stage.PRECONDITIONS), by, reason, known, POLICY)


def test_a_second_person_goes_on_beside_exactly_the_criticals_that_are_open_now() -> None:
    for by in (g.CAROL, e.ERIN):
        word = record(Release, beside(by)).criticals_accepted
        assert word is not None
        assert (word.by, word.says) == (by, "INC-4, #9: unrelated")
    assert refused(beside(g.DAVE)) is Code.SECOND_PERSON
    assert refused(beside(g.ALICE)) is Code.NO_ROLE
    assert refused(beside(g.CAROL, "")) is Code.EMPTY
    assert refused(beside(g.CAROL, criticals=g.seen(()), criticals_open=(e.incident(),))) is Code.ALREADY


@pytest.mark.parametrize("stage", [Stage.MINIMAL_FIX, Stage.PUSH])
def test_what_is_found_at_the_push_is_accepted_there(stage: Stage) -> None:
    """Gates are asked again up to the push, so the words that they want can be given up to the push."""
    known = e.facts(**BESIDE, candidate=g.seen(g.candidate(lines=400)))
    held, _ = moved(e.hotfix(stage), known)
    shown = release_view(held, e.change(), known, POLICY)
    for button in (Button.ACCEPT_SIZE, Button.ACCEPT_CRITICALS):
        assert button in release_view(e.hotfix(stage), e.change(), known, POLICY).buttons
        assert button in shown.buttons
        who = {by for by in PEOPLE if may_press(by, button, shown, POLICY, known.directory)}
        assert who == ({g.CAROL} if button is Button.ACCEPT_SIZE else {g.CAROL, e.ERIN})
    sized = record(Release, hotfixes.accept_size(e.hotfix(stage), g.CAROL, g.TREE, "one idea", known, POLICY))
    word = record(Release, hotfixes.accept_criticals(sized, e.ERIN, "unrelated", known, POLICY))
    assert (word.stage, word.status) == (Stage.PUSH, Status.RUNNING)
    assert refused(hotfixes.accept_size(word, g.CAROL, g.TREE, "one idea", known, POLICY)) is Code.ALREADY
    assert refused(hotfixes.accept_criticals(word, g.CAROL, "unrelated", known, POLICY)) is Code.ALREADY


# --- confirmed


def confirmed(by: str, stage: Stage = Stage.POST_ACTION_NOTE, **facts: Any) -> Decision:
    known = e.facts(tip=e.pushed_tip(), **facts)
    return hotfixes.confirm_resolved(e.hotfix(stage), by, known, POLICY)


def test_the_lead_confirms_that_it_is_resolved() -> None:
    word = record(Release, confirmed(g.DAVE)).resolved
    assert word is not None
    assert (word.by, word.says) == (g.DAVE, "INC-3 is resolved")
    assert refused(confirmed(e.ERIN)) is Code.NOT_THE_LEAD
    assert refused(confirmed(g.DAVE, incident=e.incident(lead=None))) is Code.NOT_THE_LEAD
    assert refused(confirmed(g.DAVE, stage=Stage.CI)) is Code.NOT_NOW
    gone = g.facts().directory.model_copy(update={"deactivated": frozenset({g.DAVE})})
    assert refused(confirmed(g.DAVE, directory=gone)) is Code.NO_ROLE


def test_one_click_is_enough_where_a_standard_release_wants_two() -> None:
    two = e.policy(approvals=Approvals(required=2))
    decision = hotfixes.accept_size(
        e.hotfix(Stage.MINIMAL_FIX), g.CAROL, g.TREE, "one idea",
        e.facts(candidate=g.seen(g.candidate(lines=400))), two,
    )  # fmt: skip
    assert record(Release, decision).stage is Stage.PUSH
    assert not [x for x in decision.effects if isinstance(x, PushBranch)]


# --- on its way


def moved(release: Release, facts: Facts, policy: Policy = POLICY) -> tuple[Release, Decision]:
    decision = advance(release, facts, policy)
    return next((r for r in reversed(decision.records) if isinstance(r, Release)), release), decision


def test_it_waits_for_its_revert_and_asks_for_it_before_the_push() -> None:
    waiting, decision = moved(e.hotfix(Stage.MINIMAL_FIX), e.facts(revert=Seen()))
    assert (waiting.stage, waiting.status) == (Stage.MINIMAL_FIX, Status.RUNNING)
    (act,) = [x for x in decision.effects if isinstance(x, MakeRevert)]
    assert (act.target, act.parent, act.pull) == (g.BASE, g.SHA, False)
    assert moved(waiting, e.facts())[0].stage is Stage.PUSH


def test_a_fix_that_is_not_on_what_production_serves_is_held_as_not_reversible() -> None:
    """Its revert would take production back to something else than it serves now."""
    served = Baseline(service="shop", sha="8" * 40, at=g.NOW, by=g.CAROL)
    held, decision = moved(e.hotfix(Stage.MINIMAL_FIX), e.facts(baseline=served))
    assert (held.status, held.hold and held.hold.finding.code) == (Status.HELD, Code.NOT_REVERSIBLE)
    assert held.hold and held.hold.finding.values == {"base": g.BASE, "production": "8" * 40}
    assert posts(decision)[Code.RELEASE_HELD].mention == (g.DAVE,)
    again = started(baseline=served)
    assert record(Release, again).base == "8" * 40


def test_a_lowered_severity_stops_it_before_its_push_and_no_more_after() -> None:
    calm = e.incident(severity=Severity.HIGH, confirmed=None)
    stopped, decision = moved(e.hotfix(Stage.PUSH), e.facts(incident=calm))
    assert stopped.status is Status.STOPPED
    assert stopped.hold and stopped.hold.finding.code == Code.SEVERITY_LOWERED
    assert decision.freed
    after, _ = moved(e.hotfix(Stage.CI), e.facts(incident=calm, tip=e.pushed_tip()))
    assert after.stage is Stage.POST_ACTION_NOTE


def test_a_large_fix_is_held_and_goes_on_when_a_second_person_accepts_it() -> None:
    held, _ = moved(e.hotfix(Stage.MINIMAL_FIX), e.facts(candidate=LARGE))
    assert (held.status, held.hold and held.hold.finding.code) == (Status.HELD, Code.PATHS_OUTSIDE)
    big = g.seen(g.candidate(lines=400))
    held, _ = moved(e.hotfix(Stage.MINIMAL_FIX), e.facts(candidate=big))
    assert (held.status, held.hold and held.hold.finding.code) == (Status.HELD, Code.SIZE_LARGE)
    decision = hotfixes.accept_size(held, g.CAROL, g.TREE, "one idea", e.facts(candidate=big), POLICY)
    assert (record(Release, decision).stage, record(Release, decision).status) == (Stage.PUSH, Status.RUNNING)


def test_production_that_still_fails_holds_it() -> None:
    broken = (ProbeAnswer(name="cart", status=503), ProbeAnswer(name="front", status=200))
    facts = e.facts(tip=e.pushed_tip(), fleet=g.seen(g.fleet(probes=broken)))
    held, _ = moved(e.hotfix(Stage.PRODUCTION), facts)
    assert (held.stage, held.status) == (Stage.PRODUCTION, Status.HELD)


def test_it_is_complete_only_when_the_lead_has_spoken_and_the_note_is_logged() -> None:
    release, noted = e.hotfix(Stage.POST_ACTION_NOTE), e.incident(note=e.note())
    word = e.hotfix(Stage.POST_ACTION_NOTE, resolved=Word(by=g.DAVE, at=g.NOW, says="INC-3 is resolved"))
    for one, facts in (
        (release, {"incident": noted, "logged": e.logged()}),
        (word, {"logged": e.logged()}),
        (word, {"incident": noted}),
    ):
        still, _ = moved(one, e.facts(**facts))
        assert (still.stage, still.status) == (Stage.POST_ACTION_NOTE, Status.RUNNING)
    done, decision = moved(word, e.facts(incident=noted, logged=e.logged()))
    assert done.status is Status.COMPLETE
    assert record(Change, decision).status is ChangeStatus.RELEASED
