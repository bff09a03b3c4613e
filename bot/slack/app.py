"""Slack's requests, each to its handler. Handlers decide on facts last seen and call nothing outside but views.*"""

import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.desk import Desk
from bot.slack import actions, commands, home, incident_messages, modals
from bot.slack.answer import PATIENCE, Open, Reply, Room
from bot.slack.cards.forms import placed
from bot.slack.cards.kit import loaded
from bot.slack.press import Press
from bot.slack.received import whole_text

log = logging.getLogger(__name__)
Body = dict[str, Any]
OUTDATED = "This button is of an older version of Slipway. Nothing was changed; open the thing anew."
ANSWERS = 4  # threads; each answer takes at most twice PATIENCE
TOO_LATE = "Slack's time for opening a form was over. Please try again."


def build(
    desk: Desk,
    client: WebClient,
    signing_secret: str | None,
    *,
    bot_user_id: str | None = None,
    aside: Executor | None = None,
) -> App:
    """Bolt, sync, each request answered by its handler before the response goes out; auth.test is never called.

    `client` says which token and which Slack. `signing_secret` None: Socket Mode, where nothing is signed.
    `aside` tells people what became of a form, after it has closed.
    """
    slack = WebClient(client.token, base_url=client.base_url, timeout=PATIENCE, retry_handlers=[])
    known = AuthorizeResult(enterprise_id=None, team_id=None, bot_user_id=bot_user_id, bot_token=client.token)
    logging.getLogger("slack_bolt.App").setLevel(logging.ERROR)  # it warns of the token in the environment, unused
    app = App(
        name="slipway",
        authorize=lambda: known,
        signing_secret=signing_secret,
        request_verification_enabled=signing_secret is not None,
        client=WebClient(base_url=client.base_url, timeout=PATIENCE, retry_handlers=[]),
        process_before_response=True,
    )
    # Bolt logs the whole body of a request with a bad signature at INFO.
    logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)
    _register(app, Room(desk, slack, aside or ThreadPoolExecutor(ANSWERS, thread_name_prefix="answers")))
    return app


def _register(app: App, room: Room) -> None:
    app.use(whole_text)
    for word in commands.WORDS:
        app.command(f"/{room.policy().slack.command_prefix}{word}")(_command(room, word))
    submissions = modals.Submissions(room)
    for callback in modals.TABLE:
        app.view(callback)(_submission(submissions))
    for name in ("change", "areas", "service", "services"):
        app.options(name)(_options(room, name))
    for name in sorted({name for _, name in modals.CHOSEN}):
        app.action({"type": "block_actions", "action_id": name})(_chosen(room, name))
    app.action(re.compile(r"^link:"))(_nothing)
    for action_id, function in actions.TABLE.items():
        app.action(action_id)(_action(room, function))
    app.action(re.compile(r".*"))(_action(room, lambda room, _: room.tell(OUTDATED)))
    app.event("app_home_opened")(_home_opened(room))
    app.shortcut({"type": "message_action", "callback_id": incident_messages.SHORTCUT})(_shortcut(room))
    incident_messages.listen(app, room)
    app.error(_failed(room))


def _command(room: Room, word: str) -> Callable[..., None]:
    def handle(ack: Ack, body: Body) -> None:
        text, user, channel = body.get("text") or "", body["user_id"], body["channel_id"]
        reply = commands.run(room, word, text, user, channel)
        if isinstance(reply, Open):
            problem = _opened(room, body, reply)
            ack(problem) if problem else ack()
        else:
            message = reply.message
            ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    return handle


def _action(room: Room, function: Callable[[Room, Press], Reply]) -> Callable[..., None]:
    def handle(ack: Ack, body: Body) -> None:
        ack()
        press = Press(user=body["user"]["id"], value=loaded(body["actions"][0].get("value")))
        _reply(room, function(room, press), body)

    return handle


def _shortcut(room: Room) -> Callable[..., None]:
    def handle(ack: Ack, body: Body) -> None:
        ack()
        _reply(room, incident_messages.shortcut(room, body), body)

    return handle


def _reply(room: Room, reply: Reply, body: Body) -> None:
    """To the person who acted: a modal, an ephemeral beside the message, or a note where there is none."""
    if isinstance(reply, Open):
        problem = _opened(room, body, reply)
        if problem is None:
            return
        reply = room.tell(problem)
    url = body.get("response_url")
    if (body.get("channel") or {}).get("id") in reply.told:
        return
    if url:
        room.respond(url, reply.message)
    else:
        room.show(body["trigger_id"], reply.message)


def _opened(room: Room, body: Body, reply: Open) -> str | None:
    """Opens a modal; a sentence where the trigger had gone."""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
    place = {"channel": channel, "url": body.get("response_url")}
    try:
        room.open(body["trigger_id"], placed(reply.view, place) if channel else reply.view)
    except SlackApiError as e:
        if e.response.get("error") not in ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"):
            raise
        return TOO_LATE
    return None


def _submission(submissions: modals.Submissions) -> Callable[..., None]:
    def handle(ack: Ack, body: Body) -> None:
        ack(**submissions.take(body["user"]["id"], body["view"]))

    return handle


def _options(room: Room, name: str) -> Callable[..., None]:
    def handle(ack: Ack, body: Body) -> None:
        ack(options=modals.options(room, name, body.get("value") or "", body.get("view") or {}))

    return handle


def _chosen(room: Room, name: str) -> Callable[..., None]:
    """A form follows what was chosen in it. One that has changed meanwhile stays: what it was sent with is compared."""

    def handle(ack: Ack, body: Body) -> None:
        ack()
        view = body.get("view") or {}
        anew = modals.chosen(room, body["user"]["id"], name, view)
        if anew is None:
            return
        try:
            room.slack.views_update(view_id=view["id"], hash=view.get("hash"), view=anew)
        except SlackApiError as e:
            if e.response.get("error") not in ("hash_conflict", "not_found"):
                raise

    return handle


def _nothing(ack: Ack) -> None:
    ack()


def _home_opened(room: Room) -> Callable[..., None]:
    def handle(body: Body, event: Body) -> None:
        if room.desk.once("slack_event", str(body.get("event_id"))):
            home.opened(room, event)

    return handle


def _failed(room: Room) -> Callable[..., BoltResponse | None]:
    """Nobody is left in silence: the person gets a sentence with a reference, the log has the rest under it."""

    def handle(error: Exception, body: Body) -> BoltResponse | None:
        reference = uuid4().hex[:8]
        kind = str(body.get("type") or body.get("command") or "request")
        log.error("reference %s: %s failed", reference, kind, exc_info=error)
        text = f"Something went wrong in Slipway. Look at the card before trying again. Reference: {reference}"
        if body.get("command"):
            return _json({"response_type": "ephemeral", "text": text})
        if kind == "view_submission":
            return _json({"response_action": "errors", "errors": {modals.input_for(None, body["view"]): text}})
        if kind == "block_suggestion":
            return _json({"options": []})
        if kind in ("block_actions", "message_action"):
            _reply(room, room.tell(text), body)
            return BoltResponse(status=200)
        return None

    return handle


def _json(body: Body) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers={"content-type": "application/json"})
