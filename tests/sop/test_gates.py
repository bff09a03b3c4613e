"""Every gate of a standard release, facts in, answer and reason out. A gate without a row for each of PASS, WAIT and
FAIL fails a test of test_gates_rollback.py, unless it is listed in HAS_NO with the reason why it has no such answer."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Answer
from bot.sop.facts import Commit, Directory, Facts, Issue, ProbeAnswer, PushRefusal, Runs, Sample, Seen, Tip
from bot.sop.gates import GATES, look
from bot.sop.policy import Approvals, Ci, Policy, SopStatus
from bot.sop.records import (
    Acceptance,
    Approval,
    ChangeStatus,
    Freeze,
    FreezeStatus,
    LeftAhead,
    Release,
    Rerun,
    StraysTaken,
    Violation,
    ViolationStatus,
    Word,
)
from bot.sop.release import SENTENCE
from bot.sop.stages import Procedure, Stage
from tests.sop import good as g

P, L, C, U, CI, PROD = list(Stage)[:6]
PASS, WAIT, FAIL = Answer.PASS, Answer.WAIT, Answer.FAIL
OTHER_TREE = "9" * 40

TWO_WORKFLOWS = g.policy(services=(g.service(ci=Ci(workflows=("deploy.yml", "e2e.yml"))),))

Row = tuple[str, Answer, Code, Stage, dict[str, Any], dict[str, Any], Policy]


def row(
    gate: str,
    answer: Answer,
    code: Code,
    stage: Stage,
    r: dict[str, Any] | None = None,
    *,
    policy: Policy | None = None,
    **facts: Any,
) -> Row:
    return gate, answer, code, stage, r or {}, facts, policy or g.policy()


def frozen(**changes: Any) -> tuple[Freeze, ...]:
    freeze = Freeze(
        id=2, status=FreezeStatus.ACTIVE, services=(), reason="peak", owner=g.CAROL, starts_at=g.ago(hours=1),
        until=None, created_at=g.ago(hours=1),
    )  # fmt: skip
    return (freeze.model_copy(update=changes),)


def candidate(**changes: Any) -> Seen[Any]:
    return g.seen(g.candidate(**changes))


def commits(*changed: dict[str, Any]) -> Seen[Any]:
    return candidate(commits=tuple(g.commit(**c) for c in changed))


def runs(**changes: Any) -> Seen[Any]:
    return g.seen(Runs(of_push=(g.run(**changes),)))


def read_people(at: datetime | None) -> Directory:
    """Slack answered then, and not since."""
    return g.facts().directory.model_copy(update={"at": at, "error": "ratelimited"})


def beside_ours(ours: dict[str, Any] | None = None, **changes: Any) -> Seen[Any]:
    """The run of the push, and another one of the same commit."""
    return g.seen(Runs(of_push=(g.run(**ours or {}), g.run(id=6, **changes))))


def co_authored(email: str) -> dict[str, Any]:
    return {"message": f"CR-12: it\n\nCo-authored-by: Somebody Else <{email}>\n"}


def fleet(**changes: Any) -> Seen[Any]:
    return g.seen(g.fleet(**changes))


def accepted(by: str, tree: str = g.TREE) -> dict[str, Any]:
    word = Acceptance(by=by, at=g.NOW, paths=("bin/run",), tree=tree, reason="needed")
    return {"accepted": (word,)}


STRANGE = (
    Violation(
        id=1, service="shop", key="k", rule="X1", code="strange", status=ViolationStatus.OPEN, first_at=g.NOW,
        last_at=g.NOW,
    ),
)  # fmt: skip
OUTSIDE = candidate(paths=("bin/run", "shop/checkout.py"))
ASKED = {"push_asked": Word(by=g.ALICE, at=g.ago(seconds=5), says=g.SHA)}
LONG_AGO = {"push_asked": Word(by=g.ALICE, at=g.ago(minutes=6), says=g.SHA)}
OLD = (g.attestation(made_at=g.ago(hours=25)),)
MERGE: dict[str, Any] = {"sha": "1" * 40, "parents": (g.SHA, g.BASE), "message": "Merge main"}
STRANGE_MERGE = MERGE | {"parents": (g.BASE, "7" * 40)}
LATE = {"pushed": g.PUSHED.model_copy(update={"at": g.ago(minutes=6)})}
VERY_LATE = {"pushed": g.PUSHED.model_copy(update={"at": g.ago(hours=2)})}
HAND: dict[str, Any] = {"event": "workflow_dispatch"}
AGAIN = Rerun(run=5, attempt=2, by=g.ALICE, at=g.ago(minutes=1), reason="The host was down", redeploy=True)
DEPLOYING = g.policy(services=(g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",))),))
BUSY: dict[str, Any] = {"status": "in_progress", "conclusion": None}
LONG_SINCE_CI = tuple(p.model_copy(update={"at": g.ago(minutes=11)}) for p in g.release(PROD).passed)
LONG_BEFORE_CI = (*LONG_SINCE_CI[:-1], g.release(PROD).passed[-1])
TAKEN = {"taken_over": LeftAhead(release=3, sha="2" * 40, commits=("2" * 40,))}
TWO: tuple[dict[str, Any], ...] = ({"sha": "2" * 40, "message": "CR-9: old", "paths": ("x",)}, {})

STRAY = g.commit(sha="4" * 40, message="quick fix", paths=("bin/run",))
AROUND = candidate(commits=(STRAY, g.commit()), paths=("bin/run", "shop/checkout.py"))
BEFORE_ITS_PATHS = candidate(commits=(STRAY, g.commit()), by_commit=False)
MOVED = g.seen(Tip(sha=STRAY.sha, tree=OTHER_TREE, ahead=(STRAY,)))
TAKEN_UP = {"strays": (StraysTaken(by=g.ALICE, at=g.NOW, commits=(STRAY.sha,)),)}
REJECTED = {"earlier": (g.PUSHED.model_copy(update={"sha": "3" * 40, "tree": "3" * 40}), g.PUSHED)}
FIXED = candidate(sha="4" * 40, tree=OTHER_TREE)
PROVED_ANEW = g.attestation(tree=OTHER_TREE, made_at=g.ago(minutes=4))

ROWS: tuple[Row, ...] = (
    row("sop_active", PASS, Code.SOP_ACTIVE, P),
    row("sop_active", FAIL, Code.SOP_NOT_ACTIVE, P, policy=g.policy(status=SopStatus.SUSPENDED)),
    row("change_approved", PASS, Code.CHANGE_APPROVED, P),
    row("change_approved", WAIT, Code.NOT_LOOKED, P, change=None),
    row("change_approved", PASS, Code.CHANGE_APPROVED, P, directory=read_people(g.ago(minutes=59))),
    row("change_approved", WAIT, Code.LOOK_FAILED, P, directory=read_people(g.ago(minutes=61))),
    row("change_approved", WAIT, Code.LOOK_FAILED, P, directory=read_people(None)),
    row("change_approved", WAIT, Code.CHANGE_WAITS, P, change=g.change(approvals=(), status=ChangeStatus.OPEN)),
    row("change_approved", WAIT, Code.CHANGE_WAITS, P,
        policy=g.policy(approvals=Approvals(required=2))),
    row("change_approved", FAIL, Code.APPROVAL_LOST, L, change=g.change(approvals=(), status=ChangeStatus.OPEN)),
    row("change_approved", FAIL, Code.APPROVAL_LOST, U, directory=Directory(deactivated=frozenset({g.CAROL}))),
    row("change_approved", FAIL, Code.APPROVAL_LOST, L,
        change=g.change(approvals=(Approval(by=g.CAROL, at=g.ago(days=8), digest=g.CONTENT.digest),))),
    row("change_approved", FAIL, Code.APPROVAL_LOST, L,
        change=g.change(approvals=(Approval(by=g.CAROL, at=g.ago(days=1), digest="other"),))),
    row("change_approved", FAIL, Code.APPROVAL_LOST, L,
        change=g.change(approvals=(Approval(by=g.FRANK, at=g.ago(days=1), digest=g.CONTENT.digest),))),
    row("change_approved", FAIL, Code.CHANGE_EDITED, P, {"change_digest": "another"}),
    row("change_approved", FAIL, Code.CHANGE_CLOSED, P, change=g.change(status=ChangeStatus.REJECTED)),
    row("change_approved", FAIL, Code.CHANGE_CLOSED, U, change=g.change(status=ChangeStatus.WITHDRAWN)),
    row("change_approved", FAIL, Code.CHANGE_CLOSED, P, change=g.change(status=ChangeStatus.EXPIRED)),
    row("change_approved", FAIL, Code.CHANGE_CLOSED, P, change=g.change(status=ChangeStatus.RELEASED)),
    row("no_violation", PASS, Code.NO_VIOLATION, P),
    row("no_violation", WAIT, Code.VIOLATION_OPEN, L, violations=STRANGE),
    row("no_violation", FAIL, Code.VIOLATION_OPEN, P, violations=STRANGE),
    row("governance", PASS, Code.GOVERNANCE_OK, P, {"governance": Word(by=g.ALICE, at=g.NOW, says=SENTENCE)}),
    row("governance", WAIT, Code.GOVERNANCE_WAITS, P),
    row("local_build", PASS, Code.BUILD_OK, P),
    row("local_build", WAIT, Code.PREFLIGHT_WAITS, P, attestations=()),
    row("local_build", WAIT, Code.PREFLIGHT_WAITS, P, attestations=OLD),
    row("local_build", WAIT, Code.PREFLIGHT_WAITS, P, attestations=(g.attestation(made_at=g.ago(hours=24)),)),
    row("local_build", WAIT, Code.PREFLIGHT_WAITS, P, attestations=(g.attestation(signer=g.CAROL),)),
    row("local_build", PASS, Code.BUILD_OK, P, attestations=(g.failing("build", tree=OTHER_TREE), g.attestation())),
    row("local_build", FAIL, Code.BUILD_FAILED, P, attestations=(g.failing("build"), g.attestation())),
    row("local_build", FAIL, Code.PREFLIGHT_EXPIRED, L, attestations=OLD),
    row("local_build", FAIL, Code.BUILD_FAILED, P, attestations=(g.failing("build"),)),
    row("local_build", WAIT, Code.PREFLIGHT_STOPPED, P, attestations=(g.attestation(checks=()),)),
    row("no_critical", PASS, Code.NO_CRITICAL, P),
    row("no_critical", WAIT, Code.NOT_LOOKED, P, criticals=Seen()),
    row("no_critical", WAIT, Code.LOOK_FAILED, P, criticals=g.broken()),
    row("no_critical", WAIT, Code.LOOK_FAILED, P, criticals=Seen[Any](value=(), at=g.NOW, error="GitHub is down")),
    row("no_critical", FAIL, Code.CRITICAL_OPEN, P, criticals=g.seen((Issue(number=1, title="t", url="u"),))),
    row("all_committed", PASS, Code.COMMITTED, P),
    row("all_committed", WAIT, Code.PREFLIGHT_WAITS, P, attestations=()),
    row("all_committed", WAIT, Code.NOT_LOOKED, P, candidate=Seen()),
    row("all_committed", WAIT, Code.LOOK_FAILED, P, candidate=g.broken()),
    row("all_committed", WAIT, Code.LOOK_FAILED, P, attestations=(), candidate=g.broken()),
    row("all_committed", WAIT, Code.NO_CANDIDATE, P, attestations=(), candidate=g.absent()),
    row("all_committed", WAIT, Code.NO_CANDIDATE, P, candidate=g.absent()),
    row("all_committed", FAIL, Code.UNCOMMITTED, P, attestations=(g.failing("clean"),), candidate=g.absent()),
    row("all_committed", WAIT, Code.NO_COMMITS, P, attestations=(), candidate=candidate(commits=())),
    row("all_committed", WAIT, Code.CANDIDATE_ELSEWHERE, P, candidate=candidate(tree=OTHER_TREE)),
    row("all_committed", PASS, Code.COMMITTED, L, candidate=candidate(tree=OTHER_TREE)),
    row("all_committed", FAIL, Code.UNCOMMITTED, P, attestations=(g.failing("clean"),)),
    row("not_frozen", PASS, Code.NOT_FROZEN, P),
    row("not_frozen", PASS, Code.NOT_FROZEN, P, freezes=frozen(services=("blog",))),
    row("not_frozen", PASS, Code.NOT_FROZEN, P, freezes=frozen(until=g.NOW)),
    row("not_frozen", PASS, Code.NOT_FROZEN, P,
        freezes=frozen(status=FreezeStatus.SCHEDULED, starts_at=g.NOW + timedelta(seconds=1))),
    row("not_frozen", FAIL, Code.FROZEN, P, freezes=frozen()),
    row("not_frozen", FAIL, Code.FROZEN, P, freezes=frozen(starts_at=g.NOW + timedelta(seconds=1))),
    row("not_frozen", FAIL, Code.FROZEN, P, freezes=frozen(services=("blog",)),
        policy=g.policy(services=(g.service(), g.service(name="blog")))),
    row("not_frozen", PASS, Code.NOT_FROZEN, P, freezes=frozen(services=("blog",)),
        policy=g.policy(services=(g.service(), g.service(name="blog", branch="blog")))),
    row("not_frozen", FAIL, Code.FROZEN, P, freezes=frozen(services=("shop",)),
        policy=g.policy(services=(g.service(name="blog", branch="blog"), g.service()))),
    row("not_frozen", FAIL, Code.FROZEN, U, freezes=frozen(services=("shop",))),
    row("not_frozen", FAIL, Code.FROZEN, P, freezes=frozen(status=FreezeStatus.SCHEDULED, starts_at=g.NOW)),
    row("lock_free", PASS, Code.LOCK_OURS, P),
    row("lock_free", FAIL, Code.LOCK_LOST, P, lock=None),
    row("lock_free", FAIL, Code.LOCK_BUSY, P, {"id": 8}),
    row("clean_tree", PASS, Code.CLEAN, L),
    row("clean_tree", WAIT, Code.PREFLIGHT_WAITS, L, attestations=()),
    row("clean_tree", FAIL, Code.NOT_CLEAN, L, attestations=(g.failing("clean"),)),
    row("correct_branch", PASS, Code.BRANCH_OK, L),
    row("correct_branch", WAIT, Code.NOT_LOOKED, L, candidate=Seen()),
    row("correct_branch", FAIL, Code.BRANCH_BEHIND, L, candidate=candidate(contains_tip=False)),
    row("correct_branch", FAIL, Code.NOT_A_BRANCH, L, candidate=candidate(branch=None)),
    row("correct_branch", FAIL, Code.BRANCH_CHECK_FAILED, L, attestations=(g.failing("branch"),)),
    row("tree_attested", PASS, Code.TREE_ATTESTED, L),
    row("tree_attested", PASS, Code.TREE_ATTESTED, L, candidate=candidate(sha="3" * 40)),
    row("tree_attested", PASS, Code.TREE_ATTESTED, L, attestations=(g.attestation(proof=g.service().proof),)),
    row("tree_attested", FAIL, Code.OTHER_PROOF, L, attestations=(g.attestation(proof="e" * 64),)),
    row("tree_attested", WAIT, Code.LOOK_FAILED, L, candidate=g.broken()),
    row("tree_attested", WAIT, Code.PREFLIGHT_WAITS, L, attestations=()),
    row("tree_attested", FAIL, Code.TREE_DIFFERS, L, candidate=candidate(tree=OTHER_TREE)),
    row("fix_is_new", PASS, Code.FIX_NEW, L),
    row("fix_is_new", PASS, Code.FIX_NEW, L, REJECTED, candidate=FIXED, attestations=(PROVED_ANEW,)),
    row("fix_is_new", WAIT, Code.FIX_WAITS, L, {"earlier": (g.PUSHED,)}),
    row("fix_is_new", WAIT, Code.FIX_WAITS, L, {"earlier": (g.PUSHED,)},
        candidate=candidate(sha="4" * 40), attestations=(g.attestation(made_at=g.NOW),)),
    row("fix_is_new", WAIT, Code.FIX_WAITS, L, REJECTED, attestations=(g.attestation(made_at=g.NOW),)),
    row("fix_is_new", WAIT, Code.FIX_WAITS, L, REJECTED, candidate=FIXED,
        attestations=(PROVED_ANEW.model_copy(update={"made_at": g.PUSHED.at}),)),
    row("fix_is_new", WAIT, Code.FIX_WAITS, L, REJECTED, candidate=FIXED, attestations=()),
    row("fix_is_new", WAIT, Code.LOOK_FAILED, L, REJECTED, candidate=g.broken()),
    row("app_runs", PASS, Code.APP_OK, L),
    row("app_runs", WAIT, Code.PREFLIGHT_WAITS, L, attestations=()),
    row("app_runs", FAIL, Code.APP_FAILED, L, attestations=(g.failing("run"),)),
    row("app_runs", FAIL, Code.APP_FAILED, L, attestations=(g.failing("probes"),)),
    row("app_runs", FAIL, Code.APP_FAILED, L, attestations=(g.attestation(probes=()),)),
    row("app_runs", FAIL, Code.APP_FAILED, L,
        attestations=(g.attestation(probes=(ProbeAnswer(name="cart", error="refused"),)),)),
    row("app_runs", WAIT, Code.PREFLIGHT_STOPPED, L, attestations=(g.attestation(checks=()),)),
    row("references_change", PASS, Code.REFERENCED, C),
    row("references_change", PASS, Code.REFERENCED, C, candidate=commits({}, MERGE)),
    row("references_change", PASS, Code.REFERENCED_TAKEN, C, TAKEN, candidate=commits(*TWO)),
    row("references_change", WAIT, Code.NOT_LOOKED, C, candidate=Seen()),
    row("references_change", FAIL, Code.STRAY_COMMITS, C, candidate=AROUND, tip=MOVED),
    row("references_change", PASS, Code.REFERENCED_TAKEN, C, TAKEN_UP, candidate=AROUND, tip=MOVED),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=AROUND),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, TAKEN_UP, candidate=AROUND),
    row("no_unrelated_change", PASS, Code.PATHS_ACCEPTED, C, {**TAKEN_UP, **accepted(g.CAROL)}, candidate=AROUND),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, {**TAKEN_UP, **accepted(g.CAROL)},
        candidate=candidate(commits=(STRAY.model_copy(update={"author": "carol"}), g.commit()), paths=("bin/run",))),
    row("no_unrelated_change", WAIT, Code.NOT_LOOKED, C, TAKEN, candidate=BEFORE_ITS_PATHS),
    row("no_unrelated_change", PASS, Code.PATHS_OK, C, candidate=candidate(by_commit=False)),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=commits({}, {"message": "tidy up"})),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=commits({"message": "see CR12"})),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=commits({"message": ""})),
    row("references_change", FAIL, Code.REFERENCES_OTHER, C, candidate=commits({"message": "CR-12 and CR-13"})),
    row("references_change", FAIL, Code.REFERENCES_OTHER, C, candidate=commits({"message": "CR-123: other"})),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=commits({}, STRANGE_MERGE)),
    row("references_change", FAIL, Code.UNREFERENCED, C, candidate=commits(STRANGE_MERGE)),
    row("references_change", FAIL, Code.REFERENCES_OTHER, C, candidate=commits({}, {**MERGE, "message": "Merge CR-9"})),
    row("references_change", FAIL, Code.NO_COMMITS, C, candidate=candidate(commits=())),
    row("references_change", FAIL, Code.NO_OWN_COMMITS, C, TAKEN, candidate=commits(TWO[0])),
    row("references_change", FAIL, Code.TOO_MANY_COMMITS, C, candidate=candidate(truncated=True)),
    row("no_unrelated_change", PASS, Code.PATHS_OK, C),
    row("no_unrelated_change", PASS, Code.PATHS_OK, C, TAKEN, candidate=commits(*TWO)),
    row("no_unrelated_change", WAIT, Code.LOOK_FAILED, C, candidate=g.broken()),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, candidate=OUTSIDE),
    row("no_unrelated_change", PASS, Code.PATHS_ACCEPTED, C, accepted(g.CAROL), candidate=OUTSIDE),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, accepted(g.BOB), candidate=OUTSIDE),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, accepted(g.CAROL, OTHER_TREE), candidate=OUTSIDE),
    row("no_unrelated_change", FAIL, Code.PATHS_OUTSIDE, C, accepted(g.CAROL),
        candidate=candidate(paths=("bin/run",), commits=(g.commit(author="carol"),))),
    row("independent_approval", PASS, Code.INDEPENDENT, C),
    row("independent_approval", PASS, Code.INDEPENDENT, C, candidate=commits({"committer": "web-flow"})),
    row("independent_approval", PASS, Code.INDEPENDENT, C, candidate=commits({"author": "alice@example.com"})),
    row("independent_approval", PASS, Code.INDEPENDENT, C, candidate=commits({"committer": "renovate[bot]"})),
    row("independent_approval", PASS, Code.INDEPENDENT, C,
        candidate=commits({"author": "7+alice@users.noreply.github.com"})),
    row("independent_approval", FAIL, Code.AUTHOR_UNKNOWN, C,
        candidate=commits({"author": "web-flow", "committer": "web-flow"})),
    row("independent_approval", FAIL, Code.AUTHOR_UNKNOWN, C, candidate=commits({"author": "renovate[bot]"})),
    row("independent_approval", FAIL, Code.AUTHOR_UNKNOWN, C, candidate=commits({"author": "carol@home.example"})),
    row("independent_approval", FAIL, Code.AUTHOR_UNKNOWN, C, candidate=commits({"committer": "stranger"})),
    row("independent_approval", FAIL, Code.NOT_INDEPENDENT, C, candidate=commits(co_authored("carol@example.com"))),
    row("independent_approval", FAIL, Code.NOT_INDEPENDENT, C,
        candidate=commits(co_authored("12+Carol@users.noreply.github.com"))),
    row("independent_approval", PASS, Code.INDEPENDENT, C, candidate=commits(co_authored("bob@example.com"))),
    row("independent_approval", PASS, Code.INDEPENDENT, C, candidate=commits({}, {"author": "carol"}),
        change=g.change(approvals=(Approval(by=g.CAROL, at=g.NOW, digest=g.CONTENT.digest),
                                   Approval(by=g.DAVE, at=g.NOW, digest=g.CONTENT.digest)))),
    row("independent_approval", WAIT, Code.NOT_LOOKED, C, candidate=Seen()),
    row("independent_approval", FAIL, Code.NOT_INDEPENDENT, C, candidate=commits({"author": "carol"})),
    row("independent_approval", FAIL, Code.NOT_INDEPENDENT, C, candidate=commits({"committer": "carol@example.com"})),
    row("independent_approval", FAIL, Code.AUTHOR_UNKNOWN, C, candidate=commits({"author": "stranger"})),
    row("no_skip_ci", PASS, Code.NO_SKIP_CI, C),
    row("no_skip_ci", PASS, Code.NO_SKIP_CI, C, TAKEN, candidate=commits({**TWO[0], "message": "[skip ci]"}, {})),
    row("no_skip_ci", WAIT, Code.NOT_LOOKED, C, candidate=Seen()),
    row("no_skip_ci", FAIL, Code.SKIP_CI, C, candidate=commits({"message": "CR-12 [skip ci]"})),
    row("no_skip_ci", FAIL, Code.SKIP_CI, C, candidate=commits({"message": "CR-12\n\nskip-checks: true"})),
    row("pushed", WAIT, Code.PUSH_WAITS, U),
    row("pushed", WAIT, Code.PUSH_WATCHED, U, policy=g.watching()),
    row("pushed", WAIT, Code.PUSHING, U, ASKED),
    row("pushed", WAIT, Code.PUSHING, U, LONG_AGO),
    row("pushed", WAIT, Code.PUSH_WAITS, U, ASKED, candidate=candidate(sha="3" * 40)),
    row("pushed", WAIT, Code.LOOK_FAILED, U, tip=g.broken()),
    row("pushed", WAIT, Code.LIMITED, U, tip=g.broken().model_copy(update={"until": g.NOW + timedelta(minutes=9)})),
    row("pushed", FAIL, Code.PUSH_REFUSED, U, ASKED, push_refusal=g.seen(PushRefusal(sha=g.SHA, error="protected"))),
    row("pushed", WAIT, Code.PUSHING, U, ASKED,
        push_refusal=Seen[Any](value=PushRefusal(sha=g.SHA, error="protected"), at=g.ago(minutes=5))),
    row("pushed", PASS, Code.PUSHED, CI),
    row("branch_still", PASS, Code.BRANCH_STILL, CI, tip=g.at_tip()),
    row("branch_still", WAIT, Code.LOOK_FAILED, CI, tip=g.broken()),
    row("branch_still", FAIL, Code.BRANCH_MOVED, CI, tip=g.seen(Tip(sha="4" * 40, tree=g.TREE))),
    row("ci_started", PASS, Code.CI_STARTED, CI),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, policy=TWO_WORKFLOWS),
    row("ci_started", WAIT, Code.NOT_LOOKED, CI, runs=Seen()),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=g.seen(Runs())),
    row("ci_started", WAIT, Code.CI_DID_NOT_START, CI, LATE, runs=g.seen(Runs())),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(event="workflow_dispatch")),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(event="merge_group")),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(head_branch="faster")),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(head_sha="5" * 40)),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(repository="acme/other")),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(created_at=g.ago(minutes=7))),
    row("ci_started", WAIT, Code.CI_NOT_YET, CI, runs=runs(workflow="lint.yml")),
    row("ci_success", PASS, Code.CI_OK, CI),
    row("ci_success", PASS, Code.CI_OK, CI,
        runs=g.seen(Runs(of_push=(g.run(), g.run(workflow="lint.yml", conclusion="failure"))))),
    row("ci_success", WAIT, Code.CI_RUNNING, CI, policy=TWO_WORKFLOWS),
    row("ci_success", WAIT, Code.LOOK_FAILED, CI, runs=g.broken()),
    row("ci_success", WAIT, Code.CI_RUNNING, CI, runs=runs(**BUSY)),
    row("ci_success", WAIT, Code.CI_WAITING, CI, runs=runs(status="waiting", conclusion=None)),
    row("ci_success", WAIT, Code.CI_LATE, CI, VERY_LATE, runs=runs(**BUSY)),
    *(
        row("ci_success", FAIL, Code.CI_FAILED, CI, runs=runs(conclusion=c))
        for c in ("failure", "skipped", "cancelled", "timed_out", "action_required", "stale", "neutral")
    ),
    row("ci_success", FAIL, Code.CI_RERUN, CI, runs=runs(attempt=2)),
    row("version_reflected", PASS, Code.VERSION_OK, PROD),
    row("version_reflected", PASS, Code.VERSION_OK, PROD,
        fleet=fleet(rounds=g.rounds((g.SHA[:7],) * 3, (g.SHA[:7],) * 3))),
    row("version_reflected", WAIT, Code.NOT_LOOKED, PROD, fleet=Seen()),
    row("version_reflected", WAIT, Code.NOT_LOOKED, PROD, fleet=fleet(expected="6" * 40)),
    row("version_reflected", WAIT, Code.VERSION_SOON, PROD, fleet=fleet(rounds=g.rounds((g.SHA,) * 3))),
    row("version_reflected", WAIT, Code.NOT_LOOKED, PROD, fleet=fleet(rounds=())),
    row("version_reflected", WAIT, Code.VERSION_SOON, PROD, fleet=fleet(rounds=g.rounds((), ()))),
    row("version_reflected", WAIT, Code.VERSION_SOON, PROD, {"passed": LONG_BEFORE_CI},
        fleet=fleet(rounds=g.rounds((g.BASE,) * 3, (g.BASE,) * 3))),
    row("version_reflected", WAIT, Code.VERSION_SOON, PROD,
        fleet=fleet(rounds=g.rounds((g.SHA, g.SHA, g.BASE), (g.SHA,) * 3))),
    row("version_reflected", WAIT, Code.VERSION_SOON, PROD, fleet=fleet(rounds=g.rounds((g.SHA[:6],) * 3,
        (g.SHA[:6],) * 3))),
    row("version_reflected", WAIT, Code.VERSION_MIXED, PROD, {"passed": LONG_SINCE_CI},
        fleet=fleet(rounds=g.rounds((g.SHA,) * 3, (g.SHA, g.BASE, g.SHA)))),
    row("version_reflected", WAIT, Code.VERSION_ONCE, PROD, {"passed": LONG_SINCE_CI},
        fleet=fleet(rounds=g.rounds((g.SHA, g.BASE, g.SHA), (g.SHA,) * 3))),
    row("version_reflected", WAIT, Code.VERSION_OLD, PROD, {"passed": LONG_SINCE_CI},
        fleet=fleet(rounds=g.rounds((g.BASE,) * 3, (g.BASE,) * 3))),
    row("version_reflected", WAIT, Code.VERSION_UNKNOWN, PROD, fleet=fleet(rounds=(g.rounds((g.SHA,) * 3)[0],
        g.rounds((None,))[0].model_copy(update={"samples": (Sample(error="refused"),)})))),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, runs=beside_ours(head_branch="faster")),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, runs=beside_ours(event="pull_request")),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, runs=beside_ours(**HAND, created_at=g.ago(hours=2))),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, runs=beside_ours(**HAND, conclusion="cancelled")),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, {"reruns": (AGAIN,)},
        runs=beside_ours(ours={"attempt": 2, "started_at": g.ago(seconds=30)}, **HAND)),
    row("deployed_by_push", WAIT, Code.LOOK_FAILED, PROD, runs=g.broken()),
    row("deployed_by_push", WAIT, Code.NOT_LOOKED, PROD, runs=Seen()),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, runs=beside_ours(**HAND)),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, runs=beside_ours(**HAND, **BUSY)),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, runs=runs(attempt=2)),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, policy=DEPLOYING, runs=beside_ours(**HAND)),
    row("deployed_by_push", PASS, Code.DEPLOYED_BY_PUSH, PROD, policy=DEPLOYING,
        runs=beside_ours(**HAND, jobs=(g.job(name="test"),))),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, policy=DEPLOYING, runs=runs(attempt=2)),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, runs=runs(attempt=2, **BUSY)),
    row("deployed_by_push", FAIL, Code.DEPLOYED_AROUND, PROD, {"reruns": (AGAIN,)}, policy=DEPLOYING,
        runs=runs(attempt=2, started_at=g.ago(minutes=4))),
    row("no_older_run", PASS, Code.NO_OLDER_RUN, PROD),
    row("no_older_run", WAIT, Code.OLDER_RUN, PROD, runs=g.seen(Runs(older_unfinished=(g.run(head_sha=g.BASE),)))),
    row("no_older_run", WAIT, Code.LOOK_FAILED, PROD, runs=g.broken()),
    row("no_older_run", WAIT, Code.OLDER_RUN, PROD, {"passed": LONG_SINCE_CI},
        runs=g.seen(Runs(older_unfinished=(g.run(head_sha=g.BASE),)))),
    row("behaves_identically", PASS, Code.IDENTICAL, PROD),
    row("behaves_identically", PASS, Code.IDENTICAL, PROD,
        attestations=(g.attestation(id=2, probes=()), g.attestation())),
    row("behaves_identically", WAIT, Code.NOT_LOOKED, PROD, fleet=Seen()),
    row("behaves_identically", WAIT, Code.NOT_LOOKED, PROD, attestations=()),
    row("behaves_identically", WAIT, Code.NOT_LOOKED, PROD, fleet=fleet(rounds=())),
    row("behaves_identically", WAIT, Code.PROBES_WAIT, PROD, fleet=fleet(probed_at=g.ago(seconds=11))),
    row("behaves_identically", PASS, Code.IDENTICAL, PROD, fleet=fleet(probed_at=g.ago(seconds=6))),
    row("behaves_identically", WAIT, Code.PROBES_WAIT, PROD, fleet=fleet(probes=(), probed_at=None)),
    row("behaves_identically", WAIT, Code.PROBES_UNREACHED, PROD, fleet=fleet(probes=())),
    row("behaves_identically", FAIL, Code.DIFFERENT, PROD,
        fleet=fleet(probes=(ProbeAnswer(name="cart", status=200, body={"total": 8}),))),
    row("behaves_identically", FAIL, Code.DIFFERENT, PROD,
        fleet=fleet(probes=(ProbeAnswer(name="cart", status=500, body={"total": 7}),))),
)  # fmt: skip

LATE_CODES = {Code.CI_DID_NOT_START, Code.CI_LATE, Code.VERSION_MIXED, Code.VERSION_OLD}
HAS_NO = {
    ("fix_is_new", FAIL): "a fix by commit is awaited, however long it takes",
    ("sop_active", WAIT): "the policy is always known",
    ("lock_free", WAIT): "the lock is the bot's own row",
    ("not_frozen", WAIT): "freezes are the bot's own rows",
    ("governance", FAIL): "a word is given or not; a wrong one is refused when it is said",
    ("no_older_run", FAIL): "an unfinished run ends; until then it is waited for",
    ("ci_started", FAIL): "what has not started may still start: it is late, and held",
    ("version_reflected", FAIL): "what is old may still be updated: it is late, and held",
}


@pytest.mark.parametrize("gate, answer, code, stage, r, facts, policy", ROWS, ids=lambda v: str(v)[:40])
def test_gate(
    gate: str, answer: Answer, code: Code, stage: Stage, r: dict[str, Any], facts: dict[str, Any], policy: Policy
) -> None:
    release: Release = g.release(stage, **r)
    world: Facts = g.facts(**facts)
    stages = [s for s, rows in GATES[Procedure.STANDARD].items() if gate in {f.__name__ for _, f in rows}]
    found = next(f for s in stages for f in look(s, release, world, policy) if f.gate == gate)
    assert (found.answer, found.code) == (answer, code)
    nothing = answer is WAIT and code in (Code.NO_CANDIDATE, Code.NO_COMMITS)
    assert found.late == (nothing or code in LATE_CODES or r == LONG_AGO or (gate == "no_older_run" and "passed" in r))


def test_a_merge_of_the_designated_branch_needs_no_reference_but_its_commits_do() -> None:
    other: dict[str, Any] = {"sha": "8" * 40, "message": "somebody's commit"}
    merged: tuple[Commit, ...] = (g.commit(), g.commit(**other), g.commit(**MERGE))
    found = look(C, g.release(C), g.facts(candidate=candidate(commits=merged)), g.policy())
    silent = next(f for f in found if f.gate == "references_change")
    assert (silent.code, [c["sha"] for c in silent.values["commits"]]) == (Code.UNREFERENCED, ["8" * 40])


def test_the_job_that_failed_is_named_and_not_one_that_was_cancelled_for_it() -> None:
    jobs = (
        g.job(name="lint", conclusion="cancelled"),
        g.job(name="test", conclusion="failure", failed_step="pytest"),
        g.job(name="types", conclusion="failure"),
    )
    found = look(CI, g.release(CI), g.facts(runs=runs(conclusion="failure", jobs=jobs)), g.policy())
    assert next(f for f in found if f.code == Code.CI_FAILED).values["job"] == "test"
    alone = look(CI, g.release(CI), g.facts(runs=runs(conclusion="failure", jobs=jobs[:1])), g.policy())
    assert next(f for f in alone if f.code == Code.CI_FAILED).values["job"] == "lint"
