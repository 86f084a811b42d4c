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
    [(0, "0:00"), (59.6, "1:00"), (84, "1:24"), (3599.4, "59:59"), (7284, "2:01:24")],
)
def test_seconds(seconds, text):
    assert format_seconds(seconds) == text
