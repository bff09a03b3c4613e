"""Rule 3: the attested tree reaches the designated branch when every gate is green, and it stays still."""

from tests.stories.day import Day
from tests.stories.person import SENTENCE


def test_github_refuses_the_push_until_it_is_mended(day: Day) -> None:
    _, release = day.green()
    rule = {"pushers": ["slipway[bot]"], "required_checks": ["security-review"]}
    day.happens("main now wants a status check", day.world.github.protect, **rule)
    day.alice.presses(release, "Push")
    day.until(release, "HELD · Push")
    day.happens("main wants it no more", day.world.github.protect, pushers=["slipway[bot]"])
    day.bob.presses(release, "Push")
    day.bob.fills(sentence="OK")
    day.bob.fills(sentence=SENTENCE)
    day.until(release, "COMPLETE")
    day.told_as("push_refused_by_github")


def test_the_branch_moves_during_ci(day: Day) -> None:
    _, release = day.green()
    day.world.github.hold_deploy()
    day.alice.presses(release, "Push")
    day.until(release, "RUNNING · CI", "2 of 3 jobs")
    day.world.github.protect(off=True)
    day.bob.laptop.reset()
    day.bob.laptop.edit("more_results")
    day.bob.laptop.commit("Show more results")
    day.bob.pushes_main()
    day.awaits("violation of S2", "OPEN")
    day.until(release, "HELD · CI")
    day.told_as("branch_moved")


def test_people_push_and_the_bot_watches(day: Day) -> None:
    day.keeps_sop(push="watch")
    _, release = day.green()
    assert "[ Push ]" not in day.card(release)
    day.told.says(f"{release} reads", *day.card(release).splitlines())
    day.alice.pushes_main()
    day.until(release, "COMPLETE")
    day.told_as("good_day_watch")


def test_pushed_before_its_time(day: Day) -> None:
    day.keeps_sop(push="watch")
    _, release = day.started()
    day.alice.pushes_main()
    day.awaits("violation of S2", "OPEN")
    day.until(release, "HELD", "before its time")
    day.told_as("pushed_early")


def test_another_tree_is_pushed(day: Day) -> None:
    day.keeps_sop(push="watch")
    change, release = day.green()
    day.alice.laptop.edit("bigger_discount")
    day.alice.laptop.commit("A last touch", reference=f"{change}:")
    day.alice.pushes_main()
    day.awaits("violation of S2", "OPEN")
    day.until(release, "HELD", "another tree was pushed")
    day.told_as("another_tree_pushed")
