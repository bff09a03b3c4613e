"""Two kinds of shells for whoever wants to use a running demo from a terminal: a developer's, and the bot's own."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.demo.crew import Crew


def write(crew: Crew) -> None:
    """`alice.env`, one for each laptop, and `bot.env` in the demo's folder, to be sourced."""
    root, known = crew.place.root, crew.bare_environment()
    _write(root / "bot.env", {name: value for name, value in crew.environment().items() if name not in known})
    for home in sorted((root / "laptops").iterdir()):
        own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "SANDBOX_LOGIN": home.name}
        _write(root / f"{home.name}.env", own | crew.found)


def _write(file: Path, variables: Mapping[str, str]) -> None:
    # The sample's build says `python3`, and a version manager's shim asks the home folder which one that is.
    first = ":".join(shlex.quote(str(Path(p) / "bin")) for p in (sys.prefix, sys.base_prefix))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    file.write_text("\n".join([*lines, f'export PATH={first}:"$PATH"', ""]), encoding="utf-8")
