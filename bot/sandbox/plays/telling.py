"""Prints a day as it goes: who does what, and what Slipway says where."""

import re
import textwrap
import threading
import time
from dataclasses import dataclass, field

from bot.sandbox.people import ALICE, PEOPLE, Person
from bot.sandbox.plays.reading import plain, shown
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.errors import Json

BOT = "slipway"
ROOM = "releases"
WIDTH = 110
CARD = re.compile(r"(C?R|INC|V)-\d+ · ")
NOW_MARKS = ("⏳", "⏸", "⛔")


@dataclass
class Teller:
    """Prints a line for each thing done, and what the bot has posted since; `quiet`: nothing."""

    people: Driver
    quiet: bool = False
    began: float = field(default_factory=time.monotonic)
    _told: dict[str, str] = field(default_factory=dict)  # what was last told of a message, by its ts or by its name
    _replies: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def does(self, who: Person | str, what: str) -> None:
        """What a person, or somebody else, does."""
        self.rest()
        self._line(who if isinstance(who, str) else who.name.split()[0], what)

    def news(self) -> None:
        """What the bot has posted or edited in the channel and its threads since."""
        if self.quiet:
            return
        with self._lock:
            for message in self.people.messages(ALICE.slack_id, ROOM):
                if not message.get("ephemeral") and message.get("bot_id"):
                    self._message(message)

    def rest(self) -> None:
        """Whatever has not been told yet."""
        self.news()
        self._direct_messages()

    def _direct_messages(self) -> None:
        if self.quiet:
            return
        for person in PEOPLE:
            self._direct(person)

    def _message(self, message: Json) -> None:
        ts, text = message["ts"], plain(message["text"])
        head = text.split(" · ")[0]
        if CARD.match(text):
            now = "  ".join(line for line in shown(message).splitlines() if line.startswith(NOW_MARKS))
            self._once(f"card {ts}", text, f"[{text}]")
            self._once(f"now {ts}", now, f"[{head}] {now}" if now else "")
        else:
            self._once(ts, text, text)
        if message.get("reply_count", 0) > self._replies.get(ts, 0):
            self._replies[ts] = message["reply_count"]
            for reply in self.people.thread(ALICE.slack_id, ROOM, ts)[1:]:
                said = plain(reply["text"])
                self._once(reply["ts"], said, f"{head} ↳ {said}")

    def _direct(self, person: Person) -> None:
        try:
            messages = self.people.messages(person.slack_id, f"@{BOT}")
        except LookupError:
            return
        for message in messages:
            said = plain(message["text"])
            self._once(message["ts"] + person.slack_id, said, f"to {person.name.split()[0]}: {said}")

    def _once(self, key: str, said: str, line: str) -> None:
        if self._told.get(key) != said:
            self._told[key] = said
            if line:
                self._line(BOT, line)

    def _line(self, who: str, what: str) -> None:
        if self.quiet:
            return
        lead = f"{time.monotonic() - self.began:5.1f} s  {who:<9} "
        first, *more = what.splitlines() or [""]
        wrapped = textwrap.wrap(first, WIDTH) or [""]
        rest = [*wrapped[1:], *more]
        print("\n".join([lead + wrapped[0], *(" " * len(lead) + line for line in rest)]), flush=True)
