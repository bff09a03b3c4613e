"""What every request has in common: signatures, words nobody knows, failures, retries."""

import json
import logging
import threading
from datetime import datetime
from typing import Any

import pytest
from slack_bolt import BoltResponse
from slack_sdk import WebClient
from sqlalchemy.exc import OperationalError

from bot.desk import Desk, SentAlready
from bot.slack import app as slack_app
from bot.slack import commands
from bot.slack.commands import TABLE, Ask, parse
from bot.slack.people import People
from bot.sop.decision import Decision
from bot.sop.records import FreezeStatus
from storage.unit import Unit
from tests.slack import samples
from tests.slack.house import SECRET, House, adopted
from tests.slack.samples import ALICE, CAROL
from tests.slack.signed import request, send
from tests.slack.test_changes import FILLED, card, file

BOOM = RuntimeError("boom, with a secret in it")


def command(home: House, text: str = "", secret: str = SECRET) -> BoltResponse:
    said = {"command": "/release", "text": text, "user_id": ALICE, "channel_id": "C0RELEASES", "trigger_id": "1.2.x"}
    return send(home, said, secret, command=True)


def click(action_id: str, value: str = "{}") -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": ALICE},
        "trigger_id": "1.2.x",
        "container": {"type": "view"},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }


def submission(view_id: str = "V1", title: str = "Faster", hash: str = "1.a") -> dict[str, Any]:
    chosen = {"service": "shop", "kind": "extension", "risk": "low"}
    values: dict[str, Any] = {
        k: {k: {"type": "static_select", "selected_option": {"value": v}}} for k, v in chosen.items()
    }
    values |= {
        k: {k: {"type": "plain_text_input", "value": v}} for k, v in {"title": title, "why": "x", "undo": "y"}.items()
    }
    values["areas"] = {"areas": {"type": "multi_static_select", "selected_options": [{"value": "checkout"}]}}
    values["paths"] = {"paths": {"type": "plain_text_input", "value": None}}
    blocks = [{"type": "input", "block_id": k} for k in values]
    view = {"id": view_id, "hash": hash, "type": "modal", "callback_id": "change:new", "private_metadata": "{}"}
    return {
        "type": "view_submission",
        "user": {"id": ALICE},
        "trigger_id": "1.2.x",
        "view": view | {"state": {"values": values}, "blocks": blocks},
    }


def test_a_bad_signature_is_refused_and_its_body_is_not_logged(home: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert command(home, "my secret", secret="another").status == 401
    assert "my secret" not in caplog.text
    assert command(home, "status").status == 200


def test_unknown_words_get_the_nearest_and_the_help_for_one_person(home: House) -> None:
    home.hands.say(ALICE, "releases", "/release strat")
    told = home.last(ALICE)
    assert told["ephemeral"]
    assert told["text"] == "There is no `/release strat`. Did you mean `/release start [SERVICE] [CR-1]`?"
    assert "`/freeze end FRZ-1`  end a freeze" in str(told["blocks"])
    assert not [m for m in home.hands.messages(CAROL, "releases") if m["ephemeral"]]
    home.hands.say(ALICE, "releases", "/release help")
    assert home.last(ALICE)["text"] == "Slipway's commands"
    home.hands.say(ALICE, "releases", "/freeze `<!channel>` x")
    assert "<!channel>" not in str(home.last(ALICE))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "/release status CR-1",
            "“CR-1” is not an id like R-1 or a service (shop). Usage: `/release status [R-1|SERVICE]`",
        ),
        ("/change show", "Say which one: CR-1. Usage: `/change show CR-1`"),
        ("/change new now", "“now” is too much. Usage: `/change new`"),
        ("/release abort 7", "“7” is not an id like R-1. Usage: `/release abort R-1`"),
        ("/sop now", "“now” is too much. Usage: `/sop`"),
        ("/freeze end R-1", "“R-1” is not an id like FRZ-1. Usage: `/freeze end FRZ-1`"),
    ],
)
def test_what_cannot_be_read_is_said(home: House, typed: str, answer: str) -> None:
    home.hands.say(ALICE, "releases", typed)
    assert home.last(ALICE)["text"] == answer


def test_the_channel_implies_its_only_service() -> None:
    row = next(c for c in TABLE if c.usage.startswith("release status"))
    here = parse(row, [], ALICE, "C0RELEASES", samples.POLICY)
    assert here == Ask(user=ALICE, channel="C0RELEASES", service="shop")
    assert parse(row, ["SHOP"], ALICE, "C0OTHER", samples.POLICY) == Ask(ALICE, "C0OTHER", "shop", named=True)
    assert parse(row, [], ALICE, "C0OTHER", samples.POLICY) == Ask(ALICE, "C0OTHER")


def test_the_table_of_commands_is_flat_and_told_once() -> None:
    assert len({(c.word, c.verb) for c in TABLE}) == len(TABLE)
    assert all(c.says and c.says[0].islower() for c in TABLE)
    assert set(commands.WORDS) == {"change", "release", "incident", "freeze", "sop"}


def test_the_sop_is_shown(home: House) -> None:
    home.hands.say(ALICE, "releases", "/sop")
    assert home.last(ALICE)["text"] == "SOP: stage MVP, status ACTIVE"


def test_an_older_button_and_a_link_are_answered(home: House) -> None:
    assert send(home, click("release:of_an_older_version")).status == 200
    assert send(home, click("link:run")).status == 200
    assert send(home, click("change:approve", "not json")).status == 200


def test_a_form_that_cannot_open_any_more_is_said(home: House) -> None:
    answer = command(home, "start")
    assert answer.status == 200
    assert "Slack's time for opening a form was over" in answer.body


def failing(*_: Any, **__: Any) -> Any:
    raise BOOM


def test_a_failure_reaches_the_person_with_a_reference(
    home: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file(home)
    monkeypatch.setattr(Desk, "status_view", failing)
    monkeypatch.setattr(Desk, "approve", failing)
    monkeypatch.setattr(Desk, "usable_changes", failing)
    home.hands.say(ALICE, "releases", "/release status")
    home.hands.click(CAROL, "releases", card(home, CAROL)["ts"], "change:approve")
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    monkeypatch.setattr(Desk, "new_change", failing)
    answer = home.hands.fill_and_submit(ALICE, **FILLED)
    told = [home.last(ALICE)["text"], home.last(CAROL)["text"], answer["errors"]["service"]]
    for text in told:
        assert text.startswith("Something went wrong in Slipway.")
        assert "boom" not in text
        reference = text.split("Reference: ")[1]
        assert any(reference in r.getMessage() and r.exc_info for r in caplog.records)
    home.hands.close(ALICE)
    home.hands.say(ALICE, "releases", "/release start")
    home.hands.wait_for_view(ALICE, "release:start")
    assert home.hands.suggest(ALICE, "change", "") == []


def test_a_form_closes_before_the_answer_to_it_is_told(home: House) -> None:
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    slow = threading.Event()
    home.aside.submit(slow.wait)
    assert home.hands.fill_and_submit(ALICE, **FILLED) == {"result": "cleared"}
    assert home.hands.view(ALICE) is None
    assert not [m for m in home.hands.messages(ALICE, "releases") if m["ephemeral"]]
    slow.set()
    home.told()
    told = home.last(ALICE)
    assert told["ephemeral"]
    assert told["text"] == "CR-1 is filed: Faster checkout. Its card is in <#C0RELEASES>."


def test_the_answer_to_a_form_that_was_open_for_long_reaches_the_person(home: House) -> None:
    home.slack.response_urls.life = 0.0
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    home.hands.fill_and_submit(ALICE, **FILLED)
    home.told()
    assert home.last(ALICE)["text"].startswith("CR-1 is filed")
    assert [c["args"]["user"] for c in home.hands.calls("chat.postEphemeral")] == [ALICE]


@pytest.mark.parametrize(
    ("user", "typed", "answer"),
    [
        (CAROL, "/change new", "✋ To request a change you need to be a releaser. That is: Alice or Bob."),
        (CAROL, "/release start", "✋ To start a release you need to be a releaser. That is: Alice or Bob."),
        (ALICE, "/freeze start", "✋ To freeze deployments you need to be an approver."),
        (ALICE, "/freeze schedule", "✋ To freeze deployments you need to be an approver."),
    ],
)
def test_a_form_opens_only_for_who_may_send_it(home: House, user: str, typed: str, answer: str) -> None:
    before = len(home.unit(lambda unit: unit.events()))
    home.hands.say(user, "releases", typed)
    assert home.last(user)["text"].startswith(answer)
    assert home.hands.view(user) is None
    assert len(home.unit(lambda unit: unit.events())) == before, "nothing was asked for but a form"


def test_opening_a_form_stores_nothing(home: House) -> None:
    adopted(home)
    home.hands.say(CAROL, "releases", "/freeze start")
    home.hands.wait_for_view(CAROL, "freeze:start")
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    assert home.unit(lambda unit: unit.freezes(status=tuple(FreezeStatus))) == ()
    assert home.desk.change_list(None) == ()
    assert not home.outbox.run_once()


def test_an_answer_that_does_not_arrive_changes_nothing(home: House, caplog: pytest.LogCaptureFixture) -> None:
    file(home)
    lost = click("change:approve", json.dumps({"id": 1, "revision": 1}))
    lost |= {"user": {"id": CAROL}, "response_url": "http://127.0.0.1:9/nowhere"}
    assert send(home, lost).status == 200
    assert "an answer did not arrive" in caplog.text
    found = home.desk.change_view(1)
    assert found
    assert found.counted == (CAROL,)


def test_the_same_form_sent_twice_is_carried_out_once(home: House) -> None:
    first, again = send(home, submission()), send(home, submission())
    assert json.loads(first.body)["response_action"] == "update"
    assert "sent already" in again.body
    assert len(home.desk.change_list(None)) == 1
    other = send(home, submission(view_id="V2"))
    assert "CR-2 is filed" in other.body


def test_a_refused_form_may_be_sent_again_as_it_is(home: House) -> None:
    said = samples.POLICY.model_dump() | {"roles": {"releaser": ["U0BOB"], "approver": [CAROL]}}
    home.policies.append(samples.POLICY.__class__.model_validate(said))
    assert "To request a change you need to be a releaser. That is: Bob." in send(home, submission()).body
    home.policies.append(samples.POLICY)
    assert "CR-1 is filed" in send(home, submission()).body
    assert "sent already" in send(home, submission()).body


def test_a_form_whose_act_failed_may_be_sent_again(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = OperationalError("INSERT", None, OSError("disk I/O error"))

    def apply(unit: Unit, decision: Decision, now: datetime) -> None:
        raise broken

    with monkeypatch.context() as full:
        full.setattr(Unit, "apply", apply)
        assert "Something went wrong" in send(home, submission()).body
    assert home.desk.change_list(None) == ()
    assert "CR-1 is filed" in send(home, submission()).body
    assert len(home.desk.change_list(None)) == 1


def test_a_form_that_one_replica_refused_may_be_sent_to_another(home: House) -> None:
    said = samples.POLICY.model_dump() | {"roles": {"releaser": ["U0BOB"], "approver": [CAROL]}}
    home.policies.append(samples.POLICY.__class__.model_validate(said))
    assert "To request a change" in send(home, submission()).body
    home.policies.append(samples.POLICY)
    other = slack_app.build(home.desk, WebClient("xoxb-tests"), SECRET, aside=home.aside)
    assert "CR-1 is filed" in other.dispatch(request(submission())).body
    assert "sent already" in send(home, submission()).body


def test_a_form_with_null_for_everything_is_refused_not_broken(home: House) -> None:
    said = submission()
    for elements in said["view"]["state"]["values"].values():
        for element in elements.values():
            for key in ("value", "selected_option", "selected_options"):
                if key in element:
                    element[key] = None
    assert json.loads(send(home, said).body)["errors"] == {"service": "Please fill in: service."}


def test_a_form_refused_by_a_decision_may_be_sent_again_as_it_is(home: House) -> None:
    """The refusal is stored for the audit; that the form was sent is not."""
    file(home)
    form = home.desk.carrying("the form")
    assert form.reject(ALICE, 1, "no").refusal is not None  # it is her own
    assert not form.sent_already()
    assert form.reject(CAROL, 1, "no").refusal is None
    assert form.sent_already()
    with pytest.raises(SentAlready):
        form.reject(CAROL, 1, "no")


def test_a_user_group_that_slack_does_not_have_counts_for_nobody(home: House) -> None:
    named = samples.POLICY.roles.model_copy(update={"approver": (CAROL, "S0APPROVERS", "S0GONE")})
    read = People(WebClient("xoxb-tests", base_url=f"{home.hands.base_url}/api/")).directory(
        samples.POLICY.model_copy(update={"roles": named})
    )
    assert read.groups["S0GONE"] == ()
    assert CAROL in read.names
