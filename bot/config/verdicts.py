"""pydantic's findings about a configuration, in words about what the person wrote."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

from bot.sop.policy import Policy


def verdict(e: ErrorDetails, value: str) -> tuple[str, str]:
    """What was wrong and what is allowed."""
    if e["type"] == "missing":
        return f"`{e['loc'][-1]}` is missing", _wanted(e["loc"])
    if e["type"] == "extra_forbidden":
        known = _keys_allowed(e["loc"][:-1])
        near = difflib.get_close_matches(str(e["loc"][-1]), known, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        return "unknown key", f"{hint}allowed here: {', '.join(known)}"
    seen = f"`{value}`" if value else "this value"
    if e["type"] == "value_error":
        return seen if value else "does not hold together", plain(e)
    if e["loc"][-1] == "[key]":
        return "a key of this form is not allowed", plain(e)
    return f"{seen} is not allowed", plain(e)


# What the patterns of bot.sop.policy mean to a person.
FORMS = {
    r"^[UW][A-Z0-9]{2,20}$": "a Slack user id such as U012AB3CD",
    r"^S[A-Z0-9]{2,20}$": "the id of a Slack user group such as S012AB3CD",
    r"^[CG][A-Z0-9]{2,20}$": "a Slack channel id such as C012AB3CD (not its #name)",
    r"^[a-z0-9][a-z0-9._-]{0,39}$": "a short name in lower case such as checkout-2",
    r"^https?://[^\s/?#]+[^\s]*$": "an address such as https://shop.example.com",
    r"^/": "a path that begins with /",
    r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$": "OWNER/NAME as at GitHub",
    r"^[0-9a-f]{40}$": "a whole commit SHA, 40 hex digits, in quotes",
    r"^[a-z0-9-]{0,12}$": "at most 12 of a-z, 0-9 and -",
    r"^[^\s~^:?*\[\\/-][^\s~^:?*\[\\]*$": "a branch as git shows it, such as main or release/2026",
    r"^[^,\s]([^,]*[^,\s])?$": "one label of GitHub, without a comma",
    r"^[A-Za-z0-9_.-]+\.ya?ml$": "the file's name alone, such as deploy.yml",
    r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?$": "the line of a public SSH key: ssh-ed25519 AAAA…",
}

# pydantic's words for types, in YAML's.
KINDS = {
    "string_type": "write text, in quotes where YAML would read something else",
    "tuple_type": "write a list",
    "model_type": "write a mapping of keys",
    "dict_type": "write a mapping of keys",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "too_short": "name at least one",
    "string_too_short": "it must not be empty",
}


def plain(e: ErrorDetails) -> str:
    """pydantic's message as a sentence about the file."""
    pattern = e.get("ctx", {}).get("pattern")
    if pattern is not None:
        return f"write {FORMS[pattern]}" if pattern in FORMS else f"it must match {pattern}"
    said = e["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    return KINDS.get(e["type"], re.sub(r"'([\w.-]+)'", r"\1", said))


def _schema(loc: Iterable[int | str]) -> dict[str, Any]:
    """The JSON schema of the value at a place of the policy; empty where there is none."""
    root = Policy.model_json_schema()
    at = root
    for part in loc:
        inner = at.get("items", {}) if isinstance(part, int) else at.get("properties", {}).get(part, {})
        at = inner or at.get("additionalProperties") or {}
        at = root["$defs"][at["$ref"].rsplit("/", 1)[1]] if "$ref" in at else at
    return at


def _keys_allowed(loc: Iterable[int | str]) -> list[str]:
    return sorted(_schema(loc).get("properties", {}))


def _wanted(loc: tuple[int | str, ...]) -> str:
    """The form of a missing value, where it has one."""
    schema = _schema(loc)
    if "properties" in schema:
        return f"write a mapping of {', '.join(schema.get('required') or _keys_allowed(loc))}"
    form = FORMS.get(schema.get("pattern", "")) or {"array": "a list", "string": "text"}.get(schema.get("type", ""))
    return f"write {form}" if form else ""
