"""What a demo survives: a bot killed in the middle of a release, and its own end."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.demo.crew import CHECKOUT, Crew
from bot.demo.place import MARK, Place, Ports
from bot.sandbox.people import ALICE, CAROL
from bot.sandbox.plays.office import Office, opened
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.world import World, WorldConfig
from tests.demo.running import demo


def crew_of(root: Path) -> Crew:
    """The addresses of the demo that runs there."""
    return Crew(Place(root, Ports(**json.loads((root / MARK).read_text()))))


@contextmanager
def office(crew: Crew) -> Iterator[Office]:
    """The people at that demo's page, and its world."""
    preflight = Preflight((sys.executable, "-m", "bot", "preflight"), {**crew.found, "PYTHONPATH": str(CHECKOUT)})
    world = World(
        WorldConfig(
            crew.place.root / "laptops", str(crew.bare), crew.github_url, crew.production_url, preflight=preflight
        )
    )
    with opened(crew.slack_url, world, crew.sop, 0) as opened_office:
        yield opened_office


def press(crew: Crew, section: str, control: str) -> str:
    """A button of the world panel."""
    body = {"section": section, "control": control}
    answer = httpx.post(f"{crew.world_url}/world/do", json=body, timeout=60).json()
    assert answer["ok"], answer
    return str(answer["message"])


def in_ci(people: Office) -> str:
    """A release of Alice's whose deploy job is held back; its id."""
    people.adopt(CAROL)
    change = people.file(ALICE, "Faster checkout")
    people.press(CAROL, change, "change:approve")
    laptop = people.laptop(ALICE)
    laptop.new_branch("faster")
    laptop.commit(laptop.edit("faster_checkout"), change)
    laptop.push()
    release = people.start(ALICE, change, "faster")
    people.acknowledge(ALICE, release)
    assert laptop.preflight("--change", change).code == 0
    people.world.github.hold_deploy()
    people.press(ALICE, release, "release:push")
    people.until_state(release, "RUNNING · CI", 60)
    return release


def test_a_release_survives_a_bot_that_is_killed_and_a_demo_that_ends(tmp_path: Path) -> None:
    root = tmp_path / "world"
    with demo("--port", "0", "--keep", str(root)) as running:
        running.until("Ctrl-C")
        crew = crew_of(root)
        with office(crew) as people:
            release = in_ci(people)
            people.world.github.open_issue("Carts are emptied")
            before = (root / "bot.pid").read_text()
            assert press(crew, "bot", "kill").startswith("The bot is killed")
            running.until("The bot was killed (signal 9). Starting it again")
            running.until("runs again")
            assert (root / "bot.pid").read_text() != before
            assert "RUNNING · CI" in people.ask(ALICE, f"/release status {release}")
            said = [message["text"] for message in people.messages()]
    assert running.process.returncode == 0
    with demo("--port", "0", "--keep", str(root)) as running:
        running.until("Ctrl-C")
        with office(crew_of(root)) as people:
            people.until_state(release, "COMPLETE", 90)  # no switch is kept: the deploy job that was held goes on
            shown = [message["text"] for message in people.messages()]
            assert len(shown) == len(said), "every card is where it was, and none was posted again"
            assert "CI passed" in people.says(release, "COMPLETE", within=30)
            assert people.world.github.last_run()["conclusion"] == "success"
            assert people.world.github.open_issue("Another") == 2
