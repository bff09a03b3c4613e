"""git's objects over REST: commits, trees, blobs, tags."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.github.git import EMPTY_TREE, Git, GitError
from bot.sandbox.github.http import Answer, Ask, Refusal, invalid, missing
from bot.sandbox.github.objects import Commit, commit
from bot.sandbox.github.rest.commits import tree_of
from bot.sandbox.github.shapes import email_of, name_of, node, parents
from bot.sandbox.github.signing import verification
from bot.sandbox.github.state import Repository


def commit_json(repo: Repository, one: Commit) -> dict[str, Any]:
    return {
        "sha": one.sha,
        "node_id": node("C", one.sha),
        "url": f"{repo.api}/git/commits/{one.sha}",
        "html_url": f"{repo.html}/commit/{one.sha}",
        "author": one.author.json(),
        "committer": one.committer.json(),
        "tree": {"sha": one.tree, "url": f"{repo.api}/git/trees/{one.tree}"},
        "message": one.message,
        "parents": parents(repo, one, "git/commits"),
        "verification": verification(repo, one),
    }


def get_commit(ask: Ask) -> Answer:
    repo, sha = ask.repo, ask.params["sha"]
    if repo.git.type_of(sha) != "commit":
        raise missing()
    return Answer(commit_json(repo, commit(repo.git, sha)))


def create_commit(ask: Ask) -> Answer:
    repo, message, tree = ask.repo, ask.text("message"), ask.text("tree")
    if repo.git.type_of(tree) != "tree":
        raise Refusal(422, "Tree SHA does not exist")
    above = ask.body.get("parents") or []
    if not isinstance(above, list) or any(repo.git.type_of(str(sha)) != "commit" for sha in above):
        raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    author = ask.body.get("author") or {}
    env = stamps(ask, author, ask.body.get("committer") or author)
    sha = write_commit(repo.git, tree, [str(parent) for parent in above], message, env)
    made = commit_json(repo, commit(repo.git, sha))
    return Answer(made, 201, {"Location": made["url"]})


def write_commit(git: Git, tree: str, above: list[str], message: str, env: dict[str, str]) -> str:
    options = [part for sha in above for part in ("-p", sha)]
    return git.text("commit-tree", tree, *options, "-F", "-", feed=message.encode(), env=env)


def stamps(ask: Ask, author: dict[str, Any], committer: dict[str, Any]) -> dict[str, str]:
    """git's variables for author and committer; who is not named is the sender."""
    env = {}
    for role, given in (("AUTHOR", author), ("COMMITTER", committer)):
        env[f"GIT_{role}_NAME"] = str(given.get("name") or name_of(ask.who.login))
        env[f"GIT_{role}_EMAIL"] = str(given.get("email") or email_of(ask.who.login))
        env[f"GIT_{role}_DATE"] = str(given.get("date") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return env


def _entry(repo: Repository, line: str) -> dict[str, Any]:
    meta, _, path = line.partition("\t")
    mode, kind, sha, size = meta.split()
    said: dict[str, Any] = {"path": path, "mode": mode, "type": kind, "sha": sha}
    if kind == "blob":
        said["size"] = int(size)
    if kind != "commit":
        said["url"] = f"{repo.api}/git/{kind}s/{sha}"
    return said


def tree_json(repo: Repository, sha: str, recursive: bool) -> dict[str, Any]:
    options = ["-r", "-t"] if recursive else []
    out = repo.git.run("ls-tree", "-l", "-z", *options, sha).decode(errors="replace") if sha != EMPTY_TREE else ""
    entries = [_entry(repo, line) for line in out.split("\0") if line]
    return {"sha": sha, "url": f"{repo.api}/git/trees/{sha}", "tree": entries, "truncated": False}


def get_tree(ask: Ask) -> Answer:
    repo = ask.repo
    sha = tree_of(repo, ask.params["sha"])
    if sha is None:
        raise missing()
    return Answer(tree_json(repo, sha, "recursive" in ask.query))


def create_tree(ask: Ask) -> Answer:
    repo, entries = ask.repo, ask.body.get("tree")
    if not isinstance(entries, list) or not entries:
        raise Refusal(422, "Invalid tree info")
    base = ask.body.get("base_tree")
    if base is not None and tree_of(repo, str(base)) is None:
        raise Refusal(422, "base_tree is not a valid tree oid")
    index = repo.git.path / f"index-{id(ask)}"
    env = {"GIT_INDEX_FILE": str(index)}
    try:
        repo.git.run("read-tree", *([tree_of(repo, str(base)) or ""] if base else ["--empty"]), env=env)
        repo.git.run("update-index", "-z", "--index-info", feed=_index_lines(repo.git, entries), env=env)
        sha = repo.git.text("write-tree", env=env)
    except GitError:
        raise Refusal(422, "GitRPC::BadObjectState") from None
    finally:
        index.unlink(missing_ok=True)
    return Answer(tree_json(repo, sha, recursive=False), 201)


def _index_lines(git: Git, entries: list[Any]) -> bytes:
    lines = []
    for entry in entries:
        if not isinstance(entry, dict) or not entry.get("path") or not ({"sha", "content"} & set(entry)):
            raise Refusal(422, "Must supply either tree.sha or tree.content")
        sha = write_blob(git, str(entry["content"]).encode()) if "content" in entry else entry["sha"]
        mode = str(entry.get("mode", "100644"))
        lines.append(f"0 {'0' * 40}\t{entry['path']}" if sha is None else f"{mode} {sha}\t{entry['path']}")
    return "\0".join(lines).encode() + b"\0"


def write_blob(git: Git, content: bytes) -> str:
    return git.text("hash-object", "-w", "--stdin", feed=content)


def get_blob(ask: Ask) -> Answer:
    repo, sha = ask.repo, ask.params["sha"]
    if repo.git.type_of(sha) != "blob":
        raise missing()
    content = repo.git.run("cat-file", "blob", sha)
    return Answer(_blob_json(repo, sha) | {"size": len(content), "content": encoded(content), "encoding": "base64"})


def _blob_json(repo: Repository, sha: str) -> dict[str, Any]:
    return {"sha": sha, "node_id": node("B", sha), "url": f"{repo.api}/git/blobs/{sha}"}


def encoded(content: bytes) -> str:
    return base64.encodebytes(content).decode()


def decoded(text: str) -> bytes:
    """Raises 422 when it is no Base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise Refusal(422, "content is not valid Base64") from None


def create_blob(ask: Ask) -> Answer:
    content, encoding = ask.text("content"), ask.body.get("encoding", "utf-8")
    if encoding not in ("utf-8", "base64"):
        raise invalid("Blob", "encoding")
    sha = write_blob(ask.repo.git, decoded(content) if encoding == "base64" else content.encode())
    return Answer({"sha": sha, "url": f"{ask.repo.api}/git/blobs/{sha}"}, 201)
