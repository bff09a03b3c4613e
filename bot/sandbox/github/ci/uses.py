"""The actions a step may use here: checkout and artifacts for real, set-up actions as what the machine has."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.github.ci.log import JobLog
from bot.sandbox.github.ci.runs import Run
from bot.sandbox.github.git import Git, GitError

if TYPE_CHECKING:
    from bot.sandbox.github.world import World

_PRESENT = ("actions/setup-", "actions/cache")


def perform(world: "World", run: Run, log: JobLog, workspace: Path, uses: str, given: dict[str, str]) -> str:
    """success | failure. `given` is the step's `with`, filled in."""
    action = uses.partition("@")[0]
    log.write(f"##[group]Run {uses}")
    if given:
        log.write("with:")
    for name, value in given.items():
        log.write(f"  {name}: {value}")
    log.write("##[endgroup]")
    if action == "actions/checkout":
        return _checkout(run, log, workspace, given)
    if action in ("actions/upload-artifact", "actions/download-artifact"):
        kept = world.config.root / "_artifacts" / str(run.id) / given.get("name", "artifact")
        return (_upload if action.endswith("upload-artifact") else _download)(log, workspace, kept, given)
    if action.startswith(_PRESENT):
        log.write("Found in tool cache")
        return "success"
    log.failed(f"Unable to resolve action `{uses}`, repository not found")
    return "failure"


def _checkout(run: Run, log: JobLog, workspace: Path, given: dict[str, str]) -> str:
    folder = workspace / given.get("path", ".")
    folder.mkdir(parents=True, exist_ok=True)
    git, wanted = Git(folder), given.get("ref") or run.sha
    source = run.repo.git.path.as_uri()
    depth = given.get("fetch-depth", "1")
    shallow = [] if depth == "0" else [f"--depth={depth}"]
    try:
        sha = run.repo.git.commit_of(wanted) or wanted
        log.write(f"Syncing repository: {run.repo.full_name}")
        git.run("init", "--quiet", "--initial-branch=main")
        git.run("remote", "add", "origin", source)
        git.run("fetch", "--quiet", "--no-tags", *shallow, "origin", sha)
        git.run("update-ref", f"refs/remotes/origin/{run.branch}", sha)
        where = ["-B", run.branch] if "ref" not in given else ["--detach"]
        git.run("checkout", "--quiet", "--force", *where, sha)
    except GitError as problem:
        log.failed(str(problem))
        return "failure"
    log.write(f"HEAD is now at {git.text('log', '-1', '--format=%h %s')}")
    return "success"


def _upload(log: JobLog, workspace: Path, kept: Path, given: dict[str, str]) -> str:
    source = workspace / given.get("path", ".")
    if not source.exists():
        log.failed(f"No files were found with the provided path: {given.get('path')}.")
        return "failure"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    if source.is_dir():
        shutil.copytree(source, kept, dirs_exist_ok=True, symlinks=True)
    else:
        shutil.copy2(source, kept / source.name)
    log.write(f"Artifact {kept.name} has been successfully uploaded!")
    return "success"


def _download(log: JobLog, workspace: Path, kept: Path, given: dict[str, str]) -> str:
    if not kept.exists():
        log.failed(f"Unable to download artifact(s): Artifact not found for name: {kept.name}")
        return "failure"
    shutil.copytree(kept, workspace / given.get("path", "."), dirs_exist_ok=True, symlinks=True)
    log.write(f"Artifact {kept.name} has been successfully downloaded")
    return "success"
