"""House exteriors."""

import numpy as np

from . import materials
from .shape import Shape


def house(rng) -> tuple[Shape, float, float]:
    """Return a house centered at the origin, facing -y, with its width and depth [m]."""
    shape = Shape()
    width, depth = rng.uniform(6, 13), rng.uniform(6, 9)
    floors = int(rng.integers(1, 4))
    height = 2.8 * floors + rng.uniform(0.1, 0.5)
    wall = [materials.bricks, materials.siding, _render_coat, _render_coat][rng.integers(4)](rng)
    trim = materials.plain((rng.uniform(0.1, 0.9),) * 3, 0.5)
    glass = materials.plain((0.03, 0.04, 0.05), rng.uniform(0.03, 0.15))
    shape.box((width, depth, height), (0, 0, height / 2), wall)
    shape.box((width + 0.08, depth + 0.08, 0.35), (0, 0, 0.17), materials.ground(rng, "concrete"))
    _roof(shape, rng, width, depth, height, wall)
    door = int(rng.integers(0, 3))
    for side, length in ((-1, width), (1, width)):
        columns = max(2, int(length / rng.uniform(2.0, 3.2)))
        for floor in range(floors):
            for column in range(columns):
                x = (column + 0.5) * length / columns - length / 2
                ground_floor = floor == 0 and column == door % columns
                _opening(shape, (x, side * depth / 2, 2.8 * floor), side, trim, glass, ground_floor)
    for side in (-1, 1):
        for floor in range(floors):
            for y in (-depth / 4, depth / 4):
                z = 2.8 * floor + 1.65
                shape.box((0.1, 1.15, 1.4), (side * width / 2, y, z), trim, 0.01)
                shape.box((0.14, 0.95, 1.2), (side * width / 2, y, z), glass)
    if rng.random() < 0.4:
        _porch(shape, rng, depth)
    pipe = materials.plain((0.25,) * 3, 0.4, 0.7)
    shape.rod(
        (width / 2 - 0.15, -depth / 2 - 0.07, 0),
        (width / 2 - 0.15, -depth / 2 - 0.07, height),
        0.045,
        pipe,
    )
    return shape, width, depth


def _render_coat(rng):
    tone = materials.color(rng, (0.03, 0.16), (0.02, 0.4), (0.5, 0.95))
    return materials.paint(rng, tone)


def _opening(shape, position, side, trim, glass, is_door):
    x, y, floor = position
    wide, tall, middle = (1.0, 2.1, 1.05) if is_door else (1.1, 1.35, 1.65)
    z = floor + middle
    shape.box((wide + 0.18, 0.12, tall + 0.14), (x, y, z), trim, 0.01)
    if is_door:
        shape.box((wide, 0.16, tall), (x, y, z), trim, 0.005)
        shape.box((0.4, 0.18, 0.5), (x, y, z + 0.5), glass)
        shape.box((1.6, 0.9, 0.16), (x, y + side * 0.45, 0.08), trim, 0.01)
        return
    for column in (-1, 1):
        size = (wide / 2 - 0.05, 0.14, tall - 0.06)
        shape.box(size, (x + column * wide / 4, y, z), glass)
    shape.box((wide + 0.35, 0.26, 0.06), (x, y, z - tall / 2 - 0.08), trim, 0.008)


def _roof(shape, rng, width, depth, height, wall):
    over, pitch = rng.uniform(0.25, 0.6), rng.uniform(0.4, 0.95)
    tiles = materials.roof_tiles(rng)
    if rng.random() < 0.15:
        shape.box((width + 0.2, depth + 0.2, 0.35), (0, 0, height + 0.17), wall)
        return
    ridge = height + pitch * depth / 2
    x, eave = width / 2 + over, height - pitch * over
    for side in (-1, 1):
        low, y = (eave, side * (depth / 2 + over)), 0.0
        t = np.linspace(0, 1, 2)
        rows = [
            np.stack(
                [
                    np.array([-x, x]),
                    np.full(2, low[1] * (1 - s) + y * s),
                    np.full(2, low[0] * (1 - s) + ridge * s),
                ],
                axis=-1,
            )
            for s in t
        ]
        upper = np.stack(rows)
        shape.sheet(upper + (0, 0, 0.14), tiles)
        shape.sheet(upper, tiles)
        edge = np.stack([upper[0], upper[0] + (0, 0, 0.14)])
        shape.sheet(edge, tiles)
        for end in (0, 1):
            verge = np.stack([upper[:, end], upper[:, end] + (0, 0, 0.14)])
            shape.sheet(verge, tiles)
    gable = [(0, -depth / 2, height), (0, depth / 2, height), (0, 0, ridge)]
    for end in (-1, 1):
        shape.add(np.array(gable) + (end * width / 2, 0, 0), [np.array([[0, 1, 2]])], wall)
    if rng.random() < 0.7:
        at = rng.uniform(-0.35, 0.35) * width
        brick = materials.bricks(rng)
        shape.box(
            (0.7, 0.55, 1.6 + 0.2 * depth), (at, depth * 0.12, ridge - 0.1 * depth + 0.3), brick
        )


def _porch(shape, rng, depth):
    wood = materials.plain((rng.uniform(0.2, 0.9),) * 3, 0.5)
    wide, deep = rng.uniform(2, 4), rng.uniform(1.2, 2.2)
    x, y = rng.uniform(-1, 1), -depth / 2 - deep
    for side in (-1, 1):
        shape.rod(
            (x + side * wide / 2, y + 0.1, 0), (x + side * wide / 2, y + 0.1, 2.45), 0.06, wood
        )
    shape.box((wide + 0.3, deep + 0.2, 0.12), (x, -depth / 2 - deep / 2, 2.5), wood, 0.02)
