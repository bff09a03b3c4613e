"""Messages for a timeline: the message shortcut, and 📌 put on and taken off. Both only ask; the look reads."""

from typing import Any

from slack_bolt import App

from bot.slack.answer import Open, Reply, Room
from bot.slack.cards.incident_forms import message_form
from bot.slack.messages import said
from bot.sop.codes import Code
from bot.sop.messages import PIN

Body = dict[str, Any]
SHORTCUT = "incident:message"


def shortcut(room: Room, body: Body) -> Reply:
    """In the channel or the thread of an incident it is that one; elsewhere the person says which."""
    user, channel = body["user"]["id"], body["channel"]["id"]
    message = said(channel, body["message"] | {"ts": body["message_ts"]}, room.desk.names())
    if message.ours:
        return room.refuse_with(Code.MESSAGE_OURS)
    id = room.desk.offer_message(user, message)
    if id is not None:
        return room.answer(room.desk.put_message(user, id, channel, message.ts))
    unfinished = room.desk.unfinished_incidents()
    if not unfinished:
        return room.refuse_with(Code.NO_INCIDENT)
    return Open(message_form(message, unfinished, room.pen()))


def listen(app: App, room: Room) -> None:
    """To reactions. Slack repeats an event that it heard no answer to: each is met once, by its id."""

    @app.event("reaction_added")
    def added(body: Body, event: Body) -> None:
        if _is_pin(event):
            item = event["item"]
            room.desk.pin_message(event["user"], item["channel"], item["ts"], str(body.get("event_id")))

    @app.event("reaction_removed")
    def removed(body: Body, event: Body) -> None:
        if _is_pin(event):
            item = event["item"]
            room.desk.unpin_message(event["user"], item["channel"], item["ts"], str(body.get("event_id")))


def _is_pin(event: Body) -> bool:
    return event.get("reaction") == PIN and (event.get("item") or {}).get("type") == "message"
