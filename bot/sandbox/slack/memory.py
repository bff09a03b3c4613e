"""What a workspace remembers, kept in a file: channels, messages, threads, what only one person sees."""

from pathlib import Path
from typing import Any

from bot.sandbox.kept import Keeper, dump, load
from bot.sandbox.slack.workspace import Workspace


def keeper(workspace: Workspace, file: Path) -> Keeper:
    """Keeps it in `file`; what stands there already is remembered first. Start it, and stop it at the end."""
    if file.exists():
        known: dict[str, Any] = load(file.read_text(encoding="utf-8"), {})
        with workspace.lock:
            workspace.channels.update(known)
    return Keeper(file, lambda: _told(workspace))


def _told(workspace: Workspace) -> str:
    with workspace.lock:
        return dump(workspace.channels, {})
