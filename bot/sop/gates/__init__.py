"""Which gates stand in which stage: all of them must PASS before the release goes on to the next.

A new gate is one function, one row here, and one table test.
"""

from collections.abc import Callable, Iterator

from bot.sop.decision import Finding
from bot.sop.facts import Facts
from bot.sop.gates import ci, deploys, hotfix, local, lock, preconditions, production, push, rollback, violations
from bot.sop.gates.beside import GateBeside, answers_beside, behaves_beside, version_beside
from bot.sop.gates.verdict import Verdict
from bot.sop.policy import Policy, Service
from bot.sop.records import Release
from bot.sop.stages import Procedure, Stage

Gate = Callable[[Release, Facts, Policy], Verdict]

PRECONDITIONS = (
    ("S1", preconditions.sop_active),
    ("P1", preconditions.change_approved),
    ("P2", preconditions.governance),
    ("P3", preconditions.local_build),
    ("P4", hotfix.no_critical),
    ("P5", preconditions.all_committed),
    ("X4", preconditions.not_frozen),
    ("X3", preconditions.lock_free),
    ("S2", violations.no_violation),
)
LOCAL_STATE = (
    ("1", local.clean_tree),
    ("1", local.correct_branch),
    ("1", local.tree_attested),
    ("F1", local.fix_is_new),
    ("1", local.app_runs),
)
PUSH = (("3", push.pushed),)
CI = (("3", push.branch_still), ("4", ci.ci_started), ("4", ci.ci_success))
VERSION = (
    ("3", push.branch_still),
    ("X2", deploys.deployed_by_push),
    ("5", production.version_reflected),
    ("5", ci.no_older_run),
)

GATES: dict[Procedure, dict[Stage, tuple[tuple[str, Gate], ...]]] = {
    Procedure.STANDARD: {
        Stage.PRECONDITIONS: PRECONDITIONS,
        Stage.LOCAL_STATE: LOCAL_STATE,
        Stage.COMMITS: (
            ("2", local.references_change),
            ("2", local.no_unrelated_change),
            ("P1", local.independent_approval),
            ("X2", local.no_skip_ci),
        ),
        Stage.PUSH: PUSH,
        Stage.CI: CI,
        Stage.PRODUCTION: (*VERSION, ("5", production.behaves_identically)),
    },
    Procedure.HOTFIX: {
        Stage.INCIDENT: (("H1", hotfix.incident_critical),),
        Stage.PRECONDITIONS: (
            ("S1", preconditions.sop_active),
            ("P1", preconditions.change_approved),
            ("P2", preconditions.governance),
            ("P3", preconditions.local_build),
            ("P4", hotfix.other_criticals),
            ("P5", preconditions.all_committed),
            ("X4", hotfix.freeze_passed),
            ("T2", lock.lock_for_hotfix),
        ),
        Stage.MINIMAL_FIX: (
            *LOCAL_STATE,
            ("2", local.references_change),
            ("H2", local.no_unrelated_change),
            ("P1", local.independent_approval),
            ("X2", local.no_skip_ci),
            ("H2", hotfix.minimal_size),
            ("T2", hotfix.reversible_paths),
            ("T2", hotfix.reversible),
        ),
        Stage.PUSH: PUSH,
        Stage.CI: CI,
        Stage.PRODUCTION: (*VERSION, ("5", production.behaves_identically), ("H4", hotfix.affected_pass)),
        Stage.POST_ACTION_NOTE: (
            ("H4", hotfix.resolution_confirmed),
            ("H5", hotfix.note_written),
            ("H5", hotfix.note_logged),
        ),
    },
    Procedure.ROLLBACK: {
        Stage.REVERT: (("R1", rollback.runs_stopped), ("R1", rollback.revert_built)),
        Stage.PUSH: PUSH,
        Stage.CI: CI,
        Stage.PRODUCTION: (*VERSION, ("R3", rollback.answers_as_before)),
        Stage.DOCUMENT: (("R4", rollback.documented),),
    },
}


# The same of every service that goes out with the release's own: PRODUCTION is passed when all of them are verified.
BESIDE: dict[Procedure, tuple[tuple[str, GateBeside], ...]] = {
    Procedure.STANDARD: (("5", version_beside), ("5", behaves_beside)),
    Procedure.HOTFIX: (("5", version_beside), ("5", behaves_beside)),
    Procedure.ROLLBACK: (("5", version_beside), ("R3", answers_beside)),
}
OF_ONE = ("version_reflected", "behaves_identically", "affected_pass", "answers_as_before")  # the release's own service


def look(stage: Stage, release: Release, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Every gate of a stage, asked now."""
    rows = GATES[release.procedure].get(stage, ())
    others = policy.beside(push.service_of(release, policy)) if stage is Stage.PRODUCTION else ()
    own = tuple(
        Finding(
            gate=gate.__name__,
            rule=rule,
            service=release.service if others and gate.__name__ in OF_ONE else None,
            **gate(release, facts, policy).model_dump(),
        )
        for rule, gate in rows
    )
    return own + tuple(f for service in others for f in _beside(service, release, facts, policy))


def _beside(service: Service, release: Release, facts: Facts, policy: Policy) -> Iterator[Finding]:
    for rule, gate in BESIDE[release.procedure]:
        answer = gate(release, facts, policy, service).model_dump()
        yield Finding(gate=f"{gate.__name__}:{service.name}", rule=rule, service=service.name, **answer)
