"""How fast bytes come."""

import pytest

from sharpdepth_blender.tasks.eta import Rate


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
