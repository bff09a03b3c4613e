"""Each part of the sandbox alone, as a process: `slipway sandbox slack|github|service|world --port …`.

Prints one line, `ready http://…`, when it serves, and ends on SIGTERM, SIGINT, or when `--parent` is given and standard
input closes. `play NAME` lets people act in a world that runs, prints what they do, and ends with them.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.sandbox import checked, plays, sop_file
from bot.sandbox.asgi import CannotListen, Server
from bot.sandbox.checked import CannotStart
from bot.sandbox.github import memory as github_memory
from bot.sandbox.github.config import BOT_LOGIN, GithubConfig
from bot.sandbox.github.server import build as build_github
from bot.sandbox.github.server import serve as serve_github
from bot.sandbox.kept import Keeper
from bot.sandbox.seed import seed
from bot.sandbox.service.server import ServiceConfig
from bot.sandbox.service.server import build as build_service
from bot.sandbox.slack import memory as slack_memory
from bot.sandbox.slack.config import SlackConfig
from bot.sandbox.slack.server import build as build_slack
from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.laptop import Preflight
from bot.sandbox.world.server import build as build_panel
from bot.sandbox.world.world import World, WorldConfig

TOKENS = "Tokens: ghs_bot is the app's, for a bot; ghp_LOGIN a person's: ghp_alice, ghp_carol."
Remembers = TypeVar("Remembers")
Started = tuple[str, Callable[[], None]]  # address, how to stop it


def slack(given: argparse.Namespace) -> Started:
    manifest, bot_url, world_url = checked.manifest(given.manifest), given.bot_url, given.world_url or None
    config = SlackConfig(manifest, given.bot_token, given.signing_secret, bot_url, world_url=world_url)
    app = build_slack(config)
    keeper = remembered(slack_memory.keeper, app.state.workspace, given.state)
    server = Server(app, given.port).start()
    return server.url, stopping(server.stop, keeper)


def github(given: argparse.Namespace) -> Started:
    checked.folder("--root", given.root)
    config = GithubConfig(given.root, webhook_url=given.webhook_url or None, webhook_secret=given.webhook_secret)
    seed(config.root / config.owner / f"{config.repo}.git")
    app = build_github(config)
    keeper = remembered(github_memory.keeper, app.state.world, given.state)
    running = serve_github(app, config, given.port)
    return running.url, stopping(running.stop, keeper)


def remembered(keeper: Callable[[Remembers, Path], Keeper], of: Remembers, file: Path | None) -> Keeper | None:
    """None: nothing is kept. Raises CannotStart when the file cannot be gone on with."""
    if file is None:
        return None
    checked.folder("the folder of --state", file.absolute().parent)
    try:
        return keeper(of, file)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise CannotStart(f"--state {file} is not what this part has kept: name another file, or delete it") from None


def stopping(stop: Callable[[], None], keeper: Keeper | None) -> Callable[[], None]:
    """Lets the keeper begin; how to stop the part and then the keeper."""
    if keeper is None:
        return stop
    keeper.start()

    def both() -> None:
        stop()
        keeper.stop()

    return both


def service(given: argparse.Namespace) -> Started:
    checked.folder("--root", given.root)
    if given.repository is not None:
        checked.repository(given.repository, given.branch)
    config = ServiceConfig(given.root, given.deploy_token, given.repository, given.branch)
    server = Server(build_service(config), given.port).start()
    return server.url, server.stop


def world(given: argparse.Namespace) -> Started:
    checked.folder("--root", given.root)
    made = around(given, given.bot_pid_file)
    made.set_up()
    if given.sop:
        content = sop_file.by_hand if given.by_hand else sop_file.sop
        sop_file.write(given.sop, content(made.facts(), given.push))
        made.github.protect(**({"pushers": [BOT_LOGIN]} if given.push == "bot" else {"off": True}))
    server = Server(build_panel(made), given.port).start()
    return server.url, server.stop


def around(given: argparse.Namespace, bot_pid: Path | None = None) -> World:
    """The world that the command line names; `bot_pid`: the file that names the bot's process."""
    preflight = Preflight(tuple(json.loads(given.preflight)), json.loads(given.preflight_environment))
    config = WorldConfig(
        given.root.absolute(),
        given.remote,
        given.github_url,
        given.service_url,
        deploy_token=given.deploy_token,
        preflight=preflight,
        bot_pid=bot_pid,
    )
    return World(config)


def play(given: argparse.Namespace) -> int:
    """People act in a world that runs already."""
    return plays.play(given.name, given.slack_url, around(given), given.sop, given.bot_pid)


def parser() -> argparse.ArgumentParser:
    """The command line; `part` is the function that starts what was asked for."""
    command = argparse.ArgumentParser(prog="slipway sandbox", description="One part of the sandbox, alone.")
    parts = command.add_subparsers(required=True, metavar="slack|github|service|world|play")

    def add(part: Callable[[argparse.Namespace], Started], about: str, more: str = "") -> argparse.ArgumentParser:
        one = parts.add_parser(part.__name__, help=about, description=about, epilog=more)
        one.add_argument("--port", type=checked.port, default=0, help="0: any free port (the default)")
        one.add_argument("--parent", action="store_true", help="end when standard input closes")
        one.set_defaults(run=lambda given: serve(part, given))
        return one

    _slack_options(add(slack, "A Slack workspace with a page to use it in."))
    one = add(github, "GitHub with the sample repository acme/shop.", TOKENS)
    one.add_argument("--root", type=Path, required=True, help="where repositories and job workspaces are kept")
    one.add_argument("--webhook-url", default="", help="where the bot takes webhooks; none: none are sent")
    one.add_argument("--webhook-secret", default="", help="they are signed with it; none: they are not signed")
    one.add_argument("--state", type=Path, help="file where issues and runs are kept, and gone on with")
    one = add(service, "Production: two instances of the sample service behind one address.")
    one.add_argument("--root", type=Path, required=True, help="where what is deployed is kept")
    one.add_argument("--repository", type=Path, help="git repository to deploy at first; none: the sample as it comes")
    one.add_argument("--branch", default="main")
    one.add_argument("--deploy-token", default="deploy-secret", help="what a deploy must show (default %(default)s)")
    one = add(world, "Laptops, and the panel over them, CI and production.")
    surroundings(one)
    one.add_argument("--push", choices=("bot", "watch"), default="bot", help="bot: only the bot may push main")
    one.add_argument("--by-hand", action="store_true", help="a sop.yaml for people who try things out")
    one.add_argument("--bot-pid-file", type=Path, help="names the bot's process, which the panel may then kill")
    about = "A day that plays itself, in parts that run already."
    one = parts.add_parser("play", help=about, description=about)
    one.add_argument("name", choices=tuple(plays.PLAYS))
    one.add_argument("--parent", action="store_true", help="end when standard input closes")
    one.add_argument("--slack-url", required=True)
    one.add_argument("--bot-pid", type=int, required=True, help="the bot's process, which reads --sop anew on SIGHUP")
    surroundings(one)
    one.set_defaults(run=perform)
    return command


def _slack_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--manifest", type=Path, help="the app's; default manifest.yml here, else of Slipway's checkout")
    one.add_argument("--bot-url", default="", help="where the app is served; requests go to /slack/events there")
    one.add_argument("--bot-token", default="xoxb-sandbox", help="the only one it takes (default %(default)s)")
    one.add_argument("--signing-secret", default="sandbox-signing-secret", help="of requests (default %(default)s)")
    one.add_argument("--world-url", default="", help="the world process whose panel the page shows")
    one.add_argument("--state", type=Path, help="file where messages are kept, and gone on with; none: in memory")


def surroundings(one: argparse.ArgumentParser) -> None:
    one.add_argument("--root", type=Path, required=True, help="where the laptops' home folders are kept")
    one.add_argument("--remote", required=True, help="what the laptops clone")
    one.add_argument("--github-url", required=True)
    one.add_argument("--service-url", required=True)
    one.add_argument("--deploy-token", default="deploy-secret")
    one.add_argument("--sop", type=Path, help="where this world's sop.yaml is written")
    one.add_argument("--preflight", default="[]", help="command line of preflight, as a JSON list")
    one.add_argument("--preflight-environment", default="{}", help="what preflight finds, as a JSON object")


def until_closed(then: Callable[[], None]) -> None:
    sys.stdin.read()
    then()


def serve(part: Callable[[argparse.Namespace], Started], given: argparse.Namespace) -> int:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    try:
        url, stop = part(given)
    except (CannotStart, CannotListen, NotPossible) as why:
        print(f"slipway: {why}", file=sys.stderr)
        return 2
    print(f"ready {url}", flush=True)
    if given.parent:
        threading.Thread(target=until_closed, args=[over.set], daemon=True).start()
    over.wait()
    stop()
    return 0


def perform(given: argparse.Namespace) -> int:
    if given.parent:
        # A play waits in many places: what it has started ends with the pipes that this process holds.
        threading.Thread(target=until_closed, args=[lambda: os._exit(1)], daemon=True).start()
    return play(given)


def main() -> int:
    given = parser().parse_args()
    code: int = given.run(given)
    return code


if __name__ == "__main__":
    sys.exit(main())
