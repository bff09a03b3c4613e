"""A repository with a small pipeline, and a person's clone of it."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.asgi import Call, sync
from bot.sandbox.github.git import environment
from bot.sandbox.github.server import Github
from bot.sandbox.people import PEOPLE

WORKFLOW = """\
name: Deploy
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      why: {default: because}
env:
  GREETING: hello
jobs:
  test:
    runs-on: ubuntu-latest
    outputs:
      word: ${{ steps.say.outputs.word }}
    steps:
      - uses: actions/checkout@v4
      - name: Test
        run: |
          echo "$GREETING from $GITHUB_REF_NAME at $GITHUB_SHA token ${{ secrets.KEY }}"
          test ! -f broken
      - id: say
        run: echo "word=ready" >> "$GITHUB_OUTPUT"
  deploy:
    needs: test
    runs-on: ubuntu-latest
    environment: {name: production, url: "https://shop.example"}
    steps:
      - uses: actions/checkout@v4
      - name: Hand over
        run: cat greeting.txt; echo "${{ needs.test.outputs.word }} ${{ vars.PLACE }}"
      - if: always()
        run: echo bye
"""


T = TypeVar("T")
HTTP = httpx.Client(timeout=30)  # one for all: each new one loads the certificates again


def seed(folder: Path, workflow: str = WORKFLOW) -> Path:
    files = folder / "seed"
    (files / ".github/workflows").mkdir(parents=True)
    (files / ".github/workflows/deploy.yml").write_text(workflow)
    (files / "greeting.txt").write_text("good morning\n")
    (files / "shop").mkdir()
    (files / "shop/cart.py").write_text("".join(f"line_{number} = {number}\n" for number in range(20)))
    return files


class Clone:
    """A working copy that belongs to one person."""

    def __init__(self, remote: Path | str, folder: Path, login: str = "alice") -> None:
        self.folder, self.login = folder, login
        person = next(one for one in PEOPLE if one.login == login)
        self.run("clone", "--quiet", str(remote), str(folder), cwd=folder.parent)
        self.run("config", "user.name", person.name)
        self.run("config", "user.email", person.email)

    def run(self, *args: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        env = environment(SANDBOX_LOGIN=self.login)
        command = ["git", *args]
        done = subprocess.run(command, cwd=cwd or self.folder, env=env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(done.stderr)
        return done

    def commit(self, message: str, path: str = "greeting.txt", text: str | None = None) -> str:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text if text is not None else f"{message} {os.urandom(4).hex()}\n")
        self.run("add", "--all")
        self.run("commit", "--quiet", "-m", message)
        return self.run("rev-parse", "HEAD").stdout.strip()

    def push(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("push", "origin", *(args or ("HEAD:main",)), check=check)


@dataclass
class Inbox:
    """Takes webhooks and keeps them: (event, headers, body)."""

    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", sync(self._take), methods=["POST"])])

    def _take(self, call: Call) -> Response:
        headers = dict(call.request.headers)
        self.taken.append((headers["x-github-event"], headers, call.body))
        return Response(status_code=202)

    def seen(self, event: str, action: str | None = None) -> list[dict[str, Any]]:
        said = [json.loads(body) for name, _, body in list(self.taken) if name == event]
        return [one for one in said if action is None or one.get("action") == action]


def until(look: Callable[[], T], seconds: float = 60) -> T:
    """The first true answer. Fails when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def control(url: str, name: str, /, **given: Any) -> Any:
    answer = HTTP.post(f"{url}/_control/{name}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def call(github: Github, method: str, path: str, token: str = "ghs_bot", **options: Any) -> httpx.Response:
    """A plain request, as any client would send it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= options.pop("headers", {})
    return HTTP.request(method, f"{github.url}{path}", headers=headers, **options)


def parsed(answer: Any) -> list[Any]:
    """The models of a list (githubkit's own annotations of some lists cannot be read by mypy)."""
    return list(answer.parsed_data)


def finished(github: Github, sha: str, attempt: int = 1) -> dict[str, Any]:
    """The run of that commit, once that attempt has ended."""

    def look() -> dict[str, Any] | None:
        found = call(github, "GET", f"/repos/acme/shop/actions/runs?head_sha={sha}").json()["workflow_runs"]
        ended = [one for one in found if one["status"] == "completed" and one["run_attempt"] == attempt]
        return ended[0] if ended else None

    return until(look) or {}
