"""How every intent is carried out: one transaction, and the world told at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from bot import ledger
from bot.commit import commit
from bot.sop.codes import Code
from bot.sop.decision import Decision, Refusal
from bot.sop.effects import Notice, PostChannel, ShowCard
from bot.sop.facts import Facts
from bot.sop.policy import Policy
from bot.sop.records import Release
from storage.store import Store
from storage.unit import Unit

FORM = "submission"


@dataclass(frozen=True)
class Outcome:
    """What to tell the person who acted: a refusal, or a notice about the subject."""

    refusal: Refusal | None = None
    notice: Notice | None = None
    subject: str | None = None
    told: frozenset[str] = frozenset()  # channels where everybody reads it anyway


@dataclass(frozen=True)
class Counter:
    """`policy` and `now` are asked each time; `wake` makes effects and looks follow at once."""

    store: Store
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    wake: Callable[[], None] = field(default=lambda: None)
    rehearsing: bool = False  # nothing is stored
    form: str | None = None  # the form that is carried out: at most once

    def rehearsed(self, act: Callable[[Self], Outcome]) -> Outcome:
        """What would become of an intent now. Nothing is stored, nobody is told."""
        return act(replace(self, rehearsing=True))

    def carrying(self, form: str) -> Self:
        """Carries out this form. That it was is stored in the transaction of what it did: a refusal or a failure leaves
        no trace of it, on no replica. Its intents raise SentAlready where it was carried out before."""
        return replace(self, form=form)

    def sent_already(self) -> bool:
        return self.form is not None and self.store.read(lambda unit: unit.met(FORM, self.form or ""))

    def _facts(self, unit: Unit, found: Release, policy: Policy) -> Facts:
        return ledger.release_facts(unit, found, policy, self.now())

    def _commit(self, unit: Unit, decision: Decision, by: str, subject: str, notice: Notice | None) -> Outcome:
        commit(unit, decision, by, subject, self.now())
        if decision.refusal:
            return Outcome(refusal=decision.refusal, subject=subject)
        return Outcome(notice=notice, subject=subject, told=_told(decision))

    def _transact(self, work: Callable[[Unit], Outcome], by: str) -> Outcome:
        if self.rehearsing:
            return self._undone(work)
        try:
            outcome = self.store.transact(lambda unit: self._once(unit, work))
        except Refused as refused:
            refusal = refused.decision
            self.store.transact(lambda unit: commit(unit, refusal, by, "nothing", self.now()))
            return Outcome(refusal=refusal.refusal)
        self.wake()
        return outcome

    def _once(self, unit: Unit, work: Callable[[Unit], Outcome]) -> Outcome:
        if self.form is None:
            return work(unit)
        if not unit.first_time(FORM, self.form, self.now()):
            raise SentAlready
        outcome = work(unit)
        if outcome.refusal is not None:
            unit.may_come_again(FORM, self.form)
        return outcome

    def _undone(self, work: Callable[[Unit], Outcome]) -> Outcome:
        def undone(unit: Unit) -> None:
            raise _Rehearsed(work(unit))

        try:
            self.store.transact(undone)
        except _Rehearsed as rehearsed:
            return rehearsed.outcome
        except Refused as refused:
            return Outcome(refusal=refused.decision.refusal)
        raise AssertionError("a rehearsal was stored")


class _Rehearsed(Exception):
    """Rolls back what would have been stored."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class SentAlready(Exception):
    """This form was carried out before."""


class Refused(Exception):
    """Rolls back the id that was taken for a thing that will not be."""

    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision


def announced(decision: Decision) -> Notice | None:
    """What the decision tells others, said to the person who acted too."""
    return next((n for e in decision.effects if (n := getattr(e, "notice", None)) is not None), None)


def _told(decision: Decision) -> frozenset[str]:
    """Where it is announced, or stands on a card that says nothing else."""
    only = ("FRZ-", "service:")
    cards = [e.channel for e in decision.effects if isinstance(e, ShowCard) and e.subject.startswith(only)]
    return frozenset(cards + [e.channel for e in decision.effects if isinstance(e, PostChannel)])


def unknown(what: str) -> Outcome:
    return Outcome(refusal=Refusal(code=Code.UNKNOWN_THING, values={"what": what}))
