"""How one value is written: in Slack's mrkdwn, or as plain text for terminal, HTTP and form errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.words.text import cut, harmless, in_code, short, visible

PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
GROUP = re.compile(r"S[A-Z0-9]{2,20}")
ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
IN_ADDRESS = {"|": "%7C", "<": "%3C", ">": "%3E", "`": "%60", '"': "%22", "*": "%2A", "~": "%7E", "&": "&amp;"}
ROLE_WORDS = {
    "releaser": "a releaser",
    "approver": "an approver",
    "incident": "someone with the incident role",
    "lead": "its lead",  # of an incident
}


class Style(StrEnum):
    SLACK = "slack"
    PLAIN = "plain"
    FORM = "form"  # an error under an input: plain text, and not in a fixed-width font


@dataclass(frozen=True)
class Pen:
    """Writes values in a style. People in `names` (Slack id -> name) stand by name and are not pinged."""

    style: Style = Style.SLACK
    names: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""  # slack.command_prefix
    zone: str | None = None  # IANA name, of who reads a form's error

    @property
    def slack(self) -> bool:
        return self.style is Style.SLACK

    def text(self, value: Any, limit: int = 300) -> str:
        """What somebody typed, on one line."""
        shown = cut(visible(str(value)), limit)
        return harmless(shown) if self.slack else shown

    def lines(self, value: Any, limit: int = 1000) -> str:
        """What somebody typed, its line breaks kept."""
        shown = cut(visible(str(value), keep_lines=True), limit)
        return harmless(shown) if self.slack else shown

    def inside_code(self, value: Any, limit: int = 200) -> str:
        shown = cut(visible(str(value)), limit)
        return in_code(shown) if self.slack else shown

    def code(self, value: Any, limit: int = 200) -> str:
        shown = self.inside_code(value, limit)
        return f"`{shown}`" if shown else "—"

    def block(self, lines: list[str], limit: int = 12) -> str:
        """The last lines of something printed, below each other."""
        kept = [(_indent(str(line)), cut(visible(str(line)), 200)) for line in lines[-limit:]]
        if not kept:
            return ""
        if not self.slack:
            return "\n" + "\n".join(f"    {indent}{line}" for indent, line in kept)
        return "\n```" + "\n".join(indent + in_code(line) for indent, line in kept) + "```"

    def bold(self, value: Any) -> str:
        return f"*{value}*" if self.slack and value else str(value)

    def italic(self, value: Any) -> str:
        return f"_{value}_" if self.slack and value else str(value)

    def button(self, name: str) -> str:
        return f"*{name}*" if self.slack else f"“{name}”"

    def command(self, words: str) -> str:
        return f"`/{self.prefix}{words}`"

    def who(self, value: Any) -> str:
        """A person, a user group, or a role: by name where it is known, else as a mention."""
        if value is None or value == "":
            return "someone"
        known = self.names.get(str(value))
        if known:
            return self.text(known, 60)
        return self.mention(value)

    def mention(self, value: Any) -> str:
        """A person or user group so that Slack tells them; by name or id in plain text."""
        who = str(value)
        if who in ROLE_WORDS:
            return ROLE_WORDS[who]
        if not self.slack:
            return self.text(self.names.get(who, f"the user group {who}" if GROUP.fullmatch(who) else who), 60)
        if PERSON.fullmatch(who):
            return f"<@{who}>"
        return f"<!subteam^{who}>" if GROUP.fullmatch(who) else self.text(who, 60)

    def time(self, value: Any, form: str = "{date_short_pretty} {time}") -> str:
        """A time as a Slack date token (each reader's own zone), in UTC elsewhere."""
        at = moment(value)
        if at is None:
            return "an unknown time"
        plain = self._in_form(at) if self.style is Style.FORM else f"{at:%Y-%m-%d %H:%M} UTC"
        return f"<!date^{int(at.timestamp())}^{form}|{plain}>" if self.slack else plain

    def until(self, value: Any) -> str:
        """Nothing where there is no time."""
        return f" until {self.time(value)}" if value else ""

    def _in_form(self, at: datetime) -> str:
        """Slack's date tokens do not work in a form's errors."""
        try:
            here = at.astimezone(ZoneInfo(self.zone)) if self.zone else None
        except (ZoneInfoNotFoundError, ValueError):
            here = None
        return f"{here.day} {here:%B, %H:%M} your time" if here else f"{at.day} {at:%B, %H:%M} UTC"

    def clock(self, value: Any) -> str:
        """The time of day only, where the day is plain from what stands around it."""
        at = moment(value)
        return self.time(at, "{time}") if self.slack or at is None else f"{at:%H:%M} UTC"

    def link(self, url: Any, label: str) -> str:
        """A link with an already written label; only the label where there is no address."""
        if not isinstance(url, str) or not ADDRESS.fullmatch(url):
            return label
        if not self.slack:
            return f"{label} ({url})"
        return "<" + "".join(IN_ADDRESS.get(c, c) for c in visible(url)) + f"|{label}>"

    def commit(self, sha: Any, url: Any = None) -> str:
        """Seven characters of a commit, linked where its address is known."""
        shown = self.inside_code(short(str(sha)))
        linked = isinstance(url, str) and ADDRESS.fullmatch(url)
        return self.link(url, shown) if linked else f"`{shown}`" if self.slack and shown else shown or "—"


PLAIN = Pen(style=Style.PLAIN)


def _indent(line: str) -> str:
    """At most 20 spaces: a traceback is read by them."""
    return " " * min(20, len(line) - len(line.lstrip(" ")))


def moment(value: Any) -> datetime | None:
    """A time out of a record or of a code's values (ISO 8601); None where it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
