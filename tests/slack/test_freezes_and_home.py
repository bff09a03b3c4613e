"""Freezes, baselines and the Home tab."""

from datetime import timedelta
from typing import Any

from bot.sop.decision import Decision
from bot.sop.effects import Notice, PostChannel
from bot.sop.facts import Seen, Served
from bot.sop.records import FreezeStatus
from tests.slack.house import House, adopted
from tests.slack.samples import ALICE, BOB, CAROL, DAVE, SHA
from tests.slack.signed import send_event
from tests.slack.test_changes import file


def freeze_now(home: House, **values: Any) -> None:
    home.hands.say(CAROL, "releases", "/freeze start")
    home.hands.wait_for_view(CAROL, "freeze:start")
    assert home.hands.fill_and_submit(CAROL, **({"reason": "Black Friday"} | values))["result"] == "cleared"
    home.settle()


def test_a_freeze_is_announced_with_its_buttons_and_ended(home: House) -> None:
    freeze_now(home)
    said = home.last(ALICE)
    assert not said["ephemeral"]
    assert (
        said["text"] == "🧊 FRZ-1 is in force for all services until someone ends it, declared by Carol: Black Friday."
    )
    home.hands.click(BOB, "releases", said["ts"], "freeze:end")
    assert "To end a freeze you need to be an approver." in home.last(BOB)["text"]
    home.hands.click(CAROL, "releases", said["ts"], "freeze:end")
    home.settle()
    assert not [m for m in home.hands.messages(CAROL, "releases") if m["ephemeral"]], "everybody reads it there"
    card, announced = (m for m in home.hands.messages(ALICE, "releases") if not m["ephemeral"])
    assert card["ts"] == said["ts"], "edited in place"
    assert card["text"].startswith("FRZ-1 is over: all services were frozen from ")
    assert card["text"].endswith(", by Carol: Black Friday.")
    assert announced["text"].endswith("FRZ-1 has ended for all services, ended by Carol. Releases may start again.")
    assert not [b for m in (card, announced) for b in m["blocks"] if b["type"] == "actions"]
    home.hands.click(CAROL, "releases", said["ts"], "freeze:change", stale=said)
    assert "FRZ-1 is ENDED now" in home.last(CAROL)["text"]


def test_a_coming_freeze_is_scheduled_changed_and_cancelled(home: House) -> None:
    begins = home.desk.now().replace(microsecond=0) + timedelta(days=1)
    home.hands.say(CAROL, "releases", "/freeze schedule shop")
    home.hands.wait_for_view(CAROL, "freeze:start")
    wrong = {"starts_at": int(begins.timestamp()), "until": int((begins - timedelta(hours=1)).timestamp())}
    answer = home.hands.fill_and_submit(CAROL, reason="Inventory", **wrong)
    assert answer["errors"]["until"].startswith("It would end before it begins")
    answer = home.hands.fill_and_submit(CAROL, starts_at=int((begins - timedelta(days=2)).timestamp()), until=None)
    assert answer["errors"]["starts_at"].startswith("That lies in the past")
    end = int((begins + timedelta(hours=8)).timestamp())
    right = {"starts_at": int(begins.timestamp()), "until": end}
    assert home.hands.fill_and_submit(CAROL, **right)["result"] == "cleared"
    home.settle()
    said = home.last(ALICE)
    assert "FRZ-1 is scheduled by Carol for `shop`" in said["text"]

    home.hands.click(CAROL, "releases", said["ts"], "freeze:change")
    home.hands.wait_for_view(CAROL, "freeze:change")
    assert home.hands.fill_and_submit(CAROL, reason="Stock taking")["result"] == "cleared"
    view = home.desk.freeze_view(1)
    assert view
    assert (view.freeze.reason, view.freeze.starts_at) == ("Stock taking", begins)
    home.hands.say(ALICE, "releases", "/freeze status")
    assert "Stock taking" in str(home.last(ALICE))
    home.hands.click(CAROL, "releases", said["ts"], "freeze:cancel")
    view = home.desk.freeze_view(1)
    assert view
    assert view.freeze.status is FreezeStatus.CANCELLED


def test_a_freeze_changed_meanwhile_is_not_changed_back(home: House) -> None:
    begins = home.desk.now().replace(microsecond=0) + timedelta(days=1)
    assert home.desk.start_freeze(CAROL, (), "Inventory", begins, None).refusal is None
    home.settle()
    said = home.last(ALICE)
    home.hands.click(CAROL, "releases", said["ts"], "freeze:change")
    home.hands.wait_for_view(CAROL, "freeze:change")
    later = begins + timedelta(hours=5)
    assert home.desk.change_freeze(DAVE, 1, 0, (), "Inventory", later, None).refusal is None
    answer = home.hands.fill_and_submit(CAROL, reason="Stock taking")
    assert answer["errors"]["reason"].startswith("Dave changed FRZ-1 meanwhile, ")
    assert "Yours is not lost" in answer["errors"]["reason"]
    view = home.desk.freeze_view(1)
    assert view
    assert (view.freeze.reason, view.freeze.starts_at) == ("Inventory", later)


def test_a_freeze_may_begin_only_when_scheduled_with_a_time(home: House) -> None:
    home.hands.say(CAROL, "releases", "/freeze schedule")
    view = home.hands.wait_for_view(CAROL, "freeze:start")
    assert "starts_at" in [b.get("block_id") for b in view["blocks"]]
    home.hands.close(CAROL)
    home.hands.say(CAROL, "releases", "/freeze start")
    view = home.hands.wait_for_view(CAROL, "freeze:start")
    assert "starts_at" not in [b.get("block_id") for b in view["blocks"]]


def test_ending_a_freeze_by_its_command_asks_whether_one_is_sure(home: House) -> None:
    freeze_now(home)
    home.hands.say(ALICE, "releases", "/freeze end FRZ-1")
    assert home.last(ALICE)["text"].startswith("✋ To end a freeze you need to be an approver.")
    home.hands.say(CAROL, "releases", "/freeze end FRZ-1")
    assert "ends now, for all its services" in str(home.hands.wait_for_view(CAROL, "freeze:end"))
    home.desk.end_freeze(DAVE, 1)
    assert home.hands.fill_and_submit(CAROL)["result"] == "cleared", "there is no input that an error could stand under"
    home.told()
    assert "✋ FRZ-1 is ENDED, so this is not possible" in home.last(CAROL)["text"]


def test_a_baseline_is_adopted_by_name(home: House) -> None:
    now = home.desk.now()
    served = Served(text=SHA, sha=SHA, url="https://shop.example.com/version")
    home.unit(lambda unit: unit.saw("service:shop", "served", Seen[Served](value=served, at=now)))
    values = {"service": "shop", "sha": SHA, "url": "https://shop.example.com", "whom": ["S0APPROVERS"]}
    wanted = PostChannel(
        subject="service:shop",
        channel="C0RELEASES",
        notice=Notice(code="baseline_wanted", values=values),
        mention=("S0APPROVERS",),
        once="x",
    )
    home.unit(lambda unit: unit.apply(Decision(effects=(wanted,)), now))
    home.settle()
    said = home.last(ALICE)
    assert said["text"].startswith("<!subteam^S0APPROVERS> Production of `shop` serves `4f2c9ab`")
    home.hands.click(ALICE, "releases", said["ts"], "baseline:adopt")
    assert "To adopt a baseline you need to be an approver" in home.last(ALICE)["text"]
    home.hands.click(CAROL, "releases", said["ts"], "baseline:adopt")
    home.settle()
    assert not [m for m in home.hands.messages(CAROL, "releases") if m["ephemeral"]], "everybody reads it there"
    (asked,) = (m for m in home.hands.messages(ALICE, "releases") if not m["ephemeral"])
    assert asked["ts"] == said["ts"], "edited in place"
    assert asked["text"].startswith("Carol adopted `4f2c9ab`")
    assert not [b for b in asked["blocks"] if b["type"] == "actions"]
    home.hands.click(CAROL, "releases", said["ts"], "baseline:adopt", stale=said)
    assert "baseline already" in home.last(CAROL)["text"]


def test_a_baseline_adopted_before_it_was_asked_for_is_told_once(home: House) -> None:
    now = home.desk.now()
    served = Served(text=SHA, sha=SHA, url="https://shop.example.com/version")
    home.unit(lambda unit: unit.saw("service:shop", "served", Seen[Served](value=served, at=now)))
    home.desk.adopt(CAROL, "shop", SHA)
    values = {"service": "shop", "sha": SHA, "url": "https://shop.example.com", "whom": ["S0APPROVERS"]}
    late = Notice(code="baseline_wanted", values=values)
    wanted = PostChannel(subject="service:shop", channel="C0RELEASES", notice=late, once="x")
    home.unit(lambda unit: unit.apply(Decision(effects=(wanted,)), now))
    home.settle()
    (told,) = home.hands.messages(ALICE, "releases")
    assert told["text"].startswith("Carol adopted `4f2c9ab`")


def opened(home: House, user: str) -> str:
    home.hands.home(user)
    home.settle()
    return str(home.hands.home(user))


def test_home_shows_what_waits_and_its_buttons_work(home: House) -> None:
    assert "Nothing waits for you." in opened(home, ALICE)
    file(home)
    adopted(home)
    assert "Faster checkout" in opened(home, CAROL)
    home.hands.click_in_home(CAROL, "change:approve")
    note = home.hands.view(CAROL)
    assert note
    assert "Carol approved CR-1: 1 of 1 approvals." in str(note)
    home.hands.close(CAROL)
    home.settle()
    assert "Nothing waits for you." in str(home.hands.home(CAROL)), "refreshed for who opened it lately"

    home.hands.click_in_home(ALICE, "home:release_start")
    home.hands.wait_for_view(ALICE, "release:start")
    assert home.hands.fill_and_submit(ALICE, service="shop", change="1", candidate="x")["result"] == "updated"
    assert "R-1 of `shop` has started" in str(home.hands.view(ALICE)), "on the Home tab it is told in the form's place"
    home.hands.close(ALICE)
    home.settle()
    assert "Governance check" in str(home.hands.home(ALICE))
    home.hands.click_in_home(ALICE, "release:acknowledge")
    assert home.hands.wait_for_view(ALICE, "release:acknowledge")


def test_home_of_somebody_without_a_role(home: House) -> None:
    shown = opened(home, "U0FRANK")
    assert "you have no role in `sop.yaml`" in shown
    assert "home:change_new" not in shown


def test_an_event_that_slack_repeats_is_taken_once(home: House) -> None:
    event = {
        "type": "event_callback",
        "event_id": "Ev1",
        "event": {"type": "app_home_opened", "user": ALICE, "tab": "home"},
    }
    for _ in range(3):
        assert send_event(home, event).status == 200
    home.settle()
    assert len(home.hands.calls("views.publish")) == 1
    other = event | {"event_id": "Ev2", "event": {"type": "app_home_opened", "user": ALICE, "tab": "messages"}}
    assert send_event(home, other).status == 200
    home.settle()
    assert len(home.hands.calls("views.publish")) == 1
