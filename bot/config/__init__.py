"""Configuration: settings from the environment, the SOP from sop.yaml. Frozen, passed in, never global."""

from bot.config.manifest import BadManifest, adapted, scopes
from bot.config.settings import BadSettings, DatabaseSettings, Mode, Settings, read_settings
from bot.config.sop_file import BadPolicy, PolicyProblem, read_policy

__all__ = [
    "BadManifest",
    "BadPolicy",
    "BadSettings",
    "DatabaseSettings",
    "Mode",
    "PolicyProblem",
    "Settings",
    "adapted",
    "read_policy",
    "read_settings",
    "scopes",
]
