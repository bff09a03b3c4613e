"""The JSON of people, repositories and commits."""

import hashlib
from typing import Any

from bot.sandbox.github.config import BOT_LOGIN
from bot.sandbox.github.git import ZERO
from bot.sandbox.github.objects import Commit, FileChange, changes, commit, commits, moment
from bot.sandbox.github.signing import verification
from bot.sandbox.github.state import Repository
from bot.sandbox.people import PEOPLE

ACTIONS_LOGIN = "github-actions[bot]"
BOT_IDS = {BOT_LOGIN: 4711, ACTIONS_LOGIN: 41898282}
_LOGINS = {person.email.lower(): person.login for person in PEOPLE} | {
    f"{number}+{login}@users.noreply.github.com": login for login, number in BOT_IDS.items()
}


def node(kind: str, number: int | str) -> str:
    return f"{kind}_{hashlib.sha256(f'{kind}{number}'.encode()).hexdigest()[:16]}"


def user_id(login: str) -> int:
    logins = [person.login for person in PEOPLE]
    return BOT_IDS.get(login) or (1001 + logins.index(login) if login in logins else 9000 + len(login))


def email_of(login: str) -> str:
    known = {person.login: person.email for person in PEOPLE}
    return known.get(login) or f"{user_id(login)}+{login}@users.noreply.github.com"


def name_of(login: str) -> str:
    return next((person.name for person in PEOPLE if person.login == login), login)


def login_of(email: str) -> str | None:
    return _LOGINS.get(email.lower())


def user(site: str, login: str) -> dict[str, Any]:
    """GitHub's simple user."""
    at = f"{site}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
    bot = login.endswith("[bot]")
    return {
        "login": login,
        "id": user_id(login),
        "node_id": node("U", login),
        "avatar_url": f"{site}/avatars/{login.removesuffix('[bot]')}",
        "gravatar_id": "",
        "url": at,
        "html_url": f"{site}/apps/{login.removesuffix('[bot]')}" if bot else f"{site}/{login}",
        "followers_url": f"{at}/followers",
        "following_url": f"{at}/following{{/other_user}}",
        "gists_url": f"{at}/gists{{/gist_id}}",
        "starred_url": f"{at}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{at}/subscriptions",
        "organizations_url": f"{at}/orgs",
        "repos_url": f"{at}/repos",
        "events_url": f"{at}/events{{/privacy}}",
        "received_events_url": f"{at}/received_events",
        "type": "Bot" if bot else "Organization" if login == "acme" else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


_TEMPLATES = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
    "hooks": "/hooks",
}


def minimal_repository(repo: Repository) -> dict[str, Any]:
    return {
        "id": repo.id,
        "node_id": node("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": True,
        "owner": user(repo.site.url, repo.owner),
        "html_url": repo.html,
        "description": "A small shop",
        "fork": False,
        "url": repo.api,
        **{f"{name}_url": f"{repo.api}{rest}" for name, rest in _TEMPLATES.items()},
    }


def repository(repo: Repository, permissions: dict[str, bool] | None = None) -> dict[str, Any]:
    """The full repository, as in GET /repos and in webhooks."""
    open_issues = sum(issue.state == "open" for issue in repo.issues)
    held = {"permissions": permissions} if permissions else {}
    return minimal_repository(repo) | {
        "git_url": f"{repo.html}.git",
        "ssh_url": f"{repo.html}.git",
        "clone_url": f"{repo.html}.git",
        "svn_url": repo.html,
        "mirror_url": None,
        "homepage": None,
        "language": "Python",
        "license": None,
        "size": 108,
        "default_branch": repo.default_branch,
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "is_template": False,
        "topics": [],
        "archived": False,
        "disabled": False,
        "visibility": "private",
        "allow_forking": False,
        "web_commit_signoff_required": False,
        "pushed_at": moment(repo.pushed_at),
        "created_at": moment(repo.created_at),
        "updated_at": moment(repo.pushed_at),
        **{f"has_{what}": what == "issues" for what in _FEATURES},
        **{f"{what}_count": 0 for what in ("forks", "stargazers", "watchers", "subscribers", "network")},
        "forks": 0,
        "watchers": 0,
        **held,
    }


_FEATURES = ("issues", "projects", "wiki", "pages", "downloads", "discussions")


def _who(site: str, email: str) -> dict[str, Any] | None:
    login = login_of(email)
    return user(site, login) if login else None


def commit_json(repo: Repository, one: Commit) -> dict[str, Any]:
    """A commit as in lists; `stats` and `files` come with commit_detail."""
    return {
        "url": f"{repo.api}/commits/{one.sha}",
        "sha": one.sha,
        "node_id": node("C", one.sha),
        "html_url": f"{repo.html}/commit/{one.sha}",
        "comments_url": f"{repo.api}/commits/{one.sha}/comments",
        "commit": {
            "url": f"{repo.api}/git/commits/{one.sha}",
            "author": one.author.json(),
            "committer": one.committer.json(),
            "message": one.message,
            "comment_count": 0,
            "tree": {"sha": one.tree, "url": f"{repo.api}/git/trees/{one.tree}"},
            "verification": verification(repo, one),
        },
        "author": _who(repo.site.url, one.author.email),
        "committer": _who(repo.site.url, one.committer.email),
        "parents": parents(repo, one, "commits"),
    }


def parents(repo: Repository, one: Commit, under: str) -> list[dict[str, Any]]:
    return [
        {"sha": sha, "url": f"{repo.api}/{under}/{sha}", "html_url": f"{repo.html}/commit/{sha}"} for sha in one.parents
    ]


def file_json(repo: Repository, change: FileChange, at: str) -> dict[str, Any]:
    said = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{repo.html}/blob/{at}/{change.path}",
        "raw_url": f"{repo.html}/raw/{at}/{change.path}",
        "contents_url": f"{repo.api}/contents/{change.path}?ref={at}",
    }
    if change.patch is not None:
        said["patch"] = change.patch
    if change.previous is not None:
        said["previous_filename"] = change.previous
    return said


def simple_commit(repo: Repository, sha: str) -> dict[str, Any]:
    """The `head_commit` of a workflow run."""
    one = commit(repo.git, sha)
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "message": one.message,
        "timestamp": moment(one.committer.at),
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
    }


def _pushed_commit(repo: Repository, one: Commit) -> dict[str, Any]:
    touched = changes(repo.git, one.parents[0] if one.parents else None, one.sha)
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": moment(one.committer.at),
        "url": f"{repo.html}/commit/{one.sha}",
        "author": _signature(one.author.name, one.author.email),
        "committer": _signature(one.committer.name, one.committer.email),
        "added": [change.path for change in touched if change.status == "added"],
        "removed": [change.path for change in touched if change.status == "removed"],
        "modified": [change.path for change in touched if change.status in ("modified", "changed", "renamed")],
    }


def _signature(name: str, email: str) -> dict[str, Any]:
    said: dict[str, Any] = {"name": name, "email": email}
    login = login_of(email)
    return said | {"username": login} if login else said


def push_event(repo: Repository, login: str, ref: str, before: str, after: str) -> dict[str, Any]:
    """The push webhook; at most 20 commits, oldest first."""
    listed: list[Commit] = []
    if after != ZERO:
        known = f"refs/heads/{repo.default_branch}"
        apart = before if before != ZERO else known if ref != known and repo.git.ref(known) else None
        span = f"{apart}..{after}" if apart else after
        listed = commits(repo.git, reversed(repo.git.shas("--max-count=20", span)))
    head = _pushed_commit(repo, commit(repo.git, after)) if after != ZERO else None
    body = repository(repo) | {
        "created_at": int(repo.created_at.timestamp()),
        "pushed_at": int(repo.pushed_at.timestamp()),
        "stargazers": 0,
        "master_branch": repo.default_branch,
        "organization": repo.owner,
        "owner": user(repo.site.url, repo.owner) | {"name": repo.owner, "email": None},
    }
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "repository": body,
        "pusher": {"name": login, "email": email_of(login)},
        "sender": user(repo.site.url, login),
        "created": before == ZERO,
        "deleted": after == ZERO,
        "forced": before != ZERO and after != ZERO and not repo.git.is_ancestor(before, after),
        "base_ref": None,
        "compare": f"{repo.html}/compare/{before[:12]}...{after[:12]}",
        "commits": [_pushed_commit(repo, one) for one in listed],
        "head_commit": head,
    }
