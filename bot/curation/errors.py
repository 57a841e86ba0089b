"""Why nothing is planned or built, beyond what can go wrong in `index.errors`.

InputRejected
├── PlanGone
└── SharesDefault
BuilderBusy
└── AlreadyBuilding
"""

from bot.curation.standing import UnderWay
from index.errors import BuilderBusy, InputRejected


class PlanGone(InputRejected):
    """A plan was built, cancelled or forgotten, or is another guild's."""

    def __init__(self) -> None:
        super().__init__("This preview was used or is too old; run the command again.")


class SharesDefault(InputRejected):
    """The guild has articles of its own, and reads the default ones, which are not its to change."""

    def __init__(self) -> None:
        super().__init__("This server reads the shared articles; /settings lets it read its own again.")


class AlreadyBuilding(BuilderBusy):
    """The guild has a build under way."""

    def __init__(self, first: UnderWay) -> None:
        super().__init__(f"A build is under way since {first.began:%H:%M}; wait until it is done.")
        self.first = first
