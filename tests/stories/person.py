"""A person of the day: types, clicks and fills in at Slack, works at a laptop. What comes of it is written down."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.sandbox.people import Person as Card
from bot.sandbox.slack.answering import pressed
from bot.sandbox.world.laptop import Laptop
from tests.stories.reading import lines_of, plain

if TYPE_CHECKING:
    from tests.stories.day import Day

SENTENCE = "Pre-Action Governance Check: OK"
CONTENT: dict[str, Any] = {
    "why": "Customers wait too long.",
    "kind": "routine update",
    "risk": "low",
    "areas": ["checkout"],
    "undo": "Revert the commits.",
}

INCIDENT: dict[str, Any] = {
    "kind": "production incident",
    "affected": ["checkout"],
    "seen": "Customers see an error when they pay.",
}
CAUSE = {
    "cause": "The supplier's stock service is offline.",
    "evidence": "SUPPLIER points at the warehouse's mirror now.",
}


@dataclass(frozen=True)
class Person:
    day: "Day"
    card: Card

    @property
    def id(self) -> str:
        return self.card.slack_id

    @property
    def name(self) -> str:
        return self.card.name.split()[0]

    @property
    def laptop(self) -> Laptop:
        return self.day.world.laptop(self.card.login)

    # At Slack

    def types(self, command: str, channel: str = "releases") -> list[str]:
        """Sends a text or slash command; the answer that only this person sees, or the title of the form it opens."""
        return self._does(f"types {command}", lambda: self.day.people.say(self.id, channel, command), channel)

    def presses(self, thing: str, button: str, seen: dict[str, Any] | None = None, dm: bool = False) -> list[str]:
        """Presses a button on the message of R-1, CR-1, FRZ-1 …; `seen`: that message as it still is on the screen."""
        channel = "@slipway" if dm else "releases"
        message = seen or self.day.wait_for_message(thing, button, self.id, channel)
        element = pressed(message["blocks"], button)[1]
        what = f"presses [ {element['text']['text']} ] on {thing}"
        if asks := element.get("confirm"):
            what += f", and confirms “{asks['title']['text']}” {plain(asks['text']['text'])}"
        click = self.day.people.click
        return self._does(what, lambda: click(self.id, channel, message["ts"], button, stale=seen), channel)

    def fills(self, **values: Any) -> list[str]:
        """Fills in the form on top and sends it: errors, or the answer once it is closed.

        That is what only this person sees; of a freeze it is what everybody reads, which its maker is not told again.
        """
        people = self.day.people
        before, freezes = self.whispers(), self._of_freezes()
        view = people.wait_for_view(self.id)
        said = "; ".join(f"{name}: {_said(value)}" for name, value in values.items())
        answer = people.fill_and_submit(self.id, **values)
        shown = [f"{field}: {error}" for field, error in answer.get("errors", {}).items()]
        if answer["result"] == "updated":
            shown = lines_of(people.view(self.id) or {})
            people.close(self.id)
        elif answer["result"] in ("closed", "cleared"):
            people.wait_for(
                lambda: self._new(before) or self._of_freezes() != freezes, what=f"an answer to {self.name}'s form"
            )
            shown = self._new(before)
        self.day.told.says(f"{self.name} fills in “{view['title']['text']}” ({said})", *shown)
        return shown or [line for lines in self._of_freezes() if lines not in freezes for line in lines]

    def reads_form(self) -> list[str]:
        """The form on top, written down."""
        view = self.day.people.wait_for_view(self.id)
        self.day.told.says(f"{self.name} reads “{view['title']['text']}”", *lines_of(view))
        return lines_of(view)

    def closes_form(self) -> None:
        self.day.people.close(self.id, cleared=True)

    def opens_home(self) -> list[str]:
        self.day.people.home(self.id)  # it is published once the bot has heard of it
        self.day.settles()
        shown = lines_of(self.day.people.home(self.id) or {})
        self.day.told.says(f"{self.name} opens the Home tab", *shown)
        return shown

    def _does(self, what: str, act: Any, channel: str) -> list[str]:
        before, view = self.whispers(channel), self.day.people.view(self.id)
        act()
        opened = self.day.people.view(self.id)
        new = {ts: shown for ts, shown in self.whispers(channel).items() if ts not in before}
        shown = [line for lines in new.values() for line in lines]
        if opened and opened["id"] != (view or {}).get("id"):
            shown.append(f"opens “{opened['title']['text']}”")
            if not opened.get("submit"):
                shown += lines_of(opened)
        self.day.told.says(f"{self.name} {what}", *shown)
        return shown

    def _new(self, before: dict[str, list[str]]) -> list[str]:
        """What only this person sees, and did not before."""
        return [line for ts, lines in self.whispers().items() if ts not in before for line in lines]

    def _of_freezes(self) -> list[list[str]]:
        """What the channel says of freezes."""
        said = [lines_of(m) for m in self.day.people.messages(self.id, "releases") if not m.get("ephemeral")]
        return [lines for lines in said if re.search(r"\bFRZ-\d", lines[0])]

    def whispers(self, channel: str = "releases") -> dict[str, list[str]]:
        """What only this person sees there, by ts."""
        try:
            messages = self.day.people.messages(self.id, channel)
        except LookupError:
            return {}
        return {m["ts"]: lines_of(m) for m in messages if m.get("ephemeral")}

    # The steps of a release

    def adopts(self) -> list[str]:
        """What production serves, as the base of the first release."""
        message = self.day.people.wait_for_message(self.id, "releases", "nobody has adopted it", 30)
        self.day.told.look()
        return self.presses("the baseline", "baseline:adopt", message)

    def files_change(self, title: str = "Faster checkout", **content: Any) -> str:
        """Its name, CR-1."""
        self.types("/change new")
        return named("CR", self.fills(**{"title": title, **CONTENT, **content}))

    def approves(self, change: str) -> list[str]:
        return self.presses(change, "Approve")

    def starts(self, change: str, branch: str, **more: Any) -> str:
        """`/release start`; its name, R-1."""
        self.types(f"/release start shop {change}")
        return named("R", self.fills(candidate=self.day.branch(branch), **more))

    def acknowledges(self, release: str, sentence: str = SENTENCE) -> list[str]:
        self.presses(release, "Governance check")
        return self.fills(sentence=sentence)

    def aborts(self, release: str, reason: str, **more: Any) -> list[str]:
        self.presses(release, "Abort")
        return self.fills(reason=reason, **more)

    def records_cause(self, release: str, quote: str, mended: str, **said: str) -> list[str]:
        """F1: the root cause of the failure that the card shows."""
        self.presses(release, "Record root cause")
        return self.fills(**{"quote": quote, "mend": mended, **CAUSE, **said})

    def rolls_back(self, release: str, reason: str, reads: bool = False, **more: Any) -> str:
        """By its button; the rollback's name."""
        self.presses(release, "Roll back")
        if reads:
            self.reads_form()
        return named("with R", self.fills(reason=reason, sure=["yes"], **more)).removeprefix("with ")

    def declares(self, title: str = "Checkout fails", severity: str = "CRITICAL", **content: Any) -> str:
        """`/incident declare`; its name, INC-1."""
        self.types("/incident declare")
        return named("INC", self.fills(**{"title": title, "severity": severity, **INCIDENT, **content}))

    def begins_hotfix(self, incident: str, branch: str, reads: bool = False, **more: Any) -> tuple[str, str]:
        """By the incident's button; the names of the hotfix and of its emergency change request."""
        self.presses(incident, "Start hotfix")
        if reads:
            self.reads_form()
        answer = self.fills(candidate=self.day.branch(branch), **more)
        return named("R", answer), named("CR", answer)

    # At the laptop

    def commits(
        self, change: str, branch: str, edit: str | Callable[[Path], str] = "faster_checkout", message: str = ""
    ) -> str:
        """A prepared change (world.changes) committed on a branch and pushed there; the commit's SHA.

        `edit` may change the checkout itself and say what it did.
        """
        laptop, name = self.laptop, self.day.branch(branch)
        if laptop.on != name:
            laptop.switch(name) if name in laptop.branches else laptop.new_branch(name)
        title = edit(laptop.checkout) if callable(edit) else laptop.edit(edit)
        laptop.commit(message or title, reference=f"{change}:" if change else None)
        laptop.push()
        self.day.told.says(f"{self.name} commits “{laptop.last_commit.partition(' ')[2]}” on {branch} and pushes it")
        return laptop.head

    def mends(self, change: str, message: str) -> str:
        """Takes out what a prepared change broke, on the branch that is checked out; the commit's SHA."""
        self.laptop.mend()
        self.laptop.commit(message, reference=f"{change}:")
        self.laptop.push()
        self.day.told.says(f"{self.name} commits “{self.laptop.last_commit.partition(' ')[2]}” and pushes it")
        return self.laptop.head

    def preflights(self, change: str, *arguments: str) -> int:
        """Runs `slipway preflight`; its exit code."""
        done = self.laptop.preflight("--change", change, *arguments)
        written = [line.rstrip() for line in done.output.splitlines() if line.strip()]
        command = " ".join(("slipway preflight --change", change, *arguments))
        self.day.told.says(f"{self.name} runs {command} (exit code {done.code})", *written)
        return done.code

    def pushes_main(self) -> str:
        """What is checked out, straight to the designated branch; the commit's SHA."""
        self.laptop.push_main()
        self.day.told.says(f"{self.name} pushes {self.laptop.head} to main")
        return self.laptop.head


def named(kind: str, lines: list[str]) -> str:
    """The first id of a kind in what was read. Raises AssertionError showing it."""
    found = re.search(rf"\b{kind}-\d+\b", " ".join(lines))
    assert found, f"no {kind} in {lines}"
    return found[0]


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
