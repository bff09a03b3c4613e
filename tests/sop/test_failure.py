"""F1 and F2: who may do what once a pushed release is HELD, what is refused, and what follows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sop import failure
from bot.sop.acts import acts
from bot.sop.arrival import Arrival, arrival
from bot.sop.codes import Code
from bot.sop.decision import Answer, Decision
from bot.sop.effects import PostThread, RerunRun
from bot.sop.facts import Deployment, Diagnosis, Facts, PastCause, Runs, Seen
from bot.sop.failure import Cause
from bot.sop.gates import look
from bot.sop.outlook import Button
from bot.sop.progress import advance
from bot.sop.records import Mend, Release, Rerun
from bot.sop.stages import Stage, Status
from bot.sop.views import release_view
from tests.sop import emergency
from tests.sop import good as g
from tests.sop import undone as u
from tests.sop.decided import kinds, refused, release_of, said

SAID = Cause(quote=u.LINE, cause="Rounding", mend=Mend.INFRASTRUCTURE, evidence="The runner has its disk back")
FIELD = ("cart", str(u.DIFFERENCE["field"]))


def record(release: Release | None = None, by: str = g.BOB, facts: Facts | None = None, **changes: Any) -> Decision:
    cause = SAID.model_copy(update=changes)
    return failure.record_cause(release or u.failed(), by, cause, facts or u.failed_facts(), g.policy())


def reruns(decision: Decision) -> list[tuple[int, int]]:
    return [(e.run, e.attempt) for e in decision.effects if isinstance(e, RerunRun)]


# --- the root cause


def test_a_cause_mended_without_a_commit_is_recorded_and_the_release_stays_held() -> None:
    decision = record()
    new = release_of(decision)
    (cause,) = new.causes
    assert (new.status, new.stage) == (Status.HELD, Stage.CI)
    assert (cause.by, cause.run, cause.attempt, cause.job, cause.quote) == (g.BOB, 5, 1, "test", u.LINE)
    assert "root_cause_recorded" in kinds(decision)
    assert said(decision) == [Code.CAUSE_RECORDED]
    assert reruns(decision) == []  # recording is not running


@pytest.mark.parametrize(
    "line",
    [
        "=" * 40,
        "--- --- --- ---",
        "2026-11-23T14:02:11.1234567Z",
        "2026-11-23 14:02:11,123 +0000",
        "Mon Nov 23 14:02:11 UTC 2026",
        "[02:11 PM] ...............",
        "##[endgroup]",
        "........F.... [100%]",
        "  12345678  ",
        "0xdeadbeef 0x00",
    ],
)
def test_a_line_that_says_nothing_is_no_quote(line: str) -> None:
    facts = u.failed_facts(log=u.log(lines=(line, u.LINE)))
    assert refused(record(quote=line, facts=facts)) == Code.QUOTE_MUTE


@pytest.mark.parametrize(
    "line", ["exit code 137", "总数错误：期望七 结果八", "KeyError: 'x'", "FAILED a.py::b - 1 == 2"]
)
def test_a_line_that_says_something_is_a_quote(line: str) -> None:
    assert not record(quote=line, facts=u.failed_facts(log=u.log(lines=(line,)))).refusal


def test_a_line_is_found_as_the_card_shows_it() -> None:
    facts = u.failed_facts(log=u.log(lines=("E     assert `total`   == " + "7" * 300,)))
    shown = "E assert ˋtotalˋ == " + "7" * 50 + "…"
    assert not record(quote=shown, facts=facts).refusal


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.NO_ROLE, {"by": g.CAROL}),
        (Code.NOT_NOW, {"release": g.release(Stage.LOCAL_STATE)}),
        (Code.NOT_NOW, {"release": g.release(Stage.PRODUCTION)}),
        (Code.ONLY_HELD, {"release": g.release(Stage.CI)}),
        (Code.ONLY_HELD, {"release": u.held(g.release(Stage.CI), Code.CI_LATE, Answer.WAIT)}),
        (Code.QUOTE_UNKNOWN, {"quote": "a line that nobody logged"}),
        (Code.QUOTE_SHORT, {"quote": "1"}),
        (Code.QUOTE_SHORT, {"quote": " assert "}),
        (Code.QUOTE_MUTE, {"quote": "================"}),
        (Code.EMPTY, {"quote": "  "}),
        (Code.LOG_UNREAD, {"facts": u.failed_facts(log=Seen())}),
        (Code.LOG_UNREAD, {"facts": u.failed_facts(log=u.log(run=4))}),
        (Code.LOG_UNREAD, {"facts": u.failed_facts(log=u.log(attempt=2))}),
        (Code.EMPTY, {"cause": " "}),
        (Code.EMPTY, {"evidence": ""}),
        (Code.NO_COMMIT_HERE, {"release": u.held(u.rollback(Stage.CI), Code.CI_FAILED), "mend": Mend.COMMIT}),
    ],
)
def test_a_cause_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(record(**given)) == code


@pytest.mark.parametrize(
    ("latest", "ours", "read"),
    [
        ({"attempt": 2, "conclusion": "cancelled"}, (), True),
        ({"attempt": 2, "conclusion": "cancelled"}, (2,), False),
        ({"attempt": 2, "conclusion": "failure"}, (), False),
        ({"id": 6, "attempt": 2, "conclusion": "cancelled"}, (), False),
        ({"attempt": 1, "conclusion": "cancelled"}, (), True),
    ],
)
def test_a_blind_run_that_was_cancelled_leaves_the_log_of_the_failure_before_it(
    latest: dict[str, Any], ours: tuple[int, ...], read: bool
) -> None:
    made = tuple(Rerun(run=5, attempt=n, by=g.BOB, at=g.NOW, reason="the disk is back") for n in ours)
    facts = u.failed_facts(runs=g.seen(Runs(of_push=(u.failing_run(**latest),))))
    release = u.failed().model_copy(update={"reruns": made})
    assert (failure.log_of(release, facts, g.policy()) is not None) is read


@pytest.mark.parametrize("earlier, again", [("ROUNDING ", True), ("rounding", True), ("The disk is full", False)])
def test_the_same_cause_again_is_said(earlier: str, again: bool) -> None:
    past = (PastCause(release="R-5", cause=u.cause(cause=earlier)),)
    decision = record(facts=u.failed_facts(earlier_causes=past))
    assert (Code.CAUSE_AGAIN in said(decision)) is again
    other_job = (PastCause(release="R-5", cause=u.cause(job="lint")),)
    assert said(record(facts=u.failed_facts(earlier_causes=other_job))) == [Code.CAUSE_RECORDED]


def test_a_fix_by_commit_starts_again_and_what_was_pushed_stays_ours() -> None:
    new = release_of(record(mend=Mend.COMMIT, facts=u.failed_facts(candidate=Seen())))
    assert (new.stage, new.pushed, new.earlier) == (Stage.LOCAL_STATE, None, (g.PUSHED,))
    assert (new.push_asked, new.attestation, new.hold) == (None, None, None)
    assert [p.stage for p in new.passed] == [Stage.PRECONDITIONS]
    assert arrival(new, u.failed_facts(), g.policy()) is Arrival.NOTHING
    hotfix = u.held(emergency.hotfix(Stage.CI), Code.CI_FAILED)
    facts = emergency.facts(tip=g.at_tip(), runs=u.failed_facts().runs, log=u.log(), candidate=Seen())
    decision = failure.record_cause(
        hotfix, g.BOB, SAID.model_copy(update={"mend": Mend.COMMIT}), facts, emergency.policy()
    )
    assert release_of(decision).stage is Stage.MINIMAL_FIX


def test_a_fix_by_commit_goes_on_only_with_a_new_commit_and_a_preflight_of_it() -> None:
    """F1: what CI rejected cannot walk back to the push on the preflight that it had."""
    by_commit = u.failed(governance=g.release(Stage.PUSH).governance)
    started = release_of(record(by_commit, mend=Mend.COMMIT))
    assert (started.stage, started.status) == (Stage.LOCAL_STATE, Status.RUNNING)
    again = advance(started, u.failed_facts(attestations=(g.attestation(made_at=g.NOW),)), g.policy())
    assert not again.records
    fixed = g.commit(sha="4" * 40, tree="5" * 40, parents=(g.SHA,), message="CR-12: round half up")
    head = {"sha": fixed.sha, "tree": fixed.tree, "tip": g.SHA, "commits": (g.commit(), fixed)}
    world = u.failed_facts(candidate=g.seen(g.candidate(**head)))
    proved = g.attestation(id=2, tree=fixed.tree, commit=fixed.sha, made_at=g.ago(seconds=10))
    proved_too = world.model_copy(update={"attestations": (proved, g.attestation())})
    assert release_of(advance(started, proved_too, g.policy())).stage is Stage.PUSH
    silent = fixed.model_copy(update={"message": "round half up"})
    strange = g.seen(g.candidate(**head | {"commits": (g.commit(), silent)}))
    held = release_of(advance(started, proved_too.model_copy(update={"candidate": strange}), g.policy()))
    assert (held.stage, held.hold and held.hold.finding.code) == (Stage.COMMITS, Code.UNREFERENCED)


# --- the re-run


def mended(**changes: Any) -> Release:
    return u.failed(causes=(u.cause(**changes),))


def rerun(release: Release, by: str = g.BOB) -> Decision:
    return failure.rerun(release, by, u.failed_facts(), g.policy())


def test_a_rerun_is_recorded_before_it_is_asked_for() -> None:
    decision = rerun(mended())
    new = release_of(decision)
    assert (new.status, new.stage, new.owner, new.fresh_after) == (Status.RUNNING, Stage.CI, g.BOB, g.NOW)
    assert [(r.run, r.attempt, r.reason, r.redeploy) for r in new.reruns] == [(5, 2, "Rounding", False)]
    assert reruns(decision) == [(5, 2)]
    assert "rerun_asked" in kinds(decision)
    assert said(decision)[0] == Code.RUN_AGAIN
    ran = u.failed_facts(runs=g.seen(Runs(of_push=(g.run(attempt=2),))))
    assert release_of(advance(new, ran, g.policy())).stage is Stage.PRODUCTION
    blind = u.failed_facts(runs=g.seen(Runs(of_push=(g.run(attempt=3),))))
    hold = release_of(advance(new, blind, g.policy())).hold
    assert hold is not None and hold.finding.code == Code.CI_RERUN


@pytest.mark.parametrize(
    "code, release, by",
    [
        (Code.NO_CAUSE, u.failed(), g.BOB),
        (Code.NO_CAUSE, mended(mend=Mend.COMMIT), g.BOB),
        (Code.NO_CAUSE, mended(attempt=2), g.BOB),
        (Code.NO_CAUSE, mended(run=4), g.BOB),
        (Code.NO_ROLE, mended(), g.CAROL),
        (Code.ONLY_HELD, g.release(Stage.CI, causes=(u.cause(),)), g.BOB),
        (Code.NOT_NOW, g.release(Stage.PUSH), g.BOB),
    ],
)
def test_a_rerun_refused(code: Code, release: Release, by: str) -> None:
    assert refused(rerun(release, by)) == code


BLINDLY = u.held(g.release(Stage.CI), Code.CI_RERUN)


@pytest.mark.parametrize("held", [u.failed(), BLINDLY])
@pytest.mark.parametrize("conclusion", ["success", "cancelled", None])
def test_after_a_blind_rerun_a_recorded_cause_leads_on(held: Release, conclusion: str | None) -> None:
    status = "completed" if conclusion else "in_progress"
    run = u.failing_run(attempt=2, conclusion=conclusion, status=status)
    facts = u.failed_facts(runs=g.seen(Runs(of_push=(run,))))
    assert refused(failure.rerun(held, g.BOB, facts, g.policy())) == Code.NO_CAUSE
    caused = release_of(record(held, g.ALICE, facts))
    assert [(c.run, c.attempt) for c in caused.causes] == [(5, 1)]
    assert set(release_view(caused, g.change(), facts, g.policy()).buttons) >= {
        Button.RERUN,
        Button.CAUSE,
        Button.ROLL_BACK,
    }
    decision = failure.rerun(caused, g.BOB, facts, g.policy())
    assert reruns(decision) == [(5, 3)]
    ours = u.failed_facts(runs=g.seen(Runs(of_push=(g.run(attempt=3),))))
    assert release_of(advance(release_of(decision), ours, g.policy())).stage is Stage.PRODUCTION


def test_an_attempt_that_somebody_else_began_first_is_not_the_one_asked_for() -> None:
    asked = release_of(rerun(mended()))
    lost = failure.rerun_lost(asked, RerunRun(release=asked.id, repository="acme/shop", run=5, attempt=2))
    assert said(lost) == [Code.RERUN_LOST]
    ran = u.failed_facts(runs=g.seen(Runs(of_push=(g.run(attempt=2),))))
    hold = release_of(advance(release_of(lost), ran, g.policy())).hold
    assert hold is not None and hold.finding.code == Code.CI_RERUN


# --- production does not update


OLD = u.held(g.release(Stage.PRODUCTION), Code.VERSION_OLD, Answer.WAIT)


def redeploy(release: Release = OLD, by: str = g.BOB, reason: str = "The host was down", **facts: Any) -> Decision:
    return failure.redeploy(release, by, reason, g.facts(tip=g.at_tip(), **facts), g.policy())


def test_a_redeploy_runs_the_successful_run_again() -> None:
    decision = redeploy()
    new = release_of(decision)
    assert (new.stage, new.status, new.owner) == (Stage.CI, Status.RUNNING, g.BOB)
    assert [(r.attempt, r.redeploy, r.reason) for r in new.reruns] == [(2, True, "The host was down")]
    assert reruns(decision) == [(5, 2)]
    assert not new.has_passed(Stage.CI)
    assert "redeploy_asked" in kinds(decision)


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.DAVE}),
        (Code.EMPTY, {"reason": " "}),
        (Code.ONLY_HELD, {"release": g.release(Stage.PRODUCTION)}),
        (Code.NOT_NOW, {"release": u.failed()}),
        (Code.NO_RUN, {"runs": g.seen(Runs())}),
    ],
)
def test_a_redeploy_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(redeploy(**given)) == code


def test_what_was_seen_before_a_second_look_counts_no_more() -> None:
    later = g.NOW + timedelta(seconds=30)
    facts = u.differing_facts(now=later)
    decision = failure.look_again(u.differs(), g.FRANK, facts, g.policy())
    new = release_of(decision)
    assert (new.status, new.hold, new.fresh_after) == (Status.RUNNING, None, later)
    assert said(decision) == [Code.LOOKED_AGAIN]
    assert advance(new, facts, g.policy()).records == ()  # waits for an answer from after it


@pytest.mark.parametrize(
    "code, release",
    [
        (Code.NO_CAUSE, u.failed()),
        (Code.ONLY_HELD, g.release(Stage.CI)),
        (Code.NOT_NOW, g.release(Stage.COMMITS)),
    ],
)
def test_a_second_look_refused(code: Code, release: Release) -> None:
    assert refused(failure.look_again(release, g.ALICE, u.failed_facts(), g.policy())) == code


# --- accepted differences


def accept(
    release: Release | None = None,
    by: str = g.CAROL,
    chosen: tuple[tuple[str, str], ...] = (FIELD,),
    reason: str = "Prices rose",
    **facts: Any,
) -> Decision:
    world = u.differing_facts(**facts)
    return failure.accept_difference(release or u.differs(), by, chosen, reason, world, g.policy())


def test_an_accepted_difference_lets_the_release_be_complete() -> None:
    decision = accept()
    new = release_of(decision)
    assert new.status is Status.COMPLETE
    assert [(d.by, d.field, d.production, d.reason) for d in new.differences] == [
        (g.CAROL, FIELD[1], "8", "Prices rose")
    ]
    assert "difference_accepted" in kinds(decision)
    assert said(decision)[0] == Code.DIFFERENCE_TAKEN


@pytest.mark.parametrize(
    "code, given",
    [
        (Code.NO_ROLE, {"by": g.ALICE}),
        (Code.NO_ROLE, {"by": g.FRANK}),
        (Code.SELF_APPROVAL, {"release": u.differs(owner=g.CAROL)}),
        (Code.SELF_APPROVAL, {"release": u.differs(started_by=g.CAROL)}),
        (Code.SELF_APPROVAL, {"change": g.change(requester=g.CAROL)}),
        (Code.SELF_APPROVAL, {"candidate": g.seen(g.candidate(commits=(g.commit(author="carol"),)))}),
        (Code.EMPTY, {"reason": ""}),
        (Code.EMPTY, {"chosen": ()}),
        (Code.EMPTY, {"chosen": (("cart", "body.other"),)}),
        (Code.ONLY_HELD, {"release": OLD}),
        (Code.NOT_NOW, {"release": u.failed()}),
    ],
)
def test_a_difference_refused(code: Code, given: dict[str, Any]) -> None:
    assert refused(accept(**given)) == code


@pytest.mark.parametrize("act", [rerun, record, redeploy, accept])
@pytest.mark.parametrize("status", [Status.ABORTED, Status.COMPLETE, Status.STOPPED, Status.ROLLED_BACK])
def test_nothing_is_done_to_what_is_closed(act: Callable[..., Decision], status: Status) -> None:
    closed = mended().model_copy(update={"status": status})
    assert refused(act(closed)) == Code.NOT_NOW


def test_a_rerun_of_another_run_mends_nothing() -> None:
    word = Rerun(run=5, attempt=2, by=g.BOB, at=g.NOW, reason="Rounding")
    again = mended().model_copy(update={"reruns": (word,)})
    facts = u.failed_facts(runs=g.seen(Runs(of_push=(u.failing_run(attempt=2),))))
    assert refused(failure.rerun(again, g.BOB, facts, g.policy())) == Code.NO_CAUSE


# --- the three questions in the thread


def test_the_three_questions_are_answered_in_the_thread_once_a_deploy() -> None:
    found = Diagnosis(deployment=None, environment="production", missing=("SHOP_KEY",))
    old = u.held(g.release(Stage.PRODUCTION), Code.VERSION_OLD, Answer.WAIT)
    facts = g.facts(tip=g.at_tip(), diagnosis=g.seen(found))

    def told(release: Release, facts: Facts = facts) -> list[tuple[str, Any]]:
        posts = [a for a in acts(release, facts, g.policy()) if isinstance(a, PostThread)]
        return [(p.key, p.notice.values["missing"]) for p in posts if p.notice.code == Code.DIAGNOSIS]

    ((key, missing),) = told(old)
    assert missing == ["SHOP_KEY"]
    assert told(old.model_copy(update={"hold": u.held(old, Code.VERSION_MIXED).hold})) == [(key, missing)]
    again = Rerun(run=5, attempt=2, by=g.ALICE, at=g.NOW, reason="again", redeploy=True)
    redeployed = old.model_copy(update={"reruns": (again,)})
    assert told(redeployed, facts.model_copy(update={"diagnosis": Seen(value=found, at=g.ago(seconds=9))})) == []
    assert [k for k, _ in told(redeployed)] != [key]
    assert told(u.held(g.release(Stage.PRODUCTION), Code.OLDER_RUN)) == told(u.failed()) == []
    assert told(old, facts.model_copy(update={"diagnosis": Seen()})) == []


def test_after_a_redeploy_the_answers_are_of_the_new_attempt_or_said_to_be_of_the_one_before() -> None:
    asked = Rerun(run=5, attempt=2, by=g.ALICE, at=g.ago(minutes=2), reason="again", redeploy=True)
    release = u.held(g.release(Stage.PRODUCTION, reruns=(asked,)), Code.VERSION_OLD, Answer.WAIT)
    run = g.run(attempt=2, started_at=g.ago(minutes=2))

    def shown(deployed_at: Any, looked_at: Any) -> tuple[bool, bool]:
        deployment = Deployment(
            sha=g.SHA, ref="main", environment="production", state="success", url="", created_at=deployed_at
        )
        seen: Seen[Any] = Seen(value=Diagnosis(deployment=deployment, environment="production"), at=looked_at)
        facts = g.facts(tip=g.at_tip(), diagnosis=seen, runs=g.seen(Runs(of_push=(run,))))
        view = release_view(release, g.change(), facts, g.policy())
        return view.diagnosis is not None, view.deployed_before

    assert shown(g.ago(minutes=4), g.ago(minutes=3))[0] is False  # looked at before the redeploy was asked for
    assert shown(g.ago(minutes=4), g.NOW) == (True, True)
    assert shown(g.ago(minutes=1), g.NOW) == (True, False)


def test_the_time_of_ci_is_that_of_the_attempt_which_was_set_going_last() -> None:
    asked = Rerun(run=5, attempt=2, by=g.ALICE, at=g.ago(seconds=40), reason="again", redeploy=True)
    release = g.release(Stage.CI, reruns=(asked,))
    ended = g.job(started_at=g.ago(seconds=39), completed_at=g.ago(seconds=10))

    def seconds(**run: Any) -> Any:
        again = g.run(**{"attempt": 2, "started_at": g.ago(seconds=40), "jobs": (ended,), **run})
        facts = g.facts(tip=g.at_tip(), runs=g.seen(Runs(of_push=(again,))))
        return next(f for f in look(Stage.CI, release, facts, g.policy()) if f.gate == "ci_success").values["seconds"]

    assert seconds() == 30
    assert seconds(status="in_progress", conclusion=None) == 40
