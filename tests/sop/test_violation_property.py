"""No sighting is lost, however it comes and goes and whatever cannot be seen; and no thing has two violations."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.sop.decision import Decision, Event
from bot.sop.effects import PostThread, ShowCard
from bot.sop.facts import Activity, Seen
from bot.sop.patrol import LASTING, sightings
from bot.sop.patrol.act import DONE, acts
from bot.sop.patrol.facts import Lately, PatrolFacts, Played, Ran, Version
from bot.sop.patrol.standing import State, standing
from bot.sop.records import Freeze, Release, Violation, ViolationStatus
from bot.sop.stages import Stage
from bot.sop.violation import KEPT, TRANSITIONS, ViolationIntent, explain, found, gone
from tests.sop import good as g
from tests.sop import patrolled as p

CI = g.run(head_sha=p.STRANGER)
SERVED = [
    p.version(),
    p.version(),
    p.version(None, text="what", absent_at=g.ago(minutes=1)),
    p.version(p.STRANGER, CI),
    p.version(p.STRANGER),
    p.version(g.SHA, g.run()),
]


class AnyPatrol(RuleBasedStateMachine):
    """Things go around the SOP, looks fail, people explain; the state is what decisions say."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = g.NOW
        self.served: list[Version] = [p.version()]
        self.total = 7
        self.moves: list[Activity] = []
        self.runs: dict[int, Ran] = {}
        self.down: set[str] = set()
        self.releases: tuple[Release, ...] = ()
        self.freezes: tuple[Freeze, ...] = ()
        self.seen: PatrolFacts = p.facts()
        self.kept: dict[str, Violation] = {}
        self.events: list[Event] = []
        self.posts: list[PostThread] = []
        self.ever: set[str] = set()

    # --- the world

    @rule(served=st.lists(st.sampled_from(SERVED), min_size=1, max_size=3, unique_by=lambda v: v.text))
    def serve(self, served: list[Version]) -> None:
        self.served = served
        self.patrol()

    @rule(total=st.sampled_from([7, 7, 5]))
    def answer(self, total: int) -> None:
        self.total = total
        self.patrol()

    @rule(kind=st.sampled_from(["push", "force_push", "pr_merge"]), after=st.sampled_from([p.STRANGER, g.SHA]))
    def move(self, kind: str, after: str) -> None:
        self.moves.insert(0, p.activity(after, kind, id=len(self.moves) + 1, at=self.now))

    @rule(id=st.integers(1, 3), event=st.sampled_from(["push", "workflow_dispatch"]))
    def run(self, id: int, event: str) -> None:
        before = self.runs.get(id)
        again = {"attempt": before.run.attempt + 1} if before else {"event": event}
        run = (before.run if before else g.run(id=id)).model_copy(update=again)
        self.runs[id] = Ran(run=run, login="bob")

    @rule(what=st.sampled_from(["live", "played", "lately"]), on=st.booleans())
    def look_fails(self, what: str, on: bool) -> None:
        (self.down.add if on else self.down.discard)(what)

    @rule(state=st.sampled_from(["none", "pushed", "early"]))
    def release(self, state: str) -> None:
        stage = Stage.CI if state == "pushed" else Stage.COMMITS
        self.releases = () if state == "none" else (p.released(stage),)

    @rule(on=st.booleans())
    def freeze(self, on: bool) -> None:
        self.freezes = (p.freeze(),) if on else ()

    @rule(minutes=st.sampled_from([1, 5, 70]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # --- the patrol and people

    @rule()
    def another_patrol(self) -> None:
        self.patrol()

    def patrol(self) -> None:
        self.look()
        before = {v.key: v.present for v in self.kept.values()}
        found_now = sightings(self.seen, p.policy(), p.service())
        assert len({s.key for s in found_now}) == len(found_now)
        for sighting in found_now:
            known = self.kept.get(sighting.key)
            id = known.id if known else len(self.kept) + 1
            self.carry_out(known, found(sighting, known, id, self.facts(), p.policy()), ViolationIntent.SEE)
        self.ever |= {s.key for s in found_now}
        for violation in list(self.kept.values()):
            if violation.key not in {s.key for s in found_now}:
                self.carry_out(violation, gone(violation, self.seen, p.policy()), ViolationIntent.MISS)
        for sighting in found_now:
            violation = self.kept[sighting.key]
            assert violation.present and (violation.last_at == self.now or sighting.once)
        for violation in self.kept.values():
            if violation.code not in LASTING or "live" in self.down:
                assert violation.present == before.get(violation.key, True)

    def look(self) -> None:
        """A failed look keeps what was seen before, beside its error."""
        live = p.live(*self.served, at=self.now)
        answers = ((p.answer(self.total),),)
        moves = tuple(a for a in self.moves if a.at > self.now - timedelta(hours=1))
        lately = Lately(since=self.now, tip=g.BASE, activity=moves, runs=tuple(self.runs.values()))
        looks: dict[str, Any] = {"live": live, "played": Played(sha=g.BASE, plays=answers), "lately": lately}
        seen: dict[str, Any] = {"now": self.now, "releases": self.releases, "freezes": self.freezes}
        for name, value in looks.items():
            before: Seen[Any] = getattr(self.seen, name)
            failed = before.model_copy(update={"error": "down"})
            seen[name] = failed if name in self.down else Seen(value=value, at=self.now)
        self.seen = p.facts(**seen)
        self.seen = self.facts()

    def facts(self) -> PatrolFacts:
        """With the violations as they are kept now."""
        known = [v for v in self.kept.values() if v.status is ViolationStatus.OPEN or (v.present and v.code in LASTING)]
        return self.seen.model_copy(update={"violations": tuple(known)})

    @rule(
        data=st.data(), by=st.sampled_from([g.CAROL, g.DAVE, g.ALICE]), lasting=st.booleans(), afterwards=st.booleans()
    )
    @precondition(lambda self: self.kept)
    def explain(self, data: st.DataObject, by: str, lasting: bool, afterwards: bool) -> None:
        """Often of what may come back, and often it is mended then."""
        known = sorted(self.kept.values(), key=lambda v: v.id)
        violation = data.draw(st.sampled_from([v for v in known if not lasting or v.code in LASTING] or known))
        act = next(a for a in acts(known) if a.name == violation.card)
        decision = explain(act, by, "we know", self.seen, p.policy())
        for record in decision.records:
            assert isinstance(record, Violation) and record.card == act.name
            self.take(self.kept[record.key], record, ViolationIntent.EXPLAIN)
        self.remember(decision)
        if afterwards:
            self.served, self.total = [p.version()], 7
            self.patrol()

    def carry_out(self, before: Violation | None, decision: Decision, intent: ViolationIntent) -> None:
        for record in decision.records:
            assert isinstance(record, Violation)
            again = any(e.kind == "violation_recurred" for e in decision.events)
            assert not (again and before and before.present)
            self.take(before, record, intent)
        self.remember(decision)

    def take(self, before: Violation | None, record: Violation, intent: ViolationIntent) -> None:
        if before is not None:
            assert record.status in TRANSITIONS[(before.status, intent)]
            assert (record.id, record.key, record.card) == (before.id, before.key, before.card)
            assert all(was in record.history for was in before.history[-KEPT + 1 :])
        else:
            assert record.key not in self.kept
        self.kept[record.key] = record

    def remember(self, decision: Decision) -> None:
        shown = {e.subject for e in decision.effects if isinstance(e, ShowCard)}
        assert shown <= {r.card for r in decision.records if isinstance(r, Violation)}
        self.events += decision.events
        self.posts += [e for e in decision.effects if isinstance(e, PostThread)]
        assert all(isinstance(e, ShowCard | PostThread) or e.kind == "cancel_run" for e in decision.effects)

    # --- what always holds

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.ever == set(self.kept)
        assert len({v.id for v in self.kept.values()}) == len(self.kept)

    @invariant()
    def each_is_open_until_somebody_explained_it(self) -> None:
        for violation in self.kept.values():
            silent = ("violation_gone", "violation_changed")
            history = [e.kind for e in self.events if e.subject == violation.name and e.kind not in silent]
            closed = history[-1] == "violation_explained"
            assert (violation.status is ViolationStatus.EXPLAINED) == closed == (violation.explained is not None)
            assert history.count("violation_found") == 1
            assert history.count("violation_recurred") == violation.count - 1

    @invariant()
    def each_stands_on_a_card_of_its_own_act(self) -> None:
        for act in acts(self.kept.values()):
            head = act.violations[0]
            assert (head.name, head.part_of) == (act.name, None)
            assert len({v.code for v in act.violations}) == len(act.violations)
            versions = {v.values.get("sha") or v.values.get("version") for v in act.violations}
            assert len(versions) == 1
            assert len([v for v in act.violations if v.code in DONE]) <= 1
            assert {v.rule for v in act.violations} == set(act.rules)

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        assert len({post.key for post in self.posts}) == len(self.posts)

    @invariant()
    def what_is_open_is_never_called_clean(self) -> None:
        open_ = tuple(v for v in self.kept.values() if v.status is ViolationStatus.OPEN)
        stands = standing(self.seen.model_copy(update={"now": self.now, "violations": open_}), p.policy())
        assert (stands.state is State.VIOLATED) == bool(open_)
        looked = self.seen.live.value.whole_at if self.seen.live.value else None
        if stands.state is State.CLEAN:
            assert looked and self.now - looked <= timedelta(minutes=15)


AnyPatrol.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestAnyPatrol = AnyPatrol.TestCase
