"""People, as dressed figures of their size, standing or sitting."""

import numpy as np

from . import materials
from .shape import Shape, placed

SKIN = ((0.75, 0.52, 0.4), (0.55, 0.35, 0.24), (0.3, 0.17, 0.1), (0.85, 0.65, 0.55))


def person(rng, sits=False) -> Shape:
    """Return a figure facing +y, its feet at z = 0; one that sits does so 0.45 m high."""
    shape = Shape()
    size = rng.normal(1.0, 0.05) * (0.75 if rng.random() < 0.1 else 1.0)
    skin = materials.plain(SKIN[rng.integers(len(SKIN))], 0.55)
    shirt, trousers = _cloth(rng), _cloth(rng)
    shoe = materials.plain((rng.uniform(0.02, 0.4),) * 3, 0.5)
    hair = materials.plain(materials.color(rng, (0.03, 0.12), (0.2, 0.7), (0.02, 0.4)), 0.7)
    hip = 0.5 if sits else 0.9 * size
    for side in (-1, 1):
        x, stride = side * 0.1 * size, 0.0 if sits else rng.normal(0, 0.12)
        knee = np.array(
            (
                x * 1.1,
                0.42 * size if sits else stride * 0.4 + 0.02,
                hip - (0.0 if sits else 0.42 * size),
            )
        )
        foot = np.array((x * 1.1, knee[1] + (0.02 if sits else stride * 0.4), 0.08))
        shape.rod((x, 0, hip), knee, 0.085 * size, trousers, 12, 0.75)
        shape.rod(knee, foot, 0.065 * size, trousers, 12, 0.7)
        shape.ball(0.065 * size, knee, trousers, 12)
        shape.box((0.09, 0.26 * size, 0.09), foot + (0, 0.06, -0.035), shoe, 0.03)
        shoulder = np.array((side * 0.2 * size, 0, hip + 0.52 * size))
        lift = rng.uniform(0.0, 1.2)
        out = np.array((side * 0.25, np.sin(lift), -np.cos(lift)))
        elbow = shoulder + out / np.linalg.norm(out) * 0.29 * size
        bend = rng.uniform(0, 1.4)
        to = np.array((side * -0.1, np.sin(lift + bend), -np.cos(lift + bend)))
        hand = elbow + to / np.linalg.norm(to) * 0.25 * size
        shape.rod(shoulder, elbow, 0.055 * size, shirt, 10, 0.8)
        shape.ball(0.057 * size, shoulder, shirt, 12)
        shape.rod(elbow, hand, 0.043 * size, shirt if rng.random() < 0.6 else skin, 10, 0.75)
        shape.ball(0.05 * size, hand, skin, 10, 1.2)
    outline = (
        (0.13, 0),
        (0.16, 0.08),
        (0.14, 0.25),
        (0.18, 0.42),
        (0.17, 0.52),
        (0.07, 0.58),
        (0.05, 0.6),
    )
    profile = [(radius * size, (rise - 0.05) * size) for radius, rise in outline]
    torso = placed(0, 0, hip) @ np.diag((1.1, 0.72, 1.0, 1.0))
    shape.lathe(profile, shirt, 18, matrix=torso)
    shape.rod((0, 0, hip + 0.5 * size), (0, 0.01, hip + 0.63 * size), 0.05 * size, skin, 12)
    head = np.array((0, 0.015, hip + 0.7 * size))
    shape.ball(0.095 * size, head, skin, 18, 1.25)
    shape.ball(0.1 * size, head + (0, -0.018, 0.025), hair, 16, 1.15)
    shape.ball(0.016 * size, head + (0, 0.097 * size, -0.01), skin, 8, 1.4)
    return shape


def _cloth(rng):
    if rng.random() < 0.6:
        return materials.fabric(rng)
    return materials.plain(materials.color(rng, saturation=(0, 0.7), value=(0.03, 0.9)), 0.9)
