"""R1 to R4: production returns to a verified commit, whatever else is going on, and the reason is kept."""

from bot.sandbox.github.faults import Failing
from tests.stories.day import Day

FORBIDDEN = "Resource not accessible by integration"


def test_of_a_complete_release(new_day: Day) -> None:
    """During a freeze, and two people at once. What was taken back is barred until somebody acknowledges that."""
    day = new_day
    change, release = day.complete("bigger_discount", title="Bigger bulk discount")
    with day.told.quietly():
        day.carol.types("/freeze start shop")
        freeze = day.carol.fills(reason="Black Friday")[0].split()[1]
        day.until(freeze, "Black Friday")
    day.told.says(f"· {freeze} is in force, declared by Carol")
    day.frank.presses(release, "Roll back")
    day.bob.types(f"/release rollback {release}")
    day.bob.reads_form()
    day.erin.presses(release, "Roll back")
    day.bob.fills(reason="Bulk orders lose <money> & *trust*.", sure=["yes"])
    day.erin.fills(reason="Customers complain.", sure=["yes"])
    day.erin.closes_form()
    day.until("R-2", "COMPLETE")
    day.decision_log()
    day.carol.presses(freeze, "End freeze")
    day.alice.types(f"/release start shop {change}")
    day.alice.presses(change, "Acknowledge the rollback")
    day.until(change, "OPEN")
    day.told_as("rolled_back")


def test_a_rollback_that_is_held_gives_way_to_an_older_target(new_day: Day) -> None:
    """The supplier that made the release fail in CI makes its rollback fail, too: nothing is retried blindly."""
    day = new_day
    day.complete("bigger_discount", title="Bigger bulk discount")
    day.world.github.failing_test()
    _, release = day.pushed("more_results", title="More results", areas=["search"])
    with day.told.quietly():
        day.until(release, "HELD · CI")
    day.told.says(f"· {release} is HELD in CI, since the supplier is offline")
    back = day.dave.rolls_back(release, "The supplier is offline.")
    day.until(back, "HELD · CI")
    day.happens("the supplier is online again", day.world.github.failing_test, False)
    older = day.bob.rolls_back(back, "Back to before the discount.", reads=True)
    day.until(older, "COMPLETE")
    day.decision_log()
    day.told_as("rolled_back_further")


def test_of_a_release_that_never_came_up(new_day: Day) -> None:
    day = new_day
    day.keeps_sop(production__update_within="1s")
    day.world.production.stall_next_deploy()
    _, release = day.pushed()
    with day.told.quietly():
        day.until(release, "HELD · Production", "did not update")
        day.keeps_sop()
    day.told.says(f"· {release} is HELD in PRODUCTION, since its deploy stalls")
    back = day.erin.rolls_back(release, "The deploy hangs.")
    day.until(back, "COMPLETE")
    day.told_as("rolled_back_never_live")


def test_by_a_pull_request_that_a_person_merges(new_day: Day) -> None:
    """`push: watch`. The run that could still deploy over the revert is cancelled first."""
    day = new_day
    day.world.github.hold_deploy()
    _, release = day.pushed()
    with day.told.quietly():
        day.until(release, "RUNNING · CI", "2 of 3 jobs")
    day.told.says(f"· {release} is in CI; its deploy job waits for a runner")
    day.keeps_sop("watch")
    back = day.alice.rolls_back(release, "It was meant for next week.")
    day.until(back, "RUNNING · Push", "pull request")
    day.told.says(f"· the run of {release} is {day.world.github.runs(1)[0]['conclusion']}")
    pull = day.asks_github(day.dave, "GET", "pulls").json()[0]
    day.told.says("· the pull request", pull["title"], *pull["body"].splitlines())
    day.world.github.hold_deploy(False)
    day.happens("Dave merges it", day.asks_github, day.dave, "PUT", f"pulls/{pull['number']}/merge")
    day.until(back, "COMPLETE")
    day.told_as("rolled_back_by_pull_request")


def test_of_a_push_that_went_around_the_sop(new_day: Day) -> None:
    """S2, X3: the violation blocks standard releases, not the rollback to what was verified last."""
    day = new_day
    _, release = day.complete()
    verified = day.world.github.head_of("main")
    day.world.github.protect(off=True)
    day.world.github.hold_deploy()
    with day.told.quietly():
        day.alice.laptop.switch("main")
        day.alice.laptop.reset()
        day.alice.commits("", "hurry", "more_results")
        stray = day.alice.pushes_main()
    day.told.says(f"· Alice pushes {stray} to main, without a release; its deploy job waits for a runner")
    day.until("V-1", "OPEN")
    day.carol.presses(release, "Roll back")
    day.carol.reads_form()
    day.carol.fills(target=verified, reason="Nobody has looked at it.", sure=["yes"])
    day.awaits("R-2", "RUNNING · CI")
    day.happens("a runner is free", day.world.github.hold_deploy, False)
    day.until("R-2", "COMPLETE")
    day.until("V-1", "OPEN", "Taken back by R-2; an approver")
    day.told_as("rolled_back_a_stray_push")


def test_what_github_refuses_is_tried_again_when_asked(new_day: Day) -> None:
    """First the revert, then the entry of the decision log: nothing is repeated by itself, and nothing is lost."""
    day = new_day
    _, release = day.complete()
    refused = day.handles.github.world.faults.fail
    refused.append(Failing(times=1, status=403, path="git/commits", method="POST", body=FORBIDDEN))
    back = day.bob.rolls_back(release, "Orders fail.")
    day.until(back, "HELD · Revert", "[ Try again ]")
    day.frank.presses(back, "Try again")
    refused.append(Failing(times=1, status=403, path="git/refs", method="POST", body=FORBIDDEN))
    day.carol.presses(back, "Try again")
    day.until(back, "HELD · Document", "[ Try again ]")
    day.alice.presses(back, "Try again")
    day.until(back, "COMPLETE")
    day.decision_log()
    day.told_as("rolled_back_tried_again")
