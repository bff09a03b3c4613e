"""How the person who acted hears of it: after the commit, only they, and carrying no state (law 5)."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.desk import Desk, Outcome
from bot.slack.cards.forms import View, note
from bot.slack.cards.kit import Message
from bot.slack.cards.lists import sentence
from bot.sop.codes import Code
from bot.sop.decision import Refusal
from bot.sop.policy import Policy
from bot.words import Pen, Style, say

log = logging.getLogger(__name__)
PERSONAL = (Code.NO_ROLE, Code.NOT_THE_OWNER, Code.SELF_APPROVAL, Code.SECOND_PERSON, Code.NOT_THE_LEAD)
# Nor does anything that is typed change these.
UNTIMELY = (
    Code.NOTE_TOO_EARLY,
    Code.NOT_CRITICAL,
    Code.NOT_CONFIRMED,
    Code.EMERGENCY_RUNS,
    Code.CHANGE_NOT_USABLE,
    Code.EMERGENCY_CHANGE,
)
ANYTHING = "?"  # in the place of what is typed
PATIENCE = 2  # seconds for one call to Slack while Slack waits for our answer (3 s in all)


@dataclass(frozen=True)
class Tell:
    """Something to read; where it was `told` to everybody, not once more."""

    message: Message
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Open:
    """A modal to fill in or to read."""

    view: View


Reply = Tell | Open


@dataclass(frozen=True)
class Place:
    """Where a person acted. `url`: Slack's response_url, good for half an hour even where the bot is not a member."""

    user: str
    channel: str
    url: str | None


@dataclass(frozen=True)
class Room:
    """What the handlers have at hand."""

    desk: Desk
    slack: WebClient
    aside: Executor  # for answers that Slack's 3 s need not wait for

    def policy(self) -> Policy:
        return self.desk.policy()

    def pen(self) -> Pen:
        """People by name, so that an answer or a card pings nobody."""
        return pen_of(self.policy())

    def plain(self, user: str) -> Pen:
        """For the errors of a form, which show literal text, and times as this person reads them."""
        policy, zone = self.policy(), self.desk.zone(user)
        return Pen(style=Style.FORM, names=names(policy), prefix=policy.slack.command_prefix, zone=zone)

    def tell(self, text: str) -> Tell:
        return Tell(sentence(text, self.pen()))

    def form(self, view: View, act: Callable[[Desk], Outcome]) -> Reply:
        """A form, for who may send it now. `act`: what it would ask for, with anything in place of what is typed."""
        refusal = self.desk.rehearsed(act).refusal
        return self.refuse(refusal) if refusal and refusal.code in PERSONAL + UNTIMELY else Open(view)

    def refuse(self, refusal: Refusal) -> Tell:
        return self.tell(f"✋ {say(refusal.code, refusal.values, pen=self.pen())}")

    def refuse_with(self, code: Code, **values: Any) -> Tell:
        return self.refuse(Refusal(code=code, values=values))

    def answer(self, outcome: Outcome, done: str = "Done.") -> Tell:
        """What became of an intent."""
        if outcome.refusal:
            return self.refuse(outcome.refusal)
        return replace(self.tell(self.done(outcome, done)), told=outcome.told)

    def done(self, outcome: Outcome, done: str = "Done.") -> str:
        notice = outcome.notice
        return say(notice.code, notice.values, pen=self.pen()) if notice else done

    def open(self, trigger: str, view: View) -> None:
        """Raises SlackApiError: a trigger lives 3 s and serves once."""
        self.slack.views_open(trigger_id=trigger, view=view)

    def whisper(self, place: Place, message: Message) -> None:
        """An answer that only the person sees, in a moment."""
        self.aside.submit(self._whisper, place, message)

    def _whisper(self, place: Place, message: Message) -> None:
        if place.url and self.respond(place.url, message):
            return
        try:
            self.slack.chat_postEphemeral(
                channel=place.channel, user=place.user, text=message.text, blocks=list(message.blocks)
            )
        except (SlackApiError, SlackClientError, OSError) as e:
            log.warning("an answer did not arrive: %s", e)

    def respond(self, url: str, message: Message) -> bool:
        """An answer that only the person sees. It may be lost: what was done stands, and the card shows it."""
        try:
            client = WebhookClient(url, timeout=PATIENCE, retry_handlers=[])
            answer = client.send(
                text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False
            )
            if answer.status_code != 200:
                log.warning("an answer was not taken: %s %s", answer.status_code, answer.body[:200])
            return answer.status_code == 200
        except (SlackClientError, OSError) as e:
            log.warning("an answer did not arrive: %s", e)
            return False

    def show(self, trigger: str, message: Message, title: str = "Slipway") -> None:
        """The same where there is no message to answer to: on the Home tab and in modals."""
        try:
            view = note(title, message.text)
            view["blocks"] = list(message.blocks) or view["blocks"]
            self.open(trigger, view)
        except (SlackApiError, SlackClientError, OSError) as e:
            log.warning("an answer could not be shown: %s", e)


def names(policy: Policy) -> dict[str, str]:
    return {p.slack: p.name or p.github for p in policy.people}


def pen_of(policy: Policy) -> Pen:
    return Pen(names=names(policy), prefix=policy.slack.command_prefix)
