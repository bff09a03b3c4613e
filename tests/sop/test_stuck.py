"""What GitHub refused, or what was given up, is on the card with its words, and is done again when a person asks."""

from typing import Any

import pytest

from bot.sop import failure
from bot.sop.acts import awaited
from bot.sop.buttons import may_press
from bot.sop.codes import Code
from bot.sop.effects import PushBranch
from bot.sop.facts import Facts, PushRefusal, Runs, Seen, Stuck
from bot.sop.gates import look
from bot.sop.outlook import Button
from bot.sop.progress import advance
from bot.sop.records import Release, Rerun, Word
from bot.sop.release import may_push
from bot.sop.stages import Stage, Status
from bot.sop.views import release_view
from tests.sop import emergency, undone
from tests.sop import good as g

AGAIN = Rerun(run=5, attempt=2, by=g.ALICE, at=g.NOW, reason="mended")
PRESSED = Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)
QUEUED = g.run(status="queued", conclusion=None, head_sha="7" * 40, jobs=())


def given_up(kind: str) -> tuple[Stuck, ...]:
    return (Stuck(kind=kind, key="key", error="Resource not accessible by integration"),)


CASES: dict[str, tuple[Release, Facts]] = {
    "make_revert": (undone.rollback(Stage.REVERT), undone.facts(revert=Seen())),
    "cancel_run": (undone.rollback(Stage.REVERT), undone.facts(runs=g.seen(Runs(older_unfinished=(QUEUED,))))),
    "write_log": (undone.rollback(Stage.DOCUMENT), undone.after(logged=Seen())),
    "rerun_run": (g.release(Stage.CI, reruns=(AGAIN,)), g.facts(tip=g.at_tip())),
    "push_branch": (g.release(Stage.PUSH, push_asked=PRESSED), g.facts()),
}


@pytest.mark.parametrize("kind", CASES)
def test_it_is_held_with_githubs_words_and_heals_when_it_is_done(kind: str) -> None:
    release, facts = CASES[kind]
    waiting = [f.code for f in look(release.stage, release, facts, g.policy()) if f.answer != "PASS"]
    assert waiting and Code.ACT_STUCK not in waiting
    (held,) = moved(release, facts.model_copy(update={"stuck": given_up(kind)}))
    assert (held.status, held.hold and held.hold.finding.code) == (Status.HELD, Code.ACT_STUCK)
    assert held.hold and held.hold.late
    assert held.hold.finding.values == {"act": kind, "error": "Resource not accessible by integration"}
    (healed,) = moved(held, facts)
    assert healed.status is Status.RUNNING


@pytest.mark.parametrize("kind", CASES)
def test_a_person_has_it_tried_again(kind: str) -> None:
    release, facts = CASES[kind]
    stuck = facts.model_copy(update={"stuck": given_up(kind)})
    (held,) = moved(release, stuck)
    view = release_view(held, g.change(), stuck, g.policy())
    assert Button.TRY_AGAIN in view.buttons
    assert may_press(g.BOB, Button.TRY_AGAIN, view, g.policy(), stuck.directory)
    decision = failure.try_again(held, g.BOB, stuck, g.policy())
    after = next(r for r in decision.records if isinstance(r, Release))
    assert (after.status, after.hold) == (Status.RUNNING, None)
    assert decision.events[0].values == {"acts": [kind], "keys": ["key"]}


@pytest.mark.parametrize("stage", [Stage.MINIMAL_FIX, Stage.POST_ACTION_NOTE])
def test_a_hotfix_waits_for_its_revert_and_its_entry(stage: Stage) -> None:
    kind = "make_revert" if stage is Stage.MINIMAL_FIX else "write_log"
    noted = emergency.incident(note=emergency.note())
    facts = emergency.facts(revert=Seen(), logged=Seen(), incident=noted, stuck=given_up(kind))
    found = look(stage, emergency.hotfix(stage), facts, emergency.policy())
    assert [f.values["act"] for f in found if f.code == Code.ACT_STUCK] == [kind]


def test_who_may_start_it_or_answers_for_it_asks_again() -> None:
    """A rollback: approvers and people of the incident role, too."""
    release, facts = CASES["write_log"]
    stuck = facts.model_copy(update={"stuck": given_up("write_log")})
    assert refused(failure.try_again(release, g.FRANK, stuck, g.policy())) == Code.NO_ROLE
    assert failure.try_again(release, g.CAROL, stuck, g.policy()).refusal is None
    owned = release.model_copy(update={"owner": g.FRANK})
    assert failure.try_again(owned, g.FRANK, stuck, g.policy()).refusal is None


def test_where_nothing_was_given_up_nothing_is_tried_again() -> None:
    release, facts = CASES["write_log"]
    assert refused(failure.try_again(release, g.BOB, facts, g.policy())) == Code.ONLY_HELD
    assert refused(failure.try_again(g.release(Stage.PRODUCTION), g.BOB, g.facts(), g.policy())) == Code.NOT_NOW


def test_a_refused_push_of_a_rollback_is_asked_for_anew() -> None:
    asked = Word(by=g.ALICE, at=g.ago(minutes=2), says=undone.REVERT)
    release = undone.rollback(Stage.PUSH, push_asked=asked)
    no = Seen[PushRefusal](value=PushRefusal(sha=undone.REVERT, error="protected"), at=g.ago(minutes=1))
    facts = undone.facts(push_refusal=no)
    (held,) = moved(release, facts)
    view = release_view(held, g.change(), facts, g.policy())
    assert Button.TRY_AGAIN in view.buttons
    decision = failure.try_again(held, g.BOB, facts, g.policy())
    pushes = [e for e in decision.effects if e.kind == "push_branch"]
    assert [p.key.endswith(g.NOW.isoformat()) for p in pushes] == [True]


def test_a_push_that_was_given_up_is_asked_for_anew_on_the_same_word() -> None:
    release, facts = CASES["push_branch"]
    stuck = facts.model_copy(update={"stuck": given_up("push_branch")})
    (held,) = moved(release, stuck)
    decision = failure.try_again(held, g.BOB, stuck, g.policy())
    (after,) = (r for r in decision.records if isinstance(r, Release))
    assert (after.owner, after.push_asked) == (g.ALICE, Word(by=g.ALICE, at=g.NOW, says=g.SHA))
    (push,) = (e for e in decision.effects if isinstance(e, PushBranch))
    assert (push.sha, push.expected, push.asked) == (g.SHA, g.BASE, g.NOW.isoformat())
    assert may_push(after, facts, g.policy(), g.SHA)


def test_only_what_it_still_waits_for_counts() -> None:
    release, facts = CASES["push_branch"]
    assert awaited(release, facts, g.policy()) == {f"push:R-7:{g.SHA}:{PRESSED.at.isoformat()}"}
    release, facts = CASES["make_revert"]
    assert [k.split(":")[0] for k in awaited(release, facts, g.policy())] == ["revert"]
    assert awaited(undone.rollback(Stage.REVERT), undone.facts(), g.policy()) == frozenset()
    assert awaited(g.release(Stage.CI, reruns=(AGAIN,)), g.facts(), g.policy()) == {"rerun:acme/shop:5:2"}


def moved(release: Release, facts: Facts) -> list[Release]:
    decision = advance(release, facts, g.policy())
    return [r for r in decision.records if isinstance(r, Release) and r.id == release.id]


def refused(decision: Any) -> str | None:
    return decision.refusal.code if decision.refusal else None
