"""Reason codes and states as sentences, for Slack, terminal and HTTP alike. Pure.

`say(code, values)` is the way in; `Pen` knows the style (Slack's mrkdwn or plain text) and people's names.
"""

from bot.words.names import intent_name, procedure_name, role_name, stage_name, status_name
from bot.words.pen import PLAIN, Pen, Style
from bot.words.rules import RULES, rule
from bot.words.say import Parts, awaited, brief, parts, say, say_finding

__all__ = [
    "PLAIN",
    "RULES",
    "Parts",
    "Pen",
    "Style",
    "awaited",
    "brief",
    "intent_name",
    "parts",
    "procedure_name",
    "role_name",
    "rule",
    "say",
    "say_finding",
    "stage_name",
    "status_name",
]
