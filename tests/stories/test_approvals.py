"""P1: a change request exists and is approved; what is approved is bound to what it was approved for."""

from bot.sandbox.people import ALICE, BOB, CAROL, DAVE
from tests.stories.day import Day


def test_a_release_waits_for_the_approval_and_goes_on(day: Day) -> None:
    alice, carol = day.alice, day.carol
    change = alice.files_change()
    alice.commits(change, "faster")
    release = alice.starts(change, "faster")
    alice.acknowledges(release)
    alice.preflights(change)
    day.until(release, "8 of 9", "Carol Chen")
    carol.presses(change, "Approve", dm=True)
    day.until(release, "Every gate is green")
    day.told_as("approval_awaited")


def test_one_rejection_stops_it(day: Day) -> None:
    change, release = day.started()
    day.dave.presses(change, "Reject")
    day.dave.fills(reason="Not before the sale.")
    day.until(release, "STOPPED")
    assert "Start again" not in day.card(release)
    day.alice.types(f"/release start shop {change}")
    day.told_as("change_rejected")


def test_a_withdrawn_approval_stops_it_and_it_can_start_again(day: Day) -> None:
    change, release = day.green()
    day.carol.presses(change, "Withdraw my approval")
    day.until(release, "STOPPED")
    day.dave.approves(change)
    day.until(change, "APPROVED")
    day.alice.presses(release, "Start again")
    again = day.alice.fills()[0].split()[0]
    day.until(again, "8 of 9", "governance check")
    day.told_as("approval_withdrawn")


def test_an_edit_voids_the_approvals_and_stops_it(day: Day) -> None:
    change, release = day.green()
    day.alice.presses(change, "Edit")
    day.alice.reads_form()
    day.alice.fills(why="Customers wait far too long.")
    day.until(release, "STOPPED")
    day.until(change, "OPEN")
    day.carol.approves(change)
    day.until(change, "APPROVED", "revision 2")
    day.told_as("change_edited")


def test_nobody_approves_their_own_and_nobody_counts_twice(day: Day) -> None:
    everyone = [ALICE.slack_id, BOB.slack_id]
    roles = {"releaser": everyone, "approver": [ALICE.slack_id, CAROL.slack_id, DAVE.slack_id]}
    day.keeps_sop(roles=roles, approvals={"required": 2})
    change = day.alice.files_change()
    day.until(change, "OPEN")
    day.alice.approves(change)
    day.carol.approves(change)
    day.until(change, "1 of 2 approvals by Carol Chen. Waits for Dave Diaz")
    day.carol.approves(change)
    day.bob.approves(change)
    day.dave.approves(change)
    day.until(change, "APPROVED")
    day.told_as("approvals_that_do_not_count")


def test_approvals_expire_and_stop_what_rests_on_them(new_day: Day) -> None:
    day = new_day
    change = day.alice.files_change()
    day.until(change, "OPEN")
    day.carol.approves(change)
    day.until(change, "APPROVED")
    day.passes("a week passes", days=7)
    day.until(change, "EXPIRED")
    day.alice.types(f"/release start shop {change}")
    day.carol.approves(change)
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.until(release, "6 of 9", "preflight")
    day.passes("another week passes", days=7)
    day.until(release, "STOPPED")
    day.told_as("approval_expired")


def test_the_approval_of_who_has_left_counts_no_more(new_day: Day) -> None:
    day = new_day
    change, release = day.green()
    day.happens("Carol's account is deactivated in Slack", day.people.control, "deactivate", user=CAROL.slack_id)
    day.passes("five minutes pass", minutes=5)
    day.until(release, "STOPPED")
    day.until(change, "OPEN", "0 of 1 approvals")
    day.dave.approves(change)
    day.until(change, "APPROVED")
    day.told_as("approver_deactivated")


def test_a_breaking_change_is_refused_and_a_withdrawn_one_is_gone(day: Day) -> None:
    day.alice.types("/change new")
    day.alice.reads_form()
    content = {"title": "New API", "why": "The old one is old.", "risk": "high", "areas": ["app"], "undo": "Revert."}
    day.alice.fills(kind="breaking change", **content)
    day.alice.fills(kind="non-breaking change", areas=[], paths="shop")
    change = day.alice.fills(areas=["app"], paths=None)[0].split()[0]
    day.until(change, "OPEN")
    day.bob.types(f"/change withdraw {change}")
    day.alice.types(f"/change withdraw {change}")
    day.alice.reads_form()
    day.alice.fills()
    day.until(change, "WITHDRAWN")
    day.alice.types(f"/release start {change}")
    day.frank.types("/change new")
    day.told_as("change_requests")
