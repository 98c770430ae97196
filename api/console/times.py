"""Times and waits as the console shows them; ``console.js`` counts on in the same words."""

from datetime import datetime

from api.clock import CHINA

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86400


def local_time(moment: datetime) -> datetime:
    """A moment on the helpline's clock."""
    return moment.astimezone(CHINA)


def clock_time(moment: datetime, *, now: datetime) -> str:
    """``20:35``, or with the date when it is not today."""
    local = local_time(moment)
    return local.strftime("%H:%M" if local.date() == local_time(now).date() else "%m-%d %H:%M")


def name_wait(seconds: float) -> str:
    """A length of time as it is read at a glance: 45秒, 3分05秒, 2小时07分, 3天."""
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return f"{whole}秒"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S}分{whole % _MINUTE_S:02d}秒"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S}小时{whole % _HOUR_S // _MINUTE_S:02d}分"
    return f"{whole // _DAY_S}天"
