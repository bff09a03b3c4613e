"""Every gate of a hotfix, facts in, answer and reason out, for each of PASS, WAIT and FAIL that it can give."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.decision import Answer
from bot.sop.effects import MakeRevert
from bot.sop.facts import Directory, Issue, ProbeAnswer, Seen, Target, Tip
from bot.sop.gates import hotfix as gates
from bot.sop.gates import local, preconditions
from bot.sop.gates.lock import lock_for_hotfix
from bot.sop.gates.verdict import Verdict
from bot.sop.policy import Approvals, Hotfix, Policy
from bot.sop.records import (
    Acceptance,
    Baseline,
    Freeze,
    FreezeStatus,
    Incident,
    IncidentStatus,
    LeftAhead,
    Severity,
    Word,
)
from bot.sop.stages import Procedure, Stage
from tests.sop import emergency as e
from tests.sop import good as g

INC, P, M, PROD, NOTE = Stage.INCIDENT, Stage.PRECONDITIONS, Stage.MINIMAL_FIX, Stage.PRODUCTION, Stage.POST_ACTION_NOTE
PASS, WAIT, FAIL = Answer.PASS, Answer.WAIT, Answer.FAIL
GATES = {
    f.__name__: f
    for f in (
        gates.incident_critical,
        lock_for_hotfix,
        gates.freeze_passed,
        gates.no_critical,
        gates.other_criticals,
        preconditions.change_approved,
        local.independent_approval,
        gates.minimal_size,
        gates.reversible_paths,
        gates.reversible,
        gates.affected_pass,
        gates.resolution_confirmed,
        gates.note_written,
        gates.note_logged,
    )
}
Row = tuple[str, Answer, Code, Stage, dict[str, Any], dict[str, Any], Policy]


def row(
    gate: str, answer: Answer, code: Code, stage: Stage, r: dict[str, Any] | None = None, *,
    policy: Policy | None = None, **facts: Any,
) -> Row:  # fmt: skip
    return gate, answer, code, stage, r or {}, facts, policy or e.policy()


def incident(**changes: Any) -> Incident:
    return e.incident(**changes)


def other(**changes: Any) -> Incident:
    return e.incident(id=4, title="Search is down", **changes)


def issues(*numbers: int) -> Seen[Any]:
    return g.seen(tuple(Issue(number=n, title="t", url="u") for n in numbers))


def candidate(**changes: Any) -> Seen[Any]:
    return g.seen(g.candidate(**changes))


def says(names: str, by: str = g.CAROL) -> dict[str, Any]:
    return {"criticals_accepted": Word(by=by, at=g.NOW, says=f"{names}: unrelated")}


def size(by: str = g.CAROL, tree: str = g.TREE, paths: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"size_accepted": Acceptance(by=by, at=g.NOW, paths=paths, tree=tree, reason="one idea")}


def lasting(by: str = g.CAROL, tree: str = g.TREE, paths: tuple[str, ...] = ("migrations/7.sql",)) -> dict[str, Any]:
    return {"irreversible_accepted": Acceptance(by=by, at=g.NOW, paths=paths, tree=tree, reason="it only adds")}


def answers(**changed: Any) -> Seen[Any]:
    cart = ProbeAnswer(name="cart", status=200, body={"total": 7}).model_copy(update=changed)
    return g.seen(g.fleet(probes=(cart, ProbeAnswer(name="front", status=200))))


def frozen(**changes: Any) -> tuple[Freeze, ...]:
    freeze = Freeze(
        id=2, status=FreezeStatus.ACTIVE, services=(), reason="peak", owner=g.CAROL, starts_at=g.ago(hours=1),
        until=None, created_at=g.ago(hours=1),
    )  # fmt: skip
    return (freeze.model_copy(update=changes),)


LEFT = LeftAhead(release=6, sha="2" * 40, commits=("2" * 40,))
HELD_BY_6: dict[str, Any] = {"lock": e.lock(6)}
LARGE = candidate(lines=101)
MANY = candidate(paths=tuple(f"shop/{n}.py" for n in range(6)))
MIGRATES = candidate(paths=("migrations/7.sql", "shop/checkout.py"))
FREE_TEXT = incident(affected=(), affected_text="The phones")
UNLOGGED = incident(note=e.note(at=g.ago(minutes=6)))
LATER = {"passed": tuple(p.model_copy(update={"at": g.ago(minutes=11)}) for p in e.hotfix(PROD).passed)}
TWO_WANTED = e.policy(approvals=Approvals(required=2))
SMALL_LIMITS = e.policy(services=(e.policy().services[0].model_copy(update={"hotfix": Hotfix(max_files=1)}),))

ROWS: tuple[Row, ...] = (
    row("incident_critical", PASS, Code.INCIDENT_CONFIRMED, INC),
    row("incident_critical", WAIT, Code.NOT_LOOKED, INC, incident=None),
    row("incident_critical", WAIT, Code.SEVERITY_UNCONFIRMED, INC, incident=incident(confirmed=None)),
    row("incident_critical", FAIL, Code.SEVERITY_LOWERED, INC,
        incident=incident(severity=Severity.HIGH, confirmed=None)),
    row("incident_critical", FAIL, Code.INCIDENT_NOT_OPEN, INC, incident=incident(status=IncidentStatus.RESOLVED)),
    row("incident_critical", FAIL, Code.INCIDENT_NOT_OPEN, INC, incident=incident(status=IncidentStatus.CLOSED)),
    row("lock_for_hotfix", PASS, Code.LOCK_OURS, P),
    row("lock_for_hotfix", WAIT, Code.LOCK_SOON, P, lock=None),
    row("lock_for_hotfix", WAIT, Code.LOCK_SOON, P, **HELD_BY_6, holder=e.standard(Stage.PUSH)),
    row("lock_for_hotfix", WAIT, Code.LOCK_SOON, P, **HELD_BY_6, holder=e.push_refused()),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6, holder=e.standard(Stage.PUSH, **e.ASKED)),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6, holder=e.standard(Stage.CI)),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6, holder=None),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6, holder=e.standard(
        Stage.PRECONDITIONS, procedure=Procedure.ROLLBACK,
        taken_over=LeftAhead(release=5, sha=g.SHA, commits=(g.SHA,)))),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6,
        holder=e.standard(Stage.LOCAL_STATE, earlier=(g.PUSHED,))),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS, P, **HELD_BY_6,
        holder=e.standard(Stage.PUSH, procedure=Procedure.ROLLBACK)),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS_LEFT, P, lock=e.lock(6, left=LEFT)),
    row("lock_for_hotfix", WAIT, Code.LOCK_WAITS_LEFT, P, **HELD_BY_6,
        holder=e.standard(Stage.COMMITS, taken_over=LEFT)),
    row("freeze_passed", PASS, Code.NOT_FROZEN, P),
    row("freeze_passed", PASS, Code.NOT_FROZEN, P, freezes=frozen(services=("blog",))),
    row("freeze_passed", PASS, Code.NOT_FROZEN, P, freezes=frozen(until=g.NOW)),
    row("freeze_passed", PASS, Code.FREEZE_PASSED, P, freezes=frozen()),
    row("no_critical", PASS, Code.NO_CRITICAL, P, incident=None),
    row("no_critical", WAIT, Code.NOT_LOOKED, P, incident=None, criticals=Seen()),
    row("no_critical", WAIT, Code.LOOK_FAILED, P, incident=None, criticals=g.broken()),
    row("no_critical", FAIL, Code.CRITICAL_OPEN, P, incident=None, criticals=issues(9)),
    row("no_critical", FAIL, Code.CRITICAL_INCIDENTS, P, incident=None, criticals_open=(incident(),)),
    row("no_critical", FAIL, Code.CRITICAL_INCIDENTS, P, incident=None, criticals_open=(incident(),),
        criticals=g.broken()),
    row("other_criticals", PASS, Code.NO_CRITICAL, P, criticals_open=(incident(),)),
    row("other_criticals", PASS, Code.NO_CRITICAL, P, incident=incident(issue=9), criticals=issues(9)),
    row("other_criticals", WAIT, Code.NOT_LOOKED, P, criticals=Seen()),
    row("other_criticals", WAIT, Code.LOOK_FAILED, P, says("INC-4"), criticals=g.broken(), criticals_open=(other(),)),
    row("other_criticals", WAIT, Code.CRITICALS_WAIT, P, criticals=issues(9)),
    row("other_criticals", WAIT, Code.CRITICALS_WAIT, P, criticals_open=(incident(), other())),
    row("other_criticals", PASS, Code.CRITICALS_ACCEPTED, P, says("INC-4"), criticals_open=(other(),)),
    row("other_criticals", PASS, Code.CRITICALS_ACCEPTED, P, says("INC-4, #9"), criticals_open=(other(issue=9),),
        criticals=issues(9)),
    row("other_criticals", WAIT, Code.CRITICALS_WAIT, P, says("INC-4"), criticals_open=(other(),), criticals=issues(9)),
    row("other_criticals", WAIT, Code.CRITICALS_WAIT, P, says("INC-4", g.FRANK), criticals_open=(other(),)),
    row("change_approved", PASS, Code.CHANGE_APPROVED, P),
    row("change_approved", PASS, Code.CHANGE_APPROVED, P, policy=TWO_WANTED),
    row("change_approved", WAIT, Code.CHANGE_WAITS, P, change=e.change(approvals=())),
    row("change_approved", FAIL, Code.APPROVAL_LOST, M, change=e.change(approvals=())),
    row("independent_approval", PASS, Code.INDEPENDENT, M, policy=TWO_WANTED),
    row("independent_approval", WAIT, Code.LOOK_FAILED, M, candidate=g.broken()),
    row("independent_approval", FAIL, Code.NOT_INDEPENDENT, M,
        candidate=candidate(commits=(g.commit(author="carol"),))),
    row("minimal_size", PASS, Code.SIZE_OK, M),
    row("minimal_size", PASS, Code.SIZE_OK, M, candidate=candidate(lines=100)),
    row("minimal_size", WAIT, Code.NOT_LOOKED, M, candidate=Seen()),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, candidate=LARGE),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, candidate=MANY),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, candidate=MIGRATES, policy=SMALL_LIMITS),
    row("minimal_size", PASS, Code.SIZE_ACCEPTED, M, size(), candidate=LARGE),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, size(tree="9" * 40), candidate=LARGE),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, size(by=g.BOB), candidate=LARGE),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, size(),
        candidate=candidate(lines=101, commits=(g.commit(author="carol"),))),
    row("minimal_size", FAIL, Code.TOO_MANY_COMMITS, M, size(), candidate=candidate(truncated=True)),
    row("reversible_paths", PASS, Code.PATHS_REVERSIBLE, M),
    row("reversible_paths", WAIT, Code.LOOK_FAILED, M, candidate=g.broken()),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, size(), candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, size(paths=("migrations/7.sql",)), candidate=MIGRATES),
    row("reversible_paths", PASS, Code.IRREVERSIBLE_ACCEPTED, M, lasting(), candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, lasting(tree="9" * 40), candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, lasting(paths=("migrations/6.sql",)),
        candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, lasting(by=g.BOB), candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.PATHS_IRREVERSIBLE, M, lasting(),
        candidate=candidate(paths=("migrations/7.sql",), commits=(g.commit(author="carol"),))),
    row("minimal_size", FAIL, Code.SIZE_LARGE, M, lasting(), candidate=MIGRATES, policy=SMALL_LIMITS),
    row("reversible", PASS, Code.REVERSIBLE_BUT, M, lasting(), candidate=MIGRATES),
    row("reversible", PASS, Code.REVERSIBLE_BUT, M, candidate=MIGRATES),
    row("reversible_paths", FAIL, Code.TOO_MANY_COMMITS, M, candidate=candidate(truncated=True)),
    row("reversible", PASS, Code.REVERSIBLE, M),
    row("reversible", PASS, Code.REVERSIBLE, M, tip=g.seen(Tip(sha="2" * 40, tree="3" * 40)),
        targets=(Target(sha=g.BASE, tree=g.BASE_TREE, release=None, attestation=None, at=g.NOW),)),
    row("reversible", WAIT, Code.NOT_LOOKED, M, candidate=Seen()),
    row("reversible", WAIT, Code.NOT_LOOKED, M, {"base": "2" * 40}),
    row("reversible", WAIT, Code.NOT_LOOKED, M, tip=g.seen(Tip(sha="2" * 40, tree="3" * 40))),
    row("reversible", WAIT, Code.REVERSIBLE_WAITS, M, revert=Seen()),
    row("reversible", WAIT, Code.REVERSIBLE_WAITS, M, revert=g.broken("no right to write")),
    row("reversible", WAIT, Code.REVERSIBLE_WAITS, M, revert=e.revert(parent="2" * 40)),
    row("reversible", WAIT, Code.REVERSIBLE_WAITS, M, revert=e.revert(target="2" * 40, tree="3" * 40)),
    row("reversible", WAIT, Code.REVERSIBLE_WAITS, M, revert=e.revert(target=None)),
    row("reversible", FAIL, Code.REVERT_WRONG, M, revert=e.revert(tree="3" * 40)),
    row("reversible", FAIL, Code.NOT_REVERSIBLE, M, baseline=None),
    row("reversible", FAIL, Code.NOT_REVERSIBLE, M,
        baseline=Baseline(service="shop", sha="2" * 40, at=g.NOW, by=g.CAROL)),
    row("affected_pass", PASS, Code.AFFECTED_OK, PROD),
    row("affected_pass", PASS, Code.AFFECTED_OK, PROD, incident=incident(affected=("front",)),
        fleet=answers(status=500)),
    row("affected_pass", PASS, Code.AFFECTED_UNPROBED, PROD, incident=FREE_TEXT),
    row("affected_pass", PASS, Code.AFFECTED_UNPROBED, PROD, incident=incident(affected=("docs",))),
    row("affected_pass", WAIT, Code.NOT_LOOKED, PROD, incident=None),
    row("affected_pass", WAIT, Code.NOT_LOOKED, PROD, fleet=Seen()),
    row("affected_pass", WAIT, Code.NOT_LOOKED, PROD, fleet=g.seen(g.fleet(expected="2" * 40))),
    row("affected_pass", WAIT, Code.PROBES_WAIT, PROD, fleet=g.seen(g.fleet(probed_at=None))),
    row("affected_pass", WAIT, Code.AFFECTED_UNREACHED, PROD, fleet=answers(status=None, error="timed out")),
    row("affected_pass", WAIT, Code.AFFECTED_UNREACHED, PROD, LATER, fleet=answers(status=None, error="timed out")),
    row("affected_pass", FAIL, Code.AFFECTED_FAILING, PROD, fleet=answers(status=503)),
    row("resolution_confirmed", PASS, Code.RESOLUTION_CONFIRMED, NOTE,
        {"resolved": Word(by=g.DAVE, at=g.NOW, says="INC-3 is resolved")}),
    row("resolution_confirmed", WAIT, Code.RESOLUTION_WAITS, NOTE),
    row("resolution_confirmed", WAIT, Code.RESOLUTION_WAITS, NOTE, incident=incident(lead=None)),
    row("note_written", PASS, Code.NOTE_WRITTEN, NOTE, incident=incident(note=e.note())),
    row("note_written", WAIT, Code.NOT_LOOKED, NOTE, incident=None),
    row("note_written", WAIT, Code.NOTE_WAITS, NOTE),
    row("note_written", WAIT, Code.NOTE_WAITS, NOTE, incident=incident(note=e.note(at=g.ago(hours=1)))),
    row("note_logged", PASS, Code.LOGGED, NOTE, incident=incident(note=e.note()), logged=e.logged()),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, {"resolved": Word(by=g.DAVE, at=g.NOW, says="it")},
        incident=incident(note=e.note()), logged=e.logged().model_copy(update={"at": g.ago(seconds=1)})),
    row("note_logged", PASS, Code.LOGGED, NOTE, {"resolved": Word(by=g.DAVE, at=g.NOW, says="it")},
        incident=incident(note=e.note()), logged=e.logged()),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, incident=incident(note=e.note()),
        logged=e.logged(once="older")),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, incident=incident(note=e.note())),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, incident=UNLOGGED),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, incident=incident(note=e.note()), logged=e.logged(key="R-7")),
    row("note_logged", WAIT, Code.LOG_WAITS, NOTE, incident=incident(note=e.note()),
        logged=e.logged().model_copy(update={"at": g.ago(minutes=2)})),
    row("note_logged", WAIT, Code.LOOK_FAILED, NOTE, incident=incident(note=e.note()), logged=g.broken()),
)  # fmt: skip

LATE = [
    r for r in ROWS if r[4] is LATER or r[5].get("incident") is UNLOGGED
]  # fmt: skip
HAS_NO = {
    ("lock_for_hotfix", FAIL): "what has pushed ends or is rolled back; until then it is waited for",
    ("freeze_passed", WAIT): "freezes are the bot's own rows",
    ("freeze_passed", FAIL): "a freeze does not stop a hotfix",
    ("other_criticals", FAIL): "a second person may always say that it goes on",
    ("resolution_confirmed", FAIL): "a word is given or not",
    ("note_written", FAIL): "a note is written or not",
    ("note_logged", FAIL): "the outbox tries until it stands there",
}


def ask(name: str, stage: Stage, r: dict[str, Any], facts: dict[str, Any], policy: Policy) -> Verdict:
    return GATES[name](e.hotfix(stage, **r), e.facts(**facts), policy)


@pytest.mark.parametrize("case", ROWS, ids=lambda c: f"{c[0]}-{c[2]}")
def test_gate(case: Row) -> None:
    name, answer, code, stage, r, facts, policy = case
    found = ask(name, stage, r, facts, policy)
    assert (found.answer, found.code) == (answer, code)
    assert found.late == (case in LATE)


def test_every_gate_has_rows_for_each_answer() -> None:
    tested = {(gate, answer) for gate, answer, *_ in ROWS}
    missing = {(gate, a) for gate in GATES for a in Answer} - tested - set(HAS_NO)
    assert not missing
    assert not tested & set(HAS_NO)


def test_an_issue_taken_over_as_an_incident_counts_once() -> None:
    beside = gates.criticals_beside(e.facts(incident=None, criticals=issues(9, 10), criticals_open=(other(issue=9),)))
    assert gates.names_of(*beside) == ["INC-4", "#10"]


def test_what_a_freeze_was_passed_by_is_named() -> None:
    found = ask("freeze_passed", P, {}, {"freezes": frozen()}, e.policy())
    assert found.values == {
        "freezes": [{"freeze": "FRZ-2", "reason": "peak", "until": None, "owner": g.CAROL}],
        "incident": "INC-3",
    }


def test_the_release_that_is_waited_for_is_named_with_its_stage() -> None:
    found = ask("lock_for_hotfix", P, {}, {**HELD_BY_6, "holder": e.standard(Stage.CI)}, e.policy())
    assert found.values == {
        "lock": "acme/shop@main",
        "release": "R-6",
        "owner": g.BOB,
        "stage": "CI",
        "procedure": "standard",
    }


def test_an_acceptance_ends_with_the_role() -> None:
    gone = Directory(deactivated=frozenset({g.CAROL}))
    found = ask("minimal_size", M, size(), {"candidate": LARGE, "directory": gone}, e.policy())
    assert found.code == Code.SIZE_LARGE


def test_the_revert_is_built_once_for_each_candidate() -> None:
    act = gates.revert_wanted(e.hotfix(M), e.facts(revert=Seen()), e.policy())
    assert act == MakeRevert(
        release=7,
        repository="acme/shop",
        branch="main",
        target=g.BASE,
        parent=g.SHA,
        message=f"R-7: take back CR-12 to {g.BASE[:12]}\n",
        pull=False,
    )
    assert gates.revert_wanted(e.hotfix(M), e.facts(), e.policy()) is None
    again = gates.revert_wanted(e.hotfix(M), e.facts(revert=e.revert(parent="2" * 40)), e.policy())
    assert again == act.model_copy(update={"after": e.REVERT}) and again.key != act.key
    of_earlier_base = gates.revert_wanted(e.hotfix(M), e.facts(revert=e.revert(target="2" * 40)), e.policy())
    assert of_earlier_base == again
    assert act.model_copy(update={"target": "2" * 40}).key != act.key
    assert gates.revert_wanted(e.hotfix(M, base="2" * 40), e.facts(revert=Seen()), e.policy()) is None
    assert gates.revert_wanted(e.hotfix(PROD), e.facts(revert=Seen()), e.policy()) is None
    assert gates.revert_wanted(e.hotfix(M), e.facts(revert=Seen(), candidate=Seen()), e.policy()) is None
