"""T2 and H1 to H5: only from a confirmed CRITICAL, minimal, reversible, at once, and written down."""

from pathlib import Path

from tests.stories.day import Day
from tests.stories.person import named

NIGHT = {"severity_confirmation": "another_person"}


def test_from_the_declaration_to_the_decision_log(day: Day) -> None:
    """During a freeze; two approvals are wanted of a standard change, one of an emergency."""
    day.keeps_sop(incident=NIGHT, approvals={"required": 2})
    with day.told.quietly():
        day.carol.types("/freeze start shop")
        freeze = day.carol.fills(reason="Black Friday")[0].split()[1]
        day.until(freeze, "Black Friday")
    day.told.says(f"· {freeze} is in force, declared by Carol")
    bob, erin = day.bob, day.erin
    incident = bob.declares("Quotes promise *yesterday*", affected=["quote"])
    day.until(incident, "OPEN", "passing now")
    bob.presses(incident, "Take the lead")
    bob.presses(incident, "Confirm CRITICAL")
    bob.types(f"/incident hotfix {incident}")
    erin.presses(incident, "Confirm CRITICAL")
    day.until(incident, "[ Start hotfix ]")
    hotfix, change = bob.begins_hotfix(incident, "fix", reads=True)
    day.until(hotfix, "preflight")
    bob.presses(change, "Approve")
    day.carol.presses(change, "Approve")
    bob.commits(change, "fix", "faster_checkout")
    bob.acknowledges(hotfix)
    assert bob.preflights(change) == 0
    day.until(hotfix, "Every gate is green")
    bob.presses(hotfix, "Push")
    day.until(hotfix, "[ Confirm resolved ]")
    erin.presses(hotfix, "Confirm resolved")
    bob.presses(hotfix, "Confirm resolved")
    day.until(hotfix, "[ Write note ]")
    bob.presses(hotfix, "Write note")
    bob.reads_form()
    bob.fills(
        happened="# Quotes\n- promised <yesterday>\n```",
        cause="`PACKING_MINUTES` was | too large",
        follow_ups="[a probe](https://shop.example) for dates",
    )
    day.until(hotfix, "COMPLETE")
    day.until(incident, "CLOSED")
    day.decision_log()
    day.told_as("hotfix")


def test_what_a_second_person_has_to_accept(day: Day) -> None:
    """A CRITICAL stops a standard release before its push; its hotfix is stopped when the severity goes down, and begun
    anew when that goes up."""
    day.keeps_sop(hotfix__max_files=1, service__irreversible_paths=["migrations/**"])
    erin, carol = day.erin, day.carol
    _, standard = day.green("results", "more_results", title="More results", areas=["search"])
    search = erin.declares("Search is slow", "HIGH", affected=["search"])
    day.until(search, "HIGH · OPEN", "passing now")
    erin.types(f"/incident hotfix {search}")
    incident = day.critical()
    day.awaits(standard, "STOPPED")
    day.told.says(f"· {standard} now reads", *day.card(standard).splitlines())
    hotfix, change = erin.begins_hotfix(incident, "fix")
    day.until(hotfix, "preflight")
    with day.told.quietly():
        erin.presses(search, "Change severity")
        erin.fills(severity="CRITICAL", reason="It finds nothing now.")
        carol.approves(change)
        day.alice.commits(change, "fix", "faster_checkout")
        day.alice.commits(change, "fix", "new_migration")
        day.alice.acknowledges(hotfix)
        assert day.alice.preflights(change) == 0
        day.until(hotfix, "Go on beside")
    day.told.says(f"· {search} is CRITICAL, too; Alice has committed a fix and a migration, and run preflight")
    erin.presses(hotfix, "Go on beside")
    carol.presses(hotfix, "Go on beside")
    carol.reads_form()
    carol.fills(reason="Another team is at the search.")
    day.until(hotfix, "HELD · Minimal fix", "2 files and 3 lines", "A revert does not undo", "[ Accept paths ]")
    day.alice.presses(hotfix, "Accept size")
    carol.presses(hotfix, "Accept size")
    carol.reads_form()
    carol.fills(reason="The column has to go with it.")
    carol.presses(hotfix, "Accept paths")
    carol.fills(reason="The fix writes the column.")
    day.until(hotfix, "size accepted", "[ Accept irreversible paths ]")
    carol.presses(hotfix, "Accept irreversible paths")
    carol.reads_form()
    carol.fills(reason="It only adds a column; the code before does not mind it.")
    day.until(hotfix, "Every gate is green", "1 irreversible path, accepted by Carol Chen")
    erin.presses(incident, "Change severity")
    erin.fills(severity="HIGH", reason="Customers can pay by invoice.")
    day.until(hotfix, "STOPPED")
    erin.presses(incident, "Change severity")
    erin.fills(severity="CRITICAL", reason="The invoices fail, too.")
    erin.presses(incident, "Confirm CRITICAL")
    day.until(incident, f"hotfix {hotfix} is STOPPED", "[ Start hotfix ]")
    day.until(change, f"[ Start hotfix of {incident} ]")
    erin.presses(hotfix, "Start again")
    erin.reads_form()
    again = named("R", erin.fills())
    day.until(again, "[ Governance check ]", "6 of 8", "waits for governance check and a word on other CRITICALs")
    assert "[ Start hotfix" not in day.card(incident) + day.card(change)
    day.told_as("hotfix_second_persons")


def test_beside_a_release_that_is_pushed(new_day: Day) -> None:
    """Finish it first, or roll it back first: a person chooses by a click."""
    day = new_day
    day.world.github.failing_test()
    _, standard = day.pushed()
    with day.told.quietly():
        day.until(standard, "HELD · CI", "[ Record root cause ]")
    day.told.says(f"· {standard} is HELD in CI")
    incident = day.critical()
    day.world.github.failing_test(False)
    hotfix, _ = day.erin.begins_hotfix(incident, "fix")
    day.until(hotfix, "Choose: let")
    day.erin.rolls_back(standard, f"{incident} is more urgent.")
    day.until(hotfix, "4 of 8")
    day.told_as("hotfix_beside_a_pushed_release")


def test_beside_a_release_that_is_let_finish(new_day: Day) -> None:
    """What that one brought is no stray, and the revert is built anew for what production serves by then."""
    day = new_day
    day.world.github.hold_deploy()
    _, standard = day.pushed()
    incident = day.critical()
    hotfix, change = day.erin.begins_hotfix(incident, "fix")
    with day.told.quietly():
        day.until(hotfix, "Choose: let")
        day.carol.approves(change)
        day.alice.commits(change, "fix", "bigger_discount")
        day.alice.acknowledges(hotfix)
        assert day.alice.preflights(change) == 0
        day.until(hotfix, "7 of 8", "Choose: let")
    day.told.says(f"· {change} is approved, Alice has committed a fix on top of {standard} and run preflight")
    day.world.github.hold_deploy(False)
    day.awaits(standard, "COMPLETE", unless="HELD")
    day.until(hotfix, "Every gate is green", unless="HELD")
    assert "HELD" not in " ".join(day.thread(hotfix))
    day.told_as("hotfix_beside_a_finished_release")


def test_people_push_it_and_the_bot_watches(day: Day) -> None:
    """`push: watch`: the revert is built all the same, and the push is seen."""
    day.keeps_sop(push="watch")
    incident = day.critical()
    hotfix, change = day.erin.begins_hotfix(incident, "fix")
    with day.told.quietly():
        day.until(hotfix, "preflight")
        day.carol.approves(change)
        day.alice.commits(change, "fix", "faster_checkout")
        day.alice.acknowledges(hotfix)
        assert day.alice.preflights(change) == 0
        day.until(hotfix, "Every gate is green")
    day.told.says(f"· {change} is approved, Alice has committed a fix and run preflight")
    assert "[ Push ]" not in day.card(hotfix)
    day.told.says(f"{hotfix} reads", *day.card(hotfix).splitlines())
    with day.unseen():  # GitHub says who pushed a moment after it has the commit
        day.alice.pushes_main()
    day.until(hotfix, "[ Confirm resolved ]", "[ Write note ]")
    day.told_as("hotfix_watch")


def test_what_was_affected_fails_still(new_day: Day) -> None:
    """The fix works on the laptop and in CI, and not in production."""
    day = new_day
    key = {"PAYMENT_KEY": "k-1"}
    day.works_with(key)
    day.controls("variables", job_env=key)
    incident = day.critical()
    hotfix, change = day.erin.begins_hotfix(incident, "fix")
    with day.told.quietly():
        day.until(hotfix, "preflight")
        day.carol.approves(change)
        day.alice.commits(change, "fix", needs_a_key)
        day.alice.acknowledges(hotfix)
        assert day.alice.preflights(change) == 0
        day.until(hotfix, "Every gate is green")
        day.world.github.hold_deploy()
        day.alice.presses(hotfix, "Push")
        day.until(hotfix, "✅ Push   `main`")
        day.world.github.hold_deploy(False)
    day.told.says(f"· {hotfix} is pushed by Alice; its fix wants a PAYMENT_KEY, which production does not have")
    day.until(hotfix, "HELD · Production", "Right branch deployed?  ✅")
    back = day.alice.rolls_back(hotfix, "It made things worse.")
    day.until(back, "COMPLETE")
    day.controls("variables", job_env={"PAYMENT_KEY": ""})
    day.told_as("hotfix_that_does_not_help")


def needs_a_key(checkout: Path) -> str:
    file = checkout / "shop/checkout.py"
    text = file.read_text(encoding="utf-8")
    line = "    subtotal = 0\n"
    assert line in text
    file.write_text(text.replace(line, f'    os.environ["PAYMENT_KEY"]\n{line}'), encoding="utf-8")
    return "Ask the payment service first"
