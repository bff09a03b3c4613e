"""Short ways to write blocks and modals in these tests."""

from collections.abc import Sequence
from typing import Any

from tests.sandbox.slack.kit import Bot

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": action_id, **more}


def actions(*elements: Json, block_id: str = "actions") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


def field(block_id: str, label: str, kind: str, element: Json | None = None, **more: Any) -> Json:
    """An input block whose element has the action_id `v`."""
    shown = {"type": kind, "action_id": "v", **(element or {})}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": shown, **more}


def modal(*blocks: Json, title: str = "Change request", **more: Any) -> Json:
    """A modal with the callback_id `change` and a Send button."""
    base = {"type": "modal", "callback_id": "change", "title": plain(title), "submit": plain("Send")}
    return {**base, "blocks": list(blocks), **more}


def opens(bot: Bot, view: Json, command: str = "/change") -> None:
    """Makes the bot open this modal on that command."""
    bot.app.command(command)(
        lambda ack, body, client: (ack(), client.views_open(trigger_id=body["trigger_id"], view=view))
    )


def submitted(bot: Bot) -> list[Json]:
    """The values of each view_submission so far."""
    return [payload["view"]["state"]["values"] for payload in bot.payloads("view_submission")]


def acted(bot: Bot) -> Sequence[Json]:
    """Each action the bot was told of so far."""
    return [action for payload in bot.payloads("block_actions") for action in payload["actions"]]
