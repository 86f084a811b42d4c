"""Figures for people."""

import pytest

from sharpdepth_blender.tasks.formatting import format_bytes, format_seconds


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
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (59.6, "1 min"),
        (84, "1 min"),
        (704, "12 min"),
        (3569, "59 min"),
        (3571, "1 h"),
        (4790, "1 h 20 min"),
        (7195, "2 h"),
        (90_000, "25 h"),
    ],
)
def test_a_duration_is_no_time_of_day(seconds, text):
    assert format_seconds(seconds) == text
