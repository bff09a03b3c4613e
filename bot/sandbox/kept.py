"""What the sandbox remembers, as JSON in a file: records with what they share, and no code.

A part that is started with a file goes on with what stands there.
"""

import importlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FLEETING = {"fleeting": True}  # metadata of a field that is not kept: it begins anew
EVERY = 2.0  # seconds between two looks for something new to write
PACKAGE = "bot.sandbox."


def dump(value: Any, outside: Mapping[str, object]) -> str:
    """JSON of dataclasses, lists, tuples, sets, dicts and datetimes. `outside`: what is not ours but referred to.

    Raises TypeError for anything else.
    """
    return _Writer({id(thing): name for name, thing in outside.items()}).text(value)


def load(text: str, outside: Mapping[str, object]) -> Any:
    """The other way round. Raises ValueError, KeyError for what `dump` did not write."""
    return _Reader(json.loads(text), outside).value()


class _Writer:
    def __init__(self, outside: Mapping[int, str]) -> None:
        self._outside = outside
        self._at: dict[int, int] = {}
        self._records: list[dict[str, Any]] = []

    def text(self, value: Any) -> str:
        written = self._plain(value)
        return json.dumps({"value": written, "records": self._records}, separators=(",", ":"))

    def _plain(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, list):
            return [self._plain(one) for one in list(value)]
        if isinstance(value, dict):
            return {"pairs": [[self._plain(key), self._plain(one)] for key, one in list(value.items())]}
        if isinstance(value, tuple | set | frozenset):
            return {type(value).__name__: [self._plain(one) for one in value]}
        if isinstance(value, datetime):
            return {"at": value.isoformat()}
        return self._record(value)

    def _record(self, value: Any) -> dict[str, Any]:
        if id(value) in self._outside:
            return {"outside": self._outside[id(value)]}
        kind = type(value)
        if not is_dataclass(value) or not kind.__module__.startswith(PACKAGE):
            raise TypeError(f"a {kind.__name__} is not kept")
        if id(value) not in self._at:
            self._at[id(value)] = len(self._records)
            record: dict[str, Any] = {"is": f"{kind.__module__}:{kind.__name__}"}
            self._records.append(record)
            kept = (one for one in fields(value) if not one.metadata.get("fleeting"))
            record["has"] = {one.name: self._plain(getattr(value, one.name)) for one in kept}
        return {"record": self._at[id(value)]}


class _Reader:
    def __init__(self, said: dict[str, Any], outside: Mapping[str, object]) -> None:
        self._said, self._outside = said, outside
        self._made: dict[int, Any] = {}

    def value(self) -> Any:
        return self._read(self._said["value"])

    def _read(self, written: Any) -> Any:
        if isinstance(written, list):
            return [self._read(one) for one in written]
        if not isinstance(written, dict):
            return written
        ((how, what),) = written.items()
        if how == "pairs":
            return {self._read(key): self._read(one) for key, one in what}
        if how == "at":
            return datetime.fromisoformat(what)
        if how == "outside":
            return self._outside[what]
        if how == "record":
            return self._record(what)
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[how](self._read(one) for one in what)

    def _record(self, number: int) -> Any:
        if number in self._made:
            return self._made[number]
        record = self._said["records"][number]
        module, _, name = record["is"].partition(":")
        kind = getattr(importlib.import_module(module), name) if module.startswith(PACKAGE) else None
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise ValueError(f"{record['is']} is no record of the sandbox")
        made = self._made[number] = object.__new__(kind)
        for one in fields(kind):
            if one.name in record["has"]:
                object.__setattr__(made, one.name, self._read(record["has"][one.name]))
            elif callable(one.default_factory):
                object.__setattr__(made, one.name, one.default_factory())
            elif one.default is not MISSING:
                object.__setattr__(made, one.name, one.default)
            else:
                raise ValueError(f"{record['is']} has a member {one.name} that is not kept here: begin anew (--fresh)")
        return made


@dataclass
class Keeper:
    """Writes what `look` gives to `file` whenever it has changed, every two seconds and at the end."""

    file: Path
    look: Callable[[], str]
    _written: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._keep, name=f"keeps {self.file.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self.write()

    def write(self) -> None:
        now = self.look()
        if now != self._written:
            draft = self.file.with_suffix(".draft")
            draft.write_text(now, encoding="utf-8")
            draft.replace(self.file)
            self._written = now

    def _keep(self) -> None:
        while not self._over.wait(EVERY):
            self.write()
