"""Violations: opened once, kept until explained, the same again when they come back; and where a service stands."""

from datetime import timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Decision
from bot.sop.effects import CancelRun, PostChannel, PostThread, ShowCard
from bot.sop.facts import Seen
from bot.sop.gates.violations import no_violation
from bot.sop.patrol.act import Act
from bot.sop.patrol.facts import PatrolFacts, Played
from bot.sop.patrol.sighting import Sighting
from bot.sop.patrol.standing import Blind, Standing, State, standing
from bot.sop.policy import Patrol, Policy
from bot.sop.records import Violation, ViolationStatus, Word
from bot.sop.stages import Stage
from bot.sop.violation import KEPT, TRANSITIONS, ViolationIntent, explain, found, gone, possible, told
from tests.sop import good as g
from tests.sop import patrolled as p

S = ViolationStatus
POLICY = p.policy(patrol=Patrol(channel="C0VIOLATIONS"))
STRANGE = p.deployed(p.version(None, text="what"))
LATER = g.NOW + timedelta(minutes=5)


def first(facts: PatrolFacts) -> Sighting:
    return p.sighted(facts)[0]


def opened(facts: PatrolFacts = STRANGE, policy: Policy = POLICY) -> tuple[Violation, Decision]:
    decision = found(first(facts), None, 4, facts, policy)
    return stored(decision), decision


def stored(decision: Decision) -> Violation:
    (record,) = decision.records
    assert isinstance(record, Violation)
    return record


def alone(violation: Violation) -> Act:
    return Act(violations=(violation,))


def explained(violation: Violation) -> Violation:
    return stored(explain(alone(violation), g.CAROL, "we tried the new image", STRANGE, POLICY))


# --- found


def test_a_new_sighting_opens_one_card_in_the_channel_of_violations() -> None:
    violation, decision = opened()
    assert (violation.name, violation.rule, violation.code) == ("V-4", "X1", "version_strange")
    assert (violation.status, violation.count, violation.present) == (S.OPEN, 1, True)
    assert violation.first_at == violation.last_at == g.NOW
    assert decision.effects == (ShowCard(subject="V-4", channel="C0VIOLATIONS"),)
    (event,) = decision.events
    assert (event.kind, event.subject, event.values["key"]) == ("violation_found", "V-4", "shop:X1:what")


def test_without_a_channel_of_its_own_it_is_the_services() -> None:
    _, decision = opened(policy=p.policy())
    assert decision.effects == (ShowCard(subject="V-4", channel="C0RELEASES"),)


def test_open_releases_of_the_service_look_again() -> None:
    facts = p.deployed(p.version(None), releases=(g.release(),))
    _, decision = opened(facts)
    assert [w.subject for w in decision.watch] == ["R-7"]


def test_seen_again_while_open_nothing_is_told() -> None:
    violation, _ = opened()
    facts = STRANGE.model_copy(update={"now": LATER})
    again = found(first(facts), violation, violation.id, facts, POLICY)
    assert stored(again) == violation.model_copy(update={"last_at": LATER})
    assert (again.events, again.effects) == ((), ())


def test_the_card_of_an_open_one_shows_what_is_seen_now() -> None:
    violation, _ = opened()
    facts = p.deployed(p.version(None, text="what"), p.version(), now=LATER)
    again = found(first(facts), violation, violation.id, facts, POLICY)
    assert stored(again).values["of"] == 2
    assert again.effects == (ShowCard(subject="V-4", channel="C0VIOLATIONS"),)


def test_what_is_explained_and_still_there_is_not_told_again() -> None:
    violation = explained(opened()[0])
    facts = STRANGE.model_copy(update={"now": LATER})
    again = found(first(facts), violation, violation.id, facts, POLICY)
    assert stored(again) == violation.model_copy(update={"last_at": LATER})
    assert (again.events, again.effects) == ((), ())


def test_what_is_gone_stays_open_and_its_card_says_so() -> None:
    violation, _ = opened()
    decision = gone(violation, p.facts(), POLICY)
    assert stored(decision) == violation.model_copy(update={"present": False})
    assert [e.kind for e in decision.events] == ["violation_gone"]
    assert [type(e) for e in decision.effects] == [ShowCard]
    assert gone(stored(decision), p.facts(), POLICY) == Decision()


@pytest.mark.parametrize(
    "facts",
    [
        p.facts(live=g.broken()),
        p.facts(live=Seen()),
        p.facts(live=g.seen(p.live(p.version(), missing=1))),
        p.facts(live=g.seen(p.live(p.version(), at=g.ago(days=2)))),
        p.facts(baseline=None),
    ],
)
def test_nothing_is_gone_that_nobody_could_see_and_the_card_says_that_it_is_not_known(facts: PatrolFacts) -> None:
    violation, _ = opened()
    decision = gone(violation, facts, POLICY)
    unseen = stored(decision)
    assert unseen == violation.model_copy(update={"unseen_at": facts.now})
    assert decision.effects == (ShowCard(subject="V-4", channel="C0VIOLATIONS"),) and not decision.events
    assert gone(unseen, facts.model_copy(update={"now": LATER}), POLICY) == Decision()
    seen = STRANGE.model_copy(update={"now": LATER})
    again = found(first(seen), unseen, unseen.id, seen, POLICY)
    assert (stored(again).unseen_at, stored(again).last_at, stored(again).count) == (None, LATER, 1)
    assert [type(e) for e in again.effects] == [ShowCard]


@pytest.mark.parametrize("explained_before", [True, False])
def test_what_comes_back_is_the_same_violation_again(explained_before: bool) -> None:
    violation = explained(opened()[0]) if explained_before else opened()[0]
    away = stored(gone(violation, p.facts(), POLICY))
    facts = STRANGE.model_copy(update={"now": LATER})
    decision = found(first(facts), away, away.id, facts, POLICY)
    back = stored(decision)
    assert (back.id, back.count, back.status, back.present) == (4, 2, S.OPEN, True)
    assert (back.first_at, back.last_at, back.explained) == (g.NOW, LATER, None)
    shown, post = decision.effects
    assert isinstance(shown, ShowCard) and isinstance(post, PostThread)
    assert (post.subject, post.notice.code, post.mention) == ("V-4", "violation_recurred", POLICY.roles.approver)
    says = "we tried the new image" if explained_before else None
    assert post.notice.values == {
        "violation": "V-4",
        "count": 2,
        "by": g.CAROL if explained_before else None,
        "reason": says,
    }
    assert [e.kind for e in decision.events] == ["violation_recurred"]


@pytest.mark.parametrize("explained_before", [True, False])
def test_what_was_seen_before_is_kept_when_it_comes_back(explained_before: bool) -> None:
    facts = p.facts(played=p.played(p.answer(5)))
    violation = explained(opened(facts)[0]) if explained_before else opened(facts)[0]
    away = stored(gone(violation, p.facts(now=LATER), POLICY))
    other = p.facts(played=p.played(p.answer(4)), now=LATER)
    back = stored(found(first(other), away, away.id, other, POLICY))
    assert [d["production"] for d in back.values["differences"]] == ["4"]
    (was,) = back.history
    assert [d["production"] for d in was.values["differences"]] == ["5"]
    assert (was.first_at, was.last_at, was.explained) == (g.NOW, g.NOW, violation.explained)
    assert (back.first_at, back.began_at, back.last_at) == (g.NOW, LATER, LATER)


def test_what_was_seen_before_is_kept_when_other_fields_differ() -> None:
    facts = p.facts(played=p.played(p.answer(5)))
    violation, _ = opened(facts)
    other = p.facts(played=p.played(p.answer(5, status=500)), now=LATER)
    decision = found(first(other), violation, violation.id, other, POLICY)
    changed = stored(decision)
    assert (changed.count, changed.status, len(changed.history)) == (1, S.OPEN, 1)
    assert [e.kind for e in decision.events] == ["violation_changed"]
    assert changed.history[0].values == violation.values != changed.values


def test_only_the_last_occurrences_are_kept_in_it() -> None:
    violation, _ = opened()
    for _ in range(KEPT + 3):
        violation = stored(gone(violation, p.facts(), POLICY))
        violation = stored(found(first(STRANGE), violation, 4, STRANGE, POLICY))
    assert (violation.count, len(violation.history)) == (KEPT + 4, KEPT)


def test_a_row_from_before_is_read() -> None:
    old = opened()[0].model_dump(mode="json")
    for new in ("part_of", "unseen_at", "began_at", "history"):
        old.pop(new)
    assert Violation.model_validate(old) == opened()[0]


def test_what_happened_once_cannot_come_back_and_is_never_gone() -> None:
    facts = p.facts(lately=p.lately(p.activity()))
    violation, _ = opened(facts)
    assert gone(violation, p.facts(), POLICY) == Decision()
    for known in (violation, explained(violation)):
        assert found(first(facts), known, known.id, facts, POLICY) == Decision()


def test_an_explanation_covers_the_fields_it_was_given_for() -> None:
    facts = p.facts(played=p.played(p.answer(5)))
    known = explained(opened(facts)[0])
    other = p.facts(played=p.played(p.answer(5, status=500)))
    assert not found(first(facts), known, known.id, facts, POLICY).effects
    back = stored(found(first(other), known, known.id, other, POLICY))
    assert (back.status, back.count) == (S.OPEN, 2)
    once_more = p.facts(played=p.played(p.answer(99999)))
    assert stored(found(first(once_more), known, known.id, once_more, POLICY)).status is S.OPEN  # another value


RERUN = g.run(attempt=2, status="in_progress", conclusion=None, jobs=(g.job(name="deploy", status="queued"),))


def test_a_blind_run_is_cancelled_before_its_deploy() -> None:
    facts = p.facts(lately=p.ran(RERUN.model_copy(update={"jobs": ()})))
    _, decision = opened(facts)
    cancel = CancelRun(subject="V-4", repository="acme/shop", run=5, attempt=2, deploy_jobs=("deploy",))
    assert decision.effects[1:] == (cancel,)


def test_a_blind_run_that_deploys_is_watched() -> None:
    facts = p.facts(lately=p.ran(RERUN.model_copy(update={"jobs": (g.job(status="in_progress"),)})))
    violation, decision = opened(facts)
    assert violation.values["act"] == "watch"
    assert [type(e) for e in decision.effects] == [ShowCard]


# --- explained


def test_an_approver_explains() -> None:
    violation, _ = opened()
    facts = p.facts(releases=(g.release(),))
    decision = explain(alone(violation), g.CAROL, "  we tried the new image ", facts, POLICY)
    new = stored(decision)
    assert (new.status, new.explained) == (S.EXPLAINED, Word(by=g.CAROL, at=g.NOW, says="we tried the new image"))
    assert [e.key for e in decision.effects] == ["card:V-4", "thread:V-4:explained:1"]
    assert [w.subject for w in decision.watch] == ["R-7"]
    assert decision.events[0].actor == g.CAROL


@pytest.mark.parametrize(
    ("by", "reason", "code"),
    [(g.ALICE, "because", Code.NO_ROLE), (g.FRANK, "because", Code.NO_ROLE), (g.CAROL, "  ", Code.EMPTY)],
)
def test_an_explanation_refused(by: str, reason: str, code: Code) -> None:
    decision = explain(alone(opened()[0]), by, reason, p.facts(), POLICY)
    assert decision.refusal and decision.refusal.code == code
    assert not decision.records


def test_what_is_explained_is_not_explained_again() -> None:
    decision = explain(alone(explained(opened()[0])), g.CAROL, "because", p.facts(), POLICY)
    assert decision.refusal and decision.refusal.code == Code.NOT_NOW
    assert decision.refusal.values["possible"] == []


def test_every_state_and_intent_does_what_the_table_says() -> None:
    for status in ViolationStatus:
        before = opened()[0] if status is S.OPEN else explained(opened()[0])
        steps: dict[ViolationIntent, list[Decision]] = {
            ViolationIntent.EXPLAIN: [explain(alone(before), g.CAROL, "because", STRANGE, POLICY)],
            ViolationIntent.SEE: [
                found(first(STRANGE), before.model_copy(update={"present": present}), 4, STRANGE, POLICY)
                for present in (True, False)
            ],
            ViolationIntent.MISS: [gone(before, p.facts(), POLICY)],
        }
        for intent, decisions in steps.items():
            goals = {r.status for d in decisions for r in d.records if isinstance(r, Violation)}
            assert goals == TRANSITIONS.get((status, intent), frozenset()), (status, intent)
    assert possible(S.OPEN) == (ViolationIntent.EXPLAIN,)


# --- what an open one blocks


def test_an_open_violation_stops_a_new_release_and_holds_up_one_that_was_under_way() -> None:
    open_, over = opened()[0], explained(opened()[0])
    facts = g.facts(violations=(open_,))
    new, under_way = g.release(), g.release(Stage.PUSH)
    assert no_violation(new, facts, POLICY).answer == "FAIL"
    assert no_violation(under_way, facts, POLICY).answer == "WAIT"
    assert no_violation(new, facts, POLICY).values == {
        "violations": [{"violation": "V-4", "rule": "X1", "code": "version_strange", "freeze": None}],
        "stops": True,
    }
    assert no_violation(under_way, facts, POLICY).values["stops"] is False
    assert no_violation(new, g.facts(violations=(over,)), POLICY).answer == "PASS"
    assert no_violation(new, g.facts(), POLICY).answer == "PASS"


# --- where a service stands

OLD = g.ago(minutes=16)
DOWN: Seen[Any] = Seen[Any](value=p.live(p.version(), at=OLD), at=OLD, error="it is down")


def at(value: Any, when: Any, error: str | None = None) -> Any:
    return Seen(value=value, at=when, error=error)


@pytest.mark.parametrize(
    ("case", "facts", "state", "blind"),
    [
        ("all seen", p.facts(), State.CLEAN, None),
        ("nobody adopted a baseline", p.facts(baseline=None), State.UNKNOWN, Blind(what="baseline")),
        ("never looked", p.facts(live=Seen()), State.UNKNOWN, Blind(what="production")),
        ("never reached", p.facts(live=g.broken()), State.UNKNOWN, Blind(what="production", error="it is down")),
        ("down", p.facts(live=DOWN), State.UNKNOWN, Blind(what="production", since=OLD, error="it is down")),
        (
            "down for a moment",
            p.facts(live=at(p.live(p.version(), at=g.ago(minutes=9)), g.ago(minutes=9), "it is down")),
            State.CLEAN,
            None,
        ),
        (
            "not all of it answers",
            p.facts(live=at(p.live(p.version(), missing=1).model_copy(update={"whole_at": OLD}), g.NOW)),
            State.UNKNOWN,
            Blind(what="production", since=OLD, error="timed out"),
        ),
        (
            "GitHub down",
            p.facts(lately=at(p.lately().value, OLD, "502")),
            State.UNKNOWN,
            Blind(what="GitHub", since=OLD, error="502"),
        ),
        (
            "a probe without an answer",
            p.facts(
                played=at(Played(sha=g.BASE, plays=((p.answer(error="refused"),),)), g.NOW),
            ),
            State.UNKNOWN,
            Blind(what="probes", since=p.BEGAN, error="cart: refused"),
        ),
        (
            "probes wait while a release deploys",
            p.facts(played=at(Played(sha=g.BASE, plays=((p.answer(),),)), OLD), releases=(p.released(),)),
            State.CLEAN,
            None,
        ),
    ],
)
def test_a_service_is_clean_only_when_it_was_seen(
    case: str, facts: PatrolFacts, state: State, blind: Blind | None
) -> None:
    found_ = standing(facts, POLICY)
    assert (found_.state, found_.blind) == (state, blind), case


def test_a_patrol_that_comes_rarely_is_not_blind_between() -> None:
    rare = p.policy(patrol=Patrol(every=timedelta(hours=1)))
    old = g.ago(hours=1)
    facts = p.facts(
        live=at(p.live(p.version(), at=old), old), lately=at(p.lately().value, old), played=at(None, old), baseline=None
    )
    facts = facts.model_copy(update={"baseline": p.baseline(at=old)})
    assert standing(facts, rare).state is State.CLEAN


def test_open_violations_stand_beside_what_cannot_be_seen() -> None:
    violation, over = opened()[0], explained(opened()[0]).model_copy(update={"id": 3})
    facts = p.facts(live=DOWN, violations=(violation, over))
    found_ = standing(facts, POLICY)
    assert (found_.state, found_.since, found_.open, found_.explained) == (State.VIOLATED, g.NOW, ("V-4",), ("V-3",))
    assert found_.blind and found_.blind.what == "production"
    assert standing(p.facts(violations=(over,)), POLICY).state is State.CLEAN


def test_that_the_patrol_is_blind_is_said_once_and_that_it_sees_again() -> None:
    service = POLICY.services[0]
    clean, blind = standing(p.facts(), POLICY), standing(p.facts(live=DOWN), POLICY)
    (post,) = told(service, blind, blind, POLICY).effects
    assert isinstance(post, PostChannel)
    assert (post.channel, post.notice.code, post.once) == (
        "C0VIOLATIONS",
        "patrol_unknown",
        f"patrol_unknown:{OLD.isoformat()}",
    )
    assert post.notice.values == {
        "service": "shop",
        "what": "production",
        "since": OLD.isoformat(),
        "error": "it is down",
    }
    (again,) = told(service, blind, clean, POLICY).effects
    assert isinstance(again, PostChannel) and again.notice.code == "patrol_known"
    never = Standing(state=State.UNKNOWN, since=None, blind=Blind(what="production"))
    assert told(service, clean, clean, POLICY) == told(service, never, never, POLICY) == Decision()
    assert told(service, never, clean, POLICY) == Decision()
