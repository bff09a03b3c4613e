"""What other people typed, made harmless (law 12), and small rules of language.

Slack documents no escape for `*`, `_`, `~` and the backtick, and how its clients tell a marker from a character is
nowhere written down. So none of them survives: each becomes a character that looks alike and marks nothing.
`&`, `<` and `>` become entities, so that no mention, link or date can be written; blocks carry `verbatim` besides.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Full-width forms mark too in Slack's clients.
LOOKALIKES = {"*": "∗", "＊": "∗", "_": "ˍ", "＿": "ˍ", "~": "∼", "～": "∼", "`": "ˋ", "｀": "ˋ", "´": "ˊ"}
COLON = "꞉"
QUOTE = "›"
JOINER = "\u2060"
EMOJI_CODE = re.compile(r":(?=[^\s:/,;<>&|()\[\]{}\"]{1,100}:)")
QUOTE_MARK = re.compile(r"(?m)^([^\S\n]*)[>＞]+")
AT_WORD = re.compile(r"@(?=\w)")
BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])")
ELLIPSIS = "…"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_JOINERS = "\u200d"  # holds the parts of one emoji together


def visible(text: str, keep_lines: bool = False) -> str:
    """Without control, direction and unpaired surrogate characters; other white space becomes single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN or c in _JOINERS)
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    if not keep_lines:
        return " ".join(line for line in lines if line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def entities(text: str) -> str:
    return "".join(ENTITIES.get(c, c) for c in text)


def harmless(text: str) -> str:
    """Visible text as Slack mrkdwn that shows as typed: no mention, link, formatting, emoji code or quote."""
    text = QUOTE_MARK.sub(lambda m: m[1] + QUOTE, text)
    kept = BETWEEN_WORDS.sub("\0", EMOJI_CODE.sub(COLON, text))  # snake_case opens no italics, and can be copied
    shown = entities("".join(LOOKALIKES.get(c, c) for c in kept)).replace("\0", "_")
    return AT_WORD.sub("@" + JOINER, shown)


def bare(text: str, limit: int) -> str:
    """One harmless line for a place that takes no markup and may take no entities: a topic."""
    angles = cut(visible(text), limit).replace("<", "‹").replace(">", "›")
    return harmless(angles).replace("&amp;", "&")


def in_code(text: str) -> str:
    """One visible line for the inside of a code span."""
    return entities(visible(text).replace("`", "ˋ").replace("｀", "ˋ"))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters (at least 1), with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def cut_mrkdwn(text: str, limit: int) -> str:
    """Cuts finished mrkdwn without leaving half a `<…>`, half an entity or an open marker."""
    if len(text) <= limit:
        return text
    head = text[: limit - 6]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    tail = head.rfind("&")
    if tail > len(head) - 6 and ";" not in head[tail:]:
        head = head[:tail]
    open_block = head.count("```") % 2
    last = head[head.rfind("\n") + 1 :]
    closing = "```" if open_block else "".join(m for m in "`*_" if last.replace("```", "").count(m) % 2)
    return head.rstrip() + ELLIPSIS + closing


def count(n: int, noun: str) -> str:
    """`3 commits`; an irregular plural is written `branch|branches`."""
    one, _, many = noun.partition("|")
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def joined(items: Sequence[str], word: str = "and", limit: int = 12) -> str:
    """`a, b and c`; beyond `limit`: `a, b … and 12 more`."""
    shown, left = list(items[:limit]), len(items) - limit
    if left > 0:
        return ", ".join(shown) + f" and {left:,} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" {word} " + shown[-1] if shown else ""


def listed(lines: Iterable[str], limit: int = 12) -> list[str]:
    """Lines cut with `and 12 more`."""
    every = list(lines)
    left = len(every) - limit
    return every[:limit] + ([f"and {left:,} more"] if left > 0 else [])


def duration(seconds: float) -> str:
    """In words, in the two largest units: `40 s`, `3 min`, `1 h 5 min`, `7 days`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 3 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return count(days, "day") + (f" {hours} h" if hours and days < 7 else "")


def short(sha: str) -> str:
    return sha[:7]
