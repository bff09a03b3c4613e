"""What a check says, and what checks look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from github import Github
from slack_sdk import WebClient

from bot.config import Settings
from bot.sop.policy import Policy

MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True)
class Finding:
    """One line. `ok` None: it could not be looked at, or is left to people; never counted as good."""

    what: str
    ok: bool | None
    said: str
    mend: str = ""

    @property
    def line(self) -> str:
        mend = f" → {self.mend}" if self.mend and not self.ok else ""
        return f"{MARKS[self.ok]} {self.what:<18} {self.said}{mend}"


@dataclass(frozen=True)
class Patient:
    """An installation whose settings and sop.yaml could be read."""

    settings: Settings
    policy: Policy
    slack: WebClient
    github: Github
    manifest: Path
    now: Callable[[], datetime]

    @property
    def repositories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s.repository for s in self.policy.services))


Check = Callable[[Patient], Iterator[Finding]]
