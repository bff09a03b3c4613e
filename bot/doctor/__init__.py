"""`slipway doctor`: one line a check, each with its mend. Looks only; moves nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from github import Auth, GithubException
from requests import RequestException
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.config import BadPolicy, BadSettings, Settings, read_policy, read_settings
from bot.doctor import github, house, slack
from bot.doctor.finding import Check, Finding, Patient
from bot.github.client import connect
from bot.sop.facts import CannotLook
from bot.sop.unreached import why

__all__ = ["CHECKS", "Finding", "Patient", "check", "examine"]

CHECKS: dict[str, Check] = {
    "Slack token": slack.token,
    "Slack mode": slack.mode,
    "Channels": slack.channels,
    "Roles": slack.roles,
    "GitHub": github.access,
    "Branches": github.branches,
    "Webhooks": house.webhooks,
    "Database": house.database,
    "Production": house.production,
    "Clock": house.clock,
}


def examine(manifest: Path) -> Iterator[Finding]:
    """Every finding as soon as it is made. Without settings and sop.yaml there is nothing more to look at."""
    try:
        settings = read_settings(Settings)
    except BadSettings as error:
        yield from (Finding("Settings", False, problem, "set it in the environment") for problem in error.problems)
        return
    yield Finding("Settings", True, f"complete, {settings.mode}")
    try:
        policy = read_policy(settings.sop_file)
    except BadPolicy as error:
        yield from (Finding("sop.yaml", False, f"line {p.line}: {p}" if p.line else str(p)) for p in error.problems)
        return
    yield Finding("sop.yaml", True, f"{policy.stage}, {policy.status}, digest {policy.digest[:12]}")
    client = WebClient(
        settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10, retry_handlers=[]
    )
    hub = connect(_auth(settings), settings.github_api_url)
    yield from check(Patient(settings, policy, client, hub, manifest, lambda: datetime.now(UTC)))


def check(patient: Patient) -> Iterator[Finding]:
    """All of CHECKS; one that cannot be carried out is a finding too."""
    for name, carry_out in CHECKS.items():
        try:
            yield from carry_out(patient)
        except CannotLook as error:
            yield _unseen(name, error)
        except SlackClientError as error:
            yield Finding(name, False, f"Slack: {error}")
        except GithubException as error:
            yield Finding(name, False, f"GitHub answered {error.status}")
        except (RequestException, OSError) as error:
            yield Finding(name, False, f"could not be reached: {why(error)}", "check the address and the network")


def _unseen(name: str, error: CannotLook) -> Finding:
    """A limit is nobody's fault, and says nothing of the installation."""
    if error.until is None:
        return Finding(name, False, str(error))
    return Finding(name, None, f"{error} until {error.until:%H:%M} UTC", "then run doctor again")


def _auth(settings: Settings) -> Auth.Auth:
    key, app, installation = settings.github_app_private_key, settings.github_app_id, settings.github_installation_id
    if key is not None and app is not None and installation is not None:
        return Auth.AppAuth(app, key.get_secret_value()).get_installation_auth(installation)
    token = settings.github_token
    return Auth.Token(token.get_secret_value() if token else "")
