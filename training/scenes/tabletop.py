"""Close views: table tops, bins and shelves, seen from a third of a meter to two meters away."""

import numpy as np

from . import clutter, furniture, materials, people, props
from .light import area_light
from .shape import Shape, placed
from .viewpoint import stand, toward


def table_top(rng):
    """Build a table with things on it in a room, and look at them from beside and above."""
    surroundings(rng)
    piece = [furniture.table, furniture.desk, _slab][rng.integers(3)](rng)
    x, y, width, depth, z = piece.tops[0]
    for _ in range(int(rng.integers(2, 16))):
        at = rng.uniform(-0.5, 0.5, 2) * (max(width - 0.2, 0.1), max(depth - 0.2, 0.1))
        clutter.any_clutter(piece.shape, rng, placed(x + at[0], y + at[1], z, rng.uniform(0, 6)))
    piece.shape.to_object("table")
    if rng.random() < 0.5:
        spot = (rng.uniform(-0.4, 0.4), depth / 2 + rng.uniform(0.2, 0.5))
        furniture.chair(rng).shape.to_object("chair", placed(*spot, 0, rng.uniform(0, 6)))
    if rng.random() < 0.15:
        figure = people.person(rng, sits=True)
        figure.to_object("person", placed(rng.uniform(-0.5, 0.5), depth / 2 + 0.25, 0, np.pi))
    reach = max(width, depth)

    def propose(rng):
        target = np.array((*rng.uniform(-0.3, 0.3, 2) * (width, depth), z + rng.uniform(0, 0.1)))
        away = rng.uniform(0.35, 1.0) if rng.random() < 0.6 else rng.uniform(0.6, 1.2 + 0.5 * reach)
        turn, down = rng.normal(0, 0.9), rng.uniform(0.12, 1.05)
        out = (np.sin(turn) * np.cos(down), -np.cos(turn) * np.cos(down), np.sin(down))
        position = target + np.array(out) * away
        yaw, pitch = toward(position, target)
        return position, yaw + rng.normal(0, 0.06), max(pitch + rng.normal(0, 0.08), -1.05)

    return stand(rng, propose, 0.22, 0.3)


def bin_of_things(rng):
    """Build an open box full of things on a bench or the floor, and look into it from above."""
    surroundings(rng)
    shape, wall = Shape(), stuff(rng)
    width, depth, height = rng.uniform(0.25, 0.7), rng.uniform(0.25, 0.5), rng.uniform(0.08, 0.3)
    base = rng.choice([0.0, rng.uniform(0.3, 0.9)])
    thick = rng.uniform(0.003, 0.015)
    if base > 0:
        bench = (width + rng.uniform(0.1, 0.8), depth + rng.uniform(0.1, 0.5), 0.04)
        shape.box(bench, (0, 0, base - 0.02), stuff(rng), 0.003)
        for sx in (-1, 1):
            for sy in (-1, 1):
                foot = (sx * (bench[0] / 2 - 0.05), sy * (bench[1] / 2 - 0.05), base / 2 - 0.02)
                shape.box((0.04, 0.04, base - 0.04), foot, wall)
    shape.box((width, depth, thick), (0, 0, base + thick / 2), wall)
    for side in (-1, 1):
        shape.box((thick, depth, height), (side * width / 2, 0, base + height / 2), wall)
        if side > 0 or rng.random() < 0.8:
            shape.box((width, thick, height), (0, side * depth / 2, base + height / 2), wall)
    inner = Shape()
    clutter.heap(inner, rng, width, depth, height * 0.6, int(rng.integers(3, 22)))
    inner.to_object("things", placed(0, 0, base + thick))
    shape.to_object("bin")
    top = base + height

    def propose(rng):
        target = np.array((*rng.uniform(-0.2, 0.2, 2) * (width, depth), base + 0.05))
        away, down = rng.uniform(0.4, 1.1) + height, rng.uniform(0.7, 1.57)
        turn = rng.uniform(-np.pi, np.pi)
        out = (np.sin(turn) * np.cos(down), -np.cos(turn) * np.cos(down), np.sin(down))
        position = target + np.array(out) * away
        yaw, pitch = toward(position, target)
        return position, yaw, max(pitch + rng.normal(0, 0.05), -1.56)

    return stand(rng, propose, 0.2, min(0.35, top))


def shelf_front(rng):
    """Build shelves full of things, in a home or a shop, and look at them from close by."""
    width, deep = surroundings(rng, wall_at=0.0)
    shape, board = Shape(), stuff(rng)
    length, depth = rng.uniform(1.0, 4.0), rng.uniform(0.25, 0.6)
    gap, floors = rng.uniform(0.24, 0.45), int(rng.integers(3, 6))
    shop = rng.random() < 0.5
    for z in 0.1 + gap * np.arange(floors + 1):
        shape.box((length, depth, 0.02), (0, -depth / 2, z), board, 0.002)
        if z > 0.1 + gap * (floors - 0.5):
            break
        x = -length / 2 + 0.05
        while x < length / 2 - 0.15:
            at = placed(x + 0.08, -depth * rng.uniform(0.3, 0.75), z + 0.01, rng.normal(0, 0.25))
            if shop:
                x += _row_of_one(shape, rng, placed(x + 0.08, -depth + 0.08, z + 0.01), gap, depth)
                continue
            if rng.random() < 0.35:
                span = rng.uniform(0.15, 0.4)
                props.books(
                    shape, rng, span, min(gap, 0.32), depth, placed(x, -depth / 2, z + 0.01)
                )
                x += span
            elif rng.random() < 0.85:
                clutter.any_clutter(shape, rng, at, gap - 0.05)
            x += rng.uniform(0.12, 0.3)
    for x in np.linspace(-length / 2, length / 2, int(length) + 2):
        shape.box((0.02, depth, gap * floors + 0.2), (x, -depth / 2, gap * floors / 2 + 0.1), board)
    shape.to_object("shelf", placed(0, 0))
    high = 0.1 + gap * floors

    def propose(rng):
        target = (rng.uniform(-0.35, 0.35) * length, -depth * 0.7, rng.uniform(0.3, high))
        away, turn = rng.uniform(0.4, 2.0), rng.normal(0, 0.45)
        rise = rng.normal(0.1, 0.25) * away
        position = (
            target[0] + np.sin(turn) * away,
            target[1] - np.cos(turn) * away,
            np.clip(target[2] + rise, 0.3, 2.1),
        )
        yaw, pitch = toward(position, target)
        return position, yaw + rng.normal(0, 0.1), np.clip(pitch, -1.0, 0.5)

    return stand(rng, propose, 0.2, 0.3)


def _row_of_one(shape, rng, place, gap, depth):
    """Add the same product several times, one behind and beside the other; return the width."""
    kind = [clutter.package, clutter.can, clutter.bottle][rng.integers(3)]
    state, pitch = rng.integers(2**32), rng.uniform(0.1, 0.2)
    beside = int(rng.integers(1, 4))
    one = Shape()
    kind(one, np.random.default_rng(state), placed(0, 0), gap - 0.06)
    for column in range(beside):
        for row in range(max(1, int(depth / pitch) - 1)):
            if rng.random() < 0.9:
                spot = place @ placed(column * pitch, row * pitch, 0, rng.normal(0, 0.05))
                one.to_object("product", spot)
    return beside * pitch + rng.uniform(0.0, 0.06)


def _slab(rng):
    """Return a plain work top or counter as a piece of furniture."""
    shape, width, depth = Shape(), rng.uniform(0.8, 2.2), rng.uniform(0.5, 0.9)
    z = rng.uniform(0.65, 1.0)
    shape.box((width, depth, 0.04), (0, 0, z - 0.02), stuff(rng), 0.004)
    shape.box((width - 0.1, depth - 0.1, z - 0.04), (0, 0, (z - 0.04) / 2), stuff(rng))
    return furniture.Piece(shape, width, depth, [(0, 0, width, depth, z)])


def stuff(rng):
    """Return a random board, plastic, metal, stone or cloth."""
    kind = rng.integers(7)
    if kind == 0:
        return materials.wood(rng)
    if kind == 1:
        return materials.planks(rng)
    if kind == 2:
        return materials.fabric(rng)
    if kind == 3:
        return materials.photographed_surface(rng)
    if kind == 4:
        return materials.tiles(rng)
    tone = materials.color(rng, saturation=(0.0, 0.9), value=(0.03, 0.95))
    return materials.plain(tone, rng.uniform(0.1, 0.9), float(rng.random() < 0.15))


def surroundings(rng, wall_at=None):
    """Add floor, walls, furniture and lamps around the origin; return the room's size [m]."""
    width, deep, height = rng.uniform(2.5, 8), rng.uniform(2.5, 8), rng.uniform(2.3, 3.2)
    back = rng.uniform(0.6, deep - 1.5) if wall_at is None else wall_at
    shape = Shape()
    floor = materials.planks(rng) if rng.random() < 0.5 else stuff(rng)
    shape.box((width, deep, 0.1), (0, back - deep / 2, -0.05), floor)
    walls = [
        materials.paint(rng, materials.color(rng, saturation=(0, 0.35), value=(0.3, 0.95)))
    ] * 3
    if rng.random() < 0.3:
        walls[0] = [materials.bricks, materials.tiles, materials.photographed_surface][
            rng.integers(3)
        ](rng)
    shape.box((width, 0.1, height), (0, back + 0.05, height / 2), walls[0])
    open_to_light = rng.random() < 0.4  # behind and above the camera
    if not open_to_light:
        shape.box((width, 0.1, height), (0, back - deep - 0.05, height / 2), walls[1])
        ceiling = materials.paint(rng, (0.8,) * 3)
        shape.box((width, deep, 0.1), (0, back - deep / 2, height + 0.05), ceiling)
    for side in (-1, 1):
        place = (side * (width / 2 + 0.05), back - deep / 2, height / 2)
        shape.box((0.1, deep + 0.2, height), place, walls[2])
    for _ in range(int(rng.integers(0, 4))):
        size = rng.uniform(0.3, 1.2, 2)
        place = (rng.uniform(-0.4, 0.4) * width, back - 0.012, rng.uniform(1.0, 1.8))
        shape.box((size[0], 0.02, size[1]), place, materials.photograph(rng))
    shape.to_object("room")
    if wall_at is None:
        kinds = (*furniture.WALL_PIECES, *furniture.CORNER_PIECES)
        for _ in range(int(rng.integers(1, 5))):
            piece = kinds[rng.integers(len(kinds))](rng)
            y = back - piece.depth / 2 - 0.05
            if y - piece.depth / 2 < 0.55:
                continue
            piece.lay_things(rng)
            x = rng.uniform(-0.5, 0.5) * max(width - piece.width, 0)
            piece.shape.to_object("furniture", placed(x, y, 0, np.pi))
    for _ in range(int(rng.integers(1, 4))):
        place = rng.uniform(
            (-0.4, back - deep + 0.5, height - 0.6), (0.4, back - 0.3, height - 0.1)
        )
        place[0] *= width
        warm = materials.color(rng, (0.05, 0.14), (0.0, 0.4), (0.9, 1.0))
        if not open_to_light or rng.random() < 0.5:
            area_light(place, rng.uniform(0.15, 1.2), rng.uniform(10, 90), warm)
    return width, deep
