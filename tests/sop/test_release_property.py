"""No sequence of intents and facts reaches a push or COMPLETE with a gate not passed, leaves pushed commits unowned, or
takes a step that is not in the table."""

from datetime import timedelta
from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.sop import change as changes
from bot.sop import release as releases
from bot.sop import start
from bot.sop.decision import Answer, Decision
from bot.sop.facts import Directory, Issue, ProbeAnswer, Runs
from bot.sop.policy import PushMode
from bot.sop.progress import advance
from bot.sop.records import ChangeStatus, Freeze, FreezeStatus, Release
from bot.sop.release import SENTENCE
from bot.sop.stages import AFTER_PUSH, STAGES, Intent, Stage, Status
from bot.sop.start import Wanted
from tests.sop import good as g
from tests.sop.day import NEXT_SHA, NEXT_TREE, SECOND, STRANGE_SHA, TREES, Day
from tests.sop.walk import reachable

PEOPLE = st.sampled_from([g.ALICE, g.BOB, g.CAROL, g.DAVE, g.FRANK])
RELEASERS = st.sampled_from([g.ALICE, g.ALICE, g.BOB, g.FRANK])


class AnyDay(RuleBasedStateMachine):
    """The world changes at random, people press at random, the outbox takes its time; the good day goes on between."""

    @initialize(watch=st.booleans(), attentive=st.booleans(), steps=st.sampled_from([0, 1, 2, 2, 3, 3]))
    def begin(self, watch: bool, attentive: bool, steps: int) -> None:
        self.attentive = attentive  # each change of the world is followed by a look
        self.day = Day(g.watching() if watch else g.policy())
        self.reached: set[str] = set()
        self.go_on(steps)

    @property
    def release(self) -> Release:
        assert self.day.release is not None
        return self.day.release

    def carry_out(self, decision: Decision, intent: Intent | None = None) -> None:
        before = self.day.release
        self.day.apply(decision)
        after = self.day.release
        if before and after and intent and after != before:
            assert reachable(before, after, intent), (before.stage, intent, after.stage, after.status)
        if after:
            self.reached |= {after.status.value, f"at {after.stage.value}"}
            self.reached |= {after.hold.finding.code} if after.hold else set()

    def teardown(self) -> None:
        for what in self.reached:
            event(what)

    # --- people

    @rule(by=RELEASERS, take_over=st.booleans())
    @precondition(lambda self: self.day.open is None)
    def start(self, by: str, take_over: bool) -> None:
        id = self.release.id + 1 if self.day.release else 7
        if self.day.release and self.release.status is Status.COMPLETE:
            self.day = Day(self.day.policy)  # the next day
        wanted = Wanted(service="shop", candidate="faster", take_over=take_over)
        self.day.forget()
        self.carry_out(start.start(id, by, wanted, self.day.facts(), self.day.policy))

    @rule(by=RELEASERS, sentence=st.sampled_from([SENTENCE, SENTENCE, "ok"]))
    @precondition(lambda self: self.day.release)
    def acknowledge(self, by: str, sentence: str) -> None:
        decision = releases.acknowledge(self.release, by, sentence, self.day.facts(), self.day.policy)
        self.carry_out(decision, Intent.ACKNOWLEDGE)

    @rule(by=PEOPLE, tree=st.sampled_from([g.TREE, NEXT_TREE]))
    @precondition(lambda self: self.day.release)
    def accept_paths(self, by: str, tree: str) -> None:
        facts = self.day.facts()
        decision = releases.accept_paths(self.release, by, tree, ("bin/run",), "needed", facts, self.day.policy)
        self.carry_out(decision, Intent.ACCEPT_PATHS)

    @rule(
        by=RELEASERS, sha=st.sampled_from([g.SHA, g.SHA, NEXT_SHA]), sentence=st.sampled_from([SENTENCE, SENTENCE, ""])
    )
    @precondition(lambda self: self.day.release)
    def push(self, by: str, sha: str, sentence: str = "") -> None:
        decision = releases.push(self.release, by, sha, self.day.facts(), self.day.policy, sentence)
        self.carry_out(decision, Intent.PUSH)

    @rule(by=PEOPLE, leave=st.booleans(), sure=st.sampled_from([False, False, True]))
    @precondition(lambda self: self.day.release)
    def abort(self, by: str, leave: bool, sure: bool) -> None:
        if sure:
            decision = releases.abort(self.release, by, "no", leave, self.day.facts(), self.day.policy)
            self.carry_out(decision, Intent.ABORT)

    @rule(by=PEOPLE)
    def approve(self, by: str) -> None:
        day = self.day
        self.carry_out(changes.approve(day.change, by, day.change.revision, day.change_facts(), day.policy))

    @rule(by=PEOPLE)
    def withdraw_approval(self, by: str) -> None:
        self.carry_out(changes.withdraw_approval(self.day.change, by, self.day.change_facts(), self.day.policy))

    @rule(why=st.sampled_from(["It is slow", "It is very slow"]), withdraw=st.sampled_from([False] * 5 + [True]))
    def edit(self, why: str, withdraw: bool) -> None:
        day = self.day
        content = day.change.content.model_copy(update={"why": why})
        facts = day.change_facts()
        if withdraw:
            self.carry_out(changes.withdraw(day.change, g.ALICE, facts, day.policy))
        else:
            self.carry_out(changes.edit(day.change, g.ALICE, day.change.revision, content, facts, day.policy))

    @rule(bad=st.sampled_from([None, None, None, "clean", "branch", "build", "run", "probes"]))
    def preflight(self, bad: str | None) -> None:
        day = self.day
        made = {"id": len(day.attestations) + 1, "tree": day.candidate.tree, "made_at": day.now}
        new = g.failing(bad, **made) if bad else g.attestation(**made)
        day.attestations = (new, *day.attestations)
        self.notice()

    # --- the world

    @rule(
        changed=st.sampled_from([{}, {}, {}, {"contains_tip": False}, {"paths": ("bin/run",)}, {"truncated": True}]),
        sha=st.sampled_from([g.SHA, g.SHA, NEXT_SHA]),
        author=st.sampled_from(["alice", "alice", "carol", "stranger"]),
        message=st.sampled_from(["CR-12: it", "CR-12: it", "tidy", "CR-12 [skip ci]"]),
    )
    def commit(self, changed: dict[str, Any], sha: str, author: str, message: str) -> None:
        commits = (g.commit(sha=sha, tree=TREES[sha], author=author, message=message),)
        self.day.candidate = g.candidate(sha=sha, tree=TREES[sha], commits=commits, **changed)
        self.notice()

    @rule(what=st.sampled_from(["candidate", "tip", "criticals", "runs", "fleet"]))
    def go_down(self, what: str) -> None:
        self.day.seen[what] = self.day.seen[what].model_copy(update={"error": "down"})

    @rule(gone=st.frozensets(PEOPLE, max_size=1))
    def people_leave(self, gone: frozenset[str]) -> None:
        self.day.directory = Directory(groups=self.day.directory.groups, deactivated=gone)

    @rule(found=st.booleans())
    def issues(self, found: bool) -> None:
        self.day.see("criticals", (Issue(number=1, title="t", url="u"),) if found else ())
        self.notice()

    @rule(on=st.booleans())
    def freeze(self, on: bool) -> None:
        frozen = Freeze(
            id=1, status=FreezeStatus.ACTIVE, services=(), reason="peak", owner=g.CAROL, starts_at=self.day.now,
            until=None, created_at=g.NOW,
        )  # fmt: skip
        self.day.freezes = (frozen,) if on else ()
        self.notice()

    @rule(sha=st.sampled_from([g.BASE, STRANGE_SHA, g.SHA, None, None, None]))
    def somebody_pushes(self, sha: str | None) -> None:
        if sha and self.day.head.sha != sha:
            self.day.move(sha, "alice")
            self.notice()

    @rule()
    @precondition(lambda self: self.day.waiting and not self.day.sending)
    def the_push_begins(self) -> None:
        self.day.begin_push()

    @rule(protected=st.sampled_from([False, False, True]))
    @precondition(lambda self: self.day.sending)
    def the_push_ends(self, protected: bool) -> None:
        self.day.end_push(protected)

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
        sha = self.day.head.sha
        ran = g.run(status=status, conclusion=ended, created_at=self.day.now, head_sha=sha, **changed)
        unfinished = (g.run(head_sha=g.BASE, status="in_progress"),) if older else ()
        self.day.see("runs", Runs(of_push=(ran,), older_unfinished=unfinished))
        self.notice()

    @rule(
        old=st.sampled_from([0, 0, 0, 1, 3]),
        total=st.sampled_from([7, 7, 7, 8]),
        probed=st.booleans(),
    )
    def production(self, old: int, total: int, probed: bool) -> None:
        self.serve(old, total, probed)

    def serve(self, old: int, total: int, probed: bool) -> None:
        sha = self.day.head.sha
        answers = (ProbeAnswer(name="cart", status=200, body={"total": total}),) if probed else ()
        rounds = g.rounds((sha,) * 3, (g.BASE,) * old + (sha,) * (3 - old))
        at = self.day.now if probed else None
        self.day.see("fleet", g.fleet(expected=sha, rounds=rounds, probes=answers, probed_at=at))
        self.notice()

    @rule(minutes=st.sampled_from([1, 6, 6, 60, 60 * 25, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.day.now += timedelta(minutes=minutes)

    @rule(fresh=st.sampled_from([("tip", "candidate"), ("tip", "candidate"), ("tip",), ()]))
    @precondition(lambda self: self.day.release)
    def look(self, fresh: tuple[str, ...]) -> None:
        self.day.look_at_git(*fresh)
        self.carry_out(advance(self.release, self.day.facts(), self.day.policy), Intent.LOOK)

    def notice(self) -> None:
        if self.attentive and self.day.release:
            self.look(("tip", "candidate"))

    # --- the good day goes on

    @rule(steps=st.integers(1, 2))
    def the_good_day_goes_on(self, steps: int) -> None:
        self.go_on(steps)

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.right_step()
            self.day.now += SECOND

    def right_step(self) -> None:
        day, release = self.day, self.day.open
        if release is None or release.stage is Stage.PRECONDITIONS:
            return self.prepare(release)
        if release.pushed:
            self.ci("completed", "success", {}, False)
            self.serve(0, 7, True)
        elif release.stage is Stage.PUSH and day.policy.services[0].push is PushMode.WATCH:
            day.move(day.candidate.sha, "alice")
        elif day.sending:
            day.end_push(False)
        elif day.waiting:
            day.begin_push()
        elif release.stage is Stage.PUSH:
            self.push(release.owner, day.candidate.sha)
        return self.look(("tip", "candidate"))

    def prepare(self, release: Release | None) -> None:
        self.day.freezes, self.day.directory = (), Directory(groups={"S0LEADS": (g.DAVE,)})
        self.commit({}, g.SHA, "alice", "CR-12: it")
        self.preflight(None)
        self.approve(g.DAVE)
        if release is None:
            return self.start(g.ALICE, True)
        self.issues(False)
        self.look(("tip", "candidate"))
        return self.acknowledge(self.release.owner, SENTENCE)

    # --- what always holds

    @invariant()
    def complete_means_proved(self) -> None:
        done = self.day.release
        if done is None or done.status is not Status.COMPLETE:
            return
        stages = {p.stage: p for p in done.passed}
        assert set(stages) == set(STAGES[done.procedure]) - {Stage.COMPLETE}
        assert all(f.answer is Answer.PASS for p in done.passed for f in p.findings)
        assert done.governance and done.governance.says == SENTENCE
        attested = {a.id: a for a in self.day.attestations}
        assert done.pushed and done.attestation and done.pushed.tree == attested[done.attestation].tree
        assert self.day.baseline.sha == done.pushed.sha
        assert self.day.change.status is ChangeStatus.RELEASED
        assert self.day.lock is None

    @invariant()
    def nothing_pushed_is_unowned(self) -> None:
        gone = self.day.release
        if gone and gone.closed and gone.status is not Status.COMPLETE:
            on_branch = self.day.moved.get(gone.id) == self.day.head.sha
            assert not (gone.pushed or on_branch) or (self.day.lock and self.day.lock.left)

    @invariant()
    def an_open_release_has_the_lock(self) -> None:
        if self.day.open:
            assert self.day.lock and self.day.lock.release == self.release.id

    @invariant()
    def after_the_push_something_was_pushed_and_proved(self) -> None:
        release = self.day.release
        if release and release.stage in AFTER_PUSH:
            assert release.pushed and release.attestation is not None
            watched = self.day.policy.services[0].push is PushMode.WATCH
            assert watched or (release.push_asked and release.push_asked.says == release.pushed.sha)


AnyDay.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestAnyDay = AnyDay.TestCase
