"""How a play ends: with the sentence that sums it up, or with what went otherwise."""

from collections.abc import Callable

from bot.sandbox.plays.office import Office, Refused, Stuck
from bot.sandbox.slack.errors import PageError
from bot.sandbox.world.changes import NotPossible

TROUBLES = (Stuck, Refused, PageError, LookupError, TimeoutError, NotPossible)


class Broken(Exception):
    """Something is so that must not be; the message says what."""


def ended(office: Office, day: Callable[[Office], str]) -> int:
    """Plays a day. 0 when it came to its end with everything as it has to be; `day` gives the closing sentence."""
    try:
        said = day(office)
        office.teller.rest()
    except (*TROUBLES, Broken) as why:
        print(f"\nNOT AS IT HAS TO BE: {why}", flush=True)
        return 1
    print(f"\nTHE RULE HELD: {said}", flush=True)
    return 0


def must(so: bool, what: str) -> None:
    """Raises Broken: what is so instead."""
    if not so:
        raise Broken(what)
