"""How single values of sop.yaml are written."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

LONGEST = timedelta(days=365)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: Any) -> Any:
    """`90s`, `5m`, `2h` or `7d`; anything else is left to pydantic."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value) if isinstance(value, str) else None
    if isinstance(value, str) and not found:
        raise ValueError("write a duration as a number and a unit: 90s, 5m, 2h or 7d")
    if not found:
        return value
    try:
        return timedelta(**{UNITS[found[2]]: float(found[1])})
    except OverflowError:
        return LONGEST + LONGEST  # `_some_time` says what is allowed


def _some_time(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("a duration is longer than nothing")
    if value > LONGEST:
        raise ValueError("a duration is at most 365d")
    return value


def _branch(value: str) -> str:
    """As people write it: git's rules, and no `refs/heads/`."""
    wrong = value.startswith("refs/") or value.endswith(("/", ".", ".lock")) or ".." in value or "@{" in value
    if wrong or "//" in value:
        raise ValueError("write a branch as git shows it: main, release/2026")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_some_time)]
SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]
SlackGroup = Annotated[str, Field(pattern=r"^S[A-Z0-9]{2,20}$")]
SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,20}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
Branch = Annotated[str, Field(pattern=r"^[^\s~^:?*\[\\/-][^\s~^:?*\[\\]*$"), AfterValidator(_branch)]
Label = Annotated[str, Field(pattern=r"^[^,\s]([^,]*[^,\s])?$")]  # GitHub reads a comma as another label
WorkflowFile = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+\.ya?ml$")]
SshKey = Annotated[str, Field(pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?$")]
