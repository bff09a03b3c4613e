"""Files of a branch: read, write, delete."""

from typing import Any
from urllib.parse import quote

from bot.sandbox.github.git import ZERO
from bot.sandbox.github.http import Answer, Ask, Refusal, missing
from bot.sandbox.github.objects import Commit, commit
from bot.sandbox.github.rest import gitdata, refs
from bot.sandbox.github.state import Repository


def _links(repo: Repository, path: str, sha: str, kind: str, ref: str) -> dict[str, Any]:
    at = f"{repo.api}/contents/{quote(path)}?ref={ref}"
    git = f"{repo.api}/git/{'trees' if kind == 'dir' else 'blobs'}/{sha}"
    html = f"{repo.html}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{path}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": at,
        "html_url": html,
        "git_url": git,
        "download_url": f"{repo.html}/raw/{ref}/{path}" if kind == "file" else None,
        "type": kind,
        "_links": {"self": at, "git": git, "html": html},
    }


def _entries(repo: Repository, sha: str, path: str) -> list[tuple[str, str, str, int]]:
    """(path, kind, sha, size) of what stands at `path`, or in it when it ends with a slash."""
    out = repo.git.run("ls-tree", "-l", "-z", sha, *(["--", path] if path else [])).decode(errors="replace")
    found = []
    for line in out.split("\0"):
        if line:
            meta, _, name = line.partition("\t")
            _, kind, blob, size = meta.split()
            found.append(
                (name, {"tree": "dir", "commit": "submodule"}.get(kind, "file"), blob, int(size.strip("-") or 0))
            )
    return found


def get(ask: Ask) -> Answer:
    repo, path, ref = ask.repo, ask.params["path"].strip("/"), ask.query.get("ref") or ask.repo.default_branch
    sha = repo.git.commit_of(ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    found = _entries(repo, sha, path) if path else []
    if path and not found:
        raise missing()
    if path and found[0][1] != "dir":
        name, kind, blob, size = found[0]
        content = repo.git.run("cat-file", "blob", blob)
        if "raw" in ask.headers.get("accept", ""):
            return Answer(content, headers={"Content-Type": "application/vnd.github.raw+json; charset=utf-8"})
        body = _links(repo, name, blob, kind, ref) | {"size": size}
        return Answer(body | {"content": gitdata.encoded(content), "encoding": "base64"})
    inside = _entries(repo, sha, f"{path}/" if path else "")
    return Answer([_links(repo, name, blob, kind, ref) | {"size": size} for name, kind, blob, size in inside])


def put(ask: Ask) -> Answer:
    path, content = ask.params["path"], gitdata.decoded(ask.text("content"))
    old, given = _current(ask, path), ask.body.get("sha")
    if old is not None and given is None:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    _check(path, old, given)
    blob = gitdata.write_blob(ask.repo.git, content)
    made = _commit(ask, path, blob)
    branch = ask.body.get("branch") or ask.repo.default_branch
    body = _links(ask.repo, path, blob, "file", branch) | {"size": len(content)}
    return Answer({"content": body, "commit": gitdata.commit_json(ask.repo, made)}, 201 if old is None else 200)


def delete(ask: Ask) -> Answer:
    path = ask.params["path"]
    old, given = _current(ask, path), ask.body.get("sha") or ask.query.get("sha")
    if old is None:
        raise missing()
    if given is None:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    _check(path, old, given)
    return Answer({"content": None, "commit": gitdata.commit_json(ask.repo, _commit(ask, path, None))})


def _check(path: str, old: str | None, given: Any) -> None:
    if given is not None and given != old:
        raise Refusal(409, f"{path} does not match {given}" if old else f"{path} does not exist at {given}")


def _branch(ask: Ask) -> str:
    return str(ask.body.get("branch") or ask.query.get("branch") or ask.repo.default_branch)


def _current(ask: Ask, path: str) -> str | None:
    """The blob at `path` on the branch to be written."""
    repo, branch = ask.repo, _branch(ask)
    tip = repo.git.branches().get(branch)
    if tip is None:
        if not repo.git.branches():
            return None
        raise Refusal(404, f"Branch {branch} not found")
    found = _entries(repo, tip, path)
    return found[0][2] if found and found[0][1] == "file" else None


def _commit(ask: Ask, path: str, blob: str | None) -> Commit:
    """Writes the commit and moves the branch; someone else's commit in between is a conflict."""
    repo, branch, message = ask.repo, _branch(ask), ask.text("message")
    tip = repo.git.branches().get(branch)
    index = repo.git.path / f"index-{id(ask)}"
    env = {"GIT_INDEX_FILE": str(index)}
    try:
        repo.git.run("read-tree", *([tip] if tip else ["--empty"]), env=env)
        line = f"100644 {blob}\t{path}" if blob else f"0 {ZERO}\t{path}"
        repo.git.run("update-index", "-z", "--index-info", feed=line.encode() + b"\0", env=env)
        tree = repo.git.text("write-tree", env=env)
    finally:
        index.unlink(missing_ok=True)
    author = ask.body.get("author") or ask.body.get("committer") or {}
    stamps = gitdata.stamps(ask, author, ask.body.get("committer") or author)
    sha = gitdata.write_commit(repo.git, tree, [tip] if tip else [], message, stamps)
    refs.move(ask, f"refs/heads/{branch}", tip or ZERO, sha, force=False)
    return commit(repo.git, sha)
