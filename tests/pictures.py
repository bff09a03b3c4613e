"""`make pictures`: the README's pictures, taken from the sandbox's page while a real release goes through it."""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from tests.stories.day import Day, wait

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
    day.world.github.slow_ci(seconds=3)
    change = day.alice.files_change("Faster checkout", why="Large carts take two seconds to add up.")
    day.until(change, "OPEN")
    day.carol.approves(change)
    day.until(change, "APPROVED")
    day.alice.commits(change, "faster")
    release = day.alice.starts(change, "faster")
    day.until(release, "Waiting for", "preflight")
    day.alice.acknowledges(release)
    day.alice.preflights(change)
    day.until(release, "[ Push ]")
    take(visit(browser, day, day.alice.id, "home"), "home")
    day.alice.presses(release, "Push")
    wait_for_card(day, release, "1 of 3 jobs")
    take(visit(browser, day, day.alice.id, world=True), "release")
    day.world.github.slow_ci(on=False)
    day.until(release, "COMPLETE")
    stopped = day.alice.files_change("New product", areas=["catalogue"])
    day.until(stopped, "OPEN")
    day.carol.approves(stopped)
    day.until(stopped, "APPROVED")
    day.alice.commits(stopped, "tea", "new_product")
    second = day.alice.starts(stopped, "tea")
    day.until(second, "Waiting for")
    day.world.github.open_critical("Checkout answers 500 for large carts")
    day.until(second, "STOPPED")
    take(visit(browser, day, day.alice.id), "stopped")


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
