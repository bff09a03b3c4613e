"""A whole world but Slack, in one process: what tests and stories begin with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.asgi import Server
from bot.sandbox.github.config import GithubConfig
from bot.sandbox.github.server import Github, start
from bot.sandbox.seed import seed
from bot.sandbox.service.server import ServiceConfig
from bot.sandbox.service.server import build as build_service
from bot.sandbox.world.server import build as build_panel
from bot.sandbox.world.world import World, WorldConfig


@dataclass
class Handles:
    """What has been started. `panel.url` is the `world_url` of the sandbox's Slack; `facts` is for sop.yaml."""

    world: World
    github: Github
    service: Server
    panel: Server
    facts: dict[str, Any] = field(default_factory=dict)

    def stop(self) -> None:
        for part in (self.panel, self.github, self.service):
            part.stop()


def start_world(
    root: Path,
    github: GithubConfig | None = None,
    github_port: int = 0,
    service_port: int = 0,
    panel_port: int = 0,
) -> Handles:
    """GitHub with the sample repository, production serving its first commit, the laptops, the panel; in that order.

    Everything is kept under `root`; a world that was there before goes on. `github.root` is set here.
    """
    config = github or GithubConfig(root / "github", webhook_secret="")
    config.root = root / "github"
    bare = seed(config.root / config.owner / f"{config.repo}.git")
    hub = start(config, github_port)
    service_config = ServiceConfig(root / "production", repository=bare)
    service = Server(build_service(service_config), service_port).start()
    world = World(
        WorldConfig(
            root / "laptops",
            str(bare),
            hub.url,
            service.url,
            f"{config.owner}/{config.repo}",
            deploy_token=service_config.deploy_token,
        )
    )
    world.set_up()
    panel = Server(build_panel(world), panel_port).start()
    return Handles(world, hub, service, panel, world.facts())
