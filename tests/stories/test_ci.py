"""Rule 4: the pipeline starts by itself and is watched until every required workflow has succeeded."""

from tests.stories.day import Day


def test_ci_that_starts_late_holds_it_and_heals(day: Day) -> None:
    day.keeps_sop(ci__start_within="1s")
    _, release = day.green()
    day.happens("GitHub shows runs late", day.controls, "ci_slow", appear=3600)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · CI", "CI did not start")
    day.happens("GitHub shows the run", day.controls, "ci_slow")
    day.until(release, "COMPLETE")
    day.told_as("ci_starts_late")


def test_ci_that_never_starts(day: Day) -> None:
    day.keeps_sop(ci__start_within="1s")
    _, release = day.green()
    day.happens("GitHub starts no runs", day.world.github.never_starts)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · CI", "CI did not start")
    day.alice.types(f"/release status {release}")
    day.told_as("ci_never_starts")


def test_a_failing_test_holds_it_with_job_step_and_log(day: Day) -> None:
    _, release = day.green()
    day.happens("a test fails in CI", day.world.github.failing_test)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · CI")
    day.told_as("ci_fails")


def test_a_run_waits_for_an_approval_at_github(day: Day) -> None:
    _, release = day.green()
    day.happens("GitHub's environment wants Carol's approval", day.controls, "environment", reviewers=["carol"])
    day.alice.presses(release, "Push")
    day.until(release, "RUNNING · CI", "an approval at GitHub")
    run = day.world.github.runs(1)[0]["id"]
    day.happens("Carol approves it at GitHub", day.controls, "approve", run=run, login="carol")
    day.until(release, "COMPLETE")
    day.controls("environment", reviewers=[])
    day.told_as("ci_waits_for_an_environment")


def test_a_cancelled_run_is_no_success(day: Day) -> None:
    _, release = day.green()
    day.world.github.hold_deploy()
    day.alice.presses(release, "Push")
    day.until(release, "RUNNING · CI", "2 of 3 jobs")
    day.happens("the run is cancelled at GitHub", day.world.github.cancel, day.world.github.runs(1)[0]["id"])
    day.until(release, "HELD · CI")
    day.told_as("ci_cancelled")


def test_a_run_that_takes_too_long_heals_when_it_ends(day: Day) -> None:
    day.keeps_sop(ci__complete_within="1s")
    _, release = day.green()
    day.world.github.hold_deploy()
    day.alice.presses(release, "Push")
    day.until(release, "HELD · CI", "CI takes too long")
    day.happens("a runner takes the deploy job", day.world.github.hold_deploy, False)
    day.until(release, "COMPLETE")
    day.told_as("ci_late")
