"""What was done outside, counted where it was done."""

from collections import Counter

from bot.sandbox.slack.workspace import Workspace
from tests.stories.day import Day


def nothing_twice(day: Day) -> None:
    """Every effect has at most one message: messages carry their outbox key as metadata."""
    workspace: Workspace = day.slack_web.state.workspace
    messages = [m for channel in workspace.channels.values() for m in channel.messages.values()]
    keys = Counter(m["metadata"]["event_payload"]["outbox_key"] for m in messages if m.get("metadata"))
    assert [key for key, times in keys.items() if times > 1] == []
    assert len(keys) > 1


def pushes(day: Day, to: str) -> int:
    """How often the designated branch was moved to a commit."""
    repository = day.handles.github.world.repositories["acme/shop"]
    return sum(a.ref == "refs/heads/main" and a.after == to for a in repository.activity)
