"""A rollback while others push, from the desk to the branch and back: it is never stuck, and its pushes are ours."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.desk.desk import ReleaseDesk
from bot.outbox import Attempt, Done, Outbox, Outcome, Pace
from bot.patrol_ledger import patrol_facts
from bot.reconciler import record
from bot.reconciler.reconciler import Reconciler
from bot.sop.codes import Code
from bot.sop.decision import Decision, Record
from bot.sop.effects import MakeRevert, PushBranch, WriteLog
from bot.sop.facts import Activity, Commit, ProbeAnswer, PushRefusal, Round, Run, Runs, Sample, Seen, Tip
from bot.sop.patrol import sightings
from bot.sop.patrol.facts import Lately
from bot.sop.policy import Production, Service
from bot.sop.records import Baseline, Lock, Pushed, Release
from bot.sop.stages import Stage, Status
from bot.verified_ledger import behaved_at, targets
from storage.store import Store
from storage.unit import Unit
from tests.sop import good as g
from tests.sop import undone as u

POLICY = g.policy()
SHOP = POLICY.services[0]
VERIFIED = Pushed(sha=g.BASE, tree=g.BASE_TREE, at=g.ago(days=1), by=g.ALICE)
NEXT = Pushed(sha="5" * 40, tree="4" * 40, at=g.NOW, by=g.ALICE)
LATER = g.NOW + timedelta(days=1)
OF_BRANCH = {Code.PUSH_WITHOUT_RELEASE, Code.PUSH_WITH_OPEN_GATES, Code.BRANCH_FORCED}


class World:
    """GitHub and production; CI ends well at the next look, and deploys."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.made = now, 0
        self.branch = [
            g.commit(sha=u.OLDER, tree="0" * 40),
            g.commit(sha=g.BASE, tree=g.BASE_TREE, parents=()),
            g.commit(),
        ]
        self.reverts: dict[str, Commit] = {}
        self.moves: list[Activity] = []
        self.runs_of: dict[str, Run] = {}
        self.deploys = True

    def move(self, commit: Commit, login: str) -> None:
        before, number = self.branch[-1].sha, len(self.moves) + 1
        self.branch.append(commit)
        self.moves.append(Activity(id=number, kind="push", before=before, after=commit.sha, login=login, at=self.now()))
        self.runs_of[commit.sha] = g.run(id=number, head_sha=commit.sha, created_at=self.now())

    def stray(self) -> str:
        self.made += 1
        sha = f"9{self.made:039d}"
        self.move(g.commit(sha=sha, tree=f"8{self.made:039d}", parents=(self.branch[-1].sha,), message="quick"), "bob")
        return sha

    # --- what is read

    def tip(self, _service: Service, after: str) -> Tip:
        place = next(i for i, c in enumerate(self.branch) if c.sha == after)
        head, last = self.branch[-1], next(iter(self.moves[-1:]), None)
        by = {"pushed_by": last.login, "pushed_at": last.at} if last else {}
        return Tip(sha=head.sha, tree=head.tree, ahead=tuple(self.branch[place + 1 :]), **by)

    def runs(self, _service: Service, push: Pushed) -> Runs:
        return Runs(of_push=(self.runs_of[push.sha],) if self.deploys else ())

    def unfinished(self, _service: Service) -> tuple[Run, ...]:
        return ()

    def read_round(self, _production: Production, now: datetime) -> Round:
        return Round(at=now, samples=(Sample(version=self.branch[-1].sha),) * 3)

    def play(self, _service: Service) -> tuple[ProbeAnswer, ...]:
        return (ProbeAnswer(name="cart", status=200, body={"total": 7}),)

    # --- what is done

    def perform(self, effect: MakeRevert | PushBranch | WriteLog) -> Outcome:
        match effect:
            case MakeRevert():
                self.made += 1
                tree = next(c.tree for c in self.branch if c.sha == effect.target)
                made = g.commit(sha=f"a{self.made:039d}", tree=tree, parents=(effect.parent,), message=effect.message)
                self.reverts[made.sha] = made
                return Done({"sha": made.sha, "tree": tree, "parent": effect.parent})
            case PushBranch() if effect.expected == self.branch[-1].sha:
                self.move(self.reverts[effect.sha], "slipway[bot]")
                return Done({"sha": effect.sha})
            case PushBranch():
                return Done({"dropped": "main had moved meanwhile"})
            case WriteLog():
                return Done({"url": f"https://github.example/log#{effect.entry}"})


class Doing:
    """Performs one kind of act; a push only where the SOP still allows it."""

    def __init__(self, world: World, may_push: Callable[[int, str], bool]) -> None:
        self.world, self.may_push = world, may_push

    def perform(self, effect: Any, _attempt: Attempt) -> Outcome:
        if isinstance(effect, PushBranch) and not self.may_push(effect.release, effect.sha):
            return Done({"dropped": "not every gate was green"})
        return self.world.perform(effect)

    def look(self, _effect: Any, _attempt: Attempt) -> Done | None:
        return None


class Bench:
    """R-5 and after it R-6 are COMPLETE, and what R-5 had attested is known."""

    def __init__(self, store: Store) -> None:
        self.store, self.time = store, g.NOW
        self.world = World(self.now)
        none: Any = None
        world: Any = self.world
        self.reconciler = Reconciler(
            store, lambda: POLICY, self.now, world, world, none, none, world.read_round, world.play, none, "test"
        )
        doing = Doing(self.world, self.reconciler.may_push)
        performers: Any = dict.fromkeys((MakeRevert, PushBranch, WriteLog), doing)
        self.outbox = Outbox(store, performers, self.now, "test", Pace(threads=0), on_done=record(self.now))
        self.desk = ReleaseDesk(store, lambda: POLICY, self.now)
        done = u.done().model_copy(update={"policy": POLICY.digest, "ended_at": g.ago(minutes=2)})
        self.keep(
            g.change(release=6),
            Baseline(service="shop", sha=u.OLDER, at=g.ago(days=9), by=g.CAROL),
            u.done().model_copy(update={"id": 5, "attestation": 1, "policy": POLICY.digest, "pushed": VERIFIED}),
            Baseline(service="shop", sha=g.BASE, at=g.ago(days=1), by=g.ALICE, release=5),
            done,
            Baseline(service="shop", sha=g.SHA, at=g.ago(minutes=2), by=g.ALICE, release=6),
        )
        store.transact(lambda unit: unit.add_attestation(g.attestation(id=0), b"{}", "signed"))
        store.transact(lambda unit: [unit.next_id(Release) for _ in range(6)])

    def now(self) -> datetime:
        return self.time

    def keep(self, *records: Record) -> None:
        self.store.transact(lambda unit: unit.apply(Decision(records=records), self.now()))

    def release(self, id: int) -> Release:
        found = self.store.read(lambda unit: unit.release(id))
        assert found is not None
        return found

    def look(self, id: int, times: int = 1, outbox: bool = True) -> Release:
        for _ in range(times):
            self.time += timedelta(seconds=5)
            self.desk.look_soon(SHOP.repository)
            self.reconciler.run_once()
            if outbox:
                self.outbox.run_once()
        return self.release(id)

    def roll_back(self, of: int, target: str = g.BASE) -> Code | str | None:
        outcome = self.desk.roll_back(g.BOB, of, target, "Orders fail")
        return outcome.refusal.code if outcome.refusal else None

    def violations(self) -> list[tuple[str, str]]:
        """What the patrol would say of the branch: code and commit."""

        def found(unit: Unit) -> list[tuple[str, str]]:
            lately = Lately(since=g.ago(hours=1), tip=self.world.branch[-1].sha, activity=tuple(self.world.moves))
            unit.saw("patrol:shop", "lately", Seen[Lately](value=lately, at=self.time))
            facts = patrol_facts(unit, SHOP, POLICY, self.time + timedelta(days=1))
            return [(s.code, s.values["sha"]) for s in sightings(facts, POLICY, SHOP) if s.code in OF_BRANCH]

        return self.store.transact(found)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield Bench(store)
    store.close()


def test_a_push_in_the_ci_of_a_rollback_is_taken_back_by_another_one_to_the_same_commit(bench: Bench) -> None:
    assert bench.roll_back(6) is None
    bench.world.deploys = False
    assert bench.look(7, 4).stage is Stage.CI
    stray = bench.world.stray()
    held = bench.look(7)
    assert held.hold is not None and held.hold.finding.code == Code.BRANCH_MOVED
    plan = bench.desk.rollback_plan(7)
    assert plan is not None and [t.sha for t in plan.targets] == [g.BASE, u.OLDER]
    assert bench.roll_back(7) is None
    bench.world.deploys = True
    done = bench.look(8, 8)
    assert (done.status, bench.release(7).status, bench.release(6).status) == (
        Status.COMPLETE,
        Status.ABORTED,
        Status.ROLLED_BACK,
    )
    assert bench.world.branch[-1].tree == g.BASE_TREE and bench.store.read(lambda u_: u_.locks()) == ()
    assert bench.violations() == [(Code.PUSH_WITHOUT_RELEASE, stray)]


def test_a_push_before_the_revert_of_a_rollback_needs_nobody(bench: Bench) -> None:
    assert bench.roll_back(6) is None
    assert bench.look(7, 1).stage is Stage.REVERT
    assert bench.look(7, 1, outbox=False).stage is Stage.PUSH
    stray = bench.world.stray()
    bench.outbox.run_once()
    assert bench.store.read(lambda unit: unit.seen("R-7", "push_refusal", Seen[PushRefusal])).value is not None
    done = bench.look(7, 8)
    assert done.status is Status.COMPLETE
    assert done.rollback is not None and done.rollback.strays == (stray,)
    assert bench.violations() == [(Code.PUSH_WITHOUT_RELEASE, stray)]


def test_a_rollbacks_own_commit_is_compared_with_what_it_returned_to(bench: Bench) -> None:
    assert bench.roll_back(6) is None
    back = bench.look(7, 8)
    assert back.status is Status.COMPLETE and back.pushed is not None
    bench.world.move(g.commit(sha=NEXT.sha, tree=NEXT.tree, parents=(back.pushed.sha,)), "alice")
    pushed = NEXT.model_copy(update={"at": bench.time})
    bench.keep(u.done().model_copy(update={"id": 8, "policy": POLICY.digest, "pushed": pushed}))
    plan = bench.desk.rollback_plan(8)
    assert plan is not None
    assert [(t.sha, t.attestation) for t in plan.targets] == [(back.pushed.sha, 1), (g.BASE, 1), (u.OLDER, None)]
    then = bench.store.read(lambda unit: [behaved_at(unit, SHOP, POLICY, t.sha) for t in plan.targets])
    assert [v and v.known for v in then] == [u.at_target().known, u.at_target().known, None]


def test_what_was_rolled_back_is_not_returned_to(bench: Bench) -> None:
    """Nor is the commit of a rollback that had returned to it."""
    assert bench.roll_back(6) is None
    back = bench.look(7, 8)
    assert back.status is Status.COMPLETE and back.pushed is not None
    bench.keep(
        bench.release(5).model_copy(update={"status": Status.ROLLED_BACK}),
        Baseline(service="shop", sha=NEXT.sha, at=bench.time, by=g.CAROL),
        u.done().model_copy(update={"id": 8, "policy": POLICY.digest, "pushed": NEXT.model_copy(update={"at": LATER})}),
    )
    plan = bench.desk.rollback_plan(8)
    assert plan is not None
    assert [t.sha for t in bench.store.read(lambda unit: targets(unit, "shop")) if t.rolled_back] == [
        back.pushed.sha,
        g.SHA,
        g.BASE,
    ]
    assert [t.sha for t in plan.targets] == [u.OLDER]


def test_none_begins_while_a_push_is_on_its_way(bench: Bench) -> None:
    asked = g.release(Stage.PUSH, id=8, policy=POLICY.digest)
    lock = Lock(key="acme/shop@main", release=8, owner=g.ALICE, reason="R-8", since=g.NOW)
    push = PushBranch(
        release=8, repository="acme/shop", branch="main", sha=g.SHA, expected=g.BASE, asked=g.NOW.isoformat()
    )
    bench.keep(asked, lock)
    bench.store.transact(lambda unit: unit.apply(Decision(effects=(push,)), g.NOW))
    assert bench.store.claim_effects("another", bench.time, timedelta(minutes=1), 1)
    assert bench.roll_back(6) == Code.PUSH_UNDER_WAY
    assert not bench.release(8).closed
