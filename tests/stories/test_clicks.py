"""Double clicks, two people at once, retries, old buttons: nothing happens twice, and people hear what is so."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from bot.sandbox.slack.errors import PageError
from tests.stories.day import Day
from tests.stories.once import nothing_twice, pushes
from tests.stories.person import SENTENCE, Person


def at_once(*acts: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()


def told(who: Person, since: Mapping[str, object]) -> list[str]:
    """What only this person was told."""
    return ["\n".join(lines) for ts, lines in who.whispers().items() if ts not in since]


def test_push_is_pressed_by_everybody_at_once(day: Day) -> None:
    _, release = day.green()
    click, ts = day.people.click, day.message(release)["ts"]
    day.bob.presses(release, "Push")
    before = day.alice.whispers()

    def take_over() -> None:
        with suppress(PageError):  # Alice was quicker
            day.people.fill_and_submit(day.bob.id, sentence=SENTENCE)

    at_once(take_over, *[lambda: click(day.alice.id, "releases", ts, "Push")] * 3)
    day.until(release, "COMPLETE")
    took_over = any("took" in line for line in day.thread(release))
    assert sum("pushing already" in heard for heard in told(day.alice, before)) == (3 if took_over else 2)
    nothing_twice(day)
    assert pushes(day, day.alice.laptop.head) == 1


def test_two_approve_at_once(day: Day) -> None:
    change = day.alice.files_change()
    day.until(change, "OPEN")
    click, ts = day.people.click, day.message(change)["ts"]
    people = (day.carol, day.carol, day.dave, day.dave)
    before = [(who, who.whispers()) for who in (day.carol, day.dave)]
    at_once(*[lambda who=who: click(who.id, "releases", ts, "Approve") for who in people])
    card = day.until(change, "APPROVED", "2 approvals by", unless="3 approvals")
    assert [card.count(f"approved by {name}") for name in ("Carol Chen", "Dave Diaz")] == [1, 1]
    assert [sum("You approved" in heard for heard in told(who, old)) for who, old in before] == [1, 1]
    nothing_twice(day)


def test_a_form_that_is_sent_twice_starts_one_release(day: Day) -> None:
    change = day.approved()
    day.alice.commits(change, "faster")
    day.alice.types(f"/release start shop {change}")
    branch = day.branch("faster")

    def send() -> None:
        with suppress(LookupError, PageError):  # the form has closed by then
            day.people.fill_and_submit(day.alice.id, candidate=branch)

    at_once(send, send, send)
    started = [r.name for r in day.bot.desk.release_list("shop") if f"CR-{r.change}" == change]
    assert len(started) == 1
    day.until(started[0], "6 of 9")
    nothing_twice(day)


def test_old_buttons_tell_what_is_so_now(day: Day) -> None:
    change = day.alice.files_change()
    day.until(change, "OPEN")
    filed = day.message(change)
    day.alice.presses(change, "Edit")
    day.alice.fills(why="Customers leave.")
    day.until(change, "revision 2")
    day.carol.presses(change, "Approve", seen=filed)
    day.carol.presses(change, "Reject", seen=filed)
    day.carol.approves(change)
    day.until(change, "APPROVED")
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.until(release, "6 of 9")
    started = day.message(release)
    day.alice.acknowledges(release)
    day.alice.presses(release, "Governance check", seen=started)
    day.alice.preflights(change)
    day.until(release, "Every gate is green")
    green = day.message(release)
    day.alice.commits(change, "faster", "bigger_discount")
    day.until(release, "another tree than attested")
    day.alice.presses(release, "Push", seen=green)
    day.alice.aborts(release, "Enough")
    day.until(release, "ABORTED")
    day.alice.presses(release, "Push", seen=green)
    day.alice.presses(release, "Abort", seen=green)
    day.bob.types(f"/release abort {release}")
    day.told_as("old_buttons")


def test_who_may_not_hears_who_may(day: Day) -> None:
    change, release = day.green()
    day.frank.presses(release, "Push")
    day.carol.presses(release, "Push")
    day.frank.presses(release, "Abort")
    day.frank.presses(change, "Edit")
    day.frank.presses(change, "Withdraw")
    day.frank.presses(change, "Withdraw my approval")
    day.erin.presses(change, "Reject")
    day.frank.types(f"/release start shop {change}")
    day.frank.types("/freeze schedule")
    day.told_as("roles")


def test_commands_that_are_not_quite_right(day: Day) -> None:
    for command in (
        "/release",
        "/release help",
        "/release statsu",
        "/release status R-99999",
        "/release abort",
        "/release status pizza",
        "/change show CR-99999",
        "/change list please",
        "/freeze end FRZ-99999",
    ):
        day.bob.types(command)
    day.told_as("commands")


def test_the_home_tab_shows_what_waits_for_me(fresh_day: Day) -> None:
    day = fresh_day
    day.people.wait_for_message(day.frank.id, "releases", "nobody has adopted it", 30)
    day.frank.opens_home()
    day.carol.adopts()
    change = day.alice.files_change()
    day.until(change, "OPEN")
    day.carol.opens_home()
    day.people.click_in_home(day.carol.id, "change:approve")
    day.told.says("Carol presses [ Approve ] there")
    day.until(change, "APPROVED")
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.until(release, "6 of 9")
    day.alice.opens_home()
    day.carol.opens_home()
    day.alice.types("/release list")
    day.alice.types("/change list")
    day.alice.types(f"/change show {change}")
    day.alice.presses(release, "Details")
    day.told_as("home_and_lists")
