"""A fake Slack: one workspace with one app, its Web API, what it sends to the app, and a page to act as its people."""

from bot.sandbox.slack.config import CHANNELS, ChannelSpec, SlackConfig
from bot.sandbox.slack.driver import Driver
from bot.sandbox.slack.reading import actions_of, text_of
from bot.sandbox.slack.server import build
from bot.sandbox.slack.workspace import Workspace

__all__ = ["CHANNELS", "ChannelSpec", "Driver", "SlackConfig", "Workspace", "actions_of", "build", "text_of"]
