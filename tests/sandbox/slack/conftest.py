"""Fixtures: a workspace, and a Bolt app that it talks to; both also in a world where three seconds pass at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.slack.kit import Bot, Stage, World, able_manifest, attach, world


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
def hasty(slack_stage: Stage) -> Iterator[World]:
    """A fifth of a second instead of three, and retries at once."""
    yield from world(slack_stage, answer_within=0.2, trigger_life=0.2, retry_after=(0.01, 0.02, 0.03))


@pytest.fixture
def able(slack_stage: Stage, tmp_path: Path) -> Iterator[World]:
    """The app has the scopes, events and the shortcut that these tests are about, whatever its manifest asks for."""
    yield from world(slack_stage, manifest=able_manifest(tmp_path))


@pytest.fixture
def able_bot(able: World, bot_stage: Stage) -> Bot:
    return attach(able, bot_stage)


@pytest.fixture
def bot(slack: World, bot_stage: Stage) -> Bot:
    return attach(slack, bot_stage)


@pytest.fixture
def hasty_bot(hasty: World, bot_stage: Stage) -> Bot:
    return attach(hasty, bot_stage)
