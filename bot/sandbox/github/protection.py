"""May this ref move? In GitHub's words when not."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.github.ci.runs import latest_check_runs
from bot.sandbox.github.config import Protection
from bot.sandbox.github.git import ZERO
from bot.sandbox.github.state import Repository

ABOUT = "https://docs.github.com/articles/about-protected-branches"


@dataclass(frozen=True)
class Move:
    """One ref about to move. paths: what differs, for the `workflows` permission."""

    ref: str
    before: str
    after: str
    forced: bool
    paths: list[str] = field(default_factory=list)


def checks_of(repo: Repository, sha: str) -> dict[str, str]:
    """check or status name -> success | failure | pending …, newest of each name."""
    found = {status.context: status.state for status in repo.statuses if status.sha == sha}
    for job in latest_check_runs(repo, sha):
        found[job.name] = job.conclusion or "pending"
    return found


def missing_checks(repo: Repository, rule: Protection, sha: str) -> list[str]:
    """One sentence, or none when all required checks have passed."""
    held = checks_of(repo, sha)
    open_checks = {name: held.get(name) for name in rule.required_checks if held.get(name) not in _PASSED}
    if not open_checks:
        return []
    if len(rule.required_checks) == 1:
        (name, state), *_ = open_checks.items()
        verb = "expected" if state is None else "in progress" if state == "pending" else "failing"
        return [f'Required status check "{name}" is {verb}.']
    return [f"{len(open_checks)} of {len(rule.required_checks)} required status checks are expected."]


_PASSED = ("success", "neutral", "skipped")


def refusals(repo: Repository, login: str, admin: bool, move: Move) -> list[str]:
    """Why branch protection refuses this move; empty when it does not."""
    rule = _rule(repo, move)
    if rule is None or login in rule.bypassers:
        return []
    why = _strict(rule, login, move)
    if why or (admin and not rule.enforce_admins):
        return why
    return _usual(repo, rule, move)


def broken(repo: Repository, login: str, move: Move) -> list[str] | None:
    """What this move would be refused for if nobody could bypass it; None where no rule stands."""
    rule = _rule(repo, move)
    return None if rule is None else _strict(rule, login, move) or _usual(repo, rule, move)


def _rule(repo: Repository, move: Move) -> Protection | None:
    return None if move.before == ZERO else repo.protections.get(move.ref.removeprefix("refs/heads/"))


def _strict(rule: Protection, login: str, move: Move) -> list[str]:
    if move.after == ZERO:
        return ["Cannot delete this branch"]
    if move.forced and not rule.force_pushes:
        return ["Cannot force-push to this branch"]
    if rule.pushers is not None and login not in rule.pushers:
        return [f"You're not authorized to push to this branch. Visit {ABOUT} for more information."]
    return []


def _usual(repo: Repository, rule: Protection, move: Move) -> list[str]:
    """What an administrator is let past, unless the rule is for them too."""
    why = ["Changes must be made through a pull request."] if rule.pull_request else []
    return why + missing_checks(repo, rule, move.after)


def workflow_refusal(permissions: dict[str, str], move: Move) -> str | None:
    """An app without the `workflows` permission may not bring workflow files."""
    if permissions.get("workflows") == "write":
        return None
    touched = next((path for path in move.paths if path.startswith(".github/workflows/")), None)
    if touched is None:
        return None
    return f"refusing to allow a GitHub App to create or update workflow `{touched}` without `workflows` permission"


def rule_json(repo: Repository, branch: str, rule: Protection) -> dict[str, Any]:
    at = f"{repo.api}/branches/{branch}/protection"
    said: dict[str, Any] = {
        "url": at,
        "enforce_admins": {"url": f"{at}/enforce_admins", "enabled": rule.enforce_admins},
        "required_linear_history": {"enabled": False},
        "allow_force_pushes": {"enabled": rule.force_pushes},
        "allow_deletions": {"enabled": False},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
        "required_signatures": {"url": f"{at}/required_signatures", "enabled": False},
    }
    if rule.required_checks:
        said["required_status_checks"] = status_checks_json(at, rule)
    if rule.pull_request:
        said["required_pull_request_reviews"] = _reviews(at)
    return said


def status_checks_json(at: str, rule: Protection) -> dict[str, Any]:
    return {
        "url": f"{at}/required_status_checks",
        "strict": rule.strict,
        "contexts": rule.required_checks,
        "contexts_url": f"{at}/required_status_checks/contexts",
        "checks": [{"context": name, "app_id": None} for name in rule.required_checks],
    }


def _reviews(at: str) -> dict[str, Any]:
    return {
        "url": f"{at}/required_pull_request_reviews",
        "dismiss_stale_reviews": False,
        "require_code_owner_reviews": False,
        "required_approving_review_count": 1,
        "require_last_push_approval": False,
    }
