"""Kill -9 of the bot at every decision of the good day, just before and just after its commit, and at every effect,
before and after each is done; each time it is started again."""

import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox import sop_file
from bot.sandbox.asgi import Server
from bot.sandbox.github.config import GithubConfig
from bot.sandbox.people import ALICE, CAROL
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.errors import PageError
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.start import Handles, start_world
from bot.sop.release import SENTENCE
from storage.store import Store

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
DECISIONS = {
    "baseline_adopted",
    "change_filed",
    "change_approved",
    "release_started",
    "governance_acknowledged",
    "push_asked",
    "pushed+stage_passed",
    "stage_passed",
    "stage_passed+release_complete+change_released",
}
OUTBOX = {"claimed", "before_perform", "after_perform", "before_record"}


class World:
    def __init__(self, root: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.root, url = root, f"http://127.0.0.1:{port}"
        github = GithubConfig(root, webhook_secret="hook", webhook_url=f"{url}/github/webhooks")
        self.handles: Handles = start_world(root / "world", github)
        self.slack = Server(
            build_slack(
                SlackConfig(
                    ROOT / "manifest.yml",
                    "xoxb-kill",
                    "secret",
                    bot_url=url,
                    limits_on=False,
                    answer_within=45,
                    trigger_life=45,
                )
            )
        ).start()
        self.people = Driver(self.slack.url)
        sop = sop_file.write(root / "sop.yaml", sop_file.sop(self.handles.facts))
        self.handles.world.github.protect(pushers=["slipway[bot]"])
        self.database = f"sqlite:///{root / 'slipway.sqlite3'}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.deaths = root / "deaths"
        settings = {
            "PYTHONPATH": str(ROOT),
            "PORT": str(port),
            "SLACK_BOT_TOKEN": "xoxb-kill",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{self.slack.url}/api/",
            "GITHUB_TOKEN": "ghs_bot",
            "GITHUB_API_URL": self.handles.github.url,
            "GITHUB_WEBHOOK_SECRET": "hook",
            "DATABASE_URL": self.database,
            "SOP_FILE": str(sop),
            "DEATHS": str(self.deaths),
        }
        command = [sys.executable, "-m", "tests.faults.mortal"]
        self.bot = subprocess.Popen(command, env=kept | settings, cwd=ROOT)
        env = {"SLIPWAY_URL": url, "SOP_FILE": str(sop), "PYTHONPATH": str(ROOT)}
        self.handles.world.preflight_by(Preflight((sys.executable, "-m", "bot", "preflight"), env))

    def stop(self) -> None:
        self.bot.terminate()
        self.bot.wait(30)
        self.people.shut()
        self.slack.stop()
        self.handles.stop()

    def message(self, text: str) -> dict[str, Any] | None:
        """The newest that says it; a card begins with its id."""
        told = self.people.messages(ALICE.slack_id, "releases")
        found = [m for m in told if re.search(rf"(?<!C){re.escape(text)}", str(m.get("text")))]
        return found[-1] if found else None

    def insist(self, act: Callable[[], object], done: Callable[[], object], what: str) -> None:
        """A person who tries, looks for a while whether it worked, and tries again."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if done():
                return
            try:
                act()
            except (PageError, LookupError, TimeoutError, httpx.HTTPError):
                time.sleep(0.2)
                continue
            waited = time.monotonic() + 5
            while time.monotonic() < waited and not done():
                time.sleep(0.1)
        raise TimeoutError(what)

    def form(self, command: str, **values: Any) -> Callable[[], None]:
        def act() -> None:
            self.people.say(ALICE.slack_id, "releases", command)
            self.people.wait_for_view(ALICE.slack_id, timeout=2)
            self.people.fill_and_submit(ALICE.slack_id, **values)

        return act

    def click(self, user: str, text: str, action: str) -> Callable[[], None]:
        def act() -> None:
            card = self.message(text)
            if card is None:
                raise LookupError(text)
            self.people.click(user, "releases", card["ts"], action)

        return act


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.stop()


@pytest.mark.timeout(300)
def test_killed_at_every_decision_and_effect_the_good_day_goes_on(world: World) -> None:
    good_day(world)
    world.insist(lambda: None, lambda: not pending(world), "every effect is done")
    deaths = world.deaths.read_text().split()
    assert len([d for d in deaths if d in OUTBOX]) >= 12
    assert set(deaths) >= OUTBOX
    before, after = ({d.partition(":")[2] for d in deaths if d.startswith(f"{b}_commit")} for b in ("before", "after"))
    assert before == after
    assert before >= DECISIONS
    posted = [c for c in world.people.calls("chat.postMessage") if c["ok"]]
    keys = Counter(c["args"]["metadata"]["event_payload"]["outbox_key"] for c in posted)
    assert keys.most_common(1)[0][1] == 1, "something was posted twice"
    moves = [c for c in github_calls(world) if c["method"] == "PATCH" and c["path"].endswith("/refs/heads/main")]
    assert [c["status"] for c in moves] == [200], "the branch was moved once"
    store = Store.open(world.database)
    assert store.read(lambda unit: unit.verify_chain()) == (True, None)
    assert store.read(lambda unit: unit.backlog(store_now())).parked == 0
    store.close()


def good_day(world: World) -> None:
    alice, laptop = ALICE.slack_id, world.handles.world.laptop("alice")
    adopt = world.click(CAROL.slack_id, "nobody has adopted", "baseline:adopt")
    world.insist(adopt, lambda: world.message("adopted `"), "adopted")
    said = {"title": "Faster", "why": "slow", "kind": "routine update", "risk": "low", "areas": ["checkout"]}
    world.insist(world.form("/change new", undo="revert", **said), lambda: world.message("CR-1 ·"), "filed")
    approve = world.click(CAROL.slack_id, "CR-1 ·", "change:approve")
    world.insist(approve, lambda: world.message("CR-1 · shop · APPROVED"), "approved")
    laptop.new_branch("faster")
    laptop.edit("faster_checkout")
    laptop.commit("CR-1: faster")
    laptop.push()
    start = world.form("/release start shop CR-1", candidate="faster")
    world.insist(start, lambda: world.message("R-1 · shop"), "started")

    def acknowledge() -> None:
        world.click(alice, "R-1 · shop", "release:acknowledge")()
        world.people.wait_for_view(alice, timeout=2)
        world.people.fill_and_submit(alice, sentence=SENTENCE)

    done = world.message
    world.insist(acknowledge, lambda: "governance check by" in str(done("R-1 · shop")), "acknowledged")
    world.insist(
        lambda: laptop.preflight("--change", "CR-1"), lambda: "attested by" in str(done("R-1 · shop")), "proved"
    )
    push = world.click(alice, "R-1 · shop", "release:push")
    world.insist(push, lambda: "push by" in str(done("R-1 · shop")), "pushed")
    world.insist(lambda: None, lambda: world.message("R-1 · shop · COMPLETE"), "complete")
    world.insist(lambda: None, lambda: world.message("CR-1 · shop · RELEASED"), "released")


def store_now() -> Any:
    from bot.wiring import now

    return now()


def pending(world: World) -> int:
    store = Store.open(world.database)
    try:
        return store.read(lambda unit: unit.backlog(store_now()).due)
    finally:
        store.close()


def github_calls(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{world.handles.github.url}/_control/calls").json()
    return found
