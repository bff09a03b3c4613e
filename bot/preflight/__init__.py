"""What a developer's own checkout proves: clean, built, running, behaving; signed and sent to the bot."""

from bot.preflight.run import Options, run

__all__ = ["Options", "run"]
