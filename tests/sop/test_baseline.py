"""What production serves at first is adopted by a person, by name."""

from typing import Any

import pytest

from bot.sop.baseline import BaselineFacts, adopt, notice_served
from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.facts import Directory, Seen, Served
from bot.sop.policy import Service
from bot.sop.records import Baseline
from tests.sop import good as g
from tests.sop.decided import announced, cards, kinds, refused

SERVED = Served(text=g.SHA[:7], sha=g.SHA, url="https://github.example/c")
KNOWN = Baseline(service="shop", sha=g.BASE, at=g.ago(days=1), by=g.CAROL)


def facts(**changes: Any) -> BaselineFacts:
    people = Directory(groups={"S0LEADS": (g.DAVE,)})
    return BaselineFacts(now=g.NOW, directory=people, served=g.seen(SERVED)).model_copy(update=changes)


def adopted(by: str = g.CAROL, service: str = "shop", sha: str = g.SHA, **given: Any) -> Decision:
    return adopt(by, service, sha, facts(**given), g.policy())


@pytest.mark.parametrize("by", [g.CAROL, g.DAVE])
def test_an_approver_adopts_what_is_served(by: str) -> None:
    decision = adopted(by)
    assert decision.records == (Baseline(service="shop", sha=g.SHA, at=g.NOW, by=by),)
    assert kinds(decision) == ["baseline_adopted"]
    assert (cards(decision), announced(decision)) == (["service:shop"], [])  # in the place of the question


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.ALICE}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.UNKNOWN_SERVICE, {"service": "blog"}),
        (Code.SAME_BASELINE, {"baseline": KNOWN}),
        (Code.SERVED_OTHER, {"sha": g.BASE}),
        (Code.SERVED_OTHER, {"served": Seen()}),
        (Code.SERVED_OTHER, {"served": g.seen(SERVED).model_copy(update={"error": "down"})}),
    ],
)
def test_an_adoption_is_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(adopted(**given)) == code


def noticed(service: Service | None = None, **given: Any) -> Decision:
    return notice_served(service or g.service(), facts(**given), g.policy())


def test_approvers_are_asked_in_the_channel_once_for_each_commit() -> None:
    (asked,) = noticed().effects
    assert announced(noticed()) == [("C0RELEASES", Code.BASELINE_WANTED)]
    assert getattr(asked, "mention", None) == (g.CAROL, "S0LEADS")
    (other,) = noticed(served=g.seen(SERVED.model_copy(update={"sha": g.BASE}))).effects
    assert asked.key == noticed().effects[0].key != other.key


def test_the_one_of_the_policy_is_taken() -> None:
    decision = noticed(g.service(baseline=g.BASE), served=Seen())
    assert decision.records == (Baseline(service="shop", sha=g.BASE, at=g.NOW, by="sop.yaml"),)


@pytest.mark.parametrize(
    "given", [{"baseline": KNOWN}, {"served": Seen()}, {"served": g.broken()}], ids=["known", "not looked", "error"]
)
def test_nobody_is_asked_where_there_is_nothing_to_ask(given: dict[str, Any]) -> None:
    assert noticed(**given) == Decision()


def test_a_known_baseline_is_not_replaced_by_the_policys() -> None:
    assert noticed(g.service(baseline=g.SHA), baseline=KNOWN) == Decision()
