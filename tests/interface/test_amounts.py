"""Figures for people."""

import pytest

from sharpdepth_blender.interface.amounts import format_bytes, format_seconds
from sharpdepth_blender.interface.rate import Rate


@pytest.mark.parametrize(
    "count, text",
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_501, "1.0 MB"),
        (38_000_000, "38 MB"),
        (5_200_000_000, "5.2 GB"),
        (12_300_000_000, "12 GB"),
        (7e15, "7000 TB"),
    ],
)
def test_bytes(count, text):
    assert format_bytes(count) == text


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0:00"), (59.6, "1:00"), (84, "1:24"), (3599.4, "59:59"), (7284, "2:01:24")],
)
def test_seconds(seconds, text):
    assert format_seconds(seconds) == text


def test_a_rate_is_of_the_last_seconds():
    rate = Rate()
    # What a resumed download starts with came earlier, and is not counted.
    assert rate.update(10.0, 5_000) is None
    assert rate.update(10.2, 5_200) is None  # too soon to tell
    assert rate.update(11.0, 6_000) == pytest.approx(1000)
    for second in range(12, 31):
        slow = rate.update(float(second), 6_000 + 10 * second)
    assert slow == pytest.approx(10)


def test_a_line_that_stands_still_has_no_rate():
    rate = Rate()
    rate.update(0.0, 100)
    assert rate.update(3.0, 100) is None
