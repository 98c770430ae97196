"""A measured number: its value, its interval, and on how much it rests."""

from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with a 95 % interval over ``n`` rows, or the reason why there is none.

    ``value`` is None exactly when ``reason`` says why it was not measured; ``low`` and ``high`` are
    None where no interval can be given. ``note`` warns how the number must be read.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    method: str = ""
    reason: str | None = None
    note: str | None = None

    @property
    def is_measured(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None


def not_measured(reason: str, *, n: int = 0) -> Estimate:
    """The estimate of something that could not be measured."""
    return Estimate(value=None, n=n, reason=reason)
