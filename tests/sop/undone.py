"""A rollback of R-6, and failures of a pushed release, as plain data."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Answer, Finding
from bot.sop.facts import (
    Facts,
    Job,
    JobLog,
    Known,
    Logged,
    ProbeAnswer,
    Revert,
    Run,
    Runs,
    Seen,
    Target,
    Tip,
    Verified,
)
from bot.sop.records import Hold, Lock, Mend, Passage, Pushed, Release, Rollback, RootCause
from bot.sop.stages import AFTER_PUSH, STAGES, Procedure, Stage, Status
from tests.sop import good as g

OLDER, REVERT = "0" * 40, "a" * 40
LINE = "E   assert total == 7"
DIFFERENCE = {"probe": "cart", "field": "body.total", "local": "7", "production": "8"}

TARGETS = (
    Target(sha=g.BASE, tree=g.BASE_TREE, release=5, attestation=1, at=g.ago(days=1)),
    Target(sha=OLDER, tree=None, release=None, attestation=None, at=g.ago(days=9)),
)


def back(**changes: Any) -> Rollback:
    return Rollback(
        target=g.BASE,
        target_tree=g.BASE_TREE,
        target_release=5,
        target_attestation=1,
        reverts=(6,),
        commits=(g.SHA,),
        reason="Orders fail",
        was_live=True,
    ).model_copy(update=changes)


def rollback(stage: Stage = Stage.REVERT, **changes: Any) -> Release:
    """A rollback that has come to a stage with everything in order."""
    order = STAGES[Procedure.ROLLBACK]
    before = order[: order.index(stage)]
    pushed = Pushed(sha=REVERT, tree=g.BASE_TREE, at=g.ago(minutes=5), by=g.ALICE)
    made = g.release().model_dump() | {
        "procedure": Procedure.ROLLBACK,
        "stage": stage,
        "governance": None,
        "candidate": g.BASE,
        "rollback": back(),
        "passed": tuple(Passage(stage=s, at=g.ago(minutes=6)) for s in before),
        "pushed": pushed if stage in AFTER_PUSH else None,
    }
    return Release(**made).model_copy(update=changes)


def done(**changes: Any) -> Release:
    """The release that is rolled back: complete, its commit at the head of the branch."""
    return g.release(Stage.COMPLETE, id=6, status=Status.COMPLETE, pushed=g.PUSHED, **changes)


def lock(release: int = 6) -> Lock:
    return Lock(key="acme/shop@main", release=release, owner=g.ALICE, reason=f"R-{release}", since=g.ago(minutes=9))


def revert(**changes: Any) -> Seen[Any]:
    return g.seen(Revert(sha=REVERT, tree=g.BASE_TREE, parent=g.SHA).model_copy(update=changes))


def reverted_tip() -> Seen[Any]:
    """The revert stands on the designated branch."""
    return g.seen(Tip(sha=REVERT, tree=g.BASE_TREE))


def logged(key: str = "R-7") -> Seen[Any]:
    return g.seen(Logged(key=key, url="https://github.example/log#r-7"))


def facts(**changes: Any) -> Facts:
    """Before the revert is pushed; production answers as it did at the target."""
    return g.facts(
        tip=g.at_tip(),
        targets=TARGETS,
        reverted=(done(),),
        reverted_changes=(g.change(release=6),),
        revert=revert(),
        at_target=at_target(),
        runs=g.seen(Runs(of_push=(g.run(head_sha=REVERT),))),
        fleet=g.seen(g.fleet(expected=REVERT, rounds=g.rounds((REVERT,) * 3, (REVERT,) * 3))),
    ).model_copy(update=changes)


def at_target(**changes: Any) -> Verified:
    """How production behaved at the release returned to."""
    (probe,), (answer,) = g.service().probes, g.attestation().probes
    then = Verified(sha=g.BASE, known=(Known(probe=probe, answer=answer),), release=5)
    return then.model_copy(update=changes)


def after(**changes: Any) -> Facts:
    """The revert has been pushed."""
    return facts(tip=reverted_tip(), logged=logged()).model_copy(update=changes)


# --- failures


def failing_run(**changes: Any) -> Run:
    job = Job(id=9, name="test", status="completed", conclusion="failure", url="https://github.example/jobs/9")
    return g.run(conclusion="failure", jobs=(job,)).model_copy(update=changes)


def log(**changes: Any) -> Seen[Any]:
    read = JobLog(run=5, attempt=1, job="test", lines=("collected 1 item", LINE, "1 failed"))
    return g.seen(read.model_copy(update=changes))


def cause(**changes: Any) -> RootCause:
    return RootCause(
        by=g.ALICE,
        at=g.ago(minutes=1),
        run=5,
        attempt=1,
        job="test",
        quote=LINE,
        cause="Rounding",
        mend=Mend.INFRASTRUCTURE,
        evidence="The runner has its disk back",
    ).model_copy(update=changes)


def held(release: Release, code: Code, answer: Answer = Answer.FAIL, **values: Any) -> Release:
    late = answer is Answer.WAIT
    found = Finding(gate="it", rule="4", answer=answer, code=code, values=values, late=late)
    return release.model_copy(update={"status": Status.HELD, "hold": Hold(finding=found, at=g.ago(minutes=1))})


def failed(**changes: Any) -> Release:
    """HELD because a job failed."""
    return held(g.release(Stage.CI, **changes), Code.CI_FAILED)


def differs(**changes: Any) -> Release:
    """HELD because production answers 8 where the build answered 7."""
    return held(g.release(Stage.PRODUCTION, **changes), Code.DIFFERENT, differences=[DIFFERENCE])


def failed_facts(**changes: Any) -> Facts:
    runs = g.seen(Runs(of_push=(failing_run(),)))
    return g.facts(tip=g.at_tip(), runs=runs, log=log()).model_copy(update=changes)


def differing_facts(**changes: Any) -> Facts:
    answer = ProbeAnswer(name="cart", status=200, body={"total": 8})
    return g.facts(tip=g.at_tip(), fleet=g.seen(g.fleet(probes=(answer,)))).model_copy(update=changes)
