"""Outgoing acts against a Slack that breaks: nothing twice, nothing lost, nobody left without a word."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.outbox import Attempt, Done, Later, Refused
from bot.slack.post import performers
from bot.slack.wire import Wire, outcome_of
from bot.sop.decision import Decision
from bot.sop.effects import Effect, Notice, PostThread, RefreshHome, SendDirect, ShowCard
from storage import Card
from tests.slack import samples
from tests.slack.house import House
from tests.slack.samples import ALICE, CAROL
from tests.slack.test_changes import card

CARD = ShowCard(subject="CR-1", channel="C0RELEASES")


@pytest.fixture
def filed(home: House) -> House:
    """CR-1, its effects still to be performed."""
    home.desk.new_change(ALICE, samples.content())
    return home


def attempt(key: str = "card:CR-1", number: int = 1, at: Card | None = None) -> Attempt:
    return Attempt(id=1, key=key, number=number, created_at=datetime.now(UTC), card=at)


def perform(home: House, effect: Effect, made: Attempt) -> Any:
    client = home.app.client
    client.token = "xoxb-tests"
    return performers(client, home.desk)[type(effect)].perform(effect, made)


def look(home: House, effect: Effect, made: Attempt) -> Any:
    client = home.app.client
    client.token = "xoxb-tests"
    return performers(client, home.desk)[type(effect)].look(effect, made)


def test_every_post_carries_its_key(filed: House) -> None:
    filed.settle()
    posts = filed.hands.calls("chat.postMessage")
    assert posts
    assert all("outbox_key" in str(p["args"]["metadata"]) for p in posts)
    assert card(filed, ALICE)["metadata"]["event_payload"] == {"outbox_key": "card:CR-1"}


def test_a_card_whose_answer_was_lost_is_found_and_not_posted_again(filed: House) -> None:
    filed.hands.control("drop", method="chat.postMessage")
    outcome = perform(filed, CARD, attempt())
    assert isinstance(outcome, Later)
    assert outcome.unsure
    found = look(filed, CARD, attempt())
    assert isinstance(found, Done)
    assert found.result["ts"] == card(filed, ALICE)["ts"]


def test_a_card_that_never_arrived_is_not_found(filed: House) -> None:
    filed.hands.control("drop", method="chat.postMessage", before=True)
    assert isinstance(perform(filed, CARD, attempt()), Later)
    assert look(filed, CARD, attempt()) is None
    assert isinstance(perform(filed, CARD, attempt()), Done)


def test_thread_posts_and_direct_messages_are_found_too(filed: House) -> None:
    filed.settle()
    here = Card(channel="C0RELEASES", ts=card(filed, ALICE)["ts"])
    notice = Notice(code="change_voided", values={"change": "CR-1", "by": ALICE, "count": 1})
    post = PostThread(subject="CR-1", notice=notice, once="x")
    direct = SendDirect(subject="CR-1", to=CAROL, notice=notice, once="x")
    for effect in (post, direct):
        made = attempt(effect.key, at=here)
        assert look(filed, effect, made) is None
        filed.hands.control("drop", method="chat.postMessage")
        assert isinstance(perform(filed, effect, made), Later)
        assert isinstance(look(filed, effect, made), Done)


def test_slack_is_obeyed_when_it_asks_to_wait(filed: House) -> None:
    filed.hands.control("fail", method="chat.postMessage", status=429, retry_after=7)
    outcome = perform(filed, CARD, attempt())
    assert outcome == Later(7.0, outcome.error, unsure=False)


@pytest.mark.parametrize(("fault", "unsure"), [({"status": 500}, True), ({"error": "internal_error"}, True)])
def test_what_passes_is_tried_again(filed: House, fault: dict[str, Any], unsure: bool) -> None:
    filed.hands.control("fail", method="chat.postMessage", **fault)
    outcome = perform(filed, CARD, attempt())
    assert isinstance(outcome, Later)
    assert (outcome.seconds, outcome.unsure) == (None, unsure)


def test_a_missing_scope_waits_for_its_mend(filed: House) -> None:
    filed.hands.control("fail", method="chat.postMessage", error="missing_scope")
    assert perform(filed, CARD, attempt()) == Later(None, "missing_scope", unsure=False)


def test_an_unchanged_card_is_not_sent_again(filed: House) -> None:
    done = perform(filed, CARD, attempt())
    at = Card(channel="C0RELEASES", ts=done.result["ts"], rendering=done.result["rendering"])
    before = len(filed.hands.calls())
    assert perform(filed, CARD, attempt(at=at)).result["ts"] == at.ts
    assert len(filed.hands.calls()) == before


def test_a_deleted_card_is_posted_once_more_and_goes_on_there(filed: House) -> None:
    filed.settle()
    first = card(filed, ALICE)["ts"]
    filed.hands.control("delete", channel="C0RELEASES", ts=first)
    filed.desk.approve(CAROL, 1, 1)
    filed.settle()
    second = card(filed, ALICE)
    assert second["ts"] != first
    assert "APPROVED" in second["text"]
    filed.desk.withdraw_approval(CAROL, 1)
    filed.settle()
    assert card(filed, ALICE)["ts"] == second["ts"]


def test_a_card_that_may_not_be_edited_any_more_is_posted_once_more(filed: House) -> None:
    filed.settle()
    first = card(filed, ALICE)["ts"]
    filed.hands.control("close_edits")
    filed.desk.approve(CAROL, 1, 1)
    filed.settle()
    shown = [m for m in filed.hands.messages(ALICE, "releases") if m["text"].startswith("CR-1 ")]
    assert len(shown) == 2
    assert shown[0]["ts"] == first


def test_where_nothing_can_be_shown_the_owner_hears_once(filed: House) -> None:
    filed.hands.control("channel", channel="C0RELEASES", bot=False)
    filed.settle()
    filed.desk.approve(CAROL, 1, 1)
    filed.settle()
    told = [m["text"] for m in filed.hands.messages(ALICE, "@slipway")]
    lost = [t for t in told if "could not be shown in <#C0RELEASES>: `not_in_channel`" in t]
    assert len(lost) == 1
    assert "CR-1 (Faster checkout) is APPROVED by Carol." in told
    assert filed.desk.home_view(ALICE).parked >= 1


def test_an_archived_channel_stops_nothing(filed: House) -> None:
    filed.hands.control("channel", channel="C0RELEASES", archived=True)
    outcome = perform(filed, CARD, attempt())
    assert isinstance(outcome, Refused)
    assert outcome.error == "is_archived"


def test_a_thread_waits_for_its_card_and_gives_up_in_the_end(filed: House) -> None:
    notice = Notice(code="change_voided", values={"change": "CR-1", "by": ALICE, "count": 1})
    post = PostThread(subject="CR-1", notice=notice, once="x")
    assert perform(filed, post, attempt(post.key)) == Later(None, "its card is not posted yet", unsure=False)
    filed.hands.control("fail", method="chat.postMessage", error="message_not_found", times=9)
    gone = Card(channel="C0RELEASES", ts="1.000000")
    assert isinstance(perform(filed, post, attempt(post.key, 1, gone)), Later)
    assert isinstance(perform(filed, post, attempt(post.key, 5, gone)), Refused)


def test_a_thread_post_mentions_who_must_act(filed: House) -> None:
    filed.settle()
    here = Card(channel="C0RELEASES", ts=card(filed, ALICE)["ts"])
    values = {
        "release": "R-7",
        "stage": "CI",
        "finding": {"code": samples.CI_FAILED.code, "values": samples.CI_FAILED.values},
    }
    post = PostThread(subject="CR-1", notice=Notice(code="release_held", values=values), mention=(ALICE,), once="y")
    assert isinstance(perform(filed, post, attempt(post.key, at=here)), Done)
    said = filed.hands.thread(CAROL, "releases", here.ts)[-1]
    assert said["text"].startswith("<@U0ALICE> ⏸️ R-7 is HELD in CI. `deploy.yml` failed")
    assert "AssertionError: 41 != 42" in str(said["blocks"])


def test_a_direct_message_to_somebody_who_is_gone_is_refused(filed: House) -> None:
    filed.hands.control("deactivate", user=CAROL)
    notice = Notice(code="change_filed", values={"change": "CR-1", "title": "x"})
    outcome = perform(filed, SendDirect(subject="CR-1", to=CAROL, notice=notice, once="x"), attempt("k"))
    assert isinstance(outcome, Refused)


def test_an_approver_is_asked_with_the_request_and_its_buttons(filed: House) -> None:
    filed.settle()
    asked = filed.hands.messages(CAROL, "@slipway")[-1]
    assert "It can ask once a basket" in str(asked)
    filed.hands.click(CAROL, "@slipway", asked["ts"], "change:approve")
    found = filed.desk.change_view(1)
    assert found
    assert found.counted == (CAROL,)


def test_homes_are_published(filed: House) -> None:
    assert perform(filed, RefreshHome(to=ALICE), attempt("home")) == Done({})
    assert look(filed, RefreshHome(to=ALICE), attempt("home")) is None
    assert "Waits for you" in str(filed.hands.calls("views.publish")[-1]["args"])


def test_a_card_of_nothing_is_refused(home: House) -> None:
    assert isinstance(perform(home, ShowCard(subject="R-99", channel="C0RELEASES"), attempt()), Refused)
    assert isinstance(perform(home, ShowCard(subject="odd", channel="C0RELEASES"), attempt()), Refused)


def test_old_messages_are_not_looked_through(filed: House) -> None:
    client = filed.app.client
    client.token = "xoxb-tests"
    perform(filed, CARD, attempt())
    wire = Wire(client)
    assert wire.find("C0RELEASES", "card:CR-1", datetime.now(UTC))
    assert wire.find("C0RELEASES", "card:CR-1", datetime.now(UTC) + timedelta(minutes=5)) is None


def test_what_slack_refuses_for_good_keeps_its_words(filed: House) -> None:
    client = filed.app.client
    client.token = "xoxb-tests"
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="C0RELEASES", text="x", blocks=[{"type": "nonsense"}])
    outcome = outcome_of(refused.value)
    assert isinstance(outcome, Refused)
    assert outcome.error.startswith("invalid_blocks: ")


def test_two_effects_of_one_thing_go_out_in_order(filed: House) -> None:
    notice = Notice(code="change_voided", values={"change": "CR-1", "by": ALICE, "count": 1})
    posts = tuple(PostThread(subject="CR-1", notice=notice, once=str(n)) for n in range(3))
    filed.unit(lambda unit: unit.apply(Decision(effects=posts), filed.desk.now()))
    filed.settle()
    keys = [
        m["metadata"]["event_payload"]["outbox_key"]
        for m in filed.hands.thread(ALICE, "releases", card(filed, ALICE)["ts"])
    ]
    assert [k for k in keys if k.startswith("thread:CR-1:")][-3:] == [p.key for p in posts]
