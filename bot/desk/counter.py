"""How every intent is carried out: one transaction, and the world told at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot import ledger
from bot.ledger import commit
from bot.sop.codes import Code
from bot.sop.decision import Decision, Refusal
from bot.sop.effects import Notice
from bot.sop.facts import Facts
from bot.sop.policy import Policy
from bot.sop.records import Release
from storage.store import Store
from storage.unit import Unit


@dataclass(frozen=True)
class Outcome:
    """What to tell the person who acted: a refusal, or a notice about the subject."""

    refusal: Refusal | None = None
    notice: Notice | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Counter:
    """`policy` and `now` are asked each time; `wake` makes effects and looks follow at once."""

    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    wake: Callable[[], None] = field(default=lambda: None)

    def _facts(self, unit: Unit, found: Release, policy: Policy) -> Facts:
        return ledger.release_facts(unit, found, policy, self.now())

    def _commit(self, unit: Unit, decision: Decision, by: str, subject: str, notice: Notice | None) -> Outcome:
        commit(unit, decision, by, subject, self.now())
        return Outcome(refusal=decision.refusal, notice=None if decision.refusal else notice, subject=subject)

    def _transact(self, work: Callable[[Unit], Outcome], by: str) -> Outcome:
        try:
            outcome = self.store.transact(work)
        except Refused as refused:
            refusal = refused.decision
            self.store.transact(lambda unit: commit(unit, refusal, by, "nothing", self.now()))
            return Outcome(refusal=refusal.refusal)
        self.wake()
        return outcome


class Refused(Exception):
    """Rolls back the id that was taken for a thing that will not be."""

    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision


def announced(decision: Decision) -> Notice | None:
    """What the decision tells others, said to the person who acted too."""
    return next((n for e in decision.effects if (n := getattr(e, "notice", None)) is not None), None)


def unknown(what: str) -> Outcome:
    return Outcome(refusal=Refusal(code=Code.UNKNOWN_THING, values={"what": what}))
