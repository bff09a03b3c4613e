"""Laptops, GitHub and production together: a push really becomes a version, and the switches really break it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bot.sandbox import sop_file
from bot.sandbox.slack.config import CHANNELS
from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.start import Handles, start_world
from bot.sandbox.world.world import World
from bot.sop.policy import Policy


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    handles = start_world(tmp_path_factory.mktemp("world"))
    yield handles
    handles.stop()


@pytest.fixture
def world(handles: Handles) -> World:
    """The one world of this file, with every switch off and alice level with main."""
    handles.world.laptop("alice").switch("main")
    handles.world.laptop("alice").reset()
    return handles.world


def released(world: World, change: str = "faster_checkout") -> str:
    """A change pushed to main, and its commit."""
    alice = world.laptop("alice")
    sha = alice.commit(alice.edit(change), "CR-1")
    alice.push_main()
    return sha


def until(seen: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_a_push_to_main_is_tested_built_deployed_and_served(world: World) -> None:
    before = httpx.post(f"{world.production.url}/checkout/quote", json={"items": [1]}).json()["packed_in_minutes"]
    sha = released(world)
    run = world.github.run_of(sha)
    assert (run["conclusion"], run["event"], run["head_branch"]) == ("success", "push", "main")
    assert world.production.versions(4) == [sha] * 4
    after = httpx.post(f"{world.production.url}/checkout/quote", json={"items": [1]}).json()["packed_in_minutes"]
    assert after == before - 5
    log = "\n".join(world.github.log_lines(run["id"]))
    assert f"handed 1.4.0 at {sha[:7]} to {world.production.url}" in log
    assert "rollout complete" in log
    assert world.config.deploy_token not in log


def test_a_push_to_a_branch_deploys_nothing(world: World) -> None:
    alice, served = world.laptop("alice"), world.production.versions(1)
    alice.new_branch("candidate")
    sha = alice.commit(alice.edit("more_results"), "CR-1")
    alice.push()
    assert world.github.head_of("candidate") == sha
    assert not [run for run in world.github.runs() if run["head_sha"] == sha]
    assert world.production.versions(1) == served


def test_a_failing_test_stops_the_pipeline_and_a_rerun_after_it_deploys(world: World) -> None:
    served = world.production.versions(1)
    world.github.failing_test()
    sha = released(world)
    run = world.github.run_of(sha)
    assert run["conclusion"] == "failure"
    assert "the supplier's stock service does not answer" in "\n".join(world.github.log_lines(run["id"]))
    assert world.production.versions(2) == served * 2
    world.github.failing_test(False)
    world.github.rerun(run["id"])
    until(lambda: world.github.runs(1)[0]["conclusion"] == "success", "the second attempt succeeds")
    assert world.github.runs(1)[0]["run_attempt"] == 2
    assert world.production.versions(2) == [sha] * 2


def test_a_stalled_deploy_leaves_ci_green_and_production_old(world: World) -> None:
    served = world.production.versions(1)
    world.production.stall_next_deploy()
    sha = released(world)
    assert world.github.run_of(sha)["conclusion"] == "success"
    assert world.production.versions(2) == served * 2
    world.production.finish()
    assert world.production.versions(2) == [sha] * 2


def test_half_a_fleet_until_switched_off(world: World) -> None:
    served = world.production.versions(1)
    world.production.half_fleet()
    sha = released(world)
    assert world.github.run_of(sha)["conclusion"] == "success"
    assert sorted(world.production.versions(4)) == sorted([*served * 2, sha, sha])
    world.production.half_fleet(False)
    assert world.production.versions(4) == [sha] * 4


def test_ci_that_never_starts(world: World) -> None:
    world.github.never_starts()
    sha = released(world)
    with pytest.raises(NotPossible, match="no run of"):
        world.github.run_of(sha, within=0.5)
    world.github.never_starts(False)


def test_a_deploy_past_ci_is_served_with_no_run(world: World) -> None:
    alice = world.laptop("alice")
    sha = alice.commit(alice.edit("bigger_discount"))
    assert world.deploy_without_ci("alice") == sha
    assert world.production.versions(2) == [sha] * 2
    assert not [run for run in world.github.runs() if run["head_sha"] == sha]


def test_looking_again_costs_nothing_of_the_rate_limit(world: World) -> None:
    def used() -> int:
        answer = httpx.get(f"{world.github.url}/rate_limit", headers={"Authorization": "Bearer ghp_carol"})
        return int(answer.json()["rate"]["used"])

    runs, before = world.github.runs(), used()
    assert world.github.runs() == runs
    assert used() == before


def test_critical_issues_open_and_close(world: World) -> None:
    number = world.github.open_critical("Carts are emptied")
    assert [issue["number"] for issue in world.github.open_criticals()] == [number]
    assert world.github.close_criticals() == 1
    assert world.github.open_criticals() == []


def test_the_protected_branch_refuses_people_in_githubs_words(world: World) -> None:
    world.github.protect(pushers=["slipway[bot]"])
    with pytest.raises(NotPossible, match="GH006: Protected branch update failed"):
        released(world)
    world.github.protect(off=True)


def test_the_facts_name_what_is_there(handles: Handles, world: World) -> None:
    facts = handles.facts
    people = {person["github"]: person for person in facts["people"]}
    assert people["alice"]["signing_keys"] == [world.laptop("alice").public_key]
    assert people["carol"]["signing_keys"] == []
    assert facts["service"]["production"]["url"] == world.production.url
    for probe in facts["service"]["probes"]:
        asked = httpx.request(probe.get("method", "GET"), world.production.url + probe["path"], json=probe.get("body"))
        assert asked.status_code == (401 if probe["name"] == "account" else 200)
    keys = httpx.get(f"{world.github.url}/users/alice/ssh_signing_keys", headers={"Authorization": "Bearer ghs_bot"})
    assert [key["key"] for key in keys.json()] == [world.laptop("alice").public_key]


def test_the_facts_are_what_sop_yaml_takes(handles: Handles) -> None:
    facts = handles.facts
    everyone = [person["slack"] for person in facts["people"]]
    policy = Policy.model_validate(
        {
            "roles": {"releaser": everyone[:2], "approver": everyone[2:4]},
            "people": facts["people"],
            "features": facts["features"],
            "services": [{**facts["service"], "channel": "C0RELEASES"}],
        }
    )
    shop = policy.services[0]
    assert shop.lock == "acme/shop@main"
    assert [probe.name for probe in shop.probes] == ["products", "product", "cart", "quote", "search", "account"]
    assert {probe.feature for probe in shop.probes} <= set(policy.features)


def test_who_tries_things_out_sees_soon_what_the_patrol_finds(handles: Handles) -> None:
    policy = Policy.model_validate(sop_file.by_hand(handles.facts))
    channels = {spec.id for spec in CHANNELS if spec.bot_is_member}
    assert {policy.patrol.channel, policy.incident.channel, policy.services[0].channel} <= channels
    assert policy.patrol.every.total_seconds() <= 30
    requires = policy.services[0].ci.requires
    assert (requires.variables, requires.secrets) == (("DEPLOY_URL",), ("DEPLOY_TOKEN",))
    assert "migrations/**" in policy.services[0].irreversible_paths


def test_unknown_laptops_and_answers_in_githubs_words(world: World) -> None:
    with pytest.raises(NotPossible, match="erin has no laptop here"):
        world.laptop("erin")
    with pytest.raises(NotPossible, match="GitHub answered 404: Not Found"):
        world.github.rerun(1)


def test_an_app_that_does_not_start_fails_before_production(world: World) -> None:
    served = world.production.versions(1)
    run = world.github.run_of(released(world, "break_start"))
    assert run["conclusion"] == "failure"
    assert "the payment key is missing" in "\n".join(world.github.log_lines(run["id"]))
    assert world.production.versions(2) == served * 2


def test_a_world_that_was_there_before_goes_on(tmp_path: Path) -> None:
    first = start_world(tmp_path)
    alice = first.world.laptop("alice")
    sha = alice.commit(alice.edit("more_results"))
    first.world.deploy_without_ci("alice")
    key = alice.public_key
    first.stop()
    second = start_world(tmp_path)
    assert second.world.production.versions(2) == [sha] * 2
    assert second.world.laptop("alice").public_key == key
    alice = second.world.laptop("alice")
    alice.push_main()
    assert second.world.github.run_of(sha)["conclusion"] == "success"
    second.stop()
