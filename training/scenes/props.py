"""Small objects for tables and shelves, positioned at their base by a 4x4 matrix."""

import numpy as np

from . import materials
from .shape import Shape, placed, tilted


def _glaze(rng):
    tone = materials.color(rng, saturation=(0.0, 0.75), value=(0.15, 0.95))
    return materials.plain(tone, rng.uniform(0.1, 0.6))


def vase(shape: Shape, rng, place, tallest=0.4):
    """Add a vase, bottle or jug with a random profile, sometimes with twigs in it."""
    height = min(rng.uniform(0.14, 0.36), tallest)
    body, neck = rng.uniform(0.04, 0.09), rng.uniform(0.015, 0.04)
    profile = [
        (0, 0),
        (body * 0.6, 0),
        (body, height * 0.35),
        (body * 0.8, height * 0.6),
        (neck, height * 0.8),
        (neck * 1.3, height),
        (neck * 0.8, height * 0.97),
        (0, height * 0.9),
    ]
    shape.lathe(profile, _glaze(rng), 20, matrix=place)
    if tallest > height + 0.3 and rng.random() < 0.4:
        twig, leaf = materials.bark(rng), materials.foliage(rng, 0.4)
        for _ in range(rng.integers(3, 8)):
            lean, reach = rng.normal(0, 0.09, 2), rng.uniform(0.15, 0.35)
            tip = np.array([*lean, height + reach])
            shape.rod((0, 0, height * 0.8), tip, 0.003, twig, 5, matrix=place)
            centers = tip * rng.uniform(0.75, 1.0, (8, 1)) + rng.normal(0, 0.025, (8, 3))
            shape.leaves(centers, 0.05, leaf, rng, place)


def bowl(shape: Shape, rng, place, tallest=0.4):
    """Add a bowl, often with fruit."""
    radius = rng.uniform(0.08, 0.15)
    profile = [
        (0, 0),
        (radius * 0.4, 0),
        (radius, radius * 0.6),
        (radius * 0.94, radius * 0.6),
        (radius * 0.35, 0.02),
        (0, 0.02),
    ]
    shape.lathe(profile, _glaze(rng), 24, matrix=place)
    tone = materials.color(rng, (0.0, 0.3), (0.6, 0.9), (0.4, 0.9))
    for _ in range(rng.integers(0, 5)):
        x, y = rng.uniform(-0.45, 0.45, 2) * radius
        fruit = materials.plain(materials.shaded(tone, rng.uniform(0.7, 1.2)), 0.4)
        shape.ball(radius * 0.33, (x, y, radius * 0.5), fruit, 12, matrix=place)


def cup(shape: Shape, rng, place, tallest=0.4):
    """Add a cup with a handle."""
    radius, height = rng.uniform(0.035, 0.045), rng.uniform(0.07, 0.11)
    glaze = _glaze(rng)
    profile = [(0, 0), (radius * 0.8, 0), (radius, height), (radius * 0.9, height), (0, 0.01)]
    shape.lathe(profile, glaze, 18, matrix=place)
    for start, end in (
        ((0, 0.75), (0.03, 0.65)),
        ((0.03, 0.65), (0.03, 0.35)),
        ((0.03, 0.35), (-0.004, 0.25)),
    ):
        shape.rod(
            (radius + start[0], 0, start[1] * height),
            (radius + end[0], 0, end[1] * height),
            0.005,
            glaze,
            6,
            matrix=place,
        )


def carton(shape: Shape, rng, place, tallest=0.4):
    """Add a box, upright or flat."""
    size = rng.uniform(0.08, 0.26, 3)
    size[2] = min(size[2], tallest)
    shape.box(size, (0, 0, size[2] / 2), _glaze(rng), 0.003, place)


def books(shape: Shape, rng, width, height, depth, place):
    """Add a row of standing books along +x, up to `width` meters long."""
    x, covers = 0.0, [_glaze(rng) for _ in range(4)]
    while x < width - 0.05:
        thick, tall = rng.uniform(0.012, 0.05), height * rng.uniform(0.6, 0.92)
        deep = min(depth * 0.85, rng.uniform(0.13, 0.22))
        middle = (x + thick / 2, -depth / 2 + deep / 2 + 0.03, tall / 2)
        shape.box((thick * 0.96, deep, tall), middle, covers[rng.integers(4)], 0.002, place)
        x += thick


def pile(shape: Shape, rng, place, tallest=0.4):
    """Add a stack of books."""
    z = 0.0
    for _ in range(rng.integers(2, 6)):
        thick = rng.uniform(0.015, 0.045)
        if z + thick > tallest:
            break
        turned = place @ placed(0, 0, z, rng.normal(0, 0.15))
        size = (rng.uniform(0.15, 0.22), rng.uniform(0.2, 0.28), thick)
        shape.box(size, (0, 0, thick / 2), _glaze(rng), 0.003, turned)
        z += thick


def lampshade(shape: Shape, rng, place, radius):
    """Add a lampshade at the origin of `place`, lit or unlit."""
    height, top = radius * rng.uniform(0.9, 1.4), radius * rng.uniform(0.5, 1.0)
    tone = materials.color(rng, (0.06, 0.14), (0.1, 0.5), (0.6, 0.95))
    lit = rng.random() < 0.5
    shade = materials.glow(tone, rng.uniform(2, 6)) if lit else materials.plain(tone, 0.9)
    shape.lathe([(radius, 0), (top, height)], shade, 28, matrix=place)


def table_lamp(shape: Shape, rng, place, tallest=0.6):
    """Add a small lamp with a turned base."""
    foot = _glaze(rng)
    height = rng.uniform(0.18, 0.3)
    profile = [
        (0, 0),
        (0.07, 0),
        (0.07, 0.02),
        (0.02, 0.04),
        (rng.uniform(0.03, 0.07), height / 2),
        (0.012, height),
        (0, height),
    ]
    shape.lathe(profile, foot, 20, matrix=place)
    lampshade(shape, rng, place @ placed(0, 0, height - 0.03), rng.uniform(0.09, 0.15))


def screen(shape: Shape, rng, place):
    """Add a computer screen facing +y, on or off, with a keyboard in front."""
    black = materials.plain((0.02, 0.02, 0.025), 0.35)
    lit = materials.color(rng, saturation=(0.2, 0.8), value=(0.2, 0.8))
    face = materials.glow(lit, 1.5) if rng.random() < 0.5 else materials.plain((0.01,) * 3, 0.1)
    width = rng.uniform(0.45, 0.65)
    height = width * 0.6
    shape.box((width, 0.03, height), (0, 0, 0.13 + height / 2), black, 0.004, place)
    shape.box(
        (width - 0.03, 0.004, height - 0.03), (0, 0.016, 0.13 + height / 2), face, matrix=place
    )
    shape.rod((0, -0.02, 0.01), (0, -0.02, 0.2), 0.018, black, matrix=place)
    shape.box((0.22, 0.16, 0.012), (0, -0.02, 0.006), black, matrix=place)
    shape.box((0.4, 0.13, 0.018), (0, 0.3, 0.009), black, 0.004, matrix=place)


def potted_plant(shape: Shape, rng, place, height=None):
    """Add a potted plant: long arching leaves, or a small bush on a stem."""
    height = rng.uniform(0.2, 0.38) if height is None else height
    pot, leaf = height * rng.uniform(0.16, 0.24), materials.foliage(rng, 0.02)
    profile = [(0, 0), (pot * 0.75, 0), (pot, pot * 1.7), (pot * 0.9, pot * 1.7), (0, pot * 1.5)]
    shape.lathe(profile, _glaze(rng), 20, matrix=place)
    base = pot * 1.5
    if rng.random() < 0.5:
        for _ in range(rng.integers(9, 22)):
            turn, reach = rng.uniform(0, 2 * np.pi), height * rng.uniform(0.3, 0.65)
            t = np.linspace(0, 1, 7)[:, None]
            out = np.array([np.cos(turn), np.sin(turn), 0])
            side = np.array([-np.sin(turn), np.cos(turn), 0])
            rise = (height - base) * rng.uniform(0.7, 1.2)
            spine = out * reach * t**1.6 + (0, 0, base) + rise * np.sin(t * 1.9) * (0, 0, 1)
            wide = 0.05 * height * np.sin(np.pi * np.clip(t * 0.93 + 0.07, 0, 1)) * side
            shape.sheet(np.stack([spine - wide, spine + wide], axis=1), leaf, True, place)
    else:
        shape.rod(
            (0, 0, base * 0.8),
            (0, 0, height * 0.6),
            0.012 * height + 0.004,
            materials.bark(rng),
            matrix=place,
        )
        count = 260
        ball = rng.normal(size=(count, 3))
        ball *= rng.uniform(0.5, 1, (count, 1)) ** 0.5 / np.linalg.norm(ball, axis=1, keepdims=True)
        centers = ball * height * (0.26, 0.26, 0.32) + (0, 0, height * 0.72)
        shape.leaves(centers, height * rng.uniform(0.08, 0.14), leaf, rng, place)


def frame(shape: Shape, rng, place, tallest=0.4):
    """Add a picture frame that leans back."""
    width, height = rng.uniform(0.1, 0.18), min(rng.uniform(0.13, 0.24), tallest)
    lean = place @ placed(0, 0, 0.003) @ tilted(0.15, "X")
    shape.box((width, 0.012, height), (0, 0, height / 2), materials.wood(rng), 0.003, lean)
    shape.box(
        (width - 0.03, 0.004, height - 0.03),
        (0, 0.006, height / 2),
        materials.picture(rng),
        matrix=lean,
    )


def any_thing(shape: Shape, rng, place, tallest=0.6):
    """Add a random object, at most `tallest` meters high."""
    kinds = [vase, vase, bowl, cup, carton, pile, frame]
    if tallest > 0.55:
        kinds += [table_lamp, lambda shape, rng, place, _: potted_plant(shape, rng, place)]
    kinds[rng.integers(len(kinds))](shape, rng, place, tallest)
