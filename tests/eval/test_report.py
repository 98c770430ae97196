import pytest

from eval.metrics.estimate import Estimate, not_measured
from eval.report import format_amount, format_decimal, format_share, format_signed, one_in

KNOWN = Estimate(value=0.9312, low=0.8981, high=0.9544, n=300, method="wilson")
MISSING = not_measured("no rows")
BARE = Estimate(value=1.0, n=3, note="no interval")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (format_share(KNOWN), "93.1 %"),
        (format_share(KNOWN, part="interval"), "89.8 – 95.4"),
        (format_decimal(KNOWN), "0.931"),
        (format_share(MISSING), "not measured"),
        (format_share(MISSING, part="interval"), ""),
        (format_share(BARE, part="interval"), "no interval"),
        (format_amount(Estimate(value=3649.6)), "3,650"),
        (format_amount(Estimate(value=9.94)), "9.9"),
        (format_signed(Estimate(value=0.012, low=-0.004, high=0.028)), "+0.012"),
        (format_signed(Estimate(value=0.012, low=-0.004, high=0.028), part="interval"), "−0.004 – +0.028"),
        (one_in(Estimate(value=0.31)), "3.2"),
        (one_in(Estimate(value=0.005)), "200"),
        (one_in(Estimate(value=0.0)), "not measured"),
        (one_in(MISSING), "not measured"),
    ],
)
def test_numbers_for_people(text: str, expected: str) -> None:
    assert text == expected
