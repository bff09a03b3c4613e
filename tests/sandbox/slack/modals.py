"""Modals in short, and a bot that opens them."""

from typing import Any

from tests.sandbox.slack.kit import Bot, World

ALICE, BOB = "U0ALICE", "U0BOB"
Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def field(block_id: str, element: Json | None = None, **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "action_id": f"{block_id}_input"}
    return {"type": "input", "block_id": block_id, "label": words(block_id), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": words("T"),
        "submit": words("Go"),
        "blocks": [*blocks],
        **more,
    }


def opened(slack: World, bot: Bot, view: Json, user: str = ALICE) -> Json:
    """The bot opens this modal for a person."""
    slack.workspace.modals.stacks.pop(user, None)
    trigger = slack.workspace.modals.trigger(user)
    return dict(slack.client.views_open(trigger_id=trigger, view=view)["view"])


def submitted(bot: Bot) -> Json:
    return bot.payloads("view_submission")[-1]
