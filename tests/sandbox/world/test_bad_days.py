"""What goes around the SOP really happens at GitHub and in production, and can be healed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.sandbox.github.config import BOT_LOGIN
from bot.sandbox.world.changes import ROOM, NotPossible
from bot.sandbox.world.start import Handles, start_world
from bot.sandbox.world.world import World


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    handles = start_world(tmp_path_factory.mktemp("bad"))
    handles.world.github.protect(pushers=[BOT_LOGIN])
    yield handles
    handles.stop()


@pytest.fixture
def world(handles: Handles) -> Iterator[World]:
    yield handles.world
    handles.world.heal()


def at_github(world: World, path: str, **query: Any) -> Any:
    """What the bot reads there."""
    url = f"{world.github.url}/repos/acme/shop/{path}"
    return httpx.get(url, params=query, headers={"Authorization": "Bearer ghs_bot"}).json()


def probe(world: World, path: str) -> httpx.Response:
    return httpx.get(f"{world.production.url}{path}")


def cart(world: World) -> Any:
    return probe(world, "/cart/total?items=1,1,2").json()


def test_a_push_without_a_release_goes_past_the_protection_and_is_deployed(world: World) -> None:
    before = world.github.head_of("main")
    sha = world.push_without_release("bob")
    assert world.github.head_of("main") == sha
    moved = at_github(world, "activity", ref="main")[0]
    assert (moved["activity_type"], moved["before"], moved["after"]) == ("push", before, sha)
    assert moved["actor"]["login"] == "bob"
    suite = at_github(world, "rulesets/rule-suites", rule_suite_result="bypass")[0]
    assert (suite["after_sha"], suite["result"], suite["actor_name"]) == (sha, "bypass", "bob")
    assert world.github.run_of(sha)["conclusion"] == "success"
    assert world.production.versions() == [sha] * 2
    alice = world.laptop("alice")
    alice.reset()
    alice.commit(alice.edit("faster_checkout"))
    with pytest.raises(NotPossible, match="GH006"):
        alice.push_main()
    alice.reset()


def test_a_force_push_leaves_the_same_files_under_another_commit(world: World) -> None:
    before = world.github.head_of("main")
    world.github.never_starts()
    sha = world.force_push("bob")
    assert world.github.head_of("main") == sha != before
    moved = at_github(world, "activity", ref="main", activity_type="force_push")[0]
    assert (moved["before"], moved["after"], moved["actor"]["login"]) == (before, sha, "bob")
    trees = {at_github(world, f"git/commits/{one}")["tree"]["sha"] for one in (before, sha)}
    assert len(trees) == 1


def test_who_may_only_read_goes_around_nothing(world: World) -> None:
    with pytest.raises(NotPossible, match="denied to frank"):
        world.push_without_release("frank")
    with pytest.raises(NotPossible, match="nobody here is called zoe"):
        world.force_push("zoe")
    assert httpx.get(f"{world.github.url}/_control/state").json()["protections"]["acme/shop"]["main"]["bypassers"] == []


def test_a_deploy_past_ci_is_a_commit_that_github_knows_without_a_run(world: World) -> None:
    main = world.github.head_of("main")
    sha = world.deploy_past_ci("bob")
    assert world.production.versions() == [sha] * 2
    assert at_github(world, f"commits/{sha}")["sha"] == sha
    assert at_github(world, "actions/runs", head_sha=sha)["total_count"] == 0
    assert world.github.head_of("main") == main


def test_a_workflow_started_by_hand_deploys(world: World) -> None:
    run = world.github.dispatch("bob")
    seen = at_github(world, f"actions/runs/{run}")
    assert (seen["event"], seen["actor"]["login"], seen["head_branch"]) == ("workflow_dispatch", "bob", "main")
    assert world.github.last_run("workflow_dispatch")["id"] == run
    with pytest.raises(NotPossible, match="Must have admin rights"):
        world.github.dispatch("frank")
    world.github.cancel(run, "bob")


def test_a_rerun_names_who_pressed_it(world: World) -> None:
    world.github.failing_test()
    run = world.github.run_of(world.push_without_release("bob"))
    assert run["conclusion"] == "failure"
    world.github.hold_deploy()
    world.github.rerun_failed(run["id"], "bob")
    again = at_github(world, f"actions/runs/{run['id']}")
    assert (again["run_attempt"], again["actor"]["login"]) == (2, "bob")
    assert again["triggering_actor"]["login"] == "bob"
    assert again["id"] == world.github.last_run()["id"]
    world.github.cancel(run["id"])


def test_production_edited_by_hand_is_put_right(world: World) -> None:
    version, before = world.production.versions(), cart(world)
    quote = {"items": [1, 1, 2]}
    sending = httpx.post(f"{world.production.url}/checkout/quote", json=quote).json()["shipping"]
    world.production.edit_file()
    world.production.change_behaviour()
    assert httpx.post(f"{world.production.url}/checkout/quote", json=quote).json()["shipping"] == 0 != sending
    assert cart(world)["discount"] > before["discount"]
    assert world.production.versions() == version
    world.production.restore()
    assert cart(world) == before
    assert httpx.post(f"{world.production.url}/checkout/quote", json=quote).json()["shipping"] == sending
    assert [one["edited"] for one in world.production.status()["instances"]] == [[], []]


def test_a_version_that_nobody_knows(world: World) -> None:
    version = world.production.versions()
    world.production.strange_version()
    assert world.production.versions() == ["emergency-patch"] * 2
    world.production.restore()
    assert world.production.versions() == version


@pytest.mark.parametrize(
    ("name", "path"), [("cart", "/cart/total?items=1,1,2"), ("search", "/search?q=tea"), ("products", "/products")]
)
def test_a_broken_probe_is_answered_500(world: World, name: str, path: str) -> None:
    assert probe(world, path).status_code == 200
    world.production.break_probe(name)
    broken = probe(world, path)
    assert (broken.status_code, broken.json()["error"]) == (500, f"RuntimeError: {name} is out of order")
    assert probe(world, "/healthz").status_code == 200
    world.production.restore()
    assert probe(world, path).status_code == 200


def test_nothing_is_prepared_to_break_every_probe(world: World) -> None:
    with pytest.raises(NotPossible, match="nothing prepared to break account; there is for cart, search, products"):
        world.production.break_probe("account")


def test_a_variable_that_is_gone_and_back(world: World) -> None:
    def listed(what: str) -> list[str]:
        return [one["name"] for one in at_github(world, f"environments/production/{what}")[what]]

    world.github.remove_variable()
    world.github.remove_secret()
    assert (listed("variables"), listed("secrets")) == ([], [])
    assert world.github.missing() == ["DEPLOY_TOKEN", "DEPLOY_URL"]
    with pytest.raises(NotPossible, match="has no variable DEPLOY_URL"):
        world.github.remove_variable()
    run = world.github.run_of(world.push_without_release())
    assert run["conclusion"] == "failure"
    assert "DEPLOY_URL is not set in this environment" in "\n".join(world.github.log_lines(run["id"]))
    world.github.restore_environment()
    assert (listed("variables"), listed("secrets"), world.github.missing()) == (["DEPLOY_URL"], ["DEPLOY_TOKEN"], [])


def test_a_leak_is_released_soundly_and_fails_under_load(world: World) -> None:
    sha = world.push_without_release(change="leak")
    assert world.github.run_of(sha)["conclusion"] == "success"
    before = cart(world)
    assert ROOM < world.production.under_load() <= 2 * ROOM + 2
    answers = [probe(world, "/cart/total?items=1,1,2") for _ in range(2)]
    assert {"error": "MemoryError: no room for another price"} in [one.json() for one in answers]
    bob = world.laptop("bob")
    bob.reset()
    assert bob.mend() == ["shop/checkout.py"]
    bob.commit("Forget prices again", "CR-1")
    with world.github.let_past("bob"):
        bob.push_main()
    assert world.github.run_of(bob.head)["conclusion"] == "success"
    assert world.production.under_load() == 2 * (ROOM + 2)
    assert cart(world) == before


def test_pull_requests_are_merged_by_people(world: World) -> None:
    bob = world.laptop("bob")
    bob.new_branch("cr-9-more")
    bob.commit(bob.edit("more_results"), "CR-9")
    bob.push()
    opened = httpx.post(
        f"{world.github.url}/repos/acme/shop/pulls",
        json={"title": "CR-9 More", "head": "cr-9-more", "base": "main"},
        headers={"Authorization": "Bearer ghs_bot"},
    )
    number = opened.json()["number"]
    assert [one["number"] for one in world.github.pulls()] == [number]
    with pytest.raises(NotPossible, match="authorized to push"):
        world.github.merge(number, "bob")
    world.github.never_starts()
    with world.github.let_past("carol"):
        sha = world.github.merge(number, "carol")
    assert world.github.head_of("main") == sha
    assert at_github(world, "activity", ref="main")[0]["activity_type"] == "pr_merge"


def test_healing_switches_everything_off(world: World) -> None:
    github, production = world.github, world.production
    for switch in (github.never_starts, github.slow_ci, github.hold_deploy, github.webhooks_off, github.failing_test):
        switch()
    github.remove_variable()
    for switch in (production.stall_next_deploy, production.half_fleet, production.change_behaviour, production.down):
        switch()
    production.slow(0.1)
    world.heal()
    assert not any(github.switches().values())
    assert github.missing() == []
    status = production.status()
    assert not any(status["switches"].values())
    assert status["environment"] == {}
