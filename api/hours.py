"""The hours at which counsellors work (值班时间): no promise is made for a time when nobody is there."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from api.clock import CHINA

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """From ``opens`` to ``closes``, minutes after midnight in China; past midnight where closes <= opens.

    The high-risk desk is never closed: what is urgent is promised from now on at any hour.
    """

    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> "ServiceHours":
        """Hours written ``08:00-22:00``; ``00:00-24:00`` is day and night. ``ValueError`` for all else."""
        found = _HOURS.fullmatch(text)
        if found is None:
            raise ValueError("must be written like 08:00-22:00")
        hours = [int(each) for each in found.groups()]
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if max(opens, closes) > _MINUTES_PER_DAY or opens in (closes, _MINUTES_PER_DAY):
            raise ValueError("must be a stretch of one day, such as 08:00-22:00 or 00:00-24:00")
        return cls(opens=opens, closes=closes)

    def are_open(self, moment: datetime) -> bool:
        """Whether counsellors work at a moment."""
        local = moment.astimezone(CHINA)
        minute = local.hour * 60 + local.minute
        if self.opens < self.closes:
            return self.opens <= minute < self.closes
        return minute >= self.opens or minute < self.closes

    def promise(self, now: datetime, *, within: timedelta, urgent: bool) -> datetime:
        """The time by which a person looks: counted from now, or from the next opening when closed."""
        if urgent or self.are_open(now):
            return now + within
        local = now.astimezone(CHINA)
        opening = datetime.combine(local.date(), time(self.opens // 60, self.opens % 60), tzinfo=CHINA)
        if opening < local:
            opening += timedelta(days=1)
        return opening.astimezone(now.tzinfo) + within
