"""Streets and squares between facades, to two hundred meters and beyond."""

import numpy as np

from . import exterior, materials, people, plants
from .house import house
from .light import sky, sun, surroundings_light
from .shape import Shape, placed
from .viewpoint import stand, toward

FAR_END = 240.0  # meters


def street(rng):
    """Build a street along +y between facades or houses, with traffic, people and lamps."""
    _daylight(rng)
    wide, walk = rng.uniform(5, 16), rng.uniform(1.5, 4.5)
    _road(rng, wide, walk)
    edge = wide / 2 + walk
    dense = rng.random()
    designs = [facade(rng) for _ in range(4)]
    houses = [house(rng) for _ in range(2)]
    gap = rng.choice([0.0, rng.uniform(1, 8), rng.uniform(8, 40)], p=[0.5, 0.3, 0.2])
    for side in (-1, 1):
        y = rng.uniform(-45, -20)
        while y < FAR_END:
            if rng.random() < 0.25 + 0.7 * dense:
                shape, front, deep = designs[rng.integers(len(designs))]
            else:
                shape, front, deep = houses[rng.integers(len(houses))]
            back = edge + deep / 2 + (rng.uniform(0, 6) if gap > 4 else 0.0)
            place = placed(side * back, y + front / 2, 0, side * np.pi / 2)
            shape.to_object("house", place)
            y += front + gap * rng.uniform(0.2, 1.6) + (9 if rng.random() < 0.1 else 0)
    if rng.random() < 0.6:  # what closes the street
        shape, _, _ = designs[0]
        for x in np.arange(-2, 3) * 18.0:
            shape.to_object("house", placed(x, rng.uniform(60, FAR_END), 0, 0))
    _along(rng, wide, walk)
    _traffic(rng, wide)
    _passers(rng, edge, wide)
    if rng.random() < 0.4:
        exterior.wire_poles(rng)
    high = rng.random()

    def propose(rng):
        x = rng.uniform(-edge + 0.6, edge - 0.6)
        if high < 0.72:
            z = np.clip(rng.normal(1.65, 0.35), 0.3, 3.0)
        else:
            z = rng.uniform(3, 30) if high < 0.9 else rng.uniform(0.25, 0.9)
        yaw = rng.normal(0, 0.3) if rng.random() < 0.75 else rng.uniform(-1.6, 1.6)
        pitch = rng.normal(0.02, 0.08) if z < 3 else rng.uniform(-0.6, 0.02)
        if rng.random() < 0.1:
            pitch = rng.uniform(0.1, 0.5)
        return (x, rng.uniform(-8, 30), z), yaw, pitch

    return stand(rng, propose, 0.7, 3.0)


def square(rng):
    """Build a square between facades, with people, trees, benches and a monument."""
    _daylight(rng)
    ground = Shape()
    kind = rng.integers(4)
    paving = [materials.tiles, materials.photographed_surface, _concrete, _asphalt][kind](rng)
    ground.box((700, 700, 0.2), (0, 100, -0.1), paving)
    ground.to_object("ground")
    half = rng.uniform(12, 60)
    designs = [facade(rng) for _ in range(4)]
    for turn in np.arange(4) * np.pi / 2:
        along = -half - 10
        while along < half + 10:
            shape, front, deep = designs[rng.integers(4)]
            place = placed(0, 0, 0, turn) @ placed(along + front / 2, half + deep / 2)
            shape.to_object("house", place)
            along += front + rng.choice([0.0, 0.0, 0.0, 8.0])
    tree, lamp, bench = plants.tree(rng), exterior.street_lamp(rng), exterior.street_thing(rng)
    for thing, count in ((tree, 10), (lamp, 6), (bench, 8)):
        for _ in range(int(rng.integers(0, count))):
            at = rng.uniform(-0.9, 0.9, 2) * half
            thing.to_object("thing", placed(*at, 0, rng.uniform(0, 6)))
    _monument(rng).to_object("monument", placed(*rng.uniform(-0.5, 0.5, 2) * half))
    _crowd(rng, half * 0.8, int(rng.integers(2, 30)))
    low = rng.random() < 0.8

    def propose(rng):
        spot = rng.uniform(-0.85, 0.85, 2) * half
        position = (*spot, np.clip(rng.normal(1.6, 0.3), 0.4, 2.6) if low else rng.uniform(3, 25))
        yaw, pitch = toward(position, (*rng.uniform(-0.4, 0.4, 2) * half, position[2]))
        pitch = rng.normal(0.03, 0.09) if low else rng.uniform(-0.8, -0.05)
        return position, yaw, pitch

    return stand(rng, propose, 0.7, 3.0)


def facade(rng) -> tuple[Shape, float, float]:
    """Return a building with its front toward -y, with its width and depth [m]."""
    shape = Shape()
    bays, floors = int(rng.integers(2, 8)), int(rng.integers(1, 9))
    bay, story = rng.uniform(1.8, 4.0), rng.uniform(2.8, 4.2)
    width, depth, height = bays * bay, rng.uniform(8, 16), floors * story + rng.uniform(0.3, 1.5)
    kinds = [materials.bricks, materials.photographed_surface, materials.siding, _plaster, _plaster]
    wall = kinds[rng.integers(len(kinds))](rng)
    trim = materials.plain((rng.uniform(0.1, 0.9),) * 3, 0.6)
    pane = materials.plain((0.03, 0.04, 0.05), rng.uniform(0.02, 0.12))
    front = -depth / 2
    shape.box((width, depth - 0.3, height), (0, 0.15, height / 2), wall)
    share = rng.uniform(0.4, 0.85), rng.uniform(0.45, 0.8)
    shop = rng.random() < 0.5
    balcony = rng.random() < 0.25
    for floor in range(floors):
        base = floor * story
        low, tall = base + story * (0.9 - share[1]) * 0.8, story * share[1]
        if floor == 0 and shop:
            low, tall = 0.1, story * 0.75
        shape.box((width, 0.3, low - base), (0, front + 0.15, (base + low) / 2), wall)
        top = base + story if floor < floors - 1 else height
        shape.box((width, 0.3, top - low - tall), (0, front + 0.15, (top + low + tall) / 2), wall)
        for column in range(bays):
            x = (column + 0.5) * bay - width / 2
            open_width = bay * (0.9 if floor == 0 and shop else share[0])
            for side in (-1, 1):
                pier = (bay - open_width) / 2
                at = (x + side * (bay - pier) / 2, front + 0.15, low + tall / 2)
                shape.box((pier, 0.3, tall), at, wall)
            shape.box((open_width, 0.02, tall), (x, front + 0.27, low + tall / 2), pane)
            for bar in np.linspace(-0.5, 0.5, 3):
                shape.box(
                    (0.06, 0.06, tall), (x + bar * open_width, front + 0.24, low + tall / 2), trim
                )
            shape.box((open_width, 0.06, 0.06), (x, front + 0.24, low + tall * 0.6), trim)
            if floor > 0:
                shape.box((open_width + 0.2, 0.25, 0.08), (x, front - 0.05, low - 0.04), trim)
            if balcony and floor > 0 and column % 2:
                _balcony(shape, (x, front, base), open_width + 0.6, trim)
        if floor == 0 and shop:
            sign = materials.printed(rng)
            shape.box((width * 0.9, 0.1, story * 0.18), (0, front - 0.05, story * 0.9), sign)
            if rng.random() < 0.5:
                cloth = materials.fabric(rng)
                points = [
                    [
                        (-width * 0.45, front - out, story * 0.82 - out * 0.35),
                        (width * 0.45, front - out, story * 0.82 - out * 0.35),
                    ]
                    for out in (0.0, 1.3)
                ]
                shape.sheet(points, cloth)
    shape.box((width + 0.3, 0.5, 0.25), (0, front - 0.05, height - 0.12), trim)
    if rng.random() < 0.5:
        tiles = materials.roof_tiles(rng)
        rise = rng.uniform(1.5, 4)
        ridge = [
            [(x, y, z) for x in (-width / 2, width / 2)]
            for y, z in ((front - 0.3, height), (0.0, height + rise), (depth / 2, height))
        ]
        shape.sheet(ridge, tiles)
        for x in (-width / 2, width / 2):
            gable = np.array([(x, front, height), (x, depth / 2, height), (x, 0.0, height + rise)])
            shape.add(gable, [np.array([[0, 1, 2]])], wall)
    return shape, width, depth


def _balcony(shape, at, width, trim):
    x, y, z = at
    shape.box((width, 1.0, 0.12), (x, y - 0.5, z), trim)
    shape.box((width, 0.04, 0.04), (x, y - 0.98, z + 1.0), trim)
    for step in np.linspace(-width / 2, width / 2, int(width / 0.15)):
        shape.box((0.02, 0.02, 1.0), (x + step, y - 0.98, z + 0.5), trim)


def _daylight(rng):
    sky(rng, rng.uniform(0.5, 1.2))
    if rng.random() < 0.5:
        surroundings_light(rng, rng.uniform(0.5, 1.5))
    if rng.random() < 0.8:
        sun(rng)


def _road(rng, wide, walk):
    shape = Shape()
    asphalt, slab = _asphalt(rng), materials.tiles(rng)
    paint = materials.plain((0.75,) * 3, 0.8)
    around = materials.ground(rng, str(rng.choice(["grass", "concrete", "gravel"])))
    shape.box((1200, 1600, 0.2), (0, 500, -0.12), around)
    shape.box((wide, 1000, 0.02), (0, 400, 0.0), asphalt)
    for side in (-1, 1):
        shape.box((walk, 1000, 0.14), (side * (wide + walk) / 2, 400, 0.06), slab, 0.02)
    for y in np.arange(-60, 300, rng.choice([4.0, 6.0, 9.0])):
        shape.box((0.12, rng.choice([1.5, 3.0]), 0.006), (0, y, 0.012), paint)
    if rng.random() < 0.4:
        y = rng.uniform(4, 25)
        for x in np.arange(-wide / 2 + 0.4, wide / 2, 0.9):
            shape.box((0.45, 3.5, 0.006), (x, y, 0.012), paint)
    shape.to_object("street")


def _along(rng, wide, walk):
    """Line the sidewalks with trees, lamps, bollards and street furniture."""
    tree, lamp, post = plants.tree(rng), exterior.street_lamp(rng), exterior.bollard(rng)
    kinds = [(tree, 0.3), (lamp, 0.3), (None, 0.4)]
    step, offset = rng.uniform(5, 14), rng.uniform(0, 8)
    for side in (-1, 1):
        x = side * (wide / 2 + 0.45)
        for y in np.arange(-20, FAR_END, step) + offset:
            thing = kinds[rng.choice(3, p=[share for _, share in kinds])][0]
            if thing is not None:
                thing.to_object("along", placed(x, y, 0.1, 0.0 if side < 0 else np.pi))
        if rng.random() < 0.35:
            for y in np.arange(-5, 40, rng.uniform(1.3, 3)):
                post.to_object("bollard", placed(side * (wide / 2 + 0.2), y, 0.12))
    for _ in range(int(rng.integers(1, 6))):
        x = rng.choice([-1, 1]) * (wide / 2 + walk * 0.65)
        thing = exterior.street_thing(rng)
        thing.to_object("street thing", placed(x, rng.uniform(1, 40), 0.13, rng.uniform(0, 6)))


def car(rng) -> Shape:
    """Return a car or a van, 4 to 5 m long, that drives toward +y."""
    shape = Shape()
    tone = materials.color(rng, saturation=(0.0, 0.85), value=(0.03, 0.9))
    paint = materials.plain(tone, rng.uniform(0.1, 0.35), float(rng.random() < 0.3))
    pane = materials.plain((0.02, 0.025, 0.03), 0.05)
    black = materials.plain((0.015,) * 3, 0.8)
    rim = materials.plain((0.5,) * 3, 0.3, 1.0)
    long, wide = rng.uniform(3.8, 4.9), rng.uniform(1.65, 1.9)
    van = rng.random() < 0.25
    belt, roof = rng.uniform(0.85, 1.0), rng.uniform(1.4, 1.5) if not van else rng.uniform(1.9, 2.4)
    shape.box((wide, long, belt - 0.25), (0, 0, (belt + 0.25) / 2), paint, 0.12)
    front, back = (0.42, -0.46) if van else (rng.uniform(0.2, 0.28), rng.uniform(-0.46, -0.32))
    slope = 0.12 * long
    section = [
        (front * long, belt),
        (front * long - slope, roof),
        (back * long + 0.4 * slope, roof),
        (back * long, belt),
    ]
    half = wide / 2 - 0.08
    for x in (-half, half):
        points = np.array([(x * (0.85 if z > belt else 1.0), y, z) for y, z in section])
        shape.add(points, [np.array([[0, 1, 2, 3]])], paint if van else pane)
    rows = [
        [(-half * (0.85 if z > belt else 1), y, z), (half * (0.85 if z > belt else 1), y, z)]
        for y, z in section
    ]
    for row, coat in zip(range(3), (pane, paint, paint if van else pane), strict=True):
        shape.sheet(rows[row : row + 2], coat)
    for sx in (-1, 1):
        for sy in (-0.31, 0.31):
            x, y = sx * (wide / 2 - 0.1), sy * long
            shape.rod((x - 0.1, y, 0.32), (x + 0.1, y, 0.32), 0.32, black, 20)
            shape.rod((x - 0.105, y, 0.32), (x + 0.105, y, 0.32), 0.2, rim, 14)
    lamp, tail = materials.plain((0.9,) * 3, 0.1), materials.plain((0.5, 0.02, 0.02), 0.2)
    for sx in (-1, 1):
        shape.box((0.3, 0.04, 0.14), (sx * wide * 0.35, long / 2, 0.65), lamp)
        shape.box((0.25, 0.04, 0.18), (sx * wide * 0.38, -long / 2, 0.75), tail)
    shape.box((0.5, 0.03, 0.11), (0, -long / 2 - 0.01, 0.5), lamp)
    return shape


def _traffic(rng, wide):
    if rng.random() < 0.12:
        return
    cars = [car(rng) for _ in range(4)]
    for side in (-1, 1):
        parked = rng.random() < 0.6
        y = rng.uniform(-15, 12)
        while y < FAR_END * 0.8:
            x = side * (wide / 2 - 1.05 if parked else wide / 4)
            turn = rng.normal(0, 0.02) + (0 if side > 0 else np.pi)
            cars[rng.integers(4)].to_object("car", placed(x, y, 0.0, turn))
            y += rng.uniform(5.4, 12) if parked else rng.uniform(8, 45)


def _passers(rng, edge, wide):
    figures = [people.person(rng) for _ in range(3)]
    for _ in range(int(rng.integers(0, 14))):
        x = rng.choice([-1, 1]) * rng.uniform(wide / 2 + 0.3, edge - 0.3)
        if rng.random() < 0.15:
            x = rng.uniform(-wide / 2, wide / 2)
        y = 2 + 70 * rng.random() ** 1.7
        figures[rng.integers(3)].to_object("person", placed(x, y, 0.13, rng.uniform(0, 6)))


def _crowd(rng, half, count):
    figures = [people.person(rng) for _ in range(4)]
    for _ in range(count):
        at = rng.uniform(-half, half, 2)
        figures[rng.integers(4)].to_object("person", placed(*at, 0, rng.uniform(0, 6)))


def _monument(rng) -> Shape:
    """Return a column, a fountain or a statue on a base with steps."""
    shape, stone = Shape(), materials.photographed_surface(rng)
    wide = rng.uniform(2, 6)
    steps = int(rng.integers(1, 6))
    for step in range(steps):
        size = wide - 0.6 * step * wide / 6
        shape.box((size, size, 0.17), (0, 0, 0.17 * step + 0.085), stone)
    base = 0.17 * steps
    kind = rng.integers(3)
    if kind == 0:
        shape.cylinder(0.5, rng.uniform(5, 15), stone, (0, 0, base), 0.42, 24)
    elif kind == 1:
        water = materials.plain((0.05, 0.09, 0.1), 0.05)
        outline = [(1.2, 0), (1.3, 0.5), (1.1, 0.5), (1.1, 0.4)]
        shape.lathe([(r * wide / 4, z + base) for r, z in outline], stone, 28)
        shape.lathe([(1.1 * wide / 4, base + 0.42), (0, base + 0.42)], water, 28)
        shape.cylinder(0.2, 1.6, stone, (0, 0, base), 0.12)
    else:
        shape.box((1.2, 1.2, 2.0), (0, 0, base + 1.0), stone, 0.05)
        bronze = materials.plain((0.1, 0.14, 0.1), 0.4, 0.9)
        outline = [(0.5, 0), (0.35, 1.0), (0.45, 1.6), (0.2, 2.0), (0.22, 2.3), (0, 2.5)]
        shape.lathe([(r, z + base + 2.0) for r, z in outline], bronze, 16)
    return shape


def _asphalt(rng):
    return materials.ground(rng, "asphalt")


def _concrete(rng):
    return materials.ground(rng, "concrete")


def _plaster(rng):
    return materials.paint(rng, materials.color(rng, saturation=(0.05, 0.5), value=(0.4, 0.95)))
