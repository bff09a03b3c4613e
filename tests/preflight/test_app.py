"""Build, run and probes with real processes; nothing that was started stays behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.world import Ran, World


@dataclass
class Lifeline:
    """A FIFO that a command and all that it starts hold open: its end says that every one of them is gone."""

    path: Path
    descriptor: int

    def hold(self, command: str) -> str:
        return f"exec 3>{self.path}; echo >&3; {command}"

    def all_gone(self) -> bool:
        """Whether somebody held it and nobody does any more."""
        try:
            return os.read(self.descriptor, 10) == b"\n" and os.read(self.descriptor, 10) == b""
        except BlockingIOError:
            return False

    def wait_until_held(self) -> None:
        os.set_blocking(self.descriptor, True)
        while os.read(self.descriptor, 1) != b"\n":
            """Nobody has opened it yet."""


@pytest.fixture
def lifeline(tmp_path: Path) -> Iterator[Lifeline]:
    path = tmp_path / "lifeline"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    yield Lifeline(path, descriptor)
    os.close(descriptor)


def failed(ran: Ran, world: World, name: str, seen: str) -> str:
    assert ran.code == 1, ran.out
    assert f"✗ {name:<8} {seen}" in ran.out, ran.out
    assert world.bot.bodies == []
    return ran.out


# --- build


def test_a_build_that_fails_shows_its_last_lines(world: World) -> None:
    world.local["build"] = "seq 1 50; echo 'shop.py:3: \x1b[31mbad\x1b[0m \x07syntax' >&2; exit 7"
    out = failed(world.preflight(), world, "build", "`seq 1 50; echo")
    assert "exited with 7" in out
    assert "    shop.py:3: bad syntax" in out and "    32\n" in out and "    31\n" not in out
    assert "run" not in out.split("build")[-1].splitlines()[-1]


def test_a_secret_of_the_environment_does_not_reach_a_report(world: World) -> None:
    world.env |= {"DEPLOY_TOKEN": "hunter2hunter2", "COLOUR": "mauve-ish"}
    world.local["build"] = "echo token is $DEPLOY_TOKEN, colour is $COLOUR; exit 1"
    code, out = world.preflight(report=True)
    assert code == 1 and "token is $DEPLOY_TOKEN, colour is mauve-ish" in out
    assert "hunter2" not in out
    (taken,) = world.bot.taken
    assert taken.checks[-1].detail == ("token is $DEPLOY_TOKEN, colour is mauve-ish",)


def test_a_build_that_hangs_is_ended_with_all_that_it_started(world: World, lifeline: Lifeline) -> None:
    world.local |= {"build": lifeline.hold("echo compiling; sleep 300 & sleep 300"), "build_within": "0.5s"}
    out = failed(world.preflight(), world, "build", "`exec 3>")
    assert "did not finish within 0.5 s" in out and "    compiling" in out
    assert lifeline.all_gone()


def test_what_a_build_leaves_running_is_ended(world: World, lifeline: Lifeline) -> None:
    world.local["build"] = lifeline.hold("sleep 300 & exit 0")
    assert world.preflight().code == 0
    assert lifeline.all_gone()


def test_a_build_that_changes_the_tree_is_not_clean(world: World) -> None:
    world.local["build"] = "echo more >> shop.txt; touch generated.py"
    out = failed(world.preflight(), world, "clean", "after the build: 1 changed file, 1 untracked file")
    assert "generated.py" in out and "starting" not in out


def test_a_commit_meanwhile_is_noticed(world: World) -> None:
    world.local["build"] = "git commit -q --allow-empty -m 'CR-12 meanwhile'"
    failed(world.preflight(), world, "clean", "after the build: HEAD moved from ")


def test_an_app_that_writes_into_the_tree_is_not_clean(world: World) -> None:
    world.local["run"] = "touch session.db; exec python3 app.py {port}"
    failed(world.preflight(), world, "clean", "after the run: 1 untracked file")


def test_build_and_app_run_at_the_root_with_the_port_in_the_environment(world: World) -> None:
    world.local |= {"build": "test -f app.py", "run": "test -f app.py && exec python3 app.py $PORT"}
    (world.checkout / "build").mkdir()
    assert world.preflight(folder=world.checkout / "build").code == 0


# --- run


def test_an_app_that_exits_early_shows_its_last_words(world: World) -> None:
    world.local["run"] = "echo 'no database at db:5432'; exit 4"
    out = failed(world.preflight(), world, "run", "the app exited with 4 after ")
    assert "    no database at db:5432" in out


def test_an_app_that_goes_into_the_background_is_not_running(world: World, lifeline: Lifeline) -> None:
    world.local["run"] = lifeline.hold("sleep 300 & exit 0")
    failed(world.preflight(), world, "run", "the app exited with 0 after ")
    assert lifeline.all_gone()


def test_an_app_that_is_killed_says_so(world: World) -> None:
    world.local["run"] = "kill -9 $$"
    failed(world.preflight(), world, "run", "the app was ended by signal 9 after ")


def test_an_app_that_never_listens_is_given_up_and_ended(world: World, lifeline: Lifeline) -> None:
    world.local |= {"run": lifeline.hold("echo warming up; sleep 300"), "ready_within": "0.5s"}
    out = failed(world.preflight(), world, "run", "the app did not answer at /ready within 0.5 s")
    assert "    warming up" in out
    assert lifeline.all_gone()


def test_an_app_that_answers_errors_only_is_not_ready(world: World, lifeline: Lifeline) -> None:
    world.local |= {"run": lifeline.hold("python3 app.py {port}"), "ready": "/broken", "ready_within": "0.9s"}
    failed(world.preflight(), world, "run", "the app did not answer at /broken within 0.9 s")
    assert lifeline.all_gone()


def test_an_app_that_will_not_end_is_killed(world: World, lifeline: Lifeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.preflight.processes.GRACE", 0.2)
    world.local["run"] = lifeline.hold("trap '' TERM; python3 -c 'import signal, runpy, sys; %s'" % STUBBORN)  # noqa: UP031
    assert world.preflight().code == 0
    assert lifeline.all_gone()


STUBBORN = 'signal.signal(15, signal.SIG_IGN); sys.argv[1:] = ["{port}"]; runpy.run_path("app.py")'


@contextmanager
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_a_port_in_use_is_seen_before_somebody_elses_app_is_probed(world: World, lifeline: Lifeline) -> None:
    with listener() as port:
        world.local |= {"url": f"http://127.0.0.1:{port}", "run": lifeline.hold(f"exec python3 app.py {port}")}
        failed(world.preflight(), world, "run", f"port {port} is in use")


def test_a_fixed_port_that_is_free_is_used(world: World) -> None:
    with listener() as port:
        """Free from now on."""
    world.local |= {"url": f"http://127.0.0.1:{port}", "run": "exec python3 app.py $PORT"}
    assert world.preflight().code == 0


# --- probes


def test_a_servers_error_or_a_dead_app_fails_the_probes(world: World) -> None:
    world.probes += [{"name": "broken", "path": "/broken"}, {"name": "missing", "path": "/no-such"}]
    out = failed(world.preflight(), world, "probes", "answered 2 of 3 probes")
    assert "    broken: answered 500" in out and "missing" not in out


def test_an_app_that_dies_meanwhile_fails_the_probes_with_its_last_words(world: World) -> None:
    world.probes += [{"name": "die", "path": "/die"}, {"name": "after", "path": "/add"}]
    out = failed(world.preflight(), world, "probes", "answered ")
    assert "    after: " in out
    assert "the app exited with 3" in out and "    dying now" in out


def test_a_probe_whose_header_has_no_value_fails(world: World) -> None:
    world.probes.append({"name": "key", "path": "/key", "headers": {"X-Key": "$SHOP_API_KEY"}})
    out = failed(world.preflight(), world, "probes", "answered 1 of 2 probes")
    assert "    key: header X-Key wants $SHOP_API_KEY, which is not set in the environment" in out


def test_no_secret_reaches_a_statement(world: World) -> None:
    world.env["SHOP_API_KEY"] = "hunter2hunter2"
    world.probes.append({"name": "key", "path": "/key", "headers": {"X-Key": "$SHOP_API_KEY"}})
    assert world.preflight().code == 0
    (taken,) = world.bot.taken
    assert taken.probes[1].body == "$SHOP_API_KEY"
    assert "hunter2" not in taken.model_dump_json()


# --- interrupted

RUN = """
import os, sys, threading
from pathlib import Path
from bot.preflight import Options, run
from tests.preflight.world import read_policy
sys.exit(run(Options(sop=Path(sys.argv[1]), folder=Path(sys.argv[2])), read_policy, os.environ))
"""


@pytest.mark.parametrize(
    ("number", "during"), [(signal.SIGINT, "build"), (signal.SIGTERM, "run"), (signal.SIGHUP, "run")]
)
def test_an_interrupted_preflight_leaves_nothing_running(
    number: signal.Signals, during: str, world: World, lifeline: Lifeline
) -> None:
    world.local[during] = lifeline.hold("sleep 300 & sleep 300")
    sop = world.write_sop()
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", RUN, str(sop), str(world.checkout)]
    env = world.env | {"PYTHONPATH": root}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lifeline.wait_until_held()
        process.send_signal(number)
        out, _ = process.communicate()
    assert process.returncode == 130, out
    assert "interrupted" in out and "Traceback" not in out
    assert os.read(lifeline.descriptor, 1) == b""
    assert world.bot.bodies == []


def test_a_signal_while_a_command_is_being_started_leaves_nothing_running(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[int] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            if options.get("start_new_session"):
                groups.append(self.pid)
                os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    world.local["build"] = "exec sleep 300"
    before = signal.getsignal(signal.SIGTERM)
    code, out = world.preflight()
    assert (code, signal.getsignal(signal.SIGTERM)) == (130, before), out
    (group,) = groups
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
