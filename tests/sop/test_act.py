"""One act, one card: a push in a freeze breaks S2, X3 and X4, and is explained once."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.effects import PostThread, ShowCard
from bot.sop.gates.violations import as_values
from bot.sop.patrol import sightings
from bot.sop.patrol.act import Act, acts
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.patrol.standing import standing
from bot.sop.records import Violation, ViolationStatus
from bot.sop.violation import explain, found, gone
from tests.sop import good as g
from tests.sop import patrolled as p

POLICY = p.policy()
RUN = g.run(head_sha=p.STRANGER)
PUSHED: dict[str, Any] = {"lately": p.lately(p.activity(), runs=())}
SERVED: dict[str, Any] = {
    "live": g.seen(p.live(p.version(p.STRANGER, RUN, absent_at=g.ago(minutes=1)))),
    "freezes": (p.freeze(),),
}


def look(known: list[Violation], facts: PatrolFacts) -> tuple[list[Violation], list[Any]]:
    """One patrol: what is known after it, and its effects."""
    effects: list[Any] = []
    kept = {v.key: v for v in known}
    for sighting in sightings(facts, POLICY, POLICY.services[0]):
        before = kept.get(sighting.key)
        now = facts.model_copy(update={"violations": tuple(kept.values())})
        decision = found(sighting, before, before.id if before else len(kept) + 1, now, POLICY)
        kept |= {r.key: r for r in decision.records if isinstance(r, Violation)}
        effects += decision.effects
    return list(kept.values()), effects


def both() -> list[Violation]:
    return look(look([], p.facts(**PUSHED))[0], p.facts(**PUSHED, **SERVED, now=g.ago(minutes=-5)))[0]


def told(known: list[Violation]) -> list[tuple[str, str, str]]:
    return [(v.name, v.card, v.rule) for v in known]


def test_a_push_in_a_freeze_seen_at_one_look_is_one_card() -> None:
    known, effects = look([], p.facts(**PUSHED, **SERVED))
    assert told(known) == [("V-1", "V-1", "S2"), ("V-2", "V-1", "X3"), ("V-3", "V-1", "X4")]
    assert {type(e) for e in effects} == {ShowCard} and {e.subject for e in effects} == {"V-1"}
    (act,) = acts(known)
    assert (act.name, act.rules, act.deed.code) == ("V-1", ("S2", "X3", "X4"), Code.PUSH_WITHOUT_RELEASE)


def test_what_it_brought_joins_its_card_and_the_thread_says_so() -> None:
    known, _ = look([], p.facts(**PUSHED))
    later = p.facts(**PUSHED, **SERVED, now=g.ago(minutes=-5))
    known, effects = look(known, later)
    assert {card for _, card, _ in told(known)} == {"V-1"}
    posts = [e for e in effects if isinstance(e, PostThread)]
    assert [(e.subject, e.notice.code, e.notice.values["rule"]) for e in posts] == [
        ("V-1", "violation_joined", "X3"),
        ("V-1", "violation_joined", "X4"),
    ]
    assert len({e.key for e in posts}) == 2
    again = look(known, later)
    assert (told(again[0]), again[1]) == (told(known), [])


def test_it_is_explained_once_and_each_rule_keeps_the_word() -> None:
    known = both()
    decision = explain(acts(known)[0], g.CAROL, "an emergency", p.facts(), POLICY)
    new = [r for r in decision.records if isinstance(r, Violation)]
    assert [(v.name, v.status, v.explained and v.explained.says) for v in new] == [
        (name, ViolationStatus.EXPLAINED, "an emergency") for name in ("V-1", "V-2", "V-3")
    ]
    assert [(e.kind, e.subject) for e in decision.events] == [("violation_explained", v.name) for v in new]
    assert [e.key for e in decision.effects] == ["card:V-1", "thread:V-1:explained:3"]
    assert acts(new)[0].status is ViolationStatus.EXPLAINED
    refused = explain(acts(new)[0], g.CAROL, "again", p.facts(), POLICY).refusal
    assert refused and refused.code == Code.NOT_NOW


def test_a_part_that_comes_back_opens_the_card_again() -> None:
    decision = explain(acts(both())[0], g.CAROL, "an emergency", p.facts(), POLICY)
    known = [r for r in decision.records if isinstance(r, Violation)]
    quiet = p.facts(**PUSHED, now=g.ago(minutes=-6))
    away = [r for v in known for r in gone(v, quiet, POLICY).records or (v,) if isinstance(r, Violation)]
    assert [v.present for v in away] == [True, False, False]
    back, effects = look(away, p.facts(**PUSHED, **SERVED, now=g.ago(minutes=-7)))
    (act,) = acts(back)
    assert [(v.name, v.count) for v in act.open] == [("V-2", 2), ("V-3", 2)]
    posts = [e for e in effects if isinstance(e, PostThread)]
    assert [(e.subject, e.notice.values["violation"]) for e in posts] == [("V-1", "V-2"), ("V-1", "V-3")]
    assert len({e.key for e in posts}) == 2
    again = explain(act, g.CAROL, "we know", p.facts(), POLICY)
    assert [r.name for r in again.records if isinstance(r, Violation)] == ["V-2", "V-3"]


def test_what_is_explained_is_closed_to_what_nobody_had_seen() -> None:
    known, _ = look([], p.facts(**PUSHED))
    (explained,) = explain(acts(known)[0], g.CAROL, "mine", p.facts(), POLICY).records
    assert isinstance(explained, Violation)
    after, _ = look([explained], p.facts(**PUSHED, **SERVED))
    assert told(after) == [("V-1", "V-1", "S2"), ("V-2", "V-2", "X3"), ("V-3", "V-2", "X4")]


def test_another_push_of_another_commit_is_another_act() -> None:
    other = "8" * 40
    known, _ = look([], p.facts(lately=p.lately(p.activity(other, id=78), p.activity()), **SERVED))
    assert [(v.card, v.rule) for v in known] == [("V-1", "S2"), ("V-2", "S2"), ("V-2", "X3"), ("V-2", "X4")]


def test_the_same_commit_pushed_twice_is_two_acts() -> None:
    known, _ = look([], p.facts(lately=p.lately(p.activity(kind="force_push", id=78), p.activity())))
    assert [(v.card, v.code) for v in known] == [("V-1", "branch_forced"), ("V-2", "push_without_release")]


def test_a_deployment_by_hand_is_another_act_than_the_push_and_takes_what_it_brought() -> None:
    by_hand = g.run(head_sha=p.STRANGER, event="workflow_dispatch", jobs=(g.job(name="deploy"),))
    known, _ = look([], p.facts(**{**SERVED, "lately": p.ran(by_hand)}))
    assert [(v.card, v.rule, v.code) for v in known][:2] == [
        ("V-1", "X2", "run_by_hand"),
        ("V-1", "X3", "deployed_without_release"),
    ]


def test_a_version_that_nobody_knows_in_a_freeze_is_one_act() -> None:
    served = p.version(None, text="patched", absent_at=g.ago(minutes=1))
    known, _ = look([], p.deployed(served, freezes=(p.freeze(),)))
    assert [(v.card, v.rule) for v in known] == [("V-1", "X1"), ("V-1", "X4")]


@pytest.mark.parametrize("parts", [both(), both()[1:]])
def test_where_it_is_listed_it_is_one(parts: list[Violation]) -> None:
    (listed,) = as_values(parts)
    assert listed["violation"] == "V-1" and "X3, X4" in listed["rule"]
    assert standing(p.facts(violations=tuple(parts)), POLICY).open == ("V-1",)


def test_those_of_before_stand_on_cards_of_their_own() -> None:
    old = [v.model_copy(update={"part_of": None}) for v in both()]
    assert [a.name for a in acts(old)] == ["V-1", "V-2", "V-3"]
    assert [a.status for a in acts(old)] == [ViolationStatus.OPEN] * 3
    assert Act(violations=(old[0],)).rules == ("S2",)
