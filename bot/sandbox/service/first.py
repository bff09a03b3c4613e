"""The deployment that production begins with: a commit built from its repository, outside CI."""

import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from bot.sandbox.seed import git, seed


def built(repository: Path | None, branch: str) -> tuple[bytes, str]:
    """The built tree of `branch` as tar.gz, and its commit; of the sample when there is no repository.

    Raises subprocess.CalledProcessError when git or the build fails.
    """
    with tempfile.TemporaryDirectory(prefix="first-") as folder:
        source = repository or seed(Path(folder) / "sample.git", branch)
        checkout = Path(folder) / "checkout"
        git(Path(folder), "clone", "--quiet", "--branch", branch, str(source), str(checkout))
        commit = git(checkout, "rev-parse", "HEAD")
        env = {**os.environ, "GITHUB_SHA": commit}
        subprocess.run([checkout / "bin/build"], cwd=checkout, env=env, capture_output=True, check=True)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
            for path in sorted(checkout.iterdir()):
                if path.name != ".git":
                    tar.add(path, arcname=path.name)
        return buffer.getvalue(), commit
