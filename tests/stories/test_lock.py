"""One release at a time for a repository and branch; nothing pushed is ever left unowned."""

from tests.stories.day import Day


def test_a_second_release_is_refused(day: Day) -> None:
    _, release = day.started()
    other = day.approved(title="More results", areas=["search"])
    day.bob.types(f"/release start shop {other}")
    day.bob.fills(candidate="results")
    day.bob.closes_form()
    day.bob.types("/release status")
    day.bob.presses(release, "Abort")
    day.carol.aborts(release, "Bob's is more urgent.")
    day.until(release, "ABORTED")
    day.bob.commits(other, "results", "more_results")
    day.bob.starts(other, "results")
    day.told_as("lock_busy")


def test_commits_left_ahead_go_out_with_the_next_release_by_name(day: Day) -> None:
    _, release = day.green()
    day.world.github.failing_test()
    day.alice.presses(release, "Push")
    with day.told.quietly():
        day.until(release, "HELD · CI")
    day.told.says(f"· {release} is pushed, and HELD since a test fails in CI")
    day.alice.presses(release, "Abort")
    day.alice.reads_form()
    day.alice.fills(reason="The supplier is offline.")
    day.alice.fills(leave=["yes"])
    day.until(release, "ABORTED", "the lock stays")
    day.world.github.failing_test(False)
    day.told.says("· the supplier is online again")
    other = day.approved(title="More results", areas=["search"])
    day.bob.commits(other, "results", "more_results")
    day.bob.types(f"/release start shop {other}")
    day.bob.reads_form()
    day.bob.fills(candidate=day.branch("results"))
    following = day.bob.fills(take_over=["yes"])[0].split()[0]
    day.bob.acknowledges(following)
    assert day.bob.preflights(other) == 0
    day.until(following, "Every gate is green")
    day.bob.presses(following, "Push")
    day.until(following, "COMPLETE")
    day.told_as("left_ahead_and_taken_over")
