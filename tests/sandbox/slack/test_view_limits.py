"""Views and suggested options at Slack's documented limits."""

import pytest

from bot.sandbox.slack import blockkit_views
from bot.sandbox.slack.blockkit_options import option_problems
from tests.sandbox.slack.block_kit import Json, asked, modal, mrkdwn, option, options, plain, section

VIEW_LIMITS = {
    "title": (modal(title=plain("x" * 24)), modal(title=plain("x" * 25)), "/view/title/text"),
    "title is wanted": (modal(), {"type": "modal", "blocks": []}, "/view"),
    "submit": (modal(submit=plain("x" * 24)), modal(submit=plain("x" * 25)), "/view/submit/text"),
    "close": (modal(close=plain("x" * 24)), modal(close=plain("x" * 25)), "/view/close/text"),
    "private_metadata": (
        modal(private_metadata="x" * 3000),
        modal(private_metadata="x" * 3001),
        "/view/private_metadata",
    ),
    "callback_id": (modal(callback_id="x" * 255), modal(callback_id="x" * 256), "/view/callback_id"),
    "external_id": (modal(external_id="x" * 255), modal(external_id="x" * 256), "/view/external_id"),
    "blocks": (modal(*[{"type": "divider"}] * 100), modal(*[{"type": "divider"}] * 101), "/view/blocks"),
    "inner blocks": (modal(section()), modal(section(text=mrkdwn("x" * 3001))), "/view/blocks/0/text/text"),
    "inputs want submit": (modal(asked("plain_text_input")), modal(asked("plain_text_input"), submit=None), "/view"),
    "no unknown key": (modal(), modal(colour="red"), "/view"),
}


@pytest.mark.parametrize("name", VIEW_LIMITS)
def test_limits_of_modals(name: str) -> None:
    fits, does_not, place = VIEW_LIMITS[name]
    assert blockkit_views.problems(fits, "modal") == []
    problems = blockkit_views.problems(does_not, "modal")
    assert any(problem.endswith(f"[json-pointer:{place}]") for problem in problems), problems


def test_a_home_has_no_title_and_a_modal_is_no_home() -> None:
    assert blockkit_views.problems({"type": "home", "blocks": [section()]}, "home") == []
    assert blockkit_views.problems({"type": "home", "title": plain(), "blocks": []}, "home")
    assert blockkit_views.problems(modal(), "home") == ["unsupported type: modal [json-pointer:/view/type]"]


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ({"options": options(100)}, True),
        ({"options": []}, True),
        ({"options": options(101)}, False),
        ({"options": [option("x" * 76)]}, False),
        ({"option_groups": [{"label": plain(), "options": options(1)}]}, True),
        ({"options": options(1), "option_groups": []}, False),
        ({}, False),
    ],
)
def test_what_may_be_suggested(answer: Json, fits: bool) -> None:
    assert (option_problems(answer) == []) is fits
