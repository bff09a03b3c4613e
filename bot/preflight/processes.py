"""Commands of sop.yaml, each in a process group of its own that never outlives its use."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

GRACE: Final = 3.0  # seconds between SIGTERM and SIGKILL
INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TAIL: Final = 20  # lines
SECRET = re.compile(r"TOKEN|SECRET|PASSW|KEY|CREDENTIAL", re.IGNORECASE)
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")


@contextmanager
def running(command: str, folder: Path, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A shell command in its own process group, its output in a file; the whole group is ended on leaving."""
    process = None
    try:
        with log.open("wb") as output, _undisturbed():
            process = subprocess.Popen(
                ["sh", "-c", command],
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,  # a file, not a pipe: a child that stays behind keeps nobody waiting
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        yield process
    finally:
        if process is not None:
            _end_group(process)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Holds signals back meanwhile: a Ctrl-C inside Popen would leave a process that nobody knows."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {each: signal.signal(each, lambda which, _: held.append(which)) for each in INTERRUPTS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in held:
            signal.raise_signal(number)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        if _signal(process, signal.SIGTERM):
            until = time.monotonic() + GRACE
            while not _is_gone(process) and time.monotonic() < until:
                time.sleep(0.03)
    finally:  # a second Ctrl-C while waiting
        _signal(process, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Signals the group; False: nobody is left in it."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # the latter is what some systems say of zombies
        return False
    return True


def _is_gone(process: subprocess.Popen[bytes]) -> bool:
    """Whether nobody of the group runs. Ended orphans stay in it until init takes notice, which in a container may be
    never: where the system tells (/proc), they do not count."""
    process.poll()
    if not _signal(process, 0):
        return True
    told = [_state_and_group(stat) for stat in Path("/proc").glob("[0-9]*/stat")]
    return bool(told) and all(state in ("Z", "X") for state, group in told if group == str(process.pid))


def _state_and_group(stat: Path) -> tuple[str, str]:
    try:
        state, _, group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):  # gone meanwhile
        return "X", ""
    return state, group


def tail(log: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    """The last lines of an output as they can be shown: no escapes, no secret of the environment, none too long."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 64 * 1024))
        text = file.read().decode(errors="replace")
    lines = [_plain(line) for line in masked(text, env).splitlines()]
    return tuple(line[:300] for line in lines if line.strip())[-TAIL:]


def masked(text: str, env: Mapping[str, str]) -> str:
    """The text with the values of variables that look like secrets replaced by their names."""
    for name, value in env.items():
        if SECRET.search(name) and len(value) >= 6:
            text = text.replace(value, f"${name}")
    return text


def _plain(line: str) -> str:
    return "".join(c for c in ESCAPES.sub("", line) if c.isprintable() or c == "\t")
