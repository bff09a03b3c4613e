"""The fields that interactive payloads have in common, and what an action says of its element."""

from typing import Any

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import APP_ID, TEAM_DOMAIN, TEAM_ID
from bot.sandbox.slack.errors import Json, PageError
from bot.sandbox.slack.inputs import STATEFUL
from bot.sandbox.slack.workspace import Workspace

VERIFICATION_TOKEN = "deprecated"  # noqa: S105 -- Slack still sends this field; nothing reads it


def common(workspace: Workspace, kind: str, user_id: str) -> Json:
    user = workspace.directory.users[user_id]
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_message(channel: Channel, message: Json) -> Json:
    """container, channel and (unless only one person sees it) the message."""
    ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    shown: Json = {"container": container, "channel": {"id": channel.id, "name": channel_name(channel)}}
    if not ephemeral:
        shown["message"] = {key: value for key, value in message.items() if key != "error"}
    return shown


def message_action(workspace: Workspace, user_id: str, callback_id: str, channel: Channel, message: Json) -> Json:
    """A message shortcut; the trigger and the response_url are the caller's to add. It names no app, in Slack too."""
    payload = common(workspace, "message_action", user_id)
    del payload["api_app_id"]
    return payload | {
        "action_ts": workspace.clock.ts(),
        "callback_id": callback_id,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message_ts": message["ts"],
        "message": message,
    }


def in_view(view: Json, values: Json) -> Json:
    shown = {**view, "state": {"values": values}}
    return {"container": {"type": "view", "view_id": view["id"]}, "view": shown}


def channel_name(channel: Channel) -> str:
    return "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name


def action(element: Json, block_id: str, given: Json, ts: str) -> Json:
    """What a person did with an element. Raises PageError when it is not something this element can do."""
    kind = element["type"]
    done: Json = {"type": kind, "action_id": element["action_id"], "block_id": block_id, "action_ts": ts}
    for key in ("text", "value", "style", "placeholder") if kind == "button" else ("placeholder",):
        if key in element:
            done[key] = element[key]
    if kind == "overflow":
        done["selected_option"] = _one_of(_options(element), given.get("selected_option"))
    elif kind in STATEFUL:
        key, initial, unset = STATEFUL[kind]
        done[key] = _chosen(element, given.get(key, unset))
        if initial in element:
            done[initial] = element[initial]
    return done


def _chosen(element: Json, chosen: Any) -> Any:
    if chosen is None or element["type"] in ("external_select", "multi_external_select"):
        return chosen
    options = _options(element)
    if not options:
        return chosen
    if isinstance(chosen, list):
        return [_one_of(options, option) for option in chosen]
    return _one_of(options, chosen)


def _options(element: Json) -> list[Json]:
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def _one_of(options: list[Json], wanted: Any) -> Json:
    value = wanted.get("value") if isinstance(wanted, dict) else None
    for option in options:
        if option.get("value") == value:
            return option
    raise PageError("invalid_option", "That option is not there any more.")
