"""Each part starts alone, says where it is, and ends with whoever started it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


@contextmanager
def part(name: str, *arguments: str) -> Iterator[str]:
    command = [sys.executable, "-m", "bot.sandbox", name, "--parent", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said.startswith("ready http://127.0.0.1:"), said
        yield said.split()[1]
    finally:
        process.stdin.close()
        assert process.wait(10) == 0
        process.stdout.close()


def test_three_parts_make_a_world(tmp_path: Path) -> None:
    repository = tmp_path / "github/acme/shop.git"
    with (
        part("github", "--root", str(tmp_path / "github")) as github,
        part("service", "--root", str(tmp_path / "production"), "--repository", str(repository)) as service,
        part(
            "world",
            "--root",
            str(tmp_path / "laptops"),
            "--remote",
            str(repository),
            "--github-url",
            github,
            "--service-url",
            service,
        ) as world,
    ):
        facts = httpx.get(f"{world}/world/facts").json()
        assert facts["service"]["production"]["url"] == service
        shown = httpx.get(f"{world}/world/panel").json()["sections"]
        head = shown[0]["status_lines"][2]["value"].split()[0]
        assert httpx.get(f"{service}/version").json()["commit"].startswith(head)
    for address in (github, service, world):
        with pytest.raises(httpx.TransportError):
            httpx.get(address)


def test_slack_starts_alone() -> None:
    with part("slack") as slack:
        assert httpx.get(f"{slack}/_page/state", params={"user": "U0ALICE"}).json()["ok"] is True
