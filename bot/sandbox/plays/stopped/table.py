"""The rules that are broken once each, and how each has to be stopped."""

from enum import StrEnum

from bot.sandbox.plays.table import Row, Table


class How(StrEnum):
    REFUSED = "refused"  # at once, to the person who acted
    WAIT = "WAIT"  # it does not go on
    HELD = "HELD"
    STOPPED = "STOPPED"


SUSPENDED = Row("S1", "the SOP is SUSPENDED", How.REFUSED)
UNAPPROVED = Row("P1", "nobody has approved the request", How.WAIT)
REJECTED = Row("P1", "the request is rejected", How.STOPPED)
OWN_APPROVAL = Row("P1", "the requester approves it", How.REFUSED)
WITHDRAWN = Row("P1", "the approval is withdrawn", How.STOPPED)
UNACKNOWLEDGED = Row("P2", "governance is not acknowledged", How.WAIT)
BUILD_FAILS = Row("P3", "the local build fails", How.STOPPED)
CRITICAL = Row("P4", "a CRITICAL issue is open", How.STOPPED)
UNCOMMITTED = Row("P5", "a file is not committed", How.STOPPED)
NOT_CLEAN = Row("1", "the working tree is not clean", How.REFUSED)
WRONG_BRANCH = Row("1", "the candidate is no branch's head", How.HELD)
APP_FAILS = Row("1", "the local app does not start", How.HELD)
UNREFERENCED = Row("2", "a commit references nothing", How.HELD)
OTHER_CHANGE = Row("2", "a commit names another request", How.HELD)
UNRELATED = Row("2", "a path outside the declared areas", How.HELD)
AUTHOR = Row("2", "an author of it has approved it", How.HELD)
AROUND = Row("3", "a push to main around the bot", How.REFUSED)
MOVED = Row("3", "main moves during the release", How.HELD)
NO_START = Row("4", "CI never starts", How.HELD)
CI_FAILS = Row("4", "CI fails", How.HELD)
OLD_VERSION = Row("5", "production does not update", How.HELD)
HALF_FLEET = Row("5", "half of the fleet is new", How.HELD)
DIFFERENT = Row("5", "production behaves differently", How.HELD)
NOT_COMPLETE = Row("C", "it serves the commit, unverified", How.HELD)
SKIP_MARKER = Row("X2", "a commit says [skip ci]", How.HELD)
PAST_CI = Row("X2", "a deploy past CI", How.HELD)
NO_REQUEST = Row("X3", "a release without a request", How.REFUSED)
CLOSED_REQUEST = Row("X3", "a request that was withdrawn", How.REFUSED)
FROZEN_START = Row("X4", "a start during a freeze", How.REFUSED)
FREEZE_BEGINS = Row("X4", "a freeze begins under way", How.STOPPED)

ROWS = tuple(row for row in list(globals().values()) if isinstance(row, Row))


def blank() -> Table:
    head = ("Rule", "What was seen", "Stopped", "In its own words")
    return Table(ROWS, head, "was not seen to be stopped")
