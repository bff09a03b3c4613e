"""The Events API: envelopes, and their delivery with Slack's retries."""

import secrets
import threading
import time

from bot.sandbox.slack import outgoing
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.directory import APP_ID, BOT_USER, TEAM_ID
from bot.sandbox.slack.errors import Json
from bot.sandbox.slack.payloads import VERIFICATION_TOKEN
from bot.sandbox.slack.workspace import Workspace


def home_opened(workspace: Workspace, user: str) -> None:
    """Tells the bot that a person opened its Home; comes back when the bot has answered or failed once."""
    if not workspace.manifest.home_tab or "app_home_opened" not in workspace.manifest.events:
        return
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": workspace.dm(user).id,
        "tab": "home",
        "event_ts": workspace.clock.ts(),
    }
    view = workspace.modals.homes.get(user)
    if view is not None:
        event["view"] = view
    deliver(workspace, event)


def message_posted(workspace: Workspace, channel: Channel, message: Json) -> None:
    """Tells the bot of a person's message, if it is in the channel and subscribed to such events."""
    if (
        BOT_USER not in channel.members
        or f"message.{channel.kind}s".replace("ims", "im") not in workspace.manifest.events
    ):
        return
    event = {**message, "channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}
    threading.Thread(target=deliver, args=(workspace, event), daemon=True).start()


def reacted(workspace: Workspace, channel: Channel, message: Json, user: str, name: str, added: bool) -> None:
    """Tells the bot of a reaction put on or taken off, if it is in the channel, subscribed and allowed to read them.

    Comes back when the bot has answered or failed once, so that one person's reactions arrive in their order.
    """
    kind = "reaction_added" if added else "reaction_removed"
    if BOT_USER not in channel.members or kind not in workspace.manifest.events:
        return
    if "reactions:read" not in workspace.scopes:
        return
    item = {"type": "message", "channel": channel.id, "ts": message["ts"]}
    event: Json = {"type": kind, "user": user, "reaction": name, "item_user": message["user"], "item": item}
    deliver(workspace, {**event, "event_ts": workspace.clock.ts()})


def deliver(workspace: Workspace, event: Json) -> None:
    """Delivers now; if that fails, tries again up to three times in the background, as Slack spaces it."""
    envelope: Json = {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": "Ev0" + secrets.token_hex(5).upper(),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_urlsafe(24)}",
    }
    failure = _attempt(workspace, envelope)
    if failure is not None:
        arguments = (workspace, envelope, failure)
        threading.Thread(target=_retry, args=arguments, name="slack-retry", daemon=True).start()


def _retry(workspace: Workspace, envelope: Json, failure: outgoing.NoAnswer) -> None:
    for number, wait in enumerate(workspace.config.retry_after, start=1):
        if failure.headers.get("x-slack-no-retry") == "1":
            return
        if workspace.closed.wait(wait):
            return
        again = _attempt(workspace, envelope, number, failure.reason)
        if again is None:
            return
        failure = again


def _attempt(workspace: Workspace, envelope: Json, retry: int = 0, reason: str = "") -> outgoing.NoAnswer | None:
    try:
        outgoing.event(workspace, envelope, retry, reason)
    except outgoing.NoAnswer as failure:
        return failure
    return None


def verify_url(workspace: Workspace) -> bool:
    """Slack's check of a request URL when it is saved: the bot must answer with the challenge."""
    challenge = secrets.token_urlsafe(24)
    body: Json = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
    try:
        answer = outgoing.event(workspace, body)
        said = answer.json() if answer.is_json else answer.body.decode()
    except (outgoing.NoAnswer, ValueError):
        return False
    return said == challenge or (isinstance(said, dict) and said.get("challenge") == challenge)
