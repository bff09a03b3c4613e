"""Takes subjects that are due, looks outside, stores what was seen as facts, decides, commits. Level-triggered."""

from bot.reconciler.before import Before as Before
from bot.reconciler.incidents import Incidents as Incidents
from bot.reconciler.patrol import Patrol as Patrol
from bot.reconciler.reconciler import Reconciler as Reconciler
from bot.reconciler.results import given_up as given_up
from bot.reconciler.results import record as record
