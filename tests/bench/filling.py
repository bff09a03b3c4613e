"""A database after years of use: 100,000 releases, one of them under way, and change requests to approve."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.config import read_policy
from bot.sop.facts import Attestation, Candidate, Check, Commit, Directory, Job, Run, Runs, Seen
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
)
from bot.sop.stages import Stage, Status
from storage import codec
from storage.store import Store
from storage.tables import BASELINES, CHANGES, COUNTERS, LOCKS, RELEASES

RELEASES_STORED = 100_000
WAITING = 6_000  # change requests to approve, a click each
FIRST_WAITING = 1_001
SERVICE = "shop"
SHA, TREE, BASE = "c" * 40, "a" * 40, "b" * 40
BATCH = 5_000
APPROVERS = ("U0CAROL", "U0DAVE")


def fill(url: str, sop: Path) -> int:
    """Returns the id of the release that is under way."""
    policy, now = read_policy(sop), datetime.now(UTC)
    store = Store.open(url, threads=2)
    last = RELEASES_STORED
    with store.writer.begin() as connection:
        change = _change(1, ChangeStatus.APPROVED, now)
        connection.execute(CHANGES.insert(), [codec.CHANGE.row(change)])
        waiting = codec.CHANGE.row(_change(FIRST_WAITING, ChangeStatus.OPEN, now))
        connection.execute(CHANGES.insert(), [waiting | {"id": FIRST_WAITING + n} for n in range(WAITING)])
        done = codec.RELEASE.row(_release(1, now - timedelta(days=30), change, policy.digest, Status.COMPLETE))
        for first in range(1, last, BATCH):
            ids = range(first, min(first + BATCH, last))
            rows = [done | {"id": n, "status": _ended(n), "change": 10_000 + n} for n in ids]
            connection.execute(RELEASES.insert(), rows)
        running = _release(last, now, change, policy.digest, Status.RUNNING)
        connection.execute(RELEASES.insert(), [codec.RELEASE.row(running)])
        lock = Lock(key=policy.services[0].lock, release=last, owner="U0ALICE", reason="R", since=now)
        connection.execute(LOCKS.insert(), [codec.LOCK.row(lock)])
        connection.execute(BASELINES.insert(), [codec.BASELINE.row(_baseline(now))])
        counted = [{"name": "release", "value": last}, {"name": "change", "value": FIRST_WAITING + WAITING}]
        connection.execute(COUNTERS.insert(), counted)
    store.transact(lambda unit: _seen(unit, last, now))
    store.transact(lambda unit: unit.keep_policy(policy))
    store.close()
    return last


def approved(url: str) -> int:
    """How many of the waiting change requests have been approved."""
    store = Store.open(url, threads=1)
    with store.reader.connect() as connection:
        waiting = CHANGES.c.id >= FIRST_WAITING, CHANGES.c.status == ChangeStatus.APPROVED.value
        count = connection.execute(select(func.count()).select_from(CHANGES).where(*waiting)).scalar_one()
    store.close()
    return int(count)


def _ended(number: int) -> str:
    return (Status.STOPPED if number % 7 == 0 else Status.COMPLETE).value


def _change(id: int, status: ChangeStatus, now: datetime) -> Change:
    content = Content(
        service=SERVICE,
        title="Faster checkout",
        why="Customers wait for the total of a large cart.",
        kind=ChangeKind.ROUTINE,
        risk=Risk.LOW,
        areas=("checkout",),
        undo="Revert the commits.",
    )
    approvals = (Approval(by="U0CAROL", at=now, digest=content.digest),) if status is ChangeStatus.APPROVED else ()
    return Change(id=id, requester="U0ALICE", status=status, content=content, approvals=approvals, created_at=now)


def _release(id: int, at: datetime, change: Change, policy: str, status: Status) -> Release:
    stages = (Stage.PRECONDITIONS, Stage.LOCAL_STATE, Stage.COMMITS, Stage.PUSH)
    return Release(
        id=id,
        service=SERVICE,
        stage=Stage.CI if status is Status.RUNNING else Stage.COMPLETE,
        status=status,
        owner="U0ALICE",
        started_by="U0ALICE",
        change=change.id,
        change_digest=change.content.digest,
        candidate="faster-checkout",
        base=BASE,
        policy=policy,
        sop_stage="MVP",
        sop_status="ACTIVE",
        created_at=at,
        pushed=Pushed(sha=SHA, tree=TREE, at=at, by="U0ALICE"),
        passed=tuple(Passage(stage=stage, at=at) for stage in stages),
        ended_at=None if status is Status.RUNNING else at,
    )


def _baseline(now: datetime) -> Baseline:
    return Baseline(service=SERVICE, sha=BASE, at=now, by="U0CAROL")


def _seen(unit: Any, release: int, now: datetime) -> None:
    """What the bot saw last of the release that is under way."""
    commits = tuple(
        Commit(
            sha=f"{n}" * 40,
            tree=TREE,
            parents=(BASE,),
            message=f"CR-1: step {n}",
            author="alice",
            committer="alice",
            author_name="Alice",
            url=f"https://github.com/acme/shop/commit/{n}",
        )
        for n in range(3)
    )
    candidate = Candidate(
        ref="faster-checkout",
        sha=SHA,
        tree=TREE,
        branch="faster-checkout",
        tip=BASE,
        contains_tip=True,
        base=BASE,
        commits=commits,
        paths=("shop/checkout.py",),
        compare_url="https://github.com/acme/shop/compare/b...c",
    )
    unit.saw("slack", "directory", Seen[Directory](value=Directory(groups={"S0APPROVERS": APPROVERS}), at=now))
    unit.saw(f"R-{release}", "candidate", Seen[Candidate](value=candidate, at=now))
    unit.saw(f"R-{release}", "runs", Seen[Runs](value=Runs(of_push=(_run(now),), usual_seconds=300), at=now))
    unit.add_attestation(_attestation(now), b"{}", "signature")


def _run(now: datetime) -> Run:
    jobs = tuple(
        Job(id=n, name=f"job {n}", status="in_progress", conclusion=None, url="https://github.com/acme/shop")
        for n in range(10)
    )
    return Run(
        id=1,
        workflow="deploy.yml",
        name="deploy",
        event="push",
        head_sha=SHA,
        head_branch="main",
        repository="acme/shop",
        attempt=1,
        status="in_progress",
        conclusion=None,
        created_at=now + timedelta(seconds=1),
        url="https://github.com/acme/shop/actions/runs/1",
        jobs=jobs,
    )


def _attestation(now: datetime) -> Attestation:
    names = ("clean", "branch", "commits", "build", "run", "probes")
    return Attestation(
        id=0,
        service=SERVICE,
        change=1,
        signer="U0ALICE",
        key="SHA256:bench",
        commit=SHA,
        tree=TREE,
        branch="faster-checkout",
        made_at=now,
        received_at=now,
        checks=tuple(Check(name=name, ok=True, seen=f"{name} is fine") for name in names),
        probes=(),
        digest="d" * 64,
    )
