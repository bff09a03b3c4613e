"""Rule 5 and C: complete only when every read of production is new and it behaves as it did locally."""

from tests.stories.day import Day


def test_a_deploy_that_stalls_holds_it_and_heals(day: Day) -> None:
    day.keeps_sop(production__update_within="1s")
    _, release = day.green()
    day.happens("the next deploy stalls", day.world.production.stall_next_deploy)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · Production", "did not update", "Last lines of the deploy")
    with day.unseen():
        day.happens("the deploy is finished", day.world.production.finish)
    day.until(release, "COMPLETE")
    day.told_as("deploy_stalls")


def test_half_a_fleet_is_not_the_new_version(day: Day) -> None:
    day.keeps_sop(production__update_within="1s")
    _, release = day.green()
    day.happens("deploys reach half of the fleet", day.world.production.half_fleet)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · Production", "3 of 6", "Last lines of the deploy")
    with day.unseen():
        day.happens("the other half catches up", day.world.production.half_fleet, False)
    day.until(release, "COMPLETE")
    day.told_as("half_fleet")


def test_production_that_behaves_differently_holds_it_with_the_fields(day: Day) -> None:
    _, release = day.green()
    day.world.github.webhooks_off()  # else the patrol may find it first
    day.happens("a setting of production was changed by hand", day.world.production.change_behaviour)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · Production", "differ", "Last lines of the deploy")
    day.told_as("behaves_differently")


def test_production_that_is_down_is_waited_for(day: Day) -> None:
    _, release = day.green()
    day.world.production.stall_next_deploy()
    day.alice.presses(release, "Push")
    day.until(release, "RUNNING · Production")
    day.happens("production goes down", day.world.production.down)
    day.until(release, "RUNNING · Production", "production to tell its version")
    with day.unseen():
        day.world.production.finish()
        day.happens("production comes back, with the new version", day.world.production.down, False)
    day.until(release, "COMPLETE")
    day.told_as("production_down")
