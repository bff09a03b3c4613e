"""Incidents (H1–H5), their timeline and note."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.records.release import Word


class Severity(StrEnum):
    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class IncidentKind(StrEnum):
    """T2: what a hotfix may be for."""

    PRODUCTION = "production incident"
    BUG = "critical bug affecting users"
    SECURITY = "security issue"


class IncidentStatus(StrEnum):
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"  # its note is still to be written
    CLOSED = "CLOSED"


class Entry(Frozen):
    """A line of an incident's timeline. `source`: who or what said it (a person's word, a message, the bot)."""

    at: AwareDatetime
    by: str | None
    text: str
    source: str = "said"  # said, message, bot
    link: str | None = None
    message: str | None = None  # of a message: channel and ts, which name it in Slack
    added: datetime | None = None  # of a message: when it was put here


class Note(Frozen):
    """H5: the post-action note."""

    by: str
    at: AwareDatetime
    happened: str
    affected: str
    cause: str
    fix: str
    follow_ups: str
    revision: int = 1


class Incident(Frozen):
    id: int
    service: str
    title: str
    kind: IncidentKind
    affected: tuple[str, ...]  # features and probes of the service
    affected_text: str
    severity: Severity
    worst: Severity | None = None  # that it had before it was changed
    confirmed: Word | None = None  # H1: that it is CRITICAL
    status: IncidentStatus
    declared_by: str
    lead: str | None = None
    issue: int | None = None  # the GitHub issue that it was taken over from
    channel: str | None = None  # its own, where it has one
    change: int | None = None  # the emergency change request
    hotfix: int | None = None  # the latest hotfix release
    timeline: tuple[Entry, ...] = ()
    note: Note | None = None
    logged: str | None = None  # URL of the entry in the decision log
    resolved_by: str | None = None
    resolved_at: AwareDatetime | None = None
    created_at: AwareDatetime

    @property
    def name(self) -> str:
        return f"INC-{self.id}"

    @property
    def noted(self) -> int:
        """The revision of its note; 0: none is written."""
        return self.note.revision if self.note else 0
