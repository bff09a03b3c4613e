"""Two services of one branch, from the store to the decision: both are read, and both patrols go on from there."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import ledger
from bot.patrol_ledger import patrol_facts
from bot.reconciler.patrol import Patrol
from bot.reconciler.reconciler import Reconciler
from bot.rollback_ledger import rollback_facts
from bot.slack.cards.release import release_card
from bot.sop.codes import Code
from bot.sop.decision import Decision, Record, Watch
from bot.sop.facts import CannotLook, Known, ProbeAnswer, Round, Runs, Sample, Seen, Tip, Verified
from bot.sop.patrol.facts import Lately, Origin
from bot.sop.patrol.standing import State, standing
from bot.sop.policy import Production, Service
from bot.sop.records import Baseline, Incident, Release, Severity
from bot.sop.stages import Stage, Status
from bot.sop.views import release_view
from bot.verified_ledger import behaved_at, first_answers
from bot.words import Pen
from storage.store import Store
from storage.unit import Unit
from tests.sop import emergency as e
from tests.sop import good as g
from tests.sop.test_gates_beside import PAY

SHOP = g.service()
ELSEWHERE = PAY.model_copy(update={"production": PAY.production.model_copy(update={"url": "https://pay.example"})})
POLICY = g.policy(services=(SHOP, ELSEWHERE))
OF_NAME = {s.name: s for s in POLICY.services}
OF = {SHOP.production.url: "shop", ELSEWHERE.production.url: "pay"}
RELEASE = g.release(Stage.PRODUCTION, policy=POLICY.digest)


class World:
    """What GitHub says and what each production serves and answers now."""

    def __init__(self) -> None:
        self.serves: dict[str, tuple[str, ...]] = {"shop": (g.SHA,) * 3, "pay": (g.SHA,) * 3}
        self.answers: dict[str, Any] = {"shop": {"total": 7}, "pay": {"balance": 3}}
        self.played: list[str] = []

    def tip(self, *_: Any) -> Tip:
        return Tip(sha=g.SHA, tree=g.TREE)

    def runs(self, service: Service, *_: Any) -> Runs:
        return Runs(of_push=tuple(g.run(id=n, workflow=w) for n, w in enumerate(service.ci.workflows)))

    def criticals(self, *_: Any) -> Any:
        raise CannotLook("nobody asks for issues past the push")

    def diagnosis(self, *_: Any) -> Any:
        raise CannotLook("nothing is known of a deploy")

    def look(self, _patrolled: str) -> Callable[[Unit], None]:
        return lambda _unit: None

    def lately(self, _service: Service, since: datetime) -> Lately:
        return Lately(since=since, tip=g.SHA)

    def origin(self, _service: Service, version: str) -> Origin:
        return Origin(sha=version)

    def read_round(self, production: Production, now: datetime) -> Round:
        served = self.serves[OF[production.url]]
        return Round(at=now, samples=tuple(Sample(version=v) if v else Sample(error="refused") for v in served))

    def play(self, service: Service) -> tuple[ProbeAnswer, ...]:
        self.played.append(service.name)
        return (ProbeAnswer(name="cart", status=200, body=self.answers[service.name]),)


class Bench:
    def __init__(self, store: Store) -> None:
        self.store, self.world, self.time = store, World(), g.NOW
        none: Any = None
        world: Any = self.world
        self.reconciler = Reconciler(
            store,
            lambda: POLICY,
            self.now,
            world,
            world,
            none,
            none,
            self.world.read_round,
            self.world.play,
            none,
            "test",
        )
        self.keep(
            g.change(),
            RELEASE,
            Baseline(service="shop", sha=g.BASE, at=g.ago(days=1), by=g.CAROL),
            Baseline(service="pay", sha=g.BASE, at=g.ago(days=1), by=g.CAROL),
        )
        store.transact(lambda unit: unit.add_attestation(g.attestation(id=0), b"{}", "signed"))
        answer = ProbeAnswer(name="cart", status=200, body={"balance": 3})
        self.adopted(answer)

    def adopted(self, answer: ProbeAnswer) -> None:
        """What the patrol saw of `pay` when it was adopted."""
        known = Verified(sha=g.BASE, known=(Known(probe=PAY.probes[0], answer=answer),))
        seen = Seen[Verified](value=known, at=g.NOW)
        self.store.transact(lambda unit: unit.saw("patrol:pay", first_answers(g.BASE), seen))

    def now(self) -> datetime:
        return self.time

    def keep(self, *records: Record) -> None:
        self.store.transact(lambda unit: unit.apply(Decision(records=records), self.now()))

    def looks(self, times: int = 1) -> Release:
        for _ in range(times):
            self.time += timedelta(seconds=5)
            self.due()
            self.reconciler.run_once()
        return self.release

    def due(self) -> None:
        soon = Decision(watch=(Watch(subject=RELEASE.name, due=self.time),))
        self.store.transact(lambda unit: unit.apply(soon, self.time))

    def patrols(self, service: str) -> list[str]:
        """What is open of a service after a look."""
        self.time += timedelta(seconds=5)
        world: Any = self.world
        patrol = Patrol(self.store, lambda: POLICY, self.now, world, world.read_round, world.play)
        self.store.transact(patrol.look(service))
        facts = self.store.read(lambda unit: patrol_facts(unit, OF_NAME[service], POLICY, self.now()))
        assert standing(facts, POLICY).state is (State.VIOLATED if facts.violations else State.CLEAN)
        return [v.code for v in facts.violations]

    @property
    def release(self) -> Release:
        found = self.store.read(lambda unit: unit.release(RELEASE.id))
        assert found is not None
        return found

    def baselines(self) -> dict[str, tuple[str, int | None]]:
        found = self.store.read(lambda unit: {n: unit.baseline(n) for n in ("shop", "pay")})
        return {name: (b.sha, b.release) for name, b in found.items() if b}

    def verified(self, service: Service = ELSEWHERE) -> Verified | None:
        return self.store.read(lambda unit: patrol_facts(unit, service, POLICY, self.now())).verified

    def card(self) -> str:
        facts = self.store.read(lambda unit: ledger.release_facts(unit, self.release, POLICY, self.now()))
        return str(release_card(release_view(self.release, g.change(), facts, POLICY), Pen()).blocks)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = Store.open(f"sqlite:///{tmp_path}/slipway.db")
    yield Bench(store)
    store.close()


def test_complete_when_both_are_verified(bench: Bench) -> None:
    assert bench.looks().status is Status.RUNNING
    assert bench.looks(2).status is Status.COMPLETE
    assert bench.baselines() == {"shop": (g.SHA, 7), "pay": (g.SHA, 7)}
    assert sorted(set(bench.world.played)) == ["pay", "shop"]


def test_half_of_the_other_service_is_not_enough(bench: Bench) -> None:
    bench.world.serves["pay"] = (g.SHA, g.BASE, g.SHA)
    release = bench.looks(4)
    assert (release.stage, release.status) == (Stage.PRODUCTION, Status.RUNNING)
    assert bench.world.played == ["shop"] * 3  # no probe is played on what is not all new
    bench.time += timedelta(minutes=20)
    release = bench.looks()
    hold = release.hold
    assert hold and (hold.finding.service, hold.finding.code) == ("pay", Code.VERSION_MIXED)
    card = bench.card()
    assert "`pay`   only 2 of 3 reads are new" in card and "`shop`" in card
    assert "https://pay.example" in card  # whose production is opened from it
    assert bench.baselines()["shop"] == (g.BASE, None)
    bench.world.serves["pay"] = (g.SHA,) * 3
    assert bench.looks(2).status is Status.COMPLETE


def test_a_service_that_cannot_be_reached_is_waited_for(bench: Bench) -> None:
    bench.world.serves["pay"] = ("", "", "")
    bench.time += timedelta(minutes=20)
    hold = bench.looks(3).hold
    assert hold and hold.late and (hold.finding.service, hold.finding.code) == ("pay", Code.VERSION_UNKNOWN)
    assert bench.baselines() == {"shop": (g.BASE, None), "pay": (g.BASE, None)}


def test_a_service_that_behaves_otherwise_than_verified_holds_the_release(bench: Bench) -> None:
    bench.world.answers["pay"] = {"balance": 4}
    release = bench.looks(3)
    assert release.hold and release.hold.finding.code == Code.DIFFERENT_FROM_VERIFIED
    assert release.hold.finding.values["differences"][0]["verified"] == "3"


def test_a_preflight_of_the_other_service_for_this_tree_says_what_is_meant(bench: Bench) -> None:
    meant = g.attestation(
        id=0, service="pay", probes=(ProbeAnswer(name="cart", status=200, body={"balance": 4}),), digest="1" * 64
    )
    bench.store.transact(lambda unit: unit.add_attestation(meant, b"{}", "signed"))
    bench.world.answers["pay"] = {"balance": 4}
    assert bench.looks(3).status is Status.COMPLETE
    now = bench.verified()
    assert now and [k.answer.body for k in now.known] == [{"balance": 4}]


def test_what_was_verified_together_is_what_the_patrol_compares_with(bench: Bench) -> None:
    assert bench.verified(SHOP) is None  # adopted, and not played yet
    bench.looks(3)
    now = bench.verified()
    assert now and (now.sha, now.release) == (g.SHA, 7)
    assert [(k.probe.path, k.answer.body) for k in now.known] == [("/balance", {"balance": 3})]
    shop = bench.verified(SHOP)
    assert shop and [k.answer.body for k in shop.known] == [{"total": 7}]


def test_a_setting_of_the_other_service_changed_by_hand_is_seen(bench: Bench) -> None:
    """X1, after a release of this one: its patrol is not blind to it."""
    bench.looks(3)
    assert (bench.patrols("pay"), bench.patrols("shop")) == ([], [])
    bench.world.answers["pay"] = {"balance": 9}
    assert (bench.patrols("pay"), bench.patrols("shop")) == ([Code.BEHAVIOUR_CHANGED], [])


def test_a_rollback_of_one_knows_how_the_other_behaved_and_what_it_brought(bench: Bench) -> None:
    bench.looks(3)
    later = g.release(Stage.PRODUCTION, id=8, service="pay", status=Status.COMPLETE, policy=POLICY.digest)
    push = g.PUSHED.model_copy(update={"sha": "3" * 40, "at": bench.time + timedelta(minutes=1)})
    bench.time += timedelta(minutes=2)
    later = later.model_copy(update={"pushed": push})
    bench.keep(later)
    bench.keep(*(Baseline(service=s, sha="3" * 40, at=bench.time, by=g.BOB, release=8) for s in ("shop", "pay")))
    facts = bench.store.read(lambda unit: rollback_facts(unit, later, POLICY, bench.now(), g.SHA))
    assert [r.id for r in facts.reverted] == [8]
    assert (facts.targets[0].sha, facts.targets[0].attestation) == (g.SHA, None)  # attested of `shop`, not of `pay`
    then = bench.store.read(lambda unit: behaved_at(unit, ELSEWHERE, POLICY, g.SHA))
    assert then and [k.answer.body for k in then.known] == [{"balance": 3}]
    of_shop = bench.store.read(lambda unit: rollback_facts(unit, bench.release, POLICY, bench.now(), g.BASE))
    assert [r.id for r in of_shop.reverted] == [8, 7]


def test_a_critical_incident_of_what_goes_out_too_counts(bench: Bench) -> None:
    incident: Incident = e.incident(service="pay", severity=Severity.CRITICAL)
    bench.keep(incident)
    facts = bench.store.read(lambda unit: ledger.release_facts(unit, RELEASE, POLICY, bench.now()))
    assert [i.id for i in facts.criticals_open] == [incident.id]
    alone = bench.store.read(lambda unit: ledger.release_facts(unit, RELEASE, g.policy(), bench.now()))
    assert alone.criticals_open == () and alone.beside == ()
