"""What tests can break at the Web API, and the record of every call it received."""

import threading
from collections import deque
from dataclasses import dataclass

from bot.sandbox.slack.errors import Json

KEPT = 20_000  # calls on record; older ones are forgotten


@dataclass
class Fault:
    """Befalls the next `times` calls of `method` ("*": any).

    kind "drop": carried out, and the answer is lost with the connection; "drop_before": lost and not carried out.
    kind "fail": HTTP `status` instead of an answer, or, with `error`, a refusal with that code; nothing is carried out.
    kind "slow": carried out, answered after `seconds`.
    """

    method: str
    kind: str
    times: int = 1
    status: int = 500
    error: str | None = None
    retry_after: int | None = None
    seconds: float = 0.0


class Faults:
    """Faults in waiting, and the latest calls received: `{n, at, method, args, ok, error, status}`."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._calls: deque[Json] = deque(maxlen=KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next(self, method: str) -> Fault | None:
        """The fault that befalls this call, used up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.method in ("*", method):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def record(self, call: Json) -> None:
        with self._lock:
            self._count += 1
            self._calls.append({"n": self._count, **call})

    def calls(self, since: int = 0, method: str | None = None) -> list[Json]:
        with self._lock:
            return [call for call in self._calls if call["n"] > since and method in (None, call["method"])]
