"""A play ends with 0 only when everything was as it has to be; what was not is said."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.people import ALICE
from bot.sandbox.plays import PLAYS
from bot.sandbox.plays.ear import Ear
from bot.sandbox.plays.ending import Broken, ended, must
from bot.sandbox.plays.office import Office, Refused, Stuck, named
from bot.sandbox.plays.telling import Teller
from bot.sandbox.slack.driver import Driver
from bot.sandbox.world.changes import NotPossible
from bot.sandbox.world.production import Production
from bot.sandbox.world.world import World, WorldConfig

NOWHERE = "http://127.0.0.1:9"


def office(root: Path) -> Office:
    """One that a play of no steps can be given: nothing answers in its world."""
    people, world = Driver(NOWHERE), World(WorldConfig(root, "nowhere", NOWHERE, NOWHERE))
    return Office(people, world, Teller(people, quiet=True), root / "sop.yaml", os.getpid(), Ear(NOWHERE, ALICE))


def test_a_day_that_came_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(office(tmp_path), lambda _office: "R-1 is COMPLETE.") == 0
    assert capsys.readouterr().out == "\nTHE RULE HELD: R-1 is COMPLETE.\n"


@pytest.mark.parametrize("trouble", [Stuck, Refused, Broken, NotPossible, LookupError, TimeoutError])
def test_a_day_that_did_not(trouble: type[Exception], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def day(_office: Office) -> str:
        raise trouble("R-1 is COMPLETE without its note")

    assert ended(office(tmp_path), day) == 1
    assert capsys.readouterr().out == "\nNOT AS IT HAS TO BE: R-1 is COMPLETE without its note\n"


@pytest.mark.parametrize("name", PLAYS)
def test_no_play_ends_well_where_nothing_happens(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a play does first, nothing comes of it."""

    def nothing(*_what: object, **_more: object) -> None:
        raise TimeoutError("nothing happened")

    monkeypatch.setattr(Driver, "control", nothing)
    monkeypatch.setattr(Driver, "messages", nothing)
    monkeypatch.setattr(Production, "versions", nothing)
    monkeypatch.setattr(Teller, "rest", lambda _teller: None)
    assert PLAYS[name](office(tmp_path)) == 1
    assert re.search("NOT (COMPLETE|AS IT HAS TO BE|AS EXPECTED): .*nothing happened", capsys.readouterr().out)


def test_a_fault_of_the_play_itself_is_none_of_these(tmp_path: Path) -> None:
    def day(_office: Office) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ended(office(tmp_path), day)


def test_what_must_be_so() -> None:
    must(True, "never said")
    with pytest.raises(Broken, match="production serves another commit"):
        must(False, "production serves another commit")


def telling(said: str) -> Callable[[], object]:
    def act() -> object:
        return said

    return act


def refusing(said: str) -> Callable[[], object]:
    def act() -> object:
        raise Refused(said)

    return act


def test_who_is_refused_is_told_why(tmp_path: Path) -> None:
    """At a form, or at the button; anything else than what is wanted is told as it was."""
    at = office(tmp_path)
    assert at.refused(refusing("you need to be an approver"), "approver") == "you need to be an approver"
    assert at.refused(telling("✋ Another person has to confirm it."), "Another person").startswith("Another")
    for act in (telling("R-1 has started."), telling(""), refusing("the quote is unknown")):
        with pytest.raises(Stuck, match="it said"):
            at.refused(act, "approver")


def test_ids_are_read_from_what_was_said() -> None:
    assert named(r"\bINC-\d+", "Declared INC-3 for shop.") == "INC-3"
    with pytest.raises(Stuck, match="names no"):
        named(r"\bINC-\d+", "Nothing was declared.")
