"""What a person reads on the page, as plain lines: the same text whatever the day's ports, commits and clocks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.sandbox.people import APPROVERS_GROUP, PEOPLE

NAMES = {person.slack_id: person.name for person in PEOPLE} | {APPROVERS_GROUP[0]: APPROVERS_GROUP[1]}
NAMES |= {"U0SLIPWAY": "slipway"}
MARKUP: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"<@(\w+)>", lambda m: f"@{NAMES[m[1]]}"),
    (r"<!subteam\^(\w+)>", lambda m: f"@{NAMES[m[1]]}"),
    (r"<!date\^[^>]*>", "TIME"),
    (r"<#C0(\w+)>", lambda m: f"#{m[1].lower()}"),
    (r"<https?://[^|>]*\|([^>]*)>", r"\1"),
    (r"(?<!\w)[*_]([^*_\n]+)[*_](?!\w)", r"\1"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)


def lines_of(shown: dict[str, Any]) -> list[str]:
    """A message or a view: the texts of its blocks, a row of buttons in brackets; without blocks, its text."""
    blocks = shown.get("blocks") or []
    texts = [text for block in blocks for text in _block(block)] if blocks else [str(shown.get("text", ""))]
    return [line.rstrip() for text in texts for line in plain(text).splitlines()]


@lru_cache(maxsize=5000)
def plain(mrkdwn: str) -> str:
    for pattern, instead in MARKUP:
        mrkdwn = re.sub(pattern, instead, mrkdwn)
    return mrkdwn


def _block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind in ("header", "section") and block.get("text"):
        yield block["text"]["text"]
    if kind == "section":
        yield from (" / ".join(field["text"].splitlines()) for field in block.get("fields", []))
    if kind == "context":
        yield from (element["text"] for element in block["elements"])
    if kind == "actions":
        yield " ".join(f"[ {element['text']['text']} ]" for element in block["elements"])
    if kind == "input":
        hint = f" ({block['hint']['text']})" if block.get("hint") else ""
        yield f"{block['label']['text']}: {_entered(block['element']) or '____'}{hint}"
    if kind == "divider":
        yield "—"


def _entered(element: dict[str, Any]) -> str:
    """What stands in an input when it is shown."""
    if element["type"] == "checkboxes":
        return ", ".join(f"☐ {option['text']['text']}" for option in element["options"])
    options = element.get("initial_options") or [o for o in [element.get("initial_option")] if o]
    return str(element.get("initial_value", "")) or ", ".join(option["text"]["text"] for option in options)


@dataclass
class Steady:
    """Gives what differs from day to day a steady name, by its first appearance in one story."""

    aliases: dict[str, str] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        for actual, alias in self.aliases.items():
            text = text.replace(actual, alias)
        text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
        text = re.sub(r"\b(1[789]\d{8}|(\d{4}-\d\d-\d\d |\d+ [A-Z]\w+, )?\d\d:\d\d (UTC|your time))\b", "TIME", text)
        text = re.sub(r"\b\d+(\.\d+)? ?(s|min|h)\b( \d+ (s|min)\b)?", "N s", text)
        text = text.replace("N s of about N s", "N s")  # other stories' runs
        text = re.sub(r"_work/\w+", "_work/N", text)
        text = re.sub(r"\brollout \d+", "rollout N", text)
        text = re.sub(r"(Last lines of the deploy:\s+```)[^`]*", r"\1 … ", text)  # how far it had come
        text = re.sub(r"SHA256:[\w+/]+", "KEY", text)
        text = re.sub(r"\b[0-9a-f]{7,64}\b", lambda m: self._name("sha", m[0][:7], "sha"), text)
        text = re.sub(r"\b(CR|R|FRZ|INC|V)-(\d+)\b", lambda m: self._name(m[1], m[2], f"{m[1]}-"), text)
        return re.sub(r"#(\d+)\b", lambda m: self._name("issue", m[1], "#"), text)

    def _name(self, kind: str, actual: str, prefix: str) -> str:
        known = self.given.setdefault(kind, {})
        return known.setdefault(actual, f"{prefix}{len(known) + 1}")
