"""What production answers, and how it behaved when it was verified."""

from typing import Any

from pydantic import AwareDatetime

from bot.sop.model import Frozen
from bot.sop.policy import Probe
from bot.sop.records import (
    DifferenceAccepted,
)


class Sample(Frozen):
    version: str | None = None  # as served, after `version.map`
    error: str | None = None


class Round(Frozen):
    """One round of reads of the version, each over a fresh connection."""

    at: AwareDatetime
    samples: tuple[Sample, ...]


class ProbeAnswer(Frozen):
    """A normalised answer: `body` has its ignored fields left out."""

    name: str
    status: int | None = None
    body: Any = None
    error: str | None = None


class Fleet(Frozen):
    """What production served for one expected commit: the last two rounds, and the probes once all were new."""

    expected: str
    rounds: tuple[Round, ...] = ()
    probes: tuple[ProbeAnswer, ...] = ()
    probed_at: AwareDatetime | None = None


class Known(Frozen):
    """A verified answer, and the probe as it was defined then."""

    probe: Probe
    answer: ProbeAnswer


class Verified(Frozen):
    """How a commit behaves: attested by the release that brought it, or seen in production: of a service that went out
    with another one when it was verified, of an adopted commit (`release` None) at the first look."""

    sha: str
    known: tuple[Known, ...]
    release: int | None = None
    accepted: tuple[DifferenceAccepted, ...] = ()

    def still(self, probes: tuple[Probe, ...]) -> tuple[Known, ...]:
        """Of probes that are defined as they were: under another definition the answers do not compare."""
        return tuple(k for k in self.known if k.probe in probes)
