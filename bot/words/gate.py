"""What words a gate's answer needs."""

from dataclasses import dataclass

AGAIN = "then run `slipway preflight` again"
ANEW = "then start again"


@dataclass(frozen=True)
class Gate:
    brief: str  # a few words; empty: not worth the space
    seen: str
    wanted: str = ""
    mend: str = ""
    awaited: str = ""  # the few words after "waits for", where `brief` does not fit there
