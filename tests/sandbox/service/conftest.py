import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bot.sandbox.asgi import Server
from bot.sandbox.seed import seed
from bot.sandbox.service.server import ServiceConfig, build

TOKEN = "deploy-secret"


@pytest.fixture
def production(tmp_path: Path) -> Iterator[httpx.Client]:
    """Production serving the sample's first commit."""
    server = Server(build(ServiceConfig(tmp_path / "production", TOKEN))).start()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client
    server.stop()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout of the sample with one commit."""
    folder = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(seed(tmp_path / "shop.git")), str(folder)], check=True)
    return folder


@pytest.fixture
def built(checkout: Path) -> Callable[[str, str, str], bytes]:
    """The sample's archive after one replacement in one file, stamped with a commit."""

    def make(commit: str, find: str = "", replace: str = "") -> bytes:
        tree = checkout.with_name(f"tree-{commit}")
        shutil.copytree(checkout, tree)
        file = tree / "shop/checkout.py"
        file.write_text(file.read_text().replace(find, replace))
        (tree / "build").mkdir()
        (tree / "build/build.json").write_text(f'{{"version": "9", "commit": "{commit}"}}')
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            tar.add(tree, arcname=".")
        return buffer.getvalue()

    return make
