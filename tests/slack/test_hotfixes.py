"""A hotfix that was stopped, and how it is begun anew: by its card, its incident's, or its emergency change's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sop.decision import Decision
from bot.sop.incident import Declaration
from bot.sop.records import Change, ChangeStatus, IncidentKind, Release, Severity
from bot.sop.stages import Status
from tests.slack.house import House, adopted, house
from tests.slack.samples import ALICE, CAROL, DAVE
from tests.slack.test_changes import card
from tests.slack.test_failures import labels
from tests.slack.test_incidents import policy

AGAIN = "Start hotfix of INC-1"


@pytest.fixture
def night(tmp_path: Path) -> Iterator[House]:
    """INC-1, led by Dave; its hotfix R-1 with CR-1, which Carol has approved."""
    with house(tmp_path, policy()) as home:
        adopted(home)
        said = {"service": "shop", "title": "Checkout fails", "kind": IncidentKind.PRODUCTION}
        home.desk.declare_incident(ALICE, Declaration(**said, severity=Severity.CRITICAL, affected=("catalogue",)))
        home.desk.take_lead(DAVE, 1)
        home.desk.confirm_critical(DAVE, 1)
        home.desk.start_hotfix(DAVE, 1, "fix")
        home.desk.approve(CAROL, 1, 1)
        home.settle()
        yield home


def ended(home: House) -> None:
    home.desk.abort(DAVE, 1, "wrong branch")
    home.settle()


def incident(home: House) -> dict[str, Any]:
    return card(home, ALICE, "INC-1")


def change(home: House) -> Change:
    found = home.desk.change_view(1)
    assert found
    return found.change


def started(home: House) -> Release:
    found = home.desk.release_view(2)
    assert found
    return found.release


def test_while_one_runs_no_card_offers_another(night: House) -> None:
    assert "Start hotfix" not in labels(night, "INC-1")
    assert not [b for b in labels(night, "CR-1") if b.startswith("Start")]
    assert "R-1 carries it." in str(card(night, ALICE))
    assert "hotfix R-1 with CR-1" in str(incident(night))


def test_who_asks_for_another_meanwhile_is_told_at_once(night: House) -> None:
    night.hands.say(DAVE, "releases", "/incident hotfix INC-1")
    assert "R-1 (hotfix) of Dave runs on the same branch for INC-1." in night.last(DAVE)["text"]
    assert night.hands.view(DAVE) is None


def test_after_it_ended_three_cards_offer_what_is_right(night: House) -> None:
    ended(night)
    assert "hotfix R-1 was ABORTED" in str(incident(night))
    assert "Start hotfix" in labels(night, "INC-1")
    assert "Start again" in labels(night)
    assert AGAIN in labels(night, "CR-1") and "Start release" not in labels(night, "CR-1")
    assert "carries it" not in str(card(night, ALICE))


@pytest.mark.parametrize("name, button", [("R-1", "Start again"), ("CR-1", AGAIN), ("INC-1", "Start hotfix")])
def test_it_begins_anew_prefilled_with_its_change_request_and_approval(night: House, name: str, button: str) -> None:
    ended(night)
    night.hands.click(DAVE, "releases", card(night, DAVE, name)["ts"], button)
    form = str(night.hands.wait_for_view(DAVE, "incident:hotfix"))
    assert "'initial_value': 'fix'" in form
    assert "Goes on with *CR-1*" in form and "Its approval stands." in form
    assert night.hands.fill_and_submit(DAVE)["result"] == "cleared"
    night.settle()
    again = started(night)
    assert (again.change, again.candidate, again.incident, again.status) == (1, "fix", 1, Status.RUNNING)
    assert (change(night).status, len(change(night).approvals)) == (ChangeStatus.APPROVED, 1)
    assert "1 of 1 approvals" in str(card(night, ALICE))
    for old in ("R-1", "CR-1", "INC-1"):
        assert not [b for b in labels(night, old) if b.startswith("Start")], old


def test_an_edited_emergency_change_is_taken_as_it_stands(night: House) -> None:
    wider = change(night).content.model_copy(update={"areas": ("checkout", "search")})
    assert night.desk.edit_change(DAVE, 1, 1, wider).refusal is None
    ended(night)
    assert night.desk.start_hotfix(DAVE, 1, "fix").refusal is None
    assert started(night).change == 1
    assert change(night).content.areas == ("checkout", "search")


def test_one_whose_approvals_ran_out_is_asked_for_anew(night: House) -> None:
    ended(night)
    old = change(night).model_copy(update={"status": ChangeStatus.EXPIRED, "approvals": ()})
    night.unit(lambda unit: unit.apply(Decision(records=(old,)), night.desk.now()))
    night.hands.click(DAVE, "releases", incident(night)["ts"], "Start hotfix")
    assert "Its approval ran out: an approver is asked anew." in str(night.hands.wait_for_view(DAVE))
    night.hands.fill_and_submit(DAVE)
    night.settle()
    assert (started(night).change, change(night).status) == (1, ChangeStatus.OPEN)
    assert "R-2 waits for it" in night.hands.messages(CAROL, "@slipway")[-1]["text"]


def test_a_rejected_one_stays_rejected_and_the_form_says_so(night: House) -> None:
    night.desk.reject(CAROL, 1, "It hides the cause.")
    ended(night)
    assert not [b for b in labels(night, "CR-1") if b.startswith("Start")]
    night.hands.click(DAVE, "releases", card(night, DAVE, "R-1")["ts"], "Start again")
    form = str(night.hands.wait_for_view(DAVE))
    assert "*CR-1* is REJECTED by Carol: It hides the cause. Makes anew the emergency change request" in form
    night.hands.fill_and_submit(DAVE)
    night.settle()
    assert (started(night).change, change(night).status) == (2, ChangeStatus.REJECTED)


def test_nothing_is_offered_once_the_incident_is_no_confirmed_critical(night: House) -> None:
    ended(night)
    night.desk.change_severity(DAVE, 1, Severity.HIGH, "There is a way around it.")
    night.settle()
    for name in ("R-1", "CR-1", "INC-1"):
        assert not [b for b in labels(night, name) if b.startswith("Start")], name
    assert "hotfix R-1 was ABORTED: only a confirmed CRITICAL may have another" in str(incident(night))
