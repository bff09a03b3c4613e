"""views.*: modals and the App Home."""

import json

from bot.sandbox.slack import blockkit_views
from bot.sandbox.slack.arguments import Args
from bot.sandbox.slack.directory import SLACKBOT
from bot.sandbox.slack.errors import Json, Refusal
from bot.sandbox.slack.modals import VIEW_BYTES
from bot.sandbox.slack.workspace import Workspace


def open_view(workspace: Workspace, args: Args) -> Json:
    trigger_id, view = args.needed("trigger_id"), _view(args, "modal")
    with workspace.lock:
        user, shown = workspace.modals.open(trigger_id, view)
        workspace.tell_views(user)
    return {"view": shown}


def push(workspace: Workspace, args: Args) -> Json:
    trigger_id, view = args.needed("trigger_id"), _view(args, "modal")
    with workspace.lock:
        user, shown = workspace.modals.push_with(trigger_id, view)
        workspace.tell_views(user)
    return {"view": shown}


def update(workspace: Workspace, args: Args) -> Json:
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if not view_id and not external_id:
        raise Refusal("invalid_arguments", ["missing required field: view_id"])
    view = _view(args, "modal")
    with workspace.lock:
        user, shown = workspace.modals.update(view_id, external_id, args.text("hash"), view)
        workspace.tell_views(user)
    return {"view": shown}


def publish(workspace: Workspace, args: Args) -> Json:
    user, view = args.needed("user_id"), _view(args, "home")
    if not workspace.manifest.home_tab:
        raise Refusal("not_enabled")
    if user not in workspace.directory.users or user == SLACKBOT:
        raise Refusal("invalid_arguments", ["invalid user_id"])
    with workspace.lock:
        shown = workspace.modals.publish(user, args.text("hash"), view)
        workspace.feed.tell([user], {"type": "home", "view": shown})
    return {"view": shown}


def _view(args: Args, kind: str) -> Json:
    view = args.structure("view", "invalid_arguments")
    if view is None:
        raise Refusal("invalid_arguments", ["missing required field: view"])
    return check_view(view, kind)


def check_view(view: object, kind: str) -> Json:
    """`kind` is modal or home. Raises Refusal(invalid_arguments | view_too_large)."""
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", ["must be an object [json-pointer:/view]"])
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise Refusal("view_too_large")
    problems = blockkit_views.problems(view, kind)
    if problems:
        raise Refusal("invalid_arguments", problems)
    return view
