"""Repositories, branches, collaborators."""

from typing import Any

from bot.sandbox.github.http import Answer, Ask, Refusal, missing, paged
from bot.sandbox.github.objects import commit
from bot.sandbox.github.protection import rule_json, status_checks_json
from bot.sandbox.github.shapes import commit_json, repository, user
from bot.sandbox.github.state import Repository
from bot.sandbox.github.tokens import LEVELS, level


def get(ask: Ask) -> Answer:
    held = LEVELS.index(level(ask.world.config, ask.who, "contents"))
    permissions = {"admin": held >= 3, "maintain": held >= 3, "push": held >= 2, "triage": held >= 2, "pull": held >= 1}
    return Answer(repository(ask.repo, permissions))


def _short(repo: Repository, name: str, sha: str) -> dict[str, Any]:
    rule = repo.protections.get(name)
    at = f"{repo.api}/branches/{name}/protection"
    checks = status_checks_json(at, rule) if rule and rule.required_checks else _no_checks()
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{repo.api}/commits/{sha}"},
        "protected": rule is not None,
        "protection": {
            "enabled": rule is not None,
            "required_status_checks": checks | {"enforcement_level": "everyone" if rule else "off"},
        },
        "protection_url": at,
    }


def _no_checks() -> dict[str, Any]:
    return {"contexts": [], "checks": []}


def branches(ask: Ask) -> Answer:
    repo = ask.repo
    listed = sorted(repo.git.branches().items())
    if ask.query.get("protected") == "true":
        listed = [(name, sha) for name, sha in listed if name in repo.protections]
    return paged(ask, listed, lambda one: _short(repo, *one))


def branch(ask: Ask) -> Answer:
    repo, name = ask.repo, ask.params["branch"]
    sha = repo.git.branches().get(name)
    if sha is None:
        raise Refusal(404, "Branch not found")
    at = f"{repo.api}/branches/{name}"
    return Answer(
        _short(repo, name, sha)
        | {
            "commit": commit_json(repo, commit(repo.git, sha)),
            "_links": {"self": at, "html": f"{repo.html}/tree/{name}"},
        }
    )


def protection(ask: Ask) -> Answer:
    repo, name = ask.repo, ask.params["branch"]
    if name not in repo.git.branches():
        raise Refusal(404, "Branch not found")
    rule = repo.protections.get(name)
    if rule is None:
        raise Refusal(404, "Branch not protected")
    said = rule_json(repo, name, rule)
    if rule.pushers is not None:
        at = f"{said['url']}/restrictions"
        people = [user(ask.site, login) for login in rule.pushers if not login.endswith("[bot]")]
        apps = [app(ask, login) for login in rule.pushers if login.endswith("[bot]")]
        said["restrictions"] = {"url": at, "users": people, "teams": [], "apps": apps} | {
            f"{kind}_url": f"{at}/{kind}" for kind in ("users", "teams", "apps")
        }
    return Answer(said)


def app(ask: Ask, login: str) -> dict[str, Any]:
    """The GitHub App behind a bot's login."""
    slug, repo_owner = login.removesuffix("[bot]"), ask.world.config.owner
    return {
        "id": ask.world.config.app_id,
        "slug": slug,
        "node_id": f"A_{slug}",
        "client_id": f"Iv1.{slug}",
        "owner": user(ask.site, repo_owner),
        "name": slug.capitalize(),
        "description": "",
        "external_url": ask.site,
        "html_url": f"{ask.site}/apps/{slug}",
        "created_at": "2026-01-05T08:00:00Z",
        "updated_at": "2026-01-05T08:00:00Z",
        "permissions": ask.world.config.app_permissions,
        "events": ["push", "workflow_run"],
    }


def permission(ask: Ask) -> Answer:
    """A collaborator's permission; also for people who have none."""
    login = ask.params["login"]
    if login not in ask.world.config.permissions and login not in ask.world.config.tokens.values():
        raise missing()
    held = ask.world.config.permissions.get(login, "none")
    rank = LEVELS.index(held)
    rights = {"pull": rank >= 1, "triage": rank >= 2, "push": rank >= 2, "maintain": rank >= 3, "admin": rank >= 3}
    who = user(ask.site, login) | {"permissions": rights, "role_name": held}
    return Answer({"permission": held, "role_name": held, "user": who})


def is_collaborator(ask: Ask) -> Answer:
    if ask.params["login"] not in ask.world.config.permissions:
        raise missing()
    return Answer(status=204)
