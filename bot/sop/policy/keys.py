"""How single values of sop.yaml are written."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: Any) -> Any:
    """`90s`, `5m`, `2h` or `7d`; anything else is left to pydantic."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value) if isinstance(value, str) else None
    if isinstance(value, str) and not found:
        raise ValueError("write a duration as a number and a unit: 90s, 5m, 2h or 7d")
    return timedelta(**{UNITS[found[2]]: float(found[1])}) if found else value


def _some_time(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("a duration is longer than nothing")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_some_time)]
SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]
SlackGroup = Annotated[str, Field(pattern=r"^S[A-Z0-9]{2,20}$")]
SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,20}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
