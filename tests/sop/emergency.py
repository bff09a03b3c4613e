"""A bad day that goes well, as plain data: a confirmed CRITICAL incident, its hotfix, its note."""

from typing import Any

from bot.sop.codes import Code
from bot.sop.decision import Answer, Finding
from bot.sop.facts import Facts, Logged, ProbeAnswer, Revert, Seen, Tip
from bot.sop.policy import IncidentPolicy, OwnChannel, Person, Policy, Probe, Roles
from bot.sop.records import (
    Approval,
    Change,
    ChangeKind,
    Content,
    Entry,
    Hold,
    Incident,
    IncidentKind,
    IncidentStatus,
    Lock,
    Note,
    Passage,
    Release,
    Risk,
    Severity,
    Word,
)
from bot.sop.release import SENTENCE
from bot.sop.stages import AFTER_PUSH, STAGES, Procedure, Stage, Status
from bot.sop.timeline import IncidentFacts
from tests.sop import good as g

ERIN = "U0ERIN"  # has the incident role, as Dave has
REVERT = "a" * 40


def policy(**changes: Any) -> Policy:
    roles = Roles(releaser=(g.ALICE, g.BOB), approver=(g.CAROL, "S0LEADS"), incident=(g.DAVE, ERIN))
    probes = (
        Probe(name="cart", path="/cart", feature="checkout"),
        Probe(name="front", path="/"),
    )
    service = g.service(probes=probes, irreversible_paths=("migrations/**",))
    people = (*g.policy().people, Person(slack=ERIN, github="erin"))
    asks = IncidentPolicy(own_channel=OwnChannel.ASK)
    return g.policy(roles=roles, services=(service,), people=people, incident=asks).model_copy(update=changes)


def another() -> Policy:
    return policy(incident=IncidentPolicy(severity_confirmation="another_person"))


def incident(**changes: Any) -> Incident:
    return Incident(
        id=3,
        service="shop",
        title="Checkout fails",
        kind=IncidentKind.PRODUCTION,
        affected=("checkout",),
        affected_text="",
        severity=Severity.CRITICAL,
        confirmed=Word(by=g.DAVE, at=g.ago(minutes=25), says="CRITICAL"),
        status=IncidentStatus.OPEN,
        declared_by=g.ALICE,
        lead=g.DAVE,
        timeline=(Entry(at=g.ago(minutes=5), by=g.ALICE, text="Orders fail"),),
        created_at=g.ago(minutes=30),
    ).model_copy(update=changes)


CONTENT = Content(
    service="shop",
    title="Fix INC-3: Checkout fails",
    why="INC-3",
    kind=ChangeKind.NON_BREAKING,
    risk=Risk.HIGH,
    areas=("checkout",),
    undo="Revert it",
)


def change(**changes: Any) -> Change:
    return g.change(
        requester=g.DAVE,
        content=CONTENT,
        approvals=(Approval(by=g.CAROL, at=g.ago(minutes=15), digest=CONTENT.digest),),
        incident=3,
    ).model_copy(update=changes)


def note(**changes: Any) -> Note:
    return Note(
        by=g.DAVE,
        at=g.ago(minutes=1),
        happened="Orders failed",
        affected="Checkout",
        cause="A typo",
        fix="The typo is gone",
        follow_ups="",
    ).model_copy(update=changes)


def hotfix(stage: Stage = Stage.INCIDENT, **changes: Any) -> Release:
    """A hotfix that has come to a stage with everything in order."""
    order = STAGES[Procedure.HOTFIX]
    before = order[: order.index(stage)]
    pushed = stage in AFTER_PUSH
    made = g.release().model_dump() | {
        "procedure": Procedure.HOTFIX,
        "stage": stage,
        "owner": g.DAVE,
        "started_by": g.DAVE,
        "incident": 3,
        "change_digest": CONTENT.digest,
        "governance": Word(by=g.ALICE, at=g.ago(minutes=15), says=SENTENCE) if Stage.PRECONDITIONS in before else None,
        "passed": tuple(Passage(stage=s, at=g.ago(minutes=6)) for s in before),
        "pushed": g.PUSHED if pushed else None,
        "attestation": 1 if pushed else None,
    }
    return Release(**made).model_copy(update=changes)


def standard(stage: Stage, **changes: Any) -> Release:
    """A standard release that has the lock when the incident begins."""
    return g.release(stage, id=6, owner=g.BOB, started_by=g.BOB).model_copy(update=changes)


ASKED: dict[str, Any] = {"push_asked": Word(by=g.BOB, at=g.ago(seconds=5), says=g.SHA)}


def push_refused() -> Release:
    """A standard release whose push GitHub has refused."""
    found = Finding(gate="pushed", rule="3", answer=Answer.FAIL, code=Code.PUSH_REFUSED)
    return standard(Stage.PUSH, **ASKED, status=Status.HELD, hold=Hold(finding=found, at=g.NOW))


def lock(release: int = 7, **changes: Any) -> Lock:
    held = Lock(key="acme/shop@main", release=release, owner=g.BOB, reason=f"R-{release}", since=g.ago(minutes=9))
    return held.model_copy(update=changes)


def revert(**changes: Any) -> Seen[Any]:
    return g.seen(Revert(sha=REVERT, tree=g.BASE_TREE, parent=g.SHA, target=g.BASE).model_copy(update=changes))


def facts(**changes: Any) -> Facts:
    probes = (ProbeAnswer(name="cart", status=200, body={"total": 7}), ProbeAnswer(name="front", status=200))
    attested = g.attestation(probes=probes)
    return g.facts(
        change=change(),
        incident=incident(),
        attestations=(attested,),
        candidate=g.seen(g.candidate(lines=7)),
        fleet=g.seen(g.fleet(probes=probes)),
        revert=revert(),
    ).model_copy(update=changes)


def around(**changes: Any) -> IncidentFacts:
    return IncidentFacts(now=g.NOW, directory=g.facts().directory).model_copy(update=changes)


def pushed_tip() -> Seen[Any]:
    return g.seen(Tip(sha=g.SHA, tree=g.TREE))


def logged(**changes: Any) -> Seen[Any]:
    entry = Logged(key="INC-3", url="https://github.example/log#inc-3")
    return Seen[Any](value=entry.model_copy(update=changes), at=g.NOW)


def closed(release: Release, status: Status = Status.ABORTED) -> Release:
    return release.model_copy(update={"status": status, "ended_at": g.NOW})
