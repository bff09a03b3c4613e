"""Performs the outgoing acts in Slack: cards, thread posts, announcements, direct messages, Home tabs.

Every post carries its outbox key as metadata: after a crash or a lost answer it is looked for before it is posted
again. What cannot be delivered is told to who answers for it, once, and parked; nothing stops for it.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.desk import Desk
from bot.outbox import Attempt, Done, Later, Outcome, Performer, Refused
from bot.slack import render
from bot.slack.cards.kit import Message
from bot.slack.cards.lists import sentence
from bot.slack.incident_channel import Keeper, Opener, Pinner
from bot.slack.wire import UNREACHED, Wire, outcome_of, tried, unreached, word_of
from bot.sop.codes import Code
from bot.sop.effects import (
    KeepChannel,
    OpenChannel,
    PinCard,
    PostChannel,
    PostThread,
    RefreshHome,
    SendDirect,
    ShowCard,
    UpdateDirect,
)
from bot.sop.timeline import OWN
from bot.words import Pen

log = logging.getLogger(__name__)
LOST = ("message_not_found", "cant_update_message", "edit_window_closed")  # posted anew
THREAD_LOST = ("message_not_found", "thread_not_found", "cannot_reply_to_message")
TRIES_FOR_A_CARD = 5


def performers(slack: WebClient, desk: Desk) -> Mapping[type[Any], Performer[Any]]:
    """One for each kind of effect that Slack is the place of."""
    wire = Wire(slack)
    return {
        ShowCard: Cards(wire, desk),
        PostThread: Threads(wire, desk),
        PostChannel: Channels(wire, desk),
        SendDirect: Directs(wire, desk),
        UpdateDirect: AskedDirects(wire, desk),
        RefreshHome: Homes(wire, desk),
        OpenChannel: Opener(wire),
        KeepChannel: Keeper(wire, desk),
        PinCard: Pinner(wire),
    }


@dataclass(frozen=True)
class Cards:
    """The one live message of a thing. A result says where it stands and what it shows."""

    wire: Wire
    desk: Desk

    def perform(self, effect: ShowCard, attempt: Attempt) -> Outcome:
        message = render.card(self.desk, effect.subject)
        if message is None:
            return Refused(f"there is no {effect.subject} to show")
        shown, card = rendering(message), attempt.card
        if card and card.rendering == shown:
            return Done({"channel": card.channel, "ts": card.ts, "rendering": shown})
        if card:
            edited = self._edit(card.channel, card.ts, message, attempt.key, shown)
            if edited is not None:
                return undelivered(self.wire, self.desk, effect.subject, effect.channel, edited)
        posted = tried(lambda: self.wire.post(effect.channel, message, attempt.key) | {"rendering": shown})
        return undelivered(self.wire, self.desk, effect.subject, effect.channel, posted)

    def _edit(self, channel: str, ts: str, message: Message, key: str, shown: str) -> Outcome | None:
        """None: the message is lost, and the card is to be posted once more."""
        try:
            self.wire.update(channel, ts, message, key)
        except SlackApiError as e:
            return None if word_of(e) in LOST else outcome_of(e)
        except UNREACHED as e:
            return unreached(e)
        return Done({"channel": channel, "ts": ts, "rendering": shown})

    def look(self, effect: ShowCard, attempt: Attempt) -> Done | None:
        """A card posted and not recorded. An edit needs no look: it can be made twice."""
        known = attempt.card and float(attempt.card.ts)
        since = datetime.fromtimestamp(known, UTC) if known else attempt.created_at
        ts = self.wire.find(effect.channel, attempt.key, max(since, attempt.created_at))
        if ts is None or (known and float(ts) <= known):
            return None
        return Done({"channel": effect.channel, "ts": ts, "rendering": None})


@dataclass(frozen=True)
class Threads:
    wire: Wire
    desk: Desk

    def perform(self, effect: PostThread, attempt: Attempt) -> Outcome:
        card = attempt.card
        if card is None:
            return Later(None, "its card is not posted yet", unsure=False)
        message = render.thread(self.desk, effect)
        try:
            return Done(self.wire.post(card.channel, message, attempt.key, card.ts))
        except SlackApiError as e:
            if word_of(e) in THREAD_LOST and attempt.number < TRIES_FOR_A_CARD:
                return Later(None, f"{word_of(e)}: the card is gone", unsure=False)
            return undelivered(self.wire, self.desk, effect.subject, card.channel, outcome_of(e))
        except UNREACHED as e:
            return unreached(e)

    def look(self, _effect: PostThread, attempt: Attempt) -> Done | None:
        card = attempt.card
        ts = self.wire.find(card.channel, attempt.key, attempt.created_at, card.ts) if card else None
        return Done({"channel": card.channel, "ts": ts}) if card and ts else None


@dataclass(frozen=True)
class Channels:
    wire: Wire
    desk: Desk

    def perform(self, effect: PostChannel, attempt: Attempt) -> Outcome:
        if effect.notice.code == Code.BASELINE_WANTED and self.desk.adopted(str(effect.notice.values.get("service"))):
            return Done({})  # answered before it was asked
        message = render.channel(self.desk, effect)
        outcome = tried(lambda: self.wire.post(effect.channel, message, attempt.key))
        return undelivered(self.wire, self.desk, effect.subject, effect.channel, outcome)

    def look(self, effect: PostChannel, attempt: Attempt) -> Done | None:
        ts = self.wire.find(effect.channel, attempt.key, attempt.created_at)
        return Done({"channel": effect.channel, "ts": ts}) if ts else None


@dataclass(frozen=True)
class Directs:
    wire: Wire
    desk: Desk

    def perform(self, effect: SendDirect, attempt: Attempt) -> Outcome:
        message = render.direct(self.desk, effect)
        shown = rendering(message)
        return tried(lambda: self.wire.post(self.wire.direct(effect.to), message, attempt.key) | {"rendering": shown})

    def look(self, effect: SendDirect, attempt: Attempt) -> Done | None:
        channel = self.wire.direct(effect.to)
        ts = self.wire.find(channel, attempt.key, attempt.created_at)
        return Done({"channel": channel, "ts": ts}) if ts else None


@dataclass(frozen=True)
class AskedDirects:
    """Direct messages that asked for something. One that is gone is not posted again."""

    wire: Wire
    desk: Desk

    def perform(self, effect: UpdateDirect, attempt: Attempt) -> Outcome:
        card, message = attempt.card, render.direct(self.desk, effect.message)
        shown = rendering(message)
        if card is None or card.rendering == shown:
            return Done({})
        try:
            self.wire.update(card.channel, card.ts, message, effect.message.key)
        except SlackApiError as e:
            return Done({}) if word_of(e) in LOST else outcome_of(e)
        except UNREACHED as e:
            return unreached(e)
        return Done({"channel": card.channel, "ts": card.ts, "rendering": shown})

    def look(self, _effect: UpdateDirect, _attempt: Attempt) -> Done | None:
        """Editing twice is editing once."""
        return None


@dataclass(frozen=True)
class Homes:
    wire: Wire
    desk: Desk

    def perform(self, effect: RefreshHome, _attempt: Attempt) -> Outcome:
        def publish() -> dict[str, Any]:
            self.wire.publish(effect.to, render.home(self.desk, effect.to))
            return {}

        return tried(publish)

    def look(self, _effect: RefreshHome, _attempt: Attempt) -> Done | None:
        """Publishing twice is publishing once."""
        return None


def rendering(message: Message) -> str:
    """A digest of what a message shows."""
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def undelivered(wire: Wire, desk: Desk, subject: str, channel: str, outcome: Outcome) -> Outcome:
    """Who answers for it hears once, by direct message, that a message could not be shown; then it is parked."""
    if not isinstance(outcome, Refused):
        return outcome
    to = render.owner(desk, subject)
    if to is None or not desk.once("undelivered", f"{subject} {channel} {outcome.error}"):
        return outcome
    name = subject.removesuffix(OWN)
    text = (
        f"A message about {name} could not be shown in <#{channel}>: `{outcome.error[:200]}`. {name} goes on. "
        "Invite Slipway to the channel, or mend the channel in `sop.yaml`; `slipway doctor` lists what is parked."
    )
    try:
        wire.post(wire.direct(to), sentence(text, Pen()), f"undelivered:{subject}:{channel}")
    except (SlackApiError, *UNREACHED) as e:
        log.warning("nobody could be told that a message about %s was not shown: %s", subject, e)
    return outcome
