"""A whole day: the sandbox's Slack, GitHub and production, and the real bot, joined over HTTP and git."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config import Settings
from bot.outbox import Pace
from bot.sandbox import sop_file
from bot.sandbox.asgi import Server
from bot.sandbox.github.config import GithubConfig
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.laptop import Finished, Preflight
from bot.sandbox.world.start import Handles, start_world
from bot.sandbox.world.world import World
from bot.wiring import Slipway, build

ROOT = Path(__file__).parents[2]
TOKEN, SECRET, HOOK = "xoxb-sandbox", "signing-secret", "hook-secret"


@dataclass
class Day:
    """Everything runs in this process but builds, apps and CI steps. Stop it with `stop`."""

    root: Path
    push: str = "bot"
    sop_changes: dict[str, Any] = field(default_factory=dict)
    pace: Pace = field(default_factory=lambda: Pace(first=0.1))
    handles: Handles = field(init=False)
    slack: Server = field(init=False)
    people: Driver = field(init=False)
    sop: Path = field(init=False)
    bot: Slipway | None = field(init=False, default=None)
    server: Server | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.handles = start_world(self.root / "world", GithubConfig(self.root, webhook_secret=HOOK))
        config = SlackConfig(ROOT / "manifest.yml", TOKEN, SECRET, world_url=self.handles.panel.url)
        self.slack = Server(build_slack(config)).start()
        self.people = Driver(self.slack.url)
        content = sop_file.sop(self.handles.facts, self.push, **self.sop_changes)
        self.sop = sop_file.write(self.root / "sop.yaml", content)
        if self.push == "bot":
            self.world.github.protect(pushers=["slipway[bot]"])
        self.start_bot()

    @property
    def world(self) -> World:
        return self.handles.world

    def settings(self) -> Settings:
        return Settings(
            slack_bot_token=TOKEN,  # type: ignore[arg-type]
            slack_signing_secret=SECRET,  # type: ignore[arg-type]
            slack_api_url=f"{self.slack.url}/api/",
            github_token="ghs_bot",  # type: ignore[arg-type]
            github_api_url=self.handles.github.url,
            github_webhook_secret=HOOK,  # type: ignore[arg-type]
            database_url=f"sqlite:///{self.root / 'slipway.sqlite3'}",  # type: ignore[arg-type]
            sop_file=self.sop,
            port=0,
        )

    def start_bot(self) -> None:
        self.bot = build(self.settings(), self.pace)
        self.server = Server(self.bot.app).start()
        self.slack.app.state.workspace.bot_url = self.server.url  # type: ignore[attr-defined]
        self.handles.github.world.config.webhook_url = f"{self.server.url}/github/webhooks"
        command = (sys.executable, "-m", "bot", "preflight")
        environment = {"SLIPWAY_URL": self.server.url, "SOP_FILE": str(self.sop), "PYTHONPATH": str(ROOT)}
        self.world.preflight_by(Preflight(command, environment))

    def stop_bot(self) -> None:
        if self.server:
            self.server.stop()
        self.bot = self.server = None

    def stop(self) -> None:
        self.stop_bot()
        self.people.shut()
        self.slack.stop()
        self.handles.stop()

    def preflight(self, login: str, *arguments: str) -> Finished:
        return self.world.laptop(login).preflight(*arguments)
