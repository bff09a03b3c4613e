"""Views as the outlook makes them, by hand: one release at each point of its way."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Answer, Evidence, Finding
from bot.sop.facts import Candidate, Commit
from bot.sop.outlook import BaselineWanted, Button, ChangeView, FreezeView, HomeView, Mark, ReleaseView, StageView
from bot.sop.policy import Policy
from bot.sop.records import (
    Approval,
    Change,
    ChangeKind,
    ChangeStatus,
    Content,
    Freeze,
    FreezeStatus,
    Pushed,
    Release,
    Risk,
    Word,
)
from bot.sop.stages import STAGES, Procedure, Stage, Status
from bot.words import Pen

NOW = datetime(2026, 11, 23, 14, 12, tzinfo=UTC)
ALICE, BOB, CAROL, DAVE = "U0ALICE", "U0BOB", "U0CAROL", "U0DAVE"
PEN = Pen(names={ALICE: "Alice", BOB: "Bob", CAROL: "Carol", DAVE: "Dave"})
BASE, SHA, TREE = "1a2b3c4" + "0" * 33, "4f2c9ab" + "0" * 33, "7777777" + "0" * 33
REPOSITORY = "https://github.com/acme/shop"
RUN = f"{REPOSITORY}/actions/runs/42"

POLICY = Policy.model_validate(
    {
        "roles": {"releaser": [ALICE, BOB], "approver": ["S0APPROVERS", CAROL]},
        "people": [
            {"slack": ALICE, "github": "alice", "name": "Alice"},
            {"slack": BOB, "github": "bob", "name": "Bob"},
            {"slack": CAROL, "github": "carol", "name": "Carol"},
            {"slack": DAVE, "github": "dave", "name": "Dave"},
        ],
        "features": {"checkout": ["shop/checkout.py"], "search": ["shop/search.py"]},
        "services": [
            {
                "name": "shop",
                "repository": "acme/shop",
                "channel": "C0RELEASES",
                "ci": {"workflows": ["deploy.yml"]},
                "production": {"url": "https://shop.example.com"},
                "local": {"build": "bin/build", "run": "bin/run --port {port}"},
                "probes": [{"name": "catalogue", "path": "/products"}],
            }
        ],
    }
)


def content(**changes: Any) -> Content:
    made: dict[str, Any] = {
        "service": "shop",
        "title": "Faster checkout",
        "why": "The checkout asks the price service once a line.\nIt can ask once a basket: 400 ms less.",
        "kind": ChangeKind.NON_BREAKING,
        "risk": Risk.LOW,
        "areas": ("checkout", "docs/*"),
        "undo": "Revert the commits; no data changes.",
    }
    return Content.model_validate(made | changes)


def change(status: ChangeStatus = ChangeStatus.APPROVED, **changes: Any) -> Change:
    said = content()
    given = (Approval(by=CAROL, at=NOW - timedelta(minutes=14), digest=said.digest),)
    made: dict[str, Any] = {
        "id": 12,
        "requester": ALICE,
        "status": status,
        "content": said,
        "approvals": given if status is ChangeStatus.APPROVED else (),
        "created_at": NOW - timedelta(minutes=20),
    }
    return Change.model_validate(made | changes)


def change_view(status: ChangeStatus = ChangeStatus.OPEN, **changes: Any) -> ChangeView:
    made = change(status, **changes)
    counted = tuple(a.by for a in made.approvals)
    return ChangeView(change=made, counted=counted, need=1, approvers=(CAROL, DAVE), release=None, now=NOW)


def commit(n: int, message: str = "", author: str = "Alice") -> Commit:
    sha = f"{n:07x}" + "a" * 33
    return Commit(
        sha=sha,
        tree=TREE,
        parents=(BASE,),
        message=message or f"CR-12 Ask for prices once, step {n}",
        author=author.lower(),
        committer=author.lower(),
        author_name=author,
        url=f"{REPOSITORY}/commit/{sha}",
        paths=("shop/checkout.py",),
    )


def candidate(commits: tuple[Commit, ...] | None = None, **changes: Any) -> Candidate:
    made: dict[str, Any] = {
        "ref": "faster-checkout",
        "sha": SHA,
        "tree": TREE,
        "branch": "faster-checkout",
        "tip": BASE,
        "contains_tip": True,
        "base": BASE,
        "commits": commits if commits is not None else tuple(commit(n) for n in range(1, 4)),
        "paths": ("shop/checkout.py",),
        "compare_url": f"{REPOSITORY}/compare/{BASE}...{SHA}",
    }
    return Candidate.model_validate(made | changes)


def found(rule: str, code: Code, answer: Answer = Answer.PASS, **values: Any) -> Finding:
    evidence = values.pop("evidence", Evidence.MACHINE)
    late, whom = values.pop("late", False), values.pop("whom", ())
    return Finding(
        gate=code.value, rule=rule, answer=answer, code=code, values=values, evidence=evidence, late=late, whom=whom
    )


def attested(rule: str, code: Code, answer: Answer = Answer.PASS, **values: Any) -> Finding:
    return found(rule, code, answer, by=ALICE, evidence=Evidence.SIGNED, **values)


GOOD: dict[Stage, tuple[Finding, ...]] = {
    Stage.PRECONDITIONS: (
        found("S1", Code.SOP_ACTIVE, stage="MVP", status="ACTIVE"),
        found("P1", Code.CHANGE_APPROVED, change="CR-12", by=[CAROL], evidence=Evidence.WORD),
        found("P2", Code.GOVERNANCE_OK, by=ALICE, at=NOW.isoformat(), evidence=Evidence.WORD),
        attested("P3", Code.BUILD_OK, seen="built in 12 s"),
        found("P4", Code.NO_CRITICAL, label="critical"),
        attested("P5", Code.COMMITTED, sha=SHA, tree=TREE),
        found("X4", Code.NOT_FROZEN),
        found("X3", Code.LOCK_OURS, lock="acme/shop@main"),
    ),
    Stage.LOCAL_STATE: (
        attested("1", Code.CLEAN, seen="no changes"),
        found("1", Code.BRANCH_OK, branch="faster-checkout", sha=SHA),
        found("1", Code.TREE_ATTESTED, tree=TREE, by=ALICE),
        attested("1", Code.APP_OK, answered=6, of=6),
    ),
    Stage.COMMITS: (
        found("2", Code.REFERENCED, count=3, change="CR-12"),
        found("2", Code.PATHS_OK, count=1),
        found("P1", Code.INDEPENDENT, by=[CAROL]),
        found("X2", Code.NO_SKIP_CI),
    ),
    Stage.PUSH: (found("3", Code.PUSHED, branch="main", sha=SHA, by=ALICE, login="alice"),),
    Stage.CI: (
        found("3", Code.BRANCH_STILL, branch="main", sha=SHA),
        found("4", Code.CI_STARTED, runs=[{"workflow": "deploy.yml", "url": RUN}]),
        found("4", Code.CI_OK, runs=[{"workflow": "deploy.yml", "url": RUN}], seconds=290),
    ),
    Stage.PRODUCTION: (
        found("3", Code.BRANCH_STILL, branch="main", sha=SHA),
        found("5", Code.VERSION_OK, sha=SHA, samples=10),
        found("5", Code.NO_OLDER_RUN),
        found("5", Code.IDENTICAL, probes=6, by=ALICE),
    ),
}
RUNNING_CI = found(
    "4", Code.CI_RUNNING, Answer.WAIT, done=6, of=10, seconds=180, usual=300, jobs=["build", "test"], url=RUN
)
UNREFERENCED = found(
    "2",
    Code.UNREFERENCED,
    Answer.FAIL,
    commits=[{"sha": "9f8e7d6" + "0" * 33, "title": "tidy up", "author": "bob", "url": f"{REPOSITORY}/commit/9f8e7d6"}],
    count=3,
    change="CR-12",
    whom=(ALICE,),
)
CI_FAILED = found(
    "4",
    Code.CI_FAILED,
    Answer.FAIL,
    workflow="deploy.yml",
    conclusion="failure",
    job="test",
    step="Run bin/test",
    url=RUN,
    log=["test_checkout.py::test_total FAILED", "AssertionError: 41 != 42", "1 failed, 23 passed in 2.1s"],
    whom=(ALICE,),
)
WAITING = (
    Finding(
        gate="change_approved",
        rule="P1",
        answer=Answer.WAIT,
        code=Code.CHANGE_WAITS,
        values={"change": "CR-12", "have": 0, "need": 1, "whom": ["S0APPROVERS", CAROL]},
        whom=("approver",),
    ),
    found("P2", Code.GOVERNANCE_WAITS, Answer.WAIT, owner=ALICE, whom=(ALICE,)),
    found("P3", Code.PREFLIGHT_WAITS, Answer.WAIT, service="shop", change="CR-12", owner=ALICE, whom=(ALICE,)),
)
FROZEN = found(
    "X4",
    Code.FROZEN,
    Answer.FAIL,
    freeze="FRZ-2",
    reason="Black Friday",
    until=(NOW + timedelta(days=3)).isoformat(),
    owner=CAROL,
)


def release(stage: Stage, status: Status = Status.RUNNING, **changes: Any) -> Release:
    made: dict[str, Any] = {
        "id": 7,
        "service": "shop",
        "stage": stage,
        "status": status,
        "owner": ALICE,
        "started_by": ALICE,
        "change": 12,
        "change_digest": content().digest,
        "candidate": "faster-checkout",
        "base": BASE,
        "policy": POLICY.digest,
        "sop_stage": "MVP",
        "sop_status": "ACTIVE",
        "created_at": NOW - timedelta(minutes=12),
    }
    if stage not in (Stage.PRECONDITIONS,):
        made["governance"] = Word(by=ALICE, at=NOW - timedelta(minutes=11), says="Pre-Action Governance Check: OK")
    if stage in (Stage.CI, Stage.PRODUCTION, Stage.COMPLETE):
        made["push_asked"] = Word(by=ALICE, at=NOW - timedelta(minutes=7), says=SHA)
        made["pushed"] = Pushed(sha=SHA, tree=TREE, at=NOW - timedelta(minutes=7), by=ALICE, login="alice")
    return Release.model_validate(made | changes)


def release_view(
    stage: Stage,
    status: Status = Status.RUNNING,
    mark: Mark = Mark.CURRENT,
    findings: tuple[Finding, ...] = (),
    buttons: tuple[Button, ...] = (Button.ABORT,),
    **changes: Any,
) -> ReleaseView:
    """The stages before `stage` passed; `findings` stand in it."""
    order = [s for s in STAGES[Procedure.STANDARD] if s is not Stage.COMPLETE]
    here = order.index(stage) if stage in order else len(order)
    stages = tuple(
        StageView(stage=s, mark=Mark.PASSED, findings=GOOD[s], at=NOW - timedelta(minutes=10 - n))
        if n < here
        else StageView(stage=s, mark=mark, findings=findings)
        if n == here
        else StageView(stage=s, mark=Mark.AHEAD)
        for n, s in enumerate(order)
    )
    made: dict[str, Any] = {
        "release": release(stage, status),
        "change": change(),
        "repository": "acme/shop",
        "branch": "main",
        "stages": stages,
        "candidate": candidate() if stage is not Stage.PRECONDITIONS else None,
        "attestation": None,
        "buttons": buttons,
        "run_url": RUN if stage in (Stage.CI, Stage.PRODUCTION, Stage.COMPLETE) else None,
        "production_url": "https://shop.example.com",
        "now": NOW,
    }
    return ReleaseView.model_validate(made | changes)


def path() -> dict[str, ReleaseView]:
    """One release at each point of its way."""
    ended = {"ended_by": CAROL, "ended_at": NOW, "ended_why": "wrong branch"}
    waits_push = found("3", Code.PUSH_WAITS, Answer.WAIT, owner=ALICE, branch="main", sha=SHA, whom=(ALICE,))
    early = tuple(f for f in GOOD[Stage.PRECONDITIONS] if f.rule not in ("P1", "P2", "P3"))
    stopped = (*GOOD[Stage.PRECONDITIONS][:6], FROZEN, GOOD[Stage.PRECONDITIONS][7])
    return {
        "waiting": release_view(
            Stage.PRECONDITIONS, findings=(*early, *WAITING), buttons=(Button.ACKNOWLEDGE, Button.ABORT)
        ),
        "stopped": release_view(
            Stage.PRECONDITIONS, Status.STOPPED, Mark.FAILED, stopped, (Button.START_AGAIN,), candidate=candidate()
        ),
        "held commits": release_view(Stage.COMMITS, Status.HELD, Mark.FAILED, (UNREFERENCED, *GOOD[Stage.COMMITS][1:])),
        "push": release_view(Stage.PUSH, findings=(waits_push,), buttons=(Button.PUSH, Button.ABORT)),
        "ci": release_view(Stage.CI, findings=(*GOOD[Stage.CI][:2], RUNNING_CI)),
        "ci failed": release_view(Stage.CI, Status.HELD, Mark.FAILED, (*GOOD[Stage.CI][:2], CI_FAILED)),
        "production": release_view(
            Stage.PRODUCTION,
            findings=(
                found("5", Code.VERSION_SOON, Answer.WAIT, new=7, of=10, seconds=65, within=600),
                found("5", Code.PROBES_WAIT, Answer.WAIT),
            ),
        ),
        "complete": release_view(
            Stage.COMPLETE, Status.COMPLETE, buttons=(), release=release(Stage.COMPLETE, Status.COMPLETE, ended_at=NOW)
        ),
        "aborted": release_view(
            Stage.COMMITS,
            Status.ABORTED,
            Mark.FAILED,
            (UNREFERENCED,),
            (Button.START_AGAIN,),
            release=release(Stage.COMMITS, Status.ABORTED, **ended),
        ),
    }


def freeze(status: FreezeStatus = FreezeStatus.ACTIVE, **changes: Any) -> Freeze:
    made: dict[str, Any] = {
        "id": 2,
        "status": status,
        "services": ("shop",),
        "reason": "Black Friday",
        "owner": CAROL,
        "starts_at": NOW,
        "until": NOW + timedelta(days=3),
        "created_at": NOW,
    }
    return Freeze.model_validate(made | changes)


def home(**changes: Any) -> HomeView:
    made: dict[str, Any] = {
        "user": ALICE,
        "roles": ("releaser",),
        "sop_stage": "MVP",
        "sop_status": "ACTIVE",
        "to_approve": (),
        "to_do": (),
        "running": (),
        "freezes": (),
        "mine": (),
        "my_changes": (),
        "baselines": (),
        "parked": 0,
        "now": NOW,
    }
    return HomeView.model_validate(made | changes)


def full_home() -> HomeView:
    views = path()
    return home(
        roles=("releaser", "approver"),
        to_approve=(change_view(),),
        to_do=(views["push"],),
        running=(views["push"], views["ci"]),
        freezes=(FreezeView(freeze=freeze(), now=NOW),),
        mine=(release(Stage.COMPLETE, Status.COMPLETE),),
        my_changes=(change_view(),),
        baselines=(BaselineWanted(service="blog", served=SHA, error=None),),
        parked=2,
    )
