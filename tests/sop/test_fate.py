"""A violation leads nobody to take back what is gone, or what was verified since."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.facts import Seen, Tip
from bot.sop.patrol.facts import Above, PatrolFacts
from bot.sop.patrol.fate import Became, Fate, fate
from bot.sop.records import Baseline, Violation, ViolationStatus
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop import undone as u

STRAY, SERVED, PUSHED = "9" * 40, Code.DEPLOYED_WITHOUT_RELEASE, Code.PUSH_WITHOUT_RELEASE
TAKEN = u.rollback(Stage.CI, id=7, rollback=u.back(commits=(g.SHA, STRAY), strays=(STRAY,)))
OVER = {"stage": Stage.COMPLETE, "status": Status.COMPLETE}


def violation(code: Code = PUSHED, **changes: Any) -> Violation:
    values = {"branch": "main", "sha": STRAY, "last": "R-5"}
    made: dict[str, Any] = {"id": 3, "service": "shop", "key": "k", "rule": "S2", "code": code, "values": values}
    at = g.ago(minutes=9)
    return Violation(status=ViolationStatus.OPEN, first_at=at, last_at=at, **made).model_copy(update=changes)


def facts(verified: int = 5, **changes: Any) -> PatrolFacts:
    known = Baseline(service="shop", sha=g.BASE, at=g.ago(hours=1), by=g.ALICE, release=verified)
    return PatrolFacts(now=g.NOW, baseline=known).model_copy(update=changes)


def above(*shas: str, minutes: float = 1) -> Seen[Above]:
    tip = Tip(sha=(g.BASE, *shas)[-1], tree=g.TREE, ahead=tuple(g.commit(sha=sha) for sha in shas))
    return Seen[Above](value=Above(after=g.BASE, tip=tip), at=g.ago(minutes=minutes))


BACK, GONE = Fate(became=Became.TAKEN_BACK, by="R-7"), Fate(became=Became.GONE)
LATER = Fate(became=Became.VERIFIED, by="R-8")


@pytest.mark.parametrize(
    ("found", "known", "became"),
    [
        (violation(), facts(), None),
        (violation(), facts(above=above(STRAY)), None),
        (violation(), facts(releases=(TAKEN,)), BACK),
        (violation(), facts(7, releases=(TAKEN.model_copy(update=OVER),)), BACK),
        (violation(), facts(releases=(TAKEN.model_copy(update={"pushed": None}),)), None),
        (violation(), facts(releases=(TAKEN.model_copy(update={"rollback": u.back()}),)), None),
        (violation(), facts(above=above()), GONE),
        (violation(), facts(above=above(minutes=20)), None),  # seen before it came
        (violation(), facts(8), LATER),
        (violation(values={"sha": STRAY, "last": None}), facts(8), None),
        (violation(Code.PUSH_WITH_OPEN_GATES), facts(releases=(TAKEN,)), BACK),
        (violation(Code.RUN_BY_HAND), facts(releases=(TAKEN,)), None),
        (violation(SERVED), facts(releases=(TAKEN,)), BACK),
        (violation(SERVED), facts(releases=(TAKEN.model_copy(update=OVER),)), None),  # and yet it is served
        (violation(SERVED, present=False), facts(releases=(TAKEN.model_copy(update=OVER),)), BACK),
        (violation(SERVED, present=False), facts(), GONE),
    ],
)
def test_what_became_of_what_was_brought(found: Violation, known: PatrolFacts, became: Fate | None) -> None:
    assert fate(found, known) == became
