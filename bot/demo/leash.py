"""Runs the bot until standard input closes: `python -m bot.demo.leash` ends with whoever started it.

It begins at the first line on standard input: what is slow to import is imported while the rest of the demo starts.
The pipe to standard input closes whenever its other end dies, also by kill -9.
"""

import importlib
import os
import runpy
import signal
import sys
import threading
import time

GRACE = 5.0  # seconds to end in order


def watch(begun: threading.Event) -> None:
    while os.read(0, 1024):
        begun.set()
    if begun.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    begun = threading.Event()
    threading.Thread(target=watch, args=[begun], daemon=True).start()
    importlib.import_module("bot.wiring")
    begun.wait()
    sys.argv = ["slipway", "serve"]
    runpy.run_module("bot", run_name="__main__")


if __name__ == "__main__":
    main()
