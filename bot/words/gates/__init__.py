"""Gate codes of a release: a few words for the stage's line, what was seen, what was wanted, and who can mend it how."""

from bot.words.gate import Gate
from bot.words.gates import commits, preconditions, production, push

GATES: dict[str, Gate] = {**preconditions.GATES, **commits.GATES, **push.GATES, **production.GATES}
