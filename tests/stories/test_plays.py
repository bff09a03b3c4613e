"""The bad days that `slipway demo --play` shows, in a day of their own: each ends with 0, so its rule held."""

import os
import signal
from collections.abc import Iterator

import pytest

from bot.sandbox import sop_file
from bot.sandbox.plays import PLAYS, play
from tests.stories.conftest import Days
from tests.stories.day import Day

BAD_DAYS = sorted(set(PLAYS) - {"standard", "stopped"})


@pytest.fixture
def stage(days: Days) -> Iterator[Day]:
    """Nothing has happened yet, and sop.yaml is a play's. SIGHUP reaches the bot, elsewhere a process of its own."""
    day = days.fresh()
    sop_file.write(day.sop, sop_file.sop(day.handles.facts))
    assert day.bot.policy.reload() is None
    before = signal.signal(signal.SIGHUP, lambda _number, _frame: day.bot.policy.reload())
    yield day
    signal.signal(signal.SIGHUP, before)
    days.end()


@pytest.mark.parametrize("name", BAD_DAYS)
def test_a_bad_day_plays_itself(name: str, stage: Day, capsys: pytest.CaptureFixture[str]) -> None:
    code = play(name, stage.slack.url, stage.world, stage.sop, os.getpid())
    assert code == 0, capsys.readouterr().out
