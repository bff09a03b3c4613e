"""Every rule of the SOP by its number. `/sop`, the governance check and the README show these sentences."""

RULES: dict[str, str] = {
    "S1": "The SOP names its stage and its status. Only an ACTIVE SOP lets a release start.",
    "S2": "The SOP is mandatory for every release. A production change that went around it is a violation.",
    "P1": "A change request exists and is approved.",
    "P2": "“Pre-Action Governance Check: OK” is acknowledged.",
    "P3": "The local build completes without errors.",
    "P4": "No unresolved CRITICAL issue is open.",
    "P5": "All intended changes are committed to the repository.",
    "T1": "Standard: extensions, non-breaking changes, routine updates.",
    "T2": "Hotfix: only for production incidents, critical bugs, security issues; minimal and reversible.",
    "1": "Verify local state: clean working tree, correct branch checked out, local app runs as expected.",
    "2": "Commit changes: every commit message references the change request, no unrelated change is included.",
    "3": "Push to remote: to the designated branch.",
    "4": "CI/CD execution: GitHub Actions start automatically and are monitored until they complete.",
    "5": "Production verification: production reflects the new version and behaves identically to local.",
    "C": "A release is complete only after production verification.",
    "H1": "Declare the incident: identify the affected functionality, confirm that the severity is CRITICAL.",
    "H2": "Apply a minimal fix: change only what resolves the incident.",
    "H3": "Immediate deploy: push the fix, monitor CI/CD closely.",
    "H4": "Verify resolution: the issue is resolved in production.",
    "H5": "Post-action note: incident and resolution are recorded in decision_log.md.",
    "F1": "CI/CD fails: never retried blindly; logs inspected, root cause fixed, pipeline re-run intentionally.",
    "F2": "Production does not update: right branch? CI/CD successful? environment configuration? No manual fix.",
    "R1": "Revert the offending commits.",
    "R2": "Trigger a new deployment.",
    "R3": "Verify the rollback in production.",
    "R4": "Document the reason of the rollback.",
    "X1": "No manual changes in production.",
    "X2": "CI/CD is never skipped.",
    "X3": "Nothing is deployed without a change request.",
    "X4": "Nothing is deployed during an architecture freeze, except a hotfix.",
}

SECTIONS: dict[str, tuple[str, ...]] = {
    "Stage": ("S1", "S2"),
    "Preconditions": ("P1", "P2", "P3", "P4", "P5"),
    "Release types": ("T1", "T2"),
    "Standard procedure": ("1", "2", "3", "4", "5", "C"),
    "Hotfix procedure": ("H1", "H2", "H3", "H4", "H5"),
    "Failure handling": ("F1", "F2"),
    "Rollback procedure": ("R1", "R2", "R3", "R4"),
    "Prohibited": ("X1", "X2", "X3", "X4"),
}


def rule(number: str) -> str:
    """A rule's sentence; the number itself where it is unknown."""
    return RULES.get(number, number)
