"""Hears the page's live events, so that a play waits for what happens and not for a clock."""

import threading

import httpx

from bot.sandbox.people import Person
from bot.sandbox.slack import wire


class Ear:
    """Counts the events that the page of one person is told. Listens until the process ends."""

    def __init__(self, slack_url: str, who: Person) -> None:
        self.heard = 0
        self._more = threading.Condition()
        self._at = f"{slack_url}/_page/events", {"user": who.slack_id}
        threading.Thread(target=self._listen, daemon=True).start()

    def listen(self, heard: int, most: float) -> None:
        """Returns once more than `heard` events have come, or after `most` seconds."""
        with self._more:
            self._more.wait_for(lambda: self.heard > heard, most)

    def _listen(self) -> None:
        url, params = self._at
        with wire.client(60) as client:
            try:
                with client.stream("GET", url, params=params) as events:
                    for line in events.iter_lines():
                        if line.startswith("data:"):
                            self._one_more()
            except httpx.TransportError:
                return  # Slack has ended; whoever waits looks by the clock

    def _one_more(self) -> None:
        with self._more:
            self.heard += 1
            self._more.notify_all()
