"""`make pictures`: the README's pictures, taken from the sandbox's page while a real release goes through it."""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bot.sandbox.sop_file import INCIDENTS, VIOLATIONS
from tests.stories.day import Day, wait
from tests.stories.person import Person
from tests.stories.reading import lines_of

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE = {"width": 1440, "height": 900}


def visit(browser: Browser, day: Day, user: str, where: str = "C0RELEASES", world: bool = False) -> Page:
    """The page as a person sees it, with or without the world panel."""
    page = browser.new_page(viewport={"width": WIDE["width"], "height": WIDE["height"]}, device_scale_factor=1)
    page.goto(f"{day.slack.url}/#/{user}/{where}")
    page.wait_for_selector("body[data-live]")
    switch = page.locator(".world-switch")
    if switch.count() and (switch.get_attribute("aria-pressed") == "true") != world:
        switch.click()
    page.wait_for_timeout(700)
    return page


def take(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()
    print(f"docs/pictures/{name}.png")


def pictures(browser: Browser, day: Day) -> None:
    day.begins()
    day.keeps_sop(patrol={"every": "1h", "channel": VIOLATIONS}, incident={"channel": INCIDENTS})
    of_a_release(browser, day)
    of_a_stop(browser, day)
    of_an_incident(browser, day)
    of_a_violation(browser, day)
    of_a_failure(browser, day)


def of_a_release(browser: Browser, day: Day) -> None:
    day.world.github.slow_ci(seconds=3)
    change = approved(day, "Faster checkout", why="Large carts take two seconds to add up.")
    release = started(day, change, "faster", "faster_checkout")
    day.alice.acknowledges(release)
    day.alice.preflights(change)
    day.until(release, "[ Push ]")
    take(visit(browser, day, day.alice.id, "home"), "home")
    day.alice.presses(release, "Push")
    wait_for_card(day, release, "1 of 3 jobs")
    take(visit(browser, day, day.alice.id, world=True), "release")
    day.world.github.slow_ci(on=False)
    day.until(release, "COMPLETE")


def of_a_stop(browser: Browser, day: Day) -> None:
    change = approved(day, "New product", areas=["catalogue"])
    release = started(day, change, "tea", "new_product")
    day.world.github.open_critical("Checkout answers 500 for large carts")
    day.until(release, "STOPPED")
    take(visit(browser, day, day.alice.id), "stopped")
    day.world.github.close_criticals()


def of_an_incident(browser: Browser, day: Day) -> None:
    """A confirmed CRITICAL: what production answers, who leads, what was done when."""
    day.world.production.break_probe()
    incident = day.bob.declares("Every cart answers 500", affected=["cart", "search"], seen="Customers cannot pay.")
    wait_for_message(day, incident, INCIDENTS, "failing as described")
    press(day, day.bob, incident, INCIDENTS, "Take the lead")
    press(day, day.erin, incident, INCIDENTS, "Confirm CRITICAL")
    wait_for_message(day, incident, INCIDENTS, "[ Start hotfix ]", "Confirms")
    day.settles()
    take(visit(browser, day, day.bob.id, INCIDENTS), "incident")
    day.world.production.restore()
    press(day, day.bob, incident, INCIDENTS, "Resolve")


def of_a_failure(browser: Browser, day: Day) -> None:
    """F1: a job of CI failed, and nobody runs it again before its cause is recorded."""
    change = approved(day, "More results", areas=["search"])
    release = started(day, change, "results", "more_results")
    day.alice.acknowledges(release)
    day.alice.preflights(change)
    day.until(release, "[ Push ]")
    day.world.github.failing_test()
    day.alice.presses(release, "Push")
    day.until(release, "[ Record root cause ]")
    take(visit(browser, day, day.carol.id), "failed")


def of_a_violation(browser: Browser, day: Day) -> None:
    """X1: production was edited by hand."""
    day.world.production.edit_file()
    day.bot.reconciler.start()  # the patrol looks now
    wait_for_message(day, "V-1", VIOLATIONS, "[ Explain ]")
    take(visit(browser, day, day.carol.id, VIOLATIONS), "violation")
    day.world.production.restore()
    press(day, day.carol, "V-1", VIOLATIONS, "Explain")
    day.people.wait_for_view(day.carol.id)
    day.people.fill_and_submit(day.carol.id, reason="A campaign was tried by hand; it is taken back.")


def approved(day: Day, title: str, **content: Any) -> str:
    change = day.alice.files_change(title, **content)
    day.until(change, "OPEN")
    day.carol.approves(change)
    day.until(change, "APPROVED")
    return change


def started(day: Day, change: str, branch: str, edit: str) -> str:
    day.alice.commits(change, branch, edit)
    release = day.alice.starts(change, branch)
    day.until(release, "Waiting for", "preflight")
    return release


def press(day: Day, person: Person, thing: str, channel: str, button: str) -> None:
    message = day.wait_for_message(thing, button, person.id, channel)
    day.people.click(person.id, channel, message["ts"], button)


def wait_for_message(day: Day, thing: str, channel: str, *texts: str) -> None:
    def there() -> bool:
        try:
            card = "\n".join(lines_of(day.message(thing, channel=channel)))
        except LookupError:
            return False
        return all(text in card for text in texts)

    wait(there, lambda: f"{thing} in {channel} with {texts}")


def wait_for_card(day: Day, thing: str, *texts: str) -> None:
    """While something is under way: `until` would wait for its end."""
    wait(lambda: all(text in day.card(thing) for text in texts), lambda: f"{thing} with {texts}")


def main() -> int:
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        print("There is no Chromium to take pictures with (Debian: apt-get install chromium).")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="slipway-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        day = Day(Path(folder))
        try:
            pictures(browser, day)
        finally:
            day.stop()
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
