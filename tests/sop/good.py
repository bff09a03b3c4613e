"""A good day as plain data; a test changes one thing and looks at the decision."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sop.facts import (
    Attestation,
    Candidate,
    Check,
    Commit,
    Directory,
    Facts,
    Fleet,
    Job,
    ProbeAnswer,
    Round,
    Run,
    Runs,
    Sample,
    Seen,
    Tip,
)
from bot.sop.policy import Ci, Local, Person, Policy, Probe, Production, PushMode, Roles, Service
from bot.sop.records import (
    Approval,
    Baseline,
    Change,
    ChangeKind,
    ChangeStatus,
    Content,
    Lock,
    Passage,
    Pushed,
    Release,
    Risk,
    Word,
)
from bot.sop.release import SENTENCE
from bot.sop.stages import STAGES, Procedure, Stage, Status

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ALICE, BOB, CAROL, DAVE, FRANK = "U0ALICE", "U0BOB", "U0CAROL", "U0DAVE", "U0FRANK"
BASE, SHA, TREE, BASE_TREE = "b" * 40, "c" * 40, "d" * 40, "e" * 40
URL = "https://github.example/acme/shop/commit/"


def ago(**units: float) -> datetime:
    return NOW - timedelta(**units)


def policy(**changes: Any) -> Policy:
    return Policy(
        roles=Roles(releaser=(ALICE, BOB), approver=(CAROL, "S0LEADS"), incident=(DAVE,)),
        people=tuple(
            Person(slack=s, github=g, emails=(f"{g}@example.com",))
            for s, g in ((ALICE, "alice"), (BOB, "bob"), (CAROL, "carol"), (DAVE, "dave"))
        ),
        features={"checkout": ("shop/checkout.py",), "docs": ("docs/**",)},
        services=(service(),),
    ).model_copy(update=changes)


def service(**changes: Any) -> Service:
    return Service(
        name="shop",
        repository="acme/shop",
        channel="C0RELEASES",
        ci=Ci(workflows=("deploy.yml",)),
        production=Production(url="https://shop.example", samples=3),
        local=Local(build="make", run="make run"),
        probes=(Probe(name="cart", path="/cart"),),
    ).model_copy(update=changes)


def watching() -> Policy:
    return policy(services=(service(push=PushMode.WATCH),))


CONTENT = Content(
    service="shop",
    title="Faster checkout",
    why="It is slow",
    kind=ChangeKind.NON_BREAKING,
    risk=Risk.LOW,
    areas=("checkout",),
    undo="Revert it",
)


def change(**changes: Any) -> Change:
    return Change(
        id=12,
        requester=ALICE,
        status=ChangeStatus.APPROVED,
        content=CONTENT,
        approvals=(Approval(by=CAROL, at=ago(hours=1), digest=CONTENT.digest),),
        created_at=ago(hours=2),
    ).model_copy(update=changes)


def commit(**changes: Any) -> Commit:
    return Commit(
        sha=SHA,
        tree=TREE,
        parents=(BASE,),
        message="CR-12: faster checkout",
        author="alice",
        committer="alice",
        author_name="Alice Ade",
        url=URL + SHA,
        paths=("shop/checkout.py",),
    ).model_copy(update=changes)


def candidate(**changes: Any) -> Candidate:
    return Candidate(
        ref="faster",
        sha=SHA,
        tree=TREE,
        branch="faster",
        tip=BASE,
        contains_tip=True,
        base=BASE,
        commits=(commit(),),
        paths=("shop/checkout.py",),
        by_commit=True,
        compare_url="https://github.example/acme/shop/compare/b...c",
    ).model_copy(update=changes)


def attestation(**changes: Any) -> Attestation:
    checks = tuple(
        Check(name=n, ok=True, seen=f"{n} fine") for n in ("clean", "branch", "commits", "build", "run", "probes")
    )
    return Attestation(
        id=1,
        service="shop",
        change=12,
        signer=ALICE,
        key="SHA256:abc",
        commit=SHA,
        tree=TREE,
        branch="faster",
        made_at=ago(minutes=10),
        received_at=ago(minutes=10),
        checks=checks,
        probes=(ProbeAnswer(name="cart", status=200, body={"total": 7}),),
        digest="f" * 64,
    ).model_copy(update=changes)


def failing(check: str, **changes: Any) -> Attestation:
    good = attestation()
    checks = tuple(
        c.model_copy(update={"ok": c.name != check, "seen": "bad" if c.name == check else c.seen}) for c in good.checks
    )
    return attestation(checks=checks, **changes)


def run(**changes: Any) -> Run:
    return Run(
        id=5,
        workflow="deploy.yml",
        name="Deploy",
        event="push",
        head_sha=SHA,
        head_branch="main",
        repository="acme/shop",
        attempt=1,
        status="completed",
        conclusion="success",
        created_at=ago(minutes=4),
        url="https://github.example/runs/5",
        jobs=(job(),),
    ).model_copy(update=changes)


def job(**changes: Any) -> Job:
    return Job(
        id=9, name="deploy", status="completed", conclusion="success", url="https://github.example/jobs/9"
    ).model_copy(update=changes)


def rounds(*versions: tuple[str | None, ...]) -> tuple[Round, ...]:
    return tuple(
        Round(at=ago(seconds=5 * (len(versions) - i)), samples=tuple(Sample(version=v) for v in served))
        for i, served in enumerate(versions)
    )


def fleet(**changes: Any) -> Fleet:
    return Fleet(
        expected=SHA,
        rounds=rounds((SHA, SHA, SHA), (SHA, SHA, SHA)),
        probes=(ProbeAnswer(name="cart", status=200, body={"total": 7}),),
        probed_at=NOW,
    ).model_copy(update=changes)


def seen(value: Any) -> Seen[Any]:
    return Seen[Any](value=value, at=NOW)


def broken(error: str = "it is down") -> Seen[Any]:
    return Seen[Any](error=error)


def absent() -> Seen[Any]:
    """GitHub answered that there is no such thing."""
    return Seen[Any](error="acme/shop has no branch or commit faster", absent=True)


def facts(**changes: Any) -> Facts:
    return Facts(
        now=NOW,
        directory=Directory(groups={"S0LEADS": (DAVE,)}),
        change=change(),
        lock=Lock(key="acme/shop@main", release=7, owner=ALICE, reason="R-7", since=ago(minutes=9)),
        baseline=Baseline(service="shop", sha=BASE, at=ago(days=1), by=CAROL),
        attestations=(attestation(),),
        candidate=seen(candidate()),
        tip=seen(Tip(sha=BASE, tree=BASE_TREE)),
        criticals=seen(()),
        runs=seen(Runs(of_push=(run(),))),
        fleet=seen(fleet()),
    ).model_copy(update=changes)


def at_tip(**changes: Any) -> Seen[Any]:
    """The candidate stands on the designated branch."""
    return seen(Tip(sha=SHA, tree=TREE, ahead=(commit(),), pushed_by="alice").model_copy(update=changes))


PUSHED = Pushed(sha=SHA, tree=TREE, at=ago(minutes=5), by=ALICE)


def release(stage: Stage = Stage.PRECONDITIONS, **changes: Any) -> Release:
    """A release that has come to a stage with everything in order."""
    order = STAGES[Procedure.STANDARD]
    before = order[: order.index(stage)]
    after_push = stage in (Stage.CI, Stage.PRODUCTION)
    return Release(
        id=7,
        service="shop",
        stage=stage,
        status=Status.RUNNING,
        owner=ALICE,
        started_by=ALICE,
        change=12,
        change_digest=CONTENT.digest,
        candidate="faster",
        base=BASE,
        policy="p" * 64,
        sop_stage="MVP",
        sop_status="ACTIVE",
        created_at=ago(minutes=20),
        governance=Word(by=ALICE, at=ago(minutes=15), says=SENTENCE) if before else None,
        passed=tuple(Passage(stage=s, at=ago(minutes=6)) for s in before),
        pushed=PUSHED if after_push else None,
        attestation=1 if after_push else None,
    ).model_copy(update=changes)
