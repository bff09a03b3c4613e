"""The transcript of a story: what people typed, clicked and filled in, and every message that came of it."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.sandbox.people import CAROL, PEOPLE
from bot.sandbox.slack.driver import Driver
from tests.stories.reading import Steady, lines_of

KEPT = Path(__file__).parent / "transcripts"
UPDATE = "UPDATE_TRANSCRIPTS"


@dataclass
class Transcript:
    """`seen`: what each message showed when it was last written down."""

    people: Driver
    lines: list[str] = field(default_factory=list)
    seen: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    steady: Steady = field(default_factory=Steady)
    own: list[tuple[str, str, str]] = field(default_factory=list)  # title, who looks, channel: of incidents

    def says(self, line: str, *more: str) -> None:
        """Something that a person did, or that happened, and below it what it was answered with."""
        self.lines += [line, *(f"    {under}".rstrip() for under in more)]

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What happens meanwhile is told in other stories."""
        before = list(self.lines)
        yield
        self.look(silently=True)
        self.lines = before

    def look(self, silently: bool = False) -> None:
        """Writes down what has come or changed in the channel and in direct messages since the last look."""
        new = [("#releases", CAROL.slack_id, "releases")]
        new += [*self.own, *((f"@{person.name}", person.slack_id, "@slipway") for person in PEOPLE)]
        for title, user, channel in new:
            lines = self._channel(title, user, channel)
            if lines and not silently:
                self.lines += ["", title, *(f"    {line}".rstrip() for line in lines), ""]

    def _channel(self, title: str, user: str, channel: str) -> list[str]:
        try:
            messages = self.people.messages(user, channel)
        except LookupError:  # the bot has never written to this person
            return []
        kept = _request_first([m for m in messages if not m.get("ephemeral")])
        shown = [(m, self._thread(title, user, channel, m)) for m in kept]
        parts = [[*self._anew(title, m), *(f"  ↳ {line}" for line in replies)] for m, replies in shown]
        by_chance = channel.startswith("@") or title.startswith("#inc")  # which message is sent first
        parts = sorted(parts) if by_chance else parts
        return [line for part in parts for line in part]

    def _thread(self, title: str, user: str, channel: str, root: dict[str, Any]) -> Iterable[str]:
        if not root.get("reply_count") or self.seen.get((title, f"{root['ts']} replies")) == [str(root["reply_count"])]:
            return ()
        self.seen[title, f"{root['ts']} replies"] = [str(root["reply_count"])]
        replies = [m for m in self.people.thread(user, channel, root["ts"])[1:] if not m.get("ephemeral")]
        return [line for reply in replies for line in self._anew(title, reply)]

    def _anew(self, title: str, message: dict[str, Any]) -> list[str]:
        place, shown = (title, message["ts"]), lines_of(message)
        if self.seen.get(place) == shown:
            return []
        self.seen[place] = shown
        return shown

    def text(self) -> str:
        text = self.steady("\n".join(self.lines)).strip() + "\n"
        return re.sub(r"\n{3,}", "\n\n", text)

    def compare(self, name: str) -> None:
        """Against the stored one; with UPDATE_TRANSCRIPTS in the environment it is stored anew."""
        text = self.text()
        stored = KEPT / f"{name}.txt"
        if os.environ.get(UPDATE):
            stored.write_text(text, encoding="utf-8")
        before = stored.read_text(encoding="utf-8") if stored.exists() else ""
        diff = difflib.unified_diff(before.splitlines(), text.splitlines(), "stored", "today", lineterm="", n=4)
        assert text == before, f"{name} went differently ({UPDATE}=1 stores it anew):\n" + "\n".join(diff)


def _request_first(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A hotfix and its emergency change request are posted at once, in either order: the request is told first."""
    told = list(messages)
    for i, (one, after) in enumerate(pairwise(messages)):
        if lines_of(one)[0].endswith("· hotfix") and "· emergency change for" in lines_of(after)[0]:
            told[i], told[i + 1] = after, one
    return told
