"""Large surfaces with few things on them, looked down at: without them they pass for squares."""

import numpy as np

from . import clutter, furniture, materials, props
from .shape import Shape, placed
from .tabletop import stuff, surroundings
from .viewpoint import stand, toward


def large_table(rng):
    """Build a table for many, with some things in the middle and chairs around."""
    width, deep = surroundings(rng)
    long, wide = rng.uniform(1.4, 3.4), rng.uniform(0.75, 1.5)
    if rng.random() < 0.5:
        long, wide = wide, long
    z = rng.uniform(0.68, 0.8)
    shape = Shape()
    thick = rng.uniform(0.018, 0.04)
    shape.box((long, wide, thick), (0, 0, z - thick / 2), _laminate(rng), 0.003)
    leg = materials.plain((rng.uniform(0.02, 0.7),) * 3, 0.4, 0.8)
    for x in (-0.5, 0.5):
        for y in (-0.5, 0.5):
            start = (x * (long - 0.15), y * (wide - 0.15), 0)
            shape.rod(start, (*start[:2], z - thick), 0.025, leg)
    _lay(
        shape, rng, (0, 0, z), min(0.9, long * 0.6), min(0.9, wide * 0.6), int(rng.integers(0, 13))
    )
    if rng.random() < 0.3:  # things left at the edge
        props.screen(shape, rng, placed(rng.uniform(-0.3, 0.3) * long, wide / 2 - 0.2, z))
    shape.to_object("table")
    for _ in range(int(rng.integers(0, 5))):
        side, along = rng.choice([-1, 1]), rng.uniform(-0.5, 0.5)
        out = rng.uniform(0.2, 0.6)
        at = (along * long, side * (wide / 2 + out))
        if rng.random() < 0.5:
            at = (side * (long / 2 + out), along * wide)
        piece = furniture.office_chair if rng.random() < 0.7 else furniture.chair
        piece(rng).shape.to_object("chair", placed(*at, 0, rng.uniform(0, 6)))

    def propose(rng):
        target = np.array((*rng.uniform(-0.3, 0.3, 2) * (min(long, 1.2), min(wide, 1.2)), z))
        away, turn, down = rng.uniform(0.5, 1.5), rng.uniform(-1.1, 1.1), rng.uniform(0.3, 1.2)
        return _above(rng, target, away, turn, down)

    return stand(rng, propose, 0.25, 0.45)


def floor(rng):
    """Build a room and look at things on its floor."""
    width, deep = surroundings(rng)
    shape = Shape()
    _lay(shape, rng, (0, 0, 0), 1.2, 1.2, int(rng.integers(1, 8)))
    shape.to_object("things")
    for _ in range(int(rng.integers(1, 4))):
        piece = (furniture.office_chair, furniture.chair, furniture.table)[rng.integers(3)](rng)
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.6) + piece.depth / 2
        at = np.array((np.cos(angle), np.sin(angle))) * away
        piece.shape.to_object("piece", placed(*at, 0, rng.uniform(0, 6)))

    def propose(rng):
        target = np.array((*rng.uniform(-0.4, 0.4, 2), 0.05))
        away, turn, down = rng.uniform(0.8, 2.4), rng.uniform(-1.1, 1.1), rng.uniform(0.35, 1.4)
        return _above(rng, target, away, turn, down)

    return stand(rng, propose, 0.3, 0.6)


def tote(rng):
    """Build one or two boxes of plastic with little in them, and look into one from above."""
    surroundings(rng)
    width, depth, height = rng.uniform(0.35, 0.65), rng.uniform(0.25, 0.45), rng.uniform(0.1, 0.35)
    base = rng.choice([0.0, rng.uniform(0.2, 0.8)])
    plastic = materials.plain(
        materials.color(rng, saturation=(0.0, 1.0), value=(0.05, 0.9)), rng.uniform(0.2, 0.6)
    )
    box = _tapered(width, depth, height, rng.uniform(0.05, 0.2), plastic)
    _lay(box, rng, (0, 0, 0.008), width * 0.55, depth * 0.55, int(rng.integers(0, 9)))
    box.to_object("tote", placed(0, 0, base))
    if rng.random() < 0.5:
        other = _tapered(width, depth, height, 0.1, plastic)
        _lay(other, rng, (0, 0, 0.008), width * 0.5, depth * 0.5, int(rng.integers(0, 6)))
        other.to_object("tote", placed(width + rng.uniform(0.05, 0.15), 0, base))
    if base > 0:
        frame = Shape()
        bar = materials.plain((rng.uniform(0.02, 0.8),) * 3, 0.35, 0.9)
        for y in (-0.5, 0.5):
            frame.box((3, 0.04, 0.04), (0, y * depth, base - 0.02), bar)
        if rng.random() < 0.6:
            size = (3, depth + 0.2, 0.02)
            frame.box(size, (0, 0, base - 0.05), stuff(rng))
        frame.to_object("frame")

    def propose(rng):
        target = np.array((*rng.uniform(-0.15, 0.15, 2) * (width, depth), base + 0.03))
        away = rng.uniform(0.35, 0.9) + height
        return _above(rng, target, away, rng.uniform(-np.pi, np.pi), rng.uniform(0.9, 1.57))

    return stand(rng, propose, 0.2, 0.3)


def _above(rng, target, away, turn, down):
    """A pose that looks at a target from `away` meters, `down` radians above the horizon."""
    out = (np.sin(turn) * np.cos(down), -np.cos(turn) * np.cos(down), np.sin(down))
    position = target + np.array(out) * away
    yaw, pitch = toward(position, target)
    return position, yaw + rng.normal(0, 0.08), max(pitch + rng.normal(0, 0.08), -1.56)


def _lay(shape, rng, middle, wide, deep, count):
    """Put things around a place; half of them are packages with a label, some stacked."""
    x, y, z = middle
    for _ in range(count):
        at = rng.uniform(-0.5, 0.5, 2) * (wide, deep)
        turned = placed(x + at[0], y + at[1], z, rng.uniform(0, 2 * np.pi))
        if rng.random() < 0.5:
            _labeled_box(shape, rng, turned)
        else:
            clutter.any_clutter(shape, rng, turned, 0.35)


def _labeled_box(shape, rng, place):
    """Add a package or a book, standing, lying or with another one on it."""
    for _ in range(1 if rng.random() < 0.75 else 2):
        size = np.sort(rng.uniform((0.015, 0.06, 0.1), (0.08, 0.2, 0.32)))
        size = size[rng.permutation(3)] if rng.random() < 0.6 else size[::-1]
        shape.box(size, (0, 0, size[2] / 2), materials.label(rng), 0.002, place)
        place = place @ placed(*rng.normal(0, 0.02, 2), size[2], rng.normal(0, 0.4))


def _laminate(rng):
    """Return wood, or a plain surface as offices have it, most of them pale."""
    if rng.random() < 0.35:
        return materials.wood(rng)
    tone = materials.color(rng, (0.05, 0.15), (0.0, 0.35), (0.35, 0.95))
    return (
        materials.paint(rng, tone)
        if rng.random() < 0.5
        else materials.plain(tone, rng.uniform(0.15, 0.5))
    )


def _tapered(width, depth, height, taper, material) -> Shape:
    """Return an open box whose walls lean outward, with a rim; its floor is at z = 0."""
    shape = Shape()
    low = 1 - taper
    shape.box((width * low, depth * low, 0.006), (0, 0, 0.003), material)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) / 2 * (width, depth)
    rings = [(low, 0.0), (1.0, height), (1.0 + 0.05, height), (1.0 + 0.05, height - 0.03)]
    points = [[(*corner * scale, z) for corner in corners] for scale, z in rings]
    shape.sheet(np.array(points), material)
    return shape
