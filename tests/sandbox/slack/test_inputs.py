"""Every kind of input, as the driver fills it and the bot gets it."""

from typing import Any

import pytest

from bot.sandbox.slack import actions_of, text_of
from tests.sandbox.slack.kit import Bot, World
from tests.sandbox.slack.modals import ALICE, BOB, Json, field, modal, opened, submitted, words

EVERY_INPUT: list[tuple[Json, Any, Json]] = [
    ({"type": "plain_text_input"}, "text", {"value": "text"}),
    ({"type": "email_text_input"}, "a@example.com", {"value": "a@example.com"}),
    ({"type": "url_text_input"}, "https://example.com", {"value": "https://example.com"}),
    ({"type": "number_input", "is_decimal_allowed": True}, "2.5", {"value": "2.5"}),
    ({"type": "users_select"}, BOB, {"selected_user": BOB}),
    ({"type": "multi_users_select"}, [BOB], {"selected_users": [BOB]}),
    ({"type": "channels_select"}, "C0RELEASES", {"selected_channel": "C0RELEASES"}),
    ({"type": "multi_channels_select"}, ["C0RELEASES"], {"selected_channels": ["C0RELEASES"]}),
    ({"type": "conversations_select"}, "C0RELEASES", {"selected_conversation": "C0RELEASES"}),
    ({"type": "multi_conversations_select"}, ["C0RELEASES"], {"selected_conversations": ["C0RELEASES"]}),
    ({"type": "datepicker"}, "2026-11-30", {"selected_date": "2026-11-30"}),
    ({"type": "timepicker"}, "14:30", {"selected_time": "14:30"}),
    ({"type": "datetimepicker"}, 1_800_000_000, {"selected_date_time": 1_800_000_000}),
]


@pytest.mark.parametrize(("element", "value", "entry"), EVERY_INPUT, ids=lambda part: str(part)[:40])
def test_every_input_is_filled_and_left_empty_as_slack_has_it(
    slack: World, bot: Bot, element: Json, value: Any, entry: Json
) -> None:
    bot.app.view("form")(lambda ack: ack())
    asked = field("it", {**element, "action_id": "a"}, optional=True)
    for given in ({"it": value}, {}):
        opened(slack, bot, modal(asked))
        assert slack.driver.fill_and_submit(ALICE, **given) == {"result": "closed"}
    filled, empty = (p["view"]["state"]["values"]["it"]["a"] for p in bot.payloads("view_submission"))
    assert filled == {"type": element["type"], **entry}
    unset: list[str] | None = [] if isinstance(value, list) else None
    assert empty == {"type": element["type"], next(iter(entry)): unset}


@pytest.mark.parametrize("kind", ["static_select", "radio_buttons", "multi_static_select", "checkboxes"])
def test_options_are_chosen_by_value_or_by_text(slack: World, bot: Bot, kind: str) -> None:
    bot.app.view("form")(lambda ack: ack())
    options = [{"text": words("Shop"), "value": "s"}, {"text": words("Blog"), "value": "b"}]
    many = kind in ("multi_static_select", "checkboxes")
    chosen: list[Json] = []
    for name in ("Blog", "s"):
        opened(slack, bot, modal(field("it", {"type": kind, "action_id": "a", "options": options})))
        slack.driver.fill_and_submit(ALICE, a=[name] if many else name)
        entry = submitted(bot)["view"]["state"]["values"]["it"]["a"]
        chosen += entry["selected_options"] if many else [entry["selected_option"]]
    assert [option["value"] for option in chosen] == ["b", "s"]
    opened(slack, bot, modal(field("it", {"type": kind, "action_id": "a", "options": options})))
    with pytest.raises(LookupError, match="'Wiki' is not offered"):
        slack.driver.fill_and_submit(ALICE, it=["Wiki"] if many else "Wiki")


def test_initial_values_go_along_untouched(slack: World, bot: Bot) -> None:
    bot.app.view("form")(lambda ack: ack())
    element = {"type": "plain_text_input", "action_id": "a", "initial_value": "as before"}
    opened(slack, bot, modal(field("it", element)))
    slack.driver.fill_and_submit(ALICE)
    assert submitted(bot)["view"]["state"]["values"]["it"]["a"]["value"] == "as before"


def test_what_is_read_and_what_can_be_used(slack: World, bot: Bot) -> None:
    button = {"type": "button", "action_id": "go", "text": words("Go")}
    section = {"type": "section", "text": words("one"), "fields": [words("two")], "accessory": button}
    view = opened(slack, bot, modal(section, field("why")))
    assert text_of(view).splitlines() == ["one", "two", "Go", "why"]
    assert actions_of(view) == ["go", "why_input"]
    assert text_of({"text": "only this"}) == "only this"
