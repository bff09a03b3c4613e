"""What a workspace is made from: the app's manifest, the channels, and how fast time passes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

SHORTCUTS_LIMIT = 10
SHORTCUT_LIMITS = {"name": 24, "callback_id": 255, "description": 150}


@dataclass(frozen=True)
class Command:
    """A slash command of the manifest; `path` is where Slack posts it, on the bot's address."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool
    path: str


@dataclass(frozen=True)
class Shortcut:
    """A shortcut in the menu of a message."""

    name: str
    callback_id: str
    description: str


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that decide what Slack does with the app."""

    name: str
    bot_name: str
    commands: tuple[Command, ...]
    message_shortcuts: tuple[Shortcut, ...]
    scopes: tuple[str, ...]
    events: frozenset[str]
    home_tab: bool
    messages_tab: bool
    messages_read_only: bool
    events_path: str
    interactivity_path: str
    options_path: str
    socket_mode: bool


@dataclass(frozen=True)
class ChannelSpec:
    """A channel that exists from the start; every person is in it, the bot only if it says so."""

    name: str
    bot_is_member: bool = True
    is_private: bool = False

    @property
    def id(self) -> str:
        return "C0" + "".join(c for c in self.name.upper() if c.isalnum())


CHANNELS = (
    ChannelSpec("releases"),
    ChannelSpec("general", bot_is_member=False),
    ChannelSpec("violations"),
    ChannelSpec("incidents"),
)


@dataclass(frozen=True)
class SlackConfig:
    """One workspace with one app installed. All durations are seconds, as Slack has them.

    `retry_after` are the waits before the second, third and fourth delivery of an event.
    `bot_url` may stay empty until the bot runs: set `workspace.bot_url` then.
    """

    manifest: Path
    bot_token: str
    signing_secret: str
    bot_url: str = ""
    app_token: str | None = None
    world_url: str | None = None
    channels: tuple[ChannelSpec, ...] = CHANNELS
    answer_within: float = 3.0
    trigger_life: float = 3.0
    response_url_life: float = 1800.0
    retry_after: tuple[float, ...] = (0.2, 60.0, 300.0)
    limits_on: bool = True


def read_manifest(path: Path) -> Manifest:
    """Reads an app manifest. Raises KeyError for what is not named, ValueError for shortcuts Slack would not accept."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    features = data.get("features", {})
    settings = data.get("settings", {})
    home = features.get("app_home", {})
    interactivity = settings.get("interactivity", {})
    subscriptions = settings.get("event_subscriptions", {})
    return Manifest(
        name=data["display_information"]["name"],
        bot_name=features.get("bot_user", {}).get("display_name", data["display_information"]["name"]),
        commands=tuple(_command(entry) for entry in features.get("slash_commands", [])),
        message_shortcuts=_message_shortcuts(features.get("shortcuts", [])),
        scopes=tuple(data.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=frozenset(subscriptions.get("bot_events", [])),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True)),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled", True)),
        events_path=_path(subscriptions.get("request_url")),
        interactivity_path=_path(interactivity.get("request_url")),
        options_path=_path(interactivity.get("message_menu_options_url") or interactivity.get("request_url")),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
    )


def _command(entry: dict[str, Any]) -> Command:
    return Command(
        command=entry["command"],
        description=entry.get("description", ""),
        usage_hint=entry.get("usage_hint", ""),
        should_escape=bool(entry.get("should_escape", False)),
        path=_path(entry.get("url")),
    )


def _message_shortcuts(entries: list[dict[str, Any]]) -> tuple[Shortcut, ...]:
    if len(entries) > SHORTCUTS_LIMIT:
        raise ValueError(f"an app has at most {SHORTCUTS_LIMIT} shortcuts")
    callbacks = [entry["callback_id"] for entry in entries]
    if len(set(callbacks)) < len(callbacks):
        raise ValueError("a callback_id belongs to one shortcut")
    for entry in entries:
        if entry["type"] not in ("global", "message"):
            raise ValueError(f"{entry['type']} is no type of a shortcut")
        for key, most in SHORTCUT_LIMITS.items():
            if not 0 < len(entry[key]) <= most:
                raise ValueError(f"the {key} of a shortcut has 1 to {most} characters: {entry[key]}")
    shown = [entry for entry in entries if entry["type"] == "message"]
    return tuple(Shortcut(entry["name"], entry["callback_id"], entry["description"]) for entry in shown)


def _path(url: str | None) -> str:
    return urlsplit(url).path if url else "/slack/events"
