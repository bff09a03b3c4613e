"""Whose token it is and what it opens."""

import base64
import binascii
import time
from dataclasses import dataclass

import jwt

from bot.sandbox.github.config import BOT_LOGIN, GithubConfig

LEVELS = ("none", "read", "write", "admin")
APP = "app"


@dataclass(frozen=True)
class Identity:
    """kind: anonymous | user | installation | app (a JSON web token)."""

    login: str
    kind: str


@dataclass(frozen=True)
class Issued:
    """A token of an app's installation, until it expires (Unix seconds)."""

    login: str
    until: float


ANONYMOUS = Identity("", "anonymous")


class BadCredentials(Exception):
    """The token is not known here."""


def token_of(authorization: str) -> str:
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise BadCredentials from None
    raise BadCredentials


def identify(config: GithubConfig, issued: dict[str, Issued], authorization: str | None) -> Identity:
    """The sender of a request. Raises BadCredentials; no header at all is anonymous."""
    if not authorization:
        return ANONYMOUS
    token = token_of(authorization)
    made = issued.get(token)
    login = config.tokens.get(token) or (made.login if made and made.until > time.time() else None)
    if login is not None:
        return Identity(login, "installation" if token.startswith("ghs_") else "user")
    if token.count(".") == 2 and config.app_public_key:
        return _app(config, token)
    raise BadCredentials


def _app(config: GithubConfig, token: str) -> Identity:
    try:
        claims = jwt.decode(token, config.app_public_key, algorithms=["RS256"], options={"verify_iss": False})
    except jwt.PyJWTError:
        raise BadCredentials from None
    if str(claims.get("iss")) != str(config.app_id) or claims["exp"] - time.time() > 660:
        raise BadCredentials
    return Identity(BOT_LOGIN, APP)


def level(config: GithubConfig, who: Identity, scope: str) -> str:
    """none | read | write | admin: how far this sender gets with that permission."""
    if who.kind == "installation":
        return config.app_permissions.get(scope, "none")
    held = config.permissions.get(who.login, "none")
    if scope == "administration" and held != "admin":
        return "none"
    # Whoever can read may open issues and comment.
    return "write" if scope == "issues" and held == "read" else held


def allows(held: str, wanted: str) -> bool:
    return LEVELS.index(held) >= LEVELS.index(wanted)
