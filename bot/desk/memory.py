"""Answers that are asked for often and cost much are told again while nothing was decided."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar, cast

from bot.sop.policy import Policy
from storage.store import Store

T = TypeVar("T")
STILL_SO = 5.0  # seconds for which an answer that shows ages and durations may be told again
ELSEWHERE = 0.5  # seconds after which other replicas are asked whether they decided something
MOST_REMEMBERED = 200


@dataclass
class _Remembered:
    policy: Policy
    decided: int  # by this process
    revision: int  # of the database
    made: float
    checked: float
    value: object


@dataclass(frozen=True)
class Memory:
    _making: Lock = field(default_factory=Lock)
    _known: dict[Hashable, _Remembered] = field(default_factory=dict)

    def recall(self, key: Hashable, policy: Policy, store: Store, make: Callable[[], T]) -> T:
        """What `make` gave for this key; made anew after a decision, under another policy, or after some seconds."""
        known = self._still(key, policy, store)
        if known is None:
            with self._making:  # one makes it, those who asked meanwhile get the same
                known = self._still(key, policy, store) or self._remember(key, policy, store, make)
        return cast(T, known.value)

    def _still(self, key: Hashable, policy: Policy, store: Store) -> _Remembered | None:
        """Decisions of this process are known at once; those of other replicas by a look now and then."""
        known, now = self._known.get(key), time.monotonic()
        if known is None or known.policy is not policy or now - known.made > STILL_SO:
            return None
        if known.decided != store.decided:
            return None
        if now - known.checked > ELSEWHERE:
            if store.read(lambda unit: unit.revision()) != known.revision:
                return None
            known.checked = now
        return known

    def _remember(self, key: Hashable, policy: Policy, store: Store, make: Callable[[], object]) -> _Remembered:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        now, decided = time.monotonic(), store.decided
        revision = store.read(lambda unit: unit.revision())
        made = self._known[key] = _Remembered(policy, decided, revision, now, now, make())
        return made
