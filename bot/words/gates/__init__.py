"""Gate codes of a release: for a stage's line in a few words, what was seen, what was wanted, who can mend it how."""

from bot.words.gate import Gate
from bot.words.gates import commits, preconditions, production, push

GATES: dict[str, Gate] = {**preconditions.GATES, **commits.GATES, **push.GATES, **production.GATES}
