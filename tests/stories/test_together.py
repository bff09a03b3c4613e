"""Two services of one branch: they go out together, and a release is complete when both are verified."""

from tests.stories.day import Day


def test_what_goes_out_too_is_verified_too(new_day: Day) -> None:
    """And rolled back with it."""
    day = new_day
    day.sells_at_a_till()
    change, release = day.started(edit="bigger_discount", service="shop")
    day.alice.acknowledges(release)
    assert day.alice.preflights(change, "--service", "shop") == 0
    day.until(release, "Every gate is green")
    day.alice.presses(release, "Push")
    day.until(release, "HELD · Production", "2 differences", "Right branch deployed?  ✅")
    day.carol.presses(release, "Accept differences")
    day.carol.reads_form()
    day.carol.fills(differences=["0", "1"], reason="The discount is meant for the till, too.")
    day.until(release, "COMPLETE")
    back = day.bob.rolls_back(release, "The till gives too much away.")
    day.until(back, "COMPLETE")
    day.told_as("two_services")
