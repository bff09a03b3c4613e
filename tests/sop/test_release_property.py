"""No sequence of intents and facts reaches COMPLETE with a gate not passed, and every step is in the table."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.sop import change as changes
from bot.sop import release as releases
from bot.sop.decision import Answer, Decision
from bot.sop.effects import PushBranch
from bot.sop.facts import Facts, Issue, ProbeAnswer, Runs, Seen, Tip
from bot.sop.policy import PushMode
from bot.sop.progress import advance
from bot.sop.records import Change, ChangeStatus, Freeze, FreezeStatus, Lock, Release
from bot.sop.release import SENTENCE, Wanted
from bot.sop.stages import AFTER_PUSH, STAGES, TRANSITIONS, Intent, Stage, Status
from tests.sop import good as g

PEOPLE = st.sampled_from([g.ALICE, g.BOB, g.CAROL, g.DAVE, g.FRANK])
OTHER = "9" * 40


class AnyDay(RuleBasedStateMachine):
    """The world changes at random, people press at random; the state is what decisions say."""

    def __init__(self) -> None:
        super().__init__()
        self.release: Release | None = None
        self.lock: Lock | None = None
        self.change: Change = g.change(approvals=(), status=ChangeStatus.OPEN)
        self.world: dict[str, Any] = {}
        self.now = g.NOW
        self.asked_pushes: list[PushBranch] = []

    @initialize(watch=st.booleans())
    def begin(self, watch: bool) -> None:
        self.policy = g.watching() if watch else g.policy()
        self.world = {"attestations": (), "tip": g.seen(Tip(sha=g.BASE, tree=g.BASE_TREE)), "runs": Seen()}
        self.world |= {"fleet": Seen(), "freezes": (), "criticals": g.seen(())}

    def facts(self) -> Facts:
        return g.facts(**self.world, change=self.change, lock=self.lock, now=self.now)

    def carry_out(self, decision: Decision, *intents: Intent) -> None:
        if decision.refusal:
            assert not decision.records
            return
        before = self.release
        for record in decision.records:
            if isinstance(record, Release):
                self.release = record
            elif isinstance(record, Lock):
                self.lock = record
            elif isinstance(record, Change):
                self.change = record
        if decision.freed:
            self.lock = None
        self.asked_pushes += [e for e in decision.effects if isinstance(e, PushBranch)]
        if before and self.release:
            assert reachable(before, self.release, *intents), (before.stage, self.release.stage, self.release.status)

    # --- people

    @rule(by=PEOPLE)
    @precondition(lambda self: self.release is None)
    def start(self, by: str) -> None:
        self.carry_out(releases.start(7, by, Wanted(service="shop", candidate="faster"), self.facts(), self.policy))

    @rule(by=PEOPLE, sentence=st.sampled_from([SENTENCE, "ok"]))
    @precondition(lambda self: self.release)
    def acknowledge(self, by: str, sentence: str) -> None:
        self.carry_out(releases.acknowledge(self.open, by, sentence, self.facts(), self.policy), Intent.ACKNOWLEDGE)

    @rule(by=PEOPLE)
    @precondition(lambda self: self.release)
    def accept_paths(self, by: str) -> None:
        decision = releases.accept_paths(self.open, by, g.TREE, ("bin/run",), "needed", self.facts(), self.policy)
        self.carry_out(decision, Intent.ACCEPT_PATHS)

    @rule(by=PEOPLE, sha=st.sampled_from([g.SHA, OTHER]))
    @precondition(lambda self: self.release)
    def push(self, by: str, sha: str) -> None:
        self.carry_out(releases.push(self.open, by, sha, self.facts(), self.policy), Intent.PUSH)

    @rule(by=PEOPLE)
    def approve(self, by: str) -> None:
        self.carry_out(changes.approve(self.change, by, self.change.revision, self.change_facts(), self.policy))

    @rule(by=PEOPLE)
    def withdraw_approval(self, by: str) -> None:
        self.carry_out(changes.withdraw_approval(self.change, by, self.change_facts(), self.policy))

    @rule(why=st.sampled_from(["It is slow", "It is very slow"]))
    def edit(self, why: str) -> None:
        content = self.change.content.model_copy(update={"why": why})
        decision = changes.edit(self.change, g.ALICE, self.change.revision, content, self.change_facts(), self.policy)
        self.carry_out(decision)

    def change_facts(self) -> changes.ChangeFacts:
        open_ = self.release if self.release and not self.release.closed else None
        return changes.ChangeFacts(now=self.now, directory=self.facts().directory, carrier=open_)

    # --- the world

    @rule(bad=st.sampled_from([None, None, None, "clean", "branch", "build", "run", "probes"]))
    def preflight(self, bad: str | None) -> None:
        made = {"made_at": self.now, "received_at": self.now}
        self.world["attestations"] = (g.failing(bad, **made) if bad else g.attestation(**made),)

    @rule(
        changed=st.sampled_from(
            [{}, {}, {}, {"tree": OTHER}, {"contains_tip": False}, {"paths": ("bin/run",)}, {"truncated": True}]
        ),
        author=st.sampled_from(["alice", "alice", "carol", "stranger"]),
        message=st.sampled_from(["CR-12: it", "CR-12: it", "tidy", "CR-12 [skip ci]"]),
    )
    def commit(self, changed: dict[str, Any], author: str, message: str) -> None:
        commits = (g.commit(author=author, message=message),)
        self.world["candidate"] = g.seen(g.candidate(commits=commits, **changed))

    @rule(what=st.sampled_from(["candidate", "tip", "criticals", "runs", "fleet"]))
    def go_down(self, what: str) -> None:
        self.world[what] = Seen[Any](value=getattr(self.facts(), what).value, at=self.now, error="down")

    @rule(found=st.booleans())
    def look_at_issues(self, found: bool) -> None:
        issue = Issue(number=1, title="t", url="u")
        self.world["criticals"] = g.seen((issue,) if found else ())

    @rule(on=st.booleans())
    def freeze(self, on: bool) -> None:
        frozen = Freeze(
            id=1,
            status=FreezeStatus.ACTIVE,
            services=(),
            reason="peak",
            owner=g.CAROL,
            starts_at=g.ago(hours=1),
            until=None,
            created_at=g.ago(hours=1),
        )
        self.world["freezes"] = (frozen,) if on else ()

    @rule(sha=st.sampled_from([g.BASE, OTHER, g.SHA]), tree=st.sampled_from([g.TREE, g.TREE, OTHER]))
    def branch(self, sha: str, tree: str) -> None:
        tip = Tip(sha=sha, tree=g.BASE_TREE if sha == g.BASE else tree, pushed_by="alice", pushed_at=self.now)
        self.world["tip"] = g.seen(tip)

    @rule()
    @precondition(lambda self: self.asked_pushes)
    def the_push_lands(self) -> None:
        if self.release and releases.may_push(self.release, self.facts(), self.policy):
            tree = self.facts().candidate.known
            assert tree is not None
            self.world["tip"] = g.seen(Tip(sha=self.asked_pushes[-1].sha, tree=tree.tree))

    @rule(
        status=st.sampled_from(["completed", "completed", "in_progress", "waiting"]),
        conclusion=st.sampled_from(["success", "success", "success", "failure", "skipped", "cancelled"]),
        changed=st.sampled_from(
            [{}, {}, {}, {"attempt": 2}, {"event": "workflow_dispatch"}, {"head_branch": "faster"}]
        ),
        older=st.booleans(),
    )
    def ci(self, status: str, conclusion: str, changed: dict[str, Any], older: bool) -> None:
        ended = conclusion if status == "completed" else None
        ran = g.run(status=status, conclusion=ended, created_at=self.now, **changed)
        unfinished = (g.run(head_sha=g.BASE, status="in_progress"),) if older else ()
        self.world["runs"] = g.seen(Runs(of_push=(ran,), older_unfinished=unfinished))

    @rule(
        versions=st.lists(st.sampled_from([g.SHA, g.SHA, g.SHA, g.BASE]), min_size=3, max_size=3),
        total=st.sampled_from([7, 7, 7, 8]),
        probed=st.booleans(),
    )
    def production(self, versions: list[str], total: int, probed: bool) -> None:
        served = ProbeAnswer(name="cart", status=200, body={"total": total})
        rounds = g.rounds((g.SHA,) * 3, tuple(versions))
        fleet = g.fleet(rounds=rounds, probes=(served,) if probed else (), probed_at=self.now if probed else None)
        self.world["fleet"] = g.seen(fleet)

    @rule(minutes=st.sampled_from([1, 6, 60 * 25, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    @precondition(lambda self: self.release)
    def look(self) -> None:
        self.carry_out(advance(self.open, self.facts(), self.policy), Intent.LOOK)

    @property
    def open(self) -> Release:
        assert self.release is not None
        return self.release

    # --- what always holds

    @invariant()
    def complete_means_proved(self) -> None:
        done = self.release
        if done is None or done.status is not Status.COMPLETE:
            return
        stages = {p.stage: p for p in done.passed}
        assert set(stages) == set(STAGES[done.procedure]) - {Stage.COMPLETE}
        assert all(f.answer is Answer.PASS for p in done.passed for f in p.findings)
        assert done.governance and done.governance.says == SENTENCE and done.governance.by == done.started_by
        assert done.pushed and done.pushed.tree == g.TREE
        assert self.change.status is ChangeStatus.RELEASED
        assert self.lock is None

    @invariant()
    def nothing_pushed_is_unowned(self) -> None:
        gone = self.release
        if gone and gone.closed and gone.pushed and gone.status is not Status.COMPLETE:
            assert self.lock and self.lock.left and self.lock.left.release == gone.id

    @invariant()
    def after_the_push_there_was_an_approved_change_and_a_preflight(self) -> None:
        if self.release and self.release.stage in AFTER_PUSH:
            assert self.release.pushed and self.release.attestation is not None
            assert self.policy.services[0].push is PushMode.WATCH or self.asked_pushes


def reachable(before: Release, after: Release, *intents: Intent) -> bool:
    """Whether the table leads from one state to the other, by the intents first and looks after them."""
    if before.closed:
        return before == after
    if (before.stage, before.status) == (after.stage, after.status) or not intents:
        return (after.stage is before.stage) or not intents
    goal: Stage | Status = after.status if after.closed else after.stage
    front: set[Stage | Status] = {before.stage}
    seen: set[Stage | Status] = set(front)
    allowed = {*intents, Intent.LOOK}
    while front:
        front = {
            to
            for stage in front
            for (at, intent), goals in TRANSITIONS.items()
            if at is stage and intent in allowed
            for to in goals
        } - seen
        seen |= front
    return goal in seen


AnyDay.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestAnyDay = AnyDay.TestCase
