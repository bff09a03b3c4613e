"""A quiet service under patrol, as plain data; a test changes one thing and looks at what is sighted."""

from datetime import datetime
from typing import Any

from bot.sop.facts import Activity, Directory, Known, ProbeAnswer, Round, Run, Sample, Verified
from bot.sop.patrol import sightings
from bot.sop.patrol.facts import Lately, Live, Origin, PatrolFacts, Played, Ran, Version
from bot.sop.patrol.sighting import Sighting
from bot.sop.policy import Ci, Policy, PushMode, Service
from bot.sop.records import Baseline, Freeze, FreezeStatus, Passage, Pushed, Release
from bot.sop.stages import STAGES, Procedure, Stage, Status
from tests.sop import good as g

STRANGER = "9" * 40
BEGAN = g.ago(days=1)


def service(**changes: Any) -> Service:
    return g.service(ci=Ci(workflows=("deploy.yml",), deploy_jobs=("deploy",))).model_copy(update=changes)


def policy(**changes: Any) -> Policy:
    return g.policy(services=(service(),)).model_copy(update=changes)


def watching() -> Policy:
    return policy(services=(service(push=PushMode.WATCH),))


def live(*served: Version, at: datetime = g.NOW, missing: int = 0) -> Live:
    """Every version served once, and `missing` samples that did not answer."""
    samples = tuple(Sample(version=v.text) for v in served) + (Sample(error="timed out"),) * missing
    whole = at if not missing else None
    return Live(round=Round(at=at, samples=samples), versions=served, whole_at=whole)


def version(sha: str | None = g.BASE, *runs: Run, text: str | None = None, **changes: Any) -> Version:
    made = Version(text=text or sha or "what", origin=Origin(sha=sha, runs=runs), first_at=g.NOW)
    return made.model_copy(update=changes)


def deployed(*served: Version, **changes: Any) -> PatrolFacts:
    return facts(live=g.seen(live(*served)), **changes)


def answer(total: int = 7, **changes: Any) -> ProbeAnswer:
    return ProbeAnswer(name="cart", status=200, body={"total": total}).model_copy(update=changes)


def verified(**changes: Any) -> Verified:
    known = (Known(probe=service().probes[0], answer=answer()),)
    return Verified(sha=g.BASE, known=known, release=6).model_copy(update=changes)


def played(*answers: ProbeAnswer) -> Any:
    return g.seen(Played(sha=g.BASE, plays=tuple((a,) for a in answers)))


def activity(after: str = STRANGER, kind: str = "push", **changes: Any) -> Activity:
    made = Activity(id=77, kind=kind, before=g.BASE, after=after, login="bob", at=g.ago(minutes=3))
    return made.model_copy(update=changes)


def lately(*moves: Activity, **changes: Any) -> Any:
    seen = Lately(since=g.ago(hours=1), tip=moves[0].after if moves else g.BASE, activity=moves)
    return g.seen(seen.model_copy(update=changes))


def ran(run: Run, login: str | None = "bob") -> Any:
    return lately(runs=(Ran(run=run, login=login),))


def baseline(**changes: Any) -> Baseline:
    return Baseline(service="shop", sha=g.BASE, at=BEGAN, by=g.CAROL).model_copy(update=changes)


def facts(**changes: Any) -> PatrolFacts:
    return PatrolFacts(
        now=g.NOW,
        directory=Directory(groups={"S0LEADS": (g.DAVE,)}),
        baseline=baseline(),
        began=BEGAN,
        live=g.seen(live(version())),
        played=played(answer()),
        verified=verified(),
        lately=lately(),
    ).model_copy(update=changes)


def released(stage: Stage = Stage.PRODUCTION, sha: str = g.SHA, **changes: Any) -> Release:
    """A release that pushed `sha` and has come to a stage."""
    procedure = changes.get("procedure", Procedure.STANDARD)
    order = STAGES[procedure]
    passed = tuple(Passage(stage=s, at=g.ago(minutes=5)) for s in order[: order.index(stage)])
    push = Pushed(sha=sha, tree=g.TREE, at=g.ago(minutes=5), by=g.ALICE)
    return g.release().model_copy(update={"stage": stage, "passed": passed, "pushed": push, **changes})


def closed(status: Status = Status.COMPLETE, **changes: Any) -> Release:
    return released(status=status, ended_at=g.NOW, **changes)


def freeze(**changes: Any) -> Freeze:
    return Freeze(
        id=2,
        status=FreezeStatus.ACTIVE,
        services=(),
        reason="peak",
        owner=g.CAROL,
        starts_at=g.ago(hours=1),
        until=None,
        created_at=g.ago(hours=2),
    ).model_copy(update=changes)


def sighted(facts: PatrolFacts, policy: Policy | None = None) -> list[Sighting]:
    asked = policy or globals()["policy"]()
    return list(sightings(facts, asked, asked.services[0]))


def codes(facts: PatrolFacts, policy: Policy | None = None) -> list[tuple[str, str]]:
    """(rule, code) of each."""
    return [(s.rule, s.code.value) for s in sighted(facts, policy)]
