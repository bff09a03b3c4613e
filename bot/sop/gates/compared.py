"""What a service answered when it was verified last, against what its production answers now."""

from bot.sop.codes import Code
from bot.sop.facts import Fleet, Verified
from bot.sop.finding import Evidence
from bot.sop.gates.production import SHOWN, as_values, as_words, differing, taken_of
from bot.sop.gates.verdict import Verdict, fails, passes
from bot.sop.policy import Service
from bot.sop.probes import Difference
from bot.sop.records import Release

NOTHING = "nothing verified to compare with"


def as_verified(release: Release, service: Service, fleet: Fleet, verified: Verified | None) -> Verdict:
    """Field by field. A probe of which nothing verified is known, or that was another one then, differs: an approver
    says by name that its answer is good."""
    known = {k.answer.name: k.answer for k in verified.known if k.probe in service.probes} if verified else {}
    mine = taken_of(release, service.name if service.name != release.service else None)
    before = verified.accepted if verified else ()
    taken = {(d.probe, d.field, d.production) for d in (*before, *mine)}
    found = [d for d in differing(known, fleet, service.probes, NOTHING) if _key(d) not in taken]
    if found:
        said = [as_values(d, service.name) for d in found[:SHOWN]]
        return fails(
            Code.DIFFERENT_FROM_VERIFIED,
            "approver",
            release.owner,
            differences=said,
            count=len(found),
        )
    probes = len(service.probes)
    if mine:
        return passes(Code.DIFFERENCE_ACCEPTED, Evidence.WORD, differences=as_words(mine), probes=probes)
    by = f"R-{verified.release}" if verified and verified.release else None
    return passes(Code.AS_VERIFIED, probes=probes, release=by)


def _key(difference: Difference) -> tuple[str, str, str]:
    return difference.probe, difference.field, difference.production
