"""Settings from the environment; frozen, passed in, never global."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config.verdicts import plain


class Mode(StrEnum):
    """How Slack reaches the bot."""

    HTTP = "HTTP"  # Slack calls /slack/events
    SOCKET = "Socket Mode"  # the bot calls Slack; no public address is needed


class DatabaseSettings(BaseSettings):
    """All that a command needs which only reads the database."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=False, hide_input_in_errors=True
    )

    database_url: SecretStr = SecretStr("sqlite:///slipway.sqlite3")  # it may carry a password


class Settings(DatabaseSettings):
    """The environment: secrets and addresses only. A field is the variable of the same name in capitals."""

    slack_bot_token: SecretStr = SecretStr("")  # wanted; told together with what else is missing
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    github_token: SecretStr | None = None
    github_app_id: int | None = None
    github_app_private_key: SecretStr | None = None
    github_installation_id: int | None = None
    github_webhook_secret: SecretStr | None = None
    sop_file: Path = Path("sop.yaml")
    slack_api_url: str = Field(default="https://slack.com/api/", pattern=r"^https?://[^\s]+/$")
    github_api_url: str = Field(default="https://api.github.com", pattern=r"^https?://[^\s]+[^/\s]$")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def mode(self) -> Mode:
        return Mode.HTTP if self.slack_signing_secret else Mode.SOCKET

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("slack_api_url", mode="before")
    @classmethod
    def _ends_with_slash(cls, value: Any) -> Any:
        return value.rstrip("/") + "/" if isinstance(value, str) else value

    @field_validator("github_api_url", mode="before")
    @classmethod
    def _ends_without_slash(cls, value: Any) -> Any:
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("github_app_private_key", mode="before")
    @classmethod
    def _key_on_one_line(cls, value: Any) -> Any:
        """Environment files hold one line a variable: `\\n` stands for a line break."""
        return value.replace("\\n", "\n") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way_to_slack_and_one_to_github(self) -> Self:
        problems = (*_slack_problems(self), *_github_problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self


def _slack_problems(settings: Settings) -> Iterator[str]:
    if not settings.slack_bot_token.get_secret_value():
        yield "set SLACK_BOT_TOKEN (xoxb-…, from OAuth & Permissions)"
    if settings.slack_signing_secret and settings.slack_app_token:
        yield "SLACK_SIGNING_SECRET (HTTP) and SLACK_APP_TOKEN (Socket Mode) are both set: keep one, it says the mode"
    if not settings.slack_signing_secret and not settings.slack_app_token:
        yield "set SLACK_SIGNING_SECRET (Slack calls the bot over HTTP) or SLACK_APP_TOKEN (Socket Mode)"


def _github_problems(settings: Settings) -> Iterator[str]:
    app = {
        "GITHUB_APP_ID": settings.github_app_id,
        "GITHUB_APP_PRIVATE_KEY": settings.github_app_private_key,
        "GITHUB_INSTALLATION_ID": settings.github_installation_id,
    }
    missing = [name for name, value in app.items() if value is None]
    if settings.github_token and len(missing) < len(app):
        yield "GITHUB_TOKEN and GITHUB_APP_… are both set: keep the token or the app"
    elif not settings.github_token and len(missing) == len(app):
        yield f"set GITHUB_TOKEN, or for a GitHub App {', '.join(app)}"
    elif not settings.github_token and missing:
        yield f"the GitHub App is set up in part: set {' and '.join(missing)} too"


class BadSettings(Exception):
    """The environment is incomplete or contradicts itself; `problems` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


S = TypeVar("S", bound=DatabaseSettings)


def read_settings(of: type[S]) -> S:
    """Settings from the environment. Raises BadSettings, which never shows a value."""
    try:
        return of()
    except ValidationError as error:
        raise BadSettings(tuple(_settings_problems(error))) from None


def _settings_problems(error: ValidationError) -> Iterator[str]:
    for e in error.errors():
        name = "_".join(str(part) for part in e["loc"]).upper()
        if e["type"] == "value_error" and not name:
            yield from e["msg"].removeprefix("Value error, ").split("\n")
        else:
            yield f"{name}: {plain(e)}"
