"""Modals and the App Home: opening, filling, submitting, closing, and racing."""

import pytest
from slack_bolt import Ack
from slack_sdk.models.views import View

from bot.sandbox.slack.errors import PageError
from tests.sandbox.slack.kit import Bot, World, refusal
from tests.sandbox.slack.modals import ALICE, BOB, Json, field, modal, opened, submitted, words


def test_an_opened_view_is_answered_with_every_field(slack: World, bot: Bot) -> None:
    view = opened(slack, bot, modal(field("why"), private_metadata="secret", notify_on_close=True))
    assert slack.driver.stack(ALICE) == [view]
    expected = {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": "secret",
        "notify_on_close": True,
        "clear_on_close": False,
        "close": None,
        "external_id": "",
        "previous_view_id": None,
        "root_view_id": view["id"],
        "state": {"values": {}},
        "app_id": "A0SLIPWAY",
        "bot_id": "B0SLIPWAY",
        "team_id": "T0SLIPWAY",
    }
    assert {key: view[key] for key in expected} == expected
    assert view["hash"].partition(".")[1] == "."
    View(**{key: value for key, value in view.items() if key != "app_installed_team_id"}).validate_json()


def test_a_submission_carries_all_values_and_an_empty_answer_closes(slack: World, bot: Bot) -> None:
    bot.app.view("form")(lambda ack: ack())
    opened(slack, bot, modal(field("why"), field("more", optional=True), private_metadata="CR-1"))
    assert slack.driver.fill_and_submit(ALICE, why="because") == {"result": "closed"}
    view = submitted(bot)["view"]
    assert view["state"]["values"] == {
        "why": {"why_input": {"type": "plain_text_input", "value": "because"}},
        "more": {"more_input": {"type": "plain_text_input", "value": None}},
    }
    assert (view["callback_id"], view["private_metadata"]) == ("form", "CR-1")
    assert submitted(bot)["user"]["id"] == ALICE
    assert submitted(bot)["response_urls"] == []
    assert slack.driver.view(ALICE) is None


def test_what_is_required_is_asked_for_before_the_bot_hears_of_it(slack: World, bot: Bot) -> None:
    opened(slack, bot, modal(field("why"), field("more", optional=True)))
    answer = slack.driver.fill_and_submit(ALICE)
    assert answer == {"result": "errors", "errors": {"why": "Please complete this required field."}}
    assert bot.requests == []


NUMBER = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "1", "max_value": "5"}


@pytest.mark.parametrize(
    ("element", "entered", "fits"),
    [
        ({"type": "plain_text_input", "action_id": "t", "min_length": 3}, "ab", False),
        ({"type": "plain_text_input", "action_id": "t", "max_length": 3}, "abcd", False),
        ({"type": "plain_text_input", "action_id": "t", "min_length": 3}, "abc", True),
        ({"type": "plain_text_input", "action_id": "t"}, "x" * 3001, False),
        ({"type": "email_text_input", "action_id": "e"}, "alice", False),
        ({"type": "email_text_input", "action_id": "e"}, "alice@example.com", True),
        ({"type": "url_text_input", "action_id": "u"}, "example", False),
        ({"type": "url_text_input", "action_id": "u"}, "https://example.com", True),
        (NUMBER, "3", True),
        (NUMBER, "three", False),
        (NUMBER, "2.5", False),
        (NUMBER, "0", False),
        (NUMBER, "6", False),
    ],
)
def test_what_slacks_own_form_refuses(slack: World, bot: Bot, element: Json, entered: str, fits: bool) -> None:
    bot.app.view("form")(lambda ack: ack())
    opened(slack, bot, modal(field("it", element)))
    answer = slack.driver.fill_and_submit(ALICE, it=entered)
    assert (answer["result"], len(bot.requests)) == (("closed", 1) if fits else ("errors", 0))


def test_errors_keep_the_modal_open_and_what_was_entered(slack: World, bot: Bot) -> None:
    def answer(ack: Ack, view: Json) -> None:
        if view["state"]["values"]["why"]["why_input"]["value"] == "no":
            ack(response_action="errors", errors={"why": "Say more."})
        else:
            ack()

    bot.app.view("form")(answer)
    opened(slack, bot, modal(field("why"), field("other")))
    first = slack.driver.fill_and_submit(ALICE, why="no", other="kept")
    assert first == {"result": "errors", "errors": {"why": "Say more."}}
    assert slack.driver.fill_and_submit(ALICE, why="yes") == {"result": "closed"}
    assert submitted(bot)["view"]["state"]["values"]["other"]["other_input"]["value"] == "kept"


def test_an_update_replaces_the_view_and_changes_its_hash(slack: World, bot: Bot) -> None:
    bot.app.view("form")(lambda ack: ack(response_action="update", view=modal(field("next"), callback_id="second")))
    before = opened(slack, bot, modal())
    assert slack.driver.fill_and_submit(ALICE) == {"result": "updated"}
    after = slack.driver.view(ALICE)
    assert after is not None
    assert (after["id"], after["callback_id"]) == (before["id"], "second")
    assert after["hash"] != before["hash"]


def test_a_push_lies_on_top_and_clear_takes_all_away(slack: World, bot: Bot) -> None:
    bot.app.view("form")(lambda ack: ack(response_action="push", view=modal(callback_id="second")))
    bot.app.view("second")(lambda ack: ack(response_action="clear"))
    bottom = opened(slack, bot, modal())
    assert slack.driver.fill_and_submit(ALICE) == {"result": "pushed"}
    below, top = slack.driver.stack(ALICE)
    assert below["id"] == bottom["id"]
    assert (top["root_view_id"], top["previous_view_id"]) == (bottom["id"], bottom["id"])
    assert slack.driver.fill_and_submit(ALICE) == {"result": "cleared"}
    assert slack.driver.stack(ALICE) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal", "blocks": []}},
        {"response_action": "sing"},
    ],
)
def test_an_answer_slack_cannot_use_is_trouble(slack: World, bot: Bot, answer: Json) -> None:
    bot.app.view("form")(lambda ack: ack(**answer))
    opened(slack, bot, modal(field("why")))
    with pytest.raises(PageError, match=r"We had some trouble connecting\. Try again\?"):
        slack.driver.fill_and_submit(ALICE, why="x")
    assert slack.driver.view(ALICE) is not None


def test_a_bot_in_trouble_or_too_slow_is_trouble(hasty: World, hasty_bot: Bot) -> None:
    opened(hasty, hasty_bot, modal())
    hasty_bot.status = 500
    with pytest.raises(PageError, match="trouble connecting"):
        hasty.driver.fill_and_submit(ALICE)
    hasty_bot.status, hasty_bot.delay = 200, 0.4
    with pytest.raises(PageError, match="trouble connecting"):
        hasty.driver.fill_and_submit(ALICE)
    assert hasty.driver.view(ALICE) is not None


def test_an_action_in_a_modal_comes_with_view_state_and_hash(slack: World, bot: Bot) -> None:
    bot.app.action("more")(lambda ack: ack())
    press = {
        "type": "actions",
        "block_id": "acts",
        "elements": [{"type": "button", "action_id": "more", "text": words("+")}],
    }
    view = opened(slack, bot, modal(field("why"), press))
    slack.driver.click_in_view(ALICE, "more", why="so far")
    (payload,) = bot.payloads("block_actions")
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["hash"] == payload["hash"] == view["hash"]
    assert payload["view"]["state"]["values"]["why"]["why_input"]["value"] == "so far"
    assert "message" not in payload
    assert "response_url" not in payload


def test_a_view_is_pushed_by_trigger_up_to_three(slack: World, bot: Bot) -> None:
    view = opened(slack, bot, modal())
    for _ in range(2):
        trigger = slack.workspace.modals.trigger(ALICE, view["id"])
        view = dict(slack.client.views_push(trigger_id=trigger, view=modal())["view"])
    trigger = slack.workspace.modals.trigger(ALICE, view["id"])
    assert refusal(slack.client.views_push, trigger_id=trigger, view=modal())["error"] == "push_limit_reached"
    from_nowhere = slack.workspace.modals.trigger(BOB)
    assert refusal(slack.client.views_push, trigger_id=from_nowhere, view=modal())["error"] == "invalid_trigger_id"


def test_an_update_with_an_old_hash_is_refused(slack: World, bot: Bot) -> None:
    view = opened(slack, bot, modal(external_id="mine"))
    update = slack.client.views_update
    assert update(view_id=view["id"], hash=view["hash"], view=modal())["view"]["id"] == view["id"]
    late = refusal(update, view_id=view["id"], hash=view["hash"], view=modal())
    assert late["error"] == "hash_conflict"
    assert refusal(update, view_id="V404", view=modal())["error"] == "not_found"
    nameless = refusal(slack.client.api_call, api_method="views.update", json={"view": modal()})
    assert nameless["error"] == "invalid_arguments"


def test_a_view_is_found_by_its_external_id_which_is_its_own(slack: World, bot: Bot) -> None:
    opened(slack, bot, modal(external_id="mine"))
    updated = slack.client.views_update(external_id="mine", view=modal(external_id="mine", callback_id="new"))
    assert updated["view"]["callback_id"] == "new"
    trigger = slack.workspace.modals.trigger(BOB)
    double = refusal(slack.client.views_open, trigger_id=trigger, view=modal(external_id="mine"))
    assert double["error"] == "duplicate_external_id"


@pytest.mark.parametrize(
    ("view", "code"),
    [
        ({"type": "modal", "blocks": []}, "invalid_arguments"),
        ({"type": "home", "blocks": []}, "invalid_arguments"),
        (modal(private_metadata="x" * 250_001), "view_too_large"),
        (modal({"type": "markdown", "text": "x"}), "invalid_arguments"),
    ],
)
def test_views_that_slack_refuses_leave_the_trigger_unused(slack: World, bot: Bot, view: Json, code: str) -> None:
    trigger = slack.workspace.modals.trigger(ALICE)
    assert refusal(slack.client.views_open, trigger_id=trigger, view=view)["error"] == code
    assert slack.client.views_open(trigger_id=trigger, view=modal())["ok"]


def test_closing_is_told_only_when_asked_for(slack: World, bot: Bot) -> None:
    bot.app.view_closed("form")(lambda ack: ack())
    opened(slack, bot, modal(field("why")))
    slack.driver.close(ALICE)
    assert (slack.driver.view(ALICE), bot.requests) == (None, [])
    view = opened(slack, bot, modal(field("why"), notify_on_close=True))
    slack.driver.close(ALICE)
    (payload,) = bot.payloads("view_closed")
    assert (payload["view"]["id"], payload["is_cleared"]) == (view["id"], False)


def test_leaving_by_the_x_clears_the_stack_and_tells_of_the_first_view(slack: World, bot: Bot) -> None:
    bot.app.view_closed("form")(lambda ack: ack())
    first = opened(slack, bot, modal(notify_on_close=True))
    trigger = slack.workspace.modals.trigger(ALICE, first["id"])
    slack.client.views_push(trigger_id=trigger, view=modal())
    slack.driver.close(ALICE, cleared=True)
    (payload,) = bot.payloads("view_closed")
    assert (payload["view"]["id"], payload["is_cleared"]) == (first["id"], True)
    assert slack.driver.stack(ALICE) == []


def test_closing_a_view_leaves_the_one_below_unless_it_clears(slack: World, bot: Bot) -> None:
    first = opened(slack, bot, modal())
    for clear, left in ((False, [first["id"]]), (True, [])):
        trigger = slack.workspace.modals.trigger(ALICE, first["id"])
        slack.client.views_push(trigger_id=trigger, view=modal(clear_on_close=clear))
        slack.driver.close(ALICE)
        assert [view["id"] for view in slack.driver.stack(ALICE)] == left


def test_an_external_select_asks_the_bot(slack: World, bot: Bot) -> None:
    def offer(ack: Ack, payload: Json) -> None:
        names = [name for name in ("Shop", "Blog") if payload["value"].lower() in name.lower()]
        ack(options=[{"text": words(name), "value": name.lower()} for name in names])

    bot.app.options("pick")(offer)
    bot.app.view("form")(lambda ack: ack())
    pick = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
    view = opened(slack, bot, modal(field("service", pick), private_metadata="m"))
    assert [option["value"] for option in slack.driver.suggest(ALICE, "pick", "sh")] == ["shop"]
    (payload,) = bot.payloads("block_suggestion")
    asked = {key: payload[key] for key in ("action_id", "block_id", "value", "container")}
    assert asked == {
        "action_id": "pick",
        "block_id": "service",
        "value": "sh",
        "container": {"type": "view", "view_id": view["id"]},
    }
    assert payload["view"]["private_metadata"] == "m"
    assert slack.driver.fill_and_submit(ALICE, service="Blog") == {"result": "closed"}
    chosen = submitted(bot)["view"]["state"]["values"]["service"]["pick"]["selected_option"]
    assert chosen["value"] == "blog"


def test_options_that_slack_refuses_do_not_load(slack: World, bot: Bot) -> None:
    bot.app.options("pick")(lambda ack: ack(options=[{"text": words("x" * 76), "value": "v"}]))
    opened(slack, bot, modal(field("service", {"type": "external_select", "action_id": "pick"})))
    with pytest.raises(PageError, match="load results"):
        slack.driver.suggest(ALICE, "pick", "x")


def test_a_select_of_a_channel_brings_a_response_url_when_asked(slack: World, bot: Bot) -> None:
    bot.app.view("form")(lambda ack: ack())
    pick = {"type": "conversations_select", "action_id": "to", "response_url_enabled": True}
    opened(slack, bot, modal(field("where", pick)))
    slack.driver.fill_and_submit(ALICE, where="C0RELEASES")
    (place,) = submitted(bot)["response_urls"]
    assert (place["block_id"], place["action_id"], place["channel_id"]) == ("where", "to", "C0RELEASES")


def test_filling_what_is_not_there_says_what_is(slack: World, bot: Bot) -> None:
    opened(slack, bot, modal(field("why")))
    with pytest.raises(LookupError, match="no input how; there are: why/why_input"):
        slack.driver.fill_and_submit(ALICE, how="x")
    with pytest.raises(LookupError, match="has no modal open"):
        slack.driver.fill_and_submit(BOB, why="x")
