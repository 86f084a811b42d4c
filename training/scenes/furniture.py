"""Furniture. Every piece stands on z = 0, centered, with its front toward +y."""

from dataclasses import dataclass, field

import numpy as np

from . import materials, props
from .shape import Shape, placed, tilted


@dataclass
class Piece:
    """A piece of furniture: shape, footprint [m], and table tops as (x, y, width, depth, z)."""

    shape: Shape
    width: float
    depth: float
    tops: list[tuple] = field(default_factory=list)

    def lay_things(self, rng, share=0.7):
        """Put a few small objects on the tops."""
        for x, y, width, depth, z in self.tops:
            room = width / 0.32
            for slot in range(int(room)):
                if rng.random() > share:
                    continue
                at = x - width / 2 + (slot + 0.5) * width / int(room) + rng.uniform(-0.04, 0.04)
                across = y + rng.uniform(-0.5, 0.5) * max(depth - 0.28, 0)
                place = placed(at, across, z, rng.uniform(0, 2 * np.pi))
                props.any_thing(self.shape, rng, place)


def _material(rng):
    """Return a random wood or paint."""
    if rng.random() < 0.65:
        return materials.wood(rng)
    tone = materials.color(rng, saturation=(0.0, 0.6), value=(0.15, 0.95))
    return materials.plain(tone, rng.uniform(0.25, 0.6))


def _metal(rng):
    return materials.plain((rng.uniform(0.05, 0.8),) * 3, rng.uniform(0.2, 0.5), 0.9)


def table(rng, width=None, depth=None, height=None) -> Piece:
    """Return a table with four straight or splayed legs, or with a round pedestal."""
    width = rng.uniform(0.9, 1.8) if width is None else width
    depth = rng.uniform(0.65, 0.95) if depth is None else depth
    height = rng.uniform(0.7, 0.78) if height is None else height
    shape, top = Shape(), _material(rng)
    legs = top if rng.random() < 0.6 else _metal(rng)
    thick = rng.uniform(0.02, 0.045)
    if rng.random() < 0.2:
        depth = width = min(width, 1.2)
        shape.cylinder(width / 2, thick, top, (0, 0, height - thick), segments=40)
        shape.cylinder(0.045, height - 0.04, legs, (0, 0, 0.02))
        shape.cylinder(width * 0.28, 0.025, legs, segments=32)
        side = width * 0.6
        return Piece(shape, width, depth, [(0, 0, side, side, height)])
    shape.box((width, depth, thick), (0, 0, height - thick / 2), top, 0.006)
    inset, splay = rng.uniform(0.03, 0.12), rng.choice([0.0, 0.0, 0.07])
    radius, square = rng.uniform(0.015, 0.035), rng.random() < 0.5
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (width / 2 - inset), sy * (depth / 2 - inset)
            if square:
                size = (2 * radius, 2 * radius, height - thick)
                shape.box(size, (x, y, (height - thick) / 2), legs, 0.003)
            else:
                foot = (x + sx * splay, y + sy * splay, 0)
                shape.rod((x, y, height - thick), foot, radius, legs, 10, 0.7)
    if rng.random() < 0.5:
        for sy in (-1, 1):
            y = sy * (depth / 2 - inset)
            shape.box((width - 2 * inset, 0.02, 0.07), (0, y, height - thick - 0.035), legs)
    return Piece(shape, width, depth, [(0, 0, width, depth, height)])


def desk(rng) -> Piece:
    """Return a desk with drawers and a screen."""
    piece = table(rng, rng.uniform(1.2, 1.7), 0.7, 0.74)
    drawers(piece.shape, rng, (0.4, 0.55, 0.6), (piece.width / 2 - 0.26, 0, 0.35), _material(rng))
    props.screen(piece.shape, rng, placed(rng.uniform(-0.3, 0.1), -0.18, 0.74))
    piece.tops = [(-0.1, 0.15, piece.width - 0.3, 0.3, 0.74)]
    return piece


def chair(rng) -> Piece:
    """Return a chair with a spindle, slat or solid back, facing +y."""
    shape, frame = Shape(), _material(rng)
    seat_material = frame if rng.random() < 0.5 else materials.fabric(rng)
    width, seat, back = rng.uniform(0.4, 0.48), rng.uniform(0.43, 0.47), rng.uniform(0.8, 0.98)
    half, radius = width / 2 - 0.02, rng.uniform(0.011, 0.019)
    shape.box((width, width, rng.uniform(0.025, 0.06)), (0, 0, seat), seat_material, 0.012)
    for sx in (-1, 1):
        shape.rod((sx * half, half, seat), (sx * (half + 0.02), half + 0.02, 0), radius, frame)
        shape.rod((sx * half, -half, seat), (sx * (half + 0.02), -half - 0.03, 0), radius, frame)
        shape.rod((sx * half, -half, seat), (sx * half, -half - 0.06, back), radius, frame)
    style = rng.choice(["spindles", "slats", "panel"])
    lean = 0.06 / (back - seat)
    if style == "spindles":
        for x in np.linspace(-half, half, 6)[1:-1]:
            start = (x, -half, seat)
            shape.rod(start, (x, -half - 0.055, back - 0.03), 0.006, frame, 6)
        shape.rod(
            (-half, -half - 0.058, back - 0.02), (half, -half - 0.058, back - 0.02), 0.016, frame
        )
    elif style == "slats":
        for z in np.linspace(seat + 0.14, back - 0.05, 3):
            shape.box((2 * half, 0.014, 0.055), (0, -half - lean * (z - seat), z), frame, 0.004)
    else:
        tall = back - seat - 0.12
        middle = (0, -half - lean * (back - seat) * 0.6, seat + 0.12 + tall / 2)
        shape.box((2 * half, 0.025, tall), middle, seat_material, 0.008)
    if rng.random() < 0.4:
        for sx in (-1, 1):
            shape.rod((sx * half, half, 0.2), (sx * half, -half, 0.2), 0.009, frame, 6)
    return Piece(shape, width + 0.1, width + 0.15)


def office_chair(rng) -> Piece:
    """Return a swivel chair on five castors, facing +y."""
    shape, dark = Shape(), materials.plain((rng.uniform(0.01, 0.15),) * 3, 0.5)
    cover, foot = materials.fabric(rng), dark if rng.random() < 0.6 else _metal(rng)
    seat, reach, turn = rng.uniform(0.42, 0.55), rng.uniform(0.28, 0.34), rng.uniform(0, 1.2)
    for angle in turn + 2 * np.pi * np.arange(5) / 5:
        out = reach * np.array((np.cos(angle), np.sin(angle)))
        shape.rod((0, 0, 0.11), (*out, 0.08), 0.022, foot, 8, 0.7)
        shape.ball(0.028, (*out, 0.028), dark, 10)
    shape.rod((0, 0, 0.1), (0, 0, seat - 0.03), 0.024, foot)
    wide, back = rng.uniform(0.44, 0.52), rng.uniform(0.35, 0.65)
    shape.box((wide, wide * 0.95, 0.07), (0, 0, seat), cover, 0.03)
    shape.box((0.05, 0.03, 0.3), (0, -wide / 2, seat + 0.1), dark, 0.01)
    lean = placed(0, -wide / 2 - 0.02, seat + 0.18) @ tilted(rng.uniform(0.0, 0.2), "X")
    shape.box((wide * 0.92, 0.06, back), (0, 0, back / 2), cover, 0.028, lean)
    if rng.random() < 0.5:
        for side in (-1, 1):
            x = side * (wide / 2 + 0.03)
            shape.rod((x, -0.05, seat), (x, -0.05, seat + 0.2), 0.015, dark)
            shape.box((0.06, 0.25, 0.03), (x, 0, seat + 0.21), dark, 0.01)
    return Piece(shape, 2 * reach, 2 * reach)


def sofa(rng, seats=None) -> Piece:
    """Return a sofa with cushions, or an armchair if it has one seat."""
    seats = int(rng.integers(2, 4)) if seats is None else seats
    cover = materials.fabric(rng)
    shape, each, arm = Shape(), rng.uniform(0.6, 0.75), rng.uniform(0.12, 0.22)
    width, depth, back = seats * each + 2 * arm, rng.uniform(0.8, 0.95), rng.uniform(0.72, 0.9)
    legs = _material(rng)
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot = (sx * (width / 2 - 0.08), sy * (depth / 2 - 0.08), 0)
            shape.cylinder(0.02, 0.12, legs, foot, 0.03)
        x = sx * (width / 2 - arm / 2)
        shape.box((arm, depth, rng.uniform(0.42, 0.5)), (x, 0, 0.35), cover, 0.05)
    shape.box((width - 2 * arm, depth - 0.02, 0.2), (0, 0, 0.2), cover, 0.03)
    shape.box(
        (width - arm, 0.2, back - 0.12), (0, -depth / 2 + 0.1, (back + 0.12) / 2), cover, 0.06
    )
    for slot in range(seats):
        x = (slot - (seats - 1) / 2) * each
        shape.box((each - 0.015, depth - 0.24, 0.15), (x, 0.1, 0.38), cover, 0.045)
        if rng.random() < 0.6:
            lean = placed(
                x + rng.uniform(-0.1, 0.1), -depth / 2 + 0.3, 0.62, rng.uniform(-0.4, 0.4)
            )
            shape.box(
                (0.42, 0.13, 0.42),
                (0, 0, 0),
                materials.fabric(rng),
                0.055,
                lean @ tilted(-0.3, "X"),
            )
    return Piece(shape, width, depth)


def armchair(rng) -> Piece:
    """Return an armchair."""
    return sofa(rng, seats=1)


def bed(rng) -> Piece:
    """Return a bed with pillows and a blanket, its head toward -y."""
    shape, frame = Shape(), _material(rng)
    width, length = rng.choice([0.95, 1.45, 1.75]), 2.05
    linen, blanket = materials.fabric(rng), materials.fabric(rng)
    shape.box((width, length, 0.16), (0, 0, 0.24), frame, 0.01)
    for sx in (-1, 1):
        for sy in (-1, 1):
            shape.box(
                (0.07, 0.07, 0.18), (sx * (width / 2 - 0.05), sy * (length / 2 - 0.05), 0.09), frame
            )
    shape.box((width + 0.06, 0.06, rng.uniform(0.8, 1.2)), (0, -length / 2, 0.5), frame, 0.015)
    shape.box((width - 0.06, length - 0.08, 0.2), (0, 0.02, 0.4), linen, 0.06)
    reach = rng.uniform(0.9, 1.45)
    shape.box((width + 0.03, reach, 0.1), (0, length / 2 - reach / 2 + 0.02, 0.485), blanket, 0.045)
    pillows = 1 if width < 1.2 else 2
    for slot in range(pillows):
        x = (slot - (pillows - 1) / 2) * width / 2
        shape.box(
            (0.6, 0.4, 0.16),
            (x, -length / 2 + 0.3, 0.57),
            linen,
            0.07,
        )
    return Piece(shape, width + 0.1, length + 0.1)


def shelf(rng) -> Piece:
    """Return an open shelf with books and small objects, with or without a back."""
    shape, board = Shape(), _material(rng)
    width, depth = rng.uniform(0.6, 1.6), rng.uniform(0.24, 0.36)
    height, floors = rng.uniform(1.0, 2.2), int(rng.integers(3, 7))
    thick = rng.uniform(0.015, 0.03)
    for x in np.linspace(-width / 2, width / 2, 2 if width < 1.1 else 3):
        shape.box((thick, depth, height), (x, 0, height / 2), board)
    if rng.random() < 0.6:
        shape.box((width, 0.008, height), (0, -depth / 2, height / 2), board)
    levels = np.linspace(0.06, height - thick / 2, floors)
    for z in levels:
        shape.box((width, depth, thick), (0, 0, z), board, 0.002)
    gap = levels[1] - levels[0] - thick
    for z in levels[:-1]:
        x = -width / 2 + thick
        while x < width / 2 - 0.3:
            span = rng.uniform(0.2, 0.45)
            if rng.random() < 0.6:
                props.books(shape, rng, span, min(gap, 0.32), depth, placed(x, 0, z + thick / 2))
            elif rng.random() < 0.6:
                place = placed(x + span / 2, 0, z + thick / 2, rng.uniform(0, 6))
                props.any_thing(shape, rng, place, tallest=gap - 0.02)
            x += span
    top = [(0, 0, width, depth, height)] if height < 1.6 else []
    return Piece(shape, width, depth + 0.02, top)


def drawers(shape, rng, size, center, board):
    """Add a block of drawers with fronts toward +y."""
    width, depth, height = size
    x, y, z = center
    shape.box(size, center, board, 0.004)
    count, metal = max(1, round(height / 0.22)), _metal(rng)
    for slot in range(count):
        middle = z - height / 2 + (slot + 0.5) * height / count
        front = (width - 0.03, 0.018, height / count - 0.014)
        shape.box(front, (x, y + depth / 2, middle), board, 0.004)
        shape.rod(
            (x - 0.06, y + depth / 2 + 0.03, middle),
            (x + 0.06, y + depth / 2 + 0.03, middle),
            0.006,
            metal,
        )


def cabinet(rng) -> Piece:
    """Return a sideboard or chest with columns of drawers."""
    shape, board = Shape(), _material(rng)
    columns = int(rng.integers(1, 4))
    width, depth, height = (
        0.5 * columns + rng.uniform(0, 0.2),
        rng.uniform(0.35, 0.5),
        rng.uniform(0.55, 1.05),
    )
    for column in range(columns):
        each = width / columns
        x = (column - (columns - 1) / 2) * each
        drawers(shape, rng, (each, depth, height - 0.1), (x, 0, height / 2 + 0.05), board)
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot = (sx * (width / 2 - 0.05), sy * (depth / 2 - 0.05), 0)
            shape.cylinder(0.015, 0.1, board, foot, 0.02)
    shape.box((width + 0.03, depth + 0.03, 0.025), (0, 0, height + 0.012), board, 0.005)
    top = (0, 0, width, depth, height + 0.025)
    return Piece(shape, width + 0.05, depth + 0.08, [top])


def wardrobe(rng) -> Piece:
    """Return a wardrobe with two or three doors."""
    shape, board = Shape(), _material(rng)
    doors, height = int(rng.integers(2, 4)), rng.uniform(1.8, 2.15)
    width, depth, metal = doors * rng.uniform(0.42, 0.55), rng.uniform(0.5, 0.62), _metal(rng)
    shape.box((width, depth, height), (0, 0, height / 2), board, 0.005)
    for slot in range(doors):
        x = (slot - (doors - 1) / 2) * width / doors
        shape.box(
            (width / doors - 0.012, 0.02, height - 0.12),
            (x, depth / 2 + 0.008, height / 2 + 0.03),
            board,
            0.006,
        )
        side = x + (0.4 if slot % 2 == 0 else -0.4) * width / doors
        shape.rod((side, depth / 2 + 0.045, 0.95), (side, depth / 2 + 0.045, 1.15), 0.008, metal)
    return Piece(shape, width, depth + 0.05)


def floor_lamp(rng) -> Piece:
    """Return a floor lamp with a lit or unlit shade."""
    shape, metal = Shape(), _metal(rng)
    height = rng.uniform(1.35, 1.75)
    shape.cylinder(rng.uniform(0.12, 0.17), 0.025, metal, segments=24)
    shape.rod((0, 0, 0.02), (0, 0, height), rng.uniform(0.007, 0.014), metal)
    props.lampshade(shape, rng, placed(0, 0, height - 0.12), rng.uniform(0.16, 0.24))
    return Piece(shape, 0.45, 0.45)


def coat_stand(rng) -> Piece:
    """Return a coat stand with up to four coats."""
    shape, frame = Shape(), _material(rng)
    height = rng.uniform(1.65, 1.85)
    shape.rod((0, 0, 0), (0, 0, height), 0.018, frame)
    for angle in np.arange(4) * np.pi / 2 + rng.uniform(0, 1):
        out = np.array([np.cos(angle), np.sin(angle), 0])
        shape.rod(out * 0.26, (0, 0, 0.25), 0.012, frame)
        shape.rod((0, 0, height - 0.2), out * 0.15 + (0, 0, height - 0.06), 0.009, frame, 6)
        if rng.random() < 0.4:
            profile = [(0.03, 0), (0.1, -0.1), (0.13, -0.4), (0.15, -rng.uniform(0.6, 0.95))]
            place = placed(*(out * 0.16), height - 0.1)
            place[:3, 3] = out * 0.16 + (0, 0, height - 0.1)
            shape.lathe(profile, materials.fabric(rng), 14, matrix=place)
    return Piece(shape, 0.6, 0.6)


def house_plant(rng) -> Piece:
    """Return a potted plant on the floor."""
    shape = Shape()
    props.potted_plant(shape, rng, placed(0, 0), rng.uniform(0.6, 1.5))
    return Piece(shape, 0.55, 0.55)


def ladder(rng) -> Piece:
    """Return an open stepladder."""
    shape, metal = Shape(), _material(rng)
    height, spread = rng.uniform(1.1, 1.9), 0.35
    for sx in (-1, 1):
        shape.rod((sx * 0.22, spread, 0), (sx * 0.16, 0, height), 0.016, metal)
        shape.rod((sx * 0.22, -spread, 0), (sx * 0.16, 0, height), 0.014, metal)
    for step in np.arange(0.28, height, 0.28):
        x, y = 0.22 - 0.06 * step / height, spread * (1 - step / height)
        shape.box((2 * x, 0.08, 0.02), (0, y, step), metal)
    return Piece(shape, 0.55, 0.8)


WALL_PIECES = (shelf, shelf, cabinet, desk, wardrobe, sofa)
CORNER_PIECES = (floor_lamp, house_plant, coat_stand, armchair, ladder, house_plant)
