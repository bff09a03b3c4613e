"""The App Home: opening it is an intent; the outbox publishes it."""

from typing import Any

from bot.slack.answer import Room


def opened(room: Room, event: dict[str, Any]) -> None:
    if event.get("tab") == "home" and isinstance(event.get("user"), str):
        room.desk.home_opened(event["user"])
