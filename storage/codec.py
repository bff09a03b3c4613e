"""Between records and rows: columns are taken out of the body, and put back on load."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.sop.facts import Attestation
from bot.sop.policy import Policy
from bot.sop.records import Baseline, Change, Freeze, Incident, Lock, Release, Violation

R = TypeVar("R", bound=BaseModel)
Path = tuple[str, ...]


@dataclass(frozen=True)
class Shape(Generic[R]):
    """Which fields of a record are columns: name of the column -> path of the field."""

    record: type[R]
    columns: Mapping[str, Path] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()  # fields that another record has: read from there

    def row(self, record: R) -> dict[str, Any]:
        body = {name: value for name, value in plain(record).items() if name not in self.elsewhere}
        columns = {name: _take(body, path) for name, path in self.columns.items()}
        return columns | {"body": body}

    def load(self, row: Mapping[str, Any]) -> R:
        body = dict(row["body"])
        for name, path in self.columns.items():
            _put(body, path, row[name])
        return self.record.model_validate(body)


def plain(record: BaseModel) -> dict[str, Any]:
    """JSON values of a record; durations as people write them (`90.0s`), which is how a policy reads them."""
    if not isinstance(record, Policy):
        return record.model_dump(mode="json")
    value: dict[str, Any] = json.loads(json.dumps(record.model_dump(), default=_duration))
    return value


def _duration(value: timedelta) -> str:
    return f"{value.total_seconds():f}s"


def _take(body: dict[str, Any], path: Path) -> Any:
    for name in path[:-1]:
        body = body[name]
    return body.pop(path[-1])


def _put(body: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        body[name] = body = dict(body[name])
    body[path[-1]] = value


def _flat(*names: str) -> dict[str, Path]:
    return {name: (name,) for name in names}


RELEASE = Shape(Release, _flat("id", "service", "status", "owner", "change"))
CHANGE = Shape(
    Change, _flat("id", "status", "requester") | {"service": ("content", "service"), "title": ("content", "title")}
)
FREEZE = Shape(Freeze, _flat("id", "status"))
LOCK = Shape(Lock, _flat("key", "release"), ("owner",))
BASELINE = Shape(Baseline, _flat("service"))
ATTESTATION = Shape(Attestation, _flat("id", "service", "change", "digest"))
INCIDENT = Shape(Incident, _flat("id", "service", "status", "severity", "issue"))
VIOLATION = Shape(Violation, _flat("id", "service", "status", "key"))
POLICY = Shape(Policy)
