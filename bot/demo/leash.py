"""Runs the command line until standard input closes: `python -m bot.demo.leash serve` ends with whoever started it.

The pipe to standard input closes whenever its other end dies, also by kill -9.
"""

import os
import runpy
import signal
import threading
import time

GRACE = 5.0  # seconds to end in order


def watch() -> None:
    while os.read(0, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    threading.Thread(target=watch, daemon=True).start()
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
