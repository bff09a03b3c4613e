"""The patrol of production: a real service, changed by hand in every way that the sandbox knows."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import production
from bot.sandbox.world.start import Handles, start_world
from bot.sop.facts import ProbeAnswer, Round
from bot.sop.patrol.standing import State
from bot.sop.policy import Production, Service
from tests.reconciler.beat import Beat


class Real(Beat):
    def __init__(self, folder: Path, handles: Handles) -> None:
        described = {**handles.facts["service"], "channel": "C0RELEASES"}
        described["production"] = {**described["production"], "samples": 4}
        self.world = handles.world
        head = handles.world.github.head_of("main")
        super().__init__(folder, Service.model_validate(described), head, handles.github.url)

    def read_round(self, described: Production, now: datetime) -> Round:
        return production.read_round(described, now)

    def play(self, service: Service) -> tuple[ProbeAnswer, ...]:
        return production.play(service.probes, service.production.url, {}, service.production.timeout)


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    started = start_world(tmp_path_factory.mktemp("patrol"))
    yield started
    started.stop()


@pytest.fixture
def beat(tmp_path: Path, handles: Handles) -> Iterator[Real]:
    made = Real(tmp_path, handles)
    assert (made.look(), made.stands().state) == ([], State.CLEAN)
    yield made
    made.store.close()


def test_a_setting_changed_by_hand_is_found_gone_and_found_again(beat: Real) -> None:
    try:
        beat.world.production.change_behaviour()
        assert beat.look() == [("X1", "behaviour_changed")]
        differing = {d["probe"] for d in beat.violations[0].values["differences"]}
        assert differing == {"cart", "quote"}
        assert beat.stands().state is State.VIOLATED
        assert beat.look() == [("X1", "behaviour_changed")]
        assert beat.happened == ["violation_found"]
        beat.world.production.change_behaviour(False)
        assert beat.look() == [("X1", "behaviour_changed")]
        assert not beat.violations[0].present
        beat.explain_all()
        assert beat.look() == []
        beat.world.production.change_behaviour()
        assert beat.look() == [("X1", "behaviour_changed")]
        assert beat.violations[0].count == 2
    finally:
        beat.world.production.change_behaviour(False)


def test_production_down_is_unknown_in_time_and_said_once(beat: Real) -> None:
    beat.world.production.down()
    try:
        assert (beat.look(), beat.stands().state) == ([], State.CLEAN)
        beat.later += timedelta(minutes=16)
        assert (beat.look(), beat.stands().state) == ([], State.UNKNOWN)
        beat.look()
    finally:
        beat.world.production.down(False)
    assert told(beat) == ["patrol_unknown"]
    assert (beat.look(), beat.stands().state) == ([], State.CLEAN)
    assert told(beat) == ["patrol_unknown", "patrol_known"]


def told(beat: Real) -> list[Any]:
    return [body["notice"]["code"] for kind, body in beat.outgoing if kind == "post_channel"]


def test_a_deploy_past_ci_is_known_for_what_github_knows_of_it(beat: Real) -> None:
    alice = beat.world.laptop("alice")
    alice.new_branch("past-ci")
    alice.write("docs/note.md", "past CI\n")
    alice.commit("Past CI")
    beat.world.deploy_without_ci("alice")
    try:
        assert beat.look() == [("X1", "version_strange")]
        alice.push()
        assert beat.look() == [("X1", "version_strange"), ("X2", "deployed_without_ci")]
        assert not beat.violations[0].present
    finally:
        alice.switch("main")
        alice.reset()
        beat.world.deploy_without_ci("alice")
    beat.look()
    assert not any(v.present for v in beat.violations)
