"""What a play reads from messages and cards."""

import pytest

from bot.sandbox.plays.reading import plain, shown
from bot.sandbox.plays.stopped.watching import reasons


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*R-7* by <@U0ALICE>", "R-7 by @Alice Ade"),
        ("<!subteam^S0APPROVERS> or Carol", "@approvers or Carol"),
        ("<https://example.com/a|compare 1…2> &lt;b&gt; &amp;", "compare 1…2 <b> &"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("`9f8e7d6` _attested_ snake_case_name", "9f8e7d6 attested snake_case_name"),
    ],
)
def test_plain_text(written: str, read: str) -> None:
    assert plain(written) == read


def test_blocks_are_read_before_the_text_that_stands_for_them() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "R-7"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Kind*\nextension"}]},
    ]
    assert shown({"text": "short", "blocks": blocks}) == "R-7\nKind\nextension"
    assert shown({"text": "only `text`"}) == "only text"


def test_reasons_of_a_card() -> None:
    card = (
        "R-7 · shop · standard release\n"
        "⛔ Commits   1 of 2 commits without CR-12\n"
        "⛔ Rule 2  1 of 2 commits references no change request:\n"
        "• 9f8e7d6 tidy up by bob\n"
        "Wanted  every commit message references CR-12\n"
        "Mend  Amend the message.\n"
        "⏸️ Rule 4  CI did not start.\n"
        "Waiting for\n"
        "• The governance check is not acknowledged.\n"
        "started by Alice 14:02"
    )
    assert reasons(card) == [
        "1 of 2 commits references no change request: • 9f8e7d6 tidy up by bob",
        "CI did not start.",
        "The governance check is not acknowledged.",
    ]
