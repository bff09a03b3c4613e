"""A job's log as GitHub writes it: stamped lines, secrets masked, workflow commands understood."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

_COMMAND = re.compile(r"^\s*::(?P<name>[a-z-]+)(?:\s+(?P<given>[^:]*))?::(?P<text>.*)$")
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}


class JobLog:
    """Lines go to `keep` as they come. annotations: what ::error and its like have said."""

    def __init__(self, keep: Callable[[str], None], secrets: Iterable[str]) -> None:
        self._keep = keep
        self._masks: set[str] = set()
        self.annotations: list[dict[str, Any]] = []
        for secret in secrets:
            self.mask(secret)

    def mask(self, secret: str) -> None:
        self._masks |= {line for line in secret.splitlines() if line.strip()}

    def write(self, text: str) -> None:
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, "***")
        at = datetime.now(UTC)
        self._keep(f"{at:%Y-%m-%dT%H:%M:%S.%f}0Z {text}")

    def printed(self, line: str) -> None:
        """A line a step has printed: may be a workflow command."""
        command = _COMMAND.match(line)
        if command is None:
            self.write(line)
            return
        name, text = command["name"], _unescaped(command["text"])
        if name == "add-mask":
            self.mask(text)
        elif name in _LEVELS:
            self.annotate(_LEVELS[name], text, command["given"] or "")
            self.write(f"##[{name}]{text}")
        elif name in ("group", "endgroup", "debug"):
            if name != "debug":
                self.write(f"##[{name}]{text}")
        else:
            self.write(line)

    def failed(self, text: str) -> None:
        self.write(f"##[error]{text}")
        self.annotate("failure", text, "")

    def annotate(self, level: str, text: str, given: str) -> None:
        said = dict(part.partition("=")[::2] for part in given.split(",") if "=" in part)
        line = int(said["line"]) if said.get("line", "").isdigit() else 1
        self.annotations.append(
            {
                "path": said.get("file", ".github"),
                "line": line,
                "level": level,
                "message": text,
                "title": said.get("title", ""),
            }
        )


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
