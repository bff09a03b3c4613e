"""Nothing that production starts outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bot.sandbox.service.process import Kept

SUPERVISOR = """
import sys, time
from collections.abc import Callable
from pathlib import Path
from bot.sandbox.asgi import Server
from bot.sandbox.service.server import ServiceConfig, build
print(Server(build(ServiceConfig(Path(sys.argv[1])))).start().url, flush=True)
time.sleep(600)
"""


def refuses(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/healthz")
    except httpx.TransportError:
        return True
    return False


def until(what: str, seen: Callable[[], object], deadline: float = 60) -> None:
    end = time.monotonic() + deadline
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def test_kill_9_of_the_supervisor_ends_both_instances(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert supervisor.stdout is not None
    url = supervisor.stdout.readline().strip()
    ports = [one["port"] for one in httpx.get(f"{url}/_control/status").json()["instances"]]
    assert [refuses(port) for port in ports] == [False, False]
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()
    until("the instances end", lambda: all(refuses(port) for port in ports))


def test_a_command_that_ignores_sigterm_and_its_child_are_ended(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    script = f"trap '' TERM; sleep 600 > {held} & wait; sleep 600"
    kept = Kept(["sh", "-c", script], tmp_path, os.environ, tmp_path / "log")
    with held.open() as other_end:  # opens once the child has opened it too
        kept.stop()
        assert other_end.read() == ""  # ends once nobody holds it any more
    assert not kept.alive


def test_the_exit_code_is_the_commands_own(tmp_path: Path) -> None:
    assert Kept(["sh", "-c", "echo said; exit 7"], tmp_path, os.environ, tmp_path / "log").wait(10) == 7
    assert (tmp_path / "log").read_text() == "said\n"
    assert Kept(["sh", "-c", "kill -9 $$"], tmp_path, os.environ, tmp_path / "log").wait(10) == 137
