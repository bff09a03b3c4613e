"""F1 and F2: nothing is retried blindly, and nothing is mended by hand in production."""

from tests.stories.day import Day

OFFLINE = "'offline' == 'offline' : the supplier's stock service does not answer"


def test_ci_is_re_run_only_for_a_recorded_cause(day: Day) -> None:
    day.world.github.failing_test()
    _, release = day.pushed()
    with day.told.quietly():
        day.until_log_is_read(release)
    day.told.says(f"· {release} is HELD in CI: a test fails, since the supplier is offline")
    day.frank.presses(release, "Record root cause")
    day.alice.presses(release, "Record root cause")
    day.alice.reads_form()
    day.alice.fills(
        quote="it is flaky",
        cause="The supplier is offline.",
        mend="configuration",
        evidence="SUPPLIER is `mirror`.",
    )
    day.alice.fills(quote=OFFLINE)
    day.until(release, "[ Re-run CI ]")
    day.alice.presses(release, "Re-run CI")
    day.until_log_is_read(release, attempt=2)
    day.bob.records_cause(release, OFFLINE, "infrastructure", cause="the supplier is  OFFLINE", evidence="They say so.")
    day.happens("the supplier is online again", day.world.github.failing_test, False)
    day.bob.presses(release, "Re-run CI")
    day.until(release, "COMPLETE")
    day.told_as("re_run_for_a_cause")


def test_a_fix_by_commit_starts_again_at_the_local_state(day: Day) -> None:
    change, release = day.started(areas=["checkout", "delivery"])
    with day.told.quietly():
        day.alice.commits(change, "faster", "break_deploy")
        day.alice.acknowledges(release)
        assert day.alice.preflights(change) == 0
        day.until(release, "Every gate is green")
        day.alice.presses(release, "Push")
        day.until_log_is_read(release)
    day.told.says(f"· {release} is pushed, and HELD in CI: it renames a variable of the deploy script")
    day.alice.records_cause(
        release,
        "DEPLOY_ADDRESS is not set",
        "commit",
        cause="I renamed a variable.",
        evidence="It gets its name back.",
    )
    day.until(release, "RUNNING · Local state")
    assert day.alice.preflights(change) == 0
    day.until(release, "waits for the fix")
    day.alice.mends(change, "Name the variable as before")
    assert day.alice.preflights(change) == 0
    day.until(release, "Every gate is green")
    day.alice.presses(release, "Push")
    day.until(release, "COMPLETE")
    day.told_as("fixed_by_commit")


def test_production_that_did_not_update_is_redeployed(day: Day) -> None:
    needs = {"variables": ["DEPLOY_URL", "PAYMENT_URL"], "secrets": ["DEPLOY_TOKEN"]}
    day.keeps_sop(production__update_within="1s", ci__requires=needs)
    day.world.production.stall_next_deploy()
    day.world.github.hold_deploy()
    _, release = day.pushed()
    day.world.github.hold_deploy(False)
    day.until(release, "HELD · Production", "Right branch deployed?  ✅", "PAYMENT_URL")
    day.dave.presses(release, "Look again")
    day.awaits_in_thread(release, "is HELD in Production", times=2)
    day.awaits_in_thread(release, "🩺", times=2)
    day.until(release, "HELD · Production", "Right branch deployed?  ✅", "PAYMENT_URL")
    day.happens("Carol sets PAYMENT_URL at GitHub", day.sets_variable, "PAYMENT_URL", "https://pay.example")
    day.carol.presses(release, "Redeploy")
    day.bob.presses(release, "Redeploy")
    day.bob.reads_form()
    day.bob.fills(reason="PAYMENT_URL was missing; Carol has set it.")
    day.until(release, "COMPLETE")
    day.told_as("redeployed")


def test_an_approver_accepts_a_difference_by_field(day: Day) -> None:
    day.works_with({"SHOP_DISCOUNT_PERCENT": "25"})
    _, release = day.pushed()
    with day.told.quietly():
        day.until(release, "HELD · Production", "differ")
        day.awaits_in_thread(release, "🩺", times=1)
    day.told.says(f"· {release} is HELD in PRODUCTION: on the laptop a setting was another")
    day.alice.presses(release, "Accept differences")
    day.carol.presses(release, "Accept differences")
    day.carol.reads_form()
    day.carol.fills(differences=["0"], reason="10 % is what the shop wants; the laptop said 25 %.")
    day.until(release, "HELD · Production", "4 differences", "Right branch deployed?  ✅")
    day.carol.presses(release, "Accept differences")
    day.carol.reads_form()
    day.carol.fills(differences=["0", "1", "2", "3"], reason="The same.")
    day.until(release, "COMPLETE")
    day.told_as("difference_accepted")
