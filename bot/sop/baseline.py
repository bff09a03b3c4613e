"""The commit last verified in production; at first a person adopts, by name, what production serves."""

from pydantic import AwareDatetime

from bot.sop.codes import Code
from bot.sop.decision import Decision, Event, Refusal
from bot.sop.effects import Notice, PostChannel, ShowCard
from bot.sop.facts import Directory, Seen, Served
from bot.sop.model import Frozen
from bot.sop.policy import Policy, Role, Service
from bot.sop.records import Baseline
from bot.sop.roles import lacks


class BaselineFacts(Frozen):
    now: AwareDatetime
    directory: Directory = Directory()
    baseline: Baseline | None = None
    served: Seen[Served] = Seen()


def adopt(by: str, service: str, sha: str, facts: BaselineFacts, policy: Policy) -> Decision:
    """An approver adopts exactly what was shown, if production still serves it."""
    known = policy.service(service)
    refusal = lacks(policy, facts.directory, by, "adopt a baseline", Role.APPROVER)
    if known is None:
        names = [s.name for s in policy.services]
        refusal = Refusal(code=Code.UNKNOWN_SERVICE, values={"service": service, "services": names})
    if refusal is None and facts.baseline is not None:
        refusal = Refusal(code=Code.SAME_BASELINE, values={"service": service, "sha": facts.baseline.sha})
    served = facts.served.known.sha if facts.served.known else None
    if refusal is None and served != sha:
        refusal = Refusal(code=Code.SERVED_OTHER, values={"service": service, "sha": sha, "served": served})
    if refusal or known is None:
        return Decision(refusal=refusal)
    return _adopted(known, sha, by, facts)


def notice_served(service: Service, facts: BaselineFacts, policy: Policy) -> Decision:
    """Until there is a baseline: takes the one of sop.yaml, or asks the approvers, once for each commit served."""
    served = facts.served.known
    if facts.baseline is not None:
        return Decision()
    if service.baseline is not None:
        return _adopted(service, service.baseline, "sop.yaml", facts)
    if served is None:
        return Decision()
    whom = policy.roles.of(Role.APPROVER)
    values = {"service": service.name, "sha": served.sha, "url": served.url, "whom": list(whom)}
    asked = PostChannel(
        subject=f"service:{service.name}",
        channel=service.channel,
        notice=Notice(code=Code.BASELINE_WANTED, values=values),
        mention=whom,
        once=f"baseline:{served.sha}",
    )
    return Decision(effects=(asked,))


def _adopted(service: Service, sha: str, by: str, facts: BaselineFacts) -> Decision:
    values = {"service": service.name, "sha": sha, "by": by}
    told = ShowCard(subject=f"service:{service.name}", channel=service.channel)  # what was asked has its answer
    event = Event(kind="baseline_adopted", subject=f"service:{service.name}", actor=by, values=values)
    adopted = Baseline(service=service.name, sha=sha, at=facts.now, by=by)
    return Decision(records=(adopted,), events=(event,), effects=(told,))
