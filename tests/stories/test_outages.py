"""Slack and GitHub fail in every way they know: the card says so, nothing is lost, nothing is said or done twice."""

from bot.sandbox.github.config import BOT_LOGIN
from tests.stories.day import Day
from tests.stories.once import nothing_twice, pushes

RELEASES = "C0RELEASES"


def test_lost_webhooks_are_healed_by_looking(day: Day) -> None:
    _, release = day.green()
    day.happens("GitHub sends no webhooks", day.world.github.webhooks_off)
    day.alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    day.told_as("no_webhooks")


def test_github_is_down_for_a_while(day: Day) -> None:
    _, release = day.green()
    green = day.message(release)
    day.happens("GitHub is down", day.world.github.down)
    day.until(release, "could not be looked at")
    day.alice.presses(release, "Push", seen=green)
    day.happens("GitHub is up again", day.world.github.down, False)
    day.until(release, "Every gate is green")
    day.world.github.hold_deploy()
    day.alice.presses(release, "Push")
    day.until(release, "RUNNING · CI", "2 of 3 jobs")
    day.happens("GitHub is down again", day.world.github.down)
    day.until(release, "could not be looked at")
    day.world.github.hold_deploy(False)
    day.happens("GitHub is up again", day.world.github.down, False)
    day.until(release, "COMPLETE")
    assert pushes(day, day.alice.laptop.head) == 1
    day.told_as("github_down")


def test_githubs_rate_limit_is_waited_for(day: Day) -> None:
    _, release = day.green()
    green = day.message(release)
    day.happens("GitHub's rate limit is used up for an hour", day.controls, "rate_limit", reset_in=3600)
    day.until(release, "rate limit is used up until")
    day.alice.presses(release, "Push", seen=green)
    asked = _asked(day)
    day.settles()
    assert _asked(day) == asked, "nothing, however many look"
    day.happens("GitHub lifts the limit long before its time", day.controls, "rate_limit", kind="off")
    day.passes("five minutes", minutes=5, seconds=5)
    day.until(release, "Every gate is green")
    day.told_as("rate_limit")


def test_an_answer_of_github_that_is_lost_pushes_once(day: Day) -> None:
    _, release = day.green()
    day.controls("lose_answer", path="git/refs", method="PATCH")
    day.controls("fail_next", path="git/refs", method="PATCH", status=502)
    day.alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    assert pushes(day, day.alice.laptop.head) == 1
    nothing_twice(day)


def test_slack_loses_answers_and_refuses(day: Day) -> None:
    change, release = day.green()
    for method in ("chat.postMessage", "chat.update"):
        day.people.control("drop", method=method, times=3)
        day.people.control("fail", method=method, times=2, status=500)
        day.people.control("fail", method=method, times=2, status=429, retry_after=1)
        day.people.control("drop", method=method, times=2, before=True)
    day.alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    nothing_twice(day)
    said = day.thread(release)
    assert [sum(text in line for line in said) for text in ("pressed Push", "is on `main`", "CI passed")] == [1, 1, 1]
    assert f"{release} is COMPLETE" in said[-1]
    day.until(change, "RELEASED")


def test_slacks_limits_are_kept_to(day: Day) -> None:
    day.people.control("limits", on=True, post_burst=1)
    _, release = day.green()
    day.alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    nothing_twice(day)
    said = day.thread(release)
    assert [line for line in said if "passed. Next" in line] == [
        "✅ Preconditions passed. Next: Local state.",
        "✅ Local state passed. Next: Commits.",
        "✅ Commits passed. Next: Push.",
        "✅ Push passed. Next: CI.",
        "✅ CI passed. Next: Production.",
    ]


def test_a_deleted_card_is_posted_once_more(day: Day) -> None:
    change, release = day.started()
    ts = day.message(release)["ts"]
    day.happens(f"somebody deletes the card of {release}", day.people.control, "delete", channel=RELEASES, ts=ts)
    day.alice.types("/release status")
    day.alice.preflights(change)
    day.until(release, "8 of 9")
    nothing_twice(day)
    day.told_as("card_deleted")


def test_without_the_channel_the_owner_hears_of_it_and_the_release_goes_on(fresh_day: Day) -> None:
    day = fresh_day
    day.begins()
    day.new_story()
    _, release = day.green()
    message = day.message(release)
    day.happens("the bot is removed from #releases", day.people.control, "channel", channel=RELEASES, bot=False)
    day.people.click(day.alice.id, "releases", message["ts"], "Push", stale=message)
    day.told.says(f"Alice presses [ Push ] on {release}")
    day.until_status(release, "COMPLETE")
    day.told.look()
    day.alice.opens_home()
    day.happens("the bot is invited again", day.people.control, "channel", channel=RELEASES, bot=True)
    day.told_as("not_in_the_channel")


def _asked(day: Day) -> int:
    """How often the bot has asked GitHub for anything."""
    return sum(call["login"] == BOT_LOGIN for call in day.handles.github.world.calls)
