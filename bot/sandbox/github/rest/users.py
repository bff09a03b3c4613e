"""People, the app, what a token may see."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from bot.sandbox.github.http import Answer, Ask, Refusal, missing, paged
from bot.sandbox.github.objects import moment
from bot.sandbox.github.rest.repos import app as app_json
from bot.sandbox.github.shapes import name_of, repository, user
from bot.sandbox.github.tokens import Issued
from bot.sandbox.people import PEOPLE

_SINCE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_NO_APP_TOKEN = "Resource not accessible by integration"  # noqa: S105 - words, not a token


def _profile(ask: Ask, login: str) -> dict[str, Any]:
    person = next((one for one in PEOPLE if one.login == login), None)
    counts = ("public_repos", "public_gists", "followers", "following")
    return user(ask.site, login) | {
        "name": name_of(login),
        "company": None,
        "blog": "",
        "location": None,
        "email": person.email if person else None,
        "hireable": None,
        "bio": person.title if person else None,
        "twitter_username": None,
        **dict.fromkeys(counts, 0),
        "created_at": moment(_SINCE),
        "updated_at": moment(_SINCE),
    }


def _known(ask: Ask) -> str:
    login = unquote(ask.params["login"])
    if login not in {person.login for person in PEOPLE} | set(ask.world.config.tokens.values()):
        raise missing()
    return login


def get(ask: Ask) -> Answer:
    return Answer(_profile(ask, _known(ask)))


def me(ask: Ask) -> Answer:
    if ask.who.kind == "anonymous":
        raise Refusal(401, "Requires authentication")
    if ask.who.kind != "user":
        raise Refusal(403, _NO_APP_TOKEN)
    counts = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators")
    return Answer(_profile(ask, ask.who.login) | dict.fromkeys(counts, 0) | {"two_factor_authentication": True})


def signing_keys(ask: Ask) -> Answer:
    login = _known(ask)
    keys = list(enumerate(ask.world.site.signing_keys.get(login, []), 1))
    return paged(ask, keys, lambda one: {"id": one[0], "key": one[1], "title": "laptop", "created_at": moment(_SINCE)})


def app(ask: Ask) -> Answer:
    if ask.who.kind != "app":
        raise Refusal(401, "A JSON web token could not be decoded")
    return Answer(app_json(ask, ask.who.login) | {"installations_count": 1})


def _installation(ask: Ask) -> dict[str, Any]:
    config = ask.world.config
    at = f"{ask.site}/app/installations/{config.installation_id}"
    return {
        "id": config.installation_id,
        "account": user(ask.site, config.owner),
        "repository_selection": "all",
        "access_tokens_url": f"{at}/access_tokens",
        "repositories_url": f"{ask.site}/installation/repositories",
        "html_url": f"{ask.site}/settings/installations/{config.installation_id}",
        "app_id": config.app_id,
        "app_slug": "slipway",
        "client_id": "Iv1.slipway",
        "target_id": 1,
        "target_type": "Organization",
        "permissions": config.app_permissions,
        "events": ["push", "workflow_run"],
        "created_at": moment(_SINCE),
        "updated_at": moment(_SINCE),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


def installation(ask: Ask) -> Answer:
    if ask.who.kind != "app":
        raise Refusal(401, "A JSON web token could not be decoded")
    if ask.params.get("installation", str(ask.world.config.installation_id)) != str(ask.world.config.installation_id):
        raise missing()
    return Answer(_installation(ask))


def access_token(ask: Ask) -> Answer:
    """A fresh installation token, for an hour."""
    installation(ask)
    token = f"ghs_{secrets.token_hex(18)}"
    until = datetime.now(UTC) + timedelta(hours=1)
    ask.world.issued[token] = Issued(ask.who.login, until.timestamp())
    said = {"token": token, "expires_at": moment(until), "permissions": ask.world.config.app_permissions}
    return Answer(said | {"repository_selection": "all"}, 201)


def installed_repositories(ask: Ask) -> Answer:
    if ask.who.kind != "installation":
        raise Refusal(
            403,
            "You must authenticate with an installation access token in order to list repositories.",
        )
    page = paged(ask, list(ask.world.repositories.values()), repository, "repositories")
    return Answer(page.body | {"repository_selection": "all"}, headers=page.headers)


def rate_limit(ask: Ask) -> Answer:
    held = ask.world.limits.budget(ask.who.login)
    core = {"limit": held.limit, "remaining": held.remaining, "reset": held.reset, "used": held.used}
    search = core | {"limit": 30, "remaining": 30, "used": 0}
    return Answer({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})
