"""Slack sends a request again when no answer came in time, and people send one twice: nothing changes twice."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import BoltRequest

from bot.sop.incident import Declaration
from bot.sop.records import IncidentKind, Severity
from tests.slack.house import House
from tests.slack.samples import ALICE, CAROL
from tests.slack.signed import again, event_request, request
from tests.slack.test_app import submission
from tests.slack.test_changes import card, file

Trace = tuple[int, int, int]


def trace(home: House) -> Trace:
    """How often something was decided, and how often the bot wrote to Slack or showed a Home tab."""
    home.settle()
    calls = home.hands.calls
    written = sum(c["ok"] for method in ("chat.postMessage", "chat.update") for c in calls(method))
    return home.unit(lambda unit: unit.revision()), written, len(calls("views.publish"))


def command(home: House) -> BoltRequest:
    said = Declaration(
        service="shop",
        title="Slow",
        kind=IncidentKind.BUG,
        severity=Severity.LOW,
        affected=(),
        affected_text="checkout",
        seen="It is slow.",
        issue=None,
    )
    home.desk.declare_incident(CAROL, said)
    home.desk.take_lead(CAROL, 1)
    typed = {"command": "/incident", "text": "resolve INC-1", "user_id": CAROL, "channel_id": "C0RELEASES"}
    return request({**typed, "trigger_id": "1.2.x"}, command=True)


def action(home: House) -> BoltRequest:
    file(home)
    button = next(e for b in card(home, CAROL)["blocks"] for e in b.get("elements", ()) if "Approve" in str(e))
    pressed = {"type": "button", "action_id": "change:approve", "block_id": "b", "value": button["value"]}
    shown = {"type": "block_actions", "user": {"id": CAROL}, "trigger_id": "1.2.x", "container": {"type": "view"}}
    return request({**shown, "actions": [pressed]})


def form(home: House) -> BoltRequest:
    return request(submission())


def event(home: House) -> BoltRequest:
    opened = {"type": "app_home_opened", "user": ALICE, "tab": "home", "channel": "D1", "event_ts": "1.1"}
    return event_request({"type": "event_callback", "event_id": "Ev1", "event_time": 1, "event": opened})


@pytest.mark.parametrize("make", [command, action, form, event])
def test_a_request_that_comes_again_changes_nothing_twice(home: House, make: Callable[[House], BoltRequest]) -> None:
    first = make(home)
    before = trace(home)
    assert home.app.dispatch(first).status == 200
    after = trace(home)
    assert after != before
    for number in (1, 2, 3):
        assert home.app.dispatch(again(first, number)).status == 200
        assert trace(home) == after
    assert home.unit(lambda unit: unit.verify_chain()) == (True, None)


def test_the_same_trigger_opens_one_form_and_the_second_is_told(home: House) -> None:
    home.hands.say(ALICE, "releases", "/change new")
    trigger = home.hands.calls("views.open")[-1]["args"]["trigger_id"]
    typed: dict[str, Any] = {"command": "/change", "text": "new", "user_id": ALICE, "channel_id": "C0RELEASES"}
    answer = home.app.dispatch(request({**typed, "trigger_id": trigger}, command=True))
    assert "Slack's time for opening a form was over" in answer.body
    assert len(home.hands.stack(ALICE)) == 1
