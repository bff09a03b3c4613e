"""The bot as a process that kills itself and is started again: once just before and once just after the commit of each
decision, and at point after point of its outbox. `DEATHS` is the file that tells where it has died, a line a death."""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType
from typing import TypeVar
from unittest.mock import patch

import uvicorn

from bot.config import Settings, read_settings
from bot.outbox import Pace
from bot.wiring import build
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")
AT_OUTBOX = 20  # deaths; each at one point later in its life than the one before
DIED = Path(os.environ.get("DEATHS", os.devnull))
BEFORE, AFTER = "before_commit", "after_commit"


class MortalStore(Store):
    """Dies at decisions that it has not died at yet. A decision goes by the events that tell of it."""

    def transact(self, work: Callable[[Unit], T]) -> T:
        told = ""

        def whole(unit: Unit) -> T:
            nonlocal told
            last = max((e.seq for e in unit.events(limit=1)), default=0)
            done = work(unit)
            if unit.decided:
                told = "+".join(dict.fromkeys(e.kind for e in unit.events() if e.seq > last))
                once(f"{BEFORE}:{told}")
            return done

        done = super().transact(whole)
        if told:
            once(f"{AFTER}:{told}")
        return done


def once(point: str) -> None:
    if point not in deaths():
        die(point)


def deaths() -> list[str]:
    return DIED.read_text().split() if DIED.exists() else []


def die(point: str) -> None:
    with DIED.open("a") as file:
        file.write(f"{point}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def live(settings: Settings) -> None:
    died = sum(":" not in point for point in deaths())
    dies_at, calls = died + 1 if died < AT_OUTBOX else 0, count(1)

    def crash(point: str) -> None:
        if next(calls) == dies_at:
            die(point)

    with patch("bot.wiring.Store", MortalStore):
        slipway = build(settings, Pace(first=0.1, longest=0.5), crash, tick=0.2)
    uvicorn.run(slipway.app, host="127.0.0.1", port=settings.port, log_level="error", access_log=False)


def live_again_and_again(settings: Settings) -> None:
    """Forks for each life: what a start costs is the imports, and they are done once."""
    while True:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            live(settings)
            os._exit(0)

        def end(_signal: int, _frame: FrameType | None, child: int = child) -> None:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
            sys.exit()

        signal.signal(signal.SIGTERM, end)
        os.waitpid(child, 0)


if __name__ == "__main__":
    live_again_and_again(read_settings(Settings))
