"""How old an article is, where that is worth saying."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Recency:
    """From which age on articles are called old, on which day."""

    today: date
    old_after: int
    """Days; 0 calls nothing old."""

    def age(self, published: date | None) -> int | None:
        """The days since an article was published, where they are more than the set age."""
        days = (self.today - published).days if published else 0
        return days if self.old_after and days > self.old_after else None


def told(days: int) -> str:
    """An age in words: `40 days`, `5 months`, `2 years`."""
    for unit, length in (("year", 365.25), ("month", 30.44)):
        count = int(days / length)
        if count > 1 or (count == 1 and unit == "year" and days < 2 * length):
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{days} day{'' if days == 1 else 's'}"
