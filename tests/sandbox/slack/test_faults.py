"""What tests can break: lost answers, failures, slowness, rate limits; and the record of calls."""

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from tests.sandbox.slack.kit import TOKEN, World

RELEASES = "C0RELEASES"


def texts(slack: World) -> list[str]:
    return [message["text"] for message in slack.driver.messages("U0ALICE", "releases")]


def test_a_lost_answer_leaves_the_message_standing(slack: World) -> None:
    slack.driver.control("drop", method="chat.postMessage")
    with pytest.raises(OSError):
        slack.client.chat_postMessage(channel=RELEASES, text="posted all the same")
    assert texts(slack) == ["posted all the same"]
    assert slack.client.chat_postMessage(channel=RELEASES, text="again")["ok"]


def test_a_connection_may_be_lost_before_anything_is_done(slack: World) -> None:
    slack.driver.control("drop", method="chat.postMessage", before=True)
    with pytest.raises(OSError):
        slack.client.chat_postMessage(channel=RELEASES, text="never")
    assert texts(slack) == []


@pytest.mark.parametrize("status", [500, 503])
def test_calls_may_fail_for_a_while(slack: World, status: int) -> None:
    slack.driver.control("fail", method="*", status=status, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            slack.client.chat_postMessage(channel=RELEASES, text="x")
        assert caught.value.response.status_code == status
    assert slack.client.chat_postMessage(channel=RELEASES, text="x")["ok"]


def test_a_call_may_be_refused_with_any_code(slack: World) -> None:
    slack.driver.control("fail", method="chat.update", error="internal_error")
    ts = slack.client.chat_postMessage(channel=RELEASES, text="x")["ts"]
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_update(channel=RELEASES, ts=ts, text="y")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (200, "internal_error")


def test_a_fault_may_say_when_to_come_again(slack: World) -> None:
    slack.driver.control("fail", method="chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_postMessage(channel=RELEASES, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response["error"] == "ratelimited"


def test_healing_takes_faults_away(slack: World) -> None:
    slack.driver.control("fail", method="*", times=100)
    slack.driver.control("heal")
    assert slack.client.auth_test()["ok"]


def test_a_slow_call_is_carried_out_at_once_and_answered_late(slack: World) -> None:
    slack.driver.control("slow", method="chat.postMessage", seconds=0.3)
    form = {"token": TOKEN, "channel": RELEASES, "text": "x"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{slack.url}/api/chat.postMessage", data=form, timeout=0.1)
    assert texts(slack) == ["x"]


def test_posting_is_limited_by_channel_after_a_burst(slack: World) -> None:
    slack.driver.control("limits", on=True, post_burst=2)
    for number in range(2):
        slack.client.chat_postMessage(channel=RELEASES, text=str(number))
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_postMessage(channel=RELEASES, text="too much")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["retry-after"] == "1"
    assert slack.client.chat_postMessage(channel="C0VIOLATIONS", text="elsewhere")["ok"]
    assert texts(slack) == ["0", "1"]


def test_one_post_a_second_goes_through(slack: World) -> None:
    slack.driver.control("limits", on=True, post_burst=1)
    slack.client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    slack.client.chat_postMessage(channel=RELEASES, text="first")
    slack.client.chat_postMessage(channel=RELEASES, text="second")
    assert texts(slack) == ["first", "second"]
    assert [call["status"] for call in slack.driver.calls("chat.postMessage")] == [200, 429, 200]


def test_other_methods_are_limited_by_their_tier(slack: World) -> None:
    slack.driver.control("limits", on=True, tier_burst=2)
    ts = slack.client.chat_postMessage(channel=RELEASES, text="x")["ts"]
    for number in range(2):
        slack.client.chat_update(channel=RELEASES, ts=ts, text=str(number))
    with pytest.raises(SlackApiError) as caught:
        slack.client.chat_update(channel=RELEASES, ts=ts, text="too much")
    assert caught.value.response.headers["retry-after"] == "2"
    assert slack.client.auth_test()["ok"]


def test_limits_can_be_switched_off(slack: World) -> None:
    slack.driver.control("limits", on=False)
    for number in range(30):
        slack.client.chat_postMessage(channel=RELEASES, text=str(number))
    assert len(texts(slack)) == 30


def test_every_call_is_on_record(slack: World) -> None:
    slack.client.chat_postMessage(channel=RELEASES, text="x")
    with pytest.raises(SlackApiError):
        slack.client.chat_postMessage(channel="C404", text="x")
    slack.client.auth_test()
    first, second, third = slack.driver.calls()
    assert (first["method"], first["ok"], first["args"]["text"]) == ("chat.postMessage", True, "x")
    assert (second["ok"], second["error"]) == (False, "channel_not_found")
    assert "token" not in first["args"]
    assert slack.driver.calls(since=second["n"]) == [third]
    assert slack.driver.calls("auth.test") == [third]


def test_an_unknown_hook_is_refused(slack: World) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        slack.driver.control("dance")
