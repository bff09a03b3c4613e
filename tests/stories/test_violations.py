"""S2, X1 to X4, F1: what goes around the SOP is found, shown on one card, blocks, and is explained by an approver."""

import pytest

from bot.sop.gates.ci import DONE
from tests.stories.day import Day, wait

QUICK = {"every": "1s"}


@pytest.fixture
def patrolled(new_day: Day) -> Day:
    """The patrol looks every second, and has looked."""
    with new_day.told.quietly():
        new_day.keeps_sop(patrol=QUICK)
        new_day.bot.reconciler.start()
        new_day.settles()
    return new_day


def test_production_changed_by_hand(patrolled: Day) -> None:
    """X1: the version is the verified one, the answers are not. It blocks a release, and comes back."""
    day = patrolled
    day.happens("somebody edits a file in production by hand", day.world.production.edit_file)
    day.until("V-1", "OPEN", "behaves differently")
    change = day.approved()
    with day.told.quietly():
        day.alice.commits(change, "faster")
    day.alice.starts(change, "faster")
    day.until("R-1", "STOPPED")
    day.frank.presses("V-1", "Explain")
    day.carol.opens_home()
    day.carol.presses("V-1", "Explain")
    day.carol.fills(reason="Dave tried a campaign; it is being taken back.")
    day.until("V-1", "EXPLAINED", "seen still")
    day.happens("the file is as it was", day.world.production.restore)
    day.until("V-1", "no longer seen")
    day.happens("somebody edits it again", day.world.production.edit_file)
    day.until("V-1", "OPEN", "2 times")
    day.told_as("violation_by_hand")


def test_a_setting_changed_by_hand_and_a_version_nobody_knows(patrolled: Day) -> None:
    """X1 twice: configuration, and a build that came from nowhere."""
    day = patrolled
    day.happens("a setting of production is changed by hand", day.world.production.change_behaviour)
    day.until("V-1", "OPEN", "behaves differently")
    day.happens("somebody puts a build of their own there", day.world.production.strange_version)
    day.until("V-2", "OPEN", "6 of 6", "emergency-patch")
    day.told_as("violation_strange_version")


def test_deployed_past_ci(patrolled: Day) -> None:
    """X2: a commit that no run let through."""
    day = patrolled
    day.happens("Bob builds on his laptop and deploys past CI", day.world.deploy_past_ci, "bob", "more_results")
    day.until("V-1", "OPEN", "X2", "6 of 6")
    day.told_as("violation_past_ci")


def test_pushed_without_a_release_during_a_freeze(patrolled: Day) -> None:
    """S2, X3 and X4 by one act: the push is seen first, then what it brought. One card, explained once."""
    day = patrolled
    with day.told.quietly():
        day.carol.types("/freeze start shop")
        freeze = day.carol.fills(reason="Black Friday")[0].split()[1]
        day.until(freeze, "Black Friday")
    day.told.says(f"· {freeze} is in force, declared by Carol")
    day.happens("Bob pushes straight to main", day.world.push_without_release, "bob")
    day.until("V-1", "OPEN", "no release pushed that")
    day.until("V-1", "violation of S2, X3 and X4", "6 of 6 reads", "deployed during")
    day.carol.presses("V-1", "Explain")
    day.carol.fills(reason="The payment partner changed its address; the release follows tomorrow.")
    day.until("V-1", "EXPLAINED", "seen still")
    day.told_as("violation_without_release_in_freeze")


def test_history_rewritten_and_a_deployment_by_hand(patrolled: Day) -> None:
    """A force push, and a run that somebody started."""
    day = patrolled
    with day.told.quietly():
        day.controls("ci_never_starts")
    day.happens("Bob rewrites the last commit of main", day.world.force_push, "bob")
    day.until("V-1", "OPEN", "was forced from")
    with day.told.quietly():
        day.controls("ci_never_starts", on=False)
        day.world.production.stall_next_deploy()
    day.happens("Erin starts the deploy workflow by hand", day.world.github.dispatch, "erin")
    day.until("V-2", "OPEN", "started by `workflow_dispatch`")
    ended(day, "workflow_dispatch")
    day.happens("what she deployed comes up", day.world.production.finish)
    day.until("V-2", "OPEN", "6 of 6")
    day.told_as("violation_forced_and_by_hand")


def test_a_run_that_is_run_again_blindly(patrolled: Day) -> None:
    """F1: cancelled while no deploy job has begun; what was over when it was seen is told as such."""
    day = patrolled
    day.complete()
    run = day.world.github.last_run()["id"]
    with day.told.quietly():
        day.controls("hold_jobs", jobs=["test"])
    day.happens("Bob runs CI again at GitHub, with no cause recorded", day.world.github.rerun, run, "bob")
    day.until("V-1", "OPEN", "It was cancelled before a deploy job began")
    with day.told.quietly():
        day.controls("release_jobs")
    with day.unseen():
        day.happens("he does it again, while nobody looks", day.world.github.rerun, run, "bob")
        ended(day)
    day.until("V-2", "OPEN", "It was over when it was seen")
    day.told_as("violation_blind_rerun")


def test_what_cannot_be_seen_is_unknown(patrolled: Day) -> None:
    """Law 17: neither clean nor a violation, and said so once."""
    day = patrolled
    day.happens("production goes down", day.world.production.down)
    day.passes("sixteen minutes pass", minutes=16)
    day.until("could not be seen", "neither clean nor a violation")
    day.carol.opens_home()
    day.carol.types("/sop")
    day.happens("production is up again", day.world.production.down, False)
    day.until("can be seen again", "unknown since")
    day.told_as("violation_unknown")


def ended(day: Day, event: str = "push") -> None:
    """Waits until the newest run is over."""
    wait(lambda: day.world.github.last_run(event)["status"] == DONE, lambda: "the run to end")
