"""The deployment that production begins with: a commit built from its repository, outside CI."""

import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from bot.sandbox.template import lay_out


def built(repository: Path | None, branch: str) -> tuple[bytes, str]:
    """The built tree of `branch` as tar.gz, and its commit. Without a repository: of the sample, committed on the spot.

    Raises subprocess.CalledProcessError when git or the build fails.
    """
    with tempfile.TemporaryDirectory(prefix="first-") as folder:
        checkout = Path(folder) / "checkout"
        if repository is None:
            commit_sample(checkout, branch)
        else:
            run("git", "clone", "--quiet", "--branch", branch, str(repository), str(checkout))
        commit = run("git", "-C", str(checkout), "rev-parse", "HEAD").strip()
        run(str(checkout / "bin/build"), cwd=checkout)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
            for path in sorted(checkout.iterdir()):
                if path.name != ".git":
                    tar.add(path, arcname=path.name)
        return buffer.getvalue(), commit


def commit_sample(checkout: Path, branch: str) -> None:
    lay_out(checkout)
    run("git", "-C", str(checkout), "init", "--quiet", f"--initial-branch={branch}")
    run("git", "-C", str(checkout), "add", "--all")
    who = ("-c", "user.name=Shop", "-c", "user.email=shop@example.com", "-c", "commit.gpgsign=false")
    run("git", "-C", str(checkout), *who, "commit", "--quiet", "--message", "The shop")


def run(*command: str, cwd: Path | None = None) -> str:
    env = {name: value for name, value in os.environ.items() if name != "GITHUB_SHA"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout
