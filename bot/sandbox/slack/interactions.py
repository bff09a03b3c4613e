"""What a person does with blocks: pressing, choosing, typing ahead, submitting and closing modals."""

from typing import Any

from bot.sandbox.slack import outgoing, payloads
from bot.sandbox.slack.api_views import check_view
from bot.sandbox.slack.blockkit_options import option_problems
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.errors import Json, PageError, Refusal
from bot.sandbox.slack.inputs import find, full_state, missing_answers
from bot.sandbox.slack.workspace import Workspace

WENT_WRONG = PageError("dispatch_failed", "Oh no, something went wrong. Please try that again.")
GONE = PageError("message_not_found", "That message is not there any more.")
TROUBLE = PageError("dispatch_failed", "We had some trouble connecting. Try again?")


def act(workspace: Workspace, user: str, container: Json, block_id: str, given: Json, state: Json) -> None:
    """Sends block_actions. Raises PageError with what Slack shows beside the element."""
    action_id = given.get("action_id", "")
    with workspace.lock:
        payload = payloads.common(workspace, "block_actions", user)
        if container["type"] == "view":
            view, element = _in_view(workspace, user, container["view_id"], block_id, action_id)
            values = full_state(view["blocks"], state)
            payload |= payloads.in_view(view, values)
            payload["hash"] = view["hash"]
            payload["trigger_id"] = workspace.modals.trigger(user, view["id"])
        else:
            channel, message = _message(workspace, user, container)
            element = _pressed(channel, message, block_id, action_id)
            payload |= payloads.in_message(channel, message)
            payload["state"] = {"values": full_state(message.get("blocks", []), state)}
            payload["response_url"] = workspace.base_url + workspace.response_urls.new(channel.id, user, message)
            payload["trigger_id"] = workspace.modals.trigger(user)
        payload["actions"] = [payloads.action(element, block_id, given, workspace.clock.ts())]
    try:
        outgoing.interaction(workspace, workspace.manifest.interactivity_path, payload)
    except outgoing.NoAnswer as failure:
        raise WENT_WRONG from failure


def message_shortcut(workspace: Workspace, user: str, channel_id: str, ts: str, callback_id: str) -> None:
    """Sends message_action. Raises PageError with what Slack shows; ephemeral messages have no shortcuts."""
    if callback_id not in [shortcut.callback_id for shortcut in workspace.manifest.message_shortcuts]:
        raise PageError("shortcut_not_found", "That shortcut is not there any more.")
    with workspace.lock:
        channel, message = _message(workspace, user, {"channel": channel_id, "ts": ts})
        if message.get("subtype") == "tombstone":
            raise GONE
        payload = payloads.message_action(workspace, user, callback_id, channel, message)
        payload["response_url"] = workspace.base_url + workspace.response_urls.new(channel.id, user, message)
        payload["trigger_id"] = workspace.modals.trigger(user)
    try:
        outgoing.interaction(workspace, workspace.manifest.interactivity_path, payload)
    except outgoing.NoAnswer as failure:
        raise WENT_WRONG from failure


def suggest(workspace: Workspace, user: str, container: Json, block_id: str, action_id: str, typed: str) -> Json:
    """Asks the bot for the options of an external select: `{options}` or `{option_groups}`. Raises PageError."""
    with workspace.lock:
        payload = payloads.common(workspace, "block_suggestion", user)
        if container["type"] == "view":
            view, _ = _in_view(workspace, user, container["view_id"], block_id, action_id)
            payload |= payloads.in_view(view, full_state(view["blocks"], {}))
        else:
            channel, message = _message(workspace, user, container)
            _pressed(channel, message, block_id, action_id)
            payload |= payloads.in_message(channel, message)
        payload |= {"action_id": action_id, "block_id": block_id, "value": typed}
    try:
        answer = outgoing.interaction(workspace, workspace.manifest.options_path, payload).json()
    except (outgoing.NoAnswer, ValueError) as failure:
        raise PageError("options_failed", "Couldn’t load results. Try again?") from failure
    if not isinstance(answer, dict) or option_problems(answer):
        raise PageError("options_failed", "Couldn’t load results. Try again?")
    return {key: answer[key] for key in ("options", "option_groups") if key in answer}


def submit(workspace: Workspace, user: str, view_id: str, state: Json) -> Json:
    """Sends view_submission and does what the bot answers: `{result, errors?}`. Raises PageError."""
    with workspace.lock:
        view = _modal(workspace, user, view_id)
        values = full_state(view["blocks"], state)
        if wrong := missing_answers(view["blocks"], values):
            return {"result": "errors", "errors": wrong}
        payload = payloads.common(workspace, "view_submission", user)
        payload["view"] = {**view, "state": {"values": values}}
        payload["trigger_id"] = workspace.modals.trigger(user, view_id)
        payload["response_urls"] = _response_urls(workspace, user, view, values)
    try:
        answer = outgoing.interaction(workspace, workspace.manifest.interactivity_path, payload)
        response = answer.json() if answer.body.strip() else {}
    except (outgoing.NoAnswer, ValueError) as failure:
        raise TROUBLE from failure
    if not isinstance(response, dict) or (response and "response_action" not in response):
        raise TROUBLE
    with workspace.lock:
        try:
            return _respond(workspace, user, view, response)
        except Refusal as refused:
            raise TROUBLE from refused
        finally:
            workspace.tell_views(user)


def _respond(workspace: Workspace, user: str, view: Json, response: Json) -> Json:
    modals = workspace.modals
    match response.get("response_action"):
        case None:
            modals.close(user, view["id"], everything=False)
            return {"result": "closed"}
        case "clear":
            modals.close(user, view["id"], everything=True)
            return {"result": "cleared"}
        case "update":
            modals.update(view["id"], None, None, check_view(response.get("view"), "modal"))
            return {"result": "updated"}
        case "push":
            modals.push(user, check_view(response.get("view"), "modal"))
            return {"result": "pushed"}
        case "errors":
            errors = response.get("errors")
            inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
            if not isinstance(errors, dict) or not errors or set(errors) - inputs:
                raise Refusal("invalid_arguments")
            return {"result": "errors", "errors": errors}
    raise Refusal("invalid_arguments")


def close(workspace: Workspace, user: str, view_id: str, cleared: bool) -> None:
    """Closes one view, or the whole stack; the bot hears of it if the view asked for that."""
    with workspace.lock:
        view = _modal(workspace, user, view_id)
        stack = workspace.modals.stacks[user]
        everything = cleared or view["clear_on_close"]
        closed = stack[0] if cleared else view
        workspace.modals.close(user, view_id, everything)
        workspace.tell_views(user)
        payload = payloads.common(workspace, "view_closed", user)
        shown = [block for block in closed["blocks"] if block["type"] != "input"]
        payload["view"] = {**closed, "state": {"values": full_state(shown, {})}}
        payload["is_cleared"] = everything
    if closed["notify_on_close"]:
        try:
            outgoing.interaction(workspace, workspace.manifest.interactivity_path, payload)
        except outgoing.NoAnswer:
            return  # the modal is gone from the person's screen either way, and Slack shows nothing


def _in_view(workspace: Workspace, user: str, view_id: str, block_id: str, action_id: str) -> tuple[Json, Json]:
    view = workspace.modals.find(user, view_id)
    found = find(view["blocks"], block_id, action_id) if view else None
    if view is None or found is None:
        raise WENT_WRONG
    return view, found[1]


def _modal(workspace: Workspace, user: str, view_id: str) -> Json:
    view = workspace.modals.find(user, view_id)
    if view is None or view["type"] != "modal":
        raise TROUBLE
    return view


def _message(workspace: Workspace, user: str, container: Json) -> tuple[Channel, Json]:
    try:
        channel = workspace.channel_of(user, container["channel"])
        if container.get("is_ephemeral"):
            return channel, channel.ephemerals[user][container["ts"]]
        return channel, channel.message(container["ts"])
    except (KeyError, Refusal) as gone:
        raise GONE from gone


def _pressed(channel: Channel, message: Json, block_id: str, action_id: str) -> Json:
    element = channel.actions.get(message["ts"], {}).get((block_id, action_id))
    if element is None:
        raise WENT_WRONG
    return element


def _response_urls(workspace: Workspace, user: str, view: Json, values: Json) -> list[Json]:
    urls: list[Json] = []
    for block in view["blocks"]:
        element: dict[str, Any] = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        entry = values[block["block_id"]][element["action_id"]]
        chosen = entry.get("selected_conversation") or entry.get("selected_channel")
        if chosen in workspace.channels:
            url = workspace.base_url + workspace.response_urls.new(chosen, user)
            place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": chosen}
            urls.append({**place, "response_url": url})
    return urls
