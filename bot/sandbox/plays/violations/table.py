"""What goes around the SOP, once each, and what becomes of it."""

from enum import StrEnum

from bot.sandbox.plays.table import Row, Table


class How(StrEnum):
    OPEN = "OPEN"  # a violation, on a card of its own
    TOO = "too"  # of the same act, on the same card
    AGAIN = "again"  # the same violation, open once more
    STOPPED = "STOPPED"
    REFUSED = "refused"
    GOES_ON = "goes on"


SETTING = Row("X1", "a setting changed by hand", How.OPEN)
BLOCKED = Row("S2", "a release while that is open", How.STOPPED)
NOT_YOURS = Row("S2", "a releaser explains it", How.REFUSED)
EXPLAINED = Row("S2", "an approver explains it", How.GOES_ON)
BACK = Row("X1", "the setting changed once more", How.AGAIN)
FILE = Row("X1", "a file edited by hand", How.AGAIN)
STRANGE = Row("X1", "a version that is no commit", How.OPEN)
PAST_CI = Row("X2", "a deploy past CI", How.OPEN)
FROZEN = Row("X4", "the same during a freeze", How.TOO)
PUSHED = Row("S2", "a push without a release", How.OPEN)
DEPLOYED = Row("X3", "and what it deployed", How.TOO)
BY_HAND = Row("X2", "a deploy started by hand", How.OPEN)
FORCED = Row("S2", "a force push", How.OPEN)
RERUN = Row("F1", "a run again without a cause", How.OPEN)

ROWS = tuple(row for row in list(globals().values()) if isinstance(row, Row))


def blank() -> Table:
    head = ("Rule", "What was done", "Became", "What the card says")
    return Table(ROWS, head, "was not seen by the patrol", aloud=False)
