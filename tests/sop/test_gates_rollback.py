"""Every gate of a rollback, and what F1 and F2 add to the gates of every procedure: facts in, answer and reason out."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Answer, Finding
from bot.sop.facts import Known, ProbeAnswer, Runs, Seen, Verified
from bot.sop.gates import GATES, look
from bot.sop.gates.rollback import to_cancel
from bot.sop.policy import Probe
from bot.sop.records import DifferenceAccepted, Rerun, Word
from bot.sop.stages import Stage
from tests.sop import good as g
from tests.sop import undone as u
from tests.sop.test_gates import HAS_NO as HAS_NO_STANDARD
from tests.sop.test_gates import ROWS as STANDARD
from tests.sop.test_gates_hotfix import HAS_NO as HAS_NO_HOTFIX
from tests.sop.test_gates_hotfix import ROWS as HOTFIX

PASS, WAIT, FAIL = Answer.PASS, Answer.WAIT, Answer.FAIL
REV, PROD, DOC = Stage.REVERT, Stage.PRODUCTION, Stage.DOCUMENT
DEPLOYS = g.policy(services=(g.service(ci=g.service().ci.model_copy(update={"deploy_jobs": ("deploy",)})),))
QUEUED = g.run(id=4, status="queued", conclusion=None, jobs=())
DEPLOYING = QUEUED.model_copy(update={"jobs": (g.job(status="in_progress", conclusion=None),)})
NOT_BEGUN = QUEUED.model_copy(update={"jobs": (g.job(status="queued", conclusion=None),)})
SKIPPED = QUEUED.model_copy(update={"jobs": (g.job(conclusion="skipped"),)})
LINGERING = QUEUED.model_copy(update={"created_at": g.ago(minutes=8)})
TESTING = QUEUED.model_copy(update={"jobs": (g.job(name="test", status="in_progress", conclusion=None),)})


def older(*runs: Any) -> dict[str, Any]:
    return {"runs": g.seen(Runs(older_unfinished=runs))}


def probed(expected: str, **answer: Any) -> dict[str, Any]:
    known = ProbeAnswer(name="cart", status=200, body={"total": 7}).model_copy(update=answer)
    rounds = g.rounds((expected,) * 3, (expected,) * 3)
    return {"fleet": g.seen(g.fleet(expected=expected, rounds=rounds, probes=(known,)))}


CART = g.service().probes[0]
OTHERWISE = CART.model_copy(update={"path": "/old/cart"})
ACCEPTED = DifferenceAccepted(
    by=g.CAROL, at=g.NOW, probe="cart", field=u.DIFFERENCE["field"], production="8", reason="so"
)


def then(probe: Probe, status: int = 200, **changes: Any) -> Verified:
    """How this probe was answered at the commit returned to."""
    answer = ProbeAnswer(name="cart", status=status, body={"total": 7})
    return u.at_target(known=(Known(probe=probe, answer=answer),), **changes)


ROWS: tuple[tuple[str, Answer, Code, Stage, dict[str, Any], dict[str, Any]], ...] = (
    ("runs_stopped", PASS, Code.RUNS_STOPPED, REV, {}, {}),
    ("runs_stopped", PASS, Code.RUNS_STOPPED, REV, {}, older(DEPLOYING)),
    ("runs_stopped", WAIT, Code.RUNS_STOPPING, REV, {}, older(QUEUED)),
    ("runs_stopped", WAIT, Code.RUNS_STOPPING, REV, {}, older(TESTING)),
    ("runs_stopped", WAIT, Code.RUNS_STOPPING, REV, {}, older(NOT_BEGUN)),
    ("runs_stopped", WAIT, Code.RUNS_STOPPING, REV, {}, older(SKIPPED)),
    ("runs_stopped", WAIT, Code.RUNS_NOT_STOPPING, REV, {"created_at": g.ago(minutes=9)}, older(LINGERING)),
    ("runs_stopped", WAIT, Code.RUNS_STOPPING, REV, {"created_at": g.ago(minutes=9)}, older(QUEUED)),
    ("runs_stopped", WAIT, Code.LOOK_FAILED, REV, {}, {"runs": g.broken()}),
    ("revert_built", PASS, Code.REVERT_BUILT, REV, {}, {}),
    ("revert_built", PASS, Code.REVERT_BUILT, REV, {"rollback": u.back(target_tree=None)}, {}),
    ("revert_built", WAIT, Code.REVERT_WAITS, REV, {}, {"revert": Seen()}),
    ("revert_built", WAIT, Code.REVERT_WAITS, REV, {}, {"revert": u.revert(parent="2" * 40)}),
    ("revert_built", WAIT, Code.LOOK_FAILED, REV, {}, {"tip": g.broken()}),
    ("revert_built", FAIL, Code.REVERT_WRONG, REV, {}, {"revert": u.revert(tree="9" * 40)}),
    ("answers_as_before", PASS, Code.AS_BEFORE, PROD, {}, {}),
    ("answers_as_before", WAIT, Code.NOT_LOOKED, PROD, {}, {"fleet": Seen()}),
    ("answers_as_before", FAIL, Code.NOT_AS_BEFORE, PROD, {}, probed(u.REVERT, body={"total": 8})),
    ("answers_as_before", WAIT, Code.PROBES_WAIT, PROD, {}, probed(g.SHA, body={"total": 8})),
    ("answers_as_before", PASS, Code.AS_BEFORE, PROD, {},
     {"at_target": u.at_target(accepted=(ACCEPTED,)), **probed(u.REVERT, body={"total": 8})}),
    ("answers_as_before", PASS, Code.DIFFERENCE_ACCEPTED, PROD, {"differences": (ACCEPTED,)},
     probed(u.REVERT, body={"total": 8})),
    # of an adopted commit the status counts
    ("answers_as_before", PASS, Code.STATUS_AS_BEFORE, PROD, {},
     {"at_target": u.at_target(release=None), **probed(u.REVERT, body={"total": 8})}),
    ("answers_as_before", FAIL, Code.NOT_AS_BEFORE, PROD, {},
     {"at_target": u.at_target(release=None), **probed(u.REVERT, status=404)}),
    ("answers_as_before", PASS, Code.STATUS_AS_BEFORE, PROD, {},
     {"at_target": then(CART, 404, release=None), **probed(u.REVERT, status=404)}),
    # where nothing is known that compares: no error
    ("answers_as_before", PASS, Code.NO_ERROR, PROD, {}, {"at_target": None}),
    ("answers_as_before", PASS, Code.NO_ERROR, PROD, {}, {"at_target": then(OTHERWISE)}),
    ("answers_as_before", FAIL, Code.NOT_AS_BEFORE, PROD, {}, {"at_target": None, **probed(u.REVERT, status=404)}),
    ("answers_as_before", FAIL, Code.NOT_AS_BEFORE, PROD, {},
     {"at_target": then(OTHERWISE), **probed(u.REVERT, status=404)}),
    ("documented", PASS, Code.LOGGED, DOC, {}, {"logged": u.logged()}),
    ("documented", WAIT, Code.LOG_WAITS, DOC, {}, {"logged": u.logged("R-6")}),
    ("documented", WAIT, Code.LOG_WAITS, DOC, {}, {"logged": g.broken()}),
)  # fmt: skip
HAS_NO = {
    ("runs_stopped", FAIL): "a run ends or is cancelled; until then it is waited for",
    ("documented", FAIL): "the outbox tries until it stands there",
}


@pytest.mark.parametrize("gate, answer, code, stage, r, facts", ROWS, ids=lambda v: str(v)[:40])
def test_gate(gate: str, answer: Answer, code: Code, stage: Stage, r: dict[str, Any], facts: dict[str, Any]) -> None:
    found = look(stage, u.rollback(stage, **r), u.facts(**facts), DEPLOYS)
    seen = next(f for f in found if f.gate == gate)
    assert (seen.answer, seen.code) == (answer, code)


def test_every_gate_of_every_procedure_has_rows_for_each_answer() -> None:
    gates = {f.__name__ for stages in GATES.values() for rows in stages.values() for _, f in rows}
    tested = {(row[0], row[1]) for row in (*STANDARD, *HOTFIX, *ROWS)}
    none = {*HAS_NO_STANDARD, *HAS_NO_HOTFIX, *HAS_NO}
    assert {(gate, a) for gate in gates for a in Answer} - tested - none == set()
    assert tested & none == set()


def test_a_probe_that_is_new_since_then_only_has_to_be_without_a_server_error() -> None:
    """It may be of what goes; the patrol does not compare it either."""
    more = g.policy(services=(g.service(probes=(CART, CART.model_copy(update={"name": "new", "path": "/new"}))),))

    def found(status: int) -> Finding:
        seen = probed(u.REVERT)["fleet"]
        new = ProbeAnswer(name="new", status=status)
        fleet = seen.model_copy(update={"value": seen.value.model_copy(update={"probes": (*seen.value.probes, new)})})
        return next(f for f in look(PROD, u.rollback(PROD), u.after(fleet=fleet), more) if f.rule == "R3")

    assert (found(404).code, found(404).values["probes"], found(404).values["others"]) == (Code.AS_BEFORE, 1, "new")
    assert (found(503).code, found(503).values["count"]) == (Code.NOT_AS_BEFORE, 1)


def test_what_begins_to_deploy_is_never_cancelled() -> None:
    def cancelled(policy: Any) -> list[tuple[Any, ...]]:
        seen = g.seen(Runs(older_unfinished=(QUEUED, TESTING, DEPLOYING)))
        return [r.jobs for r in to_cancel(u.rollback(), u.facts(runs=seen), policy)]

    mine = u.rollback(Stage.PUSH, push_asked=Word(by=g.ALICE, at=g.NOW, says=QUEUED.head_sha))
    own = u.facts(runs=g.seen(Runs(older_unfinished=(QUEUED,))))
    assert to_cancel(mine, own, g.policy()) == ()  # its own run is there before its push was seen
    assert to_cancel(u.rollback(), own, g.policy()) == (QUEUED,)
    assert to_cancel(u.rollback(Stage.PUSH), own, g.watching()) == ()  # its pull request may just have been merged
    assert cancelled(DEPLOYS) == [QUEUED.jobs, TESTING.jobs]
    assert cancelled(g.policy()) == [QUEUED.jobs]  # nobody knows which job deploys


# --- F1 and F2


def asked(attempt: int, **changes: Any) -> dict[str, Any]:
    word = Rerun(run=5, attempt=attempt, by=g.ALICE, at=g.ago(minutes=1), reason="Rounding")
    return {"reruns": (word.model_copy(update=changes),)}


@pytest.mark.parametrize(
    "r, attempt, conclusion, code, late",
    [
        ({}, 2, "success", Code.CI_RERUN, False),
        (asked(2), 1, "failure", Code.CI_RERUN_ASKED, False),
        (asked(2, at=g.ago(minutes=6)), 1, "failure", Code.CI_RERUN_ASKED, True),
        (asked(2), 2, "success", Code.CI_OK, False),
        (asked(2), 2, "failure", Code.CI_FAILED, False),
        (asked(2), 3, "success", Code.CI_RERUN, False),
        (asked(2, run=4), 2, "success", Code.CI_RERUN, False),
        (asked(2, lost=True), 2, "success", Code.CI_RERUN, False),
        (asked(2, at=g.ago(minutes=1)), 2, "begun before", Code.CI_RERUN, False),
    ],
)
def test_a_rerun_counts_when_it_was_asked_for(
    r: dict[str, Any], attempt: int, conclusion: str, code: Code, late: bool
) -> None:
    began = {"started_at": g.ago(minutes=3), "conclusion": "success"} if conclusion == "begun before" else {}
    runs = g.seen(Runs(of_push=(g.run(**{"attempt": attempt, "conclusion": conclusion} | began),)))
    found = look(Stage.CI, g.release(Stage.CI, **r), g.facts(tip=g.at_tip(), runs=runs), g.policy())
    seen = next(f for f in found if f.gate == "ci_success")
    assert (seen.code, seen.late) == (code, late)


@pytest.mark.parametrize(
    "production, total, code",
    [("8", 8, Code.DIFFERENCE_ACCEPTED), ("8", 9, Code.DIFFERENT), ("9", 8, Code.DIFFERENT)],
)
def test_an_accepted_difference_holds_for_the_value_that_was_shown(production: str, total: int, code: Code) -> None:
    word = DifferenceAccepted(
        by=g.CAROL, at=g.NOW, probe="cart", field=u.DIFFERENCE["field"], production=production, reason="so"
    )
    release = g.release(PROD, differences=(word,))
    found = look(PROD, release, g.facts(tip=g.at_tip(), **probed(g.SHA, body={"total": total})), g.policy())
    assert next(f for f in found if f.gate == "behaves_identically").code == code


@pytest.mark.parametrize(
    "sha, code", [(g.SHA, Code.DIFFERENCE_ACCEPTED), (None, Code.DIFFERENCE_ACCEPTED), (g.BASE, Code.DIFFERENT)]
)
def test_an_accepted_difference_holds_for_the_commit_that_answered_so(sha: str | None, code: Code) -> None:
    word = DifferenceAccepted(
        by=g.CAROL, at=g.NOW, probe="cart", field=u.DIFFERENCE["field"], production="8", reason="so", sha=sha
    )
    facts = g.facts(tip=g.at_tip(), **probed(g.SHA, body={"total": 8}))
    found = look(PROD, g.release(PROD, differences=(word,)), facts, g.policy())
    assert next(f for f in found if f.gate == "behaves_identically").code == code
