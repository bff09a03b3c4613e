"""The Slack app's manifest, adapted to one installation."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

HOST = "https://YOUR-HOST"
HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+")


class BadManifest(Exception):
    """The manifest cannot be read or adapted; the text says why."""


def adapted(path: Path, *, url: str | None = None, prefix: str = "", socket_mode: bool = False) -> str:
    """As YAML: served at `url`, commands prefixed, or for Socket Mode without any URL. Raises BadManifest."""
    address = _address(url) if url is not None else None
    manifest = _read(path)
    for command in manifest["features"]["slash_commands"]:
        command["command"] = "/" + prefix + command["command"].removeprefix("/")
    manifest["settings"]["socket_mode_enabled"] = socket_mode
    wanted = _without_urls(manifest) if socket_mode else manifest
    text = yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True, width=120)
    return text.replace(HOST, address) if address else text


def _address(url: str) -> str:
    """Slack calls https only, and the bot's paths are its own. Raises BadManifest."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "https" and HOSTNAME.fullmatch(parts.hostname or "") and (parts.port or 1)
    except ValueError:
        whole = None
    if not whole or parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadManifest(
            f"--url {url!r} is no address that Slack can call: https://HOST or https://HOST:PORT, no path"
        )
    return url.rstrip("/")


def scopes(path: Path) -> frozenset[str]:
    """The bot scopes that the manifest asks for. Raises BadManifest."""
    return frozenset(_read(path)["oauth_config"]["scopes"]["bot"])


def _read(path: Path) -> dict[str, Any]:
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadManifest(f"{path} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not {"features", "oauth_config", "settings"} <= manifest.keys():
        raise BadManifest(f"{path} is no Slack app manifest")
    return manifest


def _without_urls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_urls(item) for item in value]
    if isinstance(value, dict):
        return {k: _without_urls(v) for k, v in value.items() if k != "url" and not k.endswith("_url")}
    return value
