"""Messages that people want on an incident's timeline: by the shortcut, or by a 📌 in a place of the incident."""

from datetime import UTC, datetime

from bot.sop.model import Frozen

PIN = "pushpin"  # Slack's name of 📌


class Said(Frozen):
    """A message as Slack has it."""

    channel: str
    ts: str
    by: str | None  # None: an app wrote it
    text: str
    thread: str | None = None  # ts of the thread's first message, where it stands in one
    link: str | None = None
    ours: bool = False  # Slipway wrote it: what it did stands on timelines by itself

    @property
    def name(self) -> str:
        """What names it in Slack."""
        return f"{self.channel}/{self.ts}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(float(self.ts), UTC)


class Asked(Frozen):
    """That a message is to go on a timeline. The look reads it and decides."""

    by: str
    at: datetime
    incident: int | None = None  # None: the one in whose channel or thread it stands
    said: Said | None = None  # as the shortcut showed it; a reaction shows nothing
