"""What codes.py says of each code: the names of its values."""

import inspect
import re

from bot.sop import codes

LINE = re.compile(r"^    ([A-Z_]+) = (?:\(\s*)?\"([a-z_]+)\"\s*(?:#\s*(.*))?$", re.MULTILINE)
NAME = re.compile(r"[a-z_]+")


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
    return found
