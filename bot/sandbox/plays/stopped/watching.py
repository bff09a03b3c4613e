"""What all scenes have at hand: the office, the table, and how one sees that a release was stopped."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.people import Person
from bot.sandbox.plays.office import Office, Refused, Stuck
from bot.sandbox.plays.reading import shown
from bot.sandbox.plays.stopped.table import How
from bot.sandbox.plays.table import Row, Table

NEXT = "shop-next"  # a second service of the same repository: its own branch, so its own lock
FAILURE = re.compile(r"(⛔|⏸️) Rule \S+\s+")
WAITING = "Waiting for"
OVER = ("Wanted  ", "Mend  ", WAITING, "started by")


@dataclass
class Stage:
    """`calm`: no CRITICAL is open any more; `free`: the lock of `shop-next` is. Other threads wait for them."""

    office: Office
    table: Table
    calm: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)

    def refused(self, row: Row, act: Callable[[], object], wanted: str) -> None:
        """A form that comes back. Raises Stuck when it does not, or for another reason."""
        try:
            act()
        except Refused as words:
            self.told(row, str(words), wanted)
            return
        raise Stuck(f"{row.seen}: it was not refused")

    def told(self, row: Row, said: str, wanted: str) -> None:
        """What a person was told at once. Raises Stuck when it is something else."""
        if wanted not in said:
            raise Stuck(f"{row.seen}: it said “{said}”, not “{wanted}”")
        self.table.saw(row, said)

    def on_card(self, row: Row, release: str, wanted: str, within: float = 20) -> None:
        """The card of a release shows how it was stopped, in words that contain `wanted`. Raises Stuck."""
        status = "RUNNING" if row.how is How.WAIT else row.how.value

        def look() -> str:
            if not self.office.state(release).startswith(status):
                return ""
            return next((said for said in reasons(shown(self.office.card(release))) if wanted in said), "")

        self.table.saw(row, self.office.until(f"{release} {status}: {wanted}", look, within, release))

    def green(self, who: Person, release: str) -> None:
        """Waits until the release may be pushed."""
        self.office.acknowledge(who, release)
        self.office.until_state(release, "RUNNING · Push", 20)

    def wait(self, event: threading.Event, what: str) -> None:
        if not event.wait(40) or self.table.troubles:
            raise Stuck(f"{what}: the scenes before did not come to their end")


def reasons(card: str) -> list[str]:
    """What a card says keeps the release from going on: each failure, and each thing that is waited for."""
    found: list[str] = []
    inside = ""  # of what the lines are at the moment
    for line in card.splitlines():
        failure = FAILURE.match(line)
        if line.startswith(OVER):
            inside = line
        elif failure:
            inside = "failure"
            found.append(line[failure.end() :])
        elif inside == WAITING and line.startswith("• "):
            found.append(line.removeprefix("• "))
        elif inside == "failure":
            found[-1] += f" {line}"
    return found
