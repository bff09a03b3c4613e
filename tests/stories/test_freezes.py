"""X4: nothing standard is deployed during a freeze."""

import time

from tests.stories.day import Day


def test_a_freeze_that_begins_stops_a_release(day: Day) -> None:
    _, release = day.green()
    day.alice.types("/freeze start")
    day.carol.types("/freeze start shop")
    day.carol.reads_form()
    freeze = day.carol.fills(reason="Black Friday")[0].split()[1]
    day.until(release, "STOPPED")
    day.alice.presses(release, "Start again")
    day.alice.fills()
    day.alice.closes_form()
    day.frank.types("/freeze status")
    day.bob.presses(freeze, "End freeze")
    day.dave.presses(freeze, "End freeze")
    day.settles()
    day.alice.presses(release, "Start again")
    again = day.alice.fills()[0].split()[0]
    day.until(again, "8 of 9", "governance check")
    day.told_as("freeze_begins")


def test_a_window_is_scheduled_changed_begun_and_over(new_day: Day) -> None:
    day = new_day
    now = int(time.time())
    day.carol.types("/freeze schedule")
    day.carol.fills(reason="Stocktaking", starts_at=now + 3600, until=now + 1800)
    freeze = day.carol.fills(until=now + 7200)[0].split()[1]
    day.until(freeze, "scheduled")
    day.dave.presses(freeze, "Change")
    day.dave.reads_form()
    day.dave.fills(services=["shop"], starts_at=now + 3600, until=now + 7200)
    day.passes("an hour passes", hours=1)
    day.until(freeze, "is in force")
    day.passes("another hour passes", hours=1)
    day.until(freeze, "has ended")
    day.told_as("freeze_scheduled")


def test_a_scheduled_window_is_cancelled(day: Day) -> None:
    day.carol.types("/freeze schedule shop")
    freeze = day.carol.fills(reason="Stocktaking", starts_at=int(time.time()) + 3600)[0].split()[1]
    day.until(freeze, "scheduled")
    scheduled = day.message(freeze)
    day.alice.types(f"/freeze end {freeze}")
    day.dave.presses(freeze, "Cancel freeze")
    day.until(freeze, "cancelled")
    day.carol.presses(freeze, "Change", seen=scheduled)
    day.told_as("freeze_cancelled")
