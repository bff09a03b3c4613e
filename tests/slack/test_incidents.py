"""Incidents as people meet them in Slack: their channel, what goes on their timeline, and how it goes wrong."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.reconciler import Incidents
from bot.sandbox.slack import membership
from bot.sandbox.slack.directory import BOT_USER
from bot.slack.incident_channel import topic
from bot.slack.messages import Messages, plain, said
from bot.sop.decision import Decision
from bot.sop.facts import Issue, ProbeAnswer
from bot.sop.incident import Declaration
from bot.sop.messages import Said
from bot.sop.policy import IncidentPolicy, OwnChannel, Policy, Service, SeverityConfirmation
from bot.sop.records import Incident, IncidentKind, IncidentStatus, Severity
from tests.slack import samples
from tests.slack.house import House, everything, house
from tests.slack.samples import ALICE, BOB, CAROL, DAVE

FRANK = "U0FRANK"

ISSUE = Issue(number=41, title="No orders", url="https://github.com/acme/shop/issues/41")
STEPS = ("conversations.create", "conversations.invite", "conversations.setTopic", "pins.add")


class Issues:
    """A repository with one issue."""

    def issue(self, _service: Service, number: int) -> Issue | None:
        return ISSUE if number == ISSUE.number else None


class Place:
    """A house where incidents are looked at. `answers`: what production answers to its probes."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.answers = (ProbeAnswer(name="catalogue", status=500),)
        desk, client = home.desk, home.app.client
        client.token = "xoxb-tests"
        self.incidents = Incidents(desk.store, desk.policy, desk.now, Issues(), self._play, Messages(client))

    def _play(self, _service: Service) -> tuple[ProbeAnswer, ...]:
        return self.answers

    def declared(self, **changes: Any) -> Incident:
        """INC-1 by Alice, seen to and shown."""
        given: dict[str, Any] = {"service": "shop", "title": "Checkout fails", "kind": IncidentKind.PRODUCTION}
        given |= {"severity": Severity.CRITICAL, "affected": ("catalogue",)}
        outcome = self.home.desk.declare_incident(ALICE, Declaration(**(given | changes)))
        assert outcome.refusal is None
        self.settle()
        return self.incident

    def settle(self) -> None:
        """Everything goes out, is looked at, and goes out again."""
        for _ in range(3):
            self.home.settle()
            self.home.unit(self.incidents.look(1))
        self.home.settle()

    def reads(self, channel: str, ts: str) -> None:
        """The look at one message."""
        self.home.unit(self.incidents.read(f"{channel}/{ts}"))
        self.settle()

    @property
    def incident(self) -> Incident:
        found = self.home.desk.incident_view(1)
        assert found is not None
        return found.incident

    @property
    def own(self) -> str:
        assert self.incident.channel is not None
        return self.incident.channel

    def lines(self, source: str = "message") -> list[tuple[str | None, str]]:
        return [(e.by, e.text) for e in self.incident.timeline if e.source == source]

    def card(self, channel: str = "releases") -> dict[str, Any]:
        shown = [m for m in self.home.hands.messages(ALICE, channel) if "INC-1 · shop" in everything(m)]
        return shown[0]

    def thread(self) -> str:
        return " ".join(everything(m) for m in self.home.hands.thread(ALICE, "releases", self.card()["ts"])[1:])


def policy(own: OwnChannel = OwnChannel.ASK, **changes: Any) -> Policy:
    roles = samples.POLICY.roles.model_copy(update={"incident": (CAROL, DAVE)})
    return samples.POLICY.model_copy(update={"roles": roles, "incident": IncidentPolicy(own_channel=own, **changes)})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with house(tmp_path, policy()) as home:
        yield Place(home)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Place]:
    """INC-1 with its own channel."""
    with house(tmp_path, policy(OwnChannel.ALWAYS)) as home:
        made = Place(home)
        made.declared()
        yield made


# --- its own channel


def test_an_own_channel_has_its_people_its_topic_and_its_card_pinned(opened: Place) -> None:
    hands = opened.home.hands
    members = hands.wait_for(lambda: opened.home.slack.channels[opened.own].members)
    assert opened.home.slack.channels[opened.own].name == "inc-1-checkout-fails"
    assert set(members) == {BOT_USER, ALICE, CAROL, DAVE}
    assert hands.topic(ALICE, opened.own) == "INC-1 · CRITICAL · OPEN · nobody leads it · Checkout fails"
    (pinned,) = hands.pins(ALICE, opened.own)
    assert pinned["ts"] == opened.card(opened.own)["ts"]
    assert f"<#{opened.own}>" in everything(opened.card())
    assert f"<#{opened.own}>" in opened.thread()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<!channel> is down", "‹!channel› is down"),
        ("ask <@U0BOB> or @bob", "ask ‹@\u2060U0BOB› or @\u2060bob"),
        ("*bold* _it_ ~no~ `x`", "∗bold∗ ˍitˍ ∼no∼ ˋxˋ"),
        ("first\nsecond\r\n> third", "first second › third"),
        (":fire: 🔥 R&D &lt;x&gt;", "꞉fire: 🔥 R&D &lt;x&gt;"),
    ],
)
def test_a_title_does_nothing_in_the_topic(opened: Place, typed: str, shown: str) -> None:
    incident = opened.incident.model_copy(update={"title": typed})
    opened.home.unit(lambda unit: unit.apply(Decision(records=(incident,)), opened.home.desk.now()))
    opened.home.desk.take_lead(BOB, 1)
    opened.settle()
    assert opened.home.hands.topic(BOB, opened.own) == f"INC-1 · CRITICAL · OPEN · led by Bob · {shown}"


@pytest.mark.parametrize("character", ["x", "é", "🔥", "<", "&", "👩‍🚀"])
def test_a_topic_is_as_long_as_slack_takes(character: str) -> None:
    incident = Incident(
        id=1,
        service="shop",
        title=character * 300,
        kind=IncidentKind.BUG,
        affected=("catalogue",),
        affected_text="",
        severity=Severity.HIGH,
        status=IncidentStatus.OPEN,
        declared_by=ALICE,
        created_at=samples.NOW,
    )
    said = topic(incident, "nobody leads it")
    assert 100 < len(said) <= 250 and len(said.encode("utf-16-le")) <= 500
    assert said.endswith("…")


def test_both_cards_the_topic_and_its_people_follow(opened: Place) -> None:
    opened.home.desk.take_lead(BOB, 1)
    opened.settle()
    assert "led by Bob" in opened.home.hands.topic(BOB, opened.own)
    assert BOB in opened.home.slack.channels[opened.own].members
    for channel in ("releases", opened.own):
        assert "*Lead*  Bob" in everything(opened.card(channel))
    topics = len(opened.home.hands.calls("conversations.setTopic"))
    opened.home.desk.add_entry(BOB, 1, "Looking")
    opened.settle()
    assert len(opened.home.hands.calls("conversations.setTopic")) == topics


def test_a_channel_is_offered_by_a_button_and_opened_once(place: Place) -> None:
    place.declared()
    place.home.hands.click(BOB, "releases", place.card()["ts"], "Open a channel")
    place.home.hands.click(CAROL, "releases", place.card()["ts"], "Open a channel")
    place.settle()
    made = [c for c in place.home.hands.calls("conversations.create") if c["ok"]]
    assert len(made) == 1
    assert place.incident.channel
    assert "Open a channel" not in everything(place.card())
    assert len(place.home.hands.pins(ALICE, place.own)) == 1


@pytest.mark.parametrize("method", STEPS)
def test_a_lost_answer_makes_nothing_twice(tmp_path: Path, method: str) -> None:
    with house(tmp_path, policy(OwnChannel.ALWAYS)) as home:
        place = Place(home)
        home.hands.control("drop", method=method)
        place.declared()

        def whole() -> bool:
            place.settle()
            return bool(place.incident.channel and home.hands.pins(ALICE, place.own) and not backlog(home))

        home.hands.wait_for(whole)
        assert own_channels(home) == ["inc-1-checkout-fails"]
        assert set(home.slack.channels[place.own].members) == {BOT_USER, ALICE, CAROL, DAVE}
        assert home.hands.topic(ALICE, place.own).startswith("INC-1 · CRITICAL")
        assert len(home.hands.pins(ALICE, place.own)) == 1


def backlog(home: House) -> bool:
    """Whether an effect is still to be performed."""
    found: bool = home.unit(lambda unit: unit.backlog(home.desk.now() + timedelta(minutes=1)).due > 0)
    return found


def own_channels(home: House) -> list[str]:
    return [c.name for c in home.slack.channels.values() if c.name.startswith("inc-")]


def test_a_name_that_somebody_else_has_taken_is_not_theirs_to_lose(place: Place) -> None:
    membership.create(place.home.slack, "inc-1-checkout-fails", BOB, False)
    place.declared()
    place.home.desk.open_incident_channel(BOB, 1)
    place.settle()
    assert own_channels(place.home) == ["inc-1-checkout-fails", "inc-1-checkout-fails-2"]
    assert place.home.slack.channels[place.own].name == "inc-1-checkout-fails-2"


def test_a_refused_channel_is_said_on_the_card_and_can_be_asked_for_again(place: Place) -> None:
    place.declared()
    place.home.hands.control("fail", method="conversations.create", error="restricted_action")
    place.home.hands.click(BOB, "releases", place.card()["ts"], "Open a channel")
    place.settle()
    assert place.incident.channel is None
    assert "could not be opened: `restricted_action`" in everything(place.card())
    assert "Slack says `restricted_action`" in place.thread()
    place.home.hands.click(BOB, "releases", place.card()["ts"], "Open a channel")
    place.settle()
    assert place.incident.channel
    assert "restricted_action" not in everything(place.card())


def test_someone_who_cannot_be_invited_keeps_nobody_else_out(place: Place) -> None:
    place.home.hands.control("fail", method="conversations.invite", error="user_is_restricted")
    place.declared()
    place.home.desk.open_incident_channel(BOB, 1)
    place.settle()
    members = set(place.home.slack.channels[place.own].members)
    assert len(members & {ALICE, CAROL, DAVE}) == 2


# --- H1, where policy wants another person's word


def test_another_person_confirms_and_each_click_is_answered(tmp_path: Path) -> None:
    with house(tmp_path, policy(severity_confirmation=SeverityConfirmation.ANOTHER)) as home:
        place = Place(home)
        place.declared()
        home.hands.click(BOB, "releases", place.card()["ts"], "Take the lead")
        place.settle()

        def says(person: str, words: str) -> None:
            home.hands.click(person, "releases", place.card()["ts"], "Confirm CRITICAL")
            place.settle()
            assert words in everything(home.hands.messages(person, "releases")[-1])

        home.desk.change_severity(CAROL, 1, Severity.HIGH, "one shop in ten")
        home.desk.change_severity(CAROL, 1, Severity.CRITICAL, "every shop")
        place.settle()
        assert "not confirmed as CRITICAL yet: that is for another person than Alice or Carol" in everything(
            place.card()
        )
        says(
            CAROL, "Another person has to confirm INC-1 than Alice or Carol, who declared it or raised it to CRITICAL."
        )
        says(CAROL, "That is: Bob or Dave.")
        says(FRANK, "you need")
        home.hands.say(DAVE, "releases", "/incident hotfix INC-1")
        assert "is not confirmed as CRITICAL yet" in everything(home.hands.messages(DAVE, "releases")[-1])
        home.hands.click(DAVE, "releases", place.card()["ts"], "Confirm CRITICAL")
        place.settle()
        assert "confirmed as CRITICAL by Dave" in everything(place.card())
        assert "Start hotfix" in everything(place.card())
        assert "Dave confirms that INC-1 is CRITICAL. A hotfix may start." in place.thread()
        home.desk.change_severity(DAVE, 1, Severity.HIGH, "it gets better")
        home.desk.change_severity(DAVE, 1, Severity.CRITICAL, "it does not")
        place.settle()
        says(DAVE, "than Alice or Dave, who declared it or raised it to CRITICAL. That is: Bob or Carol.")
        home.hands.click(BOB, "releases", place.card()["ts"], "Confirm CRITICAL")
        place.settle()
        assert "confirmed as CRITICAL by Bob" in everything(place.card())


# --- messages for the timeline


def test_a_message_with_a_pin_in_its_channel_goes_on_the_timeline_once(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "500 & <502>") or ""
    hands.react(CAROL, own, ts, "pushpin")
    hands.react(DAVE, own, ts, "pushpin")
    opened.reads(own, ts)
    opened.reads(own, ts)
    assert opened.lines() == [(ALICE, "500 & <502>")]
    entry = next(e for e in opened.incident.timeline if e.source == "message")
    assert entry.link and entry.link.endswith(f"/archives/{own}/p{ts.replace('.', '')}")
    assert "|📌>" in everything(opened.card())
    assert "|📌>" in everything(opened.card(own))


def test_a_pin_in_the_thread_of_its_card_counts_and_one_elsewhere_does_not(place: Place) -> None:
    place.declared()
    hands = place.home.hands
    inside = hands.say(ALICE, "releases", "Only in Spain", thread_ts=place.card()["ts"]) or ""
    outside = hands.say(ALICE, "releases", "Lunch?") or ""
    for ts in (inside, outside):
        hands.react(BOB, "releases", ts, "pushpin")
        place.reads("C0RELEASES", ts)
    assert place.lines() == [(ALICE, "Only in Spain")]


def test_other_reactions_and_the_bots_own_messages_are_no_lines(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "Hm") or ""
    hands.react(DAVE, own, ts, "eyes")
    opened.reads(own, ts)
    card = opened.card(own)["ts"]
    hands.react(DAVE, own, card, "pushpin")
    opened.reads(own, card)
    assert opened.lines() == []


def test_a_pin_taken_off_erases_nothing_and_says_so_once_where_it_stands(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "500 everywhere") or ""
    for person in (DAVE, CAROL):
        hands.react(person, own, ts, "pushpin")
    opened.reads(own, ts)
    for person in (DAVE, CAROL):
        hands.unreact(person, own, ts, "pushpin")
    opened.settle()
    assert opened.lines() == [(ALICE, "500 everywhere")]
    replies = [everything(m) for m in hands.thread(ALICE, own, opened.card(own)["ts"])[1:]]
    assert [("took the 📌 off" in r, "keeps it" in r) for r in replies] == [(True, True)]


def test_an_event_that_slack_repeats_is_met_once(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "500 everywhere") or ""
    for _ in range(2):
        opened.home.desk.pin_message(DAVE, own, ts, "Ev1")
        opened.reads(own, ts)
    assert opened.home.unit(lambda unit: unit.first_time("slack_event", "Ev1", opened.home.desk.now())) is False
    assert len(opened.lines()) == 1


def test_a_message_that_cannot_be_read_now_is_read_later(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "500 everywhere") or ""
    hands.react(DAVE, own, ts, "pushpin")
    hands.control("fail", method="conversations.replies", status=503)
    opened.reads(own, ts)
    assert opened.lines() == []
    opened.reads(own, ts)
    assert len(opened.lines()) == 1


def test_the_shortcut_in_its_channel_needs_no_question(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    ts = hands.say(ALICE, own, "500 everywhere") or ""
    hands.message_shortcut(DAVE, own, ts, "Add to incident timeline")
    assert "It goes on the timeline of INC-1" in everything(hands.messages(DAVE, own)[-1])
    opened.reads(own, ts)
    assert opened.lines() == [(ALICE, "500 everywhere")]
    hands.message_shortcut(CAROL, own, ts, "Add to incident timeline")
    assert "That message stands on the timeline of INC-1 already, once." in everything(hands.messages(CAROL, own)[-1])


def test_the_shortcut_elsewhere_asks_which_incident_and_needs_no_bot_in_the_channel(place: Place) -> None:
    place.declared()
    hands = place.home.hands
    ts = hands.say(ALICE, "general", "The shop is *down*") or ""
    hands.message_shortcut(BOB, "general", ts, "Add to incident timeline")
    view = hands.wait_for_view(BOB, "incident:message")
    assert "The shop is ∗down∗" in str(view)
    hands.fill_and_submit(BOB)
    place.reads("C0GENERAL", ts)
    assert place.lines() == [(ALICE, "The shop is *down*")]


def test_the_shortcut_without_an_incident_says_so(place: Place) -> None:
    ts = place.home.hands.say(ALICE, "releases", "Hm") or ""
    place.home.hands.message_shortcut(ALICE, "releases", ts, "Add to incident timeline")
    assert "No incident is open." in everything(place.home.hands.messages(ALICE, "releases")[-1])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0BOB> and <@U1X|xavier> in <#C1|general>", "@Bob and @xavier in #general"),
        ("<https://x.example/a|the log> <https://x.example>", "the log (https://x.example/a) https://x.example"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
    ],
)
def test_a_message_is_read_as_people_read_it(written: str, read: str) -> None:
    assert plain(written, {BOB: "Bob"}) == read


def test_a_message_of_files_or_of_an_app_is_a_line_too() -> None:
    assert said("C1", {"ts": "1.2", "user": ALICE, "text": "", "files": [{"name": "log.txt"}]}, {}).text == "(log.txt)"
    assert said("C1", {"ts": "1.2", "user": ALICE}, {}).text == "(a message without text)"
    alert = said("C1", {"ts": "1.2", "user": "U0ALERTS", "bot_id": "B1", "text": "down", "thread_ts": "1.0"}, {})
    assert (alert.by, alert.text, alert.thread) == (None, "down", "1.0")
    named = {"ts": "1.2", "bot_id": "B1", "text": "down", "bot_profile": {"name": "Alerts"}}
    assert (said("C1", named, {}).by, said("C1", named, {}).text) == (None, "Alerts: down")


def test_the_shortcut_on_a_message_of_slipway_says_that_it_is_there_by_itself(opened: Place) -> None:
    hands, own = opened.home.hands, opened.own
    hands.message_shortcut(DAVE, own, opened.card(own)["ts"], "Add to incident timeline")
    assert "Slipway wrote that message itself" in everything(hands.messages(DAVE, own)[-1])
    assert hands.view(DAVE) is None
    assert opened.lines() == []


def test_slipways_own_words_are_no_line_where_only_the_look_shows_whose_they_are(opened: Place) -> None:
    """Where Slack does not show who wrote it, the look does."""
    own, ts = opened.own, opened.card(opened.own)["ts"]
    opened.home.desk.offer_message(DAVE, Said(channel=own, ts=ts, by=None, text="INC-1"))
    opened.home.desk.put_message(DAVE, 1, own, ts)
    opened.reads(own, ts)
    assert opened.lines() == []


# --- an issue, probes, and the Home


def test_an_issue_taken_over_is_linked_and_taken_once(place: Place) -> None:
    hands = place.home.hands
    hands.say(ALICE, "releases", "/incident declare shop #41")
    form = hands.wait_for_view(ALICE, "incident:declare")
    assert "'initial_value': '41'" in str(form)
    given: dict[str, Any] = {"title": "No orders", "kind": "critical bug affecting users", "severity": "CRITICAL"}
    hands.fill_and_submit(ALICE, **given, affected=["catalogue"])
    place.settle()
    assert "|#41> No orders" in everything(place.card())
    hands.say(BOB, "releases", "/incident declare #41")
    hands.wait_for_view(BOB, "incident:declare")
    refused = hands.fill_and_submit(BOB, **given, affected=["catalogue"])
    assert refused["errors"] == {"issue": "Issue #41 is taken over by INC-1 already: No orders"}


def test_an_issue_that_is_not_there_is_said_and_the_incident_stands(place: Place) -> None:
    place.declared(issue=99)
    assert "GitHub has no issue #99 in acme/shop: INC-1 stands without it" in everything(place.card())
    assert "*Issue*" not in everything(place.card())
    assert f"<@{ALICE}> ⚠️ GitHub has no issue #99 in `acme/shop`. INC-1 stands without it." in place.thread()


def test_affected_probes_are_played_on_declaration(place: Place) -> None:
    place.declared()
    assert "❌ `catalogue`: failing as described · HTTP 500, nothing verified" in everything(place.card())
    assert [text for by, text in place.lines("bot") if by is None] == [
        "On production: catalogue failing as described (HTTP 500, nothing verified to compare it with)"
    ]


@pytest.mark.parametrize(
    ("command", "says"),
    [("note", "INC-1 is not resolved yet. The note comes after that."), ("hotfix", "is not confirmed as CRITICAL yet")],
)
def test_what_cannot_be_sent_now_is_not_asked_for(place: Place, command: str, says: str) -> None:
    place.declared()
    place.home.hands.say(CAROL, "releases", f"/incident {command} INC-1")
    assert says in everything(place.home.hands.messages(CAROL, "releases")[-1])
    assert place.home.hands.view(CAROL) is None


def test_the_home_shows_open_incidents_with_what_one_may_do(place: Place) -> None:
    place.declared()
    buttons = {BOB: ["Take the lead", "Add to timeline"], FRANK: ["Add to timeline"]}
    buttons[CAROL] = [
        "Confirm CRITICAL",
        "Take the lead",
        "Add to timeline",
        "Change severity",
        "Open a channel",
        "Resolve",
    ]
    for person, labels in buttons.items():
        place.home.hands.home(person)
        place.settle()
        assert incident_buttons(place.home.hands.home(person)) == labels
    place.home.desk.take_lead(BOB, 1)
    place.settle()
    assert "Resolve" in incident_buttons(place.home.hands.home(BOB))


def incident_buttons(view: dict[str, Any] | None) -> list[str]:
    assert view is not None
    rows = [b["elements"] for b in view["blocks"] if b["type"] == "actions"]
    return [e["text"]["text"] for row in rows for e in row if e["action_id"].startswith("incident:")]
