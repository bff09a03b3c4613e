"""The folder of a kept demo: one demo at a time, and nothing of anybody else."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo.place import LOCK, MARK, CannotStart, place
from tests.demo.running import demo

HOLD = (
    "import pathlib, sys; from bot.demo.place import place\n"
    "with place(pathlib.Path(sys.argv[1]), False, None): print('there', flush=True); sys.stdin.read()"
)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_that_another_demo_runs_in_is_refused_and_left_alone(tmp_path: Path, fresh: bool) -> None:
    world = tmp_path / "world"
    with place(world, False, None) as where:
        (world / "github").mkdir()
        with (
            pytest.raises(CannotStart) as refused,
            place(world, fresh, where.ports.page),
        ):
            pass
        assert (world / "github").is_dir()
        assert json.loads((world / MARK).read_text())["page"] == where.ports.page
    assert str(refused.value) == (f"{world} is in use by process {os.getpid()}: stop it, or choose another folder")
    with place(world, fresh, None):
        assert (world / "github").is_dir() is not fresh


def test_a_demo_that_was_killed_holds_its_folder_no_more(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "there\n"
    with pytest.raises(CannotStart, match=f"in use by process {running.pid}"), place(tmp_path, True, None):
        pass
    running.send_signal(signal.SIGKILL)
    running.communicate()
    with place(tmp_path, False, None):
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"


def test_a_folder_that_holds_only_a_lock_is_empty(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("4711\n")
    with place(tmp_path, False, None):
        assert (tmp_path / MARK).exists()


def test_the_command_line_says_so(tmp_path: Path) -> None:
    with place(tmp_path, False, None):
        for arguments in ([], ["--fresh"]):
            with demo("--keep", str(tmp_path), "--port", "0", *arguments) as running:
                assert running.ended() == 2
            assert f"in use by process {os.getpid()}: stop it, or choose another folder" in running.said
    assert (tmp_path / MARK).exists()
