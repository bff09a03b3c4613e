"""What the people of a play do, step by step: on the page through the driver, at their laptops, and at GitHub."""

import os
import re
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.sandbox.people import CAROL, Person
from bot.sandbox.plays.ear import Ear
from bot.sandbox.plays.reading import plain, shown
from bot.sandbox.plays.telling import ROOM, Teller
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.reading import actions_of
from bot.sandbox.world.laptop import Laptop
from bot.sandbox.world.world import World

SENTENCE = "Pre-Action Governance Check: OK"
Seen = TypeVar("Seen")


class Stuck(Exception):
    """What a play waited for did not come; the message says what, and what was seen instead."""


@dataclass
class Office:
    """The people, their world, and who tells of it. `sop`: the file that the bot (`bot_pid`) reads on SIGHUP.

    Several threads may act: one person does one thing at a time.
    """

    people: Driver
    world: World
    teller: Teller
    sop: Path
    bot_pid: int
    ear: Ear
    _at_work: defaultdict[str, threading.RLock] = field(default_factory=lambda: defaultdict(threading.RLock))

    # --- change requests and baselines

    def adopt(self, who: Person) -> None:
        """Adopts what production serves, on the bot's message in the channel."""
        asked = self.until("the question what production serves", self._baseline_asked, 20)
        self.people.click(who.slack_id, ROOM, asked["ts"], "baseline:adopt")

    def _baseline_asked(self) -> Json:
        found = [m for m in self.messages() if "baseline:adopt" in actions_of(m)]
        return found[-1] if found else {}

    def file(self, who: Person, title: str, **more: Any) -> str:
        """Files a change request by the form; its id."""
        form = {
            "title": title,
            "why": "Customers wait too long.",
            "kind": "extension",
            "risk": "low",
            "areas": ["checkout"],
            "undo": "Revert the commit.",
        }
        return named(r"\bCR-\d+", self.ask(who, "/change new", "change:new", **(form | more)))

    # --- releases

    def start(self, who: Person, change: str, candidate: str, **more: Any) -> str:
        """Starts a release by the form; its id. Raises Refused."""
        said = self.ask(who, f"/release start {change}", "release:start", candidate=candidate, **more)
        return named(r"\bR-\d+", said)

    def acknowledge(self, who: Person, release: str, sentence: str = SENTENCE) -> None:
        """Raises Refused for another sentence."""
        self.press(who, release, "release:acknowledge", "release:acknowledge", sentence=sentence)

    def abort(self, who: Person, release: str, reason: str, **more: Any) -> None:
        self.press(who, release, "release:abort", "release:abort", reason=reason, **more)
        self.until_state(release, "ABORTED")

    # --- violations

    def violation(self, rule: str, service: str = "shop", within: float = 20) -> str:
        """The open violation of a rule, once its card is there; its id."""
        card = re.compile(rf"(V-\d+) · {re.escape(service)} · {rule} · OPEN · ")

        def look() -> str:
            found = (card.match(message["text"]) for message in self.messages())
            return next((match[1] for match in found if match), "")

        return self.until(f"an open violation of {rule}", look, within)

    def explain(self, who: Person, violation: str, reason: str) -> None:
        """Raises Refused."""
        self.press(who, violation, "violation:explain", "violation:explain", reason=reason)
        self.until(f"{violation} EXPLAINED", lambda: "EXPLAINED" in self.state(violation), 10, violation)

    # --- hands

    def ask(self, who: Person, command: str, form: str = "", **values: Any) -> str:
        """Types a command, and fills in the `form` that it opens; what the person is told. Raises Refused."""
        with self._at_work[who.slack_id]:
            before = len(self._private(who))
            self.people.say(who.slack_id, ROOM, command)
            if form:
                return self._fill(who, form, values, before)
            told = self._private(who)[before:]
            return shown(told[-1]) if told else ""

    def press(self, who: Person, thing: str, button: str, form: str = "", **values: Any) -> str:
        """Presses a button of a card, once it is there, and fills in the `form` that it opens; what the person is told.

        Raises Refused.
        """
        with self._at_work[who.slack_id]:
            card = self.until(f"{button} on the card of {thing}", lambda: self._with_button(thing, button), 20, thing)
            before = len(self._private(who))
            self.people.click(who.slack_id, ROOM, card["ts"], button)
            if form:
                return self._fill(who, form, values, before)
            told = self._private(who)[before:]
            return shown(told[-1]) if told else ""

    def _with_button(self, thing: str, button: str) -> Json:
        card = self.card(thing)
        return card if button in actions_of(card) else {}

    def _fill(self, who: Person, form: str, values: Mapping[str, Any], before: int) -> str:
        self.people.wait_for(lambda: self._opened(who, form, before), what=f"the form {form} for {who.name}")
        known = self._freezes()
        answer = self.people.fill_and_submit(who.slack_id, **values)
        if answer["result"] in ("closed", "cleared"):
            return self._answered(who, before, known if form.startswith("freeze:") else None)
        said = shown(self.people.view(who.slack_id) or {})
        self.people.close(who.slack_id, cleared=True)
        if "errors" in answer:
            raise Refused(plain(" ".join(str(error) for error in answer["errors"].values())))
        return said

    def _answered(self, who: Person, before: int, freezes: list[str] | None) -> str:
        """What the person is told once the form has closed; of a freeze, what everybody is told beside `freezes`."""

        def look() -> str:
            told = self._private(who)[before:]
            aloud = [text for text in self._freezes() if text not in freezes] if freezes is not None else []
            return shown(told[-1]) if told else "".join(aloud[-1:])

        return self.until(f"the answer to the form of {who.name}", look, 10)

    def _opened(self, who: Person, form: str, before: int) -> bool:
        """Whether the form is there. Raises Refused when the person has been told something in its place."""
        view = self.people.view(who.slack_id)
        if view and view["callback_id"] == form:
            return True
        if len(told := self._private(who)) > before:
            raise Refused(shown(told[-1]))
        return False

    def _freezes(self) -> list[str]:
        """What the channel says of freezes."""
        return [message["text"] for message in self.messages() if "FRZ-" in message["text"]]

    def _private(self, who: Person) -> list[Json]:
        return [message for message in self.messages(who) if message.get("ephemeral")]

    # --- looking

    def messages(self, who: Person = CAROL) -> list[Json]:
        return self.people.messages(who.slack_id, ROOM)

    def card(self, thing: str) -> Json:
        """The live card of `R-1`, `CR-1`, `INC-1` or `V-1`; empty while there is none."""
        for message in self.messages():
            if message["text"].startswith(f"{thing} · ") and not message.get("ephemeral"):
                return message
        return {}

    def thread(self, thing: str) -> str:
        """What has been said below a card."""
        replies = self.people.thread(CAROL.slack_id, ROOM, self.card(thing)["ts"])[1:]
        return "\n".join(plain(reply["text"]) for reply in replies)

    def state(self, thing: str) -> str:
        """`RUNNING · Push`, `CRITICAL · OPEN`: from the card's first line; empty while there is no card."""
        card = self.card(thing)
        return " · ".join(card["text"].split(" · ")[2:4]) if card else ""

    def until(self, what: str, look: Callable[[], Seen], within: float = 15, thing: str = "") -> Seen:
        """Looks until it gives something true, telling the news meanwhile. Raises Stuck, quoting `thing`'s card."""
        end = time.monotonic() + within
        while True:
            heard = self.ear.heard
            self.teller.news()
            seen = look()
            if seen:
                return seen
            if time.monotonic() > end:
                card = f" Seen:\n{shown(self.card(thing))}" if thing else ""
                raise Stuck(f"Not within {within:.0f} s: {what}.{card}")
            self.ear.listen(heard, 0.5)

    def shows(self, thing: str, *words: str, within: float = 15) -> str:
        """Waits until a card holds all these words; what it shows then."""

        def look() -> str:
            card = shown(self.card(thing))
            return card if all(one in card for one in words) else ""

        return self.until(f"{' · '.join(words)} on the card of {thing}", look, within, thing)

    def says(self, thing: str, *words: str, within: float = 15) -> str:
        """Waits until all these words stand below a card; everything that stands there then."""

        def look() -> str:
            said = self.thread(thing) if self.card(thing) else ""
            return said if all(one in said for one in words) else ""

        return self.until(f"{' · '.join(words)} below the card of {thing}", look, within, thing)

    def offered(self, thing: str) -> list[str]:
        """The buttons on a card: `release:push`."""
        return actions_of(self.card(thing))

    def refused(self, act: Callable[[], object], wanted: str) -> str:
        """What a person is told who is refused, at the form or at the button. Raises Stuck for anything else."""
        try:
            said = str(act() or "nothing")
        except Refused as words:
            said = str(words)
        if wanted not in said:
            raise Stuck(f"it said “{said}”, not “{wanted}”")
        return said.removeprefix("✋ ")

    def until_state(self, thing: str, state: str, within: float = 15) -> None:
        self.until(f"{thing} {state}", lambda: self.state(thing).startswith(state), within, thing)

    # --- the SOP's file

    def policy(self, changes: Mapping[str, Any], **inside: Mapping[str, Any]) -> None:
        """Writes sop.yaml with other values at its top level, and `inside` each service (`ci={…}`: added to what is
        there), and waits until the bot goes by it.
        """
        before = self._policy_in_force()
        content = yaml.safe_load(self.sop.read_text(encoding="utf-8")) | dict(changes)
        for service in content["services"]:
            service |= {name: {**service.get(name, {}), **values} for name, values in inside.items()}
        draft = self.sop.with_suffix(".draft")
        draft.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
        draft.replace(self.sop)
        os.kill(self.bot_pid, signal.SIGHUP)
        self.until("another policy in force", lambda: self._policy_in_force() != before)

    def _policy_in_force(self) -> str:
        return named(r"policy [0-9a-f]{7}", self.ask(CAROL, "/sop"))

    def laptop(self, who: Person) -> Laptop:
        return self.world.laptop(who.login)


class Refused(Exception):
    """A form that came back with errors: the bot's own words."""


def named(pattern: str, said: str) -> str:
    """The first id of that pattern in what the bot said. Raises Stuck."""
    found = re.search(pattern, said)
    if found is None:
        raise Stuck(f"the answer names no {pattern}: {said}")
    return found[0]


@contextmanager
def opened(slack_url: str, world: World, sop: Path, bot_pid: int) -> Iterator[Office]:
    people = Driver(slack_url)
    try:
        yield Office(people, world, Teller(people), sop, bot_pid, Ear(slack_url, CAROL))
    finally:
        people.shut()
