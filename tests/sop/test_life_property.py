"""All three procedures, incidents and the patrol together: no path to COMPLETE without its gates, no violation lost,
nothing pushed unowned, a rollback always within reach, no incident closed without its note."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.sop import change as changes
from bot.sop import failure, hotfix, incident, resolution, rollback, start, strays, violation
from bot.sop import release as releases
from bot.sop.arrival import in_flight
from bot.sop.decision import Answer, Decision
from bot.sop.failure import Cause
from bot.sop.gates import GATES
from bot.sop.outlook import Button
from bot.sop.patrol.act import acts
from bot.sop.progress import advance
from bot.sop.records import (
    ChangeStatus,
    Freeze,
    FreezeStatus,
    Incident,
    IncidentKind,
    IncidentStatus,
    Mend,
    Release,
    Severity,
    ViolationStatus,
)
from bot.sop.release import SENTENCE
from bot.sop.resolution import NOTED
from bot.sop.stages import STAGES, Procedure, Stage, Status
from bot.sop.start import Wanted
from bot.sop.views import release_view
from tests.sop import good as g
from tests.sop.life import Life
from tests.sop.undone import LINE

REACHED: Counter[str] = Counter()  # over all examples
NOTE = resolution.NoteText(happened="Orders failed", affected="Checkout", cause="A typo", fix="It is gone")
MENDED = Cause(quote=LINE, cause="Rounding", mend=Mend.INFRASTRUCTURE, evidence="it is mended")
OFFERED = (
    Button.TRY_AGAIN, Button.RERUN, Button.CAUSE, Button.ACCEPT_DIFFERENCE, Button.REDEPLOY, Button.ROLL_BACK,
    Button.LOOK_AGAIN,
)  # fmt: skip
ENOUGH = 25  # looks until a rollback is over
EXAMPLES = 300
PEOPLE = st.sampled_from([g.ALICE, g.BOB, g.CAROL, g.DAVE])
SCENES = (
    *("go on",) * 6, "begin again", "CI fails, a commit", "CI fails, the runner", "stray", "roll back", "give up",
    "hand over", "a refused rollback, a further one", "incident", "calm", "by hand", "a push before the revert",
    "a push before the revert, and back", "a push after the revert",
)  # fmt: skip
WANTED = {
    *(f"{p.value} {s.value}" for p in Procedure for s in (Status.COMPLETE, Status.HELD, Status.ABORTED)),
    "standard STOPPED", "hotfix STOPPED", "standard ROLLED_BACK", "hotfix ROLLED_BACK", "incident CLOSED",
    "violation EXPLAINED", "violation again", "change ROLLED_BACK", "change RELEASED", "strays taken over",
    "fixed by commit", "re-run", "commits taken over", "hotfix again", "built anew", "to the same commit", "set back",
}  # fmt: skip


class AnyLife(RuleBasedStateMachine):
    """The right step is taken often enough to come everywhere; between, anybody does anything."""

    @initialize(
        first=st.sampled_from(["standard", "hotfix"]), scenes=st.lists(st.sampled_from(SCENES), min_size=3, max_size=12)
    )
    def begin(self, first: str, scenes: list[str]) -> None:
        """What happens at first is likelier to come far than what anybody does at any time."""
        self.life, self.reached = Life(), set[str]()
        (self.start_standard if first == "standard" else self.start_hotfix)()
        for scene in scenes:
            self.play(scene)

    def play(self, scene: str) -> None:
        if scene == "go on":
            self.right_step()
        if scene == "begin again" and self.latest() is None:
            self.start_standard()
        if scene == "CI fails, a commit":
            self.ci_fails_and_its_cause_is_found(Mend.COMMIT)
        if scene == "CI fails, the runner":
            self.ci_fails_and_its_cause_is_found(Mend.INFRASTRUCTURE)
        if scene == "stray":
            self.somebody_pushes()
        if scene == "roll back":
            self.roll_back(0, 0)
        if scene == "a refused rollback, a further one":
            self.roll_back(0, 0)
            self.life.protected = True
            for _ in range(3):
                self.look()
            self.life.protected = False
            self.roll_back(0, 1)
        release = self.latest()
        if scene in ("give up", "hand over") and release is not None:
            self.abort(release.owner, True, True)
        if scene == "hand over":
            self.start_standard()
        if scene == "incident":
            self.declare(Severity.CRITICAL)
            self.look()
        if scene == "calm":
            self.press("lower")
            self.look()
        if scene == "by hand":
            self.somebody_changes_production(0)
        if scene == "a push before the revert":
            self.life.slow = True
            self.roll_back(0, 0)
            self.look()
            self.somebody_pushes()
            self.life.slow = False
            self.life.outbox()
        if scene == "a push before the revert, and back":
            self.life.slow = True
            self.roll_back(0, 0)
            self.look()
            self.life.outbox()
            self.look()
            self.somebody_pushes()
            self.life.outbox()
            self.look()
            self.somebody_sets_the_branch_back()
            self.life.slow = False
            self.life.outbox()
        if scene == "a push after the revert":
            self.roll_back(0, 9)
            self.look()
            self.somebody_pushes()
        self.count()

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.every_rollback_can_be_ended()
        REACHED.update(getattr(self, "reached", ()))

    def latest(self, procedure: Procedure | None = None) -> Release | None:
        open_ = [r for r in self.life.open if procedure in (None, r.procedure)]
        return open_[-1] if open_ else None

    # --- the right step

    @rule(steps=st.integers(1, 4))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.right_step()

    def right_step(self) -> None:
        """What a careful team would do next."""
        life, release = self.life, self.latest()
        life.freezes, life.protected, life.total, life.status, life.slow = (), False, 7, 200, False
        life.outbox()
        life.patrol()
        self.explain_all()
        if release is None:
            return
        if release.pushed is None and release.procedure is not Procedure.ROLLBACK:
            self.prepare(release)
        life.end_ci(True)
        self.look()
        now = life.releases[release.id]
        facts = life.facts(now)
        if now.closed:
            return
        if now.stage is Stage.PUSH and now.procedure is not Procedure.ROLLBACK and facts.candidate.known:
            life.apply(releases.push(now, g.ALICE, facts.candidate.known.sha, facts, life.policy))
        if now.stage is Stage.POST_ACTION_NOTE:
            self.settle(now)
        self.look()

    def prepare(self, release: Release) -> None:
        """A commit on top of the branch, its preflight, an approval, the governance check."""
        life, ref, change = self.life, release.candidate, release.change
        stale = release.earlier and life.work[ref][1].sha in {p.sha for p in release.earlier}
        if life.work[ref][0] != life.head.sha and (stale or life.work[ref][1].sha != life.head.sha):
            life.write(ref, change)
        if not any(a.tree == life.work[ref][1].tree and a.change == change for a in life.attestations):
            life.attest(ref, change, g.ALICE)
        self.approve(change, g.CAROL)
        life.apply(releases.acknowledge(release, release.owner, SENTENCE, life.facts(release), life.policy))
        now = life.releases[release.id]
        if now.procedure is Procedure.HOTFIX and now.governance is None:
            life.apply(releases.acknowledge(now, g.ALICE, SENTENCE, life.facts(now), life.policy))
        self.look()
        self.take_over_strays(g.BOB)

    def settle(self, release: Release) -> None:
        life, found = self.life, self.life.incidents[release.incident or 0]
        life.apply(hotfix.confirm_resolved(release, found.lead or "", life.facts(release), life.policy))
        life.apply(resolution.write_note(found, g.DAVE, found.noted, NOTE, life.around(found), life.policy))

    # --- beginnings

    @rule(take_over=st.booleans())
    def start_standard(self, take_over: bool = True) -> None:
        life = self.life
        usable = [c for c in life.changes.values() if c.status in (ChangeStatus.OPEN, ChangeStatus.APPROVED)]
        found = next((c for c in usable if c.incident is None), None)
        change = max(life.changes, default=0) + 1
        if found is None:
            life.apply(changes.file(change, g.ALICE, g.CONTENT, life.change_facts(0), life.policy))
            found = life.changes[change]
        id = len(life.releases) + 1
        ref = f"work-{id}"
        life.write(ref, found.id)
        blank = g.release(id=id, change=found.id, candidate=ref, base=life.baselines[-1].sha)
        wanted = Wanted(service="shop", candidate=ref, take_over=take_over)
        decision = start.start(id, g.ALICE, wanted, life.facts(blank), life.policy)
        self.reached |= {"commits taken over"} if not decision.refusal and life.lock and life.lock.left else set()
        life.apply(decision)

    @rule(severity=st.sampled_from([Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.LOW]))
    def declare(self, severity: Severity) -> None:
        life, id = self.life, len(self.life.incidents) + 1
        if sum(i.status is IncidentStatus.OPEN for i in life.incidents.values()) > 1:
            return
        said = incident.Declaration(
            service="shop", title=f"Checkout fails {id}", kind=IncidentKind.PRODUCTION, severity=severity,
            affected=("checkout",),
        )  # fmt: skip
        life.apply(incident.declare(id, g.ALICE, said, life.around(), life.policy))

    @rule()
    def start_hotfix(self) -> None:
        life = self.life
        critical = [i for i in life.incidents.values() if i.severity is Severity.CRITICAL]
        if not any(i.status is IncidentStatus.OPEN for i in critical):
            self.declare(Severity.CRITICAL)
        found = next((i for i in life.incidents.values() if i.status is IncidentStatus.OPEN), None)
        if found is None:
            return
        life.apply(incident.take_lead(found, g.DAVE, life.around(found), life.policy))
        found = life.incidents[found.id]
        life.apply(incident.confirm_critical(found, g.DAVE, life.around(found), life.policy))
        found = life.incidents[found.id]
        id, change = len(life.releases) + 1, max(life.changes, default=0) + 1
        earlier = life.changes.get(found.change or 0)
        kept = (ChangeStatus.OPEN, ChangeStatus.APPROVED, ChangeStatus.EXPIRED)
        usable = earlier is not None and earlier.status in kept
        ref = f"work-{id}"
        life.write(ref, earlier.id if usable and earlier else change)
        blank = g.release(id=id, change=0, candidate=ref, base=life.baselines[-1].sha, incident=found.id)
        holder = life.releases.get(life.lock.release) if life.lock else None
        facts = life.facts(blank).model_copy(update={"change": earlier, "holder": holder})
        wanted = hotfix.Wanted(candidate=ref, take_over=True)
        decision = hotfix.start(id, change, g.DAVE, found, wanted, life.around(found), facts, life.policy)
        if decision.refusal is None and found.hotfix is not None:
            self.begun_again(found, usable, decision)
        life.apply(decision)

    def begun_again(self, found: Incident, usable: bool, decision: Decision) -> None:
        """What began was offered by the card of the last one, and took its change request where that could be."""
        life, last = self.life, self.life.releases[found.hotfix or 0]
        view = release_view(last, life.changes[last.change], life.facts(last), life.policy)
        if last.status in (Status.STOPPED, Status.ABORTED) and last.superseded_by is None:
            assert Button.START_AGAIN in view.buttons
        new = next(r for r in decision.records if isinstance(r, Release) and r.id not in life.releases)
        assert (new.change == last.change) == usable
        self.reached |= {"hotfix again"}

    @rule(which=st.integers(0, 3), back=st.integers(0, 2))
    def roll_back(self, which: int, back: int) -> None:
        life = self.life
        pushed = [r for r in life.releases.values() if r.last_push or r.procedure is Procedure.ROLLBACK]
        if pushed:
            release = pushed[-1 - which % len(pushed)]
            possible = life.rollback_facts(release, None).targets
            chosen = possible[back % len(possible)].sha if possible else ""
            facts = life.rollback_facts(release, chosen)
            id = len(life.releases) + 1
            life.apply(rollback.start(id, g.BOB, release, chosen, "it fails", facts, life.policy))

    # --- what else people do

    @rule(by=PEOPLE)
    def approve_latest(self, by: str) -> None:
        if self.life.changes:
            self.approve(max(self.life.changes), by)

    def approve(self, change: int, by: str) -> None:
        life, found = self.life, self.life.changes[change]
        life.apply(changes.approve(found, by, found.revision, life.change_facts(change), life.policy))
        found = life.changes[change]
        if found.status is ChangeStatus.ROLLED_BACK:
            life.apply(changes.acknowledge_rollback(found, g.CAROL, life.change_facts(change), life.policy))

    @rule(by=PEOPLE, leave=st.booleans(), sure=st.sampled_from([False, False, True]))
    def abort(self, by: str, leave: bool, sure: bool) -> None:
        release = self.latest()
        if release and sure:
            self.life.apply(releases.abort(release, by, "no", leave, self.life.facts(release), self.life.policy))

    @rule(mend=st.sampled_from([Mend.COMMIT, Mend.INFRASTRUCTURE]))
    def ci_fails_and_its_cause_is_found(self, mend: Mend) -> None:
        life, release = self.life, self.latest()
        if release is None or release.stage is not Stage.CI:
            return
        life.end_ci(False)
        self.look()
        self.look()
        held = life.releases[release.id]
        said = Cause(quote=LINE, cause="Rounding", mend=mend, evidence="it is mended")
        life.apply(failure.record_cause(held, g.BOB, said, life.facts(held), life.policy))
        now = life.releases[release.id]
        self.reached |= {"fixed by commit"} if now.earlier else set()
        again = failure.rerun(now, g.BOB, life.facts(now), life.policy)
        self.reached |= {"re-run"} if again.refusal is None else set()
        life.apply(again)

    @rule(good=st.booleans(), deploys=st.booleans())
    def ci(self, good: bool, deploys: bool) -> None:
        self.life.end_ci(good, deploys)
        self.look()

    @rule(what=st.sampled_from(["redeploy", "look again", "try again", "accept", "resolve", "reopen", "note", "lower"]))
    def press(self, what: str) -> None:
        life, release = self.life, self.latest()
        found = next(reversed(life.incidents.values()), None)
        if release is not None:
            facts = life.facts(release)
            if what == "redeploy":
                life.apply(failure.redeploy(release, g.BOB, "again", facts, life.policy))
            if what == "look again":
                life.apply(failure.look_again(release, g.BOB, facts, life.policy))
            if what == "try again":
                life.apply(failure.try_again(release, g.BOB, facts, life.policy))
            if what == "accept":
                field = (("cart", "body.total"),)
                life.apply(failure.accept_difference(release, g.CAROL, field, "so", facts, life.policy))
        if found is not None:
            around = life.around(found)
            if what == "resolve":
                life.apply(resolution.resolve(found, g.DAVE, around, life.policy))
            if what == "reopen":
                life.apply(resolution.reopen(found, g.DAVE, "it is back", around, life.policy))
            if what == "note":
                life.apply(resolution.write_note(found, g.DAVE, found.noted, NOTE, around, life.policy))
            if what == "lower":
                life.apply(incident.change_severity(found, g.DAVE, Severity.LOW, "calm", around, life.policy))

    @rule(by=PEOPLE)
    def take_over_strays(self, by: str) -> None:
        life, release = self.life, self.latest()
        if release is not None:
            decision = strays.take_over(release, by, life.facts(release), life.policy)
            self.reached |= {"strays taken over"} if decision.refusal is None else set()
            life.apply(decision)

    def explain_all(self) -> None:
        for act in acts(self.life.violations.values()):
            if act.open:
                facts = self.life.patrol_facts()
                self.life.apply(violation.explain(act, g.CAROL, "we know", facts, self.life.policy))

    # --- the world

    @rule()
    def somebody_pushes(self) -> None:
        life = self.life
        life.move(life.commit("quick fix", life.head.sha, paths=("shop/checkout.py",)), "bob")
        self.look()

    @rule()
    def somebody_sets_the_branch_back(self) -> None:
        self.reached |= {"set back"} if self.life.set_back() else set()
        self.look()

    @rule()
    def somebody_runs_ci_again(self) -> None:
        self.life.run_again()

    @rule(slow=st.booleans())
    def the_outbox_takes_its_time(self, slow: bool) -> None:
        self.life.slow = slow
        if not slow:
            self.life.outbox()

    @rule(sha=st.integers(0, 5))
    def somebody_changes_production(self, sha: int) -> None:
        self.life.served = self.life.branch[sha % len(self.life.branch)].sha
        self.life.patrol()

    @rule(
        frozen=st.booleans(), protected=st.booleans(), total=st.sampled_from([7, 7, 8]),
        status=st.sampled_from([200, 200, 404]),
    )  # fmt: skip
    def it_turns(self, frozen: bool, protected: bool, total: int, status: int) -> None:
        life = self.life
        freeze = Freeze(
            id=1, status=FreezeStatus.ACTIVE, services=(), reason="peak", owner=g.CAROL, starts_at=life.now,
            until=None, created_at=life.now,
        )  # fmt: skip
        life.freezes, life.protected, life.total = (freeze,) if frozen else (), protected, total
        life.status = status

    @rule(minutes=st.sampled_from([1, 6, 70]))
    def time_passes(self, minutes: int) -> None:
        self.life.now += timedelta(minutes=minutes)

    @rule()
    def look(self) -> None:
        for release in self.life.open:
            self.life.look(release)
            now = self.life.releases[release.id]
            self.life.apply(advance(now, self.life.facts(now), self.life.policy))
        self.count()

    @rule()
    def patrol(self) -> None:
        self.life.patrol()

    # --- what always holds

    @invariant()
    def count(self) -> None:
        life = self.life
        self.reached |= {f"{r.procedure.value} {r.status.value}" for r in life.releases.values()}
        self.reached |= {f"incident {i.status.value}" for i in life.incidents.values()}
        self.reached |= {f"change {c.status.value}" for c in life.changes.values()}
        self.reached |= {f"violation {v.status.value}" for v in life.violations.values()}
        self.reached |= {"violation again" for v in life.violations.values() if v.count > 1}
        self.reached |= {"built anew" for r in life.releases.values() if r.rollback and r.rollback.strays}

    @invariant()
    def complete_means_that_every_gate_passed(self) -> None:
        life = self.life
        for done in life.releases.values():
            if done.status not in (Status.COMPLETE, Status.ROLLED_BACK) or done.stage is not Stage.COMPLETE:
                continue
            stages = {p.stage: {f.gate for f in p.findings} for p in done.passed}
            table = GATES[done.procedure]
            assert set(stages) == set(STAGES[done.procedure]) - {Stage.COMPLETE}
            assert stages == {s: {gate.__name__ for _, gate in rows} for s, rows in table.items()}
            assert all(f.answer is Answer.PASS for p in done.passed for f in p.findings)
            assert done.pushed is not None and done.pushed.sha in {c.sha for c in life.branch}
            if done.procedure is Procedure.HOTFIX:
                assert done.resolved and life.incidents[done.incident or 0].note

    @invariant()
    def no_violation_is_lost(self) -> None:
        life = self.life
        assert life.ever == set(life.violations)
        for found in life.violations.values():
            assert (found.status is ViolationStatus.EXPLAINED) == (found.explained is not None)

    @invariant()
    def no_incident_is_closed_without_its_note(self) -> None:
        for found in self.life.incidents.values():
            if found.status is IncidentStatus.CLOSED and found.severity in NOTED:
                assert found.note and found.logged

    @invariant()
    def what_stands_unverified_on_the_branch_is_owned(self) -> None:
        life = self.life
        for release in life.releases.values():
            push = release.last_push
            gone = release.status in (Status.COMPLETE, Status.ROLLED_BACK) or release.procedure is Procedure.ROLLBACK
            if push is None or gone or push.at < life.baselines[-1].at:
                continue
            assert life.lock is not None, release.name
            assert life.lock.left or not life.releases[life.lock.release].closed

    @invariant()
    def a_rollback_is_within_reach(self) -> None:
        """From every state with commits on the branch, by the button and by the decision, or one is under way."""
        life = self.life
        backs = [r for r in life.open if r.procedure is Procedure.ROLLBACK]
        for release in life.releases.values():
            ours = release.procedure is not Procedure.ROLLBACK and release.status is not Status.ROLLED_BACK
            if release.last_push is None or not ours or backs:
                continue
            assert release.superseded_by is None, "nothing supersedes it any more"
            facts = life.rollback_facts(release, None)
            assert facts.targets
            decision = rollback.start(99, g.BOB, release, facts.targets[-1].sha, "it fails", facts, life.policy)
            assert decision.refusal is None or facts.holder_pushing, decision.refusal
            view = release_view(release, life.changes[release.change], life.facts(release), life.policy)
            assert Button.ROLL_BACK in view.buttons

    @invariant()
    def from_every_open_state_something_leads_on(self) -> None:
        """A person may ask for something that is not refused; of what is RUNNING the next look may be enough."""
        for release in self.life.open:
            if release.status is Status.RUNNING and release.procedure is Procedure.ROLLBACK:
                continue  # see the end of every life
            facts = self.life.facts(release)
            if in_flight(release, facts):
                continue
            assert any(self.ways(release)), (release.name, release.stage, release.hold)

    def ways(self, release: Release) -> Iterator[bool]:
        """What may be asked of a release, and whether it is not refused."""
        life, facts = self.life, self.life.facts(release)
        for decision in (
            failure.try_again(release, g.BOB, facts, life.policy),
            failure.record_cause(release, g.BOB, MENDED, facts, life.policy),
            failure.rerun(release, g.BOB, facts, life.policy),
            failure.look_again(release, g.BOB, facts, life.policy),
            failure.redeploy(release, g.BOB, "again", facts, life.policy),
            releases.abort(release, release.owner, "no", True, facts, life.policy),
        ):
            yield decision.refusal is None
        for target in life.rollback_facts(release, None).targets:
            to = life.rollback_facts(release, target.sha)
            yield rollback.start(99, g.BOB, release, target.sha, "no", to, life.policy).refusal is None

    def every_rollback_can_be_ended(self) -> None:
        """With a world that does what it should, and people who press what is offered: to its COMPLETE."""
        life = self.life
        life.slow, life.protected = False, False
        life.outbox()
        self.look()
        if self.latest(Procedure.ROLLBACK) is None:
            self.roll_back(0, 0)
        for _ in range(ENOUGH):
            release = self.latest(Procedure.ROLLBACK)
            if release is None:
                break
            life.now += timedelta(minutes=20)
            self.look()
            life.end_ci(True)
            self.look()
            self.press_what_is_offered(life.releases[release.id])
        assert not self.latest(Procedure.ROLLBACK), self.latest(Procedure.ROLLBACK)

    def press_what_is_offered(self, release: Release) -> None:
        life = self.life
        if release.status is not Status.HELD:
            return
        shown = release_view(release, life.changes[release.change], life.facts(release), life.policy).buttons
        for button in OFFERED:
            if button in shown and self.pressed(button, release):
                return
        raise AssertionError((release.name, release.hold, shown))

    def pressed(self, button: Button, release: Release) -> bool:
        life, facts = self.life, self.life.facts(release)
        if button is Button.ROLL_BACK:
            back = release.rollback
            possible = rollback.further(release, life.rollback_facts(release, None).targets)
            if not possible or back is None:
                return False
            self.reached |= {"to the same commit"} if possible[0].sha == back.target else set()
            to, id = life.rollback_facts(release, possible[0].sha), len(life.releases) + 1
            decision = rollback.start(id, g.BOB, release, possible[0].sha, "anew", to, life.policy)
        elif button is Button.ACCEPT_DIFFERENCE and release.hold:
            fields = tuple((d["probe"], d["field"]) for d in release.hold.finding.values["differences"])
            decision = failure.accept_difference(release, g.CAROL, fields, "so", facts, life.policy)
        else:
            decision = {
                Button.TRY_AGAIN: lambda: failure.try_again(release, g.BOB, facts, life.policy),
                Button.CAUSE: lambda: failure.record_cause(release, g.BOB, MENDED, facts, life.policy),
                Button.RERUN: lambda: failure.rerun(release, g.BOB, facts, life.policy),
                Button.LOOK_AGAIN: lambda: failure.look_again(release, g.BOB, facts, life.policy),
                Button.REDEPLOY: lambda: failure.redeploy(release, g.BOB, "again", facts, life.policy),
            }[button]()
        life.apply(decision)
        return decision.refusal is None


def test_any_life() -> None:
    """The same examples each time, so that what they reach can be counted; HYPOTHESIS_PROFILE=search looks for more."""
    REACHED.clear()
    same = settings.default.derandomize if settings.default else True
    chosen: Any = settings(
        max_examples=EXAMPLES if same else 20 * EXAMPLES, stateful_step_count=15, deadline=None, derandomize=same,
        database=None,
    )  # fmt: skip
    run_state_machine_as_test(AnyLife, settings=chosen)
    assert WANTED - set(REACHED) == set(), REACHED
