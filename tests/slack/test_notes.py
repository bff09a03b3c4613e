"""The post-action note (H5), as those who write it meet it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.outbox import Attempt, Done, Outcome, Refused
from bot.sop.effects import WriteLog
from bot.sop.incident import Declaration
from bot.sop.records import Incident, IncidentKind, IncidentStatus, Severity
from bot.sop.resolution import NoteText
from tests.slack.house import House, house
from tests.slack.samples import ALICE, CAROL, DAVE
from tests.slack.test_changes import card
from tests.slack.test_failures import labels
from tests.slack.test_incidents import Place, policy


@dataclass
class Log:
    """A repository that answers so, one after the other."""

    answers: list[Outcome]

    def perform(self, effect: WriteLog, attempt: Attempt) -> Outcome:
        return self.answers.pop(0)

    def look(self, effect: WriteLog, attempt: Attempt) -> Done | None:
        return None


@pytest.fixture
def resolved(tmp_path: Path) -> Iterator[House]:
    """INC-1, declared by Alice, led and resolved by Dave without a hotfix; GitHub refuses its note at first."""
    answers: list[Outcome] = [Refused("Resource not accessible by integration"), Done({"url": "https://x.example/log"})]
    with house(tmp_path, policy(), {WriteLog: Log(answers)}) as home:
        said = {"service": "shop", "title": "Checkout fails", "kind": IncidentKind.PRODUCTION}
        home.desk.declare_incident(ALICE, Declaration(**said, severity=Severity.HIGH, affected=("catalogue",)))
        home.desk.take_lead(DAVE, 1)
        home.desk.add_entry(ALICE, 1, "The price service was restarted")
        home.desk.resolve_incident(DAVE, 1)
        home.settle()
        yield home


def opens(home: House, who: str) -> dict[str, Any]:
    home.hands.click(who, "releases", card(home, who, "INC-1")["ts"], "Write note")
    return home.hands.wait_for_view(who, "incident:note")


def incident(home: House) -> Incident:
    found = home.desk.incident_view(1)
    assert found
    return found.incident


WRITTEN = NoteText(happened="It broke", affected="Orders", cause="a typo", fix="none", follow_ups="")


def test_what_keeps_a_note_out_of_the_log_stands_on_the_card_and_is_tried_again(resolved: House) -> None:
    assert resolved.desk.write_note(DAVE, 1, 0, WRITTEN).refusal is None
    place = Place(resolved)
    place.settle()
    shown = str(card(resolved, ALICE, "INC-1"))
    assert "Its note could not be put into the decision log*: Resource not accessible by integration." in shown
    told = "The note of INC-1 could not be put into the decision log: Resource not accessible by integration."
    assert told in place.thread()
    resolved.hands.click(CAROL, "releases", card(resolved, CAROL, "INC-1")["ts"], "Try again")
    place.settle()
    assert "Try again" not in labels(resolved, "INC-1")
    assert "Carol had it tried again" in place.thread()
    assert incident(resolved).status is IncidentStatus.CLOSED
    assert "note in the <https://x.example/log|decision log>" in str(card(resolved, ALICE, "INC-1"))


def test_of_two_who_write_at_once_the_second_keeps_what_was_typed_and_reads_what_stands(resolved: House) -> None:
    hands = resolved.hands
    opens(resolved, CAROL)
    opens(resolved, DAVE)
    done = hands.fill_and_submit(CAROL, cause="The price service had no memory left.", fix="It has more now.")
    assert done["result"] == "cleared"
    refused = hands.fill_and_submit(DAVE, cause="A memory leak.", fix="Restarted.")
    error = refused["errors"]["happened"]
    assert error.startswith("Carol wrote the note of INC-1 meanwhile, ")
    assert "Cause: The price service had no memory left." in error
    assert error.endswith("Yours is not lost: copy what it adds, close this, open the note anew and put it in.")
    note = incident(resolved).note
    assert note and (note.by, note.cause) == (CAROL, "The price service had no memory left.")
    assert hands.view(DAVE), "the form stays open"
    hands.close(DAVE)
    resolved.settle()
    assert "The price service had no memory left." in str(opens(resolved, DAVE))
    assert hands.fill_and_submit(DAVE, cause="The price service had no memory left: a leak.")["result"] == "cleared"
    note = incident(resolved).note
    assert note and (note.by, note.revision, note.fix) == (DAVE, 2, "It has more now.")
