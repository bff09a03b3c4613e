"""Each part of the sandbox alone, as a process: `python -m bot.sandbox slack|github|service|world --port …`.

Prints one line, `ready http://…`, when it serves, and ends on SIGTERM, SIGINT, or when `--parent` is given and standard
input closes.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from bot.sandbox.asgi import Server
from bot.sandbox.github.config import GithubConfig
from bot.sandbox.github.server import start as start_github
from bot.sandbox.seed import seed
from bot.sandbox.service.server import ServiceConfig
from bot.sandbox.service.server import build as build_service
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.server import build as build_panel
from bot.sandbox.world.world import World, WorldConfig

Started = tuple[str, Callable[[], None]]  # address, how to stop it


def slack(given: argparse.Namespace) -> Started:
    config = SlackConfig(
        given.manifest, given.bot_token, given.signing_secret, given.bot_url, world_url=given.world_url or None
    )
    server = Server(build_slack(config), given.port).start()
    return server.url, server.stop


def github(given: argparse.Namespace) -> Started:
    config = GithubConfig(given.root, webhook_url=given.webhook_url or None, webhook_secret=given.webhook_secret)
    seed(config.root / config.owner / f"{config.repo}.git")
    running = start_github(config, given.port)
    return running.url, running.stop


def service(given: argparse.Namespace) -> Started:
    config = ServiceConfig(given.root, given.deploy_token, given.repository, given.branch)
    server = Server(build_service(config), given.port).start()
    return server.url, server.stop


def world(given: argparse.Namespace) -> Started:
    preflight = Preflight(tuple(json.loads(given.preflight)), json.loads(given.preflight_environment))
    made = World(
        WorldConfig(
            given.root,
            given.remote,
            given.github_url,
            given.service_url,
            deploy_token=given.deploy_token,
            preflight=preflight,
        )
    )
    made.set_up()
    server = Server(build_panel(made), given.port).start()
    return server.url, server.stop


def parser() -> argparse.ArgumentParser:
    """The command line; `part` is the function that starts what was asked for."""
    command = argparse.ArgumentParser(prog="python -m bot.sandbox", description="One part of the sandbox, alone.")
    parts = command.add_subparsers(required=True, metavar="slack|github|service|world")

    def add(part: Callable[[argparse.Namespace], Started], about: str) -> argparse.ArgumentParser:
        one = parts.add_parser(part.__name__, help=about, description=about)
        one.add_argument("--port", type=int, default=0, help="0: any free port")
        one.add_argument("--parent", action="store_true", help="end when standard input closes")
        one.set_defaults(part=part)
        return one

    one = add(slack, "A Slack workspace with a page to use it in.")
    one.add_argument("--manifest", type=Path, default=Path("manifest.yml"), help="the app's manifest")
    one.add_argument("--bot-url", default="", help="where the app is served; requests go to /slack/events there")
    one.add_argument("--bot-token", default="xoxb-sandbox")
    one.add_argument("--signing-secret", default="sandbox-signing-secret")
    one.add_argument("--world-url", default="", help="the world process whose panel the page shows")
    one = add(github, "GitHub with the sample repository acme/shop.")
    one.add_argument("--root", type=Path, required=True, help="where repositories and job workspaces are kept")
    one.add_argument("--webhook-url", default="")
    one.add_argument("--webhook-secret", default="")
    one = add(service, "Production: two instances of the sample service behind one address.")
    one.add_argument("--root", type=Path, required=True, help="where what is deployed is kept")
    one.add_argument("--repository", type=Path, help="git repository to deploy at first; none: the sample as it comes")
    one.add_argument("--branch", default="main")
    one.add_argument("--deploy-token", default="deploy-secret")
    one = add(world, "Laptops, and the panel over them, CI and production.")
    one.add_argument("--root", type=Path, required=True, help="where the laptops' home folders are kept")
    one.add_argument("--remote", required=True, help="what the laptops clone")
    one.add_argument("--github-url", required=True)
    one.add_argument("--service-url", required=True)
    one.add_argument("--deploy-token", default="deploy-secret")
    one.add_argument("--preflight", default="[]", help="command line of preflight, as a JSON list")
    one.add_argument("--preflight-environment", default="{}", help="what preflight finds, as a JSON object")
    return command


def until_closed(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def main() -> int:
    given = parser().parse_args()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    url, stop = given.part(given)
    print(f"ready {url}", flush=True)
    if given.parent:
        threading.Thread(target=until_closed, args=[over], daemon=True).start()
    over.wait()
    stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
