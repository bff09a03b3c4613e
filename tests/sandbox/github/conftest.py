from collections.abc import Iterator
from pathlib import Path

import githubkit
import pytest

from bot.sandbox.asgi import Server
from bot.sandbox.github.server import Github, GithubConfig, start
from tests.sandbox.github.town import Clone, Inbox, control, seed


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Github]:
    config = GithubConfig(tmp_path / "hub", secrets={"KEY": "s3cr3t-value"}, variables={"PLACE": "berlin"})
    running = start(config)
    running.world.create_repository("acme", "shop", seed(tmp_path))
    yield running
    running.stop()


@pytest.fixture
def alice(github: Github, tmp_path: Path) -> Clone:
    return Clone(github.world.config.root / "acme/shop.git", tmp_path / "alice")


@pytest.fixture
def kit(github: Github) -> Iterator[githubkit.GitHub[githubkit.TokenAuthStrategy]]:
    """githubkit parses every answer into models made from GitHub's own description."""
    token = githubkit.TokenAuthStrategy("ghs_bot")
    with githubkit.GitHub(token, base_url=github.url, http_cache=False, auto_retry=False) as made:
        yield made


@pytest.fixture
def inbox(github: Github) -> Iterator[Inbox]:
    """Where webhooks arrive."""
    box = Inbox()
    server = Server(box.app()).start()
    control(github.url, "webhooks", url=f"{server.url}/hook", secret="whisper")
    yield box
    server.stop()
