from pathlib import Path

import pytest

from bot.sandbox.people import ALICE
from bot.sandbox.seed import seed
from bot.sandbox.world.laptop import Laptop


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A bare repository with the sample as its first commit."""
    return seed(tmp_path / "shop.git")


@pytest.fixture
def alice(tmp_path: Path, origin: Path) -> Laptop:
    laptop = Laptop(tmp_path / "alice", ALICE, str(origin))
    laptop.set_up()
    return laptop
