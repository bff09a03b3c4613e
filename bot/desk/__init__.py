"""One method an intent of a person: load, decide, commit. What people read comes from `reading`."""

from bot.desk.desk import Desk as Desk
from bot.desk.desk import Outcome as Outcome
