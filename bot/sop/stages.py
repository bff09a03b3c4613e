"""Stages, statuses, intents, and the one transition table of a release, a procedure at a time."""

from enum import StrEnum


class Procedure(StrEnum):
    STANDARD = "standard"
    HOTFIX = "hotfix"
    ROLLBACK = "rollback"


class Stage(StrEnum):
    PRECONDITIONS = "PRECONDITIONS"
    LOCAL_STATE = "LOCAL_STATE"
    COMMITS = "COMMITS"
    PUSH = "PUSH"
    CI = "CI"
    PRODUCTION = "PRODUCTION"
    COMPLETE = "COMPLETE"
    # of a hotfix
    INCIDENT = "INCIDENT"
    MINIMAL_FIX = "MINIMAL_FIX"
    POST_ACTION_NOTE = "POST_ACTION_NOTE"
    # of a rollback
    REVERT = "REVERT"
    DOCUMENT = "DOCUMENT"


class Status(StrEnum):
    RUNNING = "RUNNING"
    HELD = "HELD"  # waits for a person or for the world, and says for what
    STOPPED = "STOPPED"  # a precondition was false
    ABORTED = "ABORTED"
    COMPLETE = "COMPLETE"
    ROLLED_BACK = "ROLLED_BACK"  # a rollback has taken its commits out of production


class Intent(StrEnum):
    LOOK = "look"  # the world was looked at; nobody asks for anything
    ACKNOWLEDGE = "acknowledge"
    ACCEPT_PATHS = "accept paths"
    ACCEPT_SIZE = "accept a large hotfix"
    ACCEPT_IRREVERSIBLE = "accept irreversible paths"
    ACCEPT_CRITICALS = "go on beside other open CRITICALs"
    TAKE_OVER = "take over commits on the branch"
    PUSH = "push"
    CAUSE = "record the root cause"
    RERUN = "re-run"
    LOOK_AGAIN = "look again"
    TRY_AGAIN = "try again"
    REDEPLOY = "redeploy"
    ACCEPT_DIFFERENCE = "accept a difference"
    CONFIRM = "confirm that it is resolved"
    ABORT = "abort"
    ROLL_BACK = "roll back"


_P, _L, _C, _U, _CI, _PROD, _DONE = list(Stage)[:7]
_INC, _MIN, _NOTE, _REV, _DOC = list(Stage)[7:]
_STOPPED, _ABORTED, _COMPLETE = Status.STOPPED, Status.ABORTED, Status.COMPLETE

STAGES: dict[Procedure, tuple[Stage, ...]] = {
    Procedure.STANDARD: (_P, _L, _C, _U, _CI, _PROD, _DONE),
    Procedure.HOTFIX: (_INC, _P, _MIN, _U, _CI, _PROD, _NOTE, _DONE),
    Procedure.ROLLBACK: (_REV, _U, _CI, _PROD, _DOC, _DONE),
}

OPEN = frozenset({Status.RUNNING, Status.HELD})
CLOSED = frozenset(Status) - OPEN
STOPPING = frozenset({Stage.PRECONDITIONS, Stage.INCIDENT})  # a FAIL here stops; elsewhere it holds
BEFORE_PUSH = frozenset({_P, _L, _C, _U, _INC, _MIN, _REV})
AFTER_PUSH = frozenset({_CI, _PROD, _NOTE, _DOC})

Goals = frozenset[Stage | Status]
_SECOND = (  # words by name
    Intent.ACCEPT_PATHS,
    Intent.ACCEPT_SIZE,
    Intent.ACCEPT_IRREVERSIBLE,
    Intent.ACCEPT_CRITICALS,
    Intent.TAKE_OVER,
)


def _to(*goals: Stage | Status) -> Goals:
    return frozenset(goals)


def _rolled_back(procedure: Procedure) -> dict[tuple[Stage, Intent], Goals]:
    """Reachable from everywhere: commits come to the branch too early, or stay there for a fix by commit."""
    return {(stage, Intent.ROLL_BACK): _to(_ABORTED) for stage in STAGES[procedure][:-1]}


# What people may ask once the commits are on the branch, in every procedure.
_FAILURE: dict[tuple[Stage, Intent], Goals] = {
    (_CI, Intent.CAUSE): _to(_CI),
    (_CI, Intent.RERUN): _to(_CI),
    (_CI, Intent.LOOK_AGAIN): _to(_CI),
    (_CI, Intent.TRY_AGAIN): _to(_CI),
    (_PROD, Intent.LOOK_AGAIN): _to(_PROD),
    (_PROD, Intent.REDEPLOY): _to(_CI),
    (_PROD, Intent.ACCEPT_DIFFERENCE): _to(_PROD),
}

# Where one step may lead from a stage of an open release; HELD and RUNNING alternate inside a stage.
# A closed release refuses every intent but a rollback: a COMPLETE one, and one that left its commits on the branch, are
# ROLLED_BACK when that is complete. A pair that is not here is refused, saying what is possible.
TRANSITIONS: dict[Procedure, dict[tuple[Stage, Intent], Goals]] = {
    Procedure.STANDARD: {
        (_P, Intent.LOOK): _to(_P, _L, _STOPPED),
        (_P, Intent.ACKNOWLEDGE): _to(_P, _L, _STOPPED),
        (_P, Intent.ABORT): _to(_ABORTED),
        (_L, Intent.LOOK): _to(_L, _C, _STOPPED),
        (_L, Intent.ABORT): _to(_ABORTED),
        (_C, Intent.LOOK): _to(_L, _C, _U, _STOPPED),
        (_C, Intent.ACCEPT_PATHS): _to(_L, _C, _U, _STOPPED),
        (_C, Intent.TAKE_OVER): _to(_L, _C, _U, _STOPPED),
        (_C, Intent.ABORT): _to(_ABORTED),
        (_U, Intent.LOOK): _to(_L, _C, _U, _CI, _STOPPED),
        (_U, Intent.ACCEPT_PATHS): _to(_L, _C, _U, _STOPPED),
        (_U, Intent.TAKE_OVER): _to(_L, _C, _U, _STOPPED),
        (_U, Intent.PUSH): _to(_L, _C, _U, _STOPPED),
        (_U, Intent.TRY_AGAIN): _to(_L, _C, _U, _STOPPED),
        (_U, Intent.ABORT): _to(_ABORTED),
        **_FAILURE,
        (_CI, Intent.LOOK): _to(_CI, _PROD),
        (_CI, Intent.CAUSE): _to(_CI, _L),
        (_CI, Intent.ABORT): _to(_ABORTED),
        (_PROD, Intent.LOOK): _to(_PROD, _COMPLETE),
        (_PROD, Intent.ABORT): _to(_ABORTED),
        **_rolled_back(Procedure.STANDARD),
    },
    Procedure.HOTFIX: {
        (_INC, Intent.LOOK): _to(_INC, _P, _STOPPED),
        (_INC, Intent.ABORT): _to(_ABORTED),
        (_P, Intent.LOOK): _to(_P, _MIN, _STOPPED),
        (_P, Intent.ACKNOWLEDGE): _to(_P, _MIN, _STOPPED),
        (_P, Intent.ACCEPT_CRITICALS): _to(_P, _MIN, _STOPPED),
        (_P, Intent.ABORT): _to(_ABORTED),
        (_MIN, Intent.LOOK): _to(_MIN, _U, _STOPPED),
        **{(_MIN, i): _to(_MIN, _U, _STOPPED) for i in _SECOND},
        (_MIN, Intent.TRY_AGAIN): _to(_MIN, _U, _STOPPED),
        (_MIN, Intent.ABORT): _to(_ABORTED),
        (_U, Intent.LOOK): _to(_MIN, _U, _CI, _STOPPED),
        (_U, Intent.TRY_AGAIN): _to(_MIN, _U, _STOPPED),
        **{(_U, i): _to(_MIN, _U, _STOPPED) for i in _SECOND},
        (_U, Intent.PUSH): _to(_MIN, _U, _STOPPED),
        (_U, Intent.ABORT): _to(_ABORTED),
        **_FAILURE,
        (_CI, Intent.LOOK): _to(_CI, _PROD),
        (_CI, Intent.CAUSE): _to(_CI, _MIN),
        (_CI, Intent.ABORT): _to(_ABORTED),
        (_PROD, Intent.LOOK): _to(_PROD, _NOTE),
        (_PROD, Intent.ABORT): _to(_ABORTED),
        (_NOTE, Intent.LOOK): _to(_NOTE, _COMPLETE),
        (_NOTE, Intent.CONFIRM): _to(_NOTE, _COMPLETE),
        (_NOTE, Intent.TRY_AGAIN): _to(_NOTE, _COMPLETE),
        **_rolled_back(Procedure.HOTFIX),
    },
    Procedure.ROLLBACK: {
        (_REV, Intent.LOOK): _to(_REV, _U),
        (_REV, Intent.TRY_AGAIN): _to(_REV, _U),
        (_REV, Intent.ABORT): _to(_ABORTED),
        (_U, Intent.LOOK): _to(_REV, _U, _CI),
        (_U, Intent.TRY_AGAIN): _to(_REV, _U, _CI),
        (_U, Intent.ABORT): _to(_ABORTED),
        **_FAILURE,
        (_CI, Intent.LOOK): _to(_CI, _PROD),
        (_PROD, Intent.LOOK): _to(_PROD, _DOC),
        (_DOC, Intent.LOOK): _to(_DOC, _COMPLETE),
        (_DOC, Intent.TRY_AGAIN): _to(_DOC, _COMPLETE),
        **_rolled_back(Procedure.ROLLBACK),
    },
}


def possible(procedure: Procedure, stage: Stage, status: Status) -> tuple[Intent, ...]:
    """What people may ask of a release in this state; a rollback only of what has pushed (`release.possible_now`)."""
    if status in CLOSED:
        back = status is not Status.ROLLED_BACK and procedure is not Procedure.ROLLBACK
        return (Intent.ROLL_BACK,) if back else ()
    return tuple(i for (s, i) in TRANSITIONS[procedure] if s is stage and i is not Intent.LOOK)


def next_stage(procedure: Procedure, stage: Stage) -> Stage:
    order = STAGES[procedure]
    return order[order.index(stage) + 1]
