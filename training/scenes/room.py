"""Furnished rooms with windows and doorways."""

import numpy as np

from . import furniture, materials, plants, props
from .light import area_light
from .shape import Shape, placed

WALL_THICKNESS = 0.2


def build(rng) -> tuple[float, float, float]:
    """Build a room, floor from (0, 0) to (width, depth); return width, depth and height [m]."""
    width, depth, height = rng.uniform(3.2, 7.0), rng.uniform(3.2, 7.5), rng.uniform(2.4, 3.1)
    tone = materials.color(rng, saturation=(0.0, 0.28), value=(0.5, 0.95))
    walls = [materials.paint(rng, tone)] * 4
    if rng.random() < 0.5:
        other = materials.color(rng, saturation=(0.1, 0.6), value=(0.25, 0.8))
        accent = [materials.bricks, materials.tiles, lambda rng: materials.paint(rng, other)]
        walls[rng.integers(4)] = accent[rng.integers(3)](rng)
    _floor_and_ceiling(rng, width, depth, height)
    openings = [[] for _ in range(4)]
    first = rng.integers(4)
    _plan_openings(rng, openings[first], _length(first, width, depth), height, "window")
    if rng.random() < 0.6:
        side = (first + rng.integers(1, 4)) % 4
        _plan_openings(rng, openings[side], _length(side, width, depth), height, "window")
    door = (first + rng.integers(1, 4)) % 4
    _plan_openings(rng, openings[door], _length(door, width, depth), height, "door")
    for side in range(4):
        length = _length(side, width, depth)
        frame = _wall_frame(side, width, depth)
        _wall(rng, length, height, openings[side], walls[side], frame)
        _hang_pictures(rng, length, height, openings[side], frame)
    _furnish(rng, width, depth, openings)
    _outside(rng, width, depth)
    strength = rng.uniform(15, 60) * width * depth / 20
    warm = materials.color(rng, (0.05, 0.12), (0.05, 0.35), (1.0, 1.0))
    area_light((width / 2, depth / 2, height - 0.22), 0.5 * min(width, depth), strength, warm)
    if rng.random() < 0.5:
        _ceiling_lamp(rng, width / 2 + rng.normal(0, 0.5), depth / 2 + rng.normal(0, 0.5), height)
    return width, depth, height


def _length(side, width, depth):
    return width if side % 2 == 0 else depth


def _wall_frame(side, width, depth):
    """Return the local frame of a wall as a matrix: x along the wall, y out of the room, z up."""
    corner = [(0, 0), (width, 0), (width, depth), (0, depth)][side]
    frame = placed(*corner, 0, side * np.pi / 2)
    frame[:3, 1] *= -1
    return frame


def _floor_and_ceiling(rng, width, depth, height):
    floor = Shape()
    kind = rng.choice(["planks", "planks", "tiles", "cloth", "concrete"])
    if kind == "planks":
        material = materials.planks(rng, rng.choice([0.0, np.pi / 2]))
    elif kind == "tiles":
        material = materials.tiles(rng)
    elif kind == "cloth":
        tone = materials.color(rng, saturation=(0.05, 0.5), value=(0.2, 0.7))
        material = materials.paint(rng, tone)
    else:
        material = materials.ground(rng, "concrete")
    middle = (width / 2, depth / 2)
    floor.box((width, depth, 0.2), (*middle, -0.1), material)
    floor.to_object("floor")
    ceiling = Shape()
    white = materials.paint(rng, (rng.uniform(0.7, 0.9),) * 3)
    ceiling.box((width + 0.4, depth + 0.4, 0.2), (*middle, height + 0.1), white)
    if rng.random() < 0.25:
        beam = materials.wood(rng)
        for y in np.arange(0.6, depth, rng.uniform(0.8, 1.4)):
            ceiling.box((width, 0.14, 0.18), (width / 2, y, height - 0.09), beam, 0.01)
    ceiling.to_object("ceiling")


def _plan_openings(rng, openings, length, height, kind):
    """Append (kind, x0, x1, z0, z1) for a window or door in a wall of `length` meters."""
    if kind == "door":
        wide, low, high = rng.uniform(0.82, 1.2), 0.0, rng.uniform(2.02, 2.15)
    else:
        wide = min(rng.uniform(0.9, 2.6), length - 1.2)
        low = rng.choice([0.0, 0.85, 0.95], p=[0.2, 0.4, 0.4])
        high = rng.uniform(2.0, height - 0.15)
    start = rng.uniform(0.4, length - wide - 0.4)
    openings.append((kind, start, start + wide, low, high))


def _wall(rng, length, height, openings, material, frame):
    """Build a wall from boxes around its openings, then the windows and doors."""
    shape, trim = Shape(), materials.plain((rng.uniform(0.6, 0.95),) * 3, 0.4)
    if rng.random() < 0.3:
        trim = materials.wood(rng)
    xs = sorted({-WALL_THICKNESS, length + WALL_THICKNESS, *(x for o in openings for x in o[1:3])})
    zs = sorted({0.0, height, *(z for o in openings for z in o[3:5])})
    for x0, x1 in zip(xs, xs[1:], strict=False):
        for z0, z1 in zip(zs, zs[1:], strict=False):
            x, z = (x0 + x1) / 2, (z0 + z1) / 2
            if any(o[1] < x < o[2] and o[3] < z < o[4] for o in openings):
                continue
            size = (x1 - x0, WALL_THICKNESS, z1 - z0)
            shape.box(size, (x, WALL_THICKNESS / 2, z), material, matrix=frame)
            if z0 == 0:
                low = (x1 - x0, 0.018, 0.09)
                shape.box(low, (x, -0.009, 0.045), trim, 0.003, frame)
    for kind, x0, x1, z0, z1 in openings:
        _surround(shape, (x0, x1, z0, z1), trim, frame)
        if kind == "window":
            _window(shape, rng, (x0, x1, z0, z1), trim, frame)
        else:
            _door(shape, rng, (x0, x1, z1), trim, frame)
    shape.to_object("wall")


def _surround(shape, rectangle, trim, frame):
    x0, x1, z0, z1 = rectangle
    for x in (x0 - 0.03, x1 + 0.03):
        shape.box((0.07, 0.03, z1 - z0 + 0.06), (x, -0.01, (z0 + z1) / 2), trim, 0.004, frame)
    shape.box((x1 - x0 + 0.13, 0.03, 0.07), ((x0 + x1) / 2, -0.01, z1 + 0.03), trim, 0.004, frame)


def _window(shape, rng, rectangle, trim, frame):
    """Fill an opening with bars, a sill and sometimes curtains or a blind, but no glass."""
    x0, x1, z0, z1 = rectangle
    wide, tall = x1 - x0, z1 - z0
    bar = rng.uniform(0.035, 0.06)
    columns, rows = max(2, round(wide / rng.uniform(0.5, 0.9)) + 1), int(rng.integers(2, 5))
    for x in np.linspace(x0 + bar / 2, x1 - bar / 2, columns):
        shape.box((bar, 0.05, tall), (x, 0.12, (z0 + z1) / 2), trim, matrix=frame)
    for z in np.linspace(z0 + bar / 2, z1 - bar / 2, rows):
        shape.box((wide, 0.045, bar * 0.8), ((x0 + x1) / 2, 0.12, z), trim, matrix=frame)
    if z0 > 0:
        shape.box((wide + 0.16, 0.22, 0.03), ((x0 + x1) / 2, -0.02, z0 - 0.015), trim, 0.006, frame)
        if rng.random() < 0.6:
            place = frame @ placed(rng.uniform(x0 + 0.2, x1 - 0.2), -0.03, z0)
            props.any_thing(shape, rng, place, 0.5)
    dressing = rng.random()
    if dressing < 0.4:
        _curtains(shape, rng, rectangle, frame)
    elif dressing < 0.55:
        slat = materials.plain((rng.uniform(0.5, 0.9),) * 3, 0.5)
        for z in np.arange(z1 - rng.uniform(0.2, 0.8) * tall, z1, 0.05):
            shape.box((wide, 0.03, 0.003), ((x0 + x1) / 2, 0.04, z), slat, matrix=frame)


def _curtains(shape, rng, rectangle, frame):
    x0, x1, z0, z1 = rectangle
    cloth, pole = materials.fabric(rng), materials.plain((0.1,) * 3, 0.3, 0.8)
    foot = 0.03 if rng.random() < 0.6 else max(z0 - 0.2, 0.03)
    shape.rod((x0 - 0.3, -0.12, z1 + 0.1), (x1 + 0.3, -0.12, z1 + 0.1), 0.012, pole, matrix=frame)
    wide = rng.uniform(0.25, 0.5)
    for start in (x0 - 0.25, x1 + 0.25 - wide):
        t = np.linspace(0, 1, 40)
        fold = 0.035 * np.sin(t * wide * rng.uniform(50, 75) + rng.uniform(0, 6))
        rows = [
            np.stack([start + wide * t, -0.12 + fold, np.full_like(t, z)], axis=-1)
            for z in (foot, z1 + 0.09)
        ]
        shape.sheet(np.stack(rows), cloth, True, frame)


def _door(shape, rng, opening, trim, frame):
    """Add an open door, in most doorways, and a lit corridor behind it."""
    x0, x1, high = opening
    if rng.random() < 0.7:
        leaf = materials.wood(rng) if rng.random() < 0.5 else trim
        wide = x1 - x0 - 0.02
        swing = rng.choice([-1, -1, 1]) * rng.uniform(0.3, 1.7)
        hinge = frame @ placed(x0 + 0.01, 0.0, 0, swing)
        shape.box((wide, 0.04, high - 0.02), (wide / 2, 0, high / 2), leaf, 0.004, hinge)
        for z in (0.55, 1.5):
            size = (wide * 0.65, 0.05, high * 0.33)
            shape.box(size, (wide / 2, 0, z), leaf, 0.008, hinge)
        knob = materials.plain((0.5, 0.45, 0.3), 0.25, 1.0)
        shape.rod((wide - 0.07, -0.06, 1.0), (wide - 0.07, 0.06, 1.0), 0.012, knob, matrix=hinge)
    deep, paint = (
        rng.uniform(1.2, 3.0),
        materials.paint(rng, materials.color(rng, saturation=(0, 0.4), value=(0.4, 0.9))),
    )
    left, right = x0 - rng.uniform(0.1, 1.5), x1 + rng.uniform(0.1, 1.5)
    middle, wide, near = (left + right) / 2, right - left, WALL_THICKNESS
    shape.box(
        (wide, deep, 0.1), (middle, near + deep / 2, -0.05), materials.planks(rng), matrix=frame
    )
    shape.box((wide, deep, 0.1), (middle, near + deep / 2, 2.5), paint, matrix=frame)
    shape.box((wide, 0.1, 2.5), (middle, near + deep, 1.25), paint, matrix=frame)
    for x in (left, right):
        shape.box((0.1, deep, 2.5), (x, near + deep / 2, 1.25), paint, matrix=frame)
    place = frame @ placed(middle, near + deep / 2, 2.4)
    area_light(place[:3, 3], 0.5, rng.uniform(3, 20), (1, 0.9, 0.8))


def _hang_pictures(rng, length, height, openings, frame):
    """Hang pictures, clocks and shelves on free stretches of wall."""
    for _ in range(int(rng.integers(0, 4))):
        wide, tall = rng.uniform(0.25, 1.1), rng.uniform(0.25, 0.9)
        x, z = rng.uniform(wide, length - wide), rng.uniform(1.35, 1.75)
        if any(o[1] - 0.15 < x + wide / 2 and x - wide / 2 < o[2] + 0.15 for o in openings):
            continue
        shape = Shape()
        place = frame @ placed(x, 0, z)
        kind = rng.random()
        if kind < 0.75:
            edge = rng.uniform(0.015, 0.06)
            shape.box((wide, 0.03, tall), (0, -0.015, 0), materials.wood(rng), 0.004)
            inner = (wide - edge * 2, 0.01, tall - edge * 2)
            shape.box(inner, (0, -0.028, 0), materials.picture(rng))
        elif kind < 0.9:
            shape.box((wide, 0.2, 0.025), (0, -0.1, 0), materials.wood(rng), 0.003)
            for slot in np.linspace(-wide / 2 + 0.12, wide / 2 - 0.12, max(1, int(wide / 0.25))):
                props.any_thing(shape, rng, placed(slot, -0.1, 0.0125, rng.uniform(0, 6)), 0.45)
        else:
            dial = materials.plain((0.9,) * 3, 0.4)
            dark = materials.plain((0.05,) * 3, 0.4)
            shape.rod((0, 0, 0), (0, -0.04, 0), 0.15, dark, 32)
            shape.rod((0, -0.02, 0), (0, -0.045, 0), 0.135, dial, 32)
            shape.rod((0, -0.05, 0), (0.08, -0.05, 0.04), 0.004, dark, 6)
            shape.rod((0, -0.05, 0), (0, -0.05, 0.1), 0.004, dark, 6)
        shape.to_object("hung", place)


def _ceiling_lamp(rng, x, y, height):
    shape = Shape()
    drop = rng.uniform(0.5, 1.1)
    cord = materials.plain((0.03,) * 3, 0.5)
    shape.rod((0, 0, 0), (0, 0, -drop), 0.004, cord, 6)
    props.lampshade(shape, rng, placed(0, 0, -drop - 0.15), rng.uniform(0.14, 0.3))
    shape.to_object("ceiling lamp", placed(x, y, height))


def _furnish(rng, width, depth, openings):
    """Place furniture along the walls and in the middle, without overlaps."""
    taken: list[tuple] = []

    def free(x0, y0, x1, y1):
        inside = x0 > 0.0 and y0 > 0.0 and x1 < width and y1 < depth
        return inside and not any(
            x0 < t[2] and t[0] < x1 and y0 < t[3] and t[1] < y1 for t in taken
        )

    def stand(piece, x, y, turn):
        quarter = round(turn / (np.pi / 2)) % 2
        w, d = (piece.width, piece.depth) if quarter == 0 else (piece.depth, piece.width)
        box = (x - w / 2, y - d / 2, x + w / 2, y + d / 2)
        if not free(*box):
            return False
        taken.append(box)
        piece.lay_things(rng)
        piece.shape.to_object("furniture", placed(x, y, 0, turn))
        return True

    for side in range(4):
        frame = _wall_frame(side, width, depth)
        for kind, x0, x1, z0, _ in openings[side]:
            if kind == "door" or z0 == 0:
                first = frame @ (x0, 0.05, 0, 1)
                last = frame @ (x1, -0.8, 0, 1)
                low, high = np.minimum(first, last), np.maximum(first, last)
                taken.append((low[0], low[1], high[0], high[1]))
    _middle(rng, width, depth, stand, taken)
    for _ in range(int(rng.integers(5, 11))):
        side = int(rng.integers(4))
        kinds = furniture.WALL_PIECES if rng.random() < 0.65 else furniture.CORNER_PIECES
        piece = kinds[rng.integers(len(kinds))](rng)
        length = _length(side, width, depth)
        if length < piece.width + 0.1:
            continue
        x = rng.uniform(piece.width / 2 + 0.03, length - piece.width / 2 - 0.03)
        tall = piece.shape.height() > 0.8
        if tall and any(
            o[1] < x + piece.width / 2 and x - piece.width / 2 < o[2] for o in openings[side]
        ):
            continue
        at = _wall_frame(side, width, depth) @ (x, -piece.depth / 2 - 0.04, 0, 1)
        stand(piece, at[0], at[1], side * np.pi / 2)


def _middle(rng, width, depth, stand, taken):
    """Place a dining table, a sofa group or a bed in the middle, usually on a rug."""
    x, y = width / 2 + rng.normal(0, 0.3), depth / 2 + rng.normal(0, 0.3)
    turn = rng.choice([0, 1, 2, 3]) * np.pi / 2
    if rng.random() < 0.6:
        rug = Shape()
        if rng.random() < 0.3:
            rug.cylinder(rng.uniform(0.8, 1.3), 0.012, materials.carpet(rng), segments=48)
        else:
            size = (rng.uniform(1.4, 2.4), rng.uniform(1.8, 3.0), 0.012)
            rug.box(size, (0, 0, 0.006), materials.carpet(rng), 0.004)
        rug.to_object("rug", placed(x, y, 0, rng.uniform(-0.1, 0.1)))
    kind = rng.random()
    here = placed(x, y, 0, turn)
    if kind < 0.45:
        piece = furniture.table(rng)
        seats = [(0, piece.depth / 2 + 0.15, np.pi), (0, -piece.depth / 2 - 0.15, 0.0)]
        if piece.width > 1.3:
            half = piece.width / 4
            seats = [(s * half, seat[1], seat[2]) for s in (-1, 1) for seat in seats]
        stand(piece, x, y, turn)
        state = rng.integers(2**32)
        for sx, sy, facing in seats:
            if rng.random() < 0.8:
                one = furniture.chair(np.random.default_rng(state))
                at = here @ (
                    sx + rng.normal(0, 0.04),
                    sy + rng.uniform(-0.05, 0.15) * np.sign(sy),
                    0,
                    1,
                )
                spin = turn + facing + rng.normal(0, 0.15)
                one.shape.to_object("chair", placed(at[0], at[1], 0, spin))
                taken.append((at[0] - 0.3, at[1] - 0.3, at[0] + 0.3, at[1] + 0.3))
    elif kind < 0.75:
        stand(
            furniture.table(rng, rng.uniform(0.7, 1.1), 0.55, rng.uniform(0.36, 0.46)), x, y, turn
        )
        at = here @ (0, -1.15, 0, 1)
        stand(furniture.sofa(rng), at[0], at[1], turn)
        at = here @ (1.3, 0.2, 0, 1)
        stand(furniture.armchair(rng), at[0], at[1], turn + np.pi / 2)
    elif kind < 0.9:
        stand(furniture.bed(rng), x, y, turn)


def _outside(rng, width, depth):
    """Add ground outside the windows, with a few trees and hedges."""
    shape = Shape()
    grass = materials.ground(rng, str(rng.choice(["grass", "grass", "concrete"])))
    drop = rng.choice([0.25, 0.4, 3.0])
    shape.box((300, 300, 0.1), (0, 0, -drop), grass)
    shape.to_object("ground outside")
    bush = plants.hedge(rng, 9.0)
    for angle in rng.uniform(0, 2 * np.pi, 4):
        out = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(7, 14)
        bush.to_object("hedge", placed(width / 2 + out[0], depth / 2 + out[1], -drop, angle + 1.57))
    tree = plants.tree(rng)
    for angle in rng.uniform(0, 2 * np.pi, 5):
        out = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(8, 25)
        tree.to_object("tree", placed(width / 2 + out[0], depth / 2 + out[1], -drop, angle))
