"""A day is dear to start: stories of one process share it, each beginning in a tidy world, or with a new one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.stories.day import Day
from tests.stories.tidy import is_tidy, tidy


@dataclass
class Days:
    """The day that is running, if it can be used again."""

    folders: pytest.TempPathFactory
    running: Day | None = None

    def fresh(self) -> Day:
        self.end()
        self.running = Day(self.folders.mktemp("day"))
        return self.running

    def used(self) -> Day:
        """Whatever was left behind is cleared away; where that cannot be done, a new day begins."""
        if self.running and is_tidy(self.running):
            return self.running
        day = self.fresh()
        day.begins()
        return day

    def end(self) -> None:
        if self.running:
            self.running.stop()
        self.running = None


@pytest.fixture(scope="session")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    made = Days(tmp_path_factory)
    yield made
    made.end()


@pytest.fixture
def fresh_day(days: Days) -> Iterator[Day]:
    """Nothing has happened yet: nobody has adopted a baseline."""
    day = days.fresh()
    yield day
    print(day.told.text())  # shown where a story fails
    tidy(day)


@pytest.fixture
def new_day(days: Days) -> Iterator[Day]:
    """Production is adopted and nothing was ever released: what a rollback returns to is known."""
    day = days.fresh()
    day.begins()
    day.new_story()
    yield day
    print(day.told.text())  # shown where a story fails
    tidy(day)


@pytest.fixture
def day(days: Days) -> Iterator[Day]:
    """Production is adopted, nothing is running."""
    day = days.used()
    day.new_story()
    yield day
    print(day.told.text())  # shown where a story fails
    tidy(day)
