"""Curves go where their values are."""

import pytest

from training.report.curves import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, draw_curve


def points(curve):
    return [tuple(map(float, pair.split(","))) for pair in curve.path.split()]


def test_a_straight_line_spans_the_drawing():
    curve = draw_curve("loss", range(1, 11), range(10))
    drawn = points(curve)
    assert drawn[0] == (LEFT, HEIGHT - BOTTOM) and drawn[-1] == (WIDTH - RIGHT, TOP)
    assert len(drawn) == 10 and curve.last == "9"
    assert all(TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1 for _, y in drawn)


def test_wide_ranges_are_logarithmic():
    curve = draw_curve("loss", [0, 1, 2], [1.0, 0.1, 0.01])
    assert points(curve)[1][1] == pytest.approx((TOP + HEIGHT - BOTTOM) / 2, abs=0.06)
    assert [line.label for line in curve.up] == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]


def test_many_decades_have_few_ticks():
    curve = draw_curve("loss", [0, 1, 2], [1.0, 1e-3, 1e-5])
    assert [line.label for line in curve.up] == ["1e−5", "0.0001", "0.001", "0.01", "0.1", "1"]
    assert len(draw_curve("loss", [0, 1, 2], [1.0, 1e-15, 1e-30]).up) <= 8


@pytest.mark.parametrize("last", [2, 3, 4, 40, 120, 1900, 15000, 990_000])
def test_steps_are_whole_and_their_labels_within_the_drawing(last):
    steps = range(1, last + 1, -(-last // 500))
    curve = draw_curve("loss", steps, [1.0] * len(steps))
    assert len(curve.across) >= 2
    right = LEFT - 20
    for line in curve.across:
        assert line.label.replace("\u202f", "").isdecimal()
        half = 3.4 * len(line.label)  # pixels of its width
        assert right < line.at - half
        right = line.at + half
    assert right <= WIDTH


def test_long_logs_are_thinned_and_end_where_they_end():
    curve = draw_curve("loss", range(5000), [2.0] * 4000 + [1.0] * 1000)
    assert len(points(curve)) <= 300 and curve.last == "1"


def test_a_constant_and_a_single_step_are_drawn():
    assert len(points(draw_curve("x", [1, 2, 3], [5.0, 5.0, 5.0]))) == 3
    assert len(points(draw_curve("x", [4], [0.0]))) == 1
