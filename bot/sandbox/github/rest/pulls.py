"""Pull requests: open, list, change, merge. A pull request is an issue too."""

from typing import Any

from bot.sandbox.github.git import GitError
from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing, paged
from bot.sandbox.github.objects import changes, commit, commits, moment
from bot.sandbox.github.rest import gitdata, refs
from bot.sandbox.github.rest.commits import found
from bot.sandbox.github.rest.issues import issue_json
from bot.sandbox.github.shapes import commit_json, file_json, node, repository, user
from bot.sandbox.github.state import Issue, Pull, Repository, now


def _end(repo: Repository, branch: str, sha: str) -> dict[str, Any]:
    owner = user(repo.site.url, repo.owner)
    return {"label": f"{repo.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": repository(repo)}


_SHARED = (
    *("number", "state", "locked", "title", "user", "body", "labels", "milestone", "created_at", "updated_at"),
    *("closed_at", "assignee", "assignees", "author_association", "active_lock_reason", "comments_url"),
)


def simple_json(repo: Repository, pull: Pull) -> dict[str, Any]:
    at, said = f"{repo.api}/pulls/{pull.issue.number}", issue_json(repo, pull.issue)
    page = f"{repo.html}/pull/{pull.issue.number}"
    head = _head(repo, pull)
    urls = {
        "self": at,
        "html": page,
        "issue": said["url"],
        "comments": said["comments_url"],
        "review_comments": f"{at}/comments",
        "review_comment": f"{repo.api}/pulls/comments{{/number}}",
        "commits": f"{at}/commits",
        "statuses": f"{repo.api}/statuses/{head}",
    }
    return {
        **{name: said[name] for name in _SHARED},
        "url": at,
        "id": pull.id,
        "node_id": node("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": said["url"],
        **{f"{name}_url": urls[name] for name in ("commits", "review_comments", "review_comment", "statuses")},
        "merged_at": moment(pull.merged_at) if pull.merged_at else None,
        "merge_commit_sha": pull.merge_sha,
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": False,
        "auto_merge": None,
        "head": _end(repo, pull.head, head),
        "base": _end(repo, pull.base, pull.base_sha or repo.git.branches().get(pull.base, "")),
        "_links": {name: {"href": url} for name, url in urls.items()},
    }


def pull_json(repo: Repository, pull: Pull) -> dict[str, Any]:
    base, head = _base(repo, pull), _head(repo, pull)
    common = repo.git.merge_base(base, head) or base
    touched = changes(repo.git, common, head)
    merged = pull.merged_at is not None
    mergeable = None if merged else _tree(repo, base, head) is not None
    return simple_json(repo, pull) | {
        "merged": merged,
        "mergeable": mergeable,
        "mergeable_state": "unknown" if merged else "clean" if mergeable else "dirty",
        "rebaseable": mergeable,
        "merged_by": user(repo.site.url, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": repo.git.count(f"{base}..{head}"),
        "additions": sum(change.additions for change in touched),
        "deletions": sum(change.deletions for change in touched),
        "changed_files": len(touched),
    }


def _head(repo: Repository, pull: Pull) -> str:
    """While it is open a pull request follows its branch."""
    live = repo.git.branches().get(pull.head) if pull.issue.state == "open" else None
    pull.head_sha = live or pull.head_sha
    return pull.head_sha


def _base(repo: Repository, pull: Pull) -> str:
    return pull.base_sha or repo.git.branches()[pull.base]


def _tree(repo: Repository, base: str, head: str) -> str | None:
    """The tree of a merge without conflicts, or None."""
    try:
        return repo.git.text("merge-tree", "--write-tree", base, head).splitlines()[0]
    except GitError:
        return None


def _found(ask: Ask) -> Pull:
    number = ask.number("number")
    pull = next((one for one in ask.repo.pulls if one.issue.number == number), None)
    if pull is None:
        raise missing()
    return pull


def listed(ask: Ask) -> Answer:
    repo, query = ask.repo, ask.query
    state, kept = query.get("state", "open"), list(reversed(ask.repo.pulls))
    kept = [pull for pull in kept if state in ("all", pull.issue.state)]
    if query.get("head"):
        kept = [pull for pull in kept if f"{repo.owner}:{pull.head}" == query["head"]]
    if query.get("base"):
        kept = [pull for pull in kept if pull.base == query["base"]]
    return paged(ask, kept, lambda pull: simple_json(repo, pull))


def of_commit(ask: Ask) -> Answer:
    repo = ask.repo
    sha = found(repo, ask.params["ref"])
    kept = [one for one in repo.pulls if sha == one.merge_sha or _brings(repo, one, sha)]
    return paged(ask, kept, lambda pull: simple_json(repo, pull))


def _brings(repo: Repository, pull: Pull, sha: str) -> bool:
    return sha in repo.git.shas(f"{_base(repo, pull)}..{_head(repo, pull)}")


def get(ask: Ask) -> Answer:
    return Answer(pull_json(ask.repo, _found(ask)))


def create(ask: Ask) -> Answer:
    repo, title, head, base = ask.repo, ask.text("title"), ask.text("head"), ask.text("base")
    branches, head = repo.git.branches(), head.removeprefix(f"{repo.owner}:")
    for name, branch in (("head", head), ("base", base)):
        if branch not in branches:
            raise invalid("PullRequest", name)
    if not repo.git.count(f"{branches[base]}..{branches[head]}"):
        raise _custom(f"No commits between {base} and {head}")
    if any(one.issue.state == "open" and (one.head, one.base) == (head, base) for one in repo.pulls):
        raise _custom(f"A pull request already exists for {repo.owner}:{head}.")
    with ask.world.changed:
        issue = Issue(repo.next_number(), title, ask.who.login, ask.body.get("body"), is_pull=True)
        pull = Pull(issue, head, base, branches[head])
        repo.issues.append(issue)
        repo.pulls.append(pull)
    _announce(ask, pull, "opened")
    return Answer(pull_json(repo, pull), 201)


def _custom(message: str) -> Refusal:
    return Refusal(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])


def _announce(ask: Ask, pull: Pull, action: str) -> None:
    said = pull_json(ask.repo, pull)
    ask.world.announce(ask.repo, "pull_request", action, ask.who.login, number=pull.issue.number, pull_request=said)


def update(ask: Ask) -> Answer:
    pull, state = _found(ask), ask.body.get("state")
    if state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state")
    with ask.world.changed:
        _head(ask.repo, pull)
        pull.issue.title = str(ask.body.get("title") or pull.issue.title)
        pull.issue.body = ask.body.get("body", pull.issue.body)
        pull.issue.updated_at = now()
        moved = state is not None and state != pull.issue.state
        if state is not None and moved:
            pull.issue.state, pull.issue.closed_at = state, now() if state == "closed" else None
    if moved:
        _announce(ask, pull, "closed" if state == "closed" else "reopened")
    return Answer(pull_json(ask.repo, pull))


def files(ask: Ask) -> Answer:
    repo, pull = ask.repo, _found(ask)
    base, head = _base(repo, pull), _head(repo, pull)
    touched = changes(repo.git, repo.git.merge_base(base, head), head)
    return paged(ask, touched, lambda change: file_json(repo, change, head))


def commits_of(ask: Ask) -> Answer:
    repo, pull = ask.repo, _found(ask)
    shas = repo.git.shas("--reverse", f"{_base(repo, pull)}..{_head(repo, pull)}")
    return paged(ask, shas, lambda sha: commit_json(repo, commit(repo.git, sha)))


def merge(ask: Ask) -> Answer:
    """merge_method: merge | squash | rebase; `sha`, when given, has to be the head's."""
    repo, pull, method = ask.repo, _found(ask), ask.body.get("merge_method", "merge")
    base, head = _base(repo, pull), _head(repo, pull)
    if pull.issue.state != "open" or method not in ("merge", "squash", "rebase"):
        raise Refusal(405, "Pull Request is not mergeable")
    if ask.body.get("sha") not in (None, head):
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    tree = _tree(repo, base, head)
    if tree is None:
        raise Refusal(405, "Merge conflict")
    sha = _merged(ask, pull, method, tree)
    refs.move(ask, f"refs/heads/{pull.base}", base, sha, force=False, kind="pr_merge")
    with ask.world.changed:
        pull.base_sha, pull.merge_sha, pull.merged_at, pull.merged_by = base, sha, now(), ask.who.login
        pull.issue.state, pull.issue.closed_at, pull.issue.closed_by = "closed", now(), ask.who.login
    _announce(ask, pull, "closed")
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def _merged(ask: Ask, pull: Pull, method: str, tree: str) -> str:
    repo, base, head = ask.repo, _base(ask.repo, pull), pull.head_sha
    stamps, number = gitdata.stamps(ask, {}, {}), pull.issue.number
    if method == "rebase":
        if not repo.git.is_ancestor(base, head):
            raise Refusal(405, "This branch can't be rebased")
        tip = base
        for one in commits(repo.git, repo.git.shas("--reverse", f"{base}..{head}")):
            author = {f"GIT_AUTHOR_{key.upper()}": value for key, value in one.author.json().items()}
            tip = gitdata.write_commit(repo.git, one.tree, [tip], one.message, stamps | author)
        return tip
    usual = f"Merge pull request #{number} from {repo.owner}/{pull.head}\n\n{pull.issue.title}"
    title = ask.body.get("commit_title") or (usual if method == "merge" else f"{pull.issue.title} (#{number})")
    message = f"{title}\n\n{ask.body['commit_message']}" if ask.body.get("commit_message") else str(title)
    return gitdata.write_commit(repo.git, tree, [base, head] if method == "merge" else [base], message, stamps)
