"""A developer's machine for the tests: home, SSH key, origin, clone, an app, and a bot that listens."""

import io
import json
import os
import shutil
import socketserver
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.console import Console

from bot import attestation
from bot.preflight import Options, run
from bot.sop.facts import Attestation
from bot.sop.policy import Policy

APP = """\
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = {"/ready": {"up": True}, "/add": {"sum": 5, "at": os.getpid()}, "/key": self.headers.get("X-Key")}
        self.send_response(500 if self.path == "/broken" else 200 if self.path in body else 404)
        self.end_headers()
        self.wfile.write(json.dumps(body.get(self.path, "none")).encode())
        if self.path == "/die":
            self.wfile.flush()
            print("dying now", flush=True)
            os._exit(3)
    def log_message(self, *args):
        pass

TCPServer.allow_reuse_address = True
print("app on", sys.argv[1], flush=True)
TCPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


class Ran(NamedTuple):
    code: int
    out: str


class Bot(socketserver.ThreadingTCPServer):
    """A bot that takes attestations as the real one does, or answers what a test wants."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.bodies: list[bytes] = []
        self.taken: list[Attestation] = []
        self.policy: Policy | None = None
        self.answer: Callable[[bytes], tuple[int, dict[str, Any]]] = self.receive

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def receive(self, body: bytes) -> tuple[int, dict[str, Any]]:
        assert self.policy is not None
        try:
            found = attestation.receive(body, self.policy, datetime.now(UTC), lambda _: False, lambda _: True)
        except attestation.Refused as refused:
            return refused.status, refused.problem()
        self.taken.append(found)
        return 201, {}


class _Api(BaseHTTPRequestHandler):
    server: Bot

    def do_POST(self) -> None:
        assert self.path == "/api/attestations"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        status, answer = self.server.answer(body)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@dataclass
class World:
    root: Path
    bot: Bot
    public_key: str
    local: dict[str, Any] = field(default_factory=dict)
    probes: list[dict[str, Any]] = field(default_factory=lambda: [{"name": "add", "path": "/add", "ignore": ["at"]}])
    env: dict[str, str] = field(init=False)

    @property
    def checkout(self) -> Path:
        return self.root / "work"

    @property
    def home(self) -> Path:
        return self.root / "home"

    def __post_init__(self) -> None:
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "SSH_", "SOP_", "SLIPWAY_"))}
        self.env |= {"HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1"}

    def make(self) -> None:
        """An origin with one commit on main, and a clone on a branch with one commit that references CR-12."""
        self.home.mkdir(exist_ok=True)
        for name, value in {"user.name": "Alice", "user.email": "alice@example.com"}.items():
            self.git("config", "--global", name, value, at=self.root)
        self.git("init", "-q", "--template=", "--bare", "-b", "main", "acme/shop.git", at=self.root)
        self.git("clone", "-q", "--template=", str(self.root / "acme/shop.git"), "work", at=self.root)
        self.git("switch", "-q", "-c", "main")
        self.write("app.py", APP)
        self.write(".gitignore", "build/\n")
        self.commit("The app")
        self.git("push", "-q", "-u", "origin", "main")
        self.git("switch", "-q", "-c", "faster")
        self.write("shop.txt", "faster")
        self.commit("CR-12 Faster")

    def copy_of(self, made: "World") -> None:
        shutil.copytree(made.root, self.root, dirs_exist_ok=True)
        self.git("remote", "set-url", "origin", str(self.root / "acme/shop.git"))
        self.env["SLIPWAY_URL"] = self.bot.url

    def git(self, *arguments: str, at: Path | None = None) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=at or self.checkout, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def moved_main(self, message: str = "CR-9 Something else") -> str:
        """Somebody else's commit on origin's main."""
        self.git("clone", "-q", str(self.root / "acme/shop.git"), "other", at=self.root)
        other = self.root / "other"
        self.git("commit", "-q", "--allow-empty", "-m", message, at=other)
        self.git("push", "-q", "origin", "main", at=other)
        return self.git("rev-parse", "HEAD", at=other)

    def policy(self) -> dict[str, Any]:
        local = {
            "build": "mkdir -p build && date > build/stamp",
            "run": "exec python3 app.py {port}",
            "ready": "/ready",
            "build_within": "20s",
            "ready_within": "20s",
        }
        shop = {
            "name": "shop",
            "repository": "acme/shop",
            "channel": "CSHOP",
            "ci": {"workflows": ["deploy.yml"]},
            "production": {"url": "http://127.0.0.1:1", "timeout": "5s"},
            "local": local | self.local,
            "probes": self.probes,
        }
        return {
            "roles": {"releaser": ["UALICE"], "approver": ["UBOB"]},
            "people": [
                {"slack": "UALICE", "github": "alice", "signing_keys": [self.public_key]},
                {"slack": "UBOB", "github": "bob"},
            ],
            "services": [shop],
        }

    def write_sop(self) -> Path:
        """sop.yaml, outside of the checkout."""
        sop = self.root / "sop.yaml"
        sop.write_text(yaml.safe_dump(self.policy()))
        return sop

    def preflight(self, read: Callable[[Path], Policy] | None = None, **options: Any) -> Ran:
        """Runs it in this process."""
        sop = self.write_sop()
        self.bot.policy = (read or read_policy)(sop)
        shown = io.StringIO()
        chosen = replace(Options(sop=sop, folder=self.checkout), **options)
        code = run(chosen, read or read_policy, self.env, Console(file=shown, width=60))
        return Ran(code, shown.getvalue())


def read_policy(path: Path) -> Policy:
    return Policy.model_validate(yaml.safe_load(path.read_text()))
