"""The tables that plays end with, and the names that the demo offers."""

import pytest

from bot.demo.__main__ import PLAYS as OFFERED
from bot.sandbox.plays import PLAYS
from bot.sandbox.plays import table as tables
from bot.sandbox.plays.stopped import table as stopped
from bot.sandbox.plays.violations import table as violations


@pytest.mark.parametrize(
    ("made", "rules"),
    [
        (stopped.blank(), {"S1", "P1", "P2", "P3", "P4", "P5", "1", "2", "3", "4", "5", "C", "X2", "X3", "X4"}),
        (violations.blank(), {"X1", "X2", "X3", "X4", "S2", "F1"}),
    ],
)
def test_a_table_is_whole_only_when_every_row_was_seen(made: tables.Table, rules: set[str]) -> None:
    assert {row.rule for row in made.rows} >= rules
    assert len(set(made.rows)) == len(made.rows)
    for row in made.rows:
        assert not made.whole
        made.saw(row, f"no:\n{row.seen}")
    assert made.whole
    made.trouble("something else broke")
    assert not made.whole


def test_what_was_not_seen_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    made = stopped.blank()
    made.saw(stopped.UNAPPROVED, "waits " * 40)
    lines = made.lines()
    waiting = next(line for line in lines if stopped.How.WAIT in line)
    assert waiting.startswith("P1    nobody has approved the")
    assert sum("NOT       was not seen to be stopped" in line for line in lines) == len(made.rows) - 1
    assert f"P1  {stopped.UNAPPROVED.seen}: WAIT" in capsys.readouterr().out


def test_the_demo_offers_every_play() -> None:
    assert set(OFFERED) == set(PLAYS)
