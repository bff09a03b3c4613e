"""What the people of a play do, step by step: on the page through the driver, at their laptops, and at GitHub."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.sandbox.people import CAROL, Person
from bot.sandbox.plays.reading import plain, shown
from bot.sandbox.plays.telling import ROOM, Teller
from bot.sandbox.slack.driver import Driver, actions_of
from bot.sandbox.slack.errors import Json
from bot.sandbox.world.laptop import Laptop
from bot.sandbox.world.world import World

SENTENCE = "Pre-Action Governance Check: OK"
Seen = TypeVar("Seen")


class Stuck(Exception):
    """What a play waited for did not come; the message says what, and what was seen instead."""


@dataclass
class Office:
    """The people, their world, and who tells of it. `sop`: the file that the bot (`bot_pid`) reads on SIGHUP."""

    people: Driver
    world: World
    teller: Teller
    sop: Path
    bot_pid: int

    # --- change requests and baselines

    def adopt(self, who: Person) -> str:
        """Adopts what production serves, on the bot's message in the channel; what it says then."""
        asked = self.until("the question what production serves", self._baseline_asked, 20)
        assert asked is not None
        self.people.click(who.slack_id, ROOM, asked["ts"], "baseline:adopt")
        return self.told(who)

    def _baseline_asked(self) -> Json | None:
        found = [m for m in self.messages() if "baseline:adopt" in actions_of(m)]
        return found[-1] if found else None

    def file(self, who: Person, title: str, areas: Sequence[str] = ("checkout",), **more: Any) -> str:
        """Files a change request by the form; its id."""
        self.people.say(who.slack_id, ROOM, "/change new")
        self.people.wait_for_view(who.slack_id, "change:new")
        form = {
            "title": title,
            "why": "Customers wait too long.",
            "kind": "extension",
            "risk": "low",
            "areas": list(areas),
            "undo": "Revert the commit.",
        }
        return self._sent(who, r"CR-\d+", **(form | more))

    # --- releases

    def start(self, who: Person, change: str, candidate: str, **more: Any) -> str:
        """Starts a release by the form; its id. Raises Stuck with the form's errors."""
        self.people.say(who.slack_id, ROOM, f"/release start {change}")
        self.people.wait_for_view(who.slack_id, "release:start")
        return self._sent(who, r"\bR-\d+", candidate=candidate, **more)

    def acknowledge(self, who: Person, release: str) -> None:
        self.press(who, release, "release:acknowledge")
        self.people.wait_for_view(who.slack_id, "release:acknowledge")
        self._sent(who, "", sentence=SENTENCE)

    def press(self, who: Person, thing: str, button: str) -> str:
        """Presses a button of a card, once it is there; what only this person is told, if anything."""
        card = self.until(
            f"{button} on the card of {thing}",
            lambda: (c := self.card(thing)) and button in actions_of(c) and c,
            20,
            thing,
        )
        assert isinstance(card, dict)
        before = len(self.messages(who))
        self.people.click(who.slack_id, ROOM, card["ts"], button)
        told = [m for m in self.messages(who)[before:] if m.get("ephemeral")]
        return plain(told[-1]["text"]) if told else ""

    def fill(self, who: Person, callback: str, **values: Any) -> str:
        """Fills and sends the form on top, once it is there; what it says in its place."""
        self.people.wait_for_view(who.slack_id, callback)
        return self._sent(who, "", **values)

    def _sent(self, who: Person, wanted: str, **values: Any) -> str:
        answer = self.people.fill_and_submit(who.slack_id, **values)
        if "errors" in answer:
            self.people.close(who.slack_id, cleared=True)
            raise Refused(" ".join(str(said) for said in answer["errors"].values()))
        said = shown(self.people.view(who.slack_id) or {})
        self.people.close(who.slack_id, cleared=True)
        found = re.search(wanted, said)
        if found is None:
            raise Stuck(f"the form said “{said}”, which names no {wanted}")
        return found[0] if wanted else said

    # --- looking

    def messages(self, who: Person = CAROL) -> list[Json]:
        return self.people.messages(who.slack_id, ROOM)

    def told(self, who: Person) -> str:
        """What only this person was told last."""
        found = [m for m in self.messages(who) if m.get("ephemeral")]
        return shown(found[-1]) if found else ""

    def card(self, thing: str) -> Json | None:
        """The live card of `R-1` or `CR-1`."""
        for message in self.messages():
            if message["text"].startswith(f"{thing} · ") and not message.get("ephemeral"):
                return message
        return None

    def state(self, release: str) -> str:
        """`RUNNING · Push`, from the card's first line; empty while there is no card."""
        card = self.card(release)
        return " · ".join(card["text"].split(" · ")[2:4]) if card else ""

    def until(self, what: str, look: Callable[[], Seen], within: float = 15, thing: str | None = None) -> Seen:
        """Looks until it gives something true, telling the news meanwhile. Raises Stuck; `thing`'s card is quoted."""
        end = time.monotonic() + within
        while True:
            self.teller.news()
            seen = look()
            if seen:
                return seen
            if time.monotonic() > end:
                card = self.card(thing) if thing else None
                raise Stuck(f"{what} did not come within {within:.0f} s" + (f". Seen:\n{shown(card)}" if card else ""))
            time.sleep(0.05)

    def until_state(self, release: str, state: str, within: float = 15) -> None:
        self.until(f"{release} {state}", lambda: self.state(release).startswith(state), within, release)

    # --- the SOP's file

    def policy(self, changes: Mapping[str, Any]) -> None:
        """Writes sop.yaml with other values at its top level, and lets the bot read it anew."""
        content = yaml.safe_load(self.sop.read_text(encoding="utf-8")) | dict(changes)
        draft = self.sop.with_suffix(".draft")
        draft.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
        draft.replace(self.sop)
        os.kill(self.bot_pid, signal.SIGHUP)

    def laptop(self, who: Person) -> Laptop:
        return self.world.laptop(who.login)


class Refused(Exception):
    """A form that came back with errors: the bot's own words."""


@contextmanager
def opened(slack_url: str, world: World, sop: Path, bot_pid: int) -> Iterator[Office]:
    people = Driver(slack_url)
    try:
        yield Office(people, world, Teller(people), sop, bot_pid)
    finally:
        people.shut()
