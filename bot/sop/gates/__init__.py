"""Which gates stand in which stage: all of them must PASS before the release goes on to the next.

A new gate is one function, one row here, and one table test.
"""

from collections.abc import Callable

from bot.sop.decision import Finding
from bot.sop.facts import Facts
from bot.sop.gates import ci, local, preconditions, production, push
from bot.sop.gates.verdict import Verdict
from bot.sop.policy import Policy
from bot.sop.records import Release
from bot.sop.stages import Procedure, Stage

Gate = Callable[[Release, Facts, Policy], Verdict]

GATES: dict[Procedure, dict[Stage, tuple[tuple[str, Gate], ...]]] = {
    Procedure.STANDARD: {
        Stage.PRECONDITIONS: (
            ("S1", preconditions.sop_active),
            ("P1", preconditions.change_approved),
            ("P2", preconditions.governance),
            ("P3", preconditions.local_build),
            ("P4", preconditions.no_critical),
            ("P5", preconditions.all_committed),
            ("X4", preconditions.not_frozen),
            ("X3", preconditions.lock_free),
        ),
        Stage.LOCAL_STATE: (
            ("1", local.clean_tree),
            ("1", local.correct_branch),
            ("1", local.tree_attested),
            ("1", local.app_runs),
        ),
        Stage.COMMITS: (
            ("2", local.references_change),
            ("2", local.no_unrelated_change),
            ("P1", local.independent_approval),
            ("X2", local.no_skip_ci),
        ),
        Stage.PUSH: (("3", push.pushed),),
        Stage.CI: (
            ("3", push.branch_still),
            ("4", ci.ci_started),
            ("4", ci.ci_success),
        ),
        Stage.PRODUCTION: (
            ("3", push.branch_still),
            ("5", production.version_reflected),
            ("5", ci.no_older_run),
            ("5", production.behaves_identically),
        ),
    },
}


def look(stage: Stage, release: Release, facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Every gate of a stage, asked now."""
    rows = GATES[release.procedure].get(stage, ())
    return tuple(
        Finding(gate=gate.__name__, rule=rule, **gate(release, facts, policy).model_dump()) for rule, gate in rows
    )
