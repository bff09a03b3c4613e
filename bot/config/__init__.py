"""Configuration: settings from the environment, the SOP from sop.yaml. Frozen, passed in, never global."""

from bot.config.settings import BadSettings, Mode, Settings, read_settings
from bot.config.sop_file import BadPolicy, PolicyProblem, read_policy

__all__ = ["BadPolicy", "BadSettings", "Mode", "PolicyProblem", "Settings", "read_policy", "read_settings"]
