"""Several services of one branch go out together: every one of them is verified before the release is complete."""

from typing import Any

import pytest

from bot.sop.codes import Code
from bot.sop.completion import complete
from bot.sop.decision import Answer, Decision, Finding
from bot.sop.facts import Beside, Facts, Known, ProbeAnswer, Sample, Seen, Verified
from bot.sop.failure import accept_difference
from bot.sop.gates import BESIDE, look
from bot.sop.patrol import sightings
from bot.sop.policy import Ci, Compare, Probe
from bot.sop.progress import advance
from bot.sop.records import Baseline, DifferenceAccepted, Passage, Release
from bot.sop.rollback import was_live
from bot.sop.stages import Stage, Status
from tests.sop import good as g
from tests.sop import patrolled as p
from tests.sop import undone as u

PASS, WAIT, FAIL = Answer.PASS, Answer.WAIT, Answer.FAIL
PROD = Stage.PRODUCTION
BALANCE = Probe(name="cart", path="/balance")  # named as one of the other service is
PAY = g.service(name="pay", probes=(BALANCE,), ci=Ci(workflows=("deploy.yml", "pay.yml")))
BOTH = g.policy(services=(g.service(), PAY))
LATE = {"passed": (Passage(stage=Stage.CI, at=g.ago(minutes=11)),)}


def answered(balance: int = 3, **changes: Any) -> ProbeAnswer:
    return ProbeAnswer(name="cart", status=200, body={"balance": balance}).model_copy(update=changes)


def fleet(expected: str = g.SHA, **changes: Any) -> Seen[Any]:
    rounds = g.rounds((expected,) * 3, (expected,) * 3)
    made = g.fleet(expected=expected, rounds=rounds, probes=(answered(),))
    return g.seen(made.model_copy(update=changes))


def verified(probe: Probe = BALANCE, **changes: Any) -> Verified:
    made = Verified(sha=g.BASE, known=(Known(probe=probe, answer=answered()),), release=5)
    return made.model_copy(update=changes)


def attested(balance: int = 4, **changes: Any) -> dict[str, Any]:
    return {"attestations": (g.attestation(service="pay", probes=(answered(balance),)).model_copy(update=changes),)}


def pay(**changes: Any) -> Beside:
    return Beside(service="pay", fleet=fleet(), verified=verified()).model_copy(update=changes)


def facts(**changes: Any) -> Facts:
    return g.facts(tip=g.at_tip(), beside=(pay(**changes),))


def accepted(service: str | None, production: str = "4") -> dict[str, Any]:
    word = DifferenceAccepted(
        by=g.CAROL, at=g.NOW, probe="cart", field="body.balance", production=production, reason="so", service=service
    )
    return {"differences": (word,)}


def silent() -> Seen[Any]:
    samples = (Sample(error="refused"),) * 3
    rounds = tuple(r.model_copy(update={"samples": samples}) for r in g.rounds((None,), (None,)))
    return fleet(rounds=rounds, probes=(), probed_at=None)


Row = tuple[str, Answer, Code, dict[str, Any], dict[str, Any]]
OTHERWISE = {"fleet": fleet(probes=(answered(4),))}
ROWS: tuple[Row, ...] = (
    ("version_beside", PASS, Code.VERSION_OK, {}, {}),
    ("version_beside", WAIT, Code.NOT_LOOKED, {}, {"fleet": Seen()}),
    ("version_beside", WAIT, Code.NOT_LOOKED, {}, {"fleet": fleet(expected=g.BASE)}),
    ("version_beside", WAIT, Code.LOOK_FAILED, {}, {"fleet": g.broken()}),
    ("version_beside", WAIT, Code.VERSION_SOON, {}, {"fleet": fleet(rounds=g.rounds((g.BASE,) * 3, (g.BASE,) * 3))}),
    ("version_beside", WAIT, Code.VERSION_MIXED, LATE,
     {"fleet": fleet(rounds=g.rounds((g.SHA,) * 3, (g.SHA, g.BASE, g.SHA)))}),
    ("version_beside", WAIT, Code.VERSION_OLD, LATE, {"fleet": fleet(rounds=g.rounds((g.BASE,) * 3, (g.BASE,) * 3))}),
    ("version_beside", WAIT, Code.VERSION_UNKNOWN, LATE, {"fleet": silent()}),
    ("behaves_beside", PASS, Code.AS_VERIFIED, {}, {}),
    ("behaves_beside", WAIT, Code.NOT_LOOKED, {}, {"fleet": Seen()}),
    ("behaves_beside", WAIT, Code.PROBES_WAIT, {}, {"fleet": fleet(probes=(), probed_at=None)}),
    ("behaves_beside", WAIT, Code.PROBES_UNREACHED, {}, {"fleet": fleet(probes=(answered(error="timed out"),))}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, OTHERWISE),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {"verified": None}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {},
     {"verified": verified(BALANCE.model_copy(update={"compare": Compare.STATUS}))}),
    ("behaves_beside", PASS, Code.DIFFERENCE_ACCEPTED, accepted("pay"), OTHERWISE),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, accepted(None), OTHERWISE),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, accepted("pay", "5"), OTHERWISE),
    ("behaves_beside", PASS, Code.AS_VERIFIED, {},
     {**OTHERWISE, "verified": verified(accepted=accepted(None)["differences"])}),
    # its own preflight of the pushed tree says what is meant
    ("behaves_beside", PASS, Code.IDENTICAL, {}, {**OTHERWISE, **attested()}),
    ("behaves_beside", FAIL, Code.DIFFERENT, {}, attested()),
    ("behaves_beside", PASS, Code.DIFFERENCE_ACCEPTED, accepted("pay", "3"), attested()),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {**OTHERWISE, **attested(tree=g.BASE_TREE)}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {**OTHERWISE, **attested(received_at=g.NOW)}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {**OTHERWISE, **attested(made_at=g.ago(days=3))}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {**OTHERWISE, **attested(signer=g.FRANK)}),
    ("behaves_beside", PASS, Code.IDENTICAL, {}, {**OTHERWISE, **attested(proof=PAY.proof)}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {}, {**OTHERWISE, **attested(proof="0" * 64)}),
    ("behaves_beside", FAIL, Code.DIFFERENT_FROM_VERIFIED, {},
     {**OTHERWISE, **attested(checks=g.failing("probes").checks)}),
)  # fmt: skip

BACK: tuple[Row, ...] = (
    ("version_beside", PASS, Code.VERSION_OK, {}, {}),
    ("answers_beside", PASS, Code.AS_BEFORE, {}, {}),
    ("answers_beside", PASS, Code.NO_ERROR, {}, {"verified": None}),
    ("answers_beside", WAIT, Code.NOT_LOOKED, {}, {"fleet": Seen()}),
    ("answers_beside", WAIT, Code.PROBES_WAIT, {}, {"fleet": fleet(g.SHA)}),
    ("answers_beside", FAIL, Code.NOT_AS_BEFORE, {}, {"fleet": fleet(u.REVERT, probes=(answered(4),))}),
    ("answers_beside", PASS, Code.DIFFERENCE_ACCEPTED, accepted("pay"),
     {"fleet": fleet(u.REVERT, probes=(answered(4),))}),
    ("answers_beside", FAIL, Code.NOT_AS_BEFORE, {},
     {"verified": None, "fleet": fleet(u.REVERT, probes=(answered(status=404),))}),
)  # fmt: skip


def of(name: str, found: tuple[Finding, ...]) -> Finding:
    return next(f for f in found if f.gate == f"{name}:pay")


@pytest.mark.parametrize("gate, answer, code, r, seen", ROWS, ids=lambda v: str(v)[:40])
def test_a_service_beside(gate: str, answer: Answer, code: Code, r: dict[str, Any], seen: dict[str, Any]) -> None:
    found = of(gate, look(PROD, g.release(PROD, **r), facts(**seen), BOTH))
    assert (found.answer, found.code, found.service) == (answer, code, "pay")


@pytest.mark.parametrize("gate, answer, code, r, seen", BACK, ids=lambda v: str(v)[:40])
def test_a_service_beside_in_a_rollback(
    gate: str, answer: Answer, code: Code, r: dict[str, Any], seen: dict[str, Any]
) -> None:
    known = u.after(beside=(pay(fleet=fleet(u.REVERT)).model_copy(update=seen),))
    found = of(gate, look(PROD, u.rollback(PROD, **r), known, BOTH))
    assert (found.answer, found.code, found.service) == (answer, code, "pay")


def test_every_gate_beside_has_rows_for_each_answer() -> None:
    gates = {(gate.__name__, a) for rows in BESIDE.values() for _, gate in rows for a in Answer}
    tested = {(row[0], row[1]) for row in (*ROWS, *BACK)}
    assert gates - tested == {("version_beside", FAIL)}  # it is waited for, HELD once it is late


def test_the_services_own_line_is_its_own() -> None:
    found = look(PROD, g.release(PROD), facts(), BOTH)
    assert [f.service for f in found if f.gate in ("version_reflected", "behaves_identically")] == ["shop", "shop"]
    alone = look(PROD, g.release(PROD), facts(), g.policy())
    assert all(f.service is None for f in alone) and len(alone) == len(found) - 2


def test_a_service_that_nobody_has_looked_at_keeps_it_from_going_on() -> None:
    """As after an update: what was stored before knows of no other service."""
    unknown = g.facts(tip=g.at_tip())
    done = advance(g.release(PROD), both_runs(unknown), BOTH)
    assert {(r.stage, r.status) for r in done.records if isinstance(r, Release)} <= {(PROD, Status.RUNNING)}
    assert not [r for r in done.records if isinstance(r, Baseline)]
    assert {f.code for f in look(PROD, g.release(PROD), unknown, BOTH) if f.service == "pay"} == {Code.NOT_LOOKED}


def both_runs(known: Facts) -> Facts:
    runs = known.runs.value
    assert runs is not None
    return known.model_copy(
        update={"runs": g.seen(runs.model_copy(update={"of_push": (*runs.of_push, g.run(id=6, workflow="pay.yml"))}))}
    )


def test_complete_is_complete_for_all() -> None:
    done = advance(g.release(PROD), both_runs(facts()), BOTH)
    release = next(r for r in done.records if isinstance(r, Release))
    baselines = [r for r in done.records if isinstance(r, Baseline)]
    assert release.status is Status.COMPLETE
    assert [(b.service, b.sha, b.release) for b in baselines] == [("shop", g.SHA, 7), ("pay", g.SHA, 7)]


def test_a_rollback_is_complete_for_all() -> None:
    new, done = complete(u.rollback(Stage.DOCUMENT), Decision(), u.after(), BOTH)
    assert [(r.service, r.sha) for r in done.records if isinstance(r, Baseline)] == [
        ("shop", u.REVERT),
        ("pay", u.REVERT),
    ]
    assert new.status is Status.COMPLETE


def test_the_workflows_of_all_must_succeed() -> None:
    release, known = g.release(Stage.CI), facts()
    codes = {f.gate: f.code for f in look(Stage.CI, release, known, BOTH)}
    assert codes["ci_started"] != Code.CI_STARTED
    codes = {f.gate: f.code for f in look(Stage.CI, release, both_runs(known), BOTH)}
    assert (codes["ci_started"], codes["ci_success"]) == (Code.CI_STARTED, Code.CI_OK)


def test_a_deploy_job_is_only_known_where_each_service_says_it() -> None:
    shop = g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",)))
    said = PAY.model_copy(update={"ci": Ci(workflows=("pay.yml",), deploy_jobs=("deploy-pay",))})
    assert g.policy(services=(shop, said)).as_released(shop).ci.deploy_jobs == ("deploy", "deploy-pay")
    assert g.policy(services=(shop, PAY)).as_released(shop).ci.deploy_jobs == ()
    assert g.policy(services=(shop,)).as_released(shop) is shop


def test_what_differs_is_accepted_for_the_service_that_differs() -> None:
    held = next(
        r for r in advance(g.release(PROD), both_runs(facts(**OTHERWISE)), BOTH).records if isinstance(r, Release)
    )
    assert held.status is Status.HELD and held.hold and held.hold.finding.service == "pay"
    known = both_runs(facts(**OTHERWISE)).model_copy(update={"change": g.change(requester=g.BOB)})
    done = accept_difference(held, g.CAROL, (("cart", "body.balance"),), "a new tariff", known, BOTH)
    new = next(r for r in done.records if isinstance(r, Release))
    assert [(d.service, d.probe, d.production) for d in new.differences] == [("pay", "cart", "4")]
    assert new.status is Status.COMPLETE


def test_what_a_rollback_returns_to_may_have_been_verified_with_another_service() -> None:
    """Then nothing was attested of this one: production's answers then are known."""
    shop = g.service().probes[0]
    then = Verified(
        sha=g.BASE,
        known=(Known(probe=shop, answer=ProbeAnswer(name="cart", status=200, body={"total": 7})),),
        release=5,
    )
    known = u.after(at_target=then, beside=(pay(fleet=fleet(u.REVERT)),))
    found = {f.gate: f.code for f in look(PROD, u.rollback(PROD), known, BOTH)}
    assert found["answers_as_before"] == Code.AS_BEFORE
    other = known.model_copy(update={"at_target": verified()})
    found = {f.gate: f.code for f in look(PROD, u.rollback(PROD), other, BOTH)}
    assert found["answers_as_before"] == Code.NO_ERROR


@pytest.mark.parametrize("served, live", [(g.SHA, True), (g.BASE, False)])
def test_what_was_live_of_either_was_live(served: str, live: bool) -> None:
    reverted = (g.release(Stage.CI, id=6, status=Status.HELD),)
    seen = pay(fleet=fleet(rounds=g.rounds((g.BASE,) * 3, (g.BASE, served, g.BASE))))
    known = u.facts(reverted=reverted, fleet=Seen(), runs=Seen(), beside=(seen,))
    assert was_live(known, g.service(), BOTH) is live


def test_what_deploys_the_other_service_goes_around_nothing() -> None:
    """A run of its own workflow, by the push, with a deploy job: nobody deployed by hand."""
    shop = p.service()
    other = PAY.model_copy(update={"ci": Ci(workflows=("pay.yml",), deploy_jobs=("deploy",))})
    seen = p.facts(lately=p.ran(g.run(workflow="pay.yml")))
    assert sightings(seen, g.policy(services=(shop, other)), shop) == ()
    assert [s.code for s in sightings(seen, p.policy(), shop)] == [Code.RUN_BY_HAND]
