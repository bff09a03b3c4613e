"""Stages, statuses, intents, and the one transition table of a release."""

from enum import StrEnum


class Procedure(StrEnum):
    STANDARD = "standard"


class Stage(StrEnum):
    PRECONDITIONS = "PRECONDITIONS"
    LOCAL_STATE = "LOCAL_STATE"
    COMMITS = "COMMITS"
    PUSH = "PUSH"
    CI = "CI"
    PRODUCTION = "PRODUCTION"
    COMPLETE = "COMPLETE"


class Status(StrEnum):
    RUNNING = "RUNNING"
    HELD = "HELD"  # waits for a person or for the world, and says for what
    STOPPED = "STOPPED"  # a precondition was false
    ABORTED = "ABORTED"
    COMPLETE = "COMPLETE"


STAGES: dict[Procedure, tuple[Stage, ...]] = {
    Procedure.STANDARD: (
        Stage.PRECONDITIONS,
        Stage.LOCAL_STATE,
        Stage.COMMITS,
        Stage.PUSH,
        Stage.CI,
        Stage.PRODUCTION,
        Stage.COMPLETE,
    ),
}

OPEN = frozenset({Status.RUNNING, Status.HELD})
CLOSED = frozenset(Status) - OPEN
BEFORE_PUSH = frozenset({Stage.PRECONDITIONS, Stage.LOCAL_STATE, Stage.COMMITS, Stage.PUSH})
AFTER_PUSH = frozenset({Stage.CI, Stage.PRODUCTION})
