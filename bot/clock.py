"""Ticks: what is to be done every few seconds, and at once when woken. In memory only; what is due is rows.

APScheduler says when; each tick has a thread of its own, so that it never runs twice at once and a wake-up that
comes while it runs is not lost.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)


@dataclass
class Tick:
    """`run` is called every `seconds`, and when woken. `nudge` reaches into a run that is under way."""

    name: str
    seconds: float
    run: Callable[[], object]
    nudge: Callable[[], None] | None = None
    error: str | None = field(default=None, init=False)  # of the last run, None when it went well
    runs: int = field(default=0, init=False)  # that have ended


class Clock:
    """`start`, then `wake` after every commit whose effects should follow at once, then `stop`."""

    def __init__(self, ticks: Sequence[Tick]) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of every run of every job
        self.ticks = tuple(ticks)
        self._due = {tick.name: threading.Event() for tick in self.ticks}
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._beat, args=(tick,), name=f"tick-{tick.name}", daemon=True)
            for tick in self.ticks
        ]
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            daemon=True,
        )
        for tick in self.ticks:
            self._scheduler.add_job(self._due[tick.name].set, "interval", seconds=tick.seconds, id=tick.name)

    def start(self) -> None:
        """Every tick runs at once, then at its pace."""
        for thread in self._threads:
            thread.start()
        self._scheduler.start()
        self.wake()

    def wake(self, name: str | None = None) -> None:
        """Makes the next run of one tick, or of all, immediate. Cheap; may be called from any thread."""
        for tick in self.ticks:
            if name in (None, tick.name):
                self._due[tick.name].set()
                if tick.nudge is not None:
                    tick.nudge()

    def stop(self) -> None:
        """Returns when no tick runs any more; none begins after."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        for due in self._due.values():
            due.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _beat(self, tick: Tick) -> None:
        due = self._due[tick.name]
        while True:
            due.wait()
            due.clear()
            if self._stopping.is_set():
                return
            try:
                tick.run()
                tick.error = None
            except Exception as error:
                log.exception("tick %s failed; it runs again in %s s at the latest", tick.name, tick.seconds)
                tick.error = f"{type(error).__name__}: {error}"
            tick.runs += 1
