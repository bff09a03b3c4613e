"""Refs: reading, making, moving, deleting; with branch protection's refusals."""

import re
from typing import Any

from bot.sandbox.github.git import ZERO, GitError
from bot.sandbox.github.http import Answer, Ask, Refusal, missing
from bot.sandbox.github.protection import Move, refusals, workflow_refusal
from bot.sandbox.github.shapes import node
from bot.sandbox.github.state import Repository
from bot.sandbox.github.tokens import level
from bot.sandbox.github.world import RefUpdate

_SHA = re.compile(r"[0-9a-f]{40}")


def ref_json(repo: Repository, ref: str, sha: str) -> dict[str, Any]:
    kind = repo.git.type_of(sha) or "commit"
    short = ref.removeprefix("refs/")
    return {
        "ref": ref,
        "node_id": node("REF", f"{repo.full_name}{ref}"),
        "url": f"{repo.api}/git/refs/{short}",
        "object": {"sha": sha, "type": kind, "url": f"{repo.api}/git/{kind}s/{sha}"},
    }


def get(ask: Ask) -> Answer:
    repo, ref = ask.repo, f"refs/{ask.params['ref']}"
    sha = repo.git.ref(ref)
    if sha is None:
        raise missing()
    return Answer(ref_json(repo, ref, sha))


def matching(ask: Ask) -> Answer:
    repo, wanted = ask.repo, f"refs/{ask.params['ref']}"
    found = [(ref, sha) for ref, sha in repo.git.refs("refs") if ref.startswith(wanted)]
    return Answer([ref_json(repo, ref, sha) for ref, sha in found])


def create(ask: Ask) -> Answer:
    repo, ref, sha = ask.repo, ask.text("ref"), ask.text("sha")
    if not re.fullmatch(r"refs/[^/]+/.+", ref) or not repo.git.works("check-ref-format", ref):
        raise Refusal(422, "Reference name invalid" if ref.startswith("refs/") else f"{ref} is not a valid ref name.")
    kind = repo.git.type_of(sha) if _SHA.fullmatch(sha) else None
    if kind is None or (ref.startswith("refs/heads/") and kind != "commit"):
        raise Refusal(422, "Object does not exist")
    if repo.git.ref(ref) is not None:
        raise Refusal(422, "Reference already exists")
    move(ask, ref, ZERO, sha, force=False)
    return Answer(ref_json(repo, ref, sha), 201, {"Location": f"{repo.api}/git/{ref}"})


def update(ask: Ask) -> Answer:
    repo, ref, sha = ask.repo, f"refs/{ask.params['ref']}", ask.text("sha")
    before = repo.git.ref(ref)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if not _SHA.fullmatch(sha) or repo.git.type_of(sha) is None:
        raise Refusal(422, "Object does not exist")
    if before != sha:
        move(ask, ref, before, sha, force=ask.body.get("force") is True)
    return Answer(ref_json(repo, ref, sha))


def delete(ask: Ask) -> Answer:
    repo, ref = ask.repo, f"refs/{ask.params['ref']}"
    before = repo.git.ref(ref)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if ref == f"refs/heads/{repo.default_branch}":
        raise Refusal(422, "Cannot delete the default branch")
    move(ask, ref, before, ZERO, force=True)
    return Answer(status=204)


def move(ask: Ask, ref: str, before: str, after: str, force: bool, kind: str | None = None) -> None:
    """Moves a ref as this sender may. Raises 422 when it is no fast-forward or protection refuses."""
    repo, git = ask.repo, ask.repo.git
    with repo.writing:
        forced = ZERO not in (before, after) and not git.is_ancestor(before, after)
        if forced and not force:
            raise Refusal(422, "Update is not a fast forward")
        paths = _touched(repo, before, after) if ask.who.kind == "installation" else []
        asked = Move(ref, before, after, forced, paths)
        admin = level(ask.world.config, ask.who, "administration") == "admin"
        why = refusals(repo, ask.who.login, admin, asked)
        if why:
            raise Refusal(422, " ".join(why))
        if ask.who.kind == "installation":
            words = workflow_refusal(ask.world.config.app_permissions, asked)
            if words:
                raise Refusal(403, "Resource not accessible by integration", [words])
        try:
            git.run("update-ref", *([ref, after, before] if after != ZERO else ["-d", ref, before]))
        except GitError:
            raise Refusal(422, "Reference cannot be updated") from None
    ask.world.pushed(repo, ask.who.login, [RefUpdate(ref, before, after, kind)])


def _touched(repo: Repository, before: str, after: str) -> list[str]:
    """What the new commits bring; a new branch is measured against what the repository already has."""
    if after == ZERO or repo.git.type_of(after) != "commit":
        return []
    if before == ZERO:
        new = repo.git.shas(after, "--not", "--all")
        return [
            path
            for sha in new
            for path in repo.git.text("diff-tree", "--root", "-r", "--no-commit-id", "--name-only", sha).splitlines()
        ]
    return repo.git.text("diff-tree", "-r", "--name-only", before, after).splitlines()
