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


class Intent(StrEnum):
    LOOK = "look"  # the world was looked at; nobody asks for anything
    ACKNOWLEDGE = "acknowledge"
    ACCEPT_PATHS = "accept paths"
    PUSH = "push"
    ABORT = "abort"


STAGES: dict[Procedure, tuple[Stage, ...]] = {Procedure.STANDARD: tuple(Stage)}

OPEN = frozenset({Status.RUNNING, Status.HELD})
CLOSED = frozenset(Status) - OPEN
BEFORE_PUSH = frozenset({Stage.PRECONDITIONS, Stage.LOCAL_STATE, Stage.COMMITS, Stage.PUSH})
AFTER_PUSH = frozenset({Stage.CI, Stage.PRODUCTION})

_P, _L, _C, _U = Stage.PRECONDITIONS, Stage.LOCAL_STATE, Stage.COMMITS, Stage.PUSH
_STOPPED, _ABORTED = Status.STOPPED, Status.ABORTED

# Where one step may lead from a stage of an open release; HELD and RUNNING alternate inside a stage.
# A closed release refuses every intent; a pair that is not here is refused, saying what is possible.
TRANSITIONS: dict[tuple[Stage, Intent], frozenset[Stage | Status]] = {
    (_P, Intent.LOOK): frozenset({_P, _L, _STOPPED}),
    (_P, Intent.ACKNOWLEDGE): frozenset({_P, _L, _STOPPED}),
    (_P, Intent.ABORT): frozenset({_ABORTED}),
    (_L, Intent.LOOK): frozenset({_L, _C, _STOPPED}),
    (_L, Intent.ABORT): frozenset({_ABORTED}),
    (_C, Intent.LOOK): frozenset({_L, _C, _U, _STOPPED}),
    (_C, Intent.ACCEPT_PATHS): frozenset({_L, _C, _U, _STOPPED}),
    (_C, Intent.ABORT): frozenset({_ABORTED}),
    (_U, Intent.LOOK): frozenset({_L, _C, _U, Stage.CI, _STOPPED}),
    (_U, Intent.PUSH): frozenset({_L, _C, _U, _STOPPED}),
    (_U, Intent.ABORT): frozenset({_ABORTED}),
    (Stage.CI, Intent.LOOK): frozenset({Stage.CI, Stage.PRODUCTION}),
    (Stage.CI, Intent.ABORT): frozenset({_ABORTED}),
    (Stage.PRODUCTION, Intent.LOOK): frozenset({Stage.PRODUCTION, Status.COMPLETE}),
    (Stage.PRODUCTION, Intent.ABORT): frozenset({_ABORTED}),
}


def possible(stage: Stage, status: Status) -> tuple[Intent, ...]:
    """What people may ask of a release in this state."""
    if status in CLOSED:
        return ()
    return tuple(i for (s, i) in TRANSITIONS if s is stage and i is not Intent.LOOK)


def next_stage(procedure: Procedure, stage: Stage) -> Stage:
    order = STAGES[procedure]
    return order[order.index(stage) + 1]
