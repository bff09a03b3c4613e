"""The bot as a process that kills itself at the n-th point of its outbox (`DIES_AT`, 0: never), telling where."""

import os
import signal
from itertools import count
from pathlib import Path

import uvicorn

from bot.config import Settings, read_settings
from bot.outbox import Pace
from bot.wiring import build

if __name__ == "__main__":
    settings, dies_at, calls = read_settings(Settings), int(os.environ["DIES_AT"]), count(1)

    def crash(point: str) -> None:
        if next(calls) == dies_at:
            with Path(os.environ["DEATHS"]).open("a") as deaths:
                deaths.write(f"{point}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    slipway = build(settings, Pace(first=0.1, longest=0.5), crash)
    uvicorn.run(slipway.app, host="127.0.0.1", port=settings.port, log_level="error", access_log=False)
