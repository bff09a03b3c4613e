"""What codes.py says of each code: the names of its values."""

import inspect
import re

from bot.sop import codes

LINE = re.compile(r"^    ([A-Z_]+) = (?:\(\s*)?\"([a-z_]+)\"\s*(?:#\s*(.*))?$", re.MULTILINE)
NAME = re.compile(r"[a-z_]+")
# The patrol's sightings of a version and of a branch have the same values each, written down once.
VERSION = {"service", "version", "sha", "seen", "of", "verified", "release", "last", "workflows"}
BRANCH = {"branch", "before", "sha", "at", "release", "bypass", "last"}
ALIKE = {
    "version_strange": VERSION,
    "version_returned": VERSION,
    "deployed_without_ci": VERSION,
    "deployed_without_release": VERSION,
    "deployed_in_freeze": VERSION | {"freeze", "reason", "owner"},
    **dict.fromkeys(
        ("push_without_release", "push_with_open_gates", "protection_bypassed", "branch_forced", "branch_deleted"),
        BRANCH,
    ),
}


def values_of_codes() -> dict[str, set[str]]:
    """`CODE = "code"  # change, by (people), commits ({sha, title}): a remark` gives {change, by, commits}."""
    found = {}
    for _, code, comment in LINE.findall(inspect.getsource(codes)):
        said = comment
        while "(" in said:
            said, before = re.sub(r"\([^()]*\)", "", said), said
            if said == before:
                break
        parts = [part.strip() for part in said.split(":")[0].split(",")]
        names = {part for part in parts if NAME.fullmatch(part)}
        found[code] = names | ({"roles"} if "role" in names else set())
    return found | ALIKE
