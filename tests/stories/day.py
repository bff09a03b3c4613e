"""A whole day: the sandbox's Slack, GitHub and production, and the real bot, joined over HTTP and git."""

import base64
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, or_, select
from starlette.applications import Starlette

from bot.config import Settings
from bot.outbox import Pace
from bot.sandbox import people, sop_file
from bot.sandbox.asgi import Server
from bot.sandbox.github.config import BOT_LOGIN, GithubConfig
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.start import Handles, start_world
from bot.sandbox.world.world import World
from bot.wiring import Slipway, build
from storage.tables import OUTBOX, WATCHES
from tests.stories.eyes import Eyes
from tests.stories.person import Person
from tests.stories.reading import Steady, lines_of
from tests.stories.transcript import Transcript

ROOT = Path(__file__).parents[2]
TOKEN, SECRET, HOOK = "xoxb-sandbox", "signing-secret", "hook-secret"
BRANCH = "main"
PATIENCE = 45.0  # seconds; the machine may be busy


@dataclass
class Day:
    """Everything runs in this process but builds, apps and CI steps. Stop it with `stop`."""

    root: Path
    handles: Handles = field(init=False)
    slack_web: Starlette = field(init=False)
    slack: Server = field(init=False)
    people: Eyes = field(init=False)
    told: Transcript = field(init=False)
    bot: Slipway = field(init=False)
    server: Server = field(init=False)
    database: Engine = field(init=False)
    stories: int = 0
    passed: timedelta = timedelta()  # by which the bot's clock is ahead
    _eyes: threading.Lock = field(default_factory=threading.Lock)  # held by each look of the bot

    def __post_init__(self) -> None:
        self.handles = start_world(self.root / "world", GithubConfig(self.root, webhook_secret=HOOK))
        config = SlackConfig(ROOT / "manifest.yml", TOKEN, SECRET, limits_on=False, world_url=self.handles.panel.url)
        # Slack's 3 s are held to in the sandbox's own tests; a story is not told otherwise on a busy machine.
        config = replace(config, answer_within=PATIENCE, trigger_life=PATIENCE)
        self.slack_web = build_slack(config)
        self.slack = Server(self.slack_web).start()
        self.people = Eyes(self.slack.url, self.slack_web.state.workspace.feed)
        self.told = self._transcript()
        self.database = create_engine(f"sqlite:///{self.root / 'slipway.sqlite3'}")
        self.everyone = tuple(Person(self, person) for person in people.PEOPLE)
        self.alice, self.bob, self.carol, self.dave, self.erin, self.frank = self.everyone
        self._write_sop()
        self.start_bot()

    @property
    def world(self) -> World:
        return self.handles.world

    @property
    def sop(self) -> Path:
        return self.root / "sop.yaml"

    def begins(self) -> None:
        """Production is adopted."""
        self.carol.adopts()
        self.settles()

    def new_story(self) -> None:
        """From here on what happens is told anew."""
        self.stories += 1
        self.told = self._transcript()
        self.told.look(silently=True)

    def _transcript(self) -> Transcript:
        return Transcript(self.people, steady=Steady(aliases={str(self.root): "~"}))

    # The bot

    def settings(self) -> Settings:
        return Settings(
            slack_bot_token=SecretStr(TOKEN),
            slack_signing_secret=SecretStr(SECRET),
            slack_api_url=f"{self.slack.url}/api/",
            github_token=SecretStr("ghs_bot"),
            github_api_url=self.handles.github.url,
            github_webhook_secret=SecretStr(HOOK),
            database_url=SecretStr(str(self.database.url)),
            sop_file=self.sop,
            port=0,
        )

    def start_bot(self) -> None:
        self.bot = build(self.settings(), Pace(first=0.1, longest=0.5), tick=0.2, now=self.now)
        for tick in self.bot.clock.ticks:
            if tick.name == "reconciler":
                tick.run = self._looking(tick.run)
        self.server = Server(self.bot.app).start()
        self.reach(self.server.url)

    def reach(self, url: str) -> None:
        """Slack, GitHub and the laptops find the bot there."""
        self.slack_web.state.workspace.bot_url = url
        self.handles.github.world.config.webhook_url = f"{url}/github/webhooks"
        self.works_with({})

    def works_with(self, settings: dict[str, str]) -> None:
        """What is set in the shells of the laptops, beside what `slipway preflight` needs."""
        command = (sys.executable, "-m", "bot", "preflight")
        environment = {"SLIPWAY_URL": self.server.url, "SOP_FILE": str(self.sop), "PYTHONPATH": str(ROOT)}
        self.world.preflight_by(Preflight(command, environment | settings))

    def stop_bot(self) -> None:
        self.server.stop()

    def stop(self) -> None:
        self.stop_bot()
        self.people.shut()
        self.slack.stop()
        self.handles.stop()
        self.database.dispose()

    # sop.yaml

    def keeps_sop(self, push: str = "bot", **changes: Any) -> None:
        """Writes sop.yaml anew and has the bot read it: top-level keys, or the service's (`ci__start_within="1s"`)."""
        self._write_sop(push, **changes)
        assert self.bot.policy.reload() is None
        said = ", ".join(f"{name.replace('__', '.')}: {value}" for name, value in changes.items())
        self.told.says(f"· sop.yaml now says push: {push}" + (f", {said}" if said else ""))

    def sells_at_a_till(self) -> None:
        """A second service of the same branch, with a probe of its own; Carol adopts what its production serves."""
        content = yaml.safe_load(self.sop.read_text(encoding="utf-8"))
        shop = content["services"][0]
        probe = {"name": "sale", "path": "/cart/total?items=1,1,2", "compare": "value"}
        content["services"].append(shop | {"name": "till", "probes": [probe]})
        sop_file.write(self.sop, content)
        assert self.bot.policy.reload() is None
        self.told.says("· sop.yaml now has a service till of the same repository and branch, with one probe: sale")
        self.bot.reconciler.start()
        self.carol.adopts()
        self.settles()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def _write_sop(self, push: str = "bot", **changes: Any) -> None:
        content = sop_file.sop(self.handles.facts, push)
        content["pace"] = {"waiting": "2s", "working": "0.5s"}
        for service in content["services"]:
            service["ci"] |= {"start_within": "60s", "complete_within": "2m"}
            service["production"] |= {"update_within": "60s"}
        for name, value in changes.items():
            place, _, key = name.rpartition("__")
            where = content["services"][0] if place in ("service", "ci", "production", "hotfix") else content
            (where.setdefault(place, {}) if place not in ("", "service") else where)[key] = value
        sop_file.write(self.sop, content)
        if push == "bot":
            self.world.github.protect(pushers=[BOT_LOGIN])
        else:
            self.world.github.protect(off=True)

    # What happens

    def happens(self, what: str, act: Callable[..., object], *arguments: Any, **more: Any) -> None:
        """Something in the world that no person of the story does at Slack."""
        self.told.says(f"· {what}")
        act(*arguments, **more)

    def passes(self, what: str, **time: float) -> None:
        """Time passes: at once, for the bot alone. What GitHub and Slack do after it is in the bot's past."""
        self.passed += timedelta(**time)
        self.told.says(f"· {what}")
        self.bot.clock.wake()

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """Until it is over the bot does not look, so that it sees only how it ends."""
        with self._eyes:
            yield

    def _looking(self, look: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            with self._eyes:
                return look()

        return run

    def controls(self, name: str, **given: Any) -> None:
        """A switch of the sandbox's GitHub that its panel does not have."""
        httpx.post(f"{self.handles.github.url}/_control/{name}", json=given).raise_for_status()

    def asks_github(self, by: Person, method: str, path: str, **body: Any) -> httpx.Response:
        """What a person does at GitHub's pages, by its REST API: `path` below the repository."""
        url = f"{self.handles.github.url}/repos/{self.world.config.repository}/{path}"
        token = {"Authorization": f"Bearer ghp_{by.card.login}"}
        return httpx.request(method, url, json=body or None, headers=token).raise_for_status()

    def sets_variable(self, name: str, value: str) -> None:
        """A variable of GitHub's environment `production`, beside those that are there."""
        found = self.handles.github.world.repositories[self.world.config.repository].environments["production"]
        self.controls("environment", variables=found.variables | {name: value})

    def decision_log(self) -> list[str]:
        """The lines of decision_log.md as it stands on its branch, written down."""
        found = self.asks_github(self.carol, "GET", "contents/decision_log.md?ref=decision-log").json()
        lines = base64.b64decode(found["content"]).decode().splitlines()
        self.told.says("· decision_log.md says", *lines)
        return lines

    def branch(self, name: str) -> str:
        """The name under which a story's branch is pushed: stories share the repository."""
        actual = f"{name}-{self.stories}"
        self.told.steady.aliases[actual] = name
        return actual

    # Where many stories begin; how it comes to this is told by the good day

    def approved(self, **content: Any) -> str:
        """A change request of Alice's, approved by Carol."""
        with self.told.quietly():
            change = self.alice.files_change(**content)
            self.carol.approves(change)
            self.until(change, "APPROVED")
        self.told.says(f"· {change} of Alice is approved by Carol")
        return change

    def started(self, branch: str = "faster", edit: str = "faster_checkout", **content: Any) -> tuple[str, str]:
        """An approved change request and its release, which waits for governance check and preflight."""
        change = self.approved(**content)
        with self.told.quietly():
            self.alice.commits(change, branch, edit)
            release = self.alice.starts(change, branch)
            self.until(release, "6 of 9", "preflight")
        self.told.says(f"· {release} of Alice has started with {change} and {branch}")
        return change, release

    def green(self, branch: str = "faster", edit: str = "faster_checkout", **content: Any) -> tuple[str, str]:
        """The same, further on: the release waits for the push."""
        change, release = self.started(branch, edit, **content)
        with self.told.quietly():
            self.alice.acknowledges(release)
            assert self.alice.preflights(change) == 0
            self.until(release, "Every gate is green")
        self.told.says(f"· {release} is green and waits for the push")
        return change, release

    def pushed(self, edit: str = "faster_checkout", **content: Any) -> tuple[str, str]:
        """The same, further on: Push is pressed. What is held or broken is so before."""
        change, release = self.green(edit=edit, **content)
        with self.told.quietly():
            self.alice.presses(release, "Push")
            self.until(release, f"✅ Push   `{BRANCH}`")
        self.told.says(f"· {release} is pushed")
        return change, release

    def complete(self, edit: str = "faster_checkout", **content: Any) -> tuple[str, str]:
        """The same, further on: the release is verified in production."""
        change, release = self.green(edit=edit, **content)
        with self.told.quietly():
            self.alice.presses(release, "Push")
            self.until(release, "COMPLETE")
            self.until(change, "RELEASED")
        self.told.says(f"· {release} is COMPLETE, by Alice")
        return change, release

    def critical(self, **content: Any) -> str:
        """A CRITICAL incident that Erin declared, leads and confirmed."""
        with self.told.quietly():
            incident = self.erin.declares(**content)
            self.until(incident, "[ Confirm CRITICAL ]", "passing now")
            self.erin.presses(incident, "Take the lead")
            self.erin.presses(incident, "Confirm CRITICAL")
            self.until(incident, "confirmed as CRITICAL by Erin Eze")
        self.told.says(f"· {incident} is CRITICAL, declared, led and confirmed by Erin")
        return incident

    # What is seen

    def message(self, thing: str, button: str = "", user: str = "", channel: str = "releases") -> dict[str, Any]:
        """The card of a thing, else the newest message whose first line names it (with that button).

        Raises LookupError.
        """
        messages = self.people.messages(user or people.CAROL.slack_id, channel)
        named = [m for m in messages if not m.get("ephemeral") and _is_about(m, thing)]
        named = [m for m in named if lines_of(m)[0].startswith(f"{thing} ·")] or named
        found = [m for m in named if f"[ {button} ]" in "\n".join(lines_of(m)) or not button]
        if not found:
            raise LookupError(f"no message of {thing} with [ {button} ]: {[lines_of(m) for m in named]}")
        return found[-1]

    def wait_for_message(self, thing: str, button: str, user: str, channel: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        missing = ""

        def there() -> bool:
            nonlocal missing
            try:
                found.append(self.message(thing, button, user, channel))
            except LookupError as e:
                missing = str(e)
            return bool(found)

        wait(there, lambda: missing)
        return found[0]

    def card(self, thing: str) -> str:
        return "\n".join(lines_of(self.message(thing)))

    def awaits_in_thread(self, thing: str, text: str, times: int) -> None:
        """Waits until so many posts in the thread of a card say so."""

        def said() -> int:
            return sum(text in post for post in self.thread(thing))

        wait(lambda: said() >= times, lambda: f"{text!r} {times} times below {thing}; it is said {said()} times")

    def until_log_is_read(self, release: str, attempt: int = 1) -> None:
        """Waits until it is HELD in CI and the log of the failed job is there to be quoted."""
        number = int(release.removeprefix("R-"))

        def read() -> bool:
            view = self.bot.desk.release_view(number)
            return view is not None and view.log is not None and view.log.attempt == attempt

        self.awaits(release, "HELD · CI", "[ Record root cause ]")
        wait(read, lambda: f"the log of {release}, attempt {attempt}")
        self.until(release, "HELD · CI", "[ Record root cause ]")

    def thread(self, thing: str) -> list[str]:
        messages = self.people.thread(people.CAROL.slack_id, "releases", self.message(thing)["ts"])
        return ["\n".join(lines_of(m)) for m in messages[1:]]

    def until(self, thing: str, *texts: str, unless: str = "") -> str:
        """Waits until the card of a thing reads so and nothing is under way; writes down what has come. The card."""
        self.awaits(thing, *texts, unless=unless)
        self.settles()
        self.told.look()
        return self.card(thing)

    def awaits(self, thing: str, *texts: str, unless: str = "") -> None:
        """The same, before more is waited for: nothing is written down yet."""
        last = ""

        def reads() -> bool:
            nonlocal last
            try:
                last = self.card(thing)
            except LookupError as missing:
                last = str(missing)
            assert not unless or unless not in last, last
            return all(text in last for text in texts)

        wait(reads, lambda: f"{thing} with {texts}; it reads:\n{last}")

    def until_status(self, release: str, status: str) -> None:
        """The same where no card can be read: by asking for it."""
        number = int(release.removeprefix("R-"))

        def reads() -> bool:
            view = self.bot.desk.release_view(number)
            return view is not None and view.release.status == status

        wait(reads, lambda: f"{release} {status}")
        self.settles()

    def settles(self) -> None:
        """Waits until looks that were due have been taken, and what they led to has been sent."""
        before = {subject: attempt for subject, (attempt, due) in self._looks().items() if due}

        def looked() -> bool:
            now = self._looks()
            return all(not now[s][1] or now[s][0] > attempt + 1 for s, attempt in before.items())

        wait(looked, lambda: f"looks at {list(before)}")
        calm = 0

        def sent() -> bool:
            nonlocal calm
            calm = 0 if self._sending() else calm + 1
            return calm >= 3

        wait(sent, lambda: "everything to be sent")

    def _looks(self) -> dict[str, tuple[int, bool]]:
        """Of each subject how often it was looked at, and whether a look is due or under way."""
        due = or_(WATCHES.c.owner.is_not(None), WATCHES.c.due <= self.now())
        with self.database.connect() as connection:
            rows = connection.execute(select(WATCHES.c.subject, WATCHES.c.attempt, due.label("due"))).all()
        return {row.subject: (row.attempt, bool(row.due)) for row in rows}

    def _sending(self) -> bool:
        with self.database.connect() as connection:
            return connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.due.is_not(None)).limit(1)).first() is not None

    def told_as(self, name: str) -> None:
        """The end of a story: its transcript is as it was."""
        self.settles()
        self.told.look()
        self.told.compare(name)


def _is_about(message: dict[str, Any], thing: str) -> bool:
    return re.search(rf"\b{thing}\b", lines_of(message)[0]) is not None


def wait(true: Callable[[], bool], what: Callable[[], str], timeout: float = PATIENCE) -> None:
    """Looks until it is true. Raises TimeoutError."""
    until = time.monotonic() + timeout
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {timeout:g} s: {what()}")
        time.sleep(0.05)
