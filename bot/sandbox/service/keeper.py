"""Runs one command in its own process group and ends the whole group when standard input closes.

Started as a script by `process.Kept`. The pipe to standard input closes whenever its other end dies, also by kill -9,
so nothing outlives the process that wanted it.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE = 1.0  # seconds between asking and killing


def end(child: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def watch(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        continue
    end(child)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        # A handler of Python's own, unlike SIG_IGN, is not passed on to the command.
        signal.signal(number, lambda _number, _frame: None)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=watch, args=[child], daemon=True).start()
    code = child.wait()
    end(child)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
