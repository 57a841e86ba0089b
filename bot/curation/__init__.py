"""Changes to the articles of a guild: planned first, then built, each by a process of its own.

A plan changes nothing. It is kept with the articles that were read, so that what was shown is what gets
built. A build publishes one generation or none; where it was killed it can be done again.

`curator.Curator` is the service, which each job would import for nothing if it stood here (0.8 s).
"""

from bot.curation.errors import AlreadyBuilding, PlanGone, SharesDefault
from bot.curation.jobs import Progress, Report, State
from bot.curation.plans import Entry, Kind, Known, Plan, Refusal, Why
from bot.curation.schedule import Refreshed
from bot.curation.staging import Upload
from bot.curation.standing import Outcome, Standing, UnderWay

__all__ = [
    "AlreadyBuilding",
    "Entry",
    "Kind",
    "Known",
    "Outcome",
    "Plan",
    "PlanGone",
    "Progress",
    "Refreshed",
    "Refusal",
    "Report",
    "SharesDefault",
    "Standing",
    "State",
    "UnderWay",
    "Upload",
    "Why",
]
