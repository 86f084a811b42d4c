"""Large interiors with stairs, railings, columns, glass, mirrors, furniture and people."""

import numpy as np

from . import furniture, materials, people, plants, room
from .light import area_light, sky, sun, surroundings_light
from .shape import Shape, placed
from .viewpoint import stand, toward


def hall(rng):
    """Build a hall, office, shop or station of 8 to 40 m, and look through it."""
    sky(rng, rng.uniform(0.8, 2.0))
    surroundings_light(rng, rng.uniform(0.5, 2.0))
    width, deep, height = rng.uniform(6, 22), rng.uniform(8, 40), rng.uniform(2.7, 8)
    _shell(rng, width, deep, height)
    if rng.random() < 0.55:
        _stairs(rng, height).to_object(
            "stairs",
            placed(
                rng.uniform(-0.3, 0.3) * width,
                rng.uniform(0.4, 0.8) * deep,
                0,
                rng.choice([0.0, 1.57, -1.57, 3.14]),
            ),
        )
    if rng.random() < 0.4:
        column = Shape()
        coat = materials.paint(rng, materials.color(rng, saturation=(0, 0.3), value=(0.3, 0.95)))
        if rng.random() < 0.5:
            column.cylinder(rng.uniform(0.15, 0.4), height, coat, segments=24)
        else:
            column.box((0.4, 0.4, height), (0, 0, height / 2), coat, 0.01)
        for y in np.arange(2, deep, rng.uniform(3, 6)):
            for side in (-1, 1):
                column.to_object("column", placed(side * width * 0.3, y))
    _fill(rng, width, deep)
    _panes(rng, width, deep, height)
    for _ in range(int(rng.integers(0, 9))):
        at = (rng.uniform(-0.45, 0.45) * width, rng.uniform(0.05, 0.95) * deep)
        people.person(rng).to_object("person", placed(*at, 0, rng.uniform(0, 6)))
    step = rng.uniform(2.5, 5)
    watts, warm = rng.uniform(20, 150), materials.color(rng, (0.05, 0.6), (0.0, 0.25), (1.0, 1.0))
    panel = Shape()
    panel.box((1.2, 0.3, 0.04), (0, 0, -0.02), materials.glow(warm, 4.0), 0.01)
    for y in np.arange(step / 2, deep, step):
        for x in (-0.25, 0.25):
            panel.to_object("lamp", placed(x * width, y, height - 0.05))
            area_light((x * width, y, height - 0.15), 1.0, watts, warm)
    high = rng.random() < 0.15

    def propose(rng):
        position = np.array((rng.uniform(-0.45, 0.45) * width, rng.uniform(0.02, 0.6) * deep, 0))
        position[2] = rng.uniform(0.6, 1.0) * (height - 0.5) if high else rng.uniform(0.25, 2.1)
        target = (rng.uniform(-0.4, 0.4) * width, rng.uniform(0.3, 1.0) * deep, 1.0)
        yaw, _ = toward(position, target)
        pitch = rng.uniform(-0.8, -0.1) if high else rng.normal(-0.06, 0.16)
        return position, yaw, np.clip(pitch, -1.05, 0.52)

    return stand(rng, propose, 0.35, 1.5)


def furnished_room(rng):
    """Build a room as `room` does, with a person or a mirror, and look from any height."""
    sky(rng, rng.uniform(0.8, 2.5))
    if rng.random() < 0.6:
        surroundings_light(rng, rng.uniform(0.5, 3.0))
    if rng.random() < 0.6:
        sun(rng, (0.3, 0.9), (1.0, 8.0))
    width, deep, height = room.build(rng)
    for _ in range(int(rng.integers(0, 3))):
        at = rng.uniform(0.15, 0.85, 2) * (width, deep)
        seated = rng.random() < 0.3
        people.person(rng, seated).to_object("person", placed(*at, 0, rng.uniform(0, 6)))
    if rng.random() < 0.35:
        at = rng.uniform(0.1, 0.9, 2) * (width, deep)
        _standing_mirror(rng).to_object("mirror", placed(*at, 0, rng.uniform(0, 6)))

    def propose(rng):
        x, y = rng.uniform(0.05, 0.95, 2) * (width, deep)
        z = np.clip(rng.normal(1.4, 0.5), 0.2, height - 0.2)
        aim = np.array((width / 2, deep / 2)) + rng.normal(0, 1.0, 2)
        yaw, _ = toward((x, y, z), (*aim, z))
        low = -0.25 if z > 1.1 else 0.05
        return (x, y, z), yaw, np.clip(rng.normal(low, 0.28), -1.05, 0.52)

    return stand(rng, propose, 0.3, 0.9)


def _shell(rng, width, deep, height):
    shape = Shape()
    kinds = (materials.tiles, materials.planks, materials.photographed_surface, _smooth)
    floor = kinds[rng.integers(4)](rng)
    shape.box((width, deep, 0.2), (0, deep / 2, -0.1), floor)
    ceiling = materials.tiles(rng) if rng.random() < 0.3 else materials.paint(rng, (0.85,) * 3)
    shape.box((width + 0.4, deep + 0.4, 0.2), (0, deep / 2, height + 0.1), ceiling)
    tone = materials.color(rng, saturation=(0, 0.4), value=(0.35, 0.95))
    wall = materials.bricks(rng) if rng.random() < 0.2 else materials.paint(rng, tone)
    frame = materials.plain((rng.uniform(0.05, 0.9),) * 3, 0.4)
    sides = [
        (placed(-width / 2, 0, 0, np.pi / 2), deep),
        (placed(width / 2, deep, 0, -np.pi / 2), deep),
    ]
    sides += [(placed(width / 2, 0, 0, np.pi), width), (placed(-width / 2, deep, 0, 0), width)]
    for place, length in sides:
        if rng.random() < 0.35:
            _window_wall(shape, rng, place, length, height, wall, frame)
        else:
            shape.box((length, 0.2, height), (length / 2, 0.1, height / 2), wall, matrix=place)
            for _ in range(int(rng.integers(0, 5))):
                size = (rng.uniform(0.4, 1.6), 0.03, rng.uniform(0.4, 1.3))
                at = (rng.uniform(0.1, 0.9) * length, -0.02, rng.uniform(1.2, 1.9))
                material = (
                    materials.photograph(rng) if rng.random() < 0.85 else materials.mirror(rng)
                )
                shape.box(size, at, material, 0.004, place)
            if rng.random() < 0.5:
                x = rng.uniform(0.1, 0.9) * length
                shape.box((0.95, 0.06, 2.05), (x, 0.0, 1.03), materials.wood(rng), 0.005, place)
    shape.to_object("hall")
    ground = Shape()
    ground.box((900, 900, 0.1), (0, 0, -0.25), materials.ground(rng, "grass"))
    ground.to_object("ground outside")
    tree = plants.tree(rng)
    for turn in rng.uniform(0, 2 * np.pi, 14):
        far = rng.uniform(12, 60) + max(width, deep) / 2
        at = (np.cos(turn) * far, deep / 2 + np.sin(turn) * far)
        tree.to_object("tree", placed(*at, -0.2, rng.uniform(0, 6)))


def _window_wall(shape, rng, place, length, height, wall, frame):
    """Add a wall that is a row of tall windows, with panes in some."""
    low, high = rng.choice([0.0, 0.9]), height - rng.uniform(0.2, 0.6)
    if low > 0:
        shape.box((length, 0.2, low), (length / 2, 0.1, low / 2), wall, matrix=place)
    shape.box(
        (length, 0.2, height - high), (length / 2, 0.1, (height + high) / 2), wall, matrix=place
    )
    step = rng.uniform(0.9, 2.4)
    glazed = materials.glass(rng) if rng.random() < 0.35 else None
    for x in np.append(np.arange(0, length, step), length):
        shape.box((0.08, 0.1, high - low), (x, 0.1, (low + high) / 2), frame, matrix=place)
    for z in (low + 0.03, (low + high) / 2, high - 0.03):
        shape.box((length, 0.06, 0.06), (length / 2, 0.1, z), frame, matrix=place)
    if glazed:
        corners = [[(x, 0.1, z) for x in (0, length)] for z in (low, high)]
        shape.sheet(corners, glazed, matrix=place)


def _stairs(rng, height) -> Shape:
    """Return a straight flight of stairs up along +y, with a railing, and a landing on top."""
    shape = Shape()
    tread, rise, wide = rng.uniform(0.25, 0.32), rng.uniform(0.15, 0.19), rng.uniform(0.9, 3.0)
    count = int(rng.integers(3, max(4, int(min(height - 0.3, 4.5) / rise))))
    stone = [materials.wood, materials.photographed_surface, _smooth, materials.tiles][
        rng.integers(4)
    ](rng)
    solid = rng.random() < 0.6
    for step in range(count):
        z, y = (step + 1) * rise, step * tread
        thick = z if solid else 0.05
        shape.box((wide, tread + 0.02, thick), (0, y, z - thick / 2), stone, 0.005)
    top = count * rise
    landing = rng.uniform(1, 4)
    thick = top if solid else 0.15
    shape.box(
        (wide + 1.0, landing, thick),
        (0, (count - 0.5) * tread + landing / 2, top - thick / 2),
        stone,
    )
    steel = materials.plain((rng.uniform(0.05, 0.7),) * 3, 0.35, 0.8)
    for side in (-1, 1):
        x = side * (wide / 2 - 0.04)
        start, end = (x, 0, rise + 0.95), (x, (count - 1) * tread, top + 0.95)
        shape.rod(start, end, 0.025, steel, 10)
        for step in range(count):
            z = (step + 1) * rise
            shape.rod((x, step * tread, z), (x, step * tread, z + 0.95), 0.01, steel, 6)
        y0, y1 = (count - 1) * tread, (count - 1) * tread + landing
        shape.rod((x, y0, top + 0.95), (x, y1, top + 0.95), 0.025, steel, 10)
        for y in np.arange(y0, y1, 0.14):
            shape.rod((x, y, top), (x, y, top + 0.95), 0.008, steel, 6)
    return shape


def _fill(rng, width, deep):
    """Stand furniture in rows or at random."""
    kinds = (furniture.table, furniture.desk, furniture.shelf, furniture.cabinet, furniture.sofa)
    kinds += (furniture.chair, furniture.house_plant, furniture.floor_lamp, furniture.armchair)
    if rng.random() < 0.5:
        piece = kinds[rng.integers(6)](rng)
        piece.lay_things(rng)
        gap, turn = rng.uniform(0.5, 2.0), rng.choice([0, 1, 2, 3]) * np.pi / 2
        reach = max(piece.width, piece.depth)
        for y in np.arange(1.5, deep - 1, reach + gap):
            for x in np.arange(-width * 0.4, width * 0.4, reach + gap):
                if rng.random() < 0.75:
                    piece.shape.to_object("furniture", placed(x, y, 0, turn + rng.normal(0, 0.03)))
    for _ in range(int(rng.integers(3, 16))):
        piece = kinds[rng.integers(len(kinds))](rng)
        piece.lay_things(rng, 0.4)
        at = (rng.uniform(-0.42, 0.42) * width, rng.uniform(0.1, 0.95) * deep)
        piece.shape.to_object("furniture", placed(*at, 0, rng.uniform(0, 6)))


def _panes(rng, width, deep, height):
    """Add partitions of glass, with frames."""
    metal = materials.plain((rng.uniform(0.05, 0.6),) * 3, 0.4, 0.8)
    for _ in range(int(rng.integers(0, 3))):
        shape = Shape()
        long, tall = rng.uniform(1, 4), min(rng.uniform(1.2, 2.6), height)
        shape.sheet([[(x, 0, z) for x in (0, long)] for z in (0.05, tall)], materials.glass(rng))
        for x in (0, long / 2, long):
            shape.box((0.04, 0.06, tall), (x, 0, tall / 2), metal)
        for z in (0.03, tall):
            shape.box((long, 0.06, 0.05), (long / 2, 0, z), metal)
        at = (rng.uniform(-0.4, 0.2) * width, rng.uniform(0.2, 0.9) * deep)
        shape.to_object("partition", placed(*at, 0, rng.choice([0.0, 1.57]) + rng.normal(0, 0.02)))


def _standing_mirror(rng) -> Shape:
    shape, wood = Shape(), materials.wood(rng)
    wide, tall = rng.uniform(0.35, 0.8), rng.uniform(1.3, 1.9)
    lean = placed(0, 0, 0.08)
    shape.box((wide + 0.08, 0.03, tall + 0.08), (0, 0, tall / 2), wood, 0.006, lean)
    shape.box((wide, 0.004, tall), (0, 0.018, tall / 2), materials.mirror(rng), 0.0, lean)
    for side in (-1, 1):
        shape.box((0.05, 0.5, 0.06), (side * wide / 2, 0, 0.03), wood)
    return shape


def _smooth(rng):
    tone = materials.color(rng, saturation=(0, 0.4), value=(0.2, 0.9))
    return materials.plain(tone, rng.uniform(0.1, 0.7))
