import math

import pytest

from sharpdepth_blender.geometry import Intrinsics


def test_field_of_view_is_across_the_longer_side():
    landscape = Intrinsics.from_fov(90, 200, 100)
    portrait = Intrinsics.from_fov(90, 100, 200)
    assert landscape.fx == landscape.fy == pytest.approx(100)
    assert portrait.fx == portrait.fy == pytest.approx(100)
    assert (landscape.cx, landscape.cy) == (100, 50)
    assert (portrait.cx, portrait.cy) == (50, 100)


def test_focal_35mm_is_by_the_diagonal():
    film = Intrinsics.from_focal_35mm(50, 3600, 2400)
    assert film.fx == film.fy == pytest.approx(5000)
    square = Intrinsics.from_focal_35mm(50, 1000, 1000)
    assert square.fx == pytest.approx(50 * math.sqrt(2e6) / 43.2666, rel=1e-5)


@pytest.mark.parametrize("field", ["fx", "fy", "cx", "cy"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_must_be_finite(field, value):
    values = dict(fx=1, fy=1, cx=1, cy=1, width=4, height=3) | {field: value}
    with pytest.raises(ValueError, match=field):
        Intrinsics(**values)


@pytest.mark.parametrize(
    ("field", "value"),
    [("fx", 0), ("fy", -1), ("width", 0), ("height", -2), ("width", 2.5)],
)
def test_ranges(field, value):
    values = dict(fx=1, fy=1, cx=1, cy=1, width=4, height=3) | {field: value}
    with pytest.raises(ValueError, match=field):
        Intrinsics(**values)


@pytest.mark.parametrize("degrees", [0, 180, -10, math.nan])
def test_impossible_field_of_view(degrees):
    with pytest.raises(ValueError, match="field of view"):
        Intrinsics.from_fov(degrees, 10, 10)


def test_the_principal_point_may_lie_outside_the_picture():
    assert Intrinsics(100, 100, -20, 500, 64, 48).cx == -20


def test_another_size_of_the_same_picture():
    found = Intrinsics(100, 110, 31, 22, 60, 40).resized(90, 20)
    assert found == Intrinsics(150, 55, 46.5, 11, 90, 20)


def test_a_part_of_a_picture():
    found = Intrinsics(100, 110, 31, 22, 60, 40).cropped(20, 30, 25, 10)
    assert found == Intrinsics(100, 110, 11, -8, 25, 10)


def test_they_unpack_as_four_numbers():
    assert tuple(Intrinsics(150, 55, 46.5, 11, 90, 20)) == (150, 55, 46.5, 11)
