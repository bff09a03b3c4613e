"""What a sandbox GitHub is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.people import PEOPLE

BOT_LOGIN = "slipway[bot]"
APP_PERMISSIONS = {
    "metadata": "read",
    "actions": "write",
    "checks": "read",
    "contents": "write",
    "deployments": "write",
    "environments": "read",
    "actions_variables": "read",
    "secrets": "read",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
    "administration": "read",
}


@dataclass
class Protection:
    """Branch protection. `pushers`: the logins that may push, None for everyone with write access.

    bypassers: logins that no rule stops; GitHub remembers what they pushed past one.
    """

    required_checks: list[str] = field(default_factory=list)
    strict: bool = False
    pushers: list[str] | None = None
    pull_request: bool = False
    force_pushes: bool = False
    enforce_admins: bool = True
    bypassers: list[str] = field(default_factory=list)


def _tokens() -> dict[str, str]:
    return {"ghs_bot": BOT_LOGIN} | {f"ghp_{person.login}": person.login for person in PEOPLE}


def _permissions() -> dict[str, str]:
    return {person.login: "write" for person in PEOPLE} | {"frank": "read", "carol": "admin", "dave": "admin"}


@dataclass
class GithubConfig:
    """`root` holds the bare repositories and the workspaces of jobs.

    tokens: token -> login; `ghs_` tokens belong to the app, others to people.
    permissions: login -> admin | write | read on every repository; who is not named sees nothing.
    app_permissions: what the app's installation may do; without `workflows` it may not push workflow files.
    app_public_key: PEM; with it JSON web tokens of the app are accepted on /app.
    variables, secrets: of the repository, for workflows. job_env: given to every step as it is.
    slots: how many jobs run at once. url: where this server is reached; learnt from the first request when empty.
    """

    root: Path
    owner: str = "acme"
    repo: str = "shop"
    url: str = ""
    webhook_url: str | None = None
    webhook_secret: str = ""
    tokens: dict[str, str] = field(default_factory=_tokens)
    permissions: dict[str, str] = field(default_factory=_permissions)
    app_id: int = 4711
    installation_id: int = 815
    app_permissions: dict[str, str] = field(default_factory=lambda: dict(APP_PERMISSIONS))
    app_public_key: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    job_env: dict[str, str] = field(default_factory=dict)
    signing_keys: dict[str, list[str]] = field(default_factory=dict)
    protections: dict[str, Protection] = field(default_factory=dict)
    slots: int = 2
