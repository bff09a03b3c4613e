"""Fixtures: headless Chromium, pages opened as a person, and a workspace with a Bolt app behind them."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.sandbox.slack.kit import Bot, Stage, World, attach, world

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
NOT_RUN = (
    "Browser tests did NOT run: there is no Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM."
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

Opener = Callable[..., Page]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mine = [item for item in items if HERE in item.path.parents]
    for item in mine:
        item.add_marker("browser")
    if CHROMIUM is not None or not mine:
        return
    config.hook.pytest_deselected(items=mine)
    items[:] = [item for item in items if item not in mine]
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\n{NOT_RUN}", file=sys.stderr)


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """One profile for all tests: the page's own files are read once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium.new_context()
        chromium.close()


@pytest.fixture(scope="session")
def slack_stage() -> Iterator[Stage]:
    yield from Stage().run()


@pytest.fixture(scope="session")
def bot_stage() -> Iterator[Stage]:
    yield from Stage().run()


@pytest.fixture
def slack(slack_stage: Stage) -> Iterator[World]:
    yield from world(slack_stage)


@pytest.fixture
def bot(slack: World, bot_stage: Stage) -> Bot:
    return attach(slack, bot_stage)


@pytest.fixture
def visit(browser: BrowserContext, slack: World) -> Iterator[Opener]:
    """Opens the page as a person, at a channel's id, "channel/ts" of a thread, or "home".

    A mistake in the page's own code fails the test.
    """
    opened: list[Page] = []
    wrong: list[str] = []

    def visit(user: str, where: str = "C0RELEASES", size: tuple[int, int] = (1280, 800), url: str = slack.url) -> Page:
        page = browser.new_page()
        opened.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"{url}/#/{user}/{where}")
        page.wait_for_selector("body[data-live]")
        return page

    yield visit
    for page in opened:
        page.close()
    assert wrong == []
