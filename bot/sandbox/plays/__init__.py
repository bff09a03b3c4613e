"""Days that play themselves, in a world that runs: people act through the page and their laptops, and nothing else."""

from collections.abc import Callable
from pathlib import Path

from bot.sandbox.plays import ci_failure, hotfix, rollback, stale_production, standard, stopped, violations
from bot.sandbox.plays.office import Office, opened
from bot.sandbox.world.world import World

PLAYS: dict[str, Callable[[Office], int]] = {
    "standard": standard.play,
    "stopped": stopped.play,
    "hotfix": hotfix.play,
    "ci-failure": ci_failure.play,
    "stale-production": stale_production.play,
    "rollback": rollback.play,
    "violations": violations.play,
}


def play(name: str, slack_url: str, world: World, sop: Path, bot_pid: int) -> int:
    """Plays it and prints what is said and done. Exit code: 0 when it went as it should."""
    with opened(slack_url, world, sop, bot_pid) as office:
        return PLAYS[name](office)
