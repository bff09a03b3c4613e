"""Change requests as people meet them: forms, cards, buttons, and what each person is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from bot.reconciler import results
from bot.sop.codes import Code
from bot.sop.effects import Notice, SendDirect, UpdateDirect
from bot.sop.records import ChangeStatus
from tests.slack import samples
from tests.slack.house import House
from tests.slack.samples import ALICE, BOB, CAROL, DAVE

FILLED: dict[str, Any] = {
    "title": "Faster checkout",
    "why": "One question a basket.",
    "kind": "extension",
    "risk": "low",
    "areas": ["checkout"],
    "undo": "Revert it.",
}


def file(home: House, user: str = ALICE, **values: Any) -> None:
    home.hands.say(user, "releases", "/change new")
    home.hands.wait_for_view(user, "change:new")
    assert home.hands.fill_and_submit(user, **(FILLED | values)) == {"result": "cleared"}
    home.settle()


def card(home: House, user: str, name: str = "CR-1") -> dict[str, Any]:
    cards = [
        m for m in home.hands.messages(user, "releases") if m["text"].startswith(f"{name} ") and not m["ephemeral"]
    ]
    assert len(cards) == 1, "one card, edited in place"
    return cards[0]


def press(home: House, user: str, action: str) -> str:
    """Presses a button of the card of CR-1, and gives what the person is told."""
    home.hands.click(user, "releases", card(home, user)["ts"], action)
    told = home.last(user)
    home.settle()
    return told["text"] if told["ephemeral"] else ""


def test_filed_approved_and_told(home: House) -> None:
    file(home)
    shown = card(home, BOB)
    assert "OPEN" in shown["text"]
    assert "0 of 1 approvals. Waits for Carol or Dave." in str(shown)
    assert "CR-1" in home.hands.messages(CAROL, "@slipway")[-1]["text"]
    assert not [m for m in home.hands.messages(DAVE, "releases") if m["ephemeral"]]

    assert press(home, CAROL, "change:approve") == "Carol approved CR-1: 1 of 1 approvals."
    assert "APPROVED" in card(home, BOB)["text"]
    assert "CR-1 (Faster checkout) is APPROVED by Carol." in home.hands.messages(ALICE, "@slipway")[-1]["text"]


def test_nobody_approves_their_own_nor_twice_nor_without_the_role(home: House) -> None:
    file(home)
    assert press(home, ALICE, "change:approve").startswith("✋ To approve a change request you need to be an approver.")
    assert "<!subteam^S0APPROVERS> or Carol" in press(home, BOB, "change:approve")
    old = card(home, CAROL)
    press(home, CAROL, "change:approve")
    home.hands.click(CAROL, "releases", old["ts"], "change:approve", stale=old)
    assert "You approved CR-1 already" in home.last(CAROL)["text"]


def test_a_rejection_wants_a_reason_and_keeps_what_was_typed(home: House) -> None:
    file(home)
    home.hands.click(CAROL, "releases", card(home, CAROL)["ts"], "change:reject")
    home.hands.wait_for_view(CAROL, "change:reject")
    assert home.hands.fill_and_submit(CAROL, reason="   ") == {
        "result": "errors",
        "errors": {"reason": "Please fill in: reason."},
    }
    assert home.hands.fill_and_submit(CAROL, reason="Too <!channel> *bold*")["result"] == "cleared"
    home.settle()
    assert "Rejected by Carol: Too &lt;!channel&gt; ∗bold∗" in str(card(home, ALICE))
    assert "change:approve" not in str(card(home, ALICE))


def test_an_edit_voids_approvals_and_an_old_button_says_so(home: House) -> None:
    file(home)
    old = card(home, DAVE)
    press(home, CAROL, "change:approve")
    press(home, ALICE, "change:edit")
    view = home.hands.wait_for_view(ALICE, "change:edit")
    assert "Saving voids 1 approval" in str(view)
    home.hands.fill_and_submit(ALICE, title="Faster basket")
    home.settle()
    shown = card(home, DAVE)
    assert "OPEN" in shown["text"]
    assert "Faster basket" in shown["text"]
    assert "1 approval is void" in str(home.hands.thread(ALICE, "releases", shown["ts"]))

    home.hands.click(DAVE, "releases", old["ts"], "change:approve", stale=old)
    assert home.last(DAVE)["text"].startswith("✋ CR-1 was edited by Alice, ")
    assert "look at it anew" in home.last(DAVE)["text"]
    found = home.desk.change_view(1)
    assert found
    assert found.counted == ()


def asked(home: House) -> list[dict[str, Any]]:
    """Carol's direct messages, but for what answers her own clicks."""
    return [m for m in home.hands.messages(CAROL, "@slipway") if not m["ephemeral"]]


def test_who_was_asked_is_shown_what_was_decided(home: House) -> None:
    """Their direct message loses its buttons, whoever decided; an edited request is asked for in a new one."""
    file(home)
    (question,) = asked(home)
    assert "change:approve" in str(question)
    home.hands.click(CAROL, "@slipway", question["ts"], "change:approve")
    home.settle()
    (after,) = asked(home)
    assert after["ts"] == question["ts"]
    assert "change:approve" not in str(after)
    assert "1 of 1 approvals by Carol" in str(after)

    press(home, ALICE, "change:edit")
    home.hands.fill_and_submit(ALICE, title="Faster basket")
    home.settle()
    first, second = asked(home)
    assert "is asked for anew since, by Alice" in str(first)
    assert "change:approve" not in str(first)
    assert "change:approve" in str(second)
    home.desk.reject(DAVE, 1, "Not in the peak season")
    home.settle()
    assert "Rejected by Dave: Not in the peak season" in str(asked(home)[-1])
    assert "change:approve" not in str(asked(home))
    thread = home.hands.thread(ALICE, "releases", card(home, ALICE)["ts"])
    assert "Dave rejected CR-1: Not in the peak season." in str(thread)

    press(home, ALICE, "change:edit")
    home.hands.fill_and_submit(ALICE, title="Faster basket, later")
    home.settle()
    thread = home.hands.thread(ALICE, "releases", card(home, ALICE)["ts"])
    assert "Alice edited CR-1. It is OPEN again, and approval is asked for anew." in str(thread)
    assert "change:approve" in str(asked(home)[-1])


def test_a_decision_while_the_question_is_on_its_way_is_shown_too(home: House) -> None:
    home.desk.new_change(ALICE, samples.content())
    ask = SendDirect(
        subject="CR-1", to=CAROL, notice=Notice(code=Code.APPROVAL_WANTED, values={"revision": 1}), once="wanted:1"
    )
    sent = {"channel": "D0", "ts": "1.0", "rendering": "as it was asked"}
    home.desk.approve(DAVE, 1, 1)
    home.unit(lambda unit: results.record(home.desk.now)(unit, ask, sent))
    due = home.desk.store.claim_effects("tests", home.desk.now(), timedelta(minutes=1), 50)
    assert [c.card.ts for c in due if isinstance(c.effect, UpdateDirect) and c.card] == ["1.0"]


def test_only_the_requester_edits(home: House) -> None:
    file(home)
    assert press(home, BOB, "change:edit") == "✋ Alice answers for this. Only they can edit it."
    assert home.hands.view(BOB) is None


def test_an_approval_is_withdrawn_and_a_request_too(home: House) -> None:
    file(home)
    press(home, CAROL, "change:approve")
    assert press(home, CAROL, "change:withdraw_approval") == "Carol withdrew an approval of CR-1: 0 of 1 approvals."
    home.hands.say(BOB, "releases", "/change withdraw CR-1")
    assert home.last(BOB)["text"] == "✋ Alice answers for this. Only they can withdraw it."
    home.hands.say(ALICE, "releases", "/change withdraw CR-1")
    assert "can then not be released any more" in str(home.hands.wait_for_view(ALICE, "change:withdraw"))
    assert "OPEN" in card(home, ALICE)["text"]
    assert home.hands.fill_and_submit(ALICE)["result"] == "cleared"
    home.told()
    assert home.last(ALICE)["text"] == "CR-1 is withdrawn."
    home.settle()
    assert "WITHDRAWN" in card(home, ALICE)["text"]
    home.hands.say(ALICE, "releases", "/change withdraw CR-1")
    told = home.last(ALICE)["text"]
    assert told == "✋ CR-1 is WITHDRAWN, so this is not possible: withdraw. Nothing more can be done with it."


def test_paths_may_be_named_and_nonsense_is_refused_at_its_input(home: House) -> None:
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    answer = home.hands.fill_and_submit(ALICE, **(FILLED | {"areas": [], "paths": "nonsense"}))
    assert answer["errors"]["paths"].startswith("“nonsense” names no files of the repository.")
    answer = home.hands.fill_and_submit(ALICE, paths="")
    assert answer["errors"] == {"areas": "Please fill in: areas touched, or paths."}
    assert home.hands.fill_and_submit(ALICE, paths="docs/*, README.md\nshop/x.py")["result"] == "cleared"
    found = home.desk.change_view(1)
    assert found
    assert found.change.content.areas == ("docs/*", "README.md", "shop/x.py")


def test_a_breaking_change_is_refused_with_what_to_do(home: House) -> None:
    home.hands.say(ALICE, "releases", "/change new")
    home.hands.wait_for_view(ALICE, "change:new")
    answer = home.hands.fill_and_submit(ALICE, **(FILLED | {"kind": "breaking change"}))
    assert answer["errors"]["kind"].startswith("A breaking change is no standard release. Split it")
    assert home.desk.change_list(None) == ()
    assert home.hands.fill_and_submit(ALICE, kind="routine update")["result"] == "cleared"


def test_lists_and_show(home: House) -> None:
    home.hands.say(ALICE, "releases", "/change list")
    assert home.last(ALICE)["text"] == "No change request yet. `/change new` files one."
    file(home)
    home.hands.say(BOB, "releases", "/change list")
    assert "CR-1" in str(home.last(BOB))
    home.hands.say(BOB, "releases", "/change show cr-1")
    assert home.last(BOB)["ephemeral"]
    assert "change:approve" in str(home.last(BOB)["blocks"])
    home.hands.say(BOB, "releases", "/change show CR-9")
    assert home.last(BOB)["text"] == "✋ There is no CR-9."


def test_two_who_click_at_once_change_it_once(home: House) -> None:
    file(home)
    old = card(home, CAROL)
    with ThreadPoolExecutor(2) as both:
        for user in (CAROL, DAVE):
            both.submit(home.hands.click, user, "releases", old["ts"], "change:approve", stale=old)
    home.settle()
    after = home.desk.change_view(1)
    assert after
    assert after.change.status is ChangeStatus.APPROVED
    assert sorted(after.counted) == [CAROL, DAVE]
    assert len([m for m in home.hands.thread(ALICE, "releases", old["ts"]) if "approved CR-1" in m["text"]]) == 2


def test_what_is_long_is_cut_and_stands_whole_behind_details(home: House) -> None:
    why = "\n".join(f"{n}. customers wait" for n in range(100))
    file(home, why=why)
    shown = card(home, CAROL)
    assert "10. customers wait" in str(shown)
    assert "99. customers wait" not in str(shown)
    home.hands.click(CAROL, "releases", shown["ts"], "change:details")
    view = str(home.hands.view(CAROL))
    assert "99. customers wait" in view
    assert "Revert it." in view
    file(home, user=BOB)
    assert "change:details" not in str(card(home, CAROL, "CR-2")), "a short one shows everything"
