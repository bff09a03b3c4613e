"""Blocks at Slack's documented limits: what just fits is taken, what just does not is refused at its place."""

import pytest
from slack_sdk.models.blocks import Block

from bot.sandbox.slack import blockkit
from tests.sandbox.slack.block_kit import actions, button, check, distinct, image, mrkdwn, plain, section

# What just fits, what just does not, and where the problem is said to be.
LIMITS = {
    "blocks of a message": ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51, "/blocks"),
    "block_id": ([section(block_id="b" * 255)], [section(block_id="b" * 256)], "/blocks/0/block_id"),
    "block_id empty": ([section(block_id="b")], [section(block_id="")], "/blocks/0/block_id"),
    "section text": ([section(text=mrkdwn("x" * 3000))], [section(text=mrkdwn("x" * 3001))], "/blocks/0/text/text"),
    "section text empty": ([section(text=mrkdwn("x"))], [section(text=mrkdwn(""))], "/blocks/0/text/text"),
    "section fields": ([section(fields=[plain()] * 10)], [section(fields=[plain()] * 11)], "/blocks/0/fields"),
    "section field": (
        [section(fields=[mrkdwn("x" * 2000)])],
        [section(fields=[mrkdwn("x" * 2001)])],
        "/blocks/0/fields/0/text",
    ),
    "section needs words": ([{"type": "section", "fields": [plain()]}], [{"type": "section"}], "/blocks/0"),
    "header": (
        [{"type": "header", "text": plain("x" * 150)}],
        [{"type": "header", "text": plain("x" * 151)}],
        "/blocks/0/text/text",
    ),
    "header is plain": (
        [{"type": "header", "text": plain()}],
        [{"type": "header", "text": mrkdwn()}],
        "/blocks/0/text/type",
    ),
    "context elements": (
        [{"type": "context", "elements": [mrkdwn()] * 10}],
        [{"type": "context", "elements": [mrkdwn()] * 11}],
        "/blocks/0/elements",
    ),
    "context not empty": (
        [{"type": "context", "elements": [mrkdwn()]}],
        [{"type": "context", "elements": []}],
        "/blocks/0/elements",
    ),
    "context holds no buttons": (
        [{"type": "context", "elements": [image()]}],
        [{"type": "context", "elements": [button()]}],
        "/blocks/0/elements/0/type",
    ),
    "actions elements": ([actions(*distinct(25))], [actions(*distinct(26))], "/blocks/0/elements"),
    "actions not empty": ([actions(button())], [actions()], "/blocks/0/elements"),
    "actions hold no text inputs": (
        [actions(button())],
        [actions({"type": "plain_text_input", "action_id": "a"})],
        "/blocks/0/elements/0/type",
    ),
    "same action_id in one block": (
        [actions(button()), actions(button())],
        [actions(button(), button())],
        "/blocks/0/elements",
    ),
    "same block_id": (
        [section(block_id="a"), section(block_id="b")],
        [section(block_id="a"), section(block_id="a")],
        "/blocks/1/block_id",
    ),
    "image alt_text": ([image(alt_text="x" * 2000)], [image(alt_text="x" * 2001)], "/blocks/0/alt_text"),
    "image alt_text is wanted": ([image()], [{"type": "image", "image_url": "https://example.com/a"}], "/blocks/0"),
    "image title": ([image(title=plain("x" * 2000))], [image(title=plain("x" * 2001))], "/blocks/0/title/text"),
    "image url": (
        [image(image_url="https://e.com/" + "x" * 2986)],
        [image(image_url="https://e.com/" + "x" * 2987)],
        "/blocks/0/image_url",
    ),
    "image url is one": ([image()], [image(image_url="a.png")], "/blocks/0/image_url"),
    "image has one source": ([image()], [image(slack_file={"id": "F1"})], "/blocks/0"),
    "image needs a source": (
        [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"}],
        [{"type": "image", "alt_text": "a"}],
        "/blocks/0",
    ),
    "markdown": (
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "markdown", "text": "x" * 12_001}],
        "/blocks/0/text",
    ),
    "rich text": (
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
            }
        ],
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "/blocks/0/elements/0/type",
    ),
    "table rows": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 100}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        "/blocks/0/rows",
    ),
    "table columns": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20]}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
        "/blocks/0/rows/0",
    ),
    "no unknown key in a block": ([{"type": "divider"}], [{"type": "divider", "color": "red"}], "/blocks/0"),
    "no unknown key in an element": ([actions(button())], [actions(button(disabled=True))], "/blocks/0/elements/0"),
    "no unknown key in a text": ([section()], [section(text={**mrkdwn(), "emoji": True})], "/blocks/0/text"),
    "no unknown block": ([{"type": "divider"}], [{"type": "banner"}], "/blocks/0/type"),
    "a type is wanted": ([{"type": "divider"}], [{"block_id": "x"}], "/blocks/0"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_just_fits_is_taken(name: str) -> None:
    assert check(LIMITS[name][0]) == []


@pytest.mark.parametrize("name", LIMITS)
def test_what_just_does_not_fit_is_refused_at_its_place(name: str) -> None:
    problems = check(LIMITS[name][1])
    assert any(problem.endswith(f"[json-pointer:{LIMITS[name][2]}]") for problem in problems), problems


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_taken_is_what_slack_sdk_takes_too(name: str) -> None:
    """An independent reading: slack_sdk's models refuse nothing that is taken here."""
    blocks = Block.parse_all(LIMITS[name][0])
    assert len(blocks) == len(LIMITS[name][0])
    for block in blocks:
        block.validate_json()


def test_the_weight_of_a_message_grows_with_text_and_with_blocks() -> None:
    assert blockkit.weight([{"type": "markdown", "text": "x" * 13_297}]) <= blockkit.WEIGHT_LIMIT
    assert blockkit.weight([{"type": "markdown", "text": "x" * 13_173}, {"type": "divider"}]) > blockkit.WEIGHT_LIMIT
    assert blockkit.weight([section(text=mrkdwn("x" * 100))] * 50) < blockkit.WEIGHT_LIMIT
