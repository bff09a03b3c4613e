"""Cards and forms of failures, rollbacks and hotfixes: what they say, and that no input breaks Slack's limits."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.cards import failure_forms
from bot.slack.cards.change import change_card
from bot.slack.cards.release import release_card
from bot.slack.cards.rollback_form import rollback_form
from bot.sop.codes import Code
from bot.sop.decision import Answer, Finding
from bot.sop.facts import Deployment, Diagnosis, JobLog, Target
from bot.sop.outlook import Button, Mark, Plan, ReleaseView, StageView
from bot.sop.records import (
    ChangeStatus,
    Incident,
    IncidentKind,
    IncidentStatus,
    Rerun,
    Rollback,
    RootCause,
    Severity,
)
from bot.sop.stages import STAGES, Procedure, Stage, Status
from tests.slack import samples
from tests.slack.limits import check_message, check_view
from tests.slack.samples import ALICE, BASE, BOB, CAROL, NOW, PEN, RUN, SHA, TREE
from tests.slack.test_cards import LONG, labels, shown

OLD = samples.found(
    "5", Code.VERSION_OLD, Answer.WAIT, late=True, of=3, within=600, others=["1a2b3c4"], sha=SHA, whom=(ALICE,)
)
DIFFERENCES: list[dict[str, Any]] = [
    {"probe": "catalogue", "field": "items.0.price", "local": "1", "production": "2"},
    {"probe": "catalogue", "field": "items.0.name", "local": "tea", "production": None},
]
DIFFERENT = samples.found("5", Code.DIFFERENT, Answer.FAIL, differences=DIFFERENCES, count=2, whom=("approver", ALICE))
DEPLOYED = Deployment(
    sha=BASE, ref="main", environment="production", state="success", url="https://x.example/d", created_at=NOW
)
CI_BUTTONS = (Button.CAUSE, Button.ROLL_BACK, Button.ABORT)
PRODUCTION_BUTTONS = (Button.LOOK_AGAIN, Button.REDEPLOY, Button.ROLL_BACK, Button.ABORT)
INCIDENT = Incident(
    id=3,
    service="shop",
    title="Checkout fails",
    kind=IncidentKind.PRODUCTION,
    affected=("checkout",),
    affected_text="",
    severity=Severity.CRITICAL,
    status=IncidentStatus.OPEN,
    declared_by=BOB,
    lead=CAROL,
    created_at=NOW - timedelta(minutes=25),
)


def held(findings: tuple[Finding, ...] = (OLD,), **changes: Any) -> ReleaseView:
    release = samples.release(Stage.PRODUCTION, Status.HELD)
    passed = ({"stage": Stage.CI, "at": NOW},)
    made = {"release": release.model_validate(release.model_dump() | {"passed": passed})}
    return samples.release_view(
        Stage.PRODUCTION, Status.HELD, Mark.HELD, findings, PRODUCTION_BUTTONS, **(made | changes)
    )


def ci_failed(**changes: Any) -> ReleaseView:
    return samples.release_view(Stage.CI, Status.HELD, Mark.FAILED, (samples.CI_FAILED,), CI_BUTTONS, **changes)


def of_procedure(
    procedure: Procedure, stage: Stage, status: Status = Status.RUNNING, buttons: tuple[Button, ...] = (), **more: Any
) -> ReleaseView:
    findings = more.pop("findings", ())
    view = more.pop("view", {})
    order = [s for s in STAGES[procedure] if s is not Stage.COMPLETE]
    here = order.index(stage) if stage in order else len(order)
    marks = [Mark.PASSED if n < here else Mark.CURRENT if n == here else Mark.AHEAD for n in range(len(order))]
    stages = tuple(
        StageView(stage=s, mark=m, findings=findings if m is Mark.CURRENT else (), at=NOW)
        for s, m in zip(order, marks, strict=True)
    )
    release = samples.release(stage, status, id=8, procedure=procedure, owner=BOB, started_by=BOB, **more)
    return samples.release_view(Stage.CI, buttons=buttons, release=release, stages=stages, **view)


def rollback(stage: Stage = Stage.REVERT, status: Status = Status.RUNNING, **changes: Any) -> ReleaseView:
    back: dict[str, Any] = {
        "target": BASE,
        "target_tree": TREE,
        "target_release": 5,
        "target_attestation": 2,
        "reverts": (7, 6),
        "commits": (SHA, BASE),
        "reason": "checkout *fails*",
        "was_live": True,
    }
    view = changes.pop("view", {"candidate": None})
    made = Rollback.model_validate(back | changes)
    return of_procedure(Procedure.ROLLBACK, stage, status, (Button.ABORT,), rollback=made, view=view)


def hotfix(stage: Stage = Stage.MINIMAL_FIX, findings: tuple[Finding, ...] = (), **view: Any) -> ReleaseView:
    buttons = view.pop("buttons", ())
    shown_ = {"incident": INCIDENT} | view
    return of_procedure(Procedure.HOTFIX, stage, buttons=buttons, incident=3, findings=findings, view=shown_)


def plan(**changes: Any) -> Plan:
    targets = (
        Target(sha=BASE, tree=TREE, release=5, attestation=2, at=NOW),
        Target(sha="9" * 40, tree=None, release=None, attestation=None, at=NOW),
    )
    made: dict[str, Any] = {
        "release": samples.release(Stage.COMPLETE, Status.COMPLETE),
        "targets": targets,
        "reverts": (samples.release(Stage.COMPLETE, Status.COMPLETE),),
        "commits": (samples.commit(1), samples.commit(2, author="Bob")),
        "changes": (samples.change(),),
        "target": targets[0],
        "strays": (),
        "aborts": None,
        "usual_seconds": 300.0,
        "was_live": True,
    }
    return Plan.model_validate(made | changes)


VIEWS: dict[str, ReleaseView] = {
    "ci failed": ci_failed(),
    "did not update": held(),
    "differs": held((DIFFERENT,)),
    "rollback": rollback(),
    "rollback documented": rollback(Stage.DOCUMENT),
    "rollback complete": rollback(Stage.COMPLETE, Status.COMPLETE),
    "hotfix": hotfix(),
}


@pytest.mark.parametrize("point", VIEWS)
def test_every_point_fits(point: str) -> None:
    card = release_card(VIEWS[point], PEN)
    check_message(card.blocks, card.text)


def test_a_failed_ci_asks_for_the_root_cause_and_offers_no_retry() -> None:
    card = release_card(VIEWS["ci failed"], PEN)
    assert labels(card) == ["Record root cause", "Open run", "Open production", "Details", "Roll back", "Abort"]
    assert "Nothing is retried blindly: read the log, find the root cause" in shown(card)
    assert "Right branch" not in shown(card)


def test_the_three_questions_are_answered_by_the_bot() -> None:
    found = Diagnosis(deployment=DEPLOYED, environment="production", missing=("API_KEY",), log=("rolling out", "boom"))
    said = shown(release_card(held(diagnosis=found), PEN))
    assert "1. Right branch deployed?  ⛔ `1a2b3c4` of `main` to `production`: <https://x.example/d|success>" in said
    assert "; wanted `4f2c9ab` of `main`" in said
    assert f"2. CI completed?  ✅ <{RUN}|the run> succeeded" in said
    assert "3. Environment configured?  ⛔ the GitHub environment `production` lacks `API_KEY`: set it there" in said
    assert "Last lines of the deploy:\n```rolling out\nboom```" in said
    assert "*Manual fixes in production are prohibited.*" in said


def test_what_is_not_known_is_shown_as_unknown() -> None:
    said = shown(release_card(held(), PEN))
    assert said.count("❔ not looked at yet") == 2
    right = DEPLOYED.model_copy(update={"sha": SHA})
    said = shown(release_card(held(diagnosis=Diagnosis(deployment=right, environment=None)), PEN))
    assert "1. Right branch deployed?  ✅ `4f2c9ab`" in said
    assert "❔ `sop.yaml` names no GitHub environment" in said
    late = DEPLOYED.model_copy(update={"sha": SHA, "state": "failure"})
    said = shown(release_card(held(diagnosis=Diagnosis(deployment=late, environment="production")), PEN))
    assert "⛔ `4f2c9ab`" in said
    assert "✅ `production` has every required variable and secret" in said
    done = Diagnosis(deployment=right, environment="production")
    again = Rerun(run=42, attempt=2, by=BOB, at=NOW, reason="again", redeploy=True)
    release = samples.release(Stage.PRODUCTION, Status.HELD, reruns=(again,))
    said = shown(release_card(held(diagnosis=done, deployed_before=True).model_copy(update={"release": release}), PEN))
    assert "that is of the attempt before: the redeploy has deployed nothing" in said
    nothing = Diagnosis(deployment=None, environment="production")
    assert "GitHub knows of no deployment" in shown(release_card(held(diagnosis=nothing), PEN))


def test_a_hold_in_production_offers_what_is_allowed() -> None:
    assert labels(release_card(VIEWS["did not update"], PEN)) == [
        "Look again",
        "Redeploy",
        "Open run",
        "Open production",
        "Details",
        "Roll back",
        "Abort",
    ]


def test_words_given_after_a_failure_stand_on_the_card() -> None:
    cause = RootCause(
        by=ALICE, at=NOW, run=42, attempt=1, job="test", quote="x", cause="y", mend="configuration", evidence="z"
    )
    again = {"run": 42, "attempt": 2, "by": BOB, "at": NOW, "reason": "mended"}
    taken = {"by": CAROL, "at": NOW, "probe": "catalogue", "field": "price", "production": "2", "reason": "known"}
    made = {"causes": (cause,), "reruns": (again,), "differences": (taken,)}
    said = shown(release_card(ci_failed(release=samples.release(Stage.CI, Status.HELD, **made)), PEN))
    assert "root cause by Alice" in said
    assert "re-run by Bob" in said
    assert "1 difference accepted by Carol" in said


def test_a_rollback_says_what_it_returns_to_and_takes_back() -> None:
    lines = shown(release_card(VIEWS["rollback"], PEN)).splitlines()
    assert lines[0] == "R-8 · shop · rollback"
    assert lines[1] == "▶️ *RUNNING · Revert*"
    assert lines[2] == "back to `1a2b3c4` (R-5) · takes back R-7 and R-6, 2 commits · rolled back by Bob"
    assert lines[3] == "*Why*  checkout ∗fails∗"
    assert "stopped by no freeze (exception to X4)" in lines[4]
    assert "⏳ *Revert*" in lines[5]
    named = shown(release_card(rollback(view={"candidate": None, "taken_back": (samples.change(),)}), PEN))
    assert named.splitlines()[2] == "takes back *CR-12* Faster checkout"
    assert "◻️ *Document*" in "\n".join(lines)
    said = shown(release_card(rollback(was_live=False, target_release=None, reverts=()), PEN))
    assert "nothing new was ever live" in said
    assert "(the adopted baseline) · takes back what was pushed since" in said


def test_what_was_rolled_back_says_by_what() -> None:
    ended = {"ended_by": BOB, "ended_at": NOW, "superseded_by": 8}
    release = samples.release(Stage.COMPLETE, Status.ROLLED_BACK, **ended)
    card = release_card(samples.release_view(Stage.COMPLETE, Status.ROLLED_BACK, release=release, buttons=()), PEN)
    assert card.text == "R-7 · shop · ROLLED BACK · Faster checkout"
    assert "⏪ R-8 has taken this out of production." in shown(card)
    aborted = samples.release(Stage.CI, Status.ABORTED, **ended)
    said = shown(release_card(samples.release_view(Stage.CI, Status.ABORTED, Mark.FAILED, release=aborted), PEN))
    assert "⏪ R-8 takes this back, started by Bob." in said


def test_a_hotfix_counts_from_the_declaration() -> None:
    said = shown(release_card(VIEWS["hotfix"], PEN))
    assert said.splitlines()[0] == "R-8 · shop · hotfix"
    assert re.search(r"🚨 \*INC-3\* CRITICAL Checkout fails · declared <!date\^\d+\^{ago}\|[^>]+>", said)
    assert "⏳ *Minimal fix*" in said
    assert "◻️ *Post-action note*" in said
    assert "hotfix for *INC-3*" in shown(release_card(hotfix(incident=None), PEN))


def test_a_hotfix_names_the_freeze_that_it_passes_and_by_what_right() -> None:
    freezes = [{"freeze": "FRZ-1", "reason": "peak", "owner": CAROL, "until": None}]
    passed = samples.found("X4", Code.FREEZE_PASSED, Answer.PASS, freezes=freezes, incident="INC-3")
    waits = samples.found("P2", Code.GOVERNANCE_WAITS, Answer.WAIT, owner=CAROL)
    said = shown(release_card(hotfix(Stage.PRECONDITIONS, findings=(passed, waits)), PEN))
    assert "*Preconditions*   1 of 2 · FRZ-1 passed by right of INC-3 (X4: no freeze stops a hotfix) · waits" in said


def test_a_hotfix_offers_a_second_persons_words_and_the_note() -> None:
    large = samples.found("H2", Code.SIZE_LARGE, Answer.FAIL, files=9, lines=400, max_files=5, max_lines=100)
    card = release_card(hotfix(findings=(large,), buttons=(Button.ACCEPT_SIZE, Button.ABORT)), PEN)
    assert "Accept size" in labels(card)
    assert "9 files and 400 lines changed." in shown(card)
    paths = ["migrations/7.sql"]
    lasts = samples.found("T2", Code.PATHS_IRREVERSIBLE, Answer.FAIL, paths=paths)
    card = release_card(hotfix(findings=(lasts,), buttons=(Button.ACCEPT_IRREVERSIBLE, Button.ABORT)), PEN)
    assert "Accept irreversible paths" in labels(card) and "Accept size" not in labels(card)
    assert "or an approver presses *Accept irreversible paths*, with a reason" in shown(card)
    word = samples.found("T2", Code.IRREVERSIBLE_ACCEPTED, by=CAROL, reason="it only adds", paths=paths)
    built = samples.found("T2", Code.REVERSIBLE_BUT, base=SHA, revert=SHA, paths=paths)
    said = shown(release_card(hotfix(Stage.MINIMAL_FIX, findings=(word, built)), PEN))
    assert "⚠️ 1 irreversible path, accepted by Carol · its revert takes back the code only" in said
    note = samples.found("H5", Code.NOTE_WAITS, Answer.WAIT, incident="INC-3", lead=CAROL, whom=(CAROL,))
    card = release_card(hotfix(Stage.POST_ACTION_NOTE, findings=(note,), buttons=(Button.CONFIRM,)), PEN)
    assert labels(card)[:2] == ["Confirm resolved", "Write note"]


def test_a_change_that_was_rolled_back_asks_for_acknowledgement() -> None:
    card = change_card(samples.change_view(ChangeStatus.ROLLED_BACK, release=7), PEN)
    assert labels(card) == ["Acknowledge the rollback", "Withdraw"]
    assert "Rolled back: R-7 had brought it, and the branch has it no more." in shown(card)
    emergency = change_card(samples.change_view(incident=3), PEN)
    assert "emergency change for INC-3" in shown(emergency)


# --- forms


def test_the_cause_form_shows_the_log() -> None:
    log = JobLog(run=42, attempt=1, job="test", lines=tuple(f"line {n}" for n in range(100)))
    view = failure_forms.cause_form(ci_failed(log=log), PEN)
    check_view(view)
    assert "line 80" in str(view)
    assert "line 79" not in str(view)
    assert "AssertionError: 41 != 42" in str(failure_forms.cause_form(ci_failed(), PEN))
    bare = samples.release_view(Stage.CI, Status.HELD, Mark.FAILED, ())
    assert "has not been read yet" in str(failure_forms.cause_form(bare, PEN))


def test_the_rollback_form_says_what_is_taken_back_and_how_long_it_takes() -> None:
    view = rollback_form(VIEWS["did not update"], plan(), "seen", PEN)
    check_view(view)
    said = str(view)
    assert "1a2b3c4 · R-5" in said
    assert "9999999 · adopted baseline" in said
    assert "R-7 by Alice" in said
    assert "by Bob" in said
    assert "*CR-12* Faster checkout" in said
    assert "about 5 min, as past ones took" in said
    fresh = str(rollback_form(VIEWS["differs"], plan(usual_seconds=None, was_live=False), "seen", PEN))
    assert "not known yet" in fresh
    assert "nothing new was ever live" in fresh


def test_differences_are_accepted_one_by_one() -> None:
    many = [d | {"field": f"items.{n}.{d['field']}"} for n in range(10) for d in DIFFERENCES]
    for shown_ in (DIFFERENCES, many):
        view = failure_forms.difference_form(VIEWS["differs"], shown_, "digest", PEN)
        check_view(view)
        groups = [b for b in view["blocks"] if b["type"] == "input" and b["element"]["type"] == "checkboxes"]
        assert [o["value"] for g in groups for o in g["element"]["options"]] == [str(n) for n in range(len(shown_))]
    assert "attested 1, in production 2" in str(failure_forms.difference_form(VIEWS["differs"], DIFFERENCES, "", PEN))


def test_other_forms_fit() -> None:
    check_view(failure_forms.redeploy_form(VIEWS["did not update"], PEN))
    check_view(failure_forms.word_form("release:accept_size", "Accept the size", VIEWS["hotfix"], "large", PEN))


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=3000), st.integers(0, 120))
def test_nothing_breaks_slacks_limits(text: str, n: int) -> None:
    typed = f"{text}{LONG}"
    content = samples.content(title=typed)
    change = samples.change(content=content)
    log = JobLog(run=1, attempt=1, job=typed, lines=(typed,) * n)
    found = Diagnosis(
        deployment=DEPLOYED.model_copy(update={"ref": typed, "environment": typed, "state": typed}),
        environment=typed,
        missing=(typed,) * n,
        log=(typed,) * n,
    )
    differences = [{"probe": typed, "field": f"{m}{typed}", "local": typed, "production": typed} for m in range(n + 1)]
    view = held((DIFFERENT,), change=change, log=log, diagnosis=found)
    card = release_card(view, PEN)
    check_message(card.blocks, card.text)
    check_view(failure_forms.cause_form(view, PEN))
    check_view(failure_forms.difference_form(view, differences[:20], "x", PEN))
    target = Target(sha=SHA, tree=None, release=None, attestation=None, at=NOW)
    targets = tuple(target.model_copy(update={"sha": f"{m:040x}"}) for m in range(n + 1))
    monstrous = plan(targets=targets, changes=(change,) * n, commits=(samples.commit(1, typed, typed),) * n)
    check_view(rollback_form(view, monstrous, "seen", PEN))
    back = release_card(rollback(reason=typed, reverts=tuple(range(n)), view={"change": change}), PEN)
    check_message(back.blocks, back.text)
