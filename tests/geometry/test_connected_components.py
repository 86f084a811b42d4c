import numpy as np

from sharpdepth_blender.geometry.connected_components import (
    component_runs,
    connected_components,
    nearest_known,
    remove_small_components,
)

SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1))
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def flooded(labels, steps=SIDES):
    """Regions by filling one pixel after the other."""
    number = np.full(labels.shape, -1)
    count = 0
    for start in np.ndindex(labels.shape):
        if number[start] >= 0:
            continue
        front = [start]
        number[start] = count
        while front:
            row, column = front.pop()
            for down, right in steps:
                to = row + down, column + right
                inside = 0 <= to[0] < labels.shape[0] and 0 <= to[1] < labels.shape[1]
                if inside and number[to] < 0 and labels[to] == labels[start]:
                    number[to] = count
                    front.append(to)
        count += 1
    return number


def test_regions_are_those_of_a_flood_fill():
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (1, 9), (7, 1), (13, 17), (40, 31)):
        labels = rng.integers(0, 3, shape)
        sizes, found = connected_components(labels)
        wanted = flooded(labels)
        pairs = np.unique(np.stack([found.ravel(), wanted.ravel()]), axis=1)
        assert pairs.shape[1] == found.max() + 1 == wanted.max() + 1
        assert (sizes == np.bincount(found.ravel())).all()


def test_runs_tell_the_regions_that_touch_by_corners():
    rng = np.random.default_rng(1)
    for shape in ((1, 1), (1, 9), (7, 1), (2, 2), (13, 17), (40, 31)):
        for share in (0.2, 0.4, 0.6):
            labels = rng.random(shape) < share
            start, length, region = component_runs(labels, diagonal=True)
            assert (start == np.append(0, np.cumsum(length)[:-1])).all()
            wanted = flooded(labels, SIDES + CORNERS)
            np.testing.assert_array_equal(np.repeat(region, length), wanted.ravel())


def test_a_spiral_is_one_region():
    grid = np.zeros((21, 21), int)
    for k in range(0, 10, 2):
        grid[k, k : -k or None] = grid[k : -k or None, -1 - k] = 1
        grid[-1 - k, k : 21 - k] = grid[k + 2 : 21 - k, k] = 1
    labels = grid
    assert connected_components(labels)[1].max() == flooded(labels).max()


def test_specks_become_what_is_beside_them():
    labels = np.zeros((12, 20), np.int8)
    labels[:, 10:] = 1
    clean = labels.copy()
    labels[3, 4] = 1
    labels[5:7, 15] = 0
    assert (remove_small_components(labels, 4) == clean).all()
    assert (remove_small_components(labels, 1) == labels).all()


def test_what_is_unknown_takes_the_nearest_of_its_row():
    values = np.array([[1, 0, 0, 4], [0, 0, 0, 0], [0, 0, 7, 0]])
    assert nearest_known(values, values > 0).tolist() == [[1, 1, 4, 4], [1, 1, 4, 4], [7] * 4]
