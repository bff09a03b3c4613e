"""F1: nothing is retried blindly. One failure is mended by a commit, the next one by configuration."""

from collections.abc import Callable

from bot.sandbox.people import ALICE, BOB, CAROL
from bot.sandbox.plays import steps
from bot.sandbox.plays.ending import ended, must
from bot.sandbox.plays.office import Office
from bot.sandbox.plays.reading import shown

CAUSE = "release:cause"
BROKEN_TEST = "test_a_bulk_cart_is_cheaper"
OFFLINE = "the supplier's stock service does not answer"


def play(office: Office) -> int:
    return ended(office, _day)


def _day(office: Office) -> str:
    steps.begin(office, "the patrol looks every second", {"patrol": {"every": "1s"}})
    change = steps.approved(office, ALICE, "Simpler totals")
    name = f"{change.lower()}-simpler-totals"
    failing = steps.branch(office, ALICE, name, change, "break_test")
    steps.preflight(office, ALICE, change)
    release = steps.started(office, ALICE, change, name)
    steps.push(office, ALICE, release)
    _held(office, release, BROKEN_TEST)
    _blind(office, release, failing)
    _mended_by_commit(office, release)
    sha = _anew(office, release, change)
    _mended_by_configuration(office, release)
    steps.complete(office, release)
    steps.in_production(office, sha)
    return f"{release} is COMPLETE at its second commit and third run; the blind one was caught."


def _held(office: Office, release: str, test: str) -> None:
    """Job, step and log lines are on the card; a re-run is not offered before the cause is known."""
    office.until_state(release, "HELD · CI", 30)
    card = office.shows(release, "in job test at step Run the tests", test)
    failure = next(line for line in card.splitlines() if "in job test" in line)
    office.teller.does("the card", f"says: {failure.removeprefix('⛔ ')}")
    must("release:rerun" not in office.offered(release), "a re-run is offered before the root cause is recorded")
    must(CAUSE in office.offered(release), "nothing on the card asks for the root cause")


def _blind(office: Office, release: str, sha: str) -> None:
    """Bob runs it again at GitHub all the same: a violation, and it does not make the release go on."""
    office.world.github.rerun(office.world.github.run_of(sha)["id"], BOB.login)
    office.teller.does(BOB, "presses Re-run at GitHub, hoping for the best")
    violation = office.violation("F1")
    card = office.shows(violation, "was run again (attempt 2) at GitHub, not by Slipway", "bob")
    must("F1" in card, f"the card of {violation} names no rule")
    run = office.world.github.run_of(sha)
    office.teller.does("GitHub", f"has ended attempt {run['run_attempt']}: {run['conclusion']}")
    office.until_state(release, "HELD · CI")
    must(set(office.world.production.versions(4)) != {sha}, "the blind re-run has reached production")
    said = office.refused(lambda: office.explain(ALICE, violation, "It was only a retry."), "approver")
    office.teller.does(ALICE, f"cannot explain {violation}: {said}")
    office.explain(CAROL, violation, "Bob has been told why we do not do that.")
    office.teller.does(CAROL, f"has explained {violation}")


def _mended_by_commit(office: Office, release: str) -> None:
    """A quote that the log does not hold is refused; the cause goes by the log."""
    form = {"cause": "The discount is no longer taken off.", "mend": "commit", "evidence": "It is taken off again."}
    wrong = lambda: office.press(ALICE, release, CAUSE, CAUSE, quote="the network was down", **form)  # noqa: E731
    said = office.until("the log, read", lambda: _not_quoted(office, wrong))
    office.teller.does(ALICE, f"quotes “the network was down”: {said}")
    office.press(ALICE, release, CAUSE, CAUSE, quote=BROKEN_TEST, **form)
    office.teller.does(ALICE, f"has recorded the root cause, quoting {BROKEN_TEST}, mended by a commit")
    office.says(release, "recorded the root cause", form["cause"])
    must("release:rerun" not in office.offered(release), "a re-run is offered though a commit has to mend it")


def _not_quoted(office: Office, quote: Callable[[], object]) -> str:
    """What is said of a wrong quote; empty while the bot has not read the log yet."""
    said = office.refused(quote, "log")
    must("has no such line" in said or "not been read yet" in said, f"it said {said}")
    return said if "has no such line" in said else ""


def _anew(office: Office, release: str, change: str) -> str:
    """It starts again at Local state: a new commit, and a preflight of its own. The supplier fails this time."""
    sha = steps.commit(office, ALICE, change, "mend")
    steps.preflight(office, ALICE, change)
    office.until_state(release, "RUNNING · Push", 20)
    office.world.github.failing_test()
    office.teller.does("supplier", "goes offline")
    steps.push(office, ALICE, release)
    _held(office, release, OFFLINE)
    return sha


def _mended_by_configuration(office: Office, release: str) -> None:
    """Only now a re-run is offered; the attempt is known as ours, and no violation."""
    form = {"cause": "The supplier was switched off for the night.", "mend": "configuration"}
    steps.record_cause(office, ALICE, release, OFFLINE, evidence="SUPPLIER is the warehouse again.", **form)
    office.world.github.failing_test(False)
    office.teller.does(ALICE, "has brought the supplier back and recorded that as the root cause")
    office.press(ALICE, release, "release:rerun")
    office.teller.does(ALICE, "has pressed Re-run CI, which is offered now")
    office.says(release, "runs CI again, intentionally")
    open_ = [m for m in office.messages() if m["text"].startswith("V-") and " OPEN " in m["text"]]
    must(not open_, f"an intended re-run is called a violation: {shown(open_[0]) if open_ else ''}")
