"""Lays the sample repository out: names, hidden files and executable scripts as a repository wants them."""

import shutil
from pathlib import Path

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
