"""Law 12: nothing that a person types pings, links, formats or breaks a card."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sop.codes import Code
from bot.words import PLAIN, Pen, say
from bot.words.text import cut_mrkdwn, harmless, in_code, visible

NASTY = st.text(
    st.one_of(st.sampled_from("*_~`<>&@#!|:^\\/.\n\r\t -+=[](){}\"'"), st.characters()), max_size=80
) | st.sampled_from(
    [
        "<!channel>",
        "<!here|here>",
        "<@U0ALICE>",
        "<#C0RELEASES>",
        "<!subteam^S0APPROVERS>",
        "<https://evil.example|click>",
        "<mailto:a@b.example|x>",
        "<!date^1^{date}|x>",
        "&lt;!channel&gt;",
        "&amp;lt;!channel&amp;gt;",
        "@channel @here @everyone",
        "*bold* _italic_ ~struck~ `code` ```block```",
        "＊bold＊ ｀code｀",
        "> quote\n>>> quote",
        "＞ quote",
        ":tada: :white_check_mark: :skin-tone-2:",
        "\u202egpj.exe",
        "\u2066x\u2069",
        "a\x00b\x1b[31mred",
        "\ud800",
        "-->",
        "#general",
    ]
)
FORMATS = re.compile(r"[*＊~～`｀]")
OPENS_ITALICS = re.compile(r"(?<![A-Za-z0-9])[_＿]|[_＿](?![A-Za-z0-9])")
EMOJI = re.compile(r":[^\s:/,;<>&|()\[\]{}\"]{1,100}:")


def inert(shown: str) -> None:
    """No character of Slack's markup is left in it."""
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not FORMATS.search(shown)
    assert not OPENS_ITALICS.search(shown)
    assert not EMOJI.search(shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", ""))
    assert not re.search(r"@\w", shown)
    assert not any(re.match(r"\s*(&gt;|＞)", line) for line in shown.split("\n"))
    shown.encode()


@given(NASTY)
def test_one_line_is_inert(typed: str) -> None:
    shown = Pen().text(typed)
    inert(shown)
    assert "\n" not in shown


@given(NASTY)
def test_lines_are_inert(typed: str) -> None:
    inert(Pen().lines(typed))


@given(NASTY)
def test_a_code_span_holds_what_is_in_it(typed: str) -> None:
    inside = in_code(typed)
    assert "`" not in inside
    assert "<" not in inside
    assert ">" not in inside
    assert "\n" not in inside
    assert Pen().code(typed).count("`") in (0, 2)


@given(NASTY)
def test_a_terminal_gets_no_control_characters(typed: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", PLAIN.text(typed))


@given(NASTY, NASTY)
def test_whole_sentences_carry_nothing_in(title: str, reason: str) -> None:
    values = {"change": "CR-1", "title": title, "status": "REJECTED", "by": "U0CAROL", "reason": reason}
    said = say(Code.CHANGE_DECIDED, values)
    inert(said.replace("<@U0CAROL>", ""))


@given(NASTY)
def test_names_and_ids_of_people_are_no_way_in(typed: str) -> None:
    inert(Pen(names={"U0ALICE": typed or "x"}).who("U0ALICE"))
    shown = Pen().mention(typed)
    assert re.fullmatch(r"<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>", shown) or "<" not in shown


@given(NASTY, NASTY)
def test_an_address_is_no_way_in(url: str, label: str) -> None:
    pen = Pen()
    shown = pen.link(url, pen.text(label))
    assert shown.count("<") <= 1
    assert re.fullmatch(r"<https?://[^<>|`*~]+\|[^<>|]*\|?[^<>]*>", shown, re.IGNORECASE) or "<" not in shown
    assert pen.link(f"https://example.com/{visible(url).replace(' ', '')}", "x").count("|") == 1


@given(NASTY)
def test_json_and_bytes_are_well_formed(typed: str) -> None:
    assert json.loads(json.dumps(Pen().text(typed)).encode()) == Pen().text(typed)


@given(st.lists(NASTY, max_size=20), st.integers(20, 200))
def test_cutting_leaves_no_half_markup(titles: list[str], limit: int) -> None:
    pen = Pen()
    lines = [f"{pen.bold(pen.text(t) or 'x')} {pen.code(t)} {pen.link('https://x.example', 'y')}" for t in titles]
    shown = cut_mrkdwn("\n".join(lines), limit)
    assert len(shown) <= limit
    assert shown.count("<") == shown.count(">")
    assert not re.search(r"&[a-z]{0,3}(?![a-z;])", re.sub(r"&(amp|lt|gt);", "", shown))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("decision_log.md", "decision_log.md"),
        ("_italic_", "ˍitalicˍ"),
        ("2 * 3 * 4", "2 ∗ 3 ∗ 4"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
        ("see http://localhost:8000/x", "see http://localhost:8000/x"),
        (":tada: at 14:02", "꞉tada: at 14:02"),
        ("bob@example.com", "bob@\u2060example.com"),
        ("👩‍🚀 go", "👩‍🚀 go"),
        ("  much \t space\n\nbetween ", "much space between"),
    ],
)
def test_how_it_looks(typed: str, shown: str) -> None:
    assert Pen().text(typed) == shown


def test_harmless_is_the_same_twice_but_for_entities() -> None:
    assert harmless("*a* _b_ ~c~ `d`") == harmless(harmless("*a* _b_ ~c~ `d`"))
