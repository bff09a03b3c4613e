"""What Slack sends, before a handler sees it."""

from typing import Any

from bot.slack.received import whole_text


def test_no_nul_character_comes_through_whatever_it_stands_in() -> None:
    body: dict[str, Any] = {
        "text": "CR\0-1",
        "view": {"state": {"values": {"title": {"title": {"type": "plain_text_input", "value": "a\0b\0"}}}}},
        "actions": [{"value": "\0x"}, 3, None],
    }
    went_on: list[bool] = []
    whole_text(body, lambda: went_on.append(True))
    assert went_on == [True]
    assert body["text"] == "CR-1"
    assert body["view"]["state"]["values"]["title"]["title"]["value"] == "ab"
    assert body["actions"] == [{"value": "x"}, 3, None]
