"""Small things as households, shops and workshops have them, on tables, in bins and on shelves."""

import numpy as np

from . import materials, props
from .shape import Shape, placed, tilted


def package(shape: Shape, rng, place, tallest=0.4):
    """Add a printed box of a product, lying or standing."""
    size = np.sort(rng.uniform(0.03, 0.26, 3))[rng.permutation(3)]
    size[2] = min(size[2], tallest)
    shape.box(size, (0, 0, size[2] / 2), materials.printed(rng), 0.002, place)


def can(shape: Shape, rng, place, tallest=0.4):
    """Add a can or a jar."""
    radius, height = rng.uniform(0.025, 0.05), min(rng.uniform(0.06, 0.17), tallest)
    metal = materials.plain((0.7,) * 3, 0.25, 1.0)
    label = materials.printed(rng)
    rim = radius * 0.93
    shape.lathe([(0, 0), (rim, 0), (radius, 0.006)], metal, 20, matrix=place)
    shape.lathe([(radius, 0.006), (radius, height - 0.006)], label, 20, matrix=place)
    top = [
        (radius, height - 0.006),
        (rim, height),
        (rim * 0.95, height - 0.004),
        (0, height - 0.004),
    ]
    shape.lathe(top, metal, 20, matrix=place)


def bottle(shape: Shape, rng, place, tallest=0.4):
    """Add a bottle of glass or plastic with a label and a cap."""
    height = min(rng.uniform(0.14, 0.33), tallest)
    body, neck = rng.uniform(0.025, 0.05), rng.uniform(0.01, 0.018)
    tone = materials.color(rng, saturation=(0.0, 0.9), value=(0.1, 0.95))
    wall = (
        materials.glass(rng)
        if rng.random() < 0.35
        else materials.plain(tone, rng.uniform(0.05, 0.5))
    )
    shoulder = height * rng.uniform(0.55, 0.75)
    profile = [(0, 0), (body, 0), (body, shoulder), (neck, height * 0.85), (neck, height * 0.94)]
    shape.lathe(profile, wall, 20, matrix=place)
    low, high = shoulder * 0.2, shoulder * 0.85
    label = [(body * 1.01, low), (body * 1.01, high)]
    shape.lathe(label, materials.printed(rng), 20, matrix=place)
    cap = materials.plain(materials.color(rng, saturation=(0, 0.9), value=(0.1, 0.9)), 0.4)
    start, end = (np.array((0, 0, height * share)) for share in (0.92, 1.0))
    shape.rod(start, end, neck * 1.15, cap, 14, matrix=place)


def ball(shape: Shape, rng, place, tallest=0.4):
    """Add a ball or a fruit."""
    radius = min(rng.uniform(0.02, 0.075), tallest / 2)
    tone = materials.color(rng, (-0.05, 0.35), (0.4, 0.95), (0.3, 0.95))
    coat = (
        materials.plain(tone, rng.uniform(0.2, 0.8))
        if rng.random() < 0.7
        else materials.printed(rng)
    )
    shape.ball(radius, (0, 0, radius * 0.95), coat, 18, rng.uniform(0.85, 1.1), matrix=place)


def tool(shape: Shape, rng, place, tallest=0.4):
    """Add a tool: a handle with a shaft, or pliers, lying."""
    grip = materials.plain(materials.color(rng, saturation=(0.3, 1.0), value=(0.1, 0.9)), 0.5)
    steel = materials.plain((rng.uniform(0.2, 0.7),) * 3, 0.3, 1.0)
    long, thick = rng.uniform(0.05, 0.13), rng.uniform(0.008, 0.018)
    for sway in (0.0,) if rng.random() < 0.5 else (-0.15, 0.15):
        turned = place @ placed(0, 0, thick, sway)
        shape.rod((-long, 0, 0), (0, 0, 0), thick, grip, 10, 0.8, turned)
        shape.rod(
            (0, 0, 0), (long * 0.9, -0.3 * sway * long, 0), thick * 0.4, steel, 8, 0.7, turned
        )


def cable(shape: Shape, rng, place, tallest=0.4):
    """Add a loosely coiled cable."""
    black = materials.plain(materials.color(rng, saturation=(0, 0.6), value=(0.02, 0.8)), 0.5)
    turns, thick = rng.uniform(1.0, 3.0), rng.uniform(0.002, 0.005)
    t = np.linspace(0, 1, 44)
    radius = rng.uniform(0.04, 0.1) * (1 + 0.25 * np.sin(t * rng.uniform(5, 20)))
    angle = 2 * np.pi * turns * t
    points = np.stack([np.cos(angle) * radius, np.sin(angle) * radius, thick * (1 + 2 * t)], -1)
    for start, end in zip(points, points[1:], strict=False):
        shape.rod(start, end, thick, black, 5, matrix=place)


def cloth(shape: Shape, rng, place, tallest=0.4):
    """Add a crumpled cloth or sheet of paper."""
    wide, deep = rng.uniform(0.12, 0.4, 2)
    y, x = np.meshgrid(np.linspace(-0.5, 0.5, 22), np.linspace(-0.5, 0.5, 22))
    folds = sum(
        np.sin(rng.uniform(3, 14) * x + rng.uniform(3, 14) * y + rng.uniform(0, 6))
        for _ in range(4)
    )
    lift = rng.uniform(0.002, 0.012)
    points = np.stack([x * wide, y * deep, lift * (folds + 4) * 0.7], -1)
    material = materials.fabric(rng) if rng.random() < 0.6 else materials.photograph(rng)
    shape.sheet(points, material, True, place)


def paper(shape: Shape, rng, place, tallest=0.4):
    """Add a sheet, a card or a booklet lying flat."""
    size = (rng.uniform(0.06, 0.22), rng.uniform(0.08, 0.3), rng.uniform(0.001, 0.01))
    shape.box(size, (0, 0, size[2] / 2), materials.printed(rng), 0.0, place)


def bag(shape: Shape, rng, place, tallest=0.4):
    """Add a filled bag or a pillow pack."""
    size = rng.uniform(0.06, 0.14, 2)
    y, x = np.meshgrid(np.linspace(-1, 1, 18), np.linspace(-1, 1, 18))
    puff = np.sqrt(np.clip((1 - x**2) * (1 - y**2), 0, 1)) * rng.uniform(0.02, 0.05)
    wrinkle = 0.003 * np.sin(rng.uniform(8, 20) * x + rng.uniform(0, 6)) * (1 - x**2)
    coat = materials.printed(rng)
    middle = 0.045
    for side in (-1, 1):
        points = np.stack([x * size[0], y * size[1], middle + side * puff + wrinkle], -1)
        shape.sheet(points, coat, True, place)


KINDS = (package, package, package, can, bottle, ball, tool, cable, cloth, paper, bag)
KINDS += (props.cup, props.vase, props.bowl, props.pile, props.carton, props.frame)


def any_clutter(shape: Shape, rng, place, tallest=0.4):
    """Add one of everything above, or of the props of a living room."""
    KINDS[rng.integers(len(KINDS))](shape, rng, place, tallest)


def heap(shape: Shape, rng, width, depth, height, count):
    """Fill a box of `width` x `depth` x `height` meters, based at z = 0, with tumbled things."""
    for slot in range(count):
        at = rng.uniform(-0.5, 0.5, 2) * (width - 0.1, depth - 0.1)
        rise = rng.uniform(0, height) * slot / count
        lean = tilted(rng.normal(0, 0.7), "X") @ tilted(rng.normal(0, 0.7), "Y")
        place = placed(*at, rise, rng.uniform(0, 2 * np.pi)) @ lean
        any_clutter(shape, rng, place, 0.25)
