"""The patrol through a whole world: real git, real runs, a real service that people change by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from github import Auth

from bot import production
from bot.github.client import connect
from bot.github.patrol import PatrolReader
from bot.reconciler.patrol import Patrol, patrol_facts
from bot.sandbox.world.start import Handles, start_world
from bot.sop.effects import CancelRun, PostChannel
from bot.sop.patrol.standing import Standing, State, standing
from bot.sop.policy import Policy, Service
from bot.sop.records import Baseline, Pushed, Rerun, ViolationStatus, Word
from bot.sop.stages import Stage
from tests.reconciler.memory import Memory
from tests.sandbox.github.town import call, control, until
from tests.sop import good as g
from tests.sop import patrolled as p


class Beat:
    """A patrol of the sandbox's shop, with its memory and a clock that tests move on."""

    def __init__(self, handles: Handles) -> None:
        self.handles, self.world = handles, handles.world
        described = {**handles.facts["service"], "channel": "C0RELEASES"}
        described["production"] = {**described["production"], "samples": 4}
        self.service = Service.model_validate(described)
        self.policy: Policy = p.policy(services=(self.service,))
        self.memory = Memory()
        self.later = timedelta()
        self.adopt(self.head)
        self.patrol = Patrol(
            store=self.memory.store,
            policy=lambda: self.policy,
            now=self.now,
            github=PatrolReader(connect(Auth.Token("ghs_bot"), handles.github.url)),
            read_round=production.read_round,
            play=lambda s: production.play(s.probes, s.production.url, {}, s.production.timeout),
        )

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    @property
    def head(self) -> str:
        return self.world.github.head_of("main")

    def adopt(self, sha: str) -> None:
        self.memory.baselines["shop"] = Baseline(service="shop", sha=sha, at=self.now(), by=g.CAROL)

    def look(self) -> list[tuple[str, str]]:
        """One patrol; what is open after it."""
        self.later += timedelta(seconds=1)  # GitHub tells whole seconds
        self.patrol.look("shop")(self.memory.unit)
        return self.memory.open

    def stands(self) -> Standing:
        return standing(patrol_facts(self.memory.unit, self.service, self.policy, self.now()), self.policy)

    def explain_all(self) -> None:
        for violation in self.memory.kept_violations.values():
            word = Word(by=g.CAROL, at=self.now(), says="we know")
            explained = {"status": ViolationStatus.EXPLAINED, "explained": word}
            self.memory.kept_violations[violation.id] = violation.model_copy(update=explained)

    def pushed(self, login: str, title: str) -> str:
        laptop = self.world.laptop(login)
        laptop.reset()
        laptop.write("docs/note.md", f"{title}\n")
        sha = laptop.commit(title)
        laptop.push_main()
        return sha


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    started = start_world(tmp_path_factory.mktemp("patrol"))
    yield started
    started.stop()


@pytest.fixture
def beat(handles: Handles) -> Beat:
    """What is served now is adopted; what was before that is nobody's violation."""
    return Beat(handles)


def test_a_quiet_service_is_clean_and_looked_at_again(beat: Beat) -> None:
    assert beat.stands().state is State.UNKNOWN
    assert beat.look() == []
    assert beat.stands().state is State.CLEAN
    assert beat.memory.watches["patrol:shop"] > beat.now() + timedelta(minutes=4)
    assert not beat.memory.effects


def test_without_a_baseline_it_waits(beat: Beat) -> None:
    beat.memory.baselines.clear()
    assert beat.look() == []
    assert "patrol:shop" in beat.memory.watches
    assert (beat.stands().state, beat.memory.facts) == (State.UNKNOWN, {})


def test_a_setting_changed_by_hand_is_found_gone_and_found_again(beat: Beat) -> None:
    beat.look()
    try:
        beat.world.production.change_behaviour()
        assert beat.look() == [("X1", "behaviour_changed")]
        fields = {(d["probe"], d["field"]) for d in beat.memory.kept_violations[1].values["differences"]}
        assert {probe for probe, _ in fields} == {"cart", "quote"}
        assert beat.stands().state is State.VIOLATED
        assert beat.look() == [("X1", "behaviour_changed")]
        assert [e.kind for e in beat.memory.events] == ["violation_found"]
        beat.world.production.change_behaviour(False)
        assert beat.look() == [("X1", "behaviour_changed")]
        assert not beat.memory.kept_violations[1].present
        beat.explain_all()
        assert beat.look() == []
        beat.world.production.change_behaviour()
        assert beat.look() == [("X1", "behaviour_changed")]
        assert beat.memory.kept_violations[1].count == 2
    finally:
        beat.world.production.change_behaviour(False)


def test_a_file_changed_by_hand_on_one_instance(beat: Beat) -> None:
    beat.look()
    wrong, right = "FREE_SHIPPING_FROM = 500", "FREE_SHIPPING_FROM = 5000"
    beat.world.production.edit("shop/checkout.py", right, wrong + "  #")
    try:
        assert beat.look() == [("X1", "behaviour_changed")]
    finally:
        beat.world.production.edit("shop/checkout.py", wrong + "  #", right)


def test_production_down_is_unknown_in_time_and_said_once(beat: Beat) -> None:
    beat.look()
    beat.world.production.down()
    try:
        assert (beat.look(), beat.stands().state) == ([], State.CLEAN)
        beat.later += timedelta(minutes=16)
        assert (beat.look(), beat.stands().state) == ([], State.UNKNOWN)
        beat.look()
    finally:
        beat.world.production.down(False)
    (post,) = [e for e in beat.memory.effects.values() if isinstance(e, PostChannel)]
    assert (post.notice.code, post.notice.values["what"]) == ("patrol_unknown", "production")
    assert (beat.look(), beat.stands().state) == ([], State.CLEAN)
    assert [e.notice.code for e in beat.memory.effects.values() if isinstance(e, PostChannel)] == [
        "patrol_known",
        "patrol_unknown",
    ]


def test_github_down_is_unknown_and_nothing_is_lost_meanwhile(beat: Beat) -> None:
    beat.look()
    beat.world.github.down()
    sha = beat.pushed("bob", "while GitHub's API is down")
    try:
        assert beat.look() == []
        beat.later += timedelta(minutes=16)
        assert (beat.look(), beat.stands().state) == ([], State.UNKNOWN)
    finally:
        beat.world.github.down(False)
    beat.world.github.run_of(sha)
    assert set(beat.look()) == {("S2", "push_without_release"), ("X3", "deployed_without_release")}
    assert {v.who for v in beat.memory.kept_violations.values()} == {"bob"}


def test_a_commit_that_github_does_not_know(beat: Beat) -> None:
    beat.look()
    alice = beat.world.laptop("alice")
    alice.reset()
    alice.write("docs/note.md", "never pushed\n")
    alice.commit("Never pushed")
    beat.world.deploy_without_ci("alice")
    try:
        assert beat.look() == [("X1", "version_strange")]
    finally:
        alice.reset()
        beat.world.deploy_without_ci("alice")
    assert beat.look() == [("X1", "version_strange")]
    assert not beat.memory.kept_violations[1].present


def test_a_commit_that_went_past_ci(beat: Beat) -> None:
    beat.look()
    alice = beat.world.laptop("alice")
    alice.new_branch(f"past-ci-{beat.head[:7]}")
    alice.write("docs/note.md", "past CI\n")
    alice.commit("Past CI")
    alice.push()
    beat.world.deploy_without_ci("alice")
    try:
        assert beat.look() == [("X2", "deployed_without_ci")]
    finally:
        alice.switch("main")
        alice.reset()
        beat.world.deploy_without_ci("alice")


def test_a_release_is_no_violation_while_it_goes_out(beat: Beat) -> None:
    beat.look()
    before = beat.head
    beat.world.github.hold_deploy()
    sha = beat.pushed("alice", "CR-12: released")
    pushed = Pushed(sha=sha, tree=g.TREE, at=beat.now(), by=g.ALICE)
    beat.memory.kept_releases = [p.released(Stage.CI, sha).model_copy(update={"pushed": pushed, "base": before})]
    assert beat.look() == []
    beat.world.github.hold_deploy(False)
    assert beat.look() == []
    beat.world.github.run_of(sha)
    assert beat.look() == []
    assert beat.stands().state is State.CLEAN


def test_a_push_waits_for_the_release_that_may_know_it(beat: Beat) -> None:
    beat.look()
    beat.memory.kept_releases = [g.release(Stage.PUSH)]
    beat.memory.facts[("R-7", "tip")] = g.seen(p.facts().tips).model_dump_json().replace("{}", "null")
    sha = beat.pushed("bob", "whose is this?")
    assert ("S2", "push_without_release") not in beat.look()
    assert beat.memory.watches["patrol:shop"] <= beat.now() + beat.policy.pace.waiting
    assert "R-7" in beat.memory.watches
    beat.memory.saw("R-7", "tip", g.seen(g.at_tip(sha=sha).value))
    assert ("S2", "push_without_release") in beat.look()
    beat.world.github.run_of(sha)


def test_force_push_dispatch_and_blind_run(beat: Beat) -> None:
    sha = beat.pushed("alice", "CR-12: ours")
    run = beat.world.github.run_of(sha)
    beat.memory.kept_releases = [p.closed(sha=sha)]
    beat.adopt(sha)
    assert beat.look() == []
    beat.world.github.hold_deploy()
    beat.world.github.rerun(run["id"])

    assert until(beat.look) == [("F1", "rerun_blindly")]
    (cancel,) = [e for e in beat.memory.effects.values() if isinstance(e, CancelRun)]
    assert (cancel.run, cancel.attempt, cancel.deploy_jobs) == (run["id"], 2, ("deploy",))
    beat.world.github.hold_deploy(False)
    dispatch = "/repos/acme/shop/actions/workflows/deploy.yml/dispatches"
    call(beat.handles.github, "POST", dispatch, token="ghp_bob", json={"ref": "main"})
    until(lambda: ("X2", "run_by_hand") in beat.look())
    bob = beat.world.laptop("bob")
    bob.reset()
    bob.reword("Another history")
    bob.push_main(force=True)
    assert ("S2", "branch_forced") in beat.look()
    settle(beat)


def test_a_recorded_run_again_is_ours(beat: Beat) -> None:
    sha = beat.pushed("alice", "CR-12: again")
    run = beat.world.github.run_of(sha)
    again = Rerun(run=run["id"], attempt=2, by=g.ALICE, at=beat.now(), reason="the supplier was offline")
    beat.memory.kept_releases = [p.closed(sha=sha).model_copy(update={"reruns": (again,)})]
    beat.adopt(sha)
    beat.world.github.rerun(run["id"])
    settle(beat)
    assert beat.look() == []


def settle(beat: Beat) -> None:
    """Every run has ended."""
    control(beat.handles.github.url, "release_jobs")
    until(lambda: all(run["status"] == "completed" for run in beat.world.github.runs()))


def test_a_service_that_is_configured_no_more(beat: Beat) -> None:
    beat.policy = p.policy()
    beat.patrol.look("elsewhere")(beat.memory.unit)
    assert beat.memory.watches == {}


def test_what_a_release_attested_is_what_production_must_answer(beat: Beat) -> None:
    beat.look()
    played: Any = beat.memory.seen("patrol:shop", "played", type(patrol_facts_of(beat).played)).value
    answers = tuple(a.model_copy(update={"body": {"total": 1}}) if a.name == "cart" else a for a in played.plays[0])
    beat.memory.kept_attestations[1] = g.attestation(probes=answers)
    beat.memory.kept_releases = [p.closed(sha=beat.head, attestation=1)]
    beat.adopt(beat.head)
    beat.memory.baselines["shop"] = beat.memory.baselines["shop"].model_copy(update={"release": 7})
    assert beat.look() == [("X1", "behaviour_changed")]
    values = beat.memory.kept_violations[1].values
    assert values["release"] == "R-7" and {d["probe"] for d in values["differences"]} == {"cart"}


def patrol_facts_of(beat: Beat) -> Any:
    return patrol_facts(beat.memory.unit, beat.service, beat.policy, beat.now())
