"""Durations, counts, lists, times, names."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sop.policy import Role
from bot.sop.stages import Intent, Procedure, Stage, Status
from bot.words import PLAIN, RULES, Pen, intent_name, procedure_name, role_name, rule, stage_name, status_name
from bot.words.names import STAGES
from bot.words.rules import SECTIONS
from bot.words.text import count, cut, duration, joined, listed, visible


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (95, "1 min 35 s"),
        (180, "3 min"),
        (185, "3 min"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (86400, "24 h"),
        (2 * 86400, "2 days"),
        (7 * 86400, "7 days"),
        (-5, "0 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("n", "noun", "words"),
    [
        (1, "commit", "1 commit"),
        (0, "commit", "0 commits"),
        (2, "branch|branches", "2 branches"),
        (1234, "path", "1,234 paths"),
    ],
)
def test_counts(n: int, noun: str, words: str) -> None:
    assert count(n, noun) == words


def test_lists() -> None:
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b"], "or") == "a or b"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert joined([str(n) for n in range(15)], limit=3) == "0, 1, 2 and 12 more"
    assert listed(["a", "b", "c"], 2) == ["a", "b", "and 1 more"]


@given(st.text(max_size=50), st.integers(1, 20))
def test_cut(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


@given(st.text(max_size=50))
def test_visible_is_stable(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_times() -> None:
    at = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    unix = int(at.timestamp())
    assert Pen().time(at) == f"<!date^{unix}^{{date_short_pretty}} {{time}}|2026-11-23 14:02 UTC>"
    assert Pen().time("2026-11-23T15:02:00+01:00") == Pen().time(at)
    assert Pen().clock(at) == f"<!date^{unix}^{{time}}|2026-11-23 14:02 UTC>"
    assert PLAIN.time(at) == "2026-11-23 14:02 UTC"
    assert PLAIN.clock(at) == "14:02 UTC"
    assert Pen().time("soon") == "an unknown time"


def test_every_stage_status_intent_and_role_has_a_name() -> None:
    assert set(STAGES) == set(Stage)
    for name in (*map(stage_name, Stage), *map(procedure_name, Procedure), *map(role_name, Role)):
        assert name
        assert "_" not in name
    assert [status_name(s) for s in Status] == ["RUNNING", "HELD", "STOPPED", "ABORTED", "COMPLETE", "ROLLED BACK"]
    assert all(intent_name(i) for i in Intent)
    assert stage_name("POST_ACTION_NOTE") == "Post-action note"


def test_every_rule_has_its_sentence_and_a_section() -> None:
    numbers = {n for numbers in SECTIONS.values() for n in numbers}
    assert numbers == set(RULES)
    assert all(re.fullmatch(r"[SPTHFRX]\d|\d|C", n) for n in RULES)
    assert rule("P1") == "A change request exists and is approved."
    assert rule("Z9") == "Z9"
    assert all(s.endswith((".", "?")) for s in RULES.values())


def test_every_rule_that_a_gate_names_is_known() -> None:
    from bot.sop.gates import GATES

    named = {number for stages in GATES.values() for rows in stages.values() for number, _ in rows}
    assert named <= set(RULES)


def test_words_are_pure() -> None:
    sources = Path(__file__).parents[2].joinpath("bot", "words").glob("*.py")
    assert all(not re.search(r"^(import|from) (os|time|logging|slack)", s.read_text(), re.M) for s in sources)
