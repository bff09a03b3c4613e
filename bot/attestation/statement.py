"""The in-toto Statement v1 that a preflight makes (https://in-toto.io/Statement/v1)."""

from importlib import metadata
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from bot.sop.facts import Check, ProbeAnswer
from bot.sop.model import Frozen, canonical

PREDICATE: Final = "https://slipway.dev/preflight/v1"
CHECKS: Final = ("clean", "branch", "commits", "build", "run", "probes")

Sha = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class GitDigest(Frozen):
    gitTree: Sha  # what is attested: a squash merge or a rebase that keeps the tree still matches
    gitCommit: Sha


class Subject(Frozen):
    name: str  # owner/name of the repository
    digest: GitDigest


class Predicate(Frozen):
    """What a preflight saw."""

    service: str
    change: str = Field(pattern=r"^CR-[1-9]\d{0,8}$")
    branch: str  # `HEAD` when detached
    base: Sha  # the designated branch's tip that was contained
    tool: str  # slipway 0.1.0
    policy: str  # digest of the sop.yaml that was followed
    proof: str  # digest of what it says of building, running and probing the service
    started: AwareDatetime
    finished: AwareDatetime
    checks: tuple[Check, ...]
    probes: tuple[ProbeAnswer, ...]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        for what, names in (("checks", [c.name for c in self.checks]), ("probes", [p.name for p in self.probes])):
            if len(names) != len(set(names)):
                raise ValueError(f"{what} are named twice")
        unknown = sorted({c.name for c in self.checks} - set(CHECKS))
        if unknown:
            raise ValueError(f"unknown checks: {', '.join(unknown)}")
        if self.finished < self.started:
            raise ValueError("it finished before it started")
        return self


class Statement(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(default="https://in-toto.io/Statement/v1", alias="_type")
    subject: tuple[Subject] = Field(min_length=1, max_length=1)
    predicateType: Literal["https://slipway.dev/preflight/v1"] = PREDICATE
    predicate: Predicate

    def payload(self) -> bytes:
        """The bytes to sign and send."""
        return canonical(self.model_dump(mode="json")).encode()


def tool() -> str:
    """Name and version of this program, as a statement records them."""
    return f"slipway {metadata.version('slipway')}"
