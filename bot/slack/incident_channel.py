"""Performs what an incident's own channel needs: opened once, with its people, its topic, and its card pinned.

Every step looks before it makes, so that a try after a crash finds what the one before left behind.
"""

import html
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.desk import Desk
from bot.outbox import Attempt, Done, Later, Outcome, Refused
from bot.slack.wire import SKEW, UNREACHED, Wire, outcome_of, unreached, word_of
from bot.sop.effects import KeepChannel, OpenChannel, PinCard
from bot.sop.outlook import IncidentView
from bot.sop.records import Incident
from bot.sop.timeline import NAME
from bot.words.text import bare, cut

log = logging.getLogger(__name__)
TOPIC = 250  # characters that Slack allows; one beyond the basic plane may count as two
NAMES = 9  # tried, where somebody else has taken the first


@dataclass(frozen=True)
class Opener:
    """A refusal of Slack's is a result: the card shows it, and the button stays."""

    wire: Wire

    def perform(self, effect: OpenChannel, attempt: Attempt) -> Outcome:
        try:
            channel = self._made(effect, attempt)
            uninvited = [p for p in effect.people if not invited(self.wire, channel, p)]
        except SlackApiError as e:
            outcome = outcome_of(e)
            lasting = isinstance(outcome, Refused) or word_of(e) == "missing_scope"
            return Done({"refused": word_of(e)}) if lasting else outcome
        except UNREACHED as e:
            return unreached(e)
        return Done({"channel": channel, "uninvited": uninvited})

    def look(self, _effect: OpenChannel, _attempt: Attempt) -> Done | None:
        """Performing finds what is there already."""
        return None

    def _made(self, effect: OpenChannel, attempt: Attempt) -> str:
        """The id of the new channel, or of the one that an earlier try made. Raises SlackApiError."""
        taken: SlackApiError | None = None
        for name in (effect.name, *(f"{effect.name[: NAME - 2]}-{n}" for n in range(2, NAMES))):
            try:
                return str(self.wire.slack.conversations_create(name=name)["channel"]["id"])
            except SlackApiError as e:
                if word_of(e) != "name_taken":
                    raise
                taken = e
            found = self._ours(name, attempt)
            if found is not None:
                return found
        raise taken or LookupError(effect.name)

    def _ours(self, name: str, attempt: Attempt) -> str | None:
        """Made by this app, and not before it was asked for: then by an earlier try."""
        me, since = self.wire.slack.auth_test()["user_id"], (attempt.created_at - SKEW).timestamp()
        for channel in self._channels():
            if channel["name"] == name:
                ours = channel.get("creator") == me and channel.get("created", 0) >= since
                return str(channel["id"]) if ours and not channel.get("is_archived") else None
        return None

    def _channels(self) -> list[Mapping[str, Any]]:
        pages = self.wire.slack.conversations_list(types="public_channel", limit=200)
        return [channel for page in pages for channel in page["channels"]]


@dataclass(frozen=True)
class Keeper:
    wire: Wire
    desk: Desk

    def perform(self, effect: KeepChannel, _attempt: Attempt) -> Outcome:
        view = self.desk.incident_view(int(effect.subject.removeprefix("INC-")))
        if view is None:
            return Refused(f"there is no {effect.subject}")
        wanted = wanted_topic(self.desk, view)
        kept = f"{wanted} · {view.incident.lead}"
        if kept == view.kept:
            return Done({"kept": kept})
        try:
            self._bring(effect.channel, wanted)
            if view.incident.lead:
                invited(self.wire, effect.channel, view.incident.lead)
        except SlackApiError as e:
            return outcome_of(e)
        except UNREACHED as e:
            return unreached(e)
        return Done({"kept": kept})

    def look(self, _effect: KeepChannel, _attempt: Attempt) -> Done | None:
        """Keeping it twice is keeping it once."""
        return None

    def _bring(self, channel: str, wanted: str) -> None:
        """A topic set twice would be told twice."""
        now = self.wire.slack.conversations_info(channel=channel)["channel"].get("topic") or {}
        if html.unescape(now.get("value") or "") != html.unescape(wanted):  # given back with entities
            self.wire.slack.conversations_setTopic(channel=channel, topic=wanted)


@dataclass(frozen=True)
class Pinner:
    wire: Wire

    def perform(self, effect: PinCard, _attempt: Attempt) -> Outcome:
        try:
            self.wire.slack.pins_add(channel=effect.channel, timestamp=effect.ts)
        except SlackApiError as e:
            return Done({}) if word_of(e) == "already_pinned" else outcome_of(e)
        except UNREACHED as e:
            return unreached(e)
        return Done({})

    def look(self, _effect: PinCard, _attempt: Attempt) -> Done | None:
        """Pinning twice is answered as pinned already."""
        return None


def wanted_topic(desk: Desk, view: IncidentView) -> str:
    names = {p.slack: p.name or p.github for p in desk.policy().people}
    lead = view.incident.lead
    return topic(view.incident, f"led by {bare(names.get(lead, lead), 60)}" if lead else "nobody leads it")


def topic(incident: Incident, lead: str) -> str:
    """Of its own channel; `lead` in words. The title shows as typed and does nothing (law 12)."""
    standing = f"{incident.name} · {incident.severity.value} · {incident.status.value} · {lead}"
    said = cut(f"{standing} · {bare(incident.title, TOPIC)}", TOPIC)
    while len(said.encode("utf-16-le")) > 2 * TOPIC:
        said = cut(said, len(said) - 1)
    return said


def invited(wire: Wire, channel: str, person: str) -> bool:
    """Whether that person is in the channel now. Someone who cannot be is no reason to go without the others; raises
    what may pass, as slack_sdk does."""
    try:
        wire.slack.conversations_invite(channel=channel, users=person)
    except SlackApiError as e:
        if isinstance(outcome_of(e), Later):
            raise
        if word_of(e) != "already_in_channel":
            log.warning("%s could not be invited to %s: %s", person, channel, word_of(e))
            return False
    return True
