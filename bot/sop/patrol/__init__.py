"""What of all that the patrol saw went around the SOP. Unknown is never a violation: a failed look gives nothing."""

from bot.sop.codes import Code
from bot.sop.patrol.facts import PatrolFacts
from bot.sop.patrol.production import fresh_play, of_behaviour, of_version
from bot.sop.patrol.repository import of_branch, of_runs
from bot.sop.patrol.sighting import Sighting
from bot.sop.policy import Policy, Service

OF_PRODUCTION = (
    Code.VERSION_STRANGE,
    Code.VERSION_RETURNED,
    Code.DEPLOYED_WITHOUT_CI,
    Code.DEPLOYED_WITHOUT_RELEASE,
    Code.DEPLOYED_IN_FREEZE,
)
LASTING = (*OF_PRODUCTION, Code.BEHAVIOUR_CHANGED)  # the others happened once


def sightings(facts: PatrolFacts, policy: Policy, service: Service) -> tuple[Sighting, ...]:
    """Nothing is measured against nothing: without a baseline there are none."""
    baseline = facts.baseline
    if baseline is None:
        return ()
    found = (
        *of_branch(facts, policy, service),
        *of_runs(facts, policy, policy.as_released(service)),
        *of_version(facts, policy, service, baseline),  # what came of those
        *of_behaviour(facts, service, baseline),
    )
    return tuple({s.key: s for s in found}.values())


def visible(code: str, facts: PatrolFacts) -> bool:
    """Whether the latest looks would have shown a thing of this kind: only then may it be said to be gone.

    What happened once stays happened: a push, a run.
    """
    baseline, live = facts.baseline, facts.live.known
    if code in OF_PRODUCTION:
        return baseline is not None and live is not None and live.whole and live.round.at >= baseline.at
    return code == Code.BEHAVIOUR_CHANGED and baseline is not None and fresh_play(facts, baseline) is not None
