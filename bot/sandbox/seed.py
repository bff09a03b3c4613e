"""The sample repository: its files laid out, and a bare repository that begins with them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.sandbox.people import ALICE

SAMPLE = Path(__file__).parent / "sample"


def lay_out(target: Path) -> Path:
    """Writes the sample repository's files into `target`, which may exist but must be empty; gives it back."""
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty")
    for source in sorted(SAMPLE.rglob("*")):
        if source.is_dir() or "__pycache__" in source.parts:
            continue
        parts = [
            "." + part.removeprefix("dot-") if part.startswith("dot-") else part
            for part in source.relative_to(SAMPLE).parts
        ]
        file = target.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, file)
        # Installing a package drops the executable bit; a repository's scripts need it.
        file.chmod(0o755 if parts[0] == "bin" else 0o644)
    return target


def seed(bare: Path, branch: str = "main") -> Path:
    """A bare repository whose `branch` holds the sample as its first commit; one that stands is left as it is."""
    if bare.exists():
        return bare
    bare.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seed-") as folder:
        checkout = lay_out(Path(folder) / "checkout")
        who = ("-c", f"user.name={ALICE.name}", "-c", f"user.email={ALICE.email}")
        git(checkout, "init", "--quiet", f"--initial-branch={branch}")
        git(checkout, "add", "--all")
        git(checkout, *who, "commit", "--quiet", "--message", "The shop")
        git(checkout, "clone", "--quiet", "--bare", str(checkout), str(bare))
        git(bare, "remote", "remove", "origin")
    return bare


def git(where: Path, *arguments: str) -> str:
    """What a git command prints, run without anybody's configuration. Raises subprocess.CalledProcessError."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *arguments], cwd=where, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()
