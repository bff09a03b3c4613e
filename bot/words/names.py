"""Names of stages, statuses, intents and roles, as people read them. Stable: scripts read them too."""

from bot.sop.stages import Procedure, Stage, Status

STAGES: dict[str, str] = {
    Stage.PRECONDITIONS: "Preconditions",
    Stage.LOCAL_STATE: "Local state",
    Stage.COMMITS: "Commits",
    Stage.PUSH: "Push",
    Stage.CI: "CI",
    Stage.PRODUCTION: "Production",
    Stage.COMPLETE: "Complete",
    Stage.INCIDENT: "Incident",
    Stage.MINIMAL_FIX: "Minimal fix",
    Stage.POST_ACTION_NOTE: "Post-action note",
    Stage.REVERT: "Revert",
    Stage.DOCUMENT: "Document",
}
STATUSES: dict[str, str] = {s: s.value.replace("_", " ") for s in Status}
PROCEDURES: dict[str, str] = {
    Procedure.STANDARD: "standard release",
    Procedure.HOTFIX: "hotfix",
    Procedure.ROLLBACK: "rollback",
}
INTENTS: dict[str, str] = {
    "acknowledge": "acknowledge the governance check",
    "accept_paths": "accept the paths",
    "push": "push",
    "abort": "abort",
    "start_again": "start again",
    "start": "start a release",
    "approve": "approve",
    "reject": "reject",
    "edit": "edit",
    "withdraw": "withdraw",
    "withdraw_approval": "withdraw an approval",
    "withdraw_change": "withdraw",
    "end": "end it",
    "change": "change it",
    "cancel": "cancel it",
    "new_change": "file a change request",
    "freeze": "freeze",
    "adopt": "adopt a baseline",
}


def stage_name(stage: str) -> str:
    return STAGES.get(stage, stage.replace("_", " ").capitalize())


def status_name(status: str) -> str:
    return STATUSES.get(status, status)


def procedure_name(procedure: str) -> str:
    return PROCEDURES.get(procedure, procedure)


def intent_name(intent: str) -> str:
    return INTENTS.get(intent, intent.replace("_", " "))


def role_name(role: str) -> str:
    return {"incident": "incident role"}.get(role, role)
