"""Gardens and streets: ground to the horizon, houses, fences, trees, poles."""

import numpy as np

from . import furniture, materials, plants
from .house import house
from .light import sky, sun
from .shape import Shape, placed


def build(rng) -> float:
    """Build an outdoor scene, to be seen from near the origin along +y; return the ground's z."""
    sky(rng, rng.uniform(0.5, 1.2))
    if rng.random() < 0.85:
        sun(rng)
    street = rng.random() < 0.45
    _ground(rng, street)
    if street:
        _street(rng)
    else:
        _garden(rng)
    _horizon(rng)
    return 0.0


def _ground(rng, street):
    shape = Shape()
    weights = [0.6, 0.12, 0.13, 0.0, 0.15] if not street else [0.35, 0.05, 0.1, 0.2, 0.3]
    kind = str(rng.choice(["grass", "soil", "gravel", "asphalt", "concrete"], p=weights))
    shape.box((1000, 1000, 1), (0, 300, -0.5), materials.ground(rng, kind))
    shape.to_object("ground")
    if kind == "grass":
        tufts = plants.grass_tufts(rng, 1.6)
        for _ in range(14):
            at = rng.uniform((-5, 1), (5, 11))
            tufts.to_object("grass", placed(*at, 0, rng.uniform(0, 6)))


def _street(rng):
    """Build a street along or across +y, with sidewalks, lamps and houses."""
    shape = Shape()
    turn = rng.normal(0, 0.12) + rng.choice([0.0, 0.0, np.pi / 2])
    across = abs(turn) > 1
    wide, walk = rng.uniform(4.5, 7.5), rng.uniform(1.2, 2.2)
    here = placed(rng.uniform(-3, 3), rng.uniform(7, 12) if across else 0, 0, turn)
    asphalt, slab = materials.ground(rng, "asphalt"), materials.tiles(rng)
    paint = materials.plain((0.7,) * 3, 0.8)
    shape.box((wide, 240, 0.02), (0, 60, 0.012), asphalt, matrix=here)
    for side in (-1, 1):
        x = side * (wide + walk) / 2
        shape.box((walk, 240, 0.14), (x, 60, 0.07), slab, 0.02, matrix=here)
    for y in np.arange(-60, 150, 5.0):
        shape.box((0.12, 2.0, 0.006), (0, y, 0.025), paint, matrix=here)
    shape.to_object("street")
    tree, lamp = plants.tree(rng), street_lamp(rng)
    offset = rng.uniform(0, 8)
    for slot, y in enumerate(np.arange(-40 if across else 3, 60, rng.uniform(6, 11)) + offset):
        side = 1 if slot % 2 else -1
        x = side * (wide / 2 + walk - 0.3)
        spin = 0 if side < 0 else np.pi
        if rng.random() < 0.55:
            lamp.to_object("street lamp", here @ placed(x, y, 0.1, spin))
        else:
            tree.to_object("tree", here @ placed(x + side * 0.3, y, 0, rng.uniform(0, 6)))
    houses = [house(rng) for _ in range(3)]
    for side in (-1, 1):
        y = rng.uniform(-32, -24) if across else rng.uniform(2, 10)
        while y < 70:
            shape, front, deep = houses[rng.integers(3)]
            x = side * (wide / 2 + walk + deep / 2 + rng.uniform(1.0, 5.0))
            near = across and side == (1 if np.sin(turn) > 0 else -1)
            if not near:
                place = here @ placed(x, y + front / 2, 0, side * np.pi / 2)
                shape.to_object("house", place)
            y += front + rng.uniform(1, 5)
    for side in (-1, 1):
        if not across and rng.random() < 0.5:
            fence(rng, 40.0).to_object(
                "fence", here @ placed(side * (wide / 2 + walk + 0.3), 22, 0, np.pi / 2)
            )
    post = bollard(rng)
    for y in np.arange(2.5, 14, rng.uniform(1.4, 3)):
        if rng.random() < 0.4:
            post.to_object("bollard", here @ placed(-wide / 2 - 0.3, y, 0.14))
    for _ in range(int(rng.integers(1, 4))):
        x = rng.choice([-1, 1]) * (wide / 2 + walk * 0.6)
        at = here @ (x, rng.uniform(3, 14), 0.14, 1)
        street_thing(rng).to_object("street thing", placed(*at[:3], rng.uniform(0, 6)))
    _clutter(rng)


def _garden(rng):
    """Build a garden: a house, fences or hedges, a path, furniture, trees and bushes."""
    shape = Shape()
    width, deep = rng.uniform(9, 20), rng.uniform(9, 24)
    if rng.random() < 0.75:
        body, front, thick = house(rng)
        at = (rng.uniform(-0.4, 0.4) * width, deep + thick / 2 + rng.uniform(-2, 5))
        body.to_object("house", placed(*at, 0, rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.1)))
    for side in (-1, 0, 1):
        if rng.random() < 0.8:
            length = width if side == 0 else deep + 3
            border = fence(rng, length) if rng.random() < 0.65 else plants.hedge(rng, length)
            at = (0, deep) if side == 0 else (side * width / 2, deep / 2)
            border.to_object("border", placed(*at, 0, 0 if side == 0 else np.pi / 2))
    if rng.random() < 0.7:
        path = materials.tiles(rng) if rng.random() < 0.5 else materials.ground(rng, "gravel")
        x = rng.uniform(-2, 2)
        shape.box((rng.uniform(0.8, 2.2), deep, 0.03), (x, deep / 2 - 1, 0.015), path)
        shape.to_object("path", placed(0, 0, 0, rng.normal(0, 0.15)))
    trees, bushes = [plants.tree(rng) for _ in range(2)], [plants.bush(rng, r) for r in (0.4, 0.7)]
    for _ in range(int(rng.integers(2, 7))):
        at = rng.uniform((-width * 0.6, 4.5), (width * 0.6, deep * 1.5))
        trees[rng.integers(2)].to_object("tree", placed(*at, 0, rng.uniform(0, 6)))
    for _ in range(int(rng.integers(3, 12))):
        at = rng.uniform((-width / 2, 2.5), (width / 2, deep))
        bushes[rng.integers(2)].to_object("bush", placed(*at, 0, rng.uniform(0, 6)))
    if rng.random() < 0.55:
        at = rng.uniform((-2.5, 3.5), (2.5, 7.5))
        piece = furniture.table(rng)
        piece.lay_things(rng, 0.5)
        here = placed(*at, 0, rng.uniform(0, 6))
        piece.shape.to_object("garden table", here)
        seat = furniture.chair(rng)
        for turn in np.arange(int(rng.integers(2, 5))) * np.pi / 2:
            place = here @ placed(0, 0, 0, turn) @ placed(0, -0.75, 0, rng.normal(0, 0.2))
            seat.shape.to_object("garden chair", place)
    for _ in range(int(rng.integers(0, 4))):
        at = rng.uniform((-3.5, 2.5), (3.5, 8))
        _garden_thing(rng).to_object("garden thing", placed(*at, 0, rng.uniform(0, 6)))
    _clutter(rng)


def _clutter(rng):
    """Scatter stones, and sometimes add a low wall or a row of poles close to the camera."""
    stone = Shape()
    bumps = rng.normal(0, 1, (3, 3))
    gray = materials.ground(rng, "concrete")
    stone.ball(
        0.22, (0, 0, 0.05), gray, 12, 0.6, lambda p: 1 + 0.18 * np.sin(p @ bumps * 12).sum(axis=1)
    )
    for _ in range(int(rng.integers(0, 9))):
        at = rng.uniform((-5, 2), (5, 12))
        stone.to_object("stone", placed(*at, 0, rng.uniform(0, 6)))
    if rng.random() < 0.3:
        wall, height = Shape(), rng.uniform(0.5, 1.1)
        length = rng.uniform(1.5, 5)
        wall.box((length, 0.25, height), (0, 0, height / 2), materials.bricks(rng))
        wall.box((length + 0.05, 0.33, 0.06), (0, 0, height + 0.03), gray, 0.01)
        at = rng.uniform((-4, 3), (4, 7))
        wall.to_object("wall", placed(*at, 0, rng.normal(0, 0.5)))
    if rng.random() < 0.4:
        wire_poles(rng)


def _horizon(rng):
    """Surround the scene with distant trees and hills."""
    tree = plants.tree(rng)
    for turn in rng.uniform(0.3, np.pi - 0.3, 28):
        far = rng.uniform(30, 90)
        at = (np.cos(turn) * far, np.sin(turn) * far)
        tree.to_object("far tree", placed(*at, 0, rng.uniform(0, 6)))
    shape = Shape()
    green = materials.plain(materials.color(rng, (0.22, 0.55), (0.15, 0.4), (0.12, 0.4)), 1.0)
    for turn in rng.uniform(0.1, np.pi - 0.1, int(rng.integers(0, 6))):
        far = rng.uniform(250, 420)
        at = (np.cos(turn) * far, np.sin(turn) * far, -5)
        shape.ball(rng.uniform(60, 140), at, green, 24, rng.uniform(0.12, 0.3))
    if shape.filled():
        shape.to_object("hills")


def fence(rng, length) -> Shape:
    """Return a fence along x: pickets, boards, rails or wires between posts."""
    shape = Shape()
    kind = rng.choice(["pickets", "boards", "rails", "wires", "bars"])
    height = rng.uniform(0.9, 1.25) if kind != "boards" else rng.uniform(1.3, 1.9)
    wood = materials.wood(rng)
    if rng.random() < 0.4:
        wood = materials.plain((rng.uniform(0.1, 0.9),) * 3, 0.5)
    for x in np.arange(-length / 2, length / 2 + 0.1, 2.0):
        shape.box((0.09, 0.09, height + 0.05), (x, 0, height / 2), wood)
    if kind in ("pickets", "boards", "bars"):
        step = {"pickets": 0.13, "boards": 0.155, "bars": 0.12}[kind]
        wide = {"pickets": 0.07, "boards": 0.145, "bars": 0.018}[kind]
        for x in np.arange(-length / 2, length / 2, step):
            shape.box(
                (wide, wide if kind == "bars" else 0.02, height - 0.08),
                (x, -0.05, height / 2 + 0.04),
                wood,
            )
        levels = (0.25, 0.8)
    else:
        levels = (0.3, 0.6, 0.92)
    for share in levels:
        if kind == "wires":
            steel = materials.plain((0.4,) * 3, 0.4, 0.9)
            ends = ((-length / 2, 0, share * height), (length / 2, 0, share * height))
            shape.rod(*ends, 0.006, steel, 6)
        else:
            shape.box((length, 0.035, 0.09), (0, -0.02, share * height), wood)
    return shape


def street_lamp(rng) -> Shape:
    """Return a street lamp, with or without an arm toward +x."""
    shape, metal = Shape(), materials.plain((rng.uniform(0.04, 0.4),) * 3, 0.5, 0.6)
    height, reach = rng.uniform(3.5, 6.5), rng.choice([0.0, rng.uniform(0.6, 1.4)])
    shape.cylinder(0.09, 0.9, metal, top=0.07)
    shape.rod((0, 0, 0.8), (0, 0, height), 0.05, metal, 10, 0.7)
    if reach > 0:
        shape.rod((0, 0, height - 0.05), (reach, 0, height + 0.15), 0.03, metal)
        shape.box((0.5, 0.18, 0.1), (reach + 0.15, 0, height + 0.14), metal, 0.03)
    else:
        white = materials.plain((0.85,) * 3, 0.3)
        shape.lathe(
            [(0, 0), (0.09, 0.0), (0.17, 0.32), (0, 0.4)], white, 12, matrix=placed(0, 0, height)
        )
        shape.lathe([(0.24, 0.34), (0, 0.46)], metal, 12, matrix=placed(0, 0, height))
    return shape


def wire_poles(rng):
    """Add a row of utility poles with wires."""
    shape, wood = Shape(), materials.bark(rng)
    black = materials.plain((0.02,) * 3, 0.5)
    height, step = rng.uniform(5.5, 8), rng.uniform(12, 20)
    t = np.linspace(0, 1, 9)
    for slot in range(4):
        y = slot * step
        shape.rod((0, y, -0.2), (0, y, height), 0.11, wood, 10, 0.75)
        shape.box((1.5, 0.1, 0.1), (0, y, height - 0.4), wood)
        for x in (-0.65, 0.0, 0.65):
            points = np.stack(
                [np.full(9, x), y + t * step, height - 0.35 - 1.6 * t * (1 - t)], axis=-1
            )
            for start, end in zip(points, points[1:], strict=False):
                shape.rod(start, end, 0.012, black, 4)
    at = (rng.choice([-1, 1]) * rng.uniform(2.5, 6), rng.uniform(3, 8))
    shape.to_object("poles", placed(*at, 0, rng.normal(0, 0.2)))


def bollard(rng) -> Shape:
    """Return a bollard."""
    shape, metal = Shape(), materials.plain((rng.uniform(0.03, 0.4),) * 3, 0.4, 0.3)
    profile = [(0.07, 0), (0.06, 0.75), (0.08, 0.78), (0.08, 0.84), (0.04, 0.92), (0, 0.93)]
    shape.lathe(profile, metal, 14)
    return shape


def street_thing(rng) -> Shape:
    """Return a trash can, a bench or a road sign."""
    shape, kind = Shape(), rng.integers(3)
    metal = materials.plain((rng.uniform(0.05, 0.5),) * 3, 0.4, 0.7)
    tone = materials.plain(materials.color(rng, saturation=(0.3, 0.9), value=(0.15, 0.8)), 0.5)
    if kind == 0:
        shape.box((0.58, 0.7, 0.95), (0, 0, 0.6), tone, 0.04)
        shape.box((0.62, 0.78, 0.06), (0, 0.02, 1.1), tone, 0.025)
        for x in (-0.26, 0.26):
            shape.rod((x - 0.03, -0.3, 0.11), (x + 0.03, -0.3, 0.11), 0.11, metal, 16)
    elif kind == 1:
        _bench(shape, rng, metal)
    else:
        shape.rod((0, 0, 0), (0, 0, 2.6), 0.03, metal)
        if rng.random() < 0.5:
            shape.rod((0, 0.03, 2.3), (0, 0.05, 2.3), 0.32, tone, 28)
            shape.rod((0, 0.05, 2.3), (0, 0.055, 2.3), 0.25, materials.plain((0.9,) * 3, 0.4), 28)
        else:
            shape.box((0.7, 0.02, 0.35), (0.1, 0.04, 2.3), tone, 0.004)
    return shape


def _bench(shape, rng, metal):
    wood, length = materials.wood(rng), rng.uniform(1.2, 1.9)
    for y in (-0.16, -0.04, 0.08, 0.2):
        shape.box((length, 0.1, 0.035), (0, y, 0.45), wood, 0.006)
    for z in (0.6, 0.74, 0.86):
        shape.box((length, 0.03, 0.09), (0, -0.22 - 0.1 * (z - 0.45), z), wood, 0.006)
    for x in (-length / 2 + 0.15, length / 2 - 0.15):
        for y in (-0.2, 0.18):
            shape.box((0.05, 0.05, 0.44), (x, y, 0.22), metal)
        shape.rod((x, -0.2, 0.4), (x, -0.28, 0.92), 0.02, metal)


def _garden_thing(rng) -> Shape:
    """Return a bench, a clothesline, a ladder or a potted plant."""
    kind = rng.integers(4)
    if kind == 0:
        shape = Shape()
        _bench(shape, rng, materials.plain((0.1,) * 3, 0.4, 0.8))
        return shape
    if kind == 1:
        shape, steel = Shape(), materials.plain((0.5,) * 3, 0.3, 0.9)
        for x in (-1.6, 1.6):
            shape.rod((x, 0, 0), (x, 0, 1.9), 0.025, steel)
            shape.rod((x, -0.4, 1.85), (x, 0.4, 1.85), 0.018, steel)
        for y in (-0.35, 0.35):
            shape.rod((-1.6, y, 1.86), (1.6, y, 1.86), 0.004, steel, 5)
        for x in (-1.0, -0.2, 0.7):
            if rng.random() < 0.7:
                wide, drop = rng.uniform(0.35, 0.7), rng.uniform(0.4, 0.9)
                t = np.linspace(0, 1, 12)
                wave = 0.35 + 0.02 * np.sin(t * 14)
                rows = [
                    np.stack([x + wide * (t - 0.5), wave, np.full(12, z)], axis=-1)
                    for z in (1.86, 1.86 - drop)
                ]
                shape.sheet(np.stack(rows), materials.fabric(rng), True)
        return shape
    if kind == 2:
        return furniture.ladder(rng).shape
    return furniture.house_plant(rng).shape
