"""Issues, their comments, labels."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing, paged
from bot.sandbox.github.objects import moment
from bot.sandbox.github.shapes import node, user
from bot.sandbox.github.state import Comment, Issue, Label, Repository, now
from bot.sandbox.github.tokens import allows, level
from bot.sandbox.github.world import World


def label_json(repo: Repository, label: Label) -> dict[str, Any]:
    return {
        "id": label.id,
        "node_id": node("LA", label.id),
        "url": f"{repo.api}/labels/{quote(label.name)}",
        "name": label.name,
        "color": label.color,
        "default": label.name in ("bug", "documentation", "enhancement"),
        "description": label.description,
        "archived_at": None,
        "archived_by": None,
    }


def issue_json(repo: Repository, issue: Issue) -> dict[str, Any]:
    site, at = repo.site.url, f"{repo.api}/issues/{issue.number}"
    assignees = [user(site, login) for login in issue.assignees]
    pull, page = f"{repo.api}/pulls/{issue.number}", f"{repo.html}/pull/{issue.number}"
    links = {"url": pull, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch", "merged_at": None}
    return {
        "id": issue.id,
        "node_id": node("I", issue.id),
        "url": at,
        "repository_url": repo.api,
        "labels_url": f"{at}/labels{{/name}}",
        "comments_url": f"{at}/comments",
        "events_url": f"{at}/events",
        "timeline_url": f"{at}/timeline",
        "html_url": f"{repo.html}/issues/{issue.number}",
        "number": issue.number,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "title": issue.title,
        "body": issue.body,
        "user": user(site, issue.user),
        "labels": [label_json(repo, repo.labels[name]) for name in issue.labels],
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": len(issue.comments),
        "closed_at": moment(issue.closed_at) if issue.closed_at else None,
        "closed_by": user(site, issue.closed_by) if issue.closed_by else None,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "author_association": "MEMBER",
        "performed_via_github_app": None,
        "reactions": _reactions(f"{at}/reactions"),
        **({"pull_request": links} if issue.is_pull else {}),
    }


def _reactions(at: str) -> dict[str, Any]:
    kinds = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
    return {"url": at, "total_count": 0, **dict.fromkeys(kinds, 0)}


def comment_json(repo: Repository, issue: Issue, comment: Comment) -> dict[str, Any]:
    at = f"{repo.api}/issues/comments/{comment.id}"
    return {
        "id": comment.id,
        "node_id": node("IC", comment.id),
        "url": at,
        "html_url": f"{repo.html}/issues/{issue.number}#issuecomment-{comment.id}",
        "issue_url": f"{repo.api}/issues/{issue.number}",
        "body": comment.body,
        "user": user(repo.site.url, comment.user),
        "created_at": moment(comment.at),
        "updated_at": moment(comment.at),
        "author_association": "MEMBER",
        "performed_via_github_app": None,
        "reactions": _reactions(f"{at}/reactions"),
    }


def _found(ask: Ask) -> Issue:
    number = ask.number("number")
    issue = next((one for one in ask.repo.issues if one.number == number), None)
    if issue is None:
        raise missing()
    return issue


def listed(ask: Ask) -> Answer:
    repo, query = ask.repo, ask.query
    state = query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("Issue", "state")
    labels = [name.lower() for name in query.get("labels", "").split(",") if name]
    found = [
        issue
        for issue in repo.issues
        if state in ("all", issue.state) and all(name in map(str.lower, issue.labels) for name in labels)
    ]
    if query.get("since"):
        since = datetime.fromisoformat(query["since"].replace("Z", "+00:00"))
        found = [issue for issue in found if issue.updated_at >= since]
    if query.get("creator"):
        found = [issue for issue in found if issue.user == query["creator"]]
    key = {"updated": "updated_at"}.get(query.get("sort", "created"), "created_at")
    found.sort(key=lambda issue: (getattr(issue, key), issue.number), reverse=query.get("direction", "desc") == "desc")
    return paged(ask, found, lambda issue: issue_json(repo, issue))


def get(ask: Ask) -> Answer:
    return Answer(issue_json(ask.repo, _found(ask)))


def open_issue(
    world: World,
    repo: Repository,
    login: str,
    title: str,
    body: str | None = None,
    labels: list[str] | None = None,
    assignees: list[str] | None = None,
) -> Issue:
    """Labels that do not exist yet are made, as GitHub does."""
    with world.changed:
        for name in labels or []:
            repo.labels.setdefault(name, Label(name))
        issue = Issue(repo.next_number(), title, login, body, labels or [], assignees or [])
        repo.issues.append(issue)
    world.announce(repo, "issues", "opened", login, issue=issue_json(repo, issue))
    return issue


def set_state(world: World, repo: Repository, issue: Issue, login: str, state: str, reason: str | None = None) -> None:
    with world.changed:
        issue.state, issue.updated_at = state, now()
        issue.closed_at = now() if state == "closed" else None
        issue.closed_by = login if state == "closed" else None
        issue.state_reason = (reason or "completed") if state == "closed" else "reopened"
    action = "closed" if state == "closed" else "reopened"
    world.announce(repo, "issues", action, login, issue=issue_json(repo, issue))


def _names(ask: Ask, key: str) -> list[str]:
    given = ask.body.get(key) or []
    if not isinstance(given, list):
        raise invalid("Issue", key)
    return [str(one.get("name")) if isinstance(one, dict) else str(one) for one in given]


def create(ask: Ask) -> Answer:
    if not str(ask.body.get("title") or "").strip():
        raise Refusal(422, "Validation Failed", [{"resource": "Issue", "code": "missing_field", "field": "title"}])
    # Labels and assignees of people without write access are dropped silently.
    writes = ask.who.kind == "installation" or allows(level(ask.world.config, ask.who, "contents"), "write")
    labels = _names(ask, "labels") if writes else []
    assignees = _names(ask, "assignees") if writes else []
    issue = open_issue(ask.world, ask.repo, ask.who.login, ask.text("title"), ask.body.get("body"), labels, assignees)
    return Answer(issue_json(ask.repo, issue), 201, {"Location": f"{ask.repo.api}/issues/{issue.number}"})


def update(ask: Ask) -> Answer:
    repo, issue, body = ask.repo, _found(ask), ask.body
    if body.get("state") not in (None, "open", "closed"):
        raise invalid("Issue", "state")
    with ask.world.changed:
        issue.title = str(body.get("title") or issue.title)
        issue.body = body.get("body", issue.body)
        if "labels" in body:
            issue.labels = _names(ask, "labels")
            for name in issue.labels:
                repo.labels.setdefault(name, Label(name))
        if "assignees" in body:
            issue.assignees = _names(ask, "assignees")
        issue.updated_at = now()
    if body.get("state") not in (None, issue.state):
        set_state(ask.world, repo, issue, ask.who.login, body["state"], body.get("state_reason"))
    elif set(body) - {"state"}:
        said = issue_json(repo, issue)
        ask.world.announce(repo, "issues", "edited", ask.who.login, issue=said, changes={})
    return Answer(issue_json(repo, issue))


def comments(ask: Ask) -> Answer:
    repo, issue = ask.repo, _found(ask)
    return paged(ask, issue.comments, lambda one: comment_json(repo, issue, one))


def comment(ask: Ask) -> Answer:
    issue = _found(ask)
    made = Comment(ask.who.login, ask.text("body"))
    with ask.world.changed:
        issue.comments.append(made)
        issue.updated_at = now()
    return Answer(comment_json(ask.repo, issue, made), 201)


def add_labels(ask: Ask) -> Answer:
    repo, issue = ask.repo, _found(ask)
    for name in _names(ask, "labels"):
        repo.labels.setdefault(name, Label(name))
        if name not in issue.labels:
            issue.labels.append(name)
            said = {"issue": issue_json(repo, issue), "label": label_json(repo, repo.labels[name])}
            ask.world.announce(repo, "issues", "labeled", ask.who.login, **said)
    return Answer([label_json(repo, repo.labels[name]) for name in issue.labels])


def remove_label(ask: Ask) -> Answer:
    repo, issue, name = ask.repo, _found(ask), ask.params["name"]
    if name not in issue.labels:
        raise Refusal(404, "Label does not exist")
    issue.labels.remove(name)
    said = {"issue": issue_json(repo, issue), "label": label_json(repo, repo.labels[name])}
    ask.world.announce(repo, "issues", "unlabeled", ask.who.login, **said)
    return Answer([label_json(repo, repo.labels[one]) for one in issue.labels])


def labels(ask: Ask) -> Answer:
    repo = ask.repo
    return paged(ask, list(repo.labels.values()), lambda one: label_json(repo, one))


def label(ask: Ask) -> Answer:
    found = ask.repo.labels.get(ask.params["name"])
    if found is None:
        raise missing()
    return Answer(label_json(ask.repo, found))


def create_label(ask: Ask) -> Answer:
    name, color = ask.text("name"), str(ask.body.get("color") or "ededed").removeprefix("#")
    if name in ask.repo.labels:
        raise invalid("Label", "name", "already_exists")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color")
    made = ask.repo.labels[name] = Label(name, color, ask.body.get("description"))
    return Answer(label_json(ask.repo, made), 201)
