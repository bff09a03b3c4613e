"""The base of every value here: immutable, strict about unknown keys, and the same after a trip through JSON.

Times are `AwareDatetime`: one without its zone is refused.
"""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: BaseModel | Any) -> str:
    """SHA-256 (hex) of the canonical JSON of a value."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(canonical(plain).encode()).hexdigest()
