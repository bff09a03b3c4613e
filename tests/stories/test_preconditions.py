"""S1, P2 to P5: any one false stops a release before it begins, and at every step up to the push."""

from tests.stories.day import Day
from tests.stories.person import named


def test_only_an_active_sop_lets_a_release_start(day: Day) -> None:
    change = day.approved()
    day.keeps_sop(status="SUSPENDED")
    day.alice.types(f"/release start shop {change}")
    day.alice.fills(candidate="faster")
    day.alice.closes_form()
    day.frank.types("/sop")
    day.told_as("sop_not_active")


def test_the_governance_check_is_its_sentence_by_its_releaser(day: Day) -> None:
    _, release = day.started()
    day.bob.presses(release, "Governance check")
    day.alice.acknowledges(release, "Governance Check: ok")
    day.alice.fills(sentence="Pre-Action Governance Check: OK")
    day.until(release, "7 of 9")
    day.told_as("governance_check")


def test_a_build_that_fails_stops_it(day: Day) -> None:
    change, release = day.started(edit="break_build")
    day.alice.acknowledges(release)
    assert day.alice.preflights(change) != 0
    assert day.alice.preflights(change, "--report") != 0
    day.until(release, "STOPPED")
    day.alice.laptop.mend()
    day.alice.commits(change, "faster")
    assert day.alice.preflights(change) == 0
    day.alice.presses(release, "Start again")
    day.alice.reads_form()
    again = day.alice.fills()[0].split()[0]
    day.alice.acknowledges(again)
    day.until(again, "Every gate is green")
    day.told_as("build_fails")


def test_a_critical_issue_stops_a_release_that_begins(day: Day) -> None:
    change = day.approved()
    day.happens("a CRITICAL issue is opened", day.world.github.open_critical, "Checkout is broken")
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.until(release, "STOPPED")
    day.told_as("critical_open")


def test_a_critical_issue_stops_a_release_that_waits_for_the_push(day: Day) -> None:
    _, release = day.green()
    day.happens("a CRITICAL issue is opened", day.world.github.open_critical, "Checkout is broken")
    day.until(release, "STOPPED")
    day.told_as("critical_opened_before_the_push")


def test_what_is_not_committed_stops_it(day: Day) -> None:
    change, release = day.started()
    day.alice.acknowledges(release)
    day.happens("Alice leaves a file behind", day.alice.laptop.leave_dirty)
    assert day.alice.preflights(change, "--report") != 0
    day.until(release, "STOPPED")
    day.told_as("not_committed")


def test_what_is_not_pushed_is_waited_for(day: Day) -> None:
    change, release = day.started()
    day.alice.acknowledges(release)
    day.alice.laptop.edit("faster_checkout")
    day.alice.laptop.commit("Pack even faster", reference=f"{change}:")
    day.told.says("Alice commits, and forgets to push")
    day.alice.preflights(change, "--report")
    day.until(release, "waits for the attested commit at GitHub")
    day.alice.laptop.push()
    day.told.says("Alice pushes her branch")
    day.until(release, "Preconditions   9 of 9")
    day.told_as("not_pushed")


def test_a_candidate_that_is_not_at_github_is_told_at_once(day: Day) -> None:
    change = day.approved()
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "fsater")
    day.until(release, "HELD", "is not at GitHub")
    day.alice.preflights(change)
    day.until(release, "RUNNING", "compare")
    day.told_as("candidate_misspelled")


def test_a_preflight_that_expires_before_the_push_stops_it(new_day: Day) -> None:
    day = new_day
    _, release = day.green()
    day.passes("19 hours pass", hours=19)
    day.people.wait_for_message(day.alice.id, "@slipway", "expires")
    day.until(release, "Every gate is green")
    day.passes("six hours pass", hours=6)
    day.until(release, "STOPPED")
    day.alice.presses(release, "Start again")
    again = named("R", day.alice.fills())
    day.until(again, "6 of 9", "preflight")
    day.told_as("preflight_expired")
