import os
import subprocess
from pathlib import Path

import pytest

from bot.sandbox.people import ALICE
from bot.sandbox.template import lay_out
from bot.sandbox.world.laptop import Laptop


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A bare repository with the sample as its first commit."""
    seed, bare = lay_out(tmp_path / "seed"), tmp_path / "shop.git"
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    who = ["-c", "user.name=Shop", "-c", "user.email=shop@example.com"]
    for command in (["init", "-qb", "main"], ["add", "-A"], [*who, "commit", "-qm", "The shop"]):
        subprocess.run(["git", *command], cwd=seed, env=env, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(seed), str(bare)], env=env, check=True)
    return bare


@pytest.fixture
def alice(tmp_path: Path, origin: Path) -> Laptop:
    laptop = Laptop(tmp_path / "alice", ALICE, str(origin))
    laptop.set_up()
    return laptop
