import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.preflight.world import Bot, World


@pytest.fixture(scope="session")
def ssh_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = tmp_path_factory.mktemp("key") / "id_ed25519"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", str(key)]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    return key


@pytest.fixture
def bot() -> Iterator[Bot]:
    with Bot() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, ssh_key: Path) -> World:
    """A world that is made once; each test gets a copy."""
    with Bot() as bot:
        made = World(tmp_path_factory.mktemp("world"), bot, ssh_key.with_suffix(".pub").read_text().strip())
    made.make()
    folder = made.home / ".ssh"
    folder.mkdir(mode=0o700)
    for file in (ssh_key, ssh_key.with_suffix(".pub")):
        shutil.copy2(file, folder)
    return made


@pytest.fixture
def world(tmp_path: Path, bot: Bot, template: World) -> World:
    made = World(tmp_path / "world", bot, template.public_key)
    made.copy_of(template)
    return made
