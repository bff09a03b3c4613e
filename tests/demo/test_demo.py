"""The demo starts, plays, says what is wrong, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

from tests.demo.running import ROOT, demo, left_of


def test_the_standard_day_plays_itself() -> None:
    with demo("--play", "standard") as playing:
        assert playing.ended() == 0, playing.said
    last = playing.said.splitlines()[-3:]
    assert re.search(r"COMPLETE: R-1 brought CR-1 to production as [0-9a-f]{7}, and production was verified\.", last[1])
    assert last[2] == "The audit: the chain is whole."
    for words in (
        "Alice     presses Push",
        "CI passed. Next: Production.",
        "answered 6 of 6 probes",
        "R-1 is COMPLETE",
    ):
        assert words in playing.said


def test_ctrl_c_ends_everything() -> None:
    with demo("--port", "0") as running:
        running.until("Ctrl-C")
        started = running.descendants()
        for part in ("slack", "github", "service", "world", "bot.demo.leash", "shop.app"):
            assert any(part in args for args in started.values()), part
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == 0
    assert "http://127.0.0.1:" in running.said
    assert "Everything has ended." in running.said
    assert left_of(started) == {}


def test_kill_9_ends_everything_too(tmp_path: Path) -> None:
    with demo("--port", "0", "--keep", str(tmp_path / "world")) as running:
        running.until("✓ World")
        started = running.descendants()
        assert len(started) >= 5
        os.kill(running.process.pid, signal.SIGKILL)
        assert running.ended() == -signal.SIGKILL
    assert left_of(started) == {}


def test_a_terminal_is_alices_or_the_bots(tmp_path: Path) -> None:
    """docs/sandbox.md has these lines."""
    root = tmp_path / "the world"
    with demo("--port", "0", "--keep", str(root)) as running:
        running.until("Ctrl-C")
        doctor = shell(f"(. '{root}/bot.env' && python -m bot doctor)")
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr
        assert doctor.stderr == ""
        lines = (
            f". '{root}/alice.env'",
            'cd "$HOME/shop"',
            "git switch -qc tidy && echo '# Prices are in cents.' >> shop/checkout.py",
            "git commit -qam 'CR-1 Say what a price is in' && git push -q origin HEAD",
            "python -m bot preflight",
        )
        preflight = shell(" && ".join(lines))
        assert "6 of 6 probes" in preflight.stdout, preflight.stdout + preflight.stderr
        assert "there is no change request CR-1" in preflight.stdout + preflight.stderr, "the bot has answered"


def shell(script: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_a_part_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    with demo("--port", "0", "--keep", str(tmp_path / "world")) as running:
        running.until("Ctrl-C")
        started = running.descendants()
        (github,) = [pid for pid, args in started.items() if "bot.sandbox github" in args]
        os.kill(github, signal.SIGKILL)
        assert running.ended() == 1
    assert "GitHub has ended (exit code -9):" in running.said
    assert "ready http://127.0.0.1:" in running.said, "the last lines of its log"
    assert left_of(started) == {}
    assert (tmp_path / "world" / "logs" / "bot.log").exists()


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with demo("--port", str(port)) as running:
            assert running.ended() == 2
    said = f"slipway: port {port} cannot be used for the page (Address already in use): choose another one with --port"
    assert running.said.strip() == said


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("chapter one")
    with demo("--keep", str(tmp_path), "--fresh") as running:
        assert running.ended() == 2
    assert f"{tmp_path} is not empty and holds no demo" in running.said
    assert (tmp_path / "thesis.txt").read_text() == "chapter one"
