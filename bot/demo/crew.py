"""Every part's command line and environment: how they find each other."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.demo.place import Place

CHECKOUT = Path(__file__).parents[2]
TOKEN, SECRET, HOOK = "xoxb-sandbox", "sandbox-signing-secret", "sandbox-webhook-secret"
FOREIGN = ("SLACK_", "GITHUB_", "DATABASE_", "SOP_", "SLIPWAY_", "HOST", "PORT", "LOG_LEVEL")


@dataclass(frozen=True)
class Crew:
    """One demo's command lines. Nothing of the caller's own Slack, GitHub or database is passed on."""

    place: Place

    @property
    def slack_url(self) -> str:
        return self.place.url(self.place.ports.page)

    @property
    def github_url(self) -> str:
        return self.place.url(self.place.ports.github)

    @property
    def production_url(self) -> str:
        return self.place.url(self.place.ports.production)

    @property
    def world_url(self) -> str:
        return self.place.url(self.place.ports.world)

    @property
    def bot_url(self) -> str:
        return self.place.url(self.place.ports.bot)

    @property
    def sop(self) -> Path:
        return self.place.root / "sop.yaml"

    @property
    def bot_pid(self) -> Path:
        """Names the bot's process while it runs."""
        return self.place.root / "bot.pid"

    @property
    def bare(self) -> Path:
        """The repository that everybody clones."""
        return self.place.root / "github" / "acme" / "shop.git"

    def slack(self) -> list[str]:
        given = ["--manifest", str(CHECKOUT / "manifest.yml"), "--bot-url", self.bot_url, "--world-url", self.world_url]
        secrets = ["--bot-token", TOKEN, "--signing-secret", SECRET]
        return self._sandbox("slack", self.place.ports.page, *given, *secrets, *self._state("slack"))

    def github(self) -> list[str]:
        hooks = ["--webhook-url", f"{self.bot_url}/github/webhooks", "--webhook-secret", HOOK]
        root = ["--root", str(self.place.root / "github")]
        return self._sandbox("github", self.place.ports.github, *root, *hooks, *self._state("github"))

    def service(self) -> list[str]:
        root = ["--root", str(self.place.root / "production"), "--repository", str(self.bare)]
        return self._sandbox("service", self.place.ports.production, *root)

    def world(self, *, by_hand: bool) -> list[str]:
        """`by_hand`: people play, not a play."""
        given = ["--push", "bot", "--bot-pid-file", str(self.bot_pid), *(["--by-hand"] if by_hand else [])]
        return self._sandbox("world", self.place.ports.world, *self._around(), *given)

    def bot(self) -> list[str]:
        return [sys.executable, "-m", "bot.demo.leash"]

    def play(self, name: str, bot: int) -> list[str]:
        """`bot`: its process, which reads sop.yaml anew on SIGHUP."""
        command = [sys.executable, "-m", "bot.sandbox", "play", name, "--parent", *self._around()]
        return [*command, "--slack-url", self.slack_url, "--bot-pid", str(bot)]

    def audit(self) -> list[str]:
        return [sys.executable, "-m", "bot", "audit"]

    def environment(self) -> dict[str, str]:
        """The bot's: secrets and addresses."""
        return self.bare_environment() | {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "GITHUB_TOKEN": "ghs_bot",
            "GITHUB_API_URL": self.github_url,
            "GITHUB_WEBHOOK_SECRET": HOOK,
            "DATABASE_URL": f"sqlite:///{self.place.root / 'slipway.sqlite3'}",
            "SOP_FILE": str(self.sop),
            "HOST": "127.0.0.1",
            "PORT": str(self.place.ports.bot),
        }

    def bare_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        path = os.pathsep.join(filter(None, [str(CHECKOUT), kept.get("PYTHONPATH", "")]))
        # The sample's scripts say `python3`: a version manager's shim takes ten times as long to start.
        found = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), kept.get("PATH", os.defpath)])
        local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return kept | {"PATH": found, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **local}

    @property
    def found(self) -> dict[str, str]:
        """What preflight finds in its environment."""
        return {"SLIPWAY_URL": self.bot_url, "SOP_FILE": str(self.sop)}

    def _around(self) -> Sequence[str]:
        """What lies around a laptop."""
        preflight = [sys.executable, "-m", "bot", "preflight"]
        urls = ["--github-url", self.github_url, "--service-url", self.production_url]
        laptops = ["--root", str(self.place.root / "laptops"), "--remote", str(self.bare), "--sop", str(self.sop)]
        return [
            *laptops,
            *urls,
            "--preflight",
            json.dumps(preflight),
            "--preflight-environment",
            json.dumps(self.found),
        ]

    def _state(self, part: str) -> list[str]:
        return ["--state", str(self.place.root / f"{part}.json")] if self.place.kept else []

    def _sandbox(self, part: str, port: int, *given: str) -> list[str]:
        return [sys.executable, "-m", "bot.sandbox", part, "--parent", "--port", str(port), *given]
