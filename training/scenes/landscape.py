"""Open country: rolling ground to the horizon, woods, rocks, water, paths, and far hills."""

import numpy as np

from . import exterior, materials, people, plants
from .house import house
from .light import sky, sun, surroundings_light
from .shape import Shape, placed
from .viewpoint import stand

RIM = 3000.0  # meters


def build(rng):
    """Build a landscape around the origin and look along +y, from half a meter to thirty up."""
    sky(rng, rng.uniform(0.5, 1.2))
    if rng.random() < 0.4:
        surroundings_light(rng, rng.uniform(0.5, 1.5))
    if rng.random() < 0.85:
        sun(rng, (0.1, 1.2))
    rise = _relief(rng)
    kind = str(rng.choice(["grass", "grass", "soil", "gravel", "concrete"]))
    _ground(rng, rise, materials.ground(rng, kind))
    if rng.random() < 0.3:
        water = Shape()
        level = rise(np.zeros(1), np.full(1, 40.0))[0] + rng.uniform(-0.5, 1.0)
        blue = materials.plain((0.03, 0.06, 0.08), 0.04)
        water.box((4000, 4000, 0.02), (0, 2040, level), blue)
        water.to_object("water")
    if kind == "grass":
        tufts = plants.grass_tufts(rng, 1.6)
        for _ in range(24):
            at = rng.uniform((-6, 0.5), (6, 14))
            tufts.to_object("grass", _on(rise, at, rng.uniform(0, 6)))
    _wood(rng, rise)
    _rocks(rng, rise)
    if rng.random() < 0.4:
        _path(rng, rise)
    for _ in range(int(rng.integers(0, 4))):
        body, _, _ = house(rng)
        at = (rng.normal(0, 40), rng.uniform(25, 260))
        body.to_object("house", _on(rise, at, rng.uniform(0, 6)))
    if rng.random() < 0.35:
        border = exterior.fence(rng, 30.0)
        for slot in range(3):
            at = (-30.0 + 30.0 * slot, rng.uniform(4, 20))
            border.to_object("fence", _on(rise, at, 0.0))
    if rng.random() < 0.3:
        exterior.wire_poles(rng)
    for _ in range(int(rng.integers(0, 5)) if rng.random() < 0.4 else 0):
        at = (rng.normal(0, 4), 3 + 40 * rng.random() ** 2)
        people.person(rng).to_object("person", _on(rise, at, rng.uniform(0, 6)))
    above = rng.uniform(0.4, 2.2) if rng.random() < 0.6 else 2 * 15 ** rng.random()

    def propose(rng):
        at = rng.normal(0, 3, 2)
        z = rise(at[:1], at[1:])[0] + above
        pitch = rng.normal(-0.04, 0.1) if above < 3 else rng.uniform(-0.9, 0.02)
        return (*at, z), rng.normal(0, 0.5), np.clip(pitch, -1.05, 0.5)

    return stand(rng, propose, 0.35, 2.0)


def _relief(rng):
    """Return a function of x and y [m] that is the height of the ground [m]."""
    waves = []
    for length in 6.0 * 2.2 ** np.arange(7):
        turn = rng.uniform(0, 2 * np.pi, 2)
        strength = rng.uniform(0.0, 1.0) * rng.choice([0.004, 0.012, 0.03]) * length
        waves.append((2 * np.pi / length, turn, strength))
    far, phase = rng.choice([0.0, 20.0, 90.0, 300.0]), waves[-1][1][1]

    def rise(x, y):
        x, y = np.asarray(x, float), np.asarray(y, float)
        height = np.zeros_like(x)
        for rate, (turn, shift), strength in waves:
            along = x * np.cos(turn) + y * np.sin(turn)
            beside = y * np.cos(turn) - x * np.sin(turn)
            wave = np.sin(rate * along + shift) * np.cos(0.7 * rate * beside + 2 * shift)
            height = height + strength * wave
        away = np.hypot(x, y)
        hills = 0.5 + 0.5 * np.sin(3.1 * np.arctan2(x, y + 1e-9) + phase)
        return height + far * hills * np.clip((away - 150) / 1500, 0, 1) ** 1.5

    return rise


def _ground(rng, rise, material):
    """Add the ground as a sheet with rings that are wider the farther away they are."""
    radius = np.concatenate([[0.0], np.geomspace(0.4, RIM, 130)])
    angle = np.linspace(0, 2 * np.pi, 181)
    x, y = radius[:, None] * np.sin(angle), radius[:, None] * np.cos(angle)
    rough = rng.normal(0, 1, x.shape) * np.minimum(radius[:, None] * 0.002, 0.06)
    rough[:, -1] = rough[:, 0]
    shape = Shape()
    shape.sheet(np.stack([x, y, rise(x, y) + rough], -1), material, True)
    shape.to_object("ground")


def _on(rise, at, turn):
    return placed(*at, rise(np.array(at[:1]), np.array(at[1:]))[0], turn)


def _wood(rng, rise):
    """Scatter trees and bushes, dense in places."""
    trees, bush = [plants.tree(rng) for _ in range(3)], plants.bush(rng, 0.6)
    count = int(rng.choice([3, 25, 90, 220]))
    centers = rng.uniform((-150, 15), (150, 300), (4, 2))
    for _ in range(count):
        if rng.random() < 0.5:
            at = centers[rng.integers(4)] + rng.normal(0, 18, 2)
        else:
            turn, far = rng.uniform(-1.2, 1.2), 5 * 120 ** rng.random()
            at = (np.sin(turn) * far, np.cos(turn) * far)
        trees[rng.integers(3)].to_object("tree", _on(rise, at, rng.uniform(0, 6)))
    for _ in range(int(rng.integers(0, 25))):
        turn, far = rng.uniform(-1.2, 1.2), 2 * 20 ** rng.random()
        at = (np.sin(turn) * far, np.cos(turn) * far)
        bush.to_object("bush", _on(rise, at, rng.uniform(0, 6)))


def _rocks(rng, rise):
    shape, bumps = Shape(), rng.normal(0, 1, (3, 3))
    stone = materials.photographed_surface(rng)
    size = rng.choice([0.15, 0.4, 1.2])

    def wobble(points):
        return 1 + 0.2 * np.sin(points @ bumps * 3 / size).sum(axis=1) / 2

    shape.ball(size, (0, 0, size * 0.2), stone, 18, rng.uniform(0.5, 1.0), wobble)
    for _ in range(int(rng.choice([0, 6, 40]))):
        turn, far = rng.uniform(-1.2, 1.2), 1.5 * 40 ** rng.random()
        at = (np.sin(turn) * far, np.cos(turn) * far)
        shape.to_object("rock", _on(rise, at, rng.uniform(0, 6)))


def _path(rng, rise):
    shape, bend = Shape(), rng.uniform(-0.4, 0.4)
    kind = str(rng.choice(["gravel", "soil", "asphalt"]))
    half = rng.uniform(0.5, 3.0)
    y = np.geomspace(1, 500, 90) - 4
    x = bend * y + 4 * np.sin(y / 30) - 4 * np.sin(-0.1) + rng.uniform(-1, 1)
    rows = [
        np.stack([x + s, y, rise(x + s, y) + 0.05 + 0.0006 * np.abs(y)], -1) for s in (-half, half)
    ]
    shape.sheet(np.stack(rows), materials.ground(rng, kind), True)
    shape.to_object("path")
