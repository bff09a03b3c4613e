"""The command line of `slipway demo`."""

import argparse
import sys
from pathlib import Path

from bot.demo.demo import PAGE, Options, demo

PLAYS = ("standard", "stopped", "hotfix", "ci-failure", "stale-production", "rollback", "violations")


def read(arguments: list[str]) -> Options:
    """Raises SystemExit for what cannot be read, and after `--help`."""
    about = "A whole world on this machine: Slack, GitHub, CI, production, laptops, and the bot."
    command = argparse.ArgumentParser(prog="slipway demo", description=about)
    command.add_argument("--port", type=int, help=f"of the page (default {PAGE}; for a play any free one)")
    command.add_argument("--no-browser", action="store_true", help="open none")
    command.add_argument("--keep", type=Path, metavar="DIR", help="keep the world here, and go on with it next time")
    command.add_argument("--fresh", action="store_true", help="with --keep: throw away what is there first")
    command.add_argument("--play", choices=PLAYS, help="play a day without a browser, then end")
    given = command.parse_args(arguments)
    if given.port is not None and not 0 <= given.port < 65536:
        command.error(f"--port {given.port} is no port: give one of 1 to 65535, or 0 for any that is free")
    if given.fresh and given.keep is None:
        command.error("--fresh goes with --keep DIR")
    return Options(given.port, not given.no_browser, given.keep, given.fresh, given.play)


if __name__ == "__main__":
    sys.exit(demo(read(sys.argv[1:])))
