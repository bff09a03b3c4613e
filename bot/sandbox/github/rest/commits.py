"""Commits, comparisons, what stands on a commit."""

from typing import Any

from bot.sandbox.github.git import EMPTY_TREE
from bot.sandbox.github.http import Answer, Ask, Refusal, links, paging
from bot.sandbox.github.objects import Commit, changes, commit, commits
from bot.sandbox.github.shapes import commit_json, file_json
from bot.sandbox.github.state import Repository

MOST_FILES = 300


def found(repo: Repository, name: str) -> str:
    """The SHA of a commit that has to be there. Raises GitHub's 422."""
    sha = repo.git.commit_of(name)
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {name}")
    return sha


def listed(ask: Ask) -> Answer:
    repo = ask.repo
    if not repo.git.branches():
        raise Refusal(409, "Git Repository is empty.")
    start = ask.query.get("sha") or repo.default_branch
    sha = repo.git.commit_of(start)
    if sha is None:
        raise Refusal(404, "Not Found")
    options = [
        f"--{name}={ask.query[name]}" for name in ("since", "until", "author", "committer") if ask.query.get(name)
    ]
    path = ["--", ask.query["path"]] if ask.query.get("path") else []
    shas = repo.git.shas(*options, sha, *path)
    page, per_page = paging(ask)
    shown = commits(repo.git, shas[(page - 1) * per_page : page * per_page])
    return Answer([commit_json(repo, one) for one in shown], headers=links(ask, page, per_page, len(shas)))


def detail(repo: Repository, one: Commit) -> dict[str, Any]:
    touched = changes(repo.git, one.parents[0] if one.parents else None, one.sha)
    added, deleted = sum(change.additions for change in touched), sum(change.deletions for change in touched)
    return commit_json(repo, one) | {
        "stats": {"total": added + deleted, "additions": added, "deletions": deleted},
        "files": [file_json(repo, change, one.sha) for change in touched[:MOST_FILES]],
    }


def get(ask: Ask) -> Answer:
    repo = ask.repo
    sha = found(repo, ask.params["ref"])
    if "sha" in ask.headers.get("accept", ""):
        return Answer(sha, headers={"Content-Type": "application/vnd.github.sha"})
    return Answer(detail(repo, commit(repo.git, sha)))


def heads(ask: Ask) -> Answer:
    """The branches whose tip this commit is."""
    repo = ask.repo
    sha = found(repo, ask.params["ref"])
    tips = [name for name, tip in repo.git.branches().items() if tip == sha]
    return Answer(
        [
            {
                "name": name,
                "commit": {"sha": sha, "url": f"{repo.api}/commits/{sha}"},
                "protected": name in repo.protections,
            }
            for name in tips
        ]
    )


def compare(ask: Ask) -> Answer:
    repo, basehead = ask.repo, ask.params["basehead"]
    base_name, dots, head_name = basehead.partition("...")
    base, head = repo.git.commit_of(base_name), repo.git.commit_of(head_name)
    if not dots or base is None or head is None:
        raise Refusal(404, "Not Found")
    common = repo.git.merge_base(base, head)
    if common is None:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    shas = repo.git.shas("--reverse", "--topo-order", f"{base}..{head}")
    behind = repo.git.count(f"{head}..{base}")
    page, per_page = paging(ask, 250 if "page" not in ask.query and "per_page" not in ask.query else 30)
    shown = commits(repo.git, shas[(page - 1) * per_page : page * per_page])
    at = f"{repo.html}/compare/{base_name}...{head_name}"
    body = {
        "url": f"{repo.api}/compare/{base_name}...{head_name}",
        "html_url": at,
        "permalink_url": f"{repo.html}/compare/{repo.owner}:{base[:7]}...{repo.owner}:{head[:7]}",
        "diff_url": f"{at}.diff",
        "patch_url": f"{at}.patch",
        "base_commit": commit_json(repo, commit(repo.git, base)),
        "merge_base_commit": commit_json(repo, commit(repo.git, common)),
        "status": _standing(len(shas), behind),
        "ahead_by": len(shas),
        "behind_by": behind,
        "total_commits": len(shas),
        "commits": [commit_json(repo, one) for one in shown],
    }
    if page == 1:  # GitHub shows files on the first page only
        touched = changes(repo.git, common, head)
        body["files"] = [file_json(repo, change, head) for change in touched[:MOST_FILES]]
    return Answer(body, headers=links(ask, page, per_page, len(shas)))


def _standing(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def tree_of(repo: Repository, name: str) -> str | None:
    """The tree a tree SHA, commit or branch stands for."""
    kind = repo.git.type_of(name)
    if kind == "tree":
        return name
    sha = repo.git.commit_of(name)
    return repo.git.text("rev-parse", f"{sha}^{{tree}}") if sha else EMPTY_TREE if name == EMPTY_TREE else None
