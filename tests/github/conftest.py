from collections.abc import Iterator
from pathlib import Path

import pytest
from github import Auth

from bot.github.client import connect
from bot.github.reader import Reader
from bot.sandbox.world.start import Handles, start_world
from bot.sop.policy import Service


@pytest.fixture(scope="module")
def handles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handles]:
    root: Path = tmp_path_factory.mktemp("github")
    started = start_world(root)
    yield started
    started.stop()


@pytest.fixture
def reader(handles: Handles) -> Reader:
    return Reader(connect(Auth.Token("ghs_bot"), handles.github.url))


@pytest.fixture
def service(handles: Handles) -> Service:
    return Service.model_validate({**handles.facts["service"], "channel": "C0RELEASES"})
