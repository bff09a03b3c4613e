"""Whatever people type, an entry of the decision log is the same valid Markdown around the same words."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.sop.decision_entry import (
    NOTHING,
    LogEntry,
    in_line,
    incident_entry,
    markdown,
    paragraphs,
    placed,
    rollback_entry,
)
from bot.sop.facts import Directory
from bot.sop.records import Release, Rollback, Word
from bot.sop.stages import Procedure, Stage
from tests.sop import emergency as e
from tests.sop import good as g

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = st.text(
    st.one_of(st.sampled_from("#*_~`<>&@!|:^\\/.\n\r\t -+=[](){}\"'$0123456789ab"), st.characters()), max_size=60
) | st.sampled_from(
    [
        "# heading",
        "a\n===",
        "a\n---",
        "---",
        "***",
        "```\ncode",
        "~~~\ncode",
        "    indented",
        "\tindented",
        "\u00a0\u00a0\u00a0\u00a0indented",
        "<!-- entry INC-3 -->",
        "<!-- end of INC-3 -->",
        "-->",
        "<script>alert(1)</script>",
        "<b>bold",
        "[link](https://evil.example)",
        "![image](https://evil.example)",
        "[a]: https://evil.example\n\n[a]",
        "<https://evil.example>",
        "<someone@evil.example>",
        "&lt;b&gt; &#35; &nbsp;",
        "1. one\n2) two",
        "- item\n* item\n+ item",
        "> quote",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "a\n:--",
        "trailing \\",
        "two  \nlines",
        "a\u2028b\u0085c\x0bd",
        "\u202egpj.exe",
        "\x00\ud800",
        "[^1]\n\n[^1]: note",
        "$x$",
    ]
)
SHAPE = {"heading_open": 6, "bullet_list_open": 1, "html_block": 2}


def tokens(text: str) -> list[Token]:
    return [child for t in READER.parse(text) for child in (t, *(t.children or []))]


def rendered(text: str) -> str:
    """The words a reader sees of a piece of inline Markdown; line breaks as line breaks."""
    said = [t.content if t.type in ("text", "text_special") else "\n" for t in tokens(text) if not t.children and
            t.type in ("text", "text_special", "hardbreak", "softbreak", "paragraph_close")]  # fmt: skip
    return "".join(said).rstrip("\n")


def entry(text: str) -> LogEntry:
    sections = tuple((f"Part {n}", text) for n in range(5))
    return LogEntry(key="INC-3", title=text, facts=(("Who", text), ("What", text)), sections=sections)


def wanted(text: str) -> list[str]:
    """Words of the text by line, without what no reader could see."""
    lines = ("".join(" " if c == "\t" else c for c in line if c == "\t" or seen(c)) for line in text.splitlines())
    return [said for line in lines if (said := " ".join(line.split()))]


def seen(char: str) -> bool:
    turns = 0x202A <= ord(char) <= 0x202E or 0x2066 <= ord(char) <= 0x2069 or ord(char) in (0x61C, 0x200E, 0x200F)
    return not turns and unicodedata.category(char) not in ("Cc", "Cs")


@given(text=NASTY)
@example(text="")
@example(text="\\\n\\")
def test_structure_does_not_depend_on_what_people_type(text: str) -> None:
    found: dict[str, int] = {}
    for token in tokens(markdown(entry(text))):
        found[token.type] = found.get(token.type, 0) + 1
    for kind in ("code_block", "fence", "code_inline", "html_inline", "link_open", "image", "em_open", "s_open",
                 "table_open", "blockquote_open", "ordered_list_open", "hr", "lheading_open"):  # fmt: skip
        assert kind not in found
    assert {k: n for k, n in found.items() if k in SHAPE} == SHAPE
    assert (found["strong_open"], found["list_item_open"]) == (2, 2)


@given(text=NASTY)
def test_what_is_read_is_what_was_typed(text: str) -> None:
    text = text.replace("—", "-")
    assert [x for x in rendered(paragraphs(text)).split("\n") if x and x != NOTHING] == wanted(text)
    assert rendered(in_line(text)) == (" ".join(wanted(text)) or NOTHING)


@pytest.mark.parametrize("typed", ["a\n\nb", "a\r\n\r\n\r\nb", " a \n \n b "])
def test_paragraphs_and_lines_are_kept(typed: str) -> None:
    assert paragraphs(typed) == "a\n\nb"
    assert paragraphs("a\nb") == "a\\\nb"


def test_plain_words_stay_plain() -> None:
    told = "The re-run (of 3 jobs) failed: total = 7, see CR-12. Don't panic!"
    assert in_line(told) == told


@given(before=NASTY, first=NASTY, second=NASTY)
def test_an_entry_is_found_and_replaced_and_the_others_stay(before: str, first: str, second: str) -> None:
    other = markdown(entry(before).model_copy(update={"key": "R-9"}))
    log = placed(placed(placed("", "R-9", other), "INC-3", markdown(entry(first))), "INC-30", markdown(
        entry(first).model_copy(update={"key": "INC-30"})))  # fmt: skip
    again = placed(log, "INC-3", markdown(entry(second)))
    assert again == log.replace(markdown(entry(first)), markdown(entry(second)))
    assert placed(again, "INC-3", markdown(entry(second))) == again
    assert again.startswith("# Decision log\n\n" + other)


def test_a_log_written_by_hand_is_kept() -> None:
    by_hand = "# Our log\r\n\r\nWe moved to Berlin.\r\n"
    made = placed(by_hand, "INC-3", markdown(entry("it")))
    assert made.startswith(by_hand.rstrip("\n"))
    torn = made.replace("<!-- end of INC-3 -->", "and a word by hand")
    mended = placed(torn, "INC-3", markdown(entry("it")))
    assert mended.count("<!-- entry INC-3 -->") == mended.count("<!-- end of INC-3 -->") == 1
    assert "and a word by hand" in mended


def test_the_entry_of_an_incident() -> None:
    hotfix = e.hotfix(Stage.POST_ACTION_NOTE, resolved=Word(by=g.DAVE, at=g.NOW, says="resolved"))
    people = Directory(names={g.DAVE: "Dave *Dunn*"})
    text = incident_entry(e.incident(issue=123), e.note(), hotfix, people, e.policy())
    assert text == "\n".join([
        "<!-- entry INC-3 -->",
        "",
        "## INC-3 · Checkout fails",
        "",
        "- **Service:** shop",
        "- **Kind:** production incident",
        "- **Severity:** CRITICAL, confirmed by Dave \\*Dunn\\*",
        "- **Affected functionality:** checkout",
        "- **Declared:** 2026-11-23 13:30 UTC by alice",
        "- **Lead:** Dave \\*Dunn\\*",
        "- **Taken over from issue:** \\#123",
        f"- **Hotfix:** R-7 for CR-12, commit {g.SHA}",
        "- **Pushed:** 2026-11-23 13:55 UTC by alice",
        "- **Resolved:** 2026-11-23 14:00 UTC by Dave \\*Dunn\\*",
        "- **Note:** 2026-11-23 13:59 UTC by Dave \\*Dunn\\*",
        "",
        "### What happened",
        "",
        "Orders failed",
        "",
        "### What was affected",
        "",
        "Checkout",
        "",
        "### Cause",
        "",
        "A typo",
        "",
        "### Fix",
        "",
        "The typo is gone",
        "",
        "### Follow-ups",
        "",
        "—",
        "",
        "<!-- end of INC-3 -->",
        "",
    ])  # fmt: skip


def test_an_entry_without_a_hotfix_says_who_resolved_it() -> None:
    known: dict[str, Any] = {"resolved_by": g.DAVE, "resolved_at": g.NOW}
    text = incident_entry(e.incident(**known), e.note(), None, Directory(), e.policy())
    assert re.search(r"Resolved:\*\* 2026-11-23 14:00 UTC by dave", text)
    assert "Hotfix" not in text


def rolled_back(**changes: Any) -> Release:
    back = Rollback(
        target=g.BASE,
        target_tree=g.BASE_TREE,
        target_release=5,
        target_attestation=None,
        reverts=(7, 6),
        commits=(g.SHA,),
        reason="# It broke\n- checkout",
        was_live=True,
    )
    update = {"id": 8, "procedure": Procedure.ROLLBACK, "rollback": back.model_copy(update=changes)}
    return g.release(Stage.CI).model_copy(update=update)


def test_the_entry_of_a_rollback() -> None:
    text = rollback_entry(rolled_back(), g.facts(reverted_changes=(g.change(),)), g.policy())
    assert text.startswith("<!-- entry R-8 -->\n\n## R-8 · R-7, R-6 rolled back\n")
    for line in (
        "- **Rolled back:** R-7, R-6",
        "- **Change requests:** CR-12",
        f"- **Returned to:** R-5, commit {g.BASE}",
        f"- **Pushed:** 2026-11-23 13:55 UTC, commit {g.SHA}",
        "\\# It broke\\",
        "\\- checkout",
        g.SHA,
    ):
        assert line in text.splitlines()
    assert "had come up" not in text
    assert "How the commit returned to answered was never recorded." in text
    assert "answers as it did at the commit returned to." in rollback_entry(
        rolled_back(target_attestation=3), g.facts(), g.policy()
    )
    assert "Nothing of what was rolled back had come up" in rollback_entry(
        rolled_back(was_live=False), g.facts(), g.policy()
    )
    with pytest.raises(ValueError, match="R-7 is no rollback"):
        rollback_entry(g.release(), g.facts(), g.policy())
