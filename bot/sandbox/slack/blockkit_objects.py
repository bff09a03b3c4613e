"""Block Kit's composition objects: texts, options, confirmation dialogs, filters; with Slack's documented limits."""

from typing import Any

from bot.sandbox.slack.check import Check, array, boolean, both, by_type, obj, one_of, report, string, url


def plain(most: int = 3000) -> Check:
    return by_type({"plain_text": obj({"text": string(most, least=1)}, {"emoji": boolean})})


def text(most: int = 3000) -> Check:
    """plain_text or mrkdwn."""
    return by_type(
        {
            "plain_text": obj({"text": string(most, least=1)}, {"emoji": boolean}),
            "mrkdwn": obj({"text": string(most, least=1)}, {"verbatim": boolean}),
        }
    )


CONFIRM = obj(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
PLACEHOLDER = plain(150)
ACTION_ID = string(255, least=1)
BLOCK_ID = string(255, least=1)

_VALUE = string(150)
MENU_OPTION = obj({"text": plain(75), "value": _VALUE}, {"description": plain(75)})
CHOICE_OPTION = obj({"text": text(75), "value": _VALUE}, {"description": text(75)})
OVERFLOW_OPTION = obj({"text": plain(75), "value": _VALUE}, {"description": plain(75), "url": url()})
OPTION_GROUP = obj({"label": plain(75), "options": array(MENU_OPTION, most=100, least=1)})

DISPATCH_CONFIG = obj({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)})
SLACK_FILE = obj({}, {"url": url(), "id": string()})


def _some_filter(value: Any, at: str, problems: list[str]) -> None:
    if value == {}:
        report(problems, "must supply at least one filter", at)


CONVERSATION_FILTER = both(
    obj(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public"), least=1),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
    _some_filter,
)
