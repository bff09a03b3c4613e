"""The standard procedure from the change request to verified production, as it should go."""

from tests.stories.day import Day


def test_the_bot_pushes(fresh_day: Day) -> None:
    day = fresh_day
    alice, carol = day.alice, day.carol
    carol.adopts()
    change = alice.files_change("Faster checkout")
    day.until(change, "OPEN")
    carol.approves(change)
    day.until(change, "APPROVED")
    alice.commits(change, "faster")
    release = alice.starts(change, "faster")
    day.until(release, "6 of 9", "preflight")
    alice.presses(release, "Governance check")
    alice.reads_form()
    alice.fills(sentence="Pre-Action Governance Check: OK")
    assert alice.preflights(change) == 0
    day.until(release, "[ Push ]")
    alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    day.until(change, "RELEASED")
    day.told_as("good_day_bot")
