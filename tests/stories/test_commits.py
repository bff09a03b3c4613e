"""Rules 1 and 2: the candidate is the attested tree on top of the branch, and nothing but what was asked for."""

from bot.sandbox.people import ALICE, BOB, CAROL, DAVE
from tests.stories.day import Day


def test_an_app_that_does_not_run_holds_it_until_it_does(day: Day) -> None:
    change, release = day.started(edit="break_start", areas=["app", "checkout"])
    day.alice.acknowledges(release)
    assert day.alice.preflights(change, "--report") != 0
    day.until(release, "HELD · Local state")
    day.alice.laptop.mend()
    day.alice.commits(change, "faster")
    day.until(release, "another tree than attested")
    assert day.alice.preflights(change) == 0
    day.until(release, "Every gate is green")
    day.told_as("app_does_not_run")


def test_a_branch_behind_the_designated_one_holds_it(day: Day) -> None:
    change, release = day.green()
    day.world.github.protect(off=True)
    day.bob.laptop.edit("more_results")
    day.bob.laptop.commit("Show more results")
    day.world.github.webhooks_off()  # else the patrol finds it first
    day.bob.pushes_main()
    day.until(release, "HELD · Local state")
    day.alice.laptop.rebase()
    day.alice.laptop.push(force=True)
    day.told.says("Alice rebases and pushes her branch")
    day.until(release, "another tree than attested")
    assert day.alice.preflights(change) == 0
    day.until(release, "HELD · Commits", "no release brought it")
    day.told_as("branch_behind")


def test_a_commit_without_the_change_request_holds_it(day: Day) -> None:
    change = day.approved()
    day.alice.commits(change, "faster")
    day.alice.commits("", "faster", "bigger_discount")
    release = day.alice.starts(change, "faster")
    day.alice.acknowledges(release)
    assert day.alice.preflights(change) != 0
    day.alice.preflights(change, "--report")
    day.until(release, "waits for")
    day.alice.laptop.reword("Raise the bulk discount", reference=f"{change}:")
    day.alice.laptop.push(force=True)
    day.told.says("Alice amends the message and pushes her branch")
    assert day.alice.preflights(change) == 0
    day.until(release, "Every gate is green")
    day.told_as("unreferenced_commit")


def test_a_commit_that_comes_after_the_preflight_voids_it(day: Day) -> None:
    change, release = day.green()
    day.alice.commits(change, "faster", "bigger_discount")
    day.until(release, "HELD · Local state")
    assert day.alice.preflights(change) == 0
    day.until(release, "Every gate is green", "2 of 2 reference")
    day.told_as("another_tree")


def test_a_commit_of_another_change_request_holds_it(day: Day) -> None:
    other = day.approved(title="More results")
    change, release = day.green()
    day.alice.commits(other, "faster", "bigger_discount")
    day.until(release, "another tree than attested")
    assert day.alice.preflights(change, "--report") != 0
    day.until(release, "waits for a whole preflight", f"references {other}")
    day.told_as("commit_of_another_change")


def test_a_path_outside_the_areas_is_accepted_by_an_approver_by_name(day: Day) -> None:
    roles = {
        "releaser": [ALICE.slack_id, BOB.slack_id],
        "approver": [ALICE.slack_id, BOB.slack_id, CAROL.slack_id, DAVE.slack_id],
    }
    day.keeps_sop(roles=roles)
    change, release = day.started()
    name = day.branch("faster")
    day.bob.laptop.fetch()
    day.bob.laptop.switch(name)
    day.bob.commits(change, "faster", "unrelated_file")
    day.alice.laptop.discard()
    day.alice.laptop.fetch()
    day.alice.laptop._act("merge", "--quiet", "--ff-only", f"origin/{name}")
    day.alice.acknowledges(release)
    assert day.alice.preflights(change) == 0
    day.until(release, "HELD · Commits", "Accept paths")
    for person in (day.alice, day.bob, day.erin):
        person.presses(release, "Accept paths")
    day.carol.presses(release, "Accept paths")
    day.carol.reads_form()
    day.carol.fills(reason="The rota is part of it.")
    day.until(release, "Every gate is green")
    day.told_as("paths_outside")


def test_who_wrote_it_does_not_count_as_its_approver(day: Day) -> None:
    approvers = [BOB.slack_id, CAROL.slack_id, DAVE.slack_id]
    day.keeps_sop(roles={"releaser": [ALICE.slack_id, BOB.slack_id], "approver": approvers})
    change = day.alice.files_change()
    day.bob.approves(change)
    day.bob.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.alice.acknowledges(release)
    assert day.bob.preflights(change) == 0
    day.until(release, "HELD · Commits")
    day.carol.approves(change)
    day.until(release, "Every gate is green")
    day.told_as("approver_is_author")


def test_ci_is_never_skipped(day: Day) -> None:
    change = day.approved()
    day.alice.commits(change, "faster", message="Pack orders faster [skip ci]")
    release = day.alice.starts(change, "faster")
    day.alice.acknowledges(release)
    assert day.alice.preflights(change) == 0
    day.until(release, "HELD · Commits")
    day.told_as("skip_ci")
