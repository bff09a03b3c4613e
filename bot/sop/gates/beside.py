"""Rules 5, C and R3 for the services that go out with the release's own, because they share repository and branch.

Their probes are compared with what their own preflight of the very tree that was pushed attested, where one was sent
before the push; else with what they answered when they were verified last: nothing of them is meant to change.
"""

from collections.abc import Callable

from bot.sop.codes import Code
from bot.sop.facts import Attestation, Beside, Facts, Fleet
from bot.sop.finding import Evidence
from bot.sop.gates.compared import as_verified
from bot.sop.gates.production import SHOWN, as_words, differing, reflected, taken_of, unready
from bot.sop.gates.rollback import as_before
from bot.sop.gates.verdict import Verdict, fails, passes, unseen
from bot.sop.policy import Policy, Role, Service
from bot.sop.records import Release
from bot.sop.roles import holders

GateBeside = Callable[[Release, Facts, Policy, Service], Verdict]


def version_beside(release: Release, facts: Facts, _policy: Policy, service: Service) -> Verdict:
    return reflected(release, facts, service, beside(facts, service).fleet)


def behaves_beside(release: Release, facts: Facts, policy: Policy, service: Service) -> Verdict:
    known = beside(facts, service)
    waiting, fleet = unready(release, facts, service, known.fleet), known.fleet.known
    if waiting is not None or fleet is None:
        return waiting or unseen("production", known.fleet)
    attested = attested_beside(release, known, facts, policy, service)
    if attested is None:
        return as_verified(release, service, fleet, known.verified)
    return _as_attested(release, service, fleet, attested)


def answers_beside(release: Release, facts: Facts, _policy: Policy, service: Service) -> Verdict:
    """R3: as at the commit returned to; where its answers are not known, without an error."""
    known = beside(facts, service)
    waiting, fleet = unready(release, facts, service, known.fleet), known.fleet.known
    if waiting is not None or fleet is None:
        return waiting or unseen("production", known.fleet)
    return as_before(release, service, fleet, known.verified)


def beside(facts: Facts, service: Service) -> Beside:
    """What is known of it; nothing yet is known as nothing."""
    return next((b for b in facts.beside if b.service == service.name), Beside(service=service.name))


def attested_beside(
    release: Release, known: Beside, facts: Facts, policy: Policy, service: Service
) -> Attestation | None:
    """Its own preflight of the pushed tree that stood at the push: of a releaser, by the SOP that the release is bound
    to, with an app that ran and answered."""
    push, able = release.pushed, holders(policy, facts.directory, Role.RELEASER)
    if push is None:
        return None
    for a in known.attestations:
        stood = a.tree == push.tree and push.at - policy.attestation.max_age < a.made_at and a.received_at <= push.at
        ran = all((check := a.check(name)) is not None and check.ok for name in ("build", "run", "probes"))
        if stood and ran and a.signer in able and a.proof in (None, service.proof):
            return a
    return None


def _as_attested(release: Release, service: Service, fleet: Fleet, attested: Attestation) -> Verdict:
    mine = taken_of(release, service.name)
    taken = {(d.probe, d.field, d.production) for d in mine}
    all_ = differing({a.name: a for a in attested.probes}, fleet, service.probes, "not attested")
    found = [d for d in all_ if (d.probe, d.field, d.production) not in taken]
    if found:
        said = [
            {"service": service.name, "probe": d.probe, "field": d.field, "local": d.local, "production": d.production}
            for d in found[:SHOWN]
        ]
        return fails(Code.DIFFERENT, "approver", release.owner, differences=said, count=len(found))
    probes = len(service.probes)
    if mine:
        return passes(Code.DIFFERENCE_ACCEPTED, Evidence.WORD, differences=as_words(mine), probes=probes)
    return passes(Code.IDENTICAL, probes=probes, by=attested.signer)
